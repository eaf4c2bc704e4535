//! `--until` and `--by`: when something that people write down ends, and who wrote it down.

use std::str::FromStr;

use anyhow::Context as _;

use crate::model::Time;

/// An end. A bare date means the last instant of that day, so that "until 21 February" includes the 21st.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Until(pub(super) Time);

impl FromStr for Until {
    type Err = <Time as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Time::parse_end(text).map(Self)
    }
}

/// Who acts: the flag, or whoever is logged in (behind sudo, the person, not root).
pub(super) fn by(flag: Option<String>) -> anyhow::Result<String> {
    flag.into_iter()
        .chain(
            ["SUDO_USER", "USER", "LOGNAME"]
                .into_iter()
                .filter_map(|name| std::env::var(name).ok()),
        )
        .map(|name| name.trim().to_owned())
        .find(|name| !name.is_empty())
        .context("nobody is logged in by name: say who acts with --by NAME")
}

/// The moment it is.
pub(super) fn now() -> Time {
    Time::from(jiff::Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_date_lasts_until_the_end_of_that_day() {
        let Until(end) = "2027-02-21".parse().unwrap();
        assert_eq!(end.to_string(), "2027-02-21T23:59:59.999Z");
        assert_eq!(end.day().to_string(), "2027-02-21");
        let Until(end) = "2027-02-21T12:00:00Z".parse().unwrap();
        assert_eq!(end.to_string(), "2027-02-21T12:00:00.000Z");
        assert!("soon".parse::<Until>().is_err());
    }
}
