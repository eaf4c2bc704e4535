//! `gnomon explain`, `catalogue` and `candidates` as people and scripts meet them: the binary itself, its two
//! outputs and its exit code.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const TUNNEL: &str = "1795469967.062      3 192.0.2.7 TCP_TUNNEL/200 632 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.5 -";

/// A place of its own: its store is there or not, whatever this machine has.
struct Place(TempDir);

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    fn run<A: AsRef<OsStr>>(&self, args: &[A]) -> Said {
        self.feed(args, b"")
    }

    fn feed<A: AsRef<OsStr>>(&self, args: &[A], stdin: &[u8]) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gnomon"))
            .args(args)
            .env_clear()
            .env("STATE_DIRECTORY", self.0.path())
            .env("HOME", self.0.path())
            .env("USER", "m.rossi")
            .env("XDG_CONFIG_HOME", self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        let mut pipe = child.stdin.take().expect("a pipe");
        let stdin = stdin.to_vec();
        let feeder = std::thread::spawn(move || {
            // A command that reads no stdin closes it.
            let _ = pipe.write_all(&stdin);
        });
        let output = child.wait_with_output().expect("its output");
        feeder.join().expect("the feeder");
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
        }
    }

    fn json<A: AsRef<OsStr>>(&self, args: &[A], stdin: &[u8]) -> Value {
        let said = self.feed(args, stdin);
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err))
    }
}

impl Said {
    /// Nothing on a screen steers it, and nothing is wider than it.
    fn is_presentable(&self) {
        for line in self.out.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        for text in [&self.out, &self.err] {
            let steering = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(steering), "{text:?}");
        }
    }
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new("tests/formats").join(name).join("sample.log")).expect("a sample")
}

#[test]
fn a_host_is_told_with_rule_service_grade_and_duties() {
    let said = Place::new().run(&["explain", "ChatGPT.com"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    said.is_presentable();
    for part in [
        "chatgpt.com: a host of ChatGPT (openai.chatgpt)",
        "suffix chatgpt.com",
        "signatures/services/openai.toml:",
        "OpenAI, US",
        "resolved: a name was looked up",
        "AWS scope",
        "1  GAI-03",
        "there is none yet",
    ] {
        assert!(said.out.contains(part), "{part} is not in\n{}", said.out);
    }
}

#[test]
fn a_look_alike_is_told_apart() {
    let place = Place::new();
    let said = place.run(&["explain", "chatgpt.com.evil.example"]);
    said.is_presentable();
    assert!(
        said.out
            .starts_with("chatgpt.com.evil.example: a host in no signature")
    );
    assert!(
        said.out
            .contains("ends in evil.example; that does not count")
    );
    assert!(
        said.out
            .contains("candidate     it begins like chatgpt.com")
    );
    let userinfo = place.run(&["explain", "https://chatgpt.com@evil.example/"]);
    assert_eq!(userinfo.code, Some(1));
    assert!(userinfo.err.contains("METHOD https://HOST/PATH"));
}

#[test]
fn a_url_is_explained_by_path_and_method_and_loses_its_query() {
    let place = Place::new();
    let words = [
        "explain",
        "POST",
        "https://chatgpt.com/backend-api/conversation?token=secret",
    ];
    let said = place.run(&words);
    assert!(said.out.contains("confirmed: the URL shows the use itself"));
    assert!(!said.out.contains("secret"));
    let words = [words[0], words[1], words[2], "--output", "json"];
    let answer = place.json(&words, b"");
    assert_eq!(answer["taken_for"], "url");
    assert_eq!(answer["tallied"]["prompts"], 1);
    assert_eq!(answer["rules"][0]["kind"], "url");
    assert!(!answer.to_string().contains("secret"));
}

#[test]
fn a_log_line_that_holds_a_url_is_a_log_line() {
    let line = "192.0.2.8 - - [23/Nov/2026:21:39:27 +0000] \"GET http://claude.ai/chat/1 HTTP/1.1\" 403 3463 \"-\" \"curl/7.88.1\" TCP_DENIED:HIER_NONE";
    let said = Place::new().run(&["explain", line]);
    said.is_presentable();
    assert!(
        said.out
            .starts_with("squid-combined line: GET claude.ai/chat/1")
    );
    assert!(
        said.out
            .contains("a blocked attempt, counted apart from use")
    );
    assert!(said.out.contains("user          (empty)"));
    assert!(said.out.contains("cannot tell   client_port"));
}

#[test]
fn the_fields_are_those_of_the_events_contract() {
    let place = Place::new();
    for name in [
        "squid",
        "zeek-http",
        "suricata-connections",
        "unbound",
        "bind",
    ] {
        let answer = place.json(&["explain", "-", "--output", "json"], &sample(name));
        let path = Path::new("tests/formats").join(name).join("expected.jsonl");
        let expected = fs::read_to_string(path).unwrap();
        let first = expected
            .lines()
            .find(|line| line.contains("\"result\":\"event\""))
            .unwrap();
        let first: Value = serde_json::from_str(first).unwrap();
        assert_eq!(answer["record"]["understood"], first, "{name}");
    }
}

#[test]
fn every_format_is_shown_without_steering_the_terminal() {
    let place = Place::new();
    for name in [
        "squid-variants",
        "suricata-damaged",
        "dnsmasq-extra",
        "zeek",
    ] {
        for line in sample(name).split(|b| *b == b'\n').take(4) {
            if !line.is_empty() {
                place.feed(&["explain", "-"], line).is_presentable();
            }
        }
    }
}

#[test]
fn a_format_can_be_forced_and_a_wrong_one_is_suggested() {
    let place = Place::new();
    let said = place.run(&["explain", TUNNEL, "--format", "bind"]);
    assert!(said.out.contains("as --format says") && said.out.contains("rejected"));
    let said = place.run(&["explain", TUNNEL, "--format", "squidd"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("did you mean \"squid\"?"), "{}", said.err);
}

#[test]
fn a_question_without_an_address_is_no_use() {
    let line = "Nov 23 21:38:06 dnsmasq[26687]: query[MX] chatgpt.com from 192.0.2.7";
    let said = Place::new().run(&["explain", line]);
    assert!(
        said.out.contains("a question for MX asks for no address"),
        "{}",
        said.out
    );
}

#[test]
fn a_service_without_signature_says_why() {
    let said = Place::new().run(&["explain", "bloomberggpt"]);
    assert!(
        said.out
            .starts_with("BloombergGPT (bloomberg.bloomberggpt): a service")
    );
    assert!(said.out.contains("no signature  no public endpoint"));
}

#[test]
fn a_user_agent_tells_its_channel() {
    let place = Place::new();
    for (given, told) in [
        (
            "User-Agent: claude-cli/1.0.3 (external, cli)",
            "of Claude Code",
        ),
        ("claude-cli/1.0.3 (external, cli)", "channel       cli"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            "channel       browser",
        ),
    ] {
        let said = place.run(&["explain", given]);
        assert!(said.out.contains(told), "{}{}", said.out, said.err);
    }
}

#[test]
fn what_cannot_be_explained_names_the_way_out() {
    let place = Place::new();
    for (given, way_out) in [
        ("192.0.2.7", "explain the host, or the log line"),
        ("chatgp t", "ChatGPT (openai.chatgpt)"),
        ("foo bar", "gnomon formats list"),
        ("", "give a host, a URL"),
    ] {
        let said = place.run(&["explain", given]);
        assert_eq!(said.code, Some(1), "{given}");
        assert!(said.err.contains(way_out), "{given}: {}", said.err);
    }
}

#[test]
fn hostile_text_is_survived_and_shown_as_text() {
    let place = Place::new();
    let steering = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}chatgpt.com";
    place.run(&["explain", steering]).is_presentable();
    let line = TUNNEL.replace("chatgpt.com", "chatgpt.com\u{1b}[2J");
    place.run(&["explain", &line]).is_presentable();
    let line = TUNNEL.replace(" - HIER", " \u{1b}[31malice HIER");
    let said = place.run(&["explain", &line]);
    assert!(said.out.contains("\\u{1b}[31malice"), "{}", said.out);
    said.is_presentable();

    let not_text = OsStr::from_bytes(b"\xff\xfe");
    assert_eq!(place.run(&[OsStr::new("explain"), not_text]).code, Some(1));
    let said = place.feed(&["explain", "-"], b"\xff\xc3\x28\n\x80\x1b[2J");
    assert_eq!(said.code, Some(1));
    said.is_presentable();
}

#[test]
fn a_mebibyte_is_answered_like_a_line() {
    let place = Place::new();
    // The kernel takes 128 KiB in one argument.
    let word = "a".repeat(1 << 16);
    let mut words = vec!["explain"];
    words.extend(std::iter::repeat_n(word.as_str(), 16));
    let said = place.run(&words);
    assert_eq!(said.code, Some(1));
    assert!(said.err.len() < 2_000);
    let line = TUNNEL.replace(" - HIER", &format!(" {} HIER", "a".repeat(1 << 20)));
    let said = place.feed(&["explain", "-"], line.as_bytes());
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.len() < 50_000);
    said.is_presentable();
}

#[test]
fn the_json_keys_stay() {
    let answer = Place::new().json(&["explain", "chatgpt.com", "-o", "json"], b"");
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    let wanted = "asked assuming below candidate_reasons catalogue channel duties facts left_out meaning \
                  not_tallied record register resembles rules schema service similar taken_for tallied told";
    assert_eq!(keys, wanted.split_whitespace().collect::<Vec<_>>());
    assert_eq!(answer["schema"], "gnomon.explain/1");
    assert_eq!(answer["duties"][0]["id"], "GAI-03");
    assert_eq!(answer["duties"][0]["first"], 1);
    assert_eq!(answer["service"]["archetype"], "consumer-chat");
}

#[test]
fn what_the_register_knows_is_told_and_a_broken_one_stops_nothing() {
    let place = Place::new();
    let log = place.write("access.log", &format!("{TUNNEL}\n"));
    let store = place.path("gnomon.db");
    assert_eq!(
        place.run(&["scan", "-q", &log, "--store", &store]).code,
        Some(0)
    );
    let said = place.run(&["explain", "chatgpt.com"]);
    assert!(
        said.out
            .contains("1 events and 0 blocked attempts from 2026-11-23"),
        "{}",
        said.out
    );
    assert!(said.out.contains("new: nobody has decided"));
    let said = place.run(&["explain", "chatgpt.com", "--store", &log]);
    assert_eq!(said.code, Some(0));
    assert!(
        said.out.contains("is damaged or no store at all"),
        "{}",
        said.out
    );
}

#[test]
fn matching_writes_one_row_per_line_whatever_the_line_holds() {
    let mut input = b"ChatGPT.com\nwww.example.org\n\nPOST https://api.openai.com/v1/responses?x=1\n\
        https://chatgpt.com\r\nchatgpt.com:443\nnot a host\nGET http://chatgpt.com/ HTTP/1.1\n\xff\xfe\x1b[2J\ta\n"
        .to_vec();
    input.extend(std::iter::repeat_n(b'a', 1 << 20));
    input.extend(b"\nbedrock-runtime.eu-central-1.amazonaws.com");
    let said = Place::new().feed(&["catalogue", "match"], &input);
    let rows: Vec<Vec<&str>> = said
        .out
        .lines()
        .map(|row| row.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), 11);
    assert!(rows.iter().all(|row| row.len() == 5), "{rows:?}");
    let nothing = ["-", "-", "-", "-"];
    let chatgpt = [
        "openai.chatgpt",
        "ui",
        "consumer-chat",
        "suffix chatgpt.com",
    ];
    assert_eq!(rows[0][0], "ChatGPT.com");
    assert_eq!(rows[0][1..], chatgpt);
    assert_eq!(rows[1][1..], nothing);
    assert_eq!(rows[2], ["", "-", "-", "-", "-"]);
    assert_eq!(
        rows[3][1..],
        [
            "openai.api",
            "api",
            "api",
            "POST api.openai.com/v1/responses"
        ]
    );
    assert_eq!(rows[4][1..], chatgpt);
    assert_eq!(rows[5][1..], chatgpt);
    for row in &rows[6..10] {
        assert_eq!(row[1..], nothing, "{}", row[0]);
    }
    assert!(rows[9][0].chars().count() <= 4_096);
    assert_eq!(rows[10][1], "amazon.bedrock");
    assert!(!said.out.contains('\u{1b}'));
}

#[test]
fn a_wrong_id_gets_a_suggestion() {
    let place = Place::new();
    let said = place.run(&["catalogue", "show", "openai.chatgp"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("did you mean openai.chatgpt?"),
        "{}",
        said.err
    );
    let said = place.run(&["catalogue", "show", "openai.chatgpt"]);
    said.is_presentable();
    assert!(said.out.contains("suffix chatgpt.com") && said.out.contains("It must not find"));
    let said = place.run(&["catalogue", "search", "chat gpt"]);
    said.is_presentable();
    assert!(said.out.contains("openai.chatgpt"));
    assert_eq!(place.run(&["catalogue", "search", "zzqqzz"]).code, Some(1));
}

#[test]
fn the_stats_add_up() {
    let stats = Place::new().json(&["catalogue", "stats", "--output", "json"], b"");
    let sum = |key: &str| -> u64 {
        let counts = stats[key].as_object().unwrap();
        counts.values().filter_map(Value::as_u64).sum()
    };
    assert_eq!(sum("by_category"), stats["services"].as_u64().unwrap());
    assert_eq!(sum("by_role"), stats["domain_rules"].as_u64().unwrap());
}

#[test]
fn lint_names_file_and_line_of_every_broken_file() {
    let place = Place::new();
    let good = "vendor = { name = \"Example\", country = \"DE\", homepage = \"https://example.org\" }\n\n[[service]]\nid = \"example.chat\"\nname = \"Example Chat\"\ncategory = \"chatbot\"\narchetype = \"consumer-chat\"\nmodel = \"saas\"\ndescription = \"A chat.\"\n\n[[service.domain]]\nhost = \"chat.example.org\"\nrole = \"ui\"\nevidence = \"definite\"\nsource = \"vendor docs: Networks\"\nverified = \"2026-11-23\"\n\n[[service.example]]\ninput = \"chat.example.org\"\nexpect = \"ui\"\n\n[[service.near_miss]]\ninput = \"www.example.org\"\n";
    place.write("overlay/example.toml", good);
    let overlay = place.path("overlay");
    let said = place.run(&["catalogue", "lint", &overlay]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "0 errors, 0 warnings\n")
    );

    place.write(
        "overlay/a.toml",
        &good.replace("role = \"ui\"", "role = \"gui\""),
    );
    place.write("overlay/b.toml", "vendor = 7\n");
    let said = place.run(&["catalogue", "lint", &overlay]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.out
            .contains("a.toml:13: error: unknown role \"gui\", did you mean \"ui\"?")
    );
    assert!(said.out.contains("b.toml:1: error: "), "{}", said.out);

    let said = place.run(&["catalogue", "lint", &place.path("nowhere")]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("nowhere"));
    fs::remove_file(place.path("overlay/a.toml")).unwrap();
    fs::remove_file(place.path("overlay/b.toml")).unwrap();
    place.write(
        "newer/example.toml",
        &good.replace("role = \"ui\"", "role = \"api\""),
    );
    let said = place.run(&["catalogue", "diff", &overlay, &place.path("newer")]);
    assert!(
        said.out
            .contains("host chat.example.org: was ui, definite; now api, definite"),
        "{}",
        said.out
    );
}

#[test]
fn a_candidate_is_listed_judged_and_known_once_its_signature_is_written() {
    let place = Place::new();
    let none = place.run(&["candidates"]);
    assert_eq!(none.code, Some(1));
    assert!(none.err.contains("gnomon scan PATH --store"));

    let log = "192.0.2.9 - alice [23/Nov/2026:21:39:27 +0000] \"POST http://llm.example.net/v1/chat/completions HTTP/1.1\" 200 737 \"-\" \"curl/7.88.1\" TCP_MISS:HIER_DIRECT\n192.0.2.9 - alice [23/Nov/2026:21:39:28 +0000] \"GET http://mygpt.example.org/ HTTP/1.1\" 200 737 \"-\" \"curl/7.88.1\" TCP_MISS:HIER_DIRECT\n";
    let log = place.write("access.log", log);
    let store = place.path("gnomon.db");
    assert_eq!(
        place.run(&["scan", "-q", &log, "--store", &store]).code,
        Some(0)
    );
    let said = place.run(&["candidates"]);
    said.is_presentable();
    assert!(said.out.contains("llm.example.net") && said.out.contains("OpenAI chat"));

    let wrong = place.run(&[
        "candidates",
        "dismiss",
        "mygpt.example.or",
        "--reason",
        "ours",
    ]);
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.err.contains("did you mean \"mygpt.example.org\"?"),
        "{}",
        wrong.err
    );
    let empty = place.run(&[
        "candidates",
        "dismiss",
        "mygpt.example.org",
        "--reason",
        " ",
    ]);
    assert!(empty.err.contains("--reason is empty"));
    let said = place.run(&[
        "candidates",
        "dismiss",
        "mygpt.example.org",
        "--reason",
        "ours",
    ]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("dismissed by m.rossi"));

    let accept = [
        "candidates",
        "accept",
        "llm.example.net",
        "--reason",
        "sales",
        "--by",
        "j.doe",
    ];
    let said = place.run(&accept);
    assert!(said.err.contains("keep it as example.toml"), "{}", said.err);
    place.write("overlay/example.toml", &said.out);
    let overlay = place.path("overlay");
    let lint = place.run(&["catalogue", "lint", &overlay]);
    assert_eq!(lint.code, Some(0), "{}", lint.out);

    let said = place.run(&["candidates", "list"]);
    assert!(said.out.contains("no candidates") && said.out.contains("2 more were judged"));
    let config = place.write(
        "gnomon.toml",
        &format!("[catalogue]\noverlay = {overlay:?}\n"),
    );
    let all = [
        "candidates",
        "list",
        "--all",
        "--output",
        "json",
        "--config",
        &config,
    ];
    let all = place.json(&all, b"");
    let accepted = &all["candidates"][0];
    assert_eq!(accepted["host"], "llm.example.net");
    assert_eq!(accepted["verdict"]["by"], "j.doe");
    assert_eq!(accepted["known_as"], "example.net (example.example)");
    assert_eq!(all["candidates"][1]["verdict"]["accepted"], false);
}
