//! What a reader may see: which names are shown, which counts are too small to show, which duties come first.
//!
//! Names of clients and users, and the raw records that contain them, are for the SOC edition alone. The other two
//! show no group of fewer than five, because a small group is a person. The owner of a decision is an office
//! that someone took on, not someone who was watched, and is shown to all.

use super::{Application, Duty, Edition, HeatRow, RiskLine};

/// The smallest group that is shown where no names are.
pub(super) const SMALLEST_GROUP: u64 = 5;

/// Layers that the privacy edition shows first.
const PRIVACY_FIRST: &[&str] = &["data", "compliance", "people"];

impl Edition {
    /// Its name in `--edition`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ciso => "ciso",
            Self::Soc => "soc",
            Self::Privacy => "privacy",
        }
    }

    /// For whom it is, as a heading says it.
    pub(super) const fn audience(self) -> &'static str {
        match self {
            Self::Ciso => "Management edition",
            Self::Soc => "Security operations edition",
            Self::Privacy => "Privacy edition",
        }
    }

    /// What was left out for this reader, in a sentence.
    pub(super) const fn discretion(self) -> &'static str {
        match self {
            Self::Ciso | Self::Privacy => {
                "This edition names no monitored person or machine, quotes no log record, and shows a group of fewer \
                 than five as \"<5\"."
            }
            Self::Soc => {
                "This edition names clients and users as the logs do and quotes log records: handle it as personal data."
            }
        }
    }

    /// Whether clients, users and raw records are shown.
    pub(super) const fn shows_names(self) -> bool {
        matches!(self, Self::Soc)
    }

    /// A count of people or machines, or of events in a group of them.
    pub(super) fn group(self, count: u64) -> String {
        if self.hides(count) {
            return format!("<{SMALLEST_GROUP}");
        }
        super::figures::count(count)
    }

    /// Whether a count is too small to be shown.
    pub(super) fn hides(self, count: u64) -> bool {
        !self.shows_names() && (1..SMALLEST_GROUP).contains(&count)
    }

    /// The value of a risk line; the line that counts users is subject to the same rule as every such count.
    pub(super) fn line_value(self, line: &RiskLine, app: &Application) -> String {
        let people = if app.users > 0 {
            app.users
        } else {
            app.clients
        };
        if line.id == "B2" && line.known && self.hides(people) {
            return format!("<{SMALLEST_GROUP}");
        }
        line.value.clone()
    }

    /// Duties in the order in which this reader needs them; inside a layer by id.
    pub(super) fn duties(self, app: &Application) -> Vec<&Duty> {
        let mut duties: Vec<&Duty> = app.duties().collect();
        duties.sort_by_key(|duty| self.layer_rank(duty.layer));
        duties
    }

    /// Rows of the heat map in the order in which this reader needs them.
    pub(super) fn heat_map(self, rows: &[HeatRow]) -> Vec<&HeatRow> {
        let mut rows: Vec<&HeatRow> = rows.iter().collect();
        rows.sort_by_key(|row| self.layer_rank(&row.layer));
        rows
    }

    fn layer_rank(self, layer: &str) -> usize {
        if self != Self::Privacy {
            return 0;
        }
        PRIVACY_FIRST
            .iter()
            .position(|first| *first == layer)
            .unwrap_or(PRIVACY_FIRST.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_hidden_wherever_names_are_and_nobody_stays_nobody() {
        let shown = |edition: Edition| [0, 1, 4, 5].map(|count| edition.group(count));
        assert_eq!(shown(Edition::Privacy), ["0", "<5", "<5", "5"]);
        assert_eq!(shown(Edition::Ciso), ["0", "<5", "<5", "5"]);
        assert_eq!(shown(Edition::Soc), ["0", "1", "4", "5"]);
    }
}
