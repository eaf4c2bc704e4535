//! `gnomon doctor PATH…`: the real program on logs, good ones and hostile ones.

#![allow(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A directory for logs, without any configuration but an own one.
struct Room(TempDir);

impl Room {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn log(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Fixtures are of November 2026, so that is when they are looked at.
    fn command(&self, args: &[&str]) -> Command {
        let config = self.0.path().join("gnomon.toml");
        if !config.exists() {
            std::fs::write(&config, "").unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_gnomon"));
        command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .env("TZ", "UTC")
            .env("HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path())
            .arg("--config")
            .arg(config)
            .args(["doctor", "--as-of", "2026-11-30"])
            .args(args);
        command
    }

    /// The page, which must end with this exit code and fit a terminal but for what is to be pasted.
    fn page(&self, code: i32, args: &[&str]) -> String {
        let page = text(self.command(args).output().unwrap(), code);
        for line in page.lines() {
            let fits = line.chars().count() <= 100 || line.starts_with("      ");
            assert!(fits, "{args:?} is wider than 100 columns:\n{line}");
        }
        page
    }

    fn json(&self, code: i32, args: &[&str]) -> Value {
        let mut command = self.command(args);
        let output = command.args(["--output", "json"]).output().unwrap();
        serde_json::from_str(&text(output, code)).unwrap()
    }

    /// The only source of a JSON answer.
    fn source(&self, code: i32, args: &[&str]) -> Value {
        let answer = self.json(code, args);
        assert_eq!(answer["sources"].as_array().unwrap().len(), 1);
        answer["sources"][0].clone()
    }
}

fn text(output: Output, code: i32) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}{errors}");
    text
}

fn about(source: &Value) -> Vec<&str> {
    let hints = source["hints"].as_array().unwrap().iter();
    hints.map(|hint| hint["about"].as_str().unwrap()).collect()
}

/// The lines of a fixture that are events.
fn understood(format: &str) -> Vec<u8> {
    let directory = std::path::Path::new("tests/formats").join(format);
    let expected = std::fs::read_to_string(directory.join("expected.jsonl")).unwrap();
    let sample = std::fs::read(directory.join("sample.log")).unwrap();
    let lines = sample.split_inclusive(|byte| *byte == b'\n');
    lines
        .zip(expected.lines())
        .filter(|(_, result)| result.contains("\"result\":\"event\""))
        .flat_map(|(line, _)| line.to_vec())
        .collect()
}

fn squid(time: u64, client: &str, host: &str) -> String {
    format!(
        "{time}.345     88 {client} TCP_TUNNEL/200 5678 CONNECT {host}:443 - HIER_DIRECT/203.0.113.5 -\n"
    )
}

const NOON: u64 = 1_793_614_272;

#[test]
fn a_good_log_says_what_it_has_and_what_would_bring_more() {
    let room = Room::new();
    let log = room.log("good.log", understood("squid"));
    let page = room.page(0, &[&log]).replace(&log, "good.log");
    assert_eq!(
        page,
        r#"✓ fine   good.log
  format        Squid native access log (squid)
  recognised    by 100 % of the first records, sureness 90 of 100
  read          46 records = 46 events + 0 skipped + 0 bad
  time          2026-11-23 21:39 to 2026-11-29 01:20 UTC

  host           93 %
  client        100 %
  user           20 %
  outcome       100 %
  method         98 %
  path           67 %
  user agent    this layout cannot tell
  bytes up      this layout cannot tell
  bytes down    100 %

  to see more
    user agent, bytes up: in squid.conf, add them to the log:
      logformat gnomon %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt "%{User-Agent}>h" %>st
      access_log daemon:/var/log/squid/access.log logformat=gnomon
    and name the layout where Gnomon reads it, in [[inputs]] or with --format:
      format = 'squid: %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt "%{User-Agent}>h" %>st'

1 log read; nothing is wrong.
"#
    );
}

#[test]
fn a_bad_log_says_why_and_its_samples_cannot_harm() {
    let room = Room::new();
    let mut log = String::new();
    for number in 0..30 {
        log += &squid(NOON, "192.0.2.53", &format!("203.0.113.{number}"));
    }
    log += &squid(NOON + 366 * 86_400, "192.0.2.53", "203.0.113.7");
    log += &"1793614272.345 88 192.0.2.7 TCP_MISS/200 \u{1b}[2J http://chatgpt.com/?q=s3cret \u{202e}gpj.exe\n".repeat(6);
    let log = room.log("access.log", log);
    let page = room.page(1, &[&log]);
    let (head, rest) = page.split_once("\n\n").unwrap();
    assert_eq!(
        head.split_once('\n').unwrap().1,
        "  format        Squid native access log (squid)
  recognised    by 84 % of the first records, sureness 90 of 100
  read          37 records = 31 events + 0 skipped + 6 bad
  time          2026-11-02 10:11 to 2027-11-03 10:11 UTC
! records       16 % of the records are not understood; the reasons and samples are below
! times         1 event (3 %) lies in the future, up to 2027-11-03 10:11: are the times of another
                zone (--timezone), or is a clock wrong?
! clients       100 % of the events are of 192.0.2.53: a load balancer or proxy in front? Let it
                pass on X-Forwarded-For, and log that as the client
! hosts         100 % of the hosts are addresses, and an address names no service: log the name that
                the client asked for (SNI, Host), or read the resolver's log as well"
    );
    assert!(rest.contains("%ssl::>sni"), "{rest}");
    let (_, end) = rest.split_once("\n  bad ").unwrap();
    assert_eq!(
        end,
        "          16 %: 6 not a squid access record
  line 32       1793614272.345 88 192.0.2.7 TCP_MISS/200 \\u{1b}[2J http://chatgpt.com/? \\u{202e}gpj…
  line 33       1793614272.345 88 192.0.2.7 TCP_MISS/200 \\u{1b}[2J http://chatgpt.com/? \\u{202e}gpj…
  line 34       1793614272.345 88 192.0.2.7 TCP_MISS/200 \\u{1b}[2J http://chatgpt.com/? \\u{202e}gpj…

1 log read; 1 is of no use as it is.
"
    );
    let said = room.source(1, &[&log]);
    assert_eq!(said["standing"], "wrong");
    assert_eq!(
        about(&said),
        ["bad", "ahead", "one_client", "address_hosts"]
    );
    assert!(!said.to_string().contains("s3cret") && !said.to_string().contains('\u{202e}'));
}

#[test]
fn what_is_empty_and_what_cannot_be_told_are_different_answers() {
    let room = Room::new();
    let log = room.log("access.log", squid(NOON, "192.0.2.7", "chatgpt.com"));
    let page = room.page(0, &[&log]);
    assert!(page.contains("  user          empty in all\n"), "{page}");
    assert!(page.contains("  user agent    this layout cannot tell\n"));
    assert!(page.contains("http_access deny !known"), "{page}");
    let said = room.source(0, &[&log]);
    assert_eq!(said["fields"]["user"]["told"], 1);
    assert_eq!(said["fields"]["user"]["present"], 0);
    assert_eq!(said["fields"]["user_agent"]["told"], 0);
    let page = room.page(0, &["tests/formats/bind/sample.log"]);
    assert!(
        page.contains("  path          no DNS log can tell\n"),
        "{page}"
    );
    assert!(
        page.contains("  outcome        17 %; 83 % cannot tell\n"),
        "{page}"
    );
    assert!(page.contains("  zone          times have no zone and were read as UTC (--timezone"));
    assert!(!page.contains("to see more"), "{page}");
}

#[test]
fn a_log_without_events_or_hosts_is_told_what_to_switch_on() {
    let room = Room::new();
    let start = "[1793614272] unbound[77:0] info: start of service (unbound 1.17.1).\n";
    let log = room.log("unbound.log", start);
    let page = room.page(1, &[&log]);
    assert!(
        page.contains("! events        no record is an event"),
        "{page}"
    );
    assert!(page.contains("      log-queries: yes\n"), "{page}");
    let page = room.page(1, &["tests/formats/zeek-conn/sample.log"]);
    assert!(
        page.contains("! hosts         no event names a host"),
        "{page}"
    );
    assert!(page.contains("    host: conn.log names no host"), "{page}");
}

#[test]
fn what_is_no_log_is_named_and_fails() {
    let room = Room::new();
    room.log("a.log", "hello\nworld\n");
    room.log("b.log", "\u{7f}ELF\0\0\u{1}\u{2}\u{3}".repeat(40));
    room.log("c.log", "");
    let mixed = squid(NOON, "192.0.2.7", "chatgpt.com")
        + "Nov  2 10:11:12 dnsmasq[77]: query[A] chatgpt.com from 192.0.2.7\n";
    room.log("d.log", mixed);
    std::fs::remove_file(room.0.path().join("gnomon.toml")).ok();
    let directory = room.0.path().join("logs");
    std::fs::create_dir(&directory).unwrap();
    for name in ["a.log", "b.log", "c.log", "d.log"] {
        std::fs::rename(room.0.path().join(name), directory.join(name)).unwrap();
    }
    let page = room.page(1, &[directory.to_str().unwrap()]);
    for part in [
        "! format        no format that Gnomon knows fits",
        "! source        is binary; not read",
        "! source        is empty",
        "! source        several formats in one log: 50 % dnsmasq, 50 % squid",
        "4 logs read; 4 are of no use as they are.",
    ] {
        assert!(page.contains(part), "no {part:?} in:\n{page}");
    }
    assert_eq!(page.matches("not recognised").count(), 2, "{page}");
    let missing = room.page(1, &["no/such/file"]);
    assert!(
        missing.contains("! source        cannot be read"),
        "{missing}"
    );
}

#[test]
fn a_long_log_is_cut_and_says_so() {
    let room = Room::new();
    let line = squid(NOON, "192.0.2.7", "chatgpt.com");
    let lines = (64 << 20) / line.len();
    let log = room.log("access.log", line.repeat(lines + 10));
    let said = room.source(0, &[&log]);
    assert_eq!(said["cut"], true);
    assert_eq!(said["read"], lines);
    assert_eq!(said["bad"], 0);
    let short = room.log("dns.log", line.repeat(3));
    assert_eq!(room.source(0, &[&short])["cut"], false);
}

#[test]
fn the_same_advice_is_given_once() {
    let room = Room::new();
    let line = squid(NOON, "192.0.2.7", "chatgpt.com");
    let (one, two) = (room.log("1.log", &line), room.log("2.log", &line));
    let page = room.page(0, &[&one, &two]);
    assert_eq!(page.matches("logformat gnomon").count(), 1, "{page}");
    let as_for = "    user agent, bytes up, user: as for ";
    assert!(page.contains(as_for), "{page}");
}

#[test]
fn a_resolver_that_is_known_is_not_suspected_and_names_may_be_hidden() {
    let room = Room::new();
    let mut log = String::new();
    for second in 10..40 {
        let _ = writeln!(
            log,
            "02-Nov-2026 10:11:{second}.345 client @0x7f 192.0.2.53#4711 (chatgpt.com): query: chatgpt.com IN A + (192.0.2.1)"
        );
    }
    let log = room.log("queries.log", log);
    let page = room.page(0, &[&log]);
    assert!(page.contains("are of 192.0.2.53: a resolver"), "{page}");
    assert!(page.contains("read as UTC"), "{page}");
    room.log(
        "gnomon.toml",
        "[identity]\ninfrastructure = [\"192.0.2.53/32\"]\n",
    );
    let said = room.source(0, &[&log, "--timezone", "Europe/Berlin"]);
    assert_eq!(about(&said), ["no_zone"]);
    assert_eq!(said["first"], "2026-11-02T09:11:10.345Z");
    let key = room.log("key", "0123456789abcdef0123456789abcdef");
    let config = format!("[identity]\npseudonyms = true\npseudonym_key_file = \"{key}\"\n");
    room.log("gnomon.toml", config);
    let page = room.page(0, &[&log]);
    assert!(page.contains("are of one address") && !page.contains("192.0.2.53"));
}

#[test]
fn stdin_and_a_named_format_are_read() {
    let room = Room::new();
    let mut child = room
        .command(&["-", "--format", "squid"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let line = squid(NOON, "192.0.2.7", "chatgpt.com");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(line.as_bytes()).unwrap();
    drop(stdin);
    let page = text(child.wait_with_output().unwrap(), 0);
    assert!(
        page.contains("recognised    as named on the command line"),
        "{page}"
    );
    let output = room.command(&["-", "--format", "sqid"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"squid\"?"));
}

#[test]
fn the_answer_for_programs_is_stable() {
    let room = Room::new();
    let log = room.log("good.log", understood("squid"));
    let args = [log.as_str(), "--output", "json"];
    let printed = text(room.command(&args).output().unwrap(), 0);
    assert_eq!(printed, text(room.command(&args).output().unwrap(), 0));
    let answer: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(answer["schema"], "gnomon.doctor-logs/1");
    assert_eq!(answer["healthy"], true);
    let said = &answer["sources"][0];
    assert_eq!(said["format"], "squid");
    assert_eq!(said["recognised"]["records_percent"], 100);
    let sum = ["events", "skipped", "bad"].map(|key| said[key].as_u64().unwrap());
    assert_eq!(said["read"], sum.iter().sum::<u64>());
    assert_eq!(said["to_see_more"][0]["fields"][0], "user_agent");
    let keys: Vec<_> = said.as_object().unwrap().keys().collect();
    assert!(keys.is_sorted(), "{keys:?}");
}

/// Every fixture: the records add up, and what the log has is not asked for.
#[test]
fn every_fixture_adds_up_and_is_not_asked_for_what_it_has() {
    let room = Room::new();
    let mut logs: Vec<String> = std::fs::read_dir("tests/formats")
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .join("sample.log")
                .display()
                .to_string()
        })
        .collect();
    logs.sort();
    let mut args: Vec<&str> = logs.iter().map(String::as_str).collect();
    args.extend(["--output", "json"]);
    let output = room.command(&args).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sources = answer["sources"].as_array().unwrap();
    assert!(sources.len() > 100);
    for said in sources {
        let name = &said["source"];
        assert!(!about(said).contains(&"unbalanced"), "{name}");
        let events = said["events"].as_u64().unwrap();
        for advice in said["to_see_more"].as_array().unwrap() {
            for field in advice["fields"].as_array().unwrap() {
                let count = &said["fields"][field.as_str().unwrap()];
                let present = count["present"].as_u64().unwrap();
                assert!(present * 20 <= events, "{name}: {field} is there");
            }
        }
    }
}

#[test]
fn a_log_denser_than_the_limit_is_read_whole_once_the_key_of_the_message_is_set() {
    let room = Room::new();
    let line = squid(NOON, "192.0.2.17", "www.example.org");
    let lines = 110_000;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(line.repeat(lines).as_bytes()).unwrap();
    let log = room.log("dense.log.gz", packed.finish().unwrap());

    let cut = room.source(0, &["--all", &log]);
    assert!(cut["events"].as_u64().unwrap() < lines as u64, "{cut}");
    let page = room.page(0, &["--all", &log]);
    assert!(page.contains("sources.limits.unpacked_ratio"), "{page}");

    room.log("gnomon.toml", "[sources.limits]\nunpacked_ratio = 0\n");
    let whole = room.source(0, &["--all", &log]);
    assert_eq!(whole["events"], lines, "{whole}");
}
