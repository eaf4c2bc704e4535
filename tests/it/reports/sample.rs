//! A month of an invented company, as a report sees it: what a reader would look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use gnomon::catalogue::Catalogue;
use gnomon::govern::{DutyModel, Settings};
use gnomon::model::{
    Batch, Candidate, Channel, Consequences, Coverage, Day, Decision, DutyRecord, DutyStep, Grade,
    Host, HostRow, Hour, Kind, Outcome, Role, Sample, Scope, Sighting, SightingKey, State, Tally,
    Tier, Time, Untrusted,
};
use gnomon::reports::{self, Ask, Report};
use gnomon::store::Store;
use gnomon::store::sqlite::SqliteStore;

const DAYS: i32 = 29;

/// One service in use: how much, by whom, from when on.
struct Use {
    service: &'static str,
    host: &'static str,
    role: Role,
    tier: Tier,
    channel: Channel,
    grade: Grade,
    groups: &'static [&'static str],
    people: usize,
    from_day: i32,
    until_day: i32,
    per_day: u64,
    bytes: u64,
    blocked: bool,
    dns_only: bool,
}

const PLAIN: Use = Use {
    service: "openai.chatgpt",
    host: "chatgpt.com",
    role: Role::Ui,
    tier: Tier::Unknown,
    channel: Channel::Browser,
    grade: Grade::Exchanged,
    groups: &["engineering"],
    people: 4,
    from_day: 0,
    until_day: DAYS,
    per_day: 6,
    bytes: 20_000,
    blocked: false,
    dns_only: false,
};

fn uses() -> Vec<Use> {
    vec![
        Use {
            tier: Tier::Consumer,
            grade: Grade::Confirmed,
            groups: &["sales", "finance", "engineering", "legal"],
            people: 31,
            per_day: 240,
            bytes: 61_000,
            ..PLAIN
        },
        Use {
            service: "openai.api",
            host: "api.openai.com",
            role: Role::Api,
            channel: Channel::Sdk,
            grade: Grade::Confirmed,
            people: 3,
            from_day: 9,
            per_day: 410,
            bytes: 8_200,
            ..PLAIN
        },
        Use {
            service: "character-ai.character",
            host: "character.ai",
            tier: Tier::Consumer,
            groups: &["warehouse"],
            people: 2,
            from_day: 17,
            per_day: 9,
            ..PLAIN
        },
        Use {
            service: "gamma.gamma",
            host: "gamma.app",
            grade: Grade::Uploaded,
            groups: &["sales", "marketing"],
            people: 9,
            per_day: 22,
            bytes: 190_000,
            ..PLAIN
        },
        Use {
            service: "deepl.translator",
            host: "www.deepl.com",
            tier: Tier::Enterprise,
            grade: Grade::Confirmed,
            groups: &["legal", "sales"],
            people: 12,
            per_day: 48,
            bytes: 14_000,
            ..PLAIN
        },
        Use {
            service: "fireflies.fireflies",
            host: "app.fireflies.ai",
            grade: Grade::Uploaded,
            groups: &["executives"],
            people: 2,
            from_day: 21,
            per_day: 5,
            bytes: 4_800_000,
            ..PLAIN
        },
        Use {
            service: "elevenlabs.elevenlabs",
            host: "elevenlabs.io",
            groups: &["marketing"],
            people: 1,
            until_day: 12,
            per_day: 3,
            ..PLAIN
        },
        Use {
            service: "302-ai.302-ai",
            host: "302.ai",
            grade: Grade::Resolved,
            groups: &["engineering"],
            people: 1,
            from_day: 25,
            dns_only: true,
            ..PLAIN
        },
        Use {
            service: "glean.glean",
            host: "app.glean.com",
            grade: Grade::Resolved,
            people: 6,
            dns_only: true,
            ..PLAIN
        },
        Use {
            service: "freepik.ai-suite",
            host: "freepik.com",
            grade: Grade::Connected,
            groups: &["marketing"],
            people: 2,
            per_day: 0,
            blocked: true,
            ..PLAIN
        },
        Use {
            service: "elicit.elicit",
            host: "elicit.com",
            role: Role::Site,
            people: 3,
            per_day: 1,
            ..PLAIN
        },
    ]
}

pub(super) fn day(day: i32) -> Day {
    let first: Day = "2026-10-26".parse().expect("the sample is sound");
    first.plus(day)
}

fn at(days: i32, hour: i64) -> Time {
    day(days).start().plus_secs(hour * 3_600)
}

/// The report of the sample month.
pub(crate) fn report() -> Report {
    let store = SqliteStore::open_in_memory().expect("the sample is sound");
    let batch = Batch {
        sightings: sightings(),
        hosts: hosts(),
        candidates: candidates(),
        coverage: coverage(),
        ..Batch::default()
    };
    store
        .commit(&batch, at(DAYS, 0), &mut |_| Consequences::default())
        .expect("the sample is sound");
    for decision in decisions() {
        store.decide(&decision).expect("the sample is sound");
    }
    for record in records() {
        store.record_duty(&record).expect("the sample is sound");
    }
    build(&store)
}

/// The report of a store.
pub(super) fn build(store: &dyn Store) -> Report {
    let settings = Settings {
        population: Some(180),
        sensitive_groups: vec!["legal".to_owned(), "executives".to_owned()],
        ..Settings::default()
    };
    reports::build(&Ask {
        store,
        catalogue: &Catalogue::embedded().expect("the sample is sound"),
        duties: &DutyModel::embedded().expect("the sample is sound"),
        settings: &settings,
        zone: &jiff::tz::TimeZone::UTC,
        from: None,
        until: None,
        as_of: None,
    })
    .expect("the sample is sound")
}

fn sightings() -> Vec<Sighting> {
    let mut all: BTreeMap<SightingKey, Tally> = BTreeMap::new();
    for used in uses() {
        for days in used.from_day..used.until_day {
            for (key, tally) in one_day(&used, days) {
                all.entry(key)
                    .and_modify(|sum| sum.merge(&tally))
                    .or_insert(tally);
            }
        }
    }
    all.into_iter()
        .map(|(key, tally)| Sighting { key, tally })
        .collect()
}

fn one_day(used: &Use, days: i32) -> Vec<(SightingKey, Tally)> {
    // 2026-10-26 is a Monday: every sixth and seventh day is quiet.
    if days % 7 > 4 && used.channel != Channel::Sdk {
        return Vec::new();
    }
    // A fixed unevenness, so that bars differ as they do in life.
    let wave = 60 + (days as u64 * 37 + used.service.len() as u64 * 13) % 70;
    let people = 1 + (used.people * wave as usize / 100).min(used.people - 1);
    (0..people)
        .map(|person| {
            let hour = 8 + (person as i64 * 5 + i64::from(days)) % 10;
            let time = at(days, hour);
            let mut tally = Tally::of(time, used.grade);
            tally.events = (used.per_day * wave / 100 / people as u64).max(1);
            if !used.dns_only && !used.blocked {
                tally.bytes_up = tally.events * used.bytes * wave / 100;
                tally.bytes_down = tally.bytes_up * 3;
            }
            if used.grade == Grade::Confirmed {
                tally.prompts = tally.events / 3;
            }
            if used.grade >= Grade::Uploaded {
                tally.uploads = tally.events / 9;
            }
            let group = used
                .groups
                .get(person % used.groups.len())
                .expect("the sample is sound");
            let key = SightingKey {
                hour: Hour(i32::try_from(time.secs() / 3_600).expect("the sample is sound")),
                service: used.service.into(),
                role: used.role,
                tier: used.tier,
                channel: used.channel,
                kind: if used.dns_only {
                    Kind::Dns
                } else {
                    Kind::Proxy
                },
                outcome: if used.blocked {
                    Outcome::Blocked
                } else {
                    Outcome::Allowed
                },
                client: format!("192.0.2.{}", 10 + person).into(),
                user: if used.dns_only {
                    Arc::from("")
                } else {
                    format!("person{:02}@example.org", person + 1).into()
                },
                segment: (*group).into(),
                source: if used.dns_only {
                    "/var/log/unbound/queries.log".into()
                } else {
                    "/var/log/squid/access.log".into()
                },
            };
            (key, tally)
        })
        .collect()
}

fn hosts() -> Vec<HostRow> {
    let mut rows: Vec<HostRow> = uses()
        .iter()
        .map(|used| HostRow {
            day: day(used.from_day),
            service: used.service.into(),
            host: used.host.into(),
            role: used.role,
            events: used.per_day.max(1) * 20,
        })
        .collect();
    rows.push(HostRow {
        day: day(0),
        service: "openai.chatgpt".into(),
        host: "files.oaiusercontent.com".into(),
        role: Role::Cdn,
        events: 912,
    });
    rows.sort();
    rows
}

fn candidates() -> Vec<Candidate> {
    let candidate = |host: &str, reasons: &[&str], hits, from| Candidate {
        host: Host::parse(host.as_bytes()).expect("the sample is sound"),
        reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        hits,
        first: at(from, 9),
        last: at(DAYS - 1, 15),
    };
    vec![
        candidate(
            "chat.example.com",
            &[
                "asked for together with a model gateway",
                "the name contains \"chat\"",
            ],
            212,
            3,
        ),
        candidate(
            "llm-gateway.example.net",
            &["the name contains \"llm\""],
            37,
            20,
        ),
    ]
}

fn coverage() -> Vec<Coverage> {
    let source = |source: &str, format: &str, events: u64, bad: u64| Coverage {
        source: source.to_owned(),
        format: format.to_owned(),
        read: events + bad + 120,
        events,
        skipped: 120,
        bad,
        bytes: events * 180,
        first: Some(at(0, 6)),
        last: Some(at(DAYS - 1, 22)),
        ..Coverage::default()
    };
    vec![
        Coverage {
            reasons: BTreeMap::from([
                ("an internal request of the proxy".to_owned(), 120),
                ("fewer fields than the format has".to_owned(), 3),
            ]),
            bad_samples: vec![Sample {
                line: 48_211,
                why: "fewer fields than the format has".to_owned(),
                text: Untrusted::from("1793614272.345 TCP_TUNNEL/200 person01").into_owned(),
            }],
            ..source("/var/log/squid/access.log", "squid", 1_204_518, 3)
        },
        Coverage {
            cannot_tell: [
                "user",
                "path",
                "method",
                "bytes_up",
                "bytes_down",
                "user_agent",
            ]
            .map(str::to_owned)
            .to_vec(),
            first: Some(at(4, 0)),
            ..source("/var/log/unbound/queries.log", "unbound", 3_410_077, 0)
        },
        Coverage {
            source: "/var/log/zeek/ssl.log.gz".to_owned(),
            notes: vec![
                "the compressed file ends in the middle; what stands before it was read".to_owned(),
            ],
            first: Some(at(2, 0)),
            last: Some(at(5, 0)),
            cannot_tell: ["user", "path", "bytes_up"].map(str::to_owned).to_vec(),
            ..source("/var/log/zeek/ssl.log.gz", "zeek", 40_120, 0)
        },
    ]
}

fn decisions() -> Vec<Decision> {
    let decision =
        |service: &str, state, at_day, until: Option<i32>, owner: &str, reason: &str| Decision {
            id: 0,
            service: service.to_owned(),
            state,
            scope: Scope::Organisation,
            owner: owner.to_owned(),
            reason: reason.to_owned(),
            by: "m.keller".to_owned(),
            approver: None,
            requested_by: None,
            at: at(at_day, 12),
            until: until.map(|day| at(day, 12)),
        };
    vec![
        decision(
            "deepl.translator",
            State::Sanctioned,
            2,
            Some(45),
            "Head of Legal",
            "Contracted plan; no training on our texts.",
        ),
        decision(
            "gamma.gamma",
            State::Tolerated,
            3,
            Some(20),
            "Head of Sales",
            "Until the slide templates are replaced.",
        ),
        decision(
            "character-ai.character",
            State::Blocked,
            19,
            None,
            "CISO",
            "No business use.",
        ),
        decision(
            "openai.api",
            State::InReview,
            12,
            None,
            "Platform team",
            "Key inventory first.",
        ),
    ]
}

fn records() -> Vec<DutyRecord> {
    let record = |duty: &str, step, evidence: &str| DutyRecord {
        service: "deepl.translator".to_owned(),
        duty: duty.to_owned(),
        step,
        evidence: evidence.to_owned(),
        by: "m.keller".to_owned(),
        at: at(10, 9),
        until: Some(at(200, 9)),
    };
    vec![
        record(
            "GAI-08",
            DutyStep::Attested,
            "single sign-on test of 2026-11-04",
        ),
        record("GAI-02", DutyStep::Attested, "signed acceptance"),
        record("GAI-37", DutyStep::Attested, "contract 4711"),
        record("GAI-22", DutyStep::ProviderAssured, "report on file"),
        record(
            "GAI-11",
            DutyStep::Waived,
            "no upload function in this plan",
        ),
    ]
}
