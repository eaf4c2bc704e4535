//! Messages about Gnomon's own health: they go to every channel, whatever rules are on.

use crate::model::{Alert, Health, Severity, Time, Trouble, stable_id};

/// The message; one a day for the same trouble with the same subject, and one for each stretch that is lost.
#[must_use]
pub fn alert(health: &Health, now: Time) -> Alert {
    let Health {
        trouble,
        subject,
        text,
    } = health;
    let day = now.day().to_string();
    let detail = match trouble {
        Trouble::LogLost | Trouble::StoreRestored => text,
        _ => "",
    };
    Alert {
        id: stable_id(&["health", trouble.as_str(), subject, &day, detail]),
        rule: Alert::HEALTH.to_owned(),
        severity: severity(*trouble),
        at: now,
        title: title(*trouble).to_owned(),
        lines: vec![format!("{subject}: {text}")],
        next: vec![next(*trouble).to_owned()],
        service: String::new(),
        service_name: String::new(),
        segment: String::new(),
        tier: String::new(),
        case: String::new(),
        state: String::new(),
        transitions: Vec::new(),
    }
}

const fn severity(trouble: Trouble) -> Severity {
    match trouble {
        Trouble::LogOfWritesLong => Severity::Low,
        Trouble::LogLost | Trouble::AlertsStuck => Severity::Medium,
        Trouble::StoreRestored | Trouble::AccountsWrong | Trouble::DiskFull => Severity::High,
    }
}

const fn title(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::LogLost => "Gnomon could not read all of a log",
        Trouble::StoreRestored => "Gnomon's store was damaged and has been replaced",
        Trouble::AccountsWrong => "Gnomon's store does not add up",
        Trouble::DiskFull => "Gnomon reads nothing for want of room on the disk",
        Trouble::LogOfWritesLong => "Gnomon's write-ahead log grows",
        Trouble::AlertsStuck => "Gnomon's alerts do not get out",
    }
}

const fn next(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::LogLost => {
            "let rotation keep a copy within reach: in the log's directory or in the input's olddir"
        }
        Trouble::StoreRestored => {
            "look at the disk; what lies between backup and oldest log at hand is missing: gnomon doctor"
        }
        Trouble::AccountsWrong => {
            "stop the service, set the store aside and restore a backup: gnomon doctor"
        }
        Trouble::DiskFull => "free some space: reading goes on by itself where it stopped",
        Trouble::LogOfWritesLong => "end the program that reads the store for so long",
        Trouble::AlertsStuck => "see why the channel does not take them: gnomon doctor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_that_lasts_is_told_once_a_day_and_every_loss_by_itself() {
        let health = |trouble, text: &str| Health {
            trouble,
            subject: "/var/log/a.log".to_owned(),
            text: text.to_owned(),
        };
        let now: Time = "2026-11-29T10:00:00Z".parse().unwrap();
        let id = |health: &Health, now| alert(health, now).id;
        let full = health(Trouble::DiskFull, "90 MB are free");
        let fuller = health(Trouble::DiskFull, "80 MB are free");
        assert_eq!(id(&full, now), id(&fuller, now.plus_secs(3_600)));
        assert_ne!(id(&full, now), id(&full, now.plus_days(1)));
        let one = health(Trouble::LogLost, "at least 5 bytes are lost");
        let other = health(Trouble::LogLost, "at least 7 bytes are lost");
        assert_ne!(id(&one, now), id(&other, now));
    }
}
