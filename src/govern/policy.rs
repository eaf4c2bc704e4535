//! The policy file: what an enterprise decided and what it pushed where, as a file that can be kept in git and reviewed.
//!
//! The file says what should hold. Reading it yields decisions and enforcements to append, or every mistake in it with
//! its line; what holds already is not written again, so that a file can be applied as often as one likes. Nothing is
//! taken back by leaving it out: history is appended to, and who wants an end decides it.

mod difference;
mod print;

use serde::Deserialize;
use toml::Spanned;

pub use difference::{Difference, Step, difference};
pub use print::print;

use super::decisions;
use crate::model::{
    Decision, Enforcement, EnforcementAction, PlacedError, Places, Scope, State, Time, nearest,
};

/// What a file asks for, each with its line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    pub decisions: Vec<(u32, Decision)>,
    pub enforcements: Vec<(u32, Enforcement)>,
}

/// What a file is read against.
pub struct Reading<'r> {
    /// Says of an application that the catalogue does not know what is wrong and what was probably meant.
    pub unknown: &'r dyn Fn(&str) -> Option<String>,
    /// Every decision on file.
    pub earlier: &'r [Decision],
    /// Who applies the file.
    pub by: &'r str,
    pub now: Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    decision: Vec<Spanned<RawDecision>>,
    #[serde(default)]
    enforcement: Vec<Spanned<RawEnforcement>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDecision {
    application: Spanned<String>,
    state: Spanned<String>,
    scope: Option<Spanned<String>>,
    owner: Spanned<toml::Value>,
    reason: Spanned<String>,
    until: Option<Spanned<toml::Value>>,
    approver: Option<String>,
    requested_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnforcement {
    application: Spanned<String>,
    action: Spanned<String>,
    place: Spanned<String>,
    rule: Spanned<String>,
    #[serde(default)]
    ticket: String,
    since: Option<Spanned<toml::Value>>,
}

/// Reads a policy file.
///
/// # Errors
/// Every mistake with file, line and column, sorted by place: unknown keys and words, applications that the catalogue does
/// not know, two owners, dates in the past, missing or too distant ends, and whatever else a decision must not be.
pub fn parse(file: &str, text: &str, reading: &Reading<'_>) -> Result<Policy, Vec<PlacedError>> {
    let places = Places::new(file, text);
    let raw: File = toml::from_str(text).map_err(|error| vec![places.toml_error(&error)])?;
    let mut reader = Reader {
        places: &places,
        reading,
        wrong: Vec::new(),
    };
    let mut policy = Policy::default();
    for entry in &raw.decision {
        let line = places.line(entry.span().start);
        if let Some(decision) = reader.decision(entry.get_ref()) {
            reader.twice(&policy, &decision, entry);
            policy.decisions.push((line, decision));
        }
    }
    for entry in &raw.enforcement {
        let line = places.line(entry.span().start);
        if let Some(made) = reader.enforcement(entry.get_ref()) {
            policy.enforcements.push((line, made));
        }
    }
    reader.check_together(&raw, &policy);
    let mut wrong = reader.wrong;
    if wrong.is_empty() {
        return Ok(policy);
    }
    wrong.sort_by_key(|error| (error.line, error.column));
    Err(wrong)
}

struct Reader<'r> {
    places: &'r Places<'r>,
    reading: &'r Reading<'r>,
    wrong: Vec<PlacedError>,
}

impl Reader<'_> {
    fn complain<T>(&mut self, at: &Spanned<T>, reason: impl Into<String>) {
        let error = self.places.error(at.span(), reason);
        self.wrong.push(error);
    }

    fn decision(&mut self, raw: &RawDecision) -> Option<Decision> {
        let service = self.application(&raw.application);
        let state = self.word::<State>(&raw.state, State::ALL.iter().map(|state| state.as_str()));
        let scope = match &raw.scope {
            None => Some(Scope::Organisation),
            Some(text) => match text.get_ref().parse() {
                Ok(scope) => Some(scope),
                Err(reason) => {
                    self.complain(text, reason);
                    None
                }
            },
        };
        let owner = self.owner(&raw.owner);
        let until = match &raw.until {
            None => Some(None),
            Some(value) => self.moment(value, "until", true).map(Some),
        };
        Some(Decision {
            id: 0,
            service: service?,
            state: state?,
            scope: scope?,
            owner: owner?,
            reason: raw.reason.get_ref().trim().to_owned(),
            by: self.reading.by.to_owned(),
            approver: raw.approver.clone(),
            requested_by: raw.requested_by.clone(),
            at: self.reading.now,
            until: until?,
        })
    }

    fn enforcement(&mut self, raw: &RawEnforcement) -> Option<Enforcement> {
        let service = self.application(&raw.application);
        let words = EnforcementAction::ALL.iter().map(|word| word.as_str());
        let action = self.word::<EnforcementAction>(&raw.action, words);
        for (key, text) in [("place", &raw.place), ("rule", &raw.rule)] {
            if text.get_ref().trim().is_empty() {
                self.complain(text, format!("{key} is empty: say which {key} it is"));
            }
        }
        let since = match &raw.since {
            None => Some(self.reading.now),
            Some(value) => self.moment(value, "since", false),
        };
        if let (Some(value), Some(at)) = (&raw.since, since)
            && at > self.reading.now
        {
            let day = at.day();
            self.complain(
                value,
                format!(
                    "since {day} is in the future: write down what was pushed, not what will be"
                ),
            );
        }
        Some(Enforcement {
            id: 0,
            service: service?,
            action: action?,
            place: raw.place.get_ref().trim().to_owned(),
            rule: raw.rule.get_ref().trim().to_owned(),
            ticket: raw.ticket.trim().to_owned(),
            by: self.reading.by.to_owned(),
            at: since?,
        })
    }

    fn application(&mut self, id: &Spanned<String>) -> Option<String> {
        if let Some(reason) = (self.reading.unknown)(id.get_ref()) {
            self.complain(id, reason);
            return None;
        }
        Some(id.get_ref().clone())
    }

    fn word<T: std::str::FromStr<Err = crate::model::UnknownWord>>(
        &mut self,
        text: &Spanned<String>,
        words: impl Iterator<Item = &'static str>,
    ) -> Option<T> {
        match text.get_ref().parse() {
            Ok(word) => Some(word),
            Err(error) => {
                let near = nearest(text.get_ref(), words);
                let hint =
                    near.map_or_else(String::new, |near| format!(", did you mean {near:?}?"));
                self.complain(text, format!("{error}{hint}"));
                None
            }
        }
    }

    fn owner(&mut self, value: &Spanned<toml::Value>) -> Option<String> {
        match value.get_ref() {
            toml::Value::String(name) => Some(name.trim().to_owned()),
            toml::Value::Array(names) => {
                let count = names.len();
                self.complain(
                    value,
                    format!("owner names {count}: one answers for an application, name the others in the reason"),
                );
                None
            }
            _ => {
                self.complain(
                    value,
                    "owner is no text: write the name of who answers for it",
                );
                None
            }
        }
    }

    /// A day, a moment, or either as text. A bare day that ends something includes that day.
    fn moment(&mut self, value: &Spanned<toml::Value>, key: &str, ends: bool) -> Option<Time> {
        let text = match value.get_ref() {
            toml::Value::String(text) => text.clone(),
            toml::Value::Datetime(moment) => moment.to_string(),
            other => other.to_string(),
        };
        let read = if ends {
            Time::parse_end(&text)
        } else {
            text.parse()
        };
        if read.is_err() {
            self.complain(
                value,
                format!("{key} {text:?} is no date: write a day such as 2027-02-21"),
            );
        }
        read.ok()
    }

    /// One file says one thing of an application and scope.
    fn twice(&mut self, policy: &Policy, decision: &Decision, entry: &Spanned<RawDecision>) {
        let same = policy
            .decisions
            .iter()
            .find(|(_, other)| other.service == decision.service && other.scope == decision.scope);
        let Some((line, other)) = same else { return };
        let what = if other.owner == decision.owner {
            "is decided twice"
        } else {
            "has two owners"
        };
        self.complain(
            &entry.get_ref().application,
            format!(
                "{} for {} {what}, here and in line {line}: keep one of the two",
                decision.service, decision.scope
            ),
        );
    }

    /// Decisions are checked beside everything else that the file decides, in whatever order it stands there.
    fn check_together(&mut self, raw: &File, policy: &Policy) {
        let mut all = self.reading.earlier.to_vec();
        all.extend(
            policy
                .decisions
                .iter()
                .map(|(_, decision)| decision.clone()),
        );
        for id in 0..all.len() {
            if let Some(decision) = all.get_mut(id) {
                decision.id = i64::try_from(id).unwrap_or(i64::MAX);
            }
        }
        for entry in &raw.decision {
            let line = self.places.line(entry.span().start);
            let Some((_, decision)) = policy.decisions.iter().find(|(at, _)| *at == line) else {
                continue;
            };
            if let Err(error) = decisions::check(decision, &all, self.reading.now) {
                let raw = entry.get_ref();
                let reason = in_keys(&error.to_string());
                match (&raw.until, &error) {
                    (Some(until), decisions::DecisionError::Past { .. })
                    | (Some(until), decisions::DecisionError::TooLong { .. }) => {
                        self.complain(until, reason);
                    }
                    (_, decisions::DecisionError::NoReason) => self.complain(&raw.reason, reason),
                    (_, decisions::DecisionError::NoOwner) => self.complain(&raw.owner, reason),
                    _ => self.complain(&raw.state, reason),
                }
            }
        }
    }
}

/// Errors name flags; in a file they are keys.
fn in_keys(text: &str) -> String {
    text.replace("--scope segment:NAME", "scope = \"segment:NAME\"")
        .replace("--scope", "scope")
        .replace("--", "")
}
