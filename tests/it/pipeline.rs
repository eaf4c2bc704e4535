//! The engine as a whole: the same register whoever reads, in whatever pieces, with whatever interruptions.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml frees tests; their helpers here are tests too"
)]

mod hostile;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use gnomon::catalogue::Catalogue;
use gnomon::detect;
use gnomon::formats::Formats;
use gnomon::govern::{self, DutyModel};
use gnomon::identity::{self, Identity, PseudonymKey};
use gnomon::model::{Position, Time};
use gnomon::pipeline::{self, Meter, News, Policy, Rules, Run, SharedRules, Stop};
use gnomon::reports::{self, Ask, Edition};
use gnomon::sources::follow::{Follow, FollowSettings, Input};
use gnomon::sources::scan::{Scan, Settings};
use gnomon::sources::{Chunk, Next, Source};
use gnomon::store::Store;
use gnomon::store::sqlite::SqliteStore;

const NOW: Time = Time::from_secs(1_795_500_000);

/// Catalogue, policy and an engine around a store in memory.
struct Stand {
    policy: Policy,
    rules: SharedRules,
    store: SqliteStore,
}

impl Stand {
    fn new() -> Self {
        Self::with(None, SqliteStore::open_in_memory().unwrap())
    }

    fn with(key: Option<PseudonymKey>, store: SqliteStore) -> Self {
        static CATALOGUE: LazyLock<Arc<Catalogue>> =
            LazyLock::new(|| Arc::new(Catalogue::embedded().unwrap()));
        let catalogue = CATALOGUE.clone();
        let (policy, rules) = in_force(catalogue, key);
        Self {
            policy,
            rules,
            store,
        }
    }

    fn read(&self, source: &mut dyn Source, workers: usize) {
        self.read_with(source, workers, &News::default());
    }

    fn read_with(&self, source: &mut dyn Source, workers: usize, news: &News) {
        self.read_until(&Stop::default(), &mut UntilIdle(source), workers, news);
    }

    fn read_until(&self, stop: &Stop, source: &mut dyn Source, workers: usize, news: &News) {
        self.judge_until(stop, source, workers, &mut |changes, moment| {
            pipeline::judge(&self.policy, news, changes, moment)
        });
    }

    fn judge_until(
        &self,
        stop: &Stop,
        source: &mut dyn Source,
        workers: usize,
        judge: pipeline::Judge<'_>,
    ) {
        let settings = pipeline::Settings {
            workers,
            poll: Duration::from_millis(500),
            commit_every: Duration::from_millis(1),
            tick_every: None,
            min_free_bytes: None,
        };
        let meter = Meter::default();
        let run = Run {
            settings: &settings,
            rules: &self.rules,
            store: &self.store,
            clock: &|| NOW,
            stop,
            meter: &meter,
        };
        pipeline::run(&run, source, judge).unwrap();
    }

    fn report(&self) -> String {
        let report = reports::build(&Ask {
            store: &self.store,
            catalogue: &self.policy.catalogue,
            duties: &self.policy.duties,
            settings: &self.policy.settings,
            zone: &jiff::tz::TimeZone::UTC,
            from: None,
            until: None,
            as_of: None,
        })
        .unwrap();
        let mut text = Vec::new();
        (reports::renderer("json").unwrap().write)(&report, Edition::Soc, &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn events(&self) -> u64 {
        self.store
            .coverage()
            .unwrap()
            .iter()
            .map(|source| source.events)
            .sum()
    }
}

/// A policy and the rules of an engine with this catalogue.
pub(crate) fn in_force(
    catalogue: Arc<Catalogue>,
    key: Option<PseudonymKey>,
) -> (Policy, SharedRules) {
    let policy = Policy {
        catalogue: catalogue.clone(),
        duties: Arc::new(DutyModel::embedded().unwrap()),
        settings: govern::Settings::default(),
    };
    let rules = SharedRules::new(Rules {
        catalogue,
        identity: Arc::new(Identity::new(&identity::Settings::default(), key)),
        detect: detect::Settings::default(),
        formats: Arc::new(Formats::embedded().clone()),
        zone: jiff::tz::TimeZone::UTC,
    });
    (policy, rules)
}

/// Ends a follower where it has nothing more to say.
struct UntilIdle<'s>(&'s mut dyn Source);

impl Source for UntilIdle<'_> {
    fn next(&mut self) -> Next {
        match self.0.next() {
            Next::Idle => Next::End,
            next => next,
        }
    }
}

fn follow(path: &Path, positions: &[Position]) -> Follow {
    follow_with(path, positions, FollowSettings::default())
}

fn follow_with(path: &Path, positions: &[Position], settings: FollowSettings) -> Follow {
    let input = Input {
        pattern: path.display().to_string(),
        olddir: None,
        format: None,
        zone: None,
    };
    Follow::new(
        FollowSettings {
            inputs: vec![input],
            ..settings
        },
        positions,
    )
}

fn scan(path: &Path) -> Scan {
    Scan::new(vec![path.to_path_buf()], Settings::default())
}

/// Real lines of Squid, their times moved on by a second each.
fn squid_lines(count: usize) -> Vec<String> {
    let sample = fs::read_to_string("tests/formats/squid/sample.log").unwrap();
    let understood = fs::read_to_string("tests/formats/squid/expected.jsonl").unwrap();
    let lines: Vec<&str> = sample
        .lines()
        .zip(understood.lines())
        .filter(|(line, result)| {
            result.contains("\"result\":\"event\"")
                && line.starts_with(|c: char| c.is_ascii_digit())
        })
        .map(|(line, _)| line)
        .collect();
    (0..count)
        .map(|at| {
            let line = lines[at % lines.len()];
            let time = 1_795_400_000 + at;
            format!("{time}{}", line.get(10..).unwrap())
        })
        .collect()
}

fn write(path: &Path, lines: &[String]) {
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(lines.join("\n").as_bytes()).unwrap();
    file.write_all(b"\n").unwrap();
}

fn log_in(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("access.log")
}

#[test]
fn scan_and_run_over_the_same_logs_give_the_same_register() {
    let directory = tempfile::tempdir().unwrap();
    let path = log_in(&directory);
    let lines = squid_lines(4_000);
    write(&path, &lines);
    let scanned = Stand::new();
    scanned.read(&mut scan(&path), 2);

    let followed = Stand::new();
    fs::remove_file(&path).unwrap();
    let mut source = follow(&path, &[]);
    for piece in lines.chunks(700) {
        write(&path, piece);
        followed.read(&mut source, 2);
    }
    assert_eq!(scanned.events(), 4_000);
    assert_eq!(scanned.report(), followed.report());
}

#[test]
fn the_number_of_workers_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for (name, count) in [("a.log", 900), ("b.log", 500), ("c.log", 1_300)] {
        write(&directory.path().join(name), &squid_lines(count));
    }
    // Several blocks, which workers share; of the bad lines the first are kept.
    let mut lines = squid_lines(30_000);
    for (at, line) in lines
        .iter_mut()
        .enumerate()
        .filter(|(at, _)| at % 3_001 == 7)
    {
        *line = format!("broken {at}");
    }
    write(&directory.path().join("d.log"), &lines);
    let report = |workers| {
        let stand = Stand::new();
        stand.read(&mut scan(directory.path()), workers);
        stand.report()
    };
    let one = report(1);
    assert_eq!(one, report(2));
    assert_eq!(one, report(7));
}

#[test]
fn a_restart_from_what_was_committed_counts_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let path = log_in(&directory);
    let lines = squid_lines(3_000);
    let stand = Stand::new();
    for piece in lines.chunks(450) {
        write(&path, piece);
        // A new follower each time, as after a kill: it knows only what the store knows.
        let positions = stand.store.positions().unwrap();
        stand.read(&mut follow(&path, &positions), 2);
    }
    assert_eq!(stand.events(), 3_000);
    let whole = Stand::new();
    whole.read(&mut scan(&path), 1);
    assert_eq!(whole.report(), stand.report());
}

#[test]
fn what_was_written_before_a_stop_is_committed() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(&directory);
    let lines = squid_lines(500);
    write(&log, &lines);
    let stand = Stand::new();
    let stop = Stop::default();
    stop.set();
    stand.read_until(&stop, &mut follow(&log, &[]), 2, &News::default());
    assert_eq!(stand.events(), lines.len() as u64);
}

/// One chunk of a log at each look, and then never an end.
struct Endless<'s> {
    log: &'s mut dyn Source,
    stop: &'s Stop,
}

impl Source for Endless<'_> {
    fn next(&mut self) -> Next {
        match self.log.next() {
            Next::Idle | Next::End => {
                self.stop.set();
                std::thread::sleep(Duration::from_millis(5));
                let (source, note) = ("a directory".into(), "cannot be listed".to_owned());
                Next::Trouble { source, note }
            }
            next => next,
        }
    }
}

#[test]
fn what_follows_from_a_backlog_is_asked_once_and_also_where_a_stop_ends_it() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(&directory);
    write(&log, &squid_lines(60_000));
    let whole = Stand::new();
    whole.read(&mut scan(&log), 1);

    let stand = Stand::new();
    let stop = Stop::default();
    let (log, stop) = (&mut follow(&log, &[]), &stop);
    let (began, mut asked) = (Instant::now(), Vec::new());
    stand.judge_until(
        stop,
        &mut Endless { log, stop },
        1,
        &mut |changes, moment| {
            asked.push(moment.caught_up);
            pipeline::judge(&stand.policy, &News::default(), changes, moment)
        },
    );
    assert!(
        asked.contains(&false) && !asked.contains(&true),
        "{asked:?}"
    );
    let most = 1 + began.elapsed().as_secs() / 10;
    assert!(asked.len() as u64 <= most, "{} of {most}", asked.len());
    assert_eq!(stand.events(), 60_000);
    let of = |stand: &Stand| {
        let mut ids: Vec<String> = stand
            .store
            .cases(true)
            .unwrap()
            .into_iter()
            .map(|case| case.id)
            .collect();
        ids.sort();
        ids
    };
    assert!(!of(&whole).is_empty());
    assert_eq!(of(&stand), of(&whole));
}

#[test]
fn zeek_columns_are_known_again_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dns.log");
    let sample = fs::read_to_string("tests/formats/zeek-dns/sample.log").unwrap();
    let lines: Vec<&str> = sample.lines().collect();
    let stand = Stand::new();
    for piece in lines.chunks(lines.len() / 2 + 1) {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .unwrap();
        file.write_all(format!("{}\n", piece.join("\n")).as_bytes())
            .unwrap();
        let positions = stand.store.positions().unwrap();
        stand.read(&mut follow(&path, &positions), 1);
    }
    let whole = Stand::new();
    whole.read(&mut scan(&path), 1);
    assert!(whole.events() > 0);
    assert_eq!(whole.report(), stand.report());
}

#[test]
fn old_logs_are_one_summary_and_news_are_alerts() {
    let directory = tempfile::tempdir().unwrap();
    let path = log_in(&directory);
    let services = [
        "chatgpt.com",
        "claude.ai",
        "gemini.google.com",
        "www.perplexity.ai",
        "api.openai.com",
        "api.mistral.ai",
        "chat.deepseek.com",
        "api.groq.com",
    ];
    let line = |at: usize, host: &str| {
        format!(
            "{}.000    90 192.0.2.7 TCP_TUNNEL/200 40000 CONNECT {host}:443 a.b HIER_DIRECT/203.0.113.5 -",
            1_795_400_000 + at
        )
    };
    write(
        &path,
        &services
            .iter()
            .enumerate()
            .map(|(at, host)| line(at, host))
            .collect::<Vec<_>>(),
    );
    let news = News {
        rules: vec!["application_first_seen".to_owned()],
        channels: vec!["soc".to_owned()],
    };
    let stand = Stand::new();
    let mut source = follow(&path, &[]);
    stand.read_with(&mut source, 1, &news);
    let sent = |limit| {
        stand
            .store
            .lease("soc", NOW, NOW.plus_secs(60), limit)
            .unwrap()
    };
    let first = sent(100);
    assert_eq!(first.len(), 1, "{first:#?}");
    assert!(
        first[0]
            .alert
            .lines
            .iter()
            .any(|line| line.contains("ChatGPT")),
        "{:?}",
        first[0].alert
    );

    write(
        &path,
        &[line(100, "character.ai"), line(101, "chatgpt.com")],
    );
    stand.read_with(&mut source, 1, &news);
    let second = sent(100);
    assert_eq!(second.len(), 1, "{second:#?}");
    assert_eq!(second[0].alert.rule, "application_first_seen");
    assert!(
        second[0].alert.service.starts_with("characterai")
            || second[0].alert.service_name.contains("Character")
    );
}

#[test]
fn a_loss_is_told_whatever_rules_are_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = log_in(&directory);
    let news = News {
        rules: Vec::new(),
        channels: vec!["soc".to_owned()],
    };
    let stand = Stand::new();
    let at_once = FollowSettings {
        settle: Duration::ZERO,
        ..FollowSettings::default()
    };
    write(&path, &squid_lines(200));
    let mut source = follow_with(&path, &[], at_once);
    stand.read_with(&mut source, 1, &news);
    // Truncated, with no copy anywhere.
    fs::write(&path, b"").unwrap();
    write(&path, &squid_lines(1));
    for _ in 0..6 {
        stand.read_with(&mut source, 1, &news);
    }
    let sent = stand
        .store
        .lease("soc", NOW, NOW.plus_secs(60), 100)
        .unwrap();
    let titles: Vec<&str> = sent.iter().map(|one| one.alert.title.as_str()).collect();
    assert_eq!(titles, ["Gnomon could not read all of a log"]);
    let coverage = stand.store.coverage().unwrap();
    let notes = coverage.iter().flat_map(|one| &one.notes);
    assert!(
        notes.clone().any(|note| note.contains("is lost")),
        "{coverage:?}"
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    write(&directory.path().join("good.log"), &squid_lines(50));
    fs::write(
        directory.path().join("binary.log"),
        [0_u8, 159, 146, 150].repeat(500),
    )
    .unwrap();
    fs::write(
        directory.path().join("prose.log"),
        "dear diary\nnothing happened\n".repeat(20),
    )
    .unwrap();
    fs::write(directory.path().join("empty.log"), "").unwrap();
    let stand = Stand::new();
    stand.read(&mut scan(directory.path()), 2);
    assert_eq!(stand.events(), 50);
    let coverage = stand.store.coverage().unwrap();
    let of = |name: &str| {
        coverage
            .iter()
            .find(|source| source.source.ends_with(name))
            .unwrap()
    };
    assert!(!of("binary.log").notes.is_empty());
    assert_eq!((of("prose.log").read, of("prose.log").bad), (40, 40));
    assert!(of("prose.log").notes[0].contains("--format"));
    for source in &coverage {
        assert_eq!(
            source.read,
            source.events + source.skipped + source.bad,
            "{}",
            source.source
        );
    }
}

#[test]
fn the_accounts_balance_after_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = log_in(&directory);
    write(&path, &squid_lines(500));
    let stand = Stand::new();
    stand.read(&mut scan(&path), 2);
    assert_eq!(stand.store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn names_and_query_strings_are_nowhere_in_the_database_of_a_pseudonymous_service() {
    let directory = tempfile::tempdir().unwrap();
    let path = log_in(&directory);
    let squid = |url: &str| {
        format!(
            "1795400000.000    90 192.0.2.207 TCP_MISS/200 40000 GET {url} c.canary HIER_DIRECT/203.0.113.5 -"
        )
    };
    write(
        &path,
        &[
            squid("http://chatgpt.com/backend-api/conversation?prompt=s3cret-canary"),
            squid("http://www.example.org/x?token=s3cret-canary"),
            "1795400000.000 90 192.0.2.207 TCP_MISS http://chatgpt.com/?q=s3cret-canary c.canary torn".to_owned(),
        ],
    );
    let stores = tempfile::tempdir().unwrap();
    let file = stores.path().join("gnomon.db");
    let stand = Stand::with(
        PseudonymKey::new(&[9; 32]),
        SqliteStore::open(&file).unwrap(),
    );
    stand.read(&mut scan(&path), 1);
    assert!(stand.report().contains("\"user-"));
    assert_eq!(stand.store.coverage().unwrap()[0].bad, 1);
    drop(stand);
    for entry in fs::read_dir(stores.path()).unwrap() {
        let entry = entry.unwrap().path();
        let bytes = fs::read(&entry).unwrap();
        for canary in ["c.canary", "192.0.2.207", "s3cret-canary"] {
            assert!(
                memchr::memmem::find(&bytes, canary.as_bytes()).is_none(),
                "{canary} in {}",
                entry.display()
            );
        }
    }
}

/// Says the lines of a log piece by piece, as a follower does that looks while a line is being written.
struct Pieces {
    pieces: Vec<Vec<u8>>,
    offset: u64,
}

impl Source for Pieces {
    fn next(&mut self) -> Next {
        if self.pieces.is_empty() {
            return Next::End;
        }
        // Long enough that a committer which does not wait would have committed.
        Stop::default().wait(Duration::from_millis(30));
        let bytes = self.pieces.remove(0);
        let chunk = Chunk {
            source: "queries.log".into(),
            format: Some("bind".into()),
            zone: None,
            stream: 1,
            head: None,
            offset: self.offset,
            line: 1,
            modified: NOW,
            position: None,
            last: self.pieces.is_empty(),
            bytes,
        };
        self.offset += chunk.bytes.len() as u64;
        Next::Chunk(chunk)
    }
}

#[test]
fn a_blocked_lookup_seen_in_two_looks_is_no_use() {
    let question = b"2026-11-23T22:04:14.063Z queries: info: client @0x7f4a 192.0.2.7#60996 (chatgpt.com): query: chatgpt.com IN A +E(0)K (192.0.2.1)\n";
    let block = b"2026-11-23T22:04:14.063Z rpz: info: client @0x7f4a 192.0.2.7#60996 (chatgpt.com): rpz QNAME NXDOMAIN rewrite chatgpt.com/A/IN via chatgpt.com.rpz.invalid\n";
    let stand = Stand::new();
    let mut source = Pieces {
        pieces: vec![question.to_vec(), block.to_vec()],
        offset: 0,
    };
    stand.read(&mut source, 1);
    let profiles = stand.store.profiles(None).unwrap();
    assert_eq!((profiles[0].events, profiles[0].attempts), (0, 1));
}
