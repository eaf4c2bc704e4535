//! Governing from the command line: the real program on a store that a scan filled.

#![allow(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

/// A register with ChatGPT, Claude, Gemini, the OpenAI API and Perplexity in it.
struct Desk {
    room: TempDir,
}

/// The log is scanned once; every test takes a copy.
static SCANNED: LazyLock<Desk> = LazyLock::new(|| {
    let desk = Desk {
        room: TempDir::new().unwrap(),
    };
    desk.ok(&["scan", "tests/formats/squid/sample.log", "--quiet"]);
    desk
});

impl Desk {
    fn new() -> Self {
        let desk = Self {
            room: TempDir::new().unwrap(),
        };
        std::fs::copy(SCANNED.store(), desk.store()).unwrap();
        desk
    }

    fn store(&self) -> PathBuf {
        self.room.path().join("gnomon.db")
    }

    fn gnomon(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gnomon"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .env("HOME", self.room.path())
            .env("XDG_CONFIG_HOME", self.room.path())
            .env("USER", "a.bianchi")
            .arg("--config")
            .arg(self.config(""))
            .arg("--store")
            .arg(self.store())
            .args(args)
            .output()
            .unwrap()
    }

    /// Writes a configuration once; an empty one is as good as none.
    fn config(&self, text: &str) -> PathBuf {
        let path = self.room.path().join("gnomon.toml");
        if !path.exists() || !text.is_empty() {
            std::fs::write(&path, text).unwrap();
        }
        path
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.gnomon(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= 100 || line.contains('"')),
            "{args:?} is wider than 100 columns:\n{text}"
        );
        text
    }

    fn fails(&self, args: &[&str], code: i32) -> String {
        let output = self.gnomon(args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
        errors
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).unwrap()
    }
}

/// A day so many days from today, as `--until` takes it.
fn day(days: i64) -> String {
    let now = gnomon::model::Time::from(jiff::Timestamp::now());
    now.plus_days(days).day().to_string()
}

fn restrict(desk: &Desk, until: &str) -> String {
    desk.ok(&[
        "decide",
        "openai.chatgpt",
        "restricted",
        "--owner",
        "R. Verdi",
        "--reason",
        "no contract",
        "--until",
        until,
    ])
}

#[test]
fn apps_lists_filters_and_sorts() {
    let desk = Desk::new();
    let all = desk.ok(&["apps"]);
    assert!(
        all.contains("openai.chatgpt") && all.contains("perplexity.perplexity"),
        "{all}"
    );
    let ids = |args: &[&str]| -> Vec<String> {
        let answer = desk.json(args);
        assert_eq!(answer["schema"], "gnomon.apps/1");
        let rows = answer["applications"].as_array().unwrap().clone();
        rows.iter()
            .map(|app| app["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let json = ["--output", "json"];
    assert_eq!(
        ids(&[&["apps", "list", "--sort", "name"], &json[..]].concat()),
        [
            "openai.chatgpt",
            "anthropic.claude",
            "google.gemini",
            "openai.api",
            "perplexity.perplexity"
        ]
    );
    assert_eq!(
        ids(&[&["apps", "--model", "paas"], &json[..]].concat()),
        ["openai.api"]
    );
    assert!(ids(&[&["apps", "--state", "blocked"], &json[..]].concat()).is_empty());
    assert!(
        desk.ok(&["apps", "--state", "blocked"])
            .contains("None of the 5 applications")
    );
    let error = desk.fails(&["apps", "--band", "hihg"], 2);
    assert!(error.contains("critical"), "{error}");
}

#[test]
fn apps_names_people_only_when_asked() {
    let desk = Desk::new();
    let listed = desk.ok(&["apps", "--output", "json"]);
    assert!(
        !listed.contains("alice") && !listed.contains("192.0.2."),
        "{listed}"
    );
    assert!(!desk.ok(&["apps", "show", "openai.api"]).contains("alice"));
    assert!(
        desk.ok(&["apps", "show", "openai.api", "--people"])
            .contains("alice")
    );
}

#[test]
fn a_wrong_id_is_answered_with_the_right_one() {
    let desk = Desk::new();
    let error = desk.fails(&["apps", "show", "chatgtp"], 1);
    assert_eq!(
        error,
        "gnomon: there is no application \"chatgtp\", did you mean \"openai.chatgpt\"?\n"
    );
    let error = desk.fails(&["apps", "show", "anthropic.api"], 1);
    assert!(
        error.contains("was not seen here") && error.contains("gnomon duties anthropic.api"),
        "{error}"
    );
}

#[test]
fn filters_before_a_subcommand_are_wrong_usage_and_global_flags_are_not() {
    let desk = Desk::new();
    desk.fails(&["apps", "--state", "new", "show", "openai.chatgpt"], 2);
    desk.fails(
        &["duties", "openai.chatgpt", "start", "openai.chatgpt", "5"],
        2,
    );
    let store = desk.store().display().to_string();
    desk.ok(&["apps", "--store", &store, "show", "openai.chatgpt"]);
}

#[test]
fn a_decision_says_what_it_replaces_and_what_follows() {
    let desk = Desk::new();
    let until = day(60);
    let first = restrict(&desk, &until);
    assert!(
        first.starts_with(&format!(
            "ChatGPT is now restricted for the whole organisation, until {until}.\n"
        )),
        "{first}"
    );
    assert!(
        first.contains("nobody had decided") && first.contains("GAI-05"),
        "{first}"
    );
    let second = desk.ok(&[
        "decide",
        "openai.chatgpt",
        "blocked",
        "--owner",
        "R. Verdi",
        "--reason",
        "it leaked",
    ]);
    assert!(
        second.contains("restricted, decided by a.bianchi"),
        "{second}"
    );
    let history = desk.ok(&["decisions", "openai.chatgpt"]);
    let at = |text: &str| {
        history
            .find(text)
            .unwrap_or_else(|| panic!("no {text}: {history}"))
    };
    assert!(at("restricted for the whole organisation") < at("blocked for the whole organisation"));
    assert!(history.contains("replaced") && history.contains("in force"));
    let state = desk.json(&["apps", "show", "openai.chatgpt", "--output", "json"]);
    assert_eq!(state["application"]["state"], "blocked");
    assert_eq!(state["decisions"].as_array().unwrap().len(), 2);
}

#[test]
fn a_decision_that_lacks_something_names_the_flag() {
    let desk = Desk::new();
    let tolerate = |more: &[&str]| {
        let args = [&["decide", "openai.chatgpt", "tolerated"], more].concat();
        desk.fails(&args, 1)
    };
    assert!(tolerate(&["--reason", "x"]).contains("--owner"));
    assert!(tolerate(&["--owner", "x"]).contains("--reason"));
    assert!(tolerate(&["--owner", "x", "--reason", "y"]).contains("--until"));
    let far = tolerate(&["--owner", "x", "--reason", "y", "--until", &day(400)]);
    assert!(far.contains("180 days"), "{far}");
    let past = tolerate(&["--owner", "x", "--reason", "y", "--until", "2020-01-01"]);
    assert!(past.contains("not in the future"), "{past}");
    let scope = desk.fails(
        &["decide", "openai.chatgpt", "blocked", "--scope", "finance"],
        2,
    );
    assert!(scope.contains("segment:NAME"), "{scope}");
    assert!(
        desk.ok(&["decisions"])
            .contains("Nobody has decided anything yet")
    );
}

#[test]
fn the_last_day_that_an_error_offers_is_accepted() {
    let desk = Desk::new();
    let error = desk.fails(
        &[
            "decide",
            "openai.chatgpt",
            "tolerated",
            "--owner",
            "x",
            "--reason",
            "y",
        ],
        1,
    );
    let latest = error.trim().rsplit(' ').next().unwrap();
    desk.ok(&[
        "decide",
        "openai.chatgpt",
        "tolerated",
        "--owner",
        "x",
        "--reason",
        "y",
        "--until",
        latest,
    ]);
}

#[test]
fn a_decision_about_an_unseen_service_or_segment_warns() {
    let desk = Desk::new();
    let output = desk.gnomon(&[
        "decide",
        "mistral.le-chat",
        "blocked",
        "--owner",
        "x",
        "--reason",
        "y",
        "--scope",
        "segment:nowhere",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let warnings = String::from_utf8(output.stderr).unwrap();
    assert!(warnings.contains("was not seen in use here"), "{warnings}");
    assert!(warnings.contains("no segment \"nowhere\""), "{warnings}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("for the segment nowhere") && said.contains("new holds for everyone else"),
        "{said}"
    );
}

#[test]
fn decisions_that_end_or_ended_are_due() {
    let desk = Desk::new();
    let until = day(20);
    restrict(&desk, &until);
    let soon = desk.ok(&["decisions", "--due"]);
    assert!(
        soon.contains("ends soon") && soon.contains("in 20 days"),
        "{soon}"
    );
    let later = desk.json(&[
        "decisions",
        "--due",
        "--as-of",
        &day(40),
        "--output",
        "json",
    ]);
    assert_eq!(later["decisions"][0]["standing"], "ended");
    let before = desk.ok(&["decisions", "--due", "--as-of", "2020-01-01"]);
    assert!(before.contains("No decision ends"), "{before}");
}

#[test]
fn duties_of_one_application_read_like_advice() {
    let desk = Desk::new();
    let page = desk.ok(&["duties", "openai.chatgpt"]);
    for part in [
        "ChatGPT (openai.chatgpt), by OpenAI, US",
        "nobody has decided",
        " 1. GAI-03 Decide, with an end date: security, ",
        "gnomon decide openai.chatgpt restricted --owner NAME --reason WHY --until ",
        " 5. GAI-04",
        "Yours: 18",
        "Yours and the provider's (OpenAI), each for its part: 5",
        "stated U2",
        "GAI-19  Disputed.",
        "It falls to enterprises to notice shadow applications",
        "Settled\n  GAI-01",
    ] {
        assert!(page.contains(part), "no {part:?} in:\n{page}");
    }
    assert!(!page.contains(" 6. "), "{page}");
    assert!(
        desk.ok(&["duties", "openai.chatgpt", "--all"])
            .contains("22. GAI-")
    );
}

#[test]
fn duties_of_a_service_that_nobody_uses_are_what_would_apply() {
    let desk = Desk::new();
    let page = desk.ok(&["duties", "mistral.le-chat"]);
    assert!(
        page.contains("what would apply") && !page.contains("GAI-01"),
        "{page}"
    );
    let answer = desk.json(&["duties", "mistral.le-chat", "--output", "json"]);
    assert_eq!(answer["in_register"], false);
    assert_eq!(answer["first"][0]["duty"], "GAI-03");
    // It needs no store either.
    let elsewhere = desk.room.path().join("none.db").display().to_string();
    desk.ok(&["duties", "mistral.le-chat", "--store", &elsewhere]);
    assert!(
        desk.fails(&["duties", "--store", &elsewhere], 1)
            .contains("there is no store yet")
    );
}

#[test]
fn duties_over_all_applications_are_grouped_by_role() {
    let desk = Desk::new();
    let owed = desk.ok(&["duties"]);
    assert!(
        owed.starts_with("126 duties for 5 applications, "),
        "{owed}"
    );
    for role in ["IT: ", "legal: ", "security: ", "data owner: "] {
        assert!(
            owed.lines().any(|line| line.starts_with(role)),
            "no {role}: {owed}"
        );
    }
    assert!(
        desk.ok(&["duties", "--overdue", "--as-of", "2020-01-01"])
            .contains("Nothing is overdue.")
    );
    let late = desk.ok(&[
        "duties",
        "--overdue",
        "--owner",
        "legal",
        "--as-of",
        "2099-01-01",
    ]);
    assert!(
        late.contains("overdue") && !late.contains("security:"),
        "{late}"
    );
    assert!(
        desk.fails(&["duties", "--owner", "lawyer"], 1)
            .contains("privacy, security")
    );
}

#[test]
fn a_duty_is_attested_waived_and_reopened() {
    let desk = Desk::new();
    let status = |duty: &str| -> String {
        let answer = desk.json(&["duties", "openai.chatgpt", "--output", "json"]);
        let duties = answer["duties"].as_array().unwrap().clone();
        let found = duties.iter().find(|row| row["id"] == duty).unwrap();
        found["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("GAI-12"), "provider_unassured");
    let until = day(90);
    let said = desk.ok(&[
        "duties",
        "attest",
        "openai.chatgpt",
        "12",
        "--evidence",
        "clause 7.2",
        "--until",
        &until,
    ]);
    assert!(
        said.starts_with(&format!(
            "GAI-12 No training on our data for ChatGPT: met, until {until}.\n"
        )),
        "{said}"
    );
    assert_eq!(status("GAI-12"), "met");
    assert!(
        desk.ok(&["duties", "openai.chatgpt"])
            .contains("attested by a.bianchi: clause 7.2")
    );
    desk.ok(&[
        "duties",
        "reopen",
        "openai.chatgpt",
        "gai-12",
        "--note",
        "switched back",
    ]);
    assert_eq!(status("GAI-12"), "open");
    desk.ok(&[
        "duties",
        "waive",
        "openai.chatgpt",
        "GAI-11",
        "--reason",
        "blocked",
        "--until",
        &until,
    ]);
    assert_eq!(status("GAI-11"), "waived");
    desk.ok(&["duties", "start", "openai.chatgpt", "GAI-05"]);
    assert_eq!(status("GAI-05"), "in_progress");
    desk.ok(&[
        "duties",
        "not-applicable",
        "openai.chatgpt",
        "GAI-27",
        "--reason",
        "nothing there",
    ]);
    assert_eq!(status("GAI-27"), "not_applicable");
    let said = desk.ok(&[
        "duties",
        "assure",
        "openai.api",
        "GAI-30",
        "--evidence",
        "audit report",
    ]);
    assert!(said.contains("assured"), "{said}");
}

#[test]
fn a_step_that_cannot_be_written_down_says_why() {
    let desk = Desk::new();
    let attest = |duty: &str| desk.fails(&["duties", "attest", "openai.chatgpt", duty], 1);
    assert!(attest("GAI-12").contains("--evidence"));
    assert!(attest("GAI-99").contains("GAI-01 to GAI-44"));
    assert!(attest("GAI-03").contains("gnomon decide"));
    assert!(attest("GAI-31").contains("does not apply"));
    let waive = desk.fails(
        &[
            "duties",
            "waive",
            "openai.chatgpt",
            "GAI-11",
            "--reason",
            "x",
        ],
        1,
    );
    assert!(waive.contains("--until"), "{waive}");
}

#[test]
fn a_case_is_acknowledged_silenced_and_closed() {
    let desk = Desk::new();
    let cases = desk.json(&["cases", "--output", "json"]);
    assert_eq!(cases["cases"].as_array().unwrap().len(), 5);
    let id = cases["cases"][0]["id"].as_str().unwrap();
    let start = &id[..6];
    assert!(desk.ok(&["cases", "show", start]).contains("first_seen"));
    assert!(
        desk.ok(&["cases", "acknowledge", start])
            .contains("with a.bianchi")
    );
    let until = day(5);
    let silent = desk.ok(&["cases", "silence", start, "--until", &until]);
    assert!(
        silent.contains(&format!("silent until {until}")),
        "{silent}"
    );
    desk.fails(&["cases", "silence", start, "--until", "2020-01-01"], 1);
    assert!(desk.ok(&["cases", "close", start]).contains("closed"));
    assert_eq!(
        desk.json(&["cases", "--output", "json"])["cases"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert!(desk.ok(&["cases", "--all"]).contains(id));
    assert!(
        desk.fails(&["cases", "show", "zz"], 1)
            .contains("gnomon cases --all")
    );
}

#[test]
fn the_doctor_finds_a_sound_register_sound() {
    let desk = Desk::new();
    let said = desk.ok(&["doctor"]);
    for part in [
        "schema 8",
        "SQLite 3.",
        "it is whole",
        "sample.log (squid): 49 records read",
        "it cannot tell:",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
    let answer = desk.json(&["doctor", "--output", "json"]);
    assert_eq!(answer["healthy"], true);
    assert!(
        desk.ok(&["doctor", "--replay-dead-letters"])
            .contains("nothing to send again")
    );
}

#[test]
fn the_doctor_works_without_a_store() {
    let desk = Desk::new();
    let none = desk.room.path().join("none.db").display().to_string();
    let said = desk.ok(&["doctor", "--store", &none]);
    assert!(said.contains("there is none at"), "{said}");
}

#[test]
fn the_doctor_finds_what_is_wrong_with_a_configuration() {
    let desk = Desk::new();
    let missing = desk.room.path().join("access.log");
    desk.config(&format!(
        "[[inputs]]\npath = {missing:?}\nformat = \"sqid\"\n"
    ));
    let output = desk.gnomon(&["doctor"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("No such file") && said.contains("\"squid\"?"),
        "{said}"
    );
    desk.config("[sourcs]\n");
    let output = desk.gnomon(&["doctor"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    // The rest is checked all the same.
    assert!(
        said.contains("\"sources\"?") && said.contains("it is whole"),
        "{said}"
    );
}

#[test]
fn the_doctor_finds_a_damaged_store() {
    let desk = Desk::new();
    std::fs::write(
        desk.store(),
        b"this is no database, and it is long enough to be one ............",
    )
    .unwrap();
    let output = desk.gnomon(&["doctor"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("✗ wrong  store"), "{said}");
}

#[test]
fn a_policy_file_is_shown_applied_whole_and_printed_again() {
    let desk = Desk::new();
    let file = |text: &str| {
        let path = desk.room.path().join("policy.toml");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let text = format!(
        "[[decision]]\napplication = \"openai.chatgpt\"\nstate = \"restricted\"\nowner = \"R. Verdi\"\nreason = \"no contract\"\nuntil = {}\n\n\
         [[enforcement]]\napplication = \"openai.chatgpt\"\naction = \"coach\"\nplace = \"proxy-1\"\nrule = \"r-9\"\n",
        day(60)
    );
    let path = file(&text);
    let shown = desk.ok(&["decide", "--from", &path, "--dry-run"]);
    assert!(
        shown.contains("1 decision new") && shown.contains("dry run"),
        "{shown}"
    );
    assert!(desk.ok(&["decisions"]).contains("Nobody has decided"));
    desk.ok(&["decide", "--from", &path]);
    let again = desk.ok(&["decide", "--from", &path]);
    assert!(again.contains("all of it holds already"), "{again}");

    let changed = desk.ok(&[
        "decide",
        "--dry-run",
        "--from",
        &file(&text.replace("restricted", "blocked")),
    ]);
    assert!(changed.contains("state: restricted → blocked"), "{changed}");

    // One mistake, and the good entry before it is not applied either.
    let half = format!(
        "{text}\n[[decision]]\napplication = \"anthropic.clade\"\nstate = \"blocked\"\nowner = \"R. Verdi\"\nreason = \"x\"\n"
    );
    let errors = desk.fails(
        &[
            "decide",
            "--from",
            &file(&half.replace("restricted", "blocked")),
        ],
        1,
    );
    assert!(
        errors.contains("policy.toml:15:15")
            && errors.contains("did you mean \"anthropic.claude\"")
            && errors.contains("nothing was applied"),
        "{errors}"
    );
    let printed = desk.ok(&["decisions", "--policy"]);
    assert!(
        printed.contains("state = \"restricted\"") && printed.contains("rule = \"r-9\""),
        "{printed}"
    );
    let back = desk.ok(&["decide", "--from", &file(&printed)]);
    assert!(back.contains("all of it holds already"), "{back}");
}

#[test]
fn an_enforcement_is_another_thing_than_the_decision() {
    let desk = Desk::new();
    let said = desk.ok(&[
        "enforce",
        "openai.chatgpt",
        "block",
        "--place",
        "proxy-1",
        "--rule",
        "r-9",
        "--ticket",
        "CHG-7",
    ]);
    assert!(said.contains("block by rule r-9 at proxy-1"), "{said}");
    let duties = desk.json(&["duties", "openai.chatgpt", "--output", "json"]);
    let text = duties.to_string();
    assert!(text.contains("block r-9 at proxy-1 since"), "{text}");
    let errors = desk.fails(
        &[
            "enforce",
            "openai.chatgpt",
            "block",
            "--place",
            "proxy-1",
            "--rule",
            "r-9",
            "--since",
            &day(2),
        ],
        1,
    );
    assert!(errors.contains("in the future"), "{errors}");
}

#[test]
fn the_decisions_that_are_worth_most_name_role_day_and_command() {
    let desk = Desk::new();
    let text = desk.ok(&["decisions", "--wanted"]);
    assert!(
        text.contains(" 1. ") && text.contains("gnomon decide openai.chatgpt"),
        "{text}"
    );
    let wanted = desk.json(&["decisions", "--wanted", "--output", "json"]);
    let rows = wanted["decisions_wanted"].as_array().unwrap();
    let risks: Vec<u64> = rows
        .iter()
        .map(|row| row["residual"].as_u64().unwrap())
        .collect();
    assert!(
        rows.len() > 3 && risks.is_sorted_by(|a, b| a >= b),
        "{risks:?}"
    );
    let first = rows[0]["application"].as_str().unwrap().to_owned();
    desk.ok(&[
        "decide",
        &first,
        "blocked",
        "--owner",
        "R. Verdi",
        "--reason",
        "no contract",
    ]);
    assert!(
        !desk
            .ok(&["decisions", "--wanted"])
            .contains(&format!("gnomon decide {first} "))
    );
}

#[test]
fn an_annex_is_written_for_one_application() {
    let desk = Desk::new();
    let output = desk.gnomon(&["duties", "openai.chatgpt", "--annex", "md"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("# Responsibility annex: ChatGPT") && text.contains("GAI-12"),
        "{text}"
    );
    let output = desk.gnomon(&["duties", "openai.chatgpt", "--annex", "html"]);
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("<h1>Responsibility annex: ChatGPT</h1>")
    );
    assert!(desk.fails(&["duties", "--annex", "md"], 2).contains("<ID>"));
}

#[test]
fn a_clock_that_was_set_back_brings_nothing_back_that_has_ended() {
    use gnomon::model::{Decision, Scope, State, Time};
    use gnomon::store::Store as _;
    let desk = Desk::new();
    let now = Time::from(jiff::Timestamp::now());
    let store = gnomon::store::sqlite::SqliteStore::open_shared(&desk.store()).unwrap();
    let mut made = Decision {
        id: 0,
        service: "openai.chatgpt".to_owned(),
        state: State::Tolerated,
        scope: Scope::Organisation,
        owner: "R. Verdi".to_owned(),
        reason: "trial".to_owned(),
        by: "a.bianchi".to_owned(),
        approver: None,
        requested_by: None,
        at: now,
        until: Some(now.plus_days(5)),
    };
    store.decide(&made).unwrap();
    assert!(
        desk.ok(&["decisions", "openai.chatgpt"])
            .contains("ends soon")
    );
    // Somebody wrote something ten days later, by a clock that was right: this one was set back since.
    made.service = "deepseek.chat".to_owned();
    made.at = now.plus_days(10);
    made.until = Some(now.plus_days(60));
    store.decide(&made).unwrap();
    drop(store);
    let output = desk.gnomon(&["decisions", "openai.chatgpt"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("ended") && !text.contains("ends soon"),
        "{text}"
    );
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("judged by the later of the two")
    );
}
