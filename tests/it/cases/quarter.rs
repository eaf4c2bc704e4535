//! Twelve weeks with decisions in between (`tests/cases/quarter`): every transition, observation and status, week by week.

#![allow(clippy::unwrap_used, reason = "a case that cannot go on fails")]

mod logs;
mod people;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gnomon::catalogue::Catalogue;
use gnomon::formats::Formats;
use gnomon::govern::{DutyModel, HostApplication, Settings};
use gnomon::identity::{self, Identity, Segment};
use gnomon::model::{Changes, Observation, State, Time};
use gnomon::pipeline::{self, Meter, News, Policy, Rules, Run, SharedRules, Stop};
use gnomon::reports::{self, Ask, Edition, Report};
use gnomon::sources::scan::{self, Scan};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Filter, Store};

use super::golden;
use logs::FORMAT;
use people::Morning;

const WEEKS: i64 = 12;
const CASE: &str = "tests/cases/quarter";

/// The register of the company and what it is judged by.
struct Company {
    store: SqliteStore,
    policy: Policy,
    rules: SharedRules,
}

impl Company {
    fn new() -> Self {
        let overlay = std::fs::read_to_string(format!("{CASE}/overlay/doors.toml")).unwrap();
        let overlay = [("doors.toml".to_owned(), overlay)];
        let catalogue = Arc::new(Catalogue::with_overlay(&overlay).unwrap());
        let segment = |name: &str, network: &str| Segment {
            name: name.to_owned(),
            networks: vec![network.parse().unwrap()],
            users: Vec::new(),
        };
        let people = identity::Settings {
            segments: vec![
                segment("research", "192.0.2.0/26"),
                segment("legal", "192.0.2.64/26"),
                segment("sales", "192.0.2.128/26"),
                segment("servers", "198.51.100.0/24"),
            ],
            ..identity::Settings::default()
        };
        let settings = Settings {
            sensitive_groups: vec!["legal".to_owned()],
            population: Some(12),
            gateways: vec!["corp.gateway".to_owned()],
            server_segments: vec!["servers".to_owned()],
            own_services: vec!["corp.gateway".to_owned()],
            host_applications: vec![HostApplication {
                name: "Microsoft 365".to_owned(),
                state: State::Sanctioned,
            }],
            ..Settings::default()
        };
        Self {
            store: SqliteStore::open_in_memory().unwrap(),
            policy: Policy {
                catalogue: catalogue.clone(),
                duties: Arc::new(DutyModel::embedded().unwrap()),
                settings,
            },
            rules: SharedRules::new(Rules {
                catalogue,
                identity: Arc::new(Identity::new(&people, None)),
                detect: gnomon::detect::Settings::default(),
                formats: Arc::new(Formats::embedded().clone()),
                zone: jiff::tz::TimeZone::UTC,
            }),
        }
    }

    fn write_down(&self, morning: &Morning) {
        self.store
            .apply(&morning.decisions, &morning.enforcements)
            .unwrap();
        for record in &morning.records {
            self.store.record_duty(record).unwrap();
        }
    }

    fn read(&self, log: &Path, end: Time) {
        let settings = pipeline::Settings {
            workers: 1,
            poll: Duration::ZERO,
            commit_every: Duration::from_secs(2),
            tick_every: None,
            min_free_bytes: None,
        };
        let scan = scan::Settings {
            format: Some(FORMAT.into()),
            ..scan::Settings::default()
        };
        let mut source = Scan::new(vec![log.to_path_buf()], scan);
        let run = Run {
            settings: &settings,
            rules: &self.rules,
            store: &self.store,
            clock: &|| end,
            stop: &Stop::default(),
            meter: &Meter::default(),
        };
        let mut judge = |changes: &Changes, moment| {
            pipeline::judge(&self.policy, &News::default(), changes, moment)
        };
        pipeline::run(&run, &mut source, &mut judge).unwrap();
    }

    fn report(&self, as_of: Time) -> Report {
        reports::build(&Ask {
            store: &self.store,
            catalogue: &self.policy.catalogue,
            duties: &self.policy.duties,
            settings: &self.policy.settings,
            zone: &jiff::tz::TimeZone::UTC,
            from: None,
            until: None,
            as_of: Some(as_of),
        })
        .unwrap()
    }
}

/// What was told of the weeks before, so that only differences are told.
#[derive(Default)]
struct Told {
    transitions: usize,
    observations: usize,
    standings: BTreeMap<String, String>,
    duties: BTreeMap<(String, String), String>,
}

#[test]
fn every_transition_observation_and_status_of_a_quarter_is_as_reviewed() {
    let company = Company::new();
    let room = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    let mut text = "Twelve weeks: what was decided (>), what changed (!), what the traffic showed (?), how applications stand (=), and\nduties whose status changed, by number.\n".to_owned();
    for week in 1..=WEEKS {
        let monday = "2026-08-31"
            .parse::<Time>()
            .unwrap()
            .plus_days(7 * (week - 1));
        let end = monday.plus_days(6).plus_secs(23 * 3600);
        let _ = writeln!(text, "\n## Week {week}, {} to {}", monday.day(), end.day());
        let morning = people::morning(week, monday.plus_secs(6 * 3600));
        company.write_down(&morning);
        tell_morning(&morning, &mut text);
        let log = room.path().join(format!("access-{week:02}.log"));
        std::fs::write(&log, logs::week(week, monday)).unwrap();
        company.read(&log, end);
        let report = company.report(end);
        reports::note(&company.store, &report).unwrap();
        told.transitions(&company.store, &mut text);
        told.observations(&company.store.observations(None).unwrap(), &mut text);
        told.standings(&report, &mut text);
        told.duties(&report, &mut text);
    }
    for source in company.store.coverage().unwrap() {
        assert_eq!(source.bad, 0, "{source:?}");
    }
    assert_eq!(company.store.check().unwrap(), Vec::<String>::new());
    show(&company);
    golden(&Path::new(CASE).join("expected/quarter.txt"), &text);
}

/// The last four weeks against the four before, in every edition, for whoever wants to look at them.
fn show(company: &Company) {
    let until = "2026-11-22T23:00:00Z".parse::<Time>().unwrap();
    let report = reports::build_with_previous(&Ask {
        store: &company.store,
        catalogue: &company.policy.catalogue,
        duties: &company.policy.duties,
        settings: &company.policy.settings,
        zone: &jiff::tz::TimeZone::UTC,
        from: Some(until.plus_days(-28)),
        until: Some(until),
        as_of: Some(until),
    })
    .unwrap();
    let before = report.organisation.previous.as_ref().unwrap();
    assert_eq!(before.came, ["Own model gateway"]);
    assert_eq!(before.went, ["Perplexity"]);
    assert_eq!(before.totals.applications, report.totals.applications);
    let Some(directory) = std::env::var_os("GNOMON_SHOW") else {
        return;
    };
    for edition in [Edition::Ciso, Edition::Soc, Edition::Privacy] {
        let file = format!("quarter-{}.html", edition.as_str());
        let mut text = Vec::new();
        (reports::renderer("html").unwrap().write)(&report, edition, &mut text).unwrap();
        std::fs::write(Path::new(&directory).join(file), text).unwrap();
    }
}

fn tell_morning(morning: &Morning, text: &mut String) {
    for made in &morning.decisions {
        let until = made.until.map_or_else(
            || "for good".to_owned(),
            |end| format!("until {}", end.day()),
        );
        let _ = writeln!(
            text,
            "> {} {} for {}, {until}: {}",
            made.service, made.state, made.scope, made.reason
        );
    }
    for made in &morning.enforcements {
        let _ = writeln!(
            text,
            "> {} {} by {} at {}",
            made.service, made.action, made.rule, made.place
        );
    }
    for made in &morning.records {
        let _ = writeln!(
            text,
            "> {} {} {}: {}",
            made.service, made.duty, made.step, made.evidence
        );
    }
}

impl Told {
    fn transitions(&mut self, store: &dyn Store, text: &mut String) {
        let all = store.transitions(&Filter::default()).unwrap();
        // Sorted by when things happened; told in the week in which they were noticed.
        let mut new: Vec<_> = all
            .iter()
            .filter(|change| !self.standings.contains_key(&change.id))
            .collect();
        new.sort_by_key(|change| (change.at, change.id.clone()));
        for change in new {
            let segment = if change.segment.is_empty() {
                "everyone"
            } else {
                &change.segment
            };
            let _ = writeln!(
                text,
                "! {} {} {} ({segment}): {}",
                change.at.day(),
                change.kind,
                change.service,
                change.detail
            );
            self.standings.insert(change.id.clone(), String::new());
            self.transitions += 1;
        }
    }

    fn observations(&mut self, all: &[Observation], text: &mut String) {
        for seen in &all[self.observations..] {
            let coverage = seen
                .coverage
                .map_or_else(String::new, |percent| format!(", {percent} % covered"));
            let _ = writeln!(
                text,
                "? {} {} {}: {} of {}, {} to {}{coverage}",
                seen.service,
                seen.rule,
                seen.finding,
                seen.numerator,
                seen.denominator,
                seen.from.day(),
                seen.until.day()
            );
        }
        self.observations = all.len();
    }

    fn standings(&mut self, report: &Report, text: &mut String) {
        let mut apps: Vec<_> = report.applications.iter().collect();
        apps.sort_by(|a, b| a.id.cmp(&b.id));
        for app in apps {
            let from = app
                .inherited_from
                .as_ref()
                .map_or_else(String::new, |host| format!(" (as {host})"));
            let now = format!(
                "{}{from}, {} account, {} of 100 {} before {}",
                app.state, app.tier.value, app.risk.residual, app.risk.band, app.risk.gross
            );
            if self.standings.get(&app.id) != Some(&now) {
                let _ = writeln!(text, "= {}: {now}", app.id);
                self.standings.insert(app.id.clone(), now);
            }
        }
    }

    fn duties(&mut self, report: &Report, text: &mut String) {
        let mut apps: Vec<_> = report.applications.iter().collect();
        apps.sort_by(|a, b| a.id.cmp(&b.id));
        for app in apps {
            let is_new = !self.duties.keys().any(|(id, _)| *id == app.id);
            let mut by_status: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for duty in &app.duties {
                let key = (app.id.clone(), duty.id.to_string());
                let before = self.duties.insert(key, duty.status.to_owned());
                let number = duty.id.trim_start_matches("GAI-");
                match before {
                    None if is_new => by_status.entry(duty.status).or_default().push(number),
                    None => {
                        let _ = writeln!(text, "  {} {number} is new, {}", app.id, duty.status);
                    }
                    Some(before) if before != duty.status => {
                        let _ = writeln!(
                            text,
                            "  {} {number} {before} -> {}: {}",
                            app.id, duty.status, duty.why
                        );
                    }
                    Some(_) => {}
                }
            }
            for (status, numbers) in by_status {
                let _ = writeln!(text, "  {} {status}: {}", app.id, numbers.join(" "));
            }
        }
    }
}
