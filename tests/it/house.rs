//! The rules of the house, read from the source under `src/`.
//!
//! A room sees only rooms on lower floors, so there are no circles between rooms; pure rooms do no I/O and read
//! no clock; a library is used where its subject lives; nobody but the command line prints; a file says why it
//! exists. Each breach is told as file, line and rule. A new room, or a new arrow, changes this file and
//! ARCHITECTURE.md in the same commit.

mod rust;

use std::fmt;
use std::fs;
use std::path::Path;

use rust::Token;

/// The rooms, floor by floor. `main.rs` stands above them, `lib.rs` only lists them.
const FLOORS: &[&[&str]] = &[
    &["model"],
    &[
        "alerts",
        "catalogue",
        "formats",
        "identity",
        "sources",
        "store",
    ],
    &["detect", "govern"],
    &["exports", "pipeline", "reports"],
    &["daemon", "web"],
    &["config"],
    &["cli"],
    &["main"],
];

/// Rooms that do no I/O and read no clock: whatever they need is an argument.
const PURE: &[&str] = &["catalogue", "detect", "formats", "govern", "model"];

/// Where each library with a subject of its own belongs. Libraries that are not listed may be used anywhere.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("anyhow", &["cli", "main"]),
    ("askama", &["reports", "web"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("comfy_table", &["cli"]),
    ("croner", &["daemon"]),
    ("chrono", &["daemon"]),
    ("getrandom", &["daemon", "store", "web"]),
    ("hickory_resolver", &["identity"]),
    ("indicatif", &["cli"]),
    ("lettre", &["alerts"]),
    ("libc", &["main"]),
    ("reqwest", &["alerts"]),
    ("rusqlite", &["store"]),
    ("rustls", &["alerts", "main"]),
    ("sd_notify", &["daemon"]),
    ("signal_hook", &["cli", "daemon"]),
    ("tokio", &["alerts", "daemon", "identity", "web"]),
    ("tracing_subscriber", &["cli"]),
];

/// Parts of the standard library that reach outside the process.
const OUTSIDE: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread"];

/// What a pure room may take from `std::net` all the same: addresses are values.
const ADDRESSES: &[&str] = &["IpAddr", "Ipv4Addr", "Ipv6Addr"];

/// A file may be longer than this if its module doc says "longer than 400 lines" and why.
const LONG_LINES: usize = 400;

/// Names that say nothing about what is inside.
const DRAWERS: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];
const HOLLOW: &[&str] = &["Helper", "Info", "Manager", "Util", "Utils"];

/// A source file, by its path under the project.
struct File<'a> {
    path: &'a str,
    text: &'a str,
    tokens: Vec<Token<'a>>,
}

/// A rule broken at a place.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    file: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

impl<'a> File<'a> {
    fn new(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            text,
            tokens: rust::tokens(text),
        }
    }

    /// `src/store/sqlite/mod.rs` and `src/store.rs` are both of the room `store`.
    fn room(&self) -> &'a str {
        let inside = self.path.strip_prefix("src/").unwrap_or(self.path);
        let first = inside.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules stand around this file's code: 1 for the room's own file.
    fn depth(&self) -> usize {
        let inside = self.path.strip_prefix("src/").unwrap_or(self.path);
        let parts = inside.split('/').count();
        if inside.ends_with("/mod.rs") {
            parts - 1
        } else {
            parts
        }
    }

    fn breach(&self, line: usize, rule: impl Into<String>) -> Breach {
        Breach {
            file: self.path.to_owned(),
            line,
            rule: rule.into(),
        }
    }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// A room sees only rooms on lower floors.
fn arrows(file: &File<'_>) -> Vec<Breach> {
    let room = file.room();
    if room == "lib" {
        return Vec::new();
    }
    let Some(own) = floor(room) else {
        let rule = format!(
            "room {room:?} is on no floor; give it one in tests/it/house.rs and ARCHITECTURE.md"
        );
        return vec![file.breach(1, rule)];
    };
    let mut breaches = Vec::new();
    for path in rust::paths(&file.tokens) {
        let rule = match path.segments.as_slice() {
            ["crate" | "gnomon", target, ..] if *target != room => match floor(target) {
                None => format!("crate::{target} names no room; import from the room that has it"),
                Some(other) if other == own => {
                    format!("{room} and {target} are both on floor {own} and do not see each other")
                }
                Some(other) if other > own => {
                    format!(
                        "{room} (floor {own}) must not see {target} (floor {other}); arrows point down"
                    )
                }
                Some(_) => continue,
            },
            ["super", ..] => {
                let steps = path
                    .segments
                    .iter()
                    .take_while(|part| **part == "super")
                    .count();
                if steps < file.depth() + path.depth {
                    continue;
                }
                "leaves its room by super; write crate:: and the room".to_owned()
            }
            _ => continue,
        };
        breaches.push(file.breach(path.line, rule));
    }
    breaches
}

/// Pure rooms do no I/O and read no clock.
fn purity(file: &File<'_>) -> Vec<Breach> {
    if !PURE.contains(&file.room()) {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    for path in rust::paths(&file.tokens) {
        let what = match path.segments.as_slice() {
            ["std", "net", name, ..] if ADDRESSES.contains(name) => continue,
            ["std", part, ..] if OUTSIDE.contains(part) => format!("std::{part}"),
            [
                ..,
                kind @ ("TimeZone" | "tz"),
                call @ ("get" | "system" | "try_system" | "db"),
            ] => {
                format!("{kind}::{call}, which reads the zone files")
            }
            [library @ ("crossbeam_channel" | "rustix"), ..] => (*library).to_owned(),
            _ => continue,
        };
        let rule = format!(
            "{} does no I/O, but names {what}; make it an argument",
            file.room()
        );
        breaches.push(file.breach(path.line, rule));
    }
    for pair in file.tokens.windows(2) {
        if let [Token { text: "::", .. }, Token { text: "now", line }] = pair {
            let rule = format!(
                "{} reads no clock, but names now; make it an argument",
                file.room()
            );
            breaches.push(file.breach(*line, rule));
        }
    }
    breaches
}

/// A library is used in the rooms that its subject belongs to.
fn libraries(file: &File<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for path in rust::paths(&file.tokens) {
        let Some((name, rooms)) = LIBRARIES
            .iter()
            .find(|(name, _)| path.segments.first() == Some(name))
        else {
            continue;
        };
        if !rooms.contains(&file.room()) {
            let rule = format!(
                "{name} belongs to {}, not to {}",
                rooms.join(", "),
                file.room()
            );
            breaches.push(file.breach(path.line, rule));
        }
    }
    breaches
}

/// Answers and words for people are the command line's; everybody else returns, traces or writes to a `Write`.
fn printing(file: &File<'_>) -> Vec<Breach> {
    if matches!(file.room(), "cli" | "main") {
        return Vec::new();
    }
    let macros = file.tokens.windows(2).filter_map(|pair| match pair {
        [
            Token {
                text: name @ ("print" | "println" | "eprint" | "eprintln" | "dbg"),
                line,
            },
            Token { text: "!", .. },
        ] => Some((*line, format!("{name}!"))),
        _ => None,
    });
    let streams =
        rust::paths(&file.tokens)
            .into_iter()
            .filter_map(|path| match path.segments.as_slice() {
                [.., "io", name @ ("stdout" | "stderr")] => {
                    Some((path.line, format!("io::{name}")))
                }
                _ => None,
            });
    macros
        .chain(streams)
        .map(|(line, what)| {
            file.breach(
                line,
                format!("{what} belongs to cli; return it, trace it or take a Write"),
            )
        })
        .collect()
}

/// A file begins with why it exists, and with a further sentence when it is long; its name says what it holds.
fn shape(file: &File<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let doc: Vec<&str> = file
        .text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    if doc.is_empty() {
        breaches.push(file.breach(1, "a file begins with //! and says why it exists"));
    }
    let lines = file.text.lines().count();
    let excuse = doc
        .join(" ")
        .to_lowercase()
        .contains("longer than 400 lines");
    if lines > LONG_LINES && !excuse {
        let rule = format!(
            "{lines} lines; look for the second idea in it, or say in the module doc why it is longer than 400 lines"
        );
        breaches.push(file.breach(lines, rule));
    }
    let stem = file
        .path
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".rs"));
    if stem.is_some_and(|stem| DRAWERS.contains(&stem)) {
        breaches.push(file.breach(1, "a drawer; a file is named after its one idea"));
    }
    for pair in file.tokens.windows(2) {
        if let [
            Token {
                text: "struct" | "enum" | "trait" | "type",
                ..
            },
            name,
        ] = pair
            && HOLLOW.iter().any(|hollow| name.text.ends_with(hollow))
        {
            breaches.push(file.breach(
                name.line,
                format!("{} says nothing; name the thing", name.text),
            ));
        }
    }
    for (number, line) in (1..).zip(file.text.lines()) {
        if ["TODO", "FIXME", "XXX:"]
            .iter()
            .any(|word| line.contains(word))
        {
            breaches.push(file.breach(
                number,
                "unfinished work stands in an issue, not in the code",
            ));
        }
    }
    breaches
}

/// Every rule that looks at one file.
const RULES: &[fn(&File<'_>) -> Vec<Breach>] = &[arrows, purity, libraries, printing, shape];

/// Every `.rs` file below a directory of the project, as (path, text), sorted.
fn sources(directory: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{directory}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(sources(&path));
        } else if path.ends_with(".rs") {
            found.push((path, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

fn check(path: &str, text: &str) -> Vec<Breach> {
    let file = File::new(path, text);
    RULES.iter().flat_map(|rule| rule(&file)).collect()
}

#[test]
fn the_rules_hold_in_every_file() {
    let sources = sources("src");
    assert!(
        sources.iter().any(|(path, _)| path == "src/model/mod.rs"),
        "found no source to look at"
    );
    let breaches: Vec<String> = sources
        .iter()
        .flat_map(|(path, text)| check(path, text))
        .map(|breach| breach.to_string())
        .collect();
    assert!(
        breaches.is_empty(),
        "{} breaches:\n{}",
        breaches.len(),
        breaches.join("\n")
    );
}

/// A file that no `mod` names is never compiled, and its tests never run.
#[test]
fn every_file_is_part_of_the_library() {
    let sources = sources("src");
    let declares = |parent: &str, module: &str| {
        sources.iter().any(|(path, text)| {
            path == parent
                && rust::tokens(text)
                    .windows(2)
                    .any(|pair| pair[0].text == "mod" && pair[1].text == module)
        })
    };
    for (path, _) in &sources {
        if matches!(path.as_str(), "src/lib.rs" | "src/main.rs") {
            continue;
        }
        let module = path
            .strip_suffix("/mod.rs")
            .or(path.strip_suffix(".rs"))
            .unwrap();
        let (parent, name) = module.rsplit_once('/').unwrap();
        let declared = if parent == "src" {
            declares("src/lib.rs", name)
        } else {
            declares(&format!("{parent}.rs"), name) || declares(&format!("{parent}/mod.rs"), name)
        };
        assert!(
            declared,
            "{path}:1: no `mod {name}` leads here, so nobody compiles it"
        );
    }
}

/// The test of the test: tiny files, each of which breaks one rule, and some that only look as if.
#[test]
fn each_breach_is_caught_where_it_stands() {
    let cases: &[(&str, &str, &str)] = &[
        // (path, text after the doc line, what is said of it; empty: nothing)
        (
            "src/model/x.rs",
            "use crate::store::Store;",
            "2: model (floor 0) must not see store (floor 1)",
        ),
        (
            "src/store/x.rs",
            "use crate::{\n    model::Time,\n    sources::Chunk,\n};",
            "4: store and sources are both on floor 1",
        ),
        (
            "src/store/x.rs",
            "fn f() { crate::cli::run(); }",
            "2: store (floor 1) must not see cli (floor 6)",
        ),
        (
            "src/detect.rs",
            "use crate::govern::risk;",
            "2: detect and govern are both on floor 2",
        ),
        (
            "src/web/x.rs",
            "use crate::nothing::Thing;",
            "2: crate::nothing names no room",
        ),
        ("src/attic/mod.rs", "", "1: room \"attic\" is on no floor"),
        (
            "src/store/sqlite/x.rs",
            "use super::super::super::alerts::open;",
            "2: leaves its room by super",
        ),
        (
            "src/store/mod.rs",
            "mod tests { use super::super::alerts; }",
            "2: leaves its room by super",
        ),
        ("src/store/mod.rs", "mod tests { use super::Store; }", ""),
        ("src/store/sqlite/mod.rs", "use super::Store;", ""),
        (
            "src/store/x.rs",
            "use crate::model::Time; // crate::cli",
            "",
        ),
        ("src/store/x.rs", "const A: &str = \"crate::cli::run\";", ""),
        (
            "src/model/x.rs",
            "use std::fs;",
            "2: model does no I/O, but names std::fs",
        ),
        (
            "src/govern/x.rs",
            "use std::{fmt, io::Write};",
            "2: govern does no I/O, but names std::io",
        ),
        (
            "src/formats/x.rs",
            "use std::net::TcpStream;",
            "2: formats does no I/O, but names std::net",
        ),
        ("src/formats/x.rs", "use std::net::{IpAddr, Ipv6Addr};", ""),
        (
            "src/catalogue/x.rs",
            "fn f() { std::env::var(\"X\"); }",
            "2: catalogue does no I/O, but names std::env",
        ),
        (
            "src/detect/x.rs",
            "fn f() { std::time::SystemTime::now(); }",
            "2: detect reads no clock",
        ),
        (
            "src/govern/x.rs",
            "fn f() -> Zoned { jiff::Zoned::now() }",
            "2: govern reads no clock",
        ),
        ("src/govern/x.rs", "fn f(now: Time) { g(now) }", ""),
        (
            "src/formats/x.rs",
            "fn f() { jiff::tz::TimeZone::get(\"UTC\"); }",
            "2: formats does no I/O, but names TimeZone::get",
        ),
        ("src/store/x.rs", "fn f() { jiff::Timestamp::now(); }", ""),
        (
            "src/pipeline/x.rs",
            "fn f() { tokio::spawn(g()); }",
            "2: tokio belongs to alerts, daemon, identity, web, not to pipeline",
        ),
        (
            "src/reports/x.rs",
            "use rusqlite::Connection;",
            "2: rusqlite belongs to store, not to reports",
        ),
        (
            "src/store/x.rs",
            "use anyhow::Context as _;",
            "2: anyhow belongs to cli, main, not to store",
        ),
        (
            "src/store/x.rs",
            "fn f() { println!(\"x\"); }",
            "2: println! belongs to cli",
        ),
        (
            "src/daemon/x.rs",
            "fn f() { writeln!(std::io::stderr(), \"x\"); }",
            "2: io::stderr belongs to cli",
        ),
        (
            "src/cli/x.rs",
            "fn f() { writeln!(std::io::stderr(), \"x\"); }",
            "",
        ),
        ("src/store/utils.rs", "", "1: a drawer"),
        (
            "src/store/x.rs",
            "struct PoolManager;",
            "2: PoolManager says nothing",
        ),
        ("src/store/x.rs", "// TODO later", "2: unfinished work"),
    ];
    for (path, text, said) in cases {
        let breaches = check(path, &format!("//! Why.\n{text}"));
        let told: Vec<String> = breaches
            .iter()
            .map(|breach| format!("{}: {}", breach.line, breach.rule))
            .collect();
        match *said {
            "" => assert!(told.is_empty(), "{path}: {text}\n{told:?}"),
            said => assert!(
                told.iter().any(|told| told.starts_with(said)),
                "{path}: {text}\nexpected {said:?}, got {told:?}"
            ),
        }
    }
}

#[test]
fn a_file_without_a_doc_or_a_long_one_without_a_reason_is_caught() {
    let rules = |text: &str| -> Vec<String> {
        check("src/store/x.rs", text)
            .into_iter()
            .map(|breach| breach.rule)
            .collect()
    };
    assert!(rules("use std::fmt;\n")[0].starts_with("a file begins with //!"));
    let long = "\n".repeat(LONG_LINES);
    assert!(rules(&format!("//! Why.{long}//\n"))[0].starts_with("401 lines"));
    let excused = format!("//! Why. Longer than 400 lines, because a table is one idea.{long}//\n");
    assert!(rules(&excused).is_empty());
}

/// These pages name files and tests; a name that leads nowhere is worse than none.
#[test]
fn the_pages_about_the_code_name_what_exists() {
    let mut code = sources("src");
    code.extend(sources("tests/it"));
    code.extend(sources("tests/e2e"));
    code.extend(sources("tests/soak"));
    code.extend(sources("benches"));
    let pages = [
        ("ARCHITECTURE.md", include_str!("../../ARCHITECTURE.md")),
        ("CONTRIBUTING.md", include_str!("../../CONTRIBUTING.md")),
        ("docs/PROMISES.md", include_str!("../../docs/PROMISES.md")),
    ];
    let mut named = 0;
    for (page, text) in pages {
        for word in text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| !word.contains(char::is_whitespace))
        {
            let exists = if let Some((_, test)) = word
                .rsplit_once("::")
                .filter(|(_, name)| name.contains('_'))
            {
                code.iter()
                    .any(|(_, text)| text.contains(&format!("fn {test}(")))
            } else if word.ends_with(".rs") && !word.contains("utils") {
                code.iter()
                    .any(|(path, _)| path.ends_with(&format!("/{word}")) || path == word)
            } else {
                continue;
            };
            named += 1;
            assert!(exists, "{page} names {word}, which does not exist");
        }
    }
    assert!(named > 60, "only {named} names were found");
}
