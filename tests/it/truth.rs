//! What is found in generated logs equals what was written into them: every service, client, user, hour, count and
//! byte, and every host; with any number of workers. `benches/whole.sh` asks the same of logs that are a hundred times
//! as long.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gnomon::catalogue::Catalogue;
use gnomon::model::{Changes, Time};
use gnomon::pipeline::{self, Meter, Moment, News, Policy, Run, SharedRules, Stop};
use gnomon::reports::{self, Ask, Edition, Report};
use gnomon::sources::scan::{Scan, Settings};
use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::pipeline::in_force;
use generate::{Application, LAYOUTS, Plan, Truth, World, difference, found, overlay};

#[allow(dead_code, unused_imports, reason = "its other user writes files, too")]
#[path = "../../benches/generate/mod.rs"]
pub(crate) mod generate;

const NOW: Time = Time::from_secs(1_795_500_000);

/// Two days of a company with a tenth of its hosts.
const PLAN: Plan = Plan {
    seed: 7,
    lines: 10_000,
    days: 2,
    people: 300,
    hosts: 10_000,
    rules: 300,
    ruled: 40,
};

fn write_logs(world: &World, directory: &Path) -> Truth {
    let mut whole = Truth::default();
    for layout in LAYOUTS {
        let path = directory.join(layout.name).with_extension("log");
        let mut file = File::create(path).unwrap();
        let truth = generate::write(&PLAN, world, layout, &mut file).unwrap();
        // dnsmasq writes no year.
        file.set_modified(PLAN.end()).unwrap();
        assert!(truth.matched() > 100, "{}", layout.name);
        whole.merge(&truth);
    }
    whole
}

/// Catalogue and policy, and the logs they are used on.
struct Stand {
    policy: Policy,
    rules: SharedRules,
}

impl Stand {
    fn new(world: &World) -> Self {
        let catalogue = Arc::new(Catalogue::with_overlay(&overlay(world)).unwrap());
        let (policy, rules) = in_force(catalogue, None);
        Self { policy, rules }
    }

    fn scan(&self, logs: &Path, workers: usize) -> SqliteStore {
        let store = SqliteStore::open_in_memory().unwrap();
        let settings = pipeline::Settings {
            workers,
            poll: Duration::ZERO,
            commit_every: Duration::from_millis(100),
            tick_every: None,
            min_free_bytes: None,
        };
        let run = Run {
            settings: &settings,
            rules: &self.rules,
            store: &store,
            clock: &|| NOW,
            stop: &Stop::default(),
            meter: &Meter::default(),
        };
        let news = News::default();
        let mut judge = |changes: &Changes, moment: Moment| {
            pipeline::judge(&self.policy, &news, changes, moment)
        };
        let mut source = Scan::new(vec![logs.to_path_buf()], Settings::default());
        pipeline::run(&run, &mut source, &mut judge).unwrap();
        store
    }

    fn report(&self, store: &SqliteStore) -> Report {
        reports::build(&Ask {
            store,
            catalogue: &self.policy.catalogue,
            duties: &self.policy.duties,
            settings: &self.policy.settings,
            zone: &jiff::tz::TimeZone::UTC,
            from: None,
            until: None,
            as_of: None,
        })
        .unwrap()
    }
}

fn applications(report: &Report) -> BTreeMap<String, Application> {
    let apps = report.applications.iter().map(|app| {
        let said = Application {
            used: app.events,
            denied: app.attempts,
            bytes: app.bytes_down,
            clients: app.clients,
            users: app.users,
        };
        (app.id.clone(), said)
    });
    apps.collect()
}

fn json(report: &Report) -> Vec<u8> {
    let mut bytes = Vec::new();
    (reports::renderer("json").unwrap().write)(report, Edition::Soc, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_is_found_equals_what_was_written_whatever_the_number_of_workers() {
    let logs = tempfile::tempdir().unwrap();
    let world = World::new(&PLAN);
    let truth = write_logs(&world, logs.path());
    let stand = Stand::new(&world);
    let mut first: Option<Vec<u8>> = None;
    for workers in [1, 2, 7] {
        let store = stand.scan(logs.path(), workers);
        for source in store.coverage().unwrap() {
            let log = Path::new(&source.source).file_stem().unwrap();
            let layout = LAYOUTS.iter().find(|layout| log == layout.name).unwrap();
            assert_eq!((&*source.format, source.bad), (layout.format, 0));
        }
        let said = found(&store).unwrap();
        if let Some(difference) = difference(&truth.text(), &said) {
            panic!("with {workers} workers: {difference}");
        }
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
        let report = stand.report(&store);
        assert_eq!(applications(&report), truth.applications());
        let bytes = json(&report);
        assert!(
            *first.get_or_insert_with(|| bytes.clone()) == bytes,
            "{workers} workers give another report than one"
        );
    }
}
