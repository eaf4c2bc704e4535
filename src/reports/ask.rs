//! What a report is asked for: from which store, judged by what, for which time.

use crate::catalogue::Catalogue;
use crate::govern::{self, DutyModel};
use crate::model::Time;
use crate::store::Store;

/// What a report is to be built from and about.
pub struct Ask<'a> {
    pub store: &'a dyn Store,
    pub catalogue: &'a Catalogue,
    pub duties: &'a DutyModel,
    pub settings: &'a govern::Settings,
    /// Zone of office hours.
    pub zone: &'a jiff::tz::TimeZone,
    /// Limits of the period; open when `None`.
    pub from: Option<Time>,
    pub until: Option<Time>,
    /// The moment that due dates are measured against; the last event's when `None`, so that the same logs give
    /// the same report on any day.
    pub as_of: Option<Time>,
}
