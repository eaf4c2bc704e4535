//! What an enterprise says about itself so that risk can be told: sensitive groups, head count, countries, hours.
//!
//! The defaults claim nothing: no group is sensitive, the head count is unknown, no country is on a list. What is
//! not configured counts as unknown in the score and lowers its confidence. Time zones come from the caller,
//! because looking one up reads files.

use serde::{Deserialize, Serialize};

use super::risk::Jurisdiction;
use super::site::{CellOverride, HostApplication};
use crate::model::Time;

/// The section `[govern]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Segments whose data is likely sensitive: legal, HR, finance, research, executives.
    pub sensitive_groups: Vec<String>,
    /// How many people the logs could show.
    pub population: Option<u64>,
    /// Services that the enterprise runs itself: every duty of theirs is its own.
    pub own_services: Vec<String>,
    /// Services that are gateways to others, such as an own AI gateway of the overlay.
    pub gateways: Vec<String>,
    /// Segments of servers; calls to model APIs from everywhere else come from people's machines.
    pub server_segments: Vec<String>,
    /// Decisions about applications that AI is embedded in.
    pub host_applications: Vec<HostApplication>,
    /// Cells of the duty table that are someone else's here.
    pub overrides: Vec<CellOverride>,
    pub jurisdictions: Jurisdictions,
    pub office_hours: OfficeHours,
}

/// Countries by how the enterprise may deal with vendors there, as two-letter codes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jurisdictions {
    pub allowed: Vec<String>,
    /// Allowed when further safeguards are in place.
    pub safeguards: Vec<String>,
    pub barred: Vec<String>,
}

/// When people work; traffic outside is off hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfficeHours {
    /// First hour of the working day, 0–23.
    pub from_hour: i8,
    /// The hour at which the working day is over, 1–24.
    pub until_hour: i8,
    /// Whether Saturday and Sunday are working days.
    pub weekends: bool,
}

impl Default for OfficeHours {
    fn default() -> Self {
        Self {
            from_hour: 7,
            until_hour: 20,
            weekends: false,
        }
    }
}

impl Settings {
    /// What is wrong with the values, one sentence each, naming the key and the way out.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.population == Some(0) {
            found.push("population is 0: give the number of people, or leave it away".to_owned());
        }
        let OfficeHours {
            from_hour,
            until_hour,
            ..
        } = self.office_hours;
        if !(0..=23).contains(&from_hour)
            || !(1..=24).contains(&until_hour)
            || from_hour >= until_hour
        {
            found.push(format!(
                "office_hours from {from_hour} until {until_hour}: from_hour is 0 to 23, until_hour 1 to 24 and later"
            ));
        }
        let Jurisdictions {
            allowed,
            safeguards,
            barred,
        } = &self.jurisdictions;
        let mut seen: Vec<String> = Vec::new();
        for code in allowed.iter().chain(safeguards).chain(barred) {
            let code = code.to_ascii_uppercase();
            if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                found.push(format!(
                    "jurisdictions: {code:?} is no country code of two letters such as DE"
                ));
            } else if seen.contains(&code) {
                found.push(format!(
                    "jurisdictions: {code} is listed twice, keep one of the two"
                ));
            }
            seen.push(code);
        }
        found
    }

    /// What the lists say of a country. Without any list nothing is known of it.
    #[must_use]
    pub fn jurisdiction(&self, country: &str) -> Option<Jurisdiction> {
        let on = |list: &[String]| list.iter().any(|code| code.eq_ignore_ascii_case(country));
        let lists = &self.jurisdictions;
        if country.is_empty() {
            return None;
        }
        if on(&lists.barred) {
            return Some(Jurisdiction::Barred);
        }
        if on(&lists.safeguards) {
            return Some(Jurisdiction::Safeguards);
        }
        if on(&lists.allowed) {
            return Some(Jurisdiction::Allowed);
        }
        let configured =
            !(lists.allowed.is_empty() && lists.safeguards.is_empty() && lists.barred.is_empty());
        configured.then_some(Jurisdiction::Other)
    }

    /// Whether a segment is one of the sensitive groups.
    #[must_use]
    pub fn is_sensitive(&self, segment: &str) -> bool {
        self.sensitive_groups
            .iter()
            .any(|group| group.eq_ignore_ascii_case(segment))
    }
}

impl OfficeHours {
    /// Whether an instant lies outside office hours in a time zone.
    #[must_use]
    pub fn is_off(&self, time: Time, zone: &jiff::tz::TimeZone) -> bool {
        let local = zone.to_datetime(time.timestamp());
        let weekend = matches!(
            local.date().weekday(),
            jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
        );
        (weekend && !self.weekends)
            || local.hour() < self.from_hour
            || local.hour() >= self.until_hour
    }
}
