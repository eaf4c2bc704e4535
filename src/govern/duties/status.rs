//! The life of one duty: open, in progress, met, lapsed; waived; the provider's, assured or not.

use std::borrow::Cow;

use super::super::decisions::{LONGEST_EXCEPTION_DAYS, wants_end_date};
use super::super::words::{ClosesBy, DutyStatus, Layer, Party};
use super::{Duty, Observation, Subject, observe, out_of_force};
use crate::model::{Archetype, Day, Decision, DutyRecord, DutyStep, Finding, State, Tier, Time};

/// How a duty stands, before its due date is known.
pub(super) struct Standing {
    pub(super) status: DutyStatus,
    pub(super) met_by: Option<ClosesBy>,
    pub(super) why: Cow<'static, str>,
    /// When it became pending.
    pub(super) opened: Time,
    /// A date that overrides the due class, or the end of what is met or waived.
    pub(super) until: Option<Day>,
    pub(super) evidence: Option<String>,
}

impl Standing {
    fn new(status: DutyStatus, opened: Time, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            met_by: None,
            why: why.into(),
            opened,
            until: None,
            evidence: None,
        }
    }

    fn met(by: ClosesBy, opened: Time, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            met_by: Some(by),
            ..Self::new(DutyStatus::Met, opened, why)
        }
    }

    fn until(mut self, until: Option<Time>) -> Self {
        self.until = until.map(Time::day);
        self
    }

    fn with(mut self, record: &DutyRecord) -> Self {
        self.evidence = (!record.evidence.is_empty()).then(|| record.evidence.clone());
        self
    }
}

pub(super) fn of(
    duty: &Duty,
    party: Party,
    app: &Subject,
    records: &[&DutyRecord],
    now: Time,
) -> Standing {
    if let Some(why) = out_of_force(duty, app.decision.state) {
        return Standing::new(DutyStatus::NotApplicable, app.first_seen, why);
    }
    if party == Party::None {
        let why = "falls to nobody under this service model";
        return Standing::new(DutyStatus::NotApplicable, app.first_seen, why);
    }
    match duty.id.as_str() {
        "GAI-01" => {
            let why = "the register entry itself";
            return Standing::met(ClosesBy::Observed, app.first_seen, why);
        }
        "GAI-03" => return decided(app),
        _ => {}
    }
    let newest = records.iter().rev().find(|record| record.duty == duty.id);
    match newest {
        Some(record) => recorded(duty, party, app, record, now),
        None => unrecorded(duty, party, app),
    }
}

/// GAI-03 is met by a decision in force; it lapses with its end date.
fn decided(app: &Subject) -> Standing {
    let effective = &app.decision;
    if let Some((exception, end)) = breach(app) {
        let why = format!(
            "the exception for {} ended on {} and use goes on",
            exception.scope,
            end.day()
        );
        return Standing::new(DutyStatus::Lapsed, end, why);
    }
    let Some(decision) = &effective.decision else {
        return match effective
            .expired
            .as_ref()
            .and_then(|old| old.until.map(|end| (old, end)))
        {
            Some((old, end)) => {
                let why = format!("the decision {} ended on {}", old.state, end.day());
                Standing::new(DutyStatus::Lapsed, end, why)
            }
            None => match &effective.inherited {
                Some(from) => Standing::new(
                    DutyStatus::InProgress,
                    app.first_seen,
                    format!(
                        "{} is {}; nobody has reviewed the feature inside it",
                        from.host_app, from.state
                    ),
                ),
                None => Standing::new(DutyStatus::Open, app.first_seen, "nobody has decided"),
            },
        };
    };
    match decision.state {
        State::New => Standing::new(DutyStatus::Open, decision.at, "put back to new"),
        State::InReview => Standing::new(
            DutyStatus::InProgress,
            app.first_seen,
            format!("in review by {}", decision.owner),
        ),
        state if wants_end_date(state) && decision.until.is_none() => Standing::new(
            DutyStatus::InProgress,
            decision.at,
            format!("{state} without an end date"),
        ),
        state => {
            let why = format!("{state} by {} for {}", decision.by, decision.scope);
            Standing::met(ClosesBy::Observed, app.first_seen, why).until(decision.until)
        }
    }
}

/// The exception that ended while its people go on, and its end.
fn breach(app: &Subject) -> Option<(&Decision, Time)> {
    let exception = app.breached.as_ref()?;
    exception.until.map(|end| (exception, end))
}

fn observation<'s>(duty: &Duty, app: &'s Subject) -> Option<&'s Observation> {
    observe::of_duty(&duty.id, &app.observed)
}

fn unrecorded(duty: &Duty, party: Party, app: &Subject) -> Standing {
    let seen = observation(duty, app);
    if let Some(seen) = seen
        && seen.finding == Finding::Holds
        && duty.closes_by == ClosesBy::Observed
    {
        return Standing::met(ClosesBy::Observed, app.first_seen, seen.detail.clone());
    }
    if party == Party::Provider {
        let why = "the provider's, and no evidence of it is on file";
        return Standing::new(DutyStatus::ProviderUnassured, app.first_seen, why);
    }
    if party == Party::Both && is_without_contract(duty, app) {
        let why = "nothing is contracted on this tier, so the provider's part is not assured";
        return Standing::new(DutyStatus::ProviderUnassured, app.first_seen, why);
    }
    if duty.id == "GAI-02"
        && let Some(decision) = &app.decision.decision
    {
        let why = format!(
            "{} is named as owner; the acceptance is not attested",
            decision.owner
        );
        return Standing::new(DutyStatus::InProgress, app.first_seen, why);
    }
    if duty.id == "GAI-44" {
        return review(app, seen);
    }
    let contrary = seen.is_some_and(|seen| seen.finding == Finding::Fails);
    if let Some(seen) = seen
        && contrary
        && was_met(duty, seen, app)
    {
        let why = format!("the logs speak against it: {}", seen.detail);
        return Standing::new(DutyStatus::Lapsed, seen.until, why);
    }
    if duty.id == "GAI-04"
        && let Some(made) = &app.enforced
        && !contrary
    {
        let why = format!(
            "{} {} at {} since {}; the traffic has not shown yet whether it holds",
            made.action,
            made.rule,
            made.place,
            made.at.day()
        );
        return Standing::new(DutyStatus::InProgress, app.first_seen, why);
    }
    let why = match seen {
        Some(seen) if seen.finding == Finding::Holds => {
            format!("indicated, not attested: {}", seen.detail)
        }
        Some(seen) => format!("the logs speak against it: {}", seen.detail),
        None => "nothing on file".to_owned(),
    };
    Standing::new(DutyStatus::Open, app.first_seen, why)
}

/// Whether an earlier look had met the duty by the same rule.
fn was_met(duty: &Duty, seen: &Observation, app: &Subject) -> bool {
    duty.closes_by == ClosesBy::Observed
        && app
            .earlier
            .iter()
            .any(|noted| noted.rule == seen.rule && noted.finding == Finding::Holds)
}

/// On personal accounts, and on those of others, nothing that the provider says of data and assurance binds it towards
/// the enterprise.
fn is_without_contract(duty: &Duty, app: &Subject) -> bool {
    let personal = match app.tier {
        Tier::Consumer | Tier::Foreign => true,
        Tier::Enterprise => false,
        Tier::Unknown => matches!(app.archetype, Archetype::ConsumerChat | Archetype::Voice),
    };
    personal && matches!(duty.layer, Layer::Data | Layer::Assurance)
}

/// GAI-44 is due when the decision ends, and lapses with it.
fn review(app: &Subject, seen: Option<&Observation>) -> Standing {
    let effective = &app.decision;
    if let Some(end) = effective.expired.as_ref().and_then(|old| old.until) {
        let why = format!("the decision ended on {} and was not renewed", end.day());
        return Standing::new(DutyStatus::Lapsed, end, why);
    }
    match effective
        .decision
        .as_ref()
        .and_then(|decision| decision.until)
    {
        Some(end) => Standing::new(
            DutyStatus::Open,
            app.first_seen,
            format!("the decision ends on {}", end.day()),
        )
        .until(Some(end)),
        None => match seen.filter(|seen| seen.finding == Finding::Holds) {
            Some(seen) => Standing::new(
                DutyStatus::Open,
                app.first_seen,
                format!("indicated, not attested: {}", seen.detail),
            ),
            None => Standing::new(DutyStatus::Open, app.first_seen, "no review is on file"),
        },
    }
}

fn recorded(duty: &Duty, party: Party, app: &Subject, record: &DutyRecord, now: Time) -> Standing {
    let ends = match record.step {
        DutyStep::Waived => Some(
            record
                .until
                .unwrap_or(record.at.plus_days(LONGEST_EXCEPTION_DAYS)),
        ),
        _ => record.until,
    };
    if let Some(end) = ends
        && end <= now
        && !matches!(record.step, DutyStep::Started | DutyStep::Reopened)
    {
        let what = match record.step {
            DutyStep::Waived => "the waiver",
            DutyStep::NotApplicable => "the exclusion",
            _ => "the evidence",
        };
        let why = format!("{what} ran out on {}", end.day());
        return Standing::new(DutyStatus::Lapsed, end, why).with(record);
    }
    match record.step {
        DutyStep::Started => Standing::new(
            DutyStatus::InProgress,
            app.first_seen,
            format!("taken up by {}", record.by),
        )
        .with(record),
        DutyStep::Reopened => Standing::new(
            DutyStatus::Open,
            record.at,
            format!("reopened by {}", record.by),
        )
        .with(record),
        DutyStep::Waived => Standing::new(
            DutyStatus::Waived,
            app.first_seen,
            format!("waived by {}", record.by),
        )
        .until(ends)
        .with(record),
        DutyStep::NotApplicable => Standing::new(
            DutyStatus::NotApplicable,
            app.first_seen,
            format!("excluded by {}", record.by),
        )
        .until(ends)
        .with(record),
        DutyStep::Attested | DutyStep::ProviderAssured => {
            evidenced(duty, party, app, record).until_of(ends)
        }
    }
}

impl Standing {
    /// The end of validity belongs to what is met or assured only.
    fn until_of(self, ends: Option<Time>) -> Self {
        if self.status.is_pending() {
            self
        } else {
            self.until(ends)
        }
    }
}

/// An attestation or the provider's evidence, current by its date.
fn evidenced(duty: &Duty, party: Party, app: &Subject, record: &DutyRecord) -> Standing {
    if let Some(trigger) = app
        .trigger
        .as_ref()
        .filter(|trigger| trigger.at > record.at)
    {
        return Standing::new(DutyStatus::Lapsed, trigger.at, trigger.why.clone()).with(record);
    }
    let seen = observation(duty, app);
    if let Some(seen) = seen.filter(|seen| {
        seen.finding == Finding::Fails && seen.rule.outweighs_people() && seen.until > record.at
    }) {
        let why = format!("the logs speak against it: {}", seen.detail);
        return Standing::new(DutyStatus::Lapsed, seen.until, why).with(record);
    }
    if party == Party::Provider {
        let why = format!("the provider's evidence is on file, says {}", record.by);
        return Standing::new(DutyStatus::ProviderAssured, app.first_seen, why).with(record);
    }
    if record.step == DutyStep::ProviderAssured {
        let why = "the provider's evidence is on file; our own part is not attested";
        return Standing::new(DutyStatus::InProgress, app.first_seen, why).with(record);
    }
    let by = match seen {
        Some(seen) if seen.finding == Finding::Holds && duty.closes_by != ClosesBy::Attested => {
            duty.closes_by
        }
        _ => ClosesBy::Attested,
    };
    Standing::met(by, app.first_seen, format!("attested by {}", record.by)).with(record)
}
