//! Text from an attacker in every place of a report where text can be.

use std::collections::BTreeMap;

use gnomon::govern::reconcile::{Ladder, Part, Skew};
use gnomon::model::{
    Archetype, Candidate, Coverage, Day, Decision, Earlier, Grade, Host, Role, Sample, Scope,
    ServiceModel, Sketch, State, Tier, Time, Transition, TransitionKind, Untrusted,
};
use gnomon::reports::{
    AgentAt, Application, CatalogueFacts, Count, DayRow, Duty, HeatRow, HostUse, KnownLate, Noted,
    Organisation, Outlier, OwedBy, Period, Previous, Report, Risk, RiskLine, SCHEMA, StateRow,
    TierSeen, Told, Totals, Visited, Wanted,
};

/// What log text has been seen to do to reports, and a word that no column can hold.
pub(super) fn payloads() -> Vec<String> {
    let mut payloads: Vec<String> = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</style><script>alert(1)</script>",
        "javascript:alert(1)",
        "=cmd|'/c calc'!A1",
        " +1+1",
        "\t=1",
        "\u{feff}@SUM(A1)",
        "＝1+1",
        "\u{1b}[2J\u{1b}]0;x\u{7}",
        "user\u{202e}gpj.exe\u{200b}",
        "a|b\n| c | d |\n\n# heading\n- [x] done",
        "[click](http://example.org) www.example.org @admin `code` **bold** <http://example.org>",
        "line\r\n\r\nHTTP/1.1 200 OK",
        "{{ 7*7 }} {% raw %} ${7*7}",
        "\u{0}\u{fffd}",
        "",
    ]
    .map(str::to_owned)
    .to_vec();
    payloads.push("x".repeat(5_000));
    payloads
}

fn earlier(text: &str) -> Earlier {
    Earlier {
        service: text.into(),
        first: Time::from_micros(i64::MIN),
        last: Time::from_micros(i64::MAX),
        days: u64::MAX,
        hits: u64::MAX,
        clients: Sketch(u64::MAX),
        hosts: vec![text.to_owned()],
    }
}

/// A report that says the same hostile thing everywhere.
pub(super) fn report(text: &str, days: i32) -> Report {
    let word = || text.to_owned();
    let decision = Decision {
        id: 1,
        service: word(),
        state: State::Tolerated,
        scope: Scope::Segment(word()),
        owner: word(),
        reason: word(),
        by: word(),
        approver: Some(word()),
        requested_by: Some(word()),
        at: Time::from_secs(0),
        until: Some(Time::from_secs(1)),
    };
    Report {
        schema: SCHEMA,
        period: Period {
            from: Some(Time::from_secs(0)),
            until: Some(Time::from_secs(86_400 * i64::from(days))),
            as_of: Time::from_secs(86_400 * i64::from(days)),
        },
        catalogue: CatalogueFacts {
            version: word(),
            services: 1,
            rules: 1,
        },
        applications: vec![application(text, days, Some(decision.clone()))],
        organisation: organisation(text),
        totals: Totals {
            applications: 1,
            clients: 3,
            users: 2,
            ..Totals::default()
        },
        heat_map: vec![HeatRow {
            layer: word(),
            met: 0,
            open: u64::MAX,
            overdue: 1,
            unassured: 0,
            settled: 0,
        }],
        days: (0..days)
            .map(|day| DayRow {
                day: Day(day),
                events: if day % 2 == 0 { 0 } else { u64::MAX },
                attempts: u64::try_from(day).expect("the sample is sound"),
                bytes_up: 0,
            })
            .collect(),
        candidates: vec![Candidate {
            host: Host::parse(b"chat.example.com").expect("the sample is sound"),
            reasons: vec![word(), word()],
            hits: 1,
            first: Time::from_secs(0),
            last: Time::from_secs(0),
        }],
        agents: vec![AgentAt {
            host: word(),
            agent: noted(text),
        }],
        unlisted_past_cap: 1,
        visited_only: vec![Visited {
            id: word(),
            name: word(),
            visits: 1,
            clients: 1,
        }],
        known_late: vec![KnownLate {
            name: word(),
            before: earlier(text),
        }],
        transitions: vec![Told {
            name: word(),
            transition: Transition {
                id: word(),
                kind: TransitionKind::DecisionViolated,
                service: text.into(),
                segment: text.into(),
                tier: Tier::Consumer,
                at: Time::from_secs(0),
                detail: word(),
            },
        }],
        decisions_due: vec![decision],
        clock_skews: vec![Skew {
            resolver: word(),
            other: word(),
            ahead_secs: i64::MIN,
            pairs: 1,
            of: 1,
        }],
        coverage: vec![Coverage {
            source: word(),
            format: word(),
            reasons: BTreeMap::from([(word(), 1)]),
            bad: 1,
            read: 1,
            bad_samples: vec![Sample {
                line: 1,
                why: word(),
                text: Untrusted::from(text).into_owned(),
            }],
            notes: vec![word()],
            cannot_tell: vec![word()],
            ..Coverage::default()
        }],
        cannot_see: vec![word()],
    }
}

fn organisation(text: &str) -> Organisation {
    let word = || text.to_owned();
    Organisation {
        decisions_wanted: vec![Wanted {
            application: word(),
            name: word(),
            state: State::New,
            residual: 80,
            band: "critical",
            because: word(),
            why: word(),
            owner: word(),
            due: None,
            overdue: true,
            proposed: None,
            command: word(),
        }],
        decisions_made: Vec::new(),
        standing: vec![StateRow {
            state: State::New,
            critical: 1,
            high: 0,
            medium: 0,
            low: 0,
        }],
        accounts: BTreeMap::from([("consumer", 1)]),
        owed_by: vec![OwedBy {
            owner: word(),
            open: 1,
            overdue: 1,
            first_due: None,
        }],
        previous: Some(Previous {
            from: Time::from_secs(0),
            until: Time::from_secs(0),
            totals: Totals::default(),
            came: vec![word()],
            went: vec![word()],
            residual: BTreeMap::new(),
        }),
    }
}

fn noted(text: &str) -> Noted {
    Noted {
        what: text.to_owned(),
        events: 1,
        clients_at_least: 1,
        first: Time::from_secs(0),
        last: Time::from_secs(0),
    }
}

fn application(text: &str, days: i32, decision: Option<Decision>) -> Application {
    let word = || text.to_owned();
    let names = || {
        vec![Count {
            name: word(),
            events: 1,
            resolved: Some(word()),
            basis: None,
            shared: true,
        }]
    };
    Application {
        id: word(),
        name: word(),
        vendor: word(),
        country: word(),
        category: word(),
        description: word(),
        archetype: Archetype::Router,
        model: ServiceModel::Saas,
        aws_scope: word(),
        host_app: Some(word()),
        tier: TierSeen {
            value: Tier::Consumer,
            basis: word(),
            events: BTreeMap::new(),
        },
        state: State::Tolerated,
        decision,
        inherited_from: Some(word()),
        grade: Some(Grade::Uploaded),
        risk: Risk {
            gross: 80,
            residual: 80,
            band: "critical",
            confidence: 10,
            range: Some((1, 99)),
            lines: vec![RiskLine {
                id: "C1",
                label: "Category",
                value: word(),
                points: f64::NAN,
                max: 0.0,
                known: false,
                source: word(),
            }],
        },
        first_seen: Time::from_secs(0),
        last_seen: Time::from_secs(0),
        events: u64::MAX,
        attempts: 0,
        prompts: 0,
        uploads: 0,
        visits: 0,
        users: 2,
        clients: 3,
        top_clients: names(),
        top_users: names(),
        outliers: vec![Outlier {
            who: word(),
            bytes_7d: 1,
            bytes_a_day_before: 2,
        }],
        segments: names(),
        bytes_up: 0,
        bytes_down: u64::MAX,
        uploads_told: true,
        evidence: BTreeMap::from([("proxy", 1)]),
        ladder: Ladder {
            prefetched: Part {
                clients: u64::MAX,
                events: u64::MAX,
            },
            ..Ladder::default()
        },
        before_known: Some(earlier(text)),
        channels: BTreeMap::from([("browser", 1)]),
        hosts: vec![HostUse {
            host: word(),
            role: Role::Ui,
            events: 1,
        }],
        active_days: 1,
        daily: (0..days).map(|_| u64::MAX).collect(),
        enforced: None,
        observations: Vec::new(),
        duties: vec![duty(text).into()],
        accounts: vec![noted(text)],
        programs: vec![noted(text)],
        programs_as_browsers: 1,
        mcp: vec![noted(text)],
        reasons: vec![word()],
        next: vec![format!("GAI-01 {text} Record it: {text}"), word()],
    }
}

fn duty(text: &str) -> Duty {
    let word = || text.to_owned();
    Duty {
        id: "GAI-01".into(),
        layer: "usage",
        title: word().into(),
        statement: word().into(),
        party: "enterprise",
        seed_party: "AISU",
        reason: word().into(),
        disputed: true,
        overridden_by: Some(word()),
        basis: "stated",
        keys: [word()].into(),
        status: "open",
        why: word().into(),
        closes_by: "observed",
        owner: word().into(),
        due: None,
        overdue: true,
        action: word().into(),
        evidence_wanted: word().into(),
        logs_show: word().into(),
        refs: [word()].into(),
    }
}

/// A report about nothing: no source, no application, no day.
pub(super) fn empty() -> Report {
    let mut report = report("", 0);
    report.period = Period {
        from: None,
        until: None,
        as_of: Time::default(),
    };
    report.applications.clear();
    report.totals = Totals::default();
    report.heat_map.clear();
    report.candidates.clear();
    report.known_late.clear();
    report.clock_skews.clear();
    report.visited_only.clear();
    report.transitions.clear();
    report.decisions_due.clear();
    report.coverage.clear();
    report.cannot_see.clear();
    report
}
