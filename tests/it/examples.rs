//! The ready configurations under `config/examples/` are ones that the program takes.

use std::fs;
use std::path::{Path, PathBuf};

use gnomon::formats::Formats;
use gnomon::model::Alert;
use gnomon::{config, daemon};

fn examples() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/examples");
    let mut found: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn every_example_loads_and_names_what_exists() {
    for path in examples() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let config = config::load_text(name, &text, std::iter::empty())
            .unwrap_or_else(|error| panic!("{error}"));
        assert!(!config.inputs.is_empty(), "{name} follows nothing");
        config
            .zone()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        for input in &config.inputs {
            if let Some(format) = &input.format {
                assert!(
                    Formats::embedded().by_name(format).is_some(),
                    "{name}: format {format:?}"
                );
            }
        }
        for report in &config.reports {
            daemon::Schedule::parse(&report.schedule)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let problems = config.govern.problems();
        assert!(problems.is_empty(), "{name}: {problems:?}");
    }
}

/// Secrets stand in files; an example that shows one in the configuration would be copied.
#[test]
fn no_example_holds_a_secret() {
    for path in examples() {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["whsec_", "password =", "secret =", "hooks.slack.com"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

/// Whoever takes the comment signs away from a table in `default.toml` has a table that loads.
#[test]
fn the_commented_tables_of_the_default_file_load_too() {
    let comments: Vec<&str> = config::DEFAULT
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or_default())
        .collect();
    let tables: Vec<String> = comments
        .split(|line| line.is_empty())
        .filter(|block| block.iter().any(|line| line.starts_with("[[")))
        .map(|block| block.join("\n"))
        .collect();
    assert_eq!(tables.len(), 8, "{tables:#?}");
    for table in tables {
        config::load_text("default.toml", &table, std::iter::empty())
            .unwrap_or_else(|error| panic!("{error}\n{table}"));
    }
}

/// The examples of docs/ALERTS.md: tables that load, and a payload with every field that an alert has.
#[test]
fn the_examples_of_the_alert_manual_are_true() {
    let manual = include_str!("../../docs/ALERTS.md");
    let blocks = |language: &str| -> Vec<String> {
        manual
            .split("```")
            .skip(1)
            .step_by(2)
            .filter_map(|block| block.strip_prefix(&format!("{language}\n")))
            .map(str::to_owned)
            .collect()
    };
    let kinds: Vec<String> = blocks("toml")
        .iter()
        .map(|table| {
            let config = config::load_text("docs/ALERTS.md", table, std::iter::empty());
            let config = config.unwrap_or_else(|error| panic!("{error}\n{table}"));
            config.alerts.channels[0].kind.to_string()
        })
        .collect();
    assert_eq!(kinds, ["webhook", "slack", "syslog", "email", "file"]);
    let payload: serde_json::Value = serde_json::from_str(&blocks("json")[0]).unwrap();
    let alert: Alert = serde_json::from_value(payload["data"].clone()).unwrap();
    assert_eq!(serde_json::to_value(&alert).unwrap(), payload["data"]);
    for rule in config::load_text("", "", std::iter::empty())
        .unwrap()
        .alerts
        .rules
    {
        assert!(
            manual.contains(&format!("| `{rule}` |")),
            "{rule} is not explained"
        );
    }
}

/// What the readme shows of the first scan is what the scan prints; `…` stands for lines left out.
#[test]
fn the_readme_shows_what_the_scan_prints() {
    let readme = include_str!("../../README.md");
    let printed = include_str!("../cases/gateway/expected/scan.txt");
    let shown = readme.split("```text\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let mut rest = printed.lines();
    for line in shown.lines().filter(|line| *line != "…") {
        assert!(
            rest.any(|printed| printed == line),
            "the scan does not print this, or not there: {line}"
        );
    }
}

/// The format that CONTRIBUTING shows as an example is the one that is built in.
#[test]
fn the_format_that_contributors_see_is_the_whole_of_a_real_one() {
    let page = include_str!("../../CONTRIBUTING.md");
    let shown = page.split("```toml\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    assert_eq!(shown, include_str!("../../config/formats/route53.toml"));
}
