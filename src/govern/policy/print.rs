//! What holds, as a policy file: reading it back changes nothing.

use std::fmt::Write as _;

use super::difference::in_force_everywhere;
use crate::model::{Decision, Enforcement, EnforcementAction, Scope, Time};

/// The decisions in force and the rules in place, as the text of a policy file. What has ended is left out.
#[must_use]
pub fn print(decisions: &[Decision], enforcements: &[Enforcement], now: Time) -> String {
    let mut text = format!(
        "# What holds on {}. Apply it with: gnomon decide --from FILE\n",
        now.day()
    );
    for decision in in_force_everywhere(decisions, now) {
        text.push_str("\n[[decision]]\n");
        line(&mut text, "application", &decision.service);
        line(&mut text, "state", decision.state.as_str());
        if decision.scope != Scope::Organisation {
            line(&mut text, "scope", &decision.scope.to_string());
        }
        line(&mut text, "owner", &decision.owner);
        for (key, name) in [
            ("approver", &decision.approver),
            ("requested_by", &decision.requested_by),
        ] {
            if let Some(name) = name {
                line(&mut text, key, name);
            }
        }
        line(&mut text, "reason", &decision.reason);
        if let Some(until) = decision.until {
            let _ = writeln!(text, "until = {}", end(until));
        }
    }
    for made in in_place(enforcements, now) {
        text.push_str("\n[[enforcement]]\n");
        line(&mut text, "application", &made.service);
        line(&mut text, "action", made.action.as_str());
        line(&mut text, "place", &made.place);
        line(&mut text, "rule", &made.rule);
        if !made.ticket.is_empty() {
            line(&mut text, "ticket", &made.ticket);
        }
        let _ = writeln!(text, "since = {}", made.at);
    }
    text
}

/// The newest word about every rule, unless it was taken away.
fn in_place(enforcements: &[Enforcement], now: Time) -> Vec<&Enforcement> {
    let is_newest = |made: &Enforcement| {
        let same = enforcements.iter().rfind(|other| {
            other.at <= now
                && (&other.service, &other.place, &other.rule)
                    == (&made.service, &made.place, &made.rule)
        });
        same.is_some_and(|newest| newest.id == made.id)
    };
    let mut all: Vec<&Enforcement> = enforcements
        .iter()
        .filter(|made| {
            made.at <= now && made.action != EnforcementAction::Lifted && is_newest(made)
        })
        .collect();
    all.sort_by(|a, b| (&a.service, &a.place, &a.rule).cmp(&(&b.service, &b.place, &b.rule)));
    all
}

fn line(text: &mut String, key: &str, value: &str) {
    // The library quotes and escapes.
    let _ = writeln!(text, "{key} = {}", toml::Value::String(value.to_owned()));
}

/// A day where the end is that of a day; else the moment, as exactly as it was given.
fn end(until: Time) -> String {
    let day = until.day();
    if Time::parse_end(&day.to_string()) == Ok(until) {
        return day.to_string();
    }
    until.timestamp().to_string()
}
