//! Pairs with quotes, blanks and signs inside of their values.

use super::*;

fn pairs(separator: &str, assign: &str) -> Pairs {
    Pairs {
        separator: separator.into(),
        assign: assign.into(),
        begin: Vec::new(),
        end: Vec::new(),
        quotes: true,
        quoted: Form::Backslash,
        bare: Form::Plain,
        blanks: false,
        once: false,
    }
}

fn read(pairs: &Pairs, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let text = pairs.inside(text.as_bytes()).unwrap();
    let result = pairs.each(text, |key, value| {
        let value = value.text();
        let (key, value) = (
            String::from_utf8_lossy(key),
            String::from_utf8_lossy(&value),
        );
        found.push(format!("{key}:{value}"));
    });
    if let Err(why) = result {
        found.push(why.to_owned());
    }
    found
}

#[test]
fn blanks_separate_and_words_without_a_key_are_passed_over() {
    let text = r#"<14>some text date=2026-11-02 user="a \"b\" c" empty="" path=C:\x noise url="x" y="z" n=1"#;
    assert_eq!(
        read(&pairs(" ", "="), text),
        [
            "date:2026-11-02",
            "user:a \"b\" c",
            "empty:",
            r"path:C:\x",
            "url:x",
            "y:z",
            "n:1"
        ]
    );
}

#[test]
fn a_raw_quote_does_not_end_a_value() {
    let text = r#"msg="say "hi" now" user="x""#;
    assert_eq!(
        read(&pairs(" ", "="), text),
        ["msg:say \"hi\" now", "user:x"]
    );
    assert_eq!(
        read(&pairs(" ", "="), r#"a=1 b="cut"#),
        ["a:1", "a quote that does not end"]
    );
}

#[test]
fn values_with_blanks_end_at_the_next_key() {
    let mut cef = pairs(" ", "=");
    cef.blanks = true;
    cef.quotes = false;
    cef.bare = Form::Cef;
    assert_eq!(
        read(
            &cef,
            r"act=Web Site Blocked msg=a b\=c x user=o\=u request=http://a/?q\=1 "
        ),
        [
            "act:Web Site Blocked",
            "msg:a b=c x",
            "user:o=u",
            "request:http://a/?q=1"
        ]
    );
    let mut ftd = pairs(", ", ": ");
    ftd.blanks = true;
    ftd.quotes = false;
    assert_eq!(
        read(
            &ftd,
            "SrcIP: 192.0.2.7, User: No Authentication Required, Client: SSL client, URL: https://a.example/x, y"
        ),
        [
            "SrcIP:192.0.2.7",
            "User:No Authentication Required",
            "Client:SSL client",
            "URL:https://a.example/x, y"
        ]
    );
}

#[test]
fn other_signs_and_frames() {
    let mut checkpoint = pairs("; ", ":");
    checkpoint.begin = vec![b"[".to_vec()];
    checkpoint.end = b"]".to_vec();
    assert_eq!(
        read(
            &checkpoint,
            r#"<134>1 x - [action:"Accept"; time:"1657997480"; note:"a; b"; last:"z"]"#
        ),
        ["action:Accept", "time:1657997480", "note:a; b", "last:z"]
    );
    let tabs = pairs("\t", "=");
    assert_eq!(
        read(
            &tabs,
            "2026-11-02 10:11:12\treason=Allowed x\tlocation=Road Warrior\tip=192.0.2.7"
        ),
        ["reason:Allowed x", "location:Road Warrior", "ip:192.0.2.7"]
    );
}
