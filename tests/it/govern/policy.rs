//! The policy file: read whole or refused with every mistake, compared with what holds, printed and read again.

use super::*;
use gnomon::govern::policy::{Policy, Reading, Step, difference, parse, print};
use gnomon::model::{Enforcement, EnforcementAction, PlacedError};
use proptest::prelude::*;

const NOW: &str = "2026-11-23T10:00:00Z";

fn read(text: &str, earlier: &[Decision]) -> Result<Policy, Vec<PlacedError>> {
    let unknown = |id: &str| match id {
        "openai.chatgpt" | "deepseek.chat" => None,
        other => Some(format!(
            "there is no application {other:?}, did you mean \"openai.chatgpt\"?"
        )),
    };
    let reading = Reading {
        unknown: &unknown,
        earlier,
        by: "Sam Example",
        now: day(NOW),
    };
    parse("policy.toml", text, &reading)
}

const GOOD: &str = r#"
[[decision]]
application = "openai.chatgpt"
state = "tolerated"
scope = "group:pilots"
owner = "R. Verdi"
approver = "Kim Example"
requested_by = "Lee Example"
reason = "trial of the enterprise plan"
until = 2027-01-31

[[decision]]
application = "openai.chatgpt"
state = "blocked"
owner = "R. Verdi"
reason = "no contract"

[[enforcement]]
application = "openai.chatgpt"
action = "block"
place = "proxy-1"
rule = "r-17"
ticket = "CHG-7"
since = 2026-11-20
"#;

#[test]
fn a_file_is_read_and_applied_once() {
    let policy = read(GOOD, &[]).unwrap();
    let (line, first) = &policy.decisions[0];
    assert_eq!((*line, first.state), (2, State::Tolerated));
    assert_eq!(first.scope, Scope::Group("pilots".to_owned()));
    assert_eq!(first.until.unwrap().to_string(), "2027-01-31T23:59:59.999Z");
    assert_eq!(first.approver.as_deref(), Some("Kim Example"));
    assert_eq!(policy.enforcements[0].1.at, day("2026-11-20"));

    let before = difference(&policy, &[], &[], day(NOW));
    assert_eq!(before.to_decide().len(), 2);
    let written: Vec<Decision> = (1..)
        .zip(before.to_decide())
        .map(|(id, d)| Decision { id, ..d })
        .collect();
    let pushed = [Enforcement {
        id: 1,
        ..before.enforcements[0].clone()
    }];
    let again = read(GOOD, &written).unwrap();
    let after = difference(&again, &written, &pushed, day(NOW));
    assert!(after.is_empty(), "{after:?}");
    assert_eq!(after.enforcements_unchanged, 1);
}

#[test]
fn what_differs_replaces_and_what_is_left_out_goes_on() {
    let written = [
        decision(1, State::Restricted, "2026-11-01", Some("2027-02-01")),
        for_segment(decision(2, State::Blocked, "2026-11-02", None), "legal"),
    ];
    let text = "[[decision]]\napplication = \"openai.chatgpt\"\nstate = \"blocked\"\nowner = \"R. Verdi\"\nreason = \"no contract\"\n";
    let found = difference(&read(text, &written).unwrap(), &written, &[], day(NOW));
    assert_eq!(
        found.decisions[0].1,
        Step::Replaces(Box::new(written[0].clone()))
    );
    assert_eq!(found.unmentioned, [written[1].clone()]);
}

#[test]
fn every_mistake_is_named_with_its_line_and_what_would_be_right() {
    let with = |key: &str, value: &str| {
        let fields = [
            ("application", "\"openai.chatgpt\""),
            ("state", "\"blocked\""),
            ("owner", "\"R. Verdi\""),
            ("reason", "\"no contract\""),
        ];
        let mut text = "[[decision]]\n".to_owned();
        for (name, usual) in fields {
            let value = if name == key { value } else { usual };
            text.push_str(&format!("{name} = {value}\n"));
        }
        if !fields.iter().any(|(name, _)| *name == key) {
            text.push_str(&format!("{key} = {value}\n"));
        }
        let wrong = read(&text, &[]).unwrap_err();
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        wrong[0].to_string()
    };
    assert_eq!(
        with("ownr", "\"x\""),
        "policy.toml:6:1: unknown key \"ownr\", did you mean \"owner\"?"
    );
    assert_eq!(
        with("application", "\"openai.chatgtp\""),
        "policy.toml:2:15: there is no application \"openai.chatgtp\", did you mean \"openai.chatgpt\"?"
    );
    assert!(with("state", "\"blockd\"").starts_with("policy.toml:3:9: unknown state \"blockd\""));
    assert!(with("state", "\"blockd\"").ends_with("did you mean \"blocked\"?"));
    assert!(
        with("state", "\"tolerated\"")
            .contains("policy.toml:3:9: a tolerated application needs an end date: add until")
    );
    assert!(
        with("until", "2026-11-22")
            .contains("policy.toml:6:9: until 2026-11-22 is not in the future")
    );
    assert!(with("until", "\"soon\"").contains("policy.toml:6:9: until \"soon\" is no date"));
    assert!(
        with("owner", "[\"R. Verdi\", \"N. Bianchi\"]").contains("policy.toml:4:9: owner names 2")
    );
    assert!(with("owner", "\" \"").contains("needs an owner"));
    assert!(with("scope", "\"team:x\"").contains("segment:NAME, or group:NAME"));

    let two_owners = format!(
        "{GOOD}\n[[decision]]\napplication = \"openai.chatgpt\"\nstate = \"blocked\"\nowner = \"N. Bianchi\"\nreason = \"mine\"\n"
    );
    let wrong = read(&two_owners, &[]).unwrap_err();
    assert_eq!(
        wrong[0].to_string(),
        "policy.toml:27:15: openai.chatgpt for organisation has two owners, here and in line 12: keep one of the two"
    );
}

#[test]
fn an_exception_is_measured_against_the_block_of_the_same_file() {
    let endless = GOOD
        .replace("until = 2027-01-31\n", "")
        .replace("tolerated", "sanctioned");
    let wrong = read(&endless, &[]).unwrap_err();
    assert!(
        wrong[0].reason.contains("exception to blocked"),
        "{}",
        wrong[0]
    );
    let wrong = read(&GOOD.replace("2026-11-20", "2026-12-20"), &[]).unwrap_err();
    assert!(wrong[0].reason.contains("is in the future"), "{}", wrong[0]);
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z \"\\\\'#=\\]\\[]{1,20}", "\\PC{1,20}", "[\n\ta]{1,4}"]
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("not empty", |text| !text.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back_and_changes_nothing(
        rows in prop::collection::vec((words(), words(), 0_usize..3, 0_usize..4, 1_i64..170, prop::option::of(words())), 0..6),
        rules in prop::collection::vec((words(), words(), 0_usize..4), 0..4),
    ) {
        let states = [State::Sanctioned, State::Tolerated, State::Restricted, State::Blocked];
        let decisions: Vec<Decision> = (1..).zip(rows).map(|(id, (owner, reason, scope, state, days, approver))| Decision {
            scope: [Scope::Organisation, Scope::Segment("legal".to_owned()), Scope::Group("pilots".to_owned())][scope].clone(),
            owner,
            reason,
            approver,
            until: Some(day("2026-11-23").plus_days(days).plus_secs(id)),
            ..decision(id, states[state], "2026-11-01", None)
        }).collect();
        let enforcements: Vec<Enforcement> = (1..).zip(rules).map(|(id, (place, rule, action))| Enforcement {
            id,
            service: "deepseek.chat".to_owned(),
            action: EnforcementAction::ALL[action],
            place,
            rule,
            ticket: String::new(),
            by: "Sam Example".to_owned(),
            at: day("2026-11-01"),
        }).collect();
        let text = print(&decisions, &enforcements, day(NOW));
        let policy = read(&text, &decisions).map_err(|wrong| TestCaseError::fail(format!("{wrong:?}\n{text}")))?;
        let found = difference(&policy, &decisions, &enforcements, day(NOW));
        prop_assert!(found.is_empty(), "{found:?}\n{text}");
        prop_assert_eq!(found.unmentioned, []);
    }
}
