//! Inputs that cannot be read, or not to the end: each is named in coverage, the others go on.

use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use super::{gnomon, text};

/// Whole rows, one sighting of ChatGPT each.
fn rows(count: u64) -> String {
    (0..count)
        .map(|at| {
            format!(
                "{}.000    120 192.0.2.{} TCP_TUNNEL/200 48213 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.9 -\n",
                1_794_211_200 + at * 7,
                17 + at % 8,
            )
        })
        .collect()
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("written");
    packer.finish().expect("written")
}

/// Bytes of no format, always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::new();
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

/// Scans a directory; gives the exit code, the report and what was said to people.
fn scan(directory: &Path, more: &[&str]) -> (Option<i32>, Value, String) {
    let directory = directory.to_str().expect("a path");
    let mut arguments = vec![
        "scan",
        directory,
        "--timezone",
        "UTC",
        "--quiet",
        "-o",
        "json",
    ];
    arguments.extend(more);
    let output = gnomon(arguments);
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), report, text(&output.stderr))
}

/// The coverage of the one source whose name ends so.
fn coverage<'r>(report: &'r Value, ending: &str) -> &'r Value {
    let sources = report["coverage"].as_array().expect("coverage");
    let mut fitting = sources
        .iter()
        .filter(|source| source["source"].as_str().expect("a name").ends_with(ending));
    let source = fitting
        .next()
        .unwrap_or_else(|| panic!("{ending} is not in the coverage: {sources:#?}"));
    assert!(fitting.next().is_none(), "{ending} is there twice");
    source
}

fn count(source: &Value, key: &str) -> u64 {
    source[key].as_u64().expect("a count")
}

fn notes(source: &Value) -> String {
    source["notes"].to_string()
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("access.log"), rows(40)).unwrap();
    std::fs::write(at("empty.log"), "").unwrap();
    std::fs::write(at("noise.bin"), noise(40_000)).unwrap();
    let whole = packed(&rows(4_000));
    std::fs::write(at("cut.log.gz"), &whole[..whole.len() / 2]).unwrap();
    let garbled = format!("{}\u{0}\u{1}nothing of ours\n{}", rows(20), rows(5));
    std::fs::write(at("garbled.log"), garbled).unwrap();
    std::os::unix::fs::symlink(at("nowhere"), at("dangling.log")).unwrap();
    std::fs::create_dir(at("directory.log")).unwrap();
    let missing = at("missing.log");

    let (code, report, said) = scan(directory.path(), &[missing.to_str().unwrap()]);

    assert_eq!(code, Some(0), "{said}");
    assert_eq!(count(coverage(&report, "/access.log"), "events"), 40);
    let garbled = coverage(&report, "/garbled.log");
    assert_eq!((count(garbled, "events"), count(garbled, "bad")), (25, 1));
    let cut = coverage(&report, "/cut.log.gz");
    assert!(count(cut, "events") > 0 && count(cut, "events") < 4_000);
    assert!(notes(cut).contains("ends early"), "{}", notes(cut));
    for (name, why) in [
        ("/empty.log", "is empty"),
        ("/noise.bin", "binary"),
        ("/dangling.log", "cannot be read"),
        ("/missing.log", "cannot be read"),
    ] {
        let source = coverage(&report, name);
        assert_eq!(count(source, "events"), 0, "{name}");
        assert!(notes(source).contains(why), "{name}: {}", notes(source));
        let line = said.lines().find(|line| line.contains(name));
        assert!(
            line.is_some_and(|line| line.contains(why)),
            "{name}: {said}"
        );
    }
    let apps = report["applications"].as_array().unwrap();
    assert_eq!(apps.len(), 1, "only what was read is told");
    assert_eq!(apps[0]["id"], "openai.chatgpt");
    let sum = 40 + 25 + count(cut, "events");
    assert_eq!(apps[0]["events"].as_u64(), Some(sum));
}

#[test]
fn a_file_of_two_formats_is_read_as_the_greater_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let dns: String = (0..30)
        .map(|at| {
            format!(
                "[{}] unbound[812:0] info: 192.0.2.97 chatgpt.com. A IN\n",
                1_794_211_200 + at
            )
        })
        .collect();
    std::fs::write(directory.path().join("mixed.log"), rows(60) + &dns).unwrap();

    let (code, report, said) = scan(directory.path(), &[]);

    assert_eq!(code, Some(0), "{said}");
    let mixed = coverage(&report, "/mixed.log");
    assert_eq!(mixed["format"], "squid");
    assert_eq!((count(mixed, "events"), count(mixed, "bad")), (60, 30));
    assert!(
        said.contains("mixed.log") && said.contains("unbound"),
        "{said}"
    );
}

#[test]
fn nothing_readable_ends_with_one_and_an_empty_report() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("noise.bin"), noise(9_000)).unwrap();
    let (code, report, said) = scan(directory.path(), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(report["applications"], serde_json::json!([]));

    let nowhere = directory.path().join("nowhere");
    let (code, _, said) = scan(&nowhere, &[]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("nowhere") && said.contains("cannot be read"),
        "{said}"
    );
}

#[test]
fn a_line_of_megabytes_costs_that_line_only() {
    let directory = tempfile::tempdir().unwrap();
    let long = "x".repeat(6 << 20);
    let text = format!("{}{long}\n{}", rows(10), rows(10));
    std::fs::write(directory.path().join("long.log"), text).unwrap();
    let (code, report, said) = scan(directory.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(count(coverage(&report, "/long.log"), "events"), 20);
    assert!(said.contains("long.log"), "the loss is told: {said}");
}
