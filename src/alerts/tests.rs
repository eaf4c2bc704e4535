//! What receivers get, whatever a log wrote into an alert.

use crate::model::{Alert, Severity, Time};

use super::settings::{ChannelSettings, SyslogFormat};
use super::{email, open, slack, syslog};

const HOSTILE: &str =
    "evil\r\nBcc: x@example.org <!channel> <https://evil.example|ok> a|b=c\\d \"]\u{202e} & *bold*";

fn alert() -> Alert {
    Alert {
        id: "a1b2".into(),
        rule: "application_first_seen".into(),
        severity: Severity::High,
        at: Time::from_secs(1_793_614_272),
        title: format!("ChatGPT first seen: {HOSTILE}"),
        lines: vec![format!("user {HOSTILE}"), "x".repeat(5_000)],
        next: vec!["decide".into()],
        service: "openai.chatgpt".into(),
        service_name: "ChatGPT".into(),
        segment: HOSTILE.into(),
        tier: "unknown".into(),
        case: "c1".into(),
        state: "new".into(),
        transitions: vec!["t1".into()],
    }
}

fn settings(text: &str) -> ChannelSettings {
    toml::from_str(text).unwrap()
}

#[test]
fn slack_gets_plain_text_without_mentions_or_links() {
    let message = slack::message(&alert());
    let fallback = message["text"].as_str().unwrap();
    assert!(!fallback.contains("<!channel>") && fallback.contains("&lt;!channel&gt;"));
    let blocks = message["blocks"].as_array().unwrap();
    assert!(
        blocks
            .iter()
            .all(|block| block["text"]["type"] == "plain_text")
    );
    assert!(
        blocks
            .iter()
            .all(|block| block["text"]["text"].as_str().unwrap().chars().count() <= 3_000)
    );
    assert!(blocks[0]["text"]["text"].as_str().unwrap().chars().count() <= 150);
}

#[test]
fn syslog_is_one_frame_whose_fields_cannot_be_forged() {
    let frame = syslog::frame(&alert(), SyslogFormat::Rfc5424, "gw1", 7);
    assert!(frame.starts_with("<131>1 2026-11-02T"), "{frame}");
    assert!(!frame.contains(['\r', '\n']));
    assert!(frame.contains(r#"segment="evil\\u{d}\\u{a}Bcc"#), "{frame}");
    assert!(frame.contains(r#"\"\]"#));
    let cef = syslog::frame(&alert(), SyslogFormat::Cef, "gw1", 7);
    assert!(cef.contains("|application_first_seen|ChatGPT first seen"));
    assert!(cef.contains(r"a\|b=c") && cef.contains(r"a|b\=c"), "{cef}");
    assert!(!cef.contains(['\r', '\n']));
}

#[test]
fn a_mail_has_one_header_block_whatever_the_title() {
    let body = email::body(&alert());
    assert!(!body.contains('\r') && body.contains("What to do"));
}

#[test]
fn a_channel_says_which_key_it_lacks() {
    let error = |text: &str| {
        open(&settings(text))
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert_eq!(
        error("name = \"soc\"\nkind = \"webhook\""),
        "alert channel \"soc\": kind \"webhook\" needs the key `url`"
    );
    assert!(error("name = \"soc\"\nkind = \"slack\"").contains("url_file"));
    assert!(
        error("name = \"s\"\nkind = \"syslog\"\naddress = \"example.org\"")
            .contains("udp://host:514")
    );
    assert!(
        error(
            "name = \"m\"\nkind = \"email\"\nrelay = \"mail.example.org\"\nfrom = \"g@example.org\""
        )
        .contains("`to`")
    );
    assert!(error("name = \"f\"\nkind = \"file\"").contains("`path`"));
}

#[test]
fn json_lines_are_appended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    let mut channel = open(&settings(&format!(
        "name = \"f\"\nkind = \"file\"\npath = {:?}",
        path.display().to_string()
    )))
    .unwrap();
    channel.send(&alert()).unwrap();
    channel.send(&alert()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    let read: Alert = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(read, alert());
}
