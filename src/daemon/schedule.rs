//! When reports are due: cron expressions in the configured time zone.
//!
//! croner works on naive local times; jiff resolves the gaps and folds of daylight saving.

use croner::Cron;

use crate::model::Time;

/// A parsed cron expression.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
}

impl Schedule {
    /// Reads five cron fields, `0 7 * * MON`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let cron = text.parse::<Cron>().map_err(|error| {
            format!(
                "schedule {text:?} is no cron expression ({error}); write it as \"0 7 * * MON\""
            )
        })?;
        Ok(Self { cron })
    }

    /// The first moment after `after`; `None` when it never comes.
    #[must_use]
    pub fn next(&self, after: Time, zone: &jiff::tz::TimeZone) -> Option<Time> {
        let local = zone.to_datetime(after.timestamp());
        let naive = chrono::NaiveDate::from_ymd_opt(
            i32::from(local.year()),
            u32::try_from(local.month()).ok()?,
            u32::try_from(local.day()).ok()?,
        )?
        .and_hms_opt(
            u32::try_from(local.hour()).ok()?,
            u32::try_from(local.minute()).ok()?,
            u32::try_from(local.second()).ok()?,
        )?;
        let next = self.cron.find_next_occurrence(&naive, false).ok()?;
        let text = next.format("%Y-%m-%dT%H:%M:%S").to_string();
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let instant = zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(Time::from(instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monday_morning_is_monday_morning_in_the_configured_zone() {
        let schedule = Schedule::parse("0 7 * * MON").unwrap();
        let after = "2026-11-23T08:00:00Z".parse().unwrap();
        let next = |zone| schedule.next(after, &zone).unwrap().to_string();
        assert_eq!(next(jiff::tz::TimeZone::UTC), "2026-11-30T07:00:00.000Z");
        let offset = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(-5));
        assert_eq!(next(offset), "2026-11-23T12:00:00.000Z");
    }

    #[test]
    fn a_wrong_expression_says_how_to_write_one() {
        assert!(
            Schedule::parse("every monday")
                .unwrap_err()
                .contains("0 7 * * MON")
        );
    }
}
