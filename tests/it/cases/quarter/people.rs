//! What people decide, push and attest, in the morning of the Monday of a week.

use gnomon::model::{
    Decision, DutyRecord, DutyStep, Enforcement, EnforcementAction, Scope, State, Time,
};

/// What is written down in one morning.
#[derive(Default)]
pub(super) struct Morning {
    pub(super) decisions: Vec<Decision>,
    pub(super) enforcements: Vec<Enforcement>,
    pub(super) records: Vec<DutyRecord>,
}

pub(super) fn morning(week: i64, at: Time) -> Morning {
    let mut morning = Morning::default();
    let day = |text: &str| text.parse::<Time>().unwrap();
    let mut decide = |service: &str, state, scope, until: Option<Time>, reason: &str| {
        morning.decisions.push(Decision {
            id: 0,
            service: service.to_owned(),
            state,
            scope,
            owner: "R. Verdi".to_owned(),
            reason: reason.to_owned(),
            by: "A. Bianchi".to_owned(),
            approver: Some("C. Neri".to_owned()),
            requested_by: None,
            at,
            until,
        });
    };
    let everyone = Scope::Organisation;
    let next_year = Some(day("2027-08-31"));
    match week {
        2 => {
            decide(
                "anthropic.claude",
                State::Sanctioned,
                everyone.clone(),
                next_year,
                "contract signed",
            );
            decide(
                "openai.chatgpt",
                State::InReview,
                everyone,
                None,
                "contract wanted",
            );
        }
        3 => decide(
            "deepseek.chat",
            State::Blocked,
            everyone,
            None,
            "country is barred",
        ),
        4 => {
            decide(
                "openai.chatgpt",
                State::Restricted,
                everyone,
                None,
                "no contract",
            );
            let legal = Scope::Segment("legal".to_owned());
            let end = Some(day("2026-10-11T23:59:59Z"));
            decide(
                "openai.chatgpt",
                State::Tolerated,
                legal,
                end,
                "a case in court",
            );
        }
        6 => decide(
            "doors.chat",
            State::Sanctioned,
            everyone,
            next_year,
            "the tenant is ours",
        ),
        9 => decide(
            "microsoft.m365-copilot",
            State::Sanctioned,
            everyone,
            next_year,
            "the feature was reviewed",
        ),
        _ => {}
    }
    let mut push = |service: &str, action, rule: &str| {
        morning.enforcements.push(Enforcement {
            id: 0,
            service: service.to_owned(),
            action,
            place: "proxy-1".to_owned(),
            rule: rule.to_owned(),
            ticket: "CHG-7".to_owned(),
            by: "A. Bianchi".to_owned(),
            at,
        });
    };
    match week {
        3 => push("deepseek.chat", EnforcementAction::Block, "r-17"),
        4 => push("openai.chatgpt", EnforcementAction::Coach, "r-18"),
        _ => {}
    }
    let mut attest = |service: &str, duty: &str, evidence: &str| {
        morning.records.push(DutyRecord {
            service: service.to_owned(),
            duty: duty.to_owned(),
            step: DutyStep::Attested,
            evidence: evidence.to_owned(),
            by: "R. Verdi".to_owned(),
            at,
            until: Some(at.plus_days(365)),
        });
    };
    match week {
        6 => {
            attest("doors.chat", "GAI-12", "contract, clause 7.2");
            attest("doors.chat", "GAI-37", "contract and annex of 2026-10-05");
        }
        9 => attest("microsoft.m365-copilot", "GAI-38", "minutes of 2026-10-26"),
        11 => attest(
            "doors.chat",
            "GAI-12",
            "contract, clause 7.2, looked at again",
        ),
        _ => {}
    }
    morning
}
