//! Whole mappings: text in, event out.

use std::sync::Arc;

use crate::formats::Context;
use crate::formats::contract::json_line;
use crate::model::Parsed;

use super::{Mapping, Opened, Sniffer};

fn mapping(text: &str) -> Arc<Mapping> {
    Arc::new(Mapping::read("test", "test.toml", text).unwrap())
}

/// What the records come to, without the part that is the same everywhere.
fn read(mapping: &Arc<Mapping>, records: &[&str]) -> Vec<String> {
    let mut parser = mapping.open(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-24T00:00:00Z".parse().unwrap(),
    });
    records
        .iter()
        .map(|record| match parser.parse(record.as_bytes()) {
            Parsed::Skip(why) => format!("skip {why}"),
            Parsed::Bad(why) => format!("bad {why}"),
            event @ Parsed::Event(_) => {
                let line = json_line(1, "", &event);
                let (_, rest) = line.split_once("\"kind\":").unwrap();
                rest.replace('"', "").trim_end_matches('}').to_owned()
            }
        })
        .collect()
}

#[test]
fn columns_may_change_with_every_line() {
    let rows = mapping(
        r#"
title = "Rows"
layout = "csv"
kind = "proxy"
header = true
[fields]
time = "time"
client = "src"
host = "host"
user = ["user", "login"]
[[outcome]]
field = "act"
allowed = [""]
blocked = ["deny"]
"#,
    );
    let mut lines = Vec::new();
    for number in (0..12).chain(0..12) {
        let (names, values) = match number % 2 {
            0 => ("host,login", "a.example,eve"),
            _ => ("act,host", "deny,a.example"),
        };
        lines.push(format!("time,src,more{number},{names}"));
        lines.push(format!("2026-11-02T10:11:12Z,192.0.2.7,x,{values}"));
    }
    let records: Vec<&str> = lines.iter().map(String::as_str).collect();
    let events: Vec<String> = read(&rows, &records)
        .into_iter()
        .filter(|said| said != "skip header")
        .collect();
    assert_eq!(events.len(), 24);
    for pair in events.chunks(2) {
        let [with_user, with_action] = pair else {
            panic!("two and two");
        };
        assert!(with_user.contains("user:eve") && with_user.contains("outcome:allowed"));
        assert!(!with_action.contains("user") && with_action.contains("outcome:blocked"));
    }
}

#[test]
fn a_skipped_object_is_known_as_it_would_be_recognised() {
    let ecs = mapping(include_str!("../../../config/formats/ecs.toml"));
    let mut parser = ecs.open(&Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-24T00:00:00Z".parse().unwrap(),
    });
    let lines = include_str!("../../../tests/formats/ecs/sample.log").lines();
    let others = [r#"{"event":{"kind":"metric"}}"#, r#"{"a":1}"#, ""];
    let mut known = [0; 2];
    for line in lines.chain(others) {
        let parsed = parser.parse(line.as_bytes());
        let Some(knew) = parser.knew().filter(|_| matches!(parsed, Parsed::Skip(_))) else {
            continue;
        };
        assert_eq!(knew, sniff(&ecs, line.as_bytes()) > 0, "{line}");
        known[usize::from(knew)] += 1;
    }
    assert!(known[0] >= 2 && known[1] >= 2, "{known:?}");
}

fn sniff(mapping: &Mapping, record: &[u8]) -> u8 {
    mapping.sniff(&mut Sniffer::default(), &Opened::new(record))
}

const GATEWAY: &str = r#"
title = "Gateway"
layout = "json"
kind = "proxy"
null = ["-"]
[recognise]
keys = ["url", "act"]
[fields]
time = "ts"
client = ["inner", "src"]
user = "who.name"
url = "url"
method = "m"
status = "code"
bytes_up = { from = "bytes", cut = "/", part = 1 }
bytes_down = { from = "bytes", cut = "/", part = -1 }
duration_secs = "took"
[[outcome]]
field = "act"
allowed = ["allow*"]
blocked = ["block"]
[[skip]]
field = "type"
values = "heartbeat"
why = "heartbeat"
[advice]
user = "log in"
"#;

#[test]
fn a_json_record_becomes_an_event() {
    let gateway = mapping(GATEWAY);
    let record = r#"{"ts":1793614272,"inner":"-","src":"192.0.2.7:4711","who":{"name":"CORP\\bob"},"url":"chatgpt.com/a?q","m":"POST","code":200,"bytes":"5/6/7","took":0.29,"act":"Allowed","type":"web"}"#;
    assert_eq!(
        read(&gateway, &[record]),
        [
            r"proxy,time:2026-11-02T10:11:12.000Z,client:192.0.2.7,client_port:4711,user:CORP\\bob,host:chatgpt.com,port:null,path:/a,method:POST,status:200,outcome:allowed,bytes_up:5,bytes_down:7,duration_ms:290"
        ]
    );
    assert_eq!(sniff(&gateway, record.as_bytes()), 90);
    assert_eq!(sniff(&gateway, br#"{"url":"x","ts":1}"#), 0);
    assert_eq!(sniff(&gateway, br#"{"url":"x","act":"y","ts":"never"}"#), 0);
}

#[test]
fn a_407_is_no_block_and_a_connect_has_no_path() {
    let gateway = mapping(GATEWAY);
    let read = read(
        &gateway,
        &[
            r#"{"ts":1793614272,"url":"chatgpt.com:443/","m":"CONNECT","code":"407","act":"block"}"#,
            r#"{"ts":1793614272,"url":"tunnel://chatgpt.com:443/","act":"block"}"#,
            r#"{"ts":1793614272,"type":"heartbeat"}"#,
            r#"{"ts":"soon","url":"x"}"#,
            r#"{"url":"x"}"#,
            "<14>Nov  2 10:11:12 gw agent: {\"url\":\"x\"}",
            "",
            "{",
        ],
    );
    assert!(
        read[0].contains("outcome:error") && read[0].contains("path:null"),
        "{}",
        read[0]
    );
    assert!(
        read[1].contains("host:chatgpt.com,port:443,path:null"),
        "{}",
        read[1]
    );
    assert!(read[1].contains("outcome:blocked"), "{}", read[1]);
    assert_eq!(
        read[2..5],
        [
            "skip heartbeat",
            "bad no readable time",
            "bad no time in it"
        ]
    );
    assert!(
        read[5].contains("time:2026-11-02T10:11:12.000Z"),
        "{}",
        read[5]
    );
    assert_eq!(read[6..], ["skip empty line", "bad JSON cut off"]);
}

#[test]
fn rows_behind_a_syslog_header_and_several_kinds() {
    let csv = mapping(
        r#"
title = "Rows"
layout = "csv"
kind = "flow"
columns = ["time", "type", "src", "what"]
[fields]
time = "time"
client = "src"
[recognise]
shapes = { "time" = "time", "src" = "address" }
[[records]]
where = { type = "dns" }
kind = "dns"
fields = { host = "what" }
[[records]]
where = { type = ["web", "ssl*"] }
kind = "proxy"
fields = { url = "what" }
"#,
    );
    let rows = [
        "2026-11-02 10:11:12,dns,192.0.2.7,\"ChatGPT.com.\"",
        "<14>Nov  2 10:11:12 gw 2026-11-02 10:11:12,ssl-tls,192.0.2.7,chatgpt.com:443",
        "2026-11-02 10:11:12,other,192.0.2.7,x",
        "2026-11-02 10:11:12,dns,192.0.2.7",
        "x,dns,192.0.2.7,a.example",
    ];
    assert_eq!(
        read(&csv, &rows),
        [
            "dns,time:2026-11-02T10:11:12.000Z,client:192.0.2.7,host:chatgpt.com,outcome:unknown",
            "proxy,time:2026-11-02T10:11:12.000Z,client:192.0.2.7,host:chatgpt.com,port:443,path:null,outcome:unknown",
            "skip record of another kind",
            "skip no name asked for",
            "bad no readable time",
        ]
    );
    assert!(
        rows[..2]
            .iter()
            .all(|row| sniff(&csv, row.as_bytes()) == 90)
    );
}

#[test]
fn w3c_rows_tell_what_their_header_has() {
    let w3c = mapping(
        r#"
title = "W3C"
layout = "w3c"
kind = "proxy"
null = ["-"]
[time]
zone = "utc"
[recognise]
keys = ["cs-host", "sc-filter-result"]
[fields]
client = "c-ip"
host = "cs-host"
user = "cs-username"
bytes_up = "cs-bytes"
"#,
    );
    let lines = [
        "#Fields: date time c-ip cs-username cs-host sc-filter-result",
        "2026-11-02 10:11:12 192.0.2.7 - chatgpt.com DENIED",
        "<14>Nov  3 00:00:00 proxy sgos: 2026-11-02 10:11:12 192.0.2.7 bob chatgpt.com DENIED",
        "#Date: 2026-11-02 10:00:00",
        "#Fields: time c-ip cs-host sc-filter-result cs-bytes",
        "10:11:12 192.0.2.7 chatgpt.com DENIED 77",
    ];
    let common = "time:2026-11-02T10:11:12.000Z,client:192.0.2.7";
    assert_eq!(
        read(&w3c, &lines),
        [
            "skip header".to_owned(),
            format!("proxy,{common},user:null,host:chatgpt.com,outcome:unknown"),
            format!("proxy,{common},user:bob,host:chatgpt.com,outcome:unknown"),
            "skip header".to_owned(),
            "skip header".to_owned(),
            format!("proxy,{common},host:chatgpt.com,outcome:unknown,bytes_up:77"),
        ]
    );
    assert_eq!(sniff(&w3c, lines[0].as_bytes()), 90);
    assert_eq!(sniff(&w3c, b"#Fields: date time c-ip"), 0);
}

#[test]
fn patterns_name_their_fields() {
    for layout in [
        "layout = \"template\"\npattern = '{client} [{time}] \"{request}\" {status} {bytes_down}'",
        "layout = \"regex\"\npattern = '^(?<client>\\S+) \\[(?<time>[^\\]]+)\\] \"(?<request>[^\"]*)\" (?<status>\\d+) (?<bytes_down>\\d+)'",
    ] {
        let mapping = mapping(&format!("title = \"T\"\nkind = \"proxy\"\n{layout}\n"));
        let row =
            "192.0.2.7 [02/Nov/2026:10:11:12 +0000] \"CONNECT chatgpt.com:443 HTTP/1.1\" 403 5";
        assert_eq!(
            read(&mapping, &[row, "nonsense"]),
            [
                "proxy,time:2026-11-02T10:11:12.000Z,client:192.0.2.7,host:chatgpt.com,port:443,path:null,method:CONNECT,status:403,outcome:blocked,bytes_down:5",
                "bad not as the pattern says"
            ],
            "{layout}"
        );
    }
}

#[test]
fn a_pair_that_contradicts_an_earlier_one_is_refused_where_the_mapping_says_so() {
    let text = "title = \"T\"\nkind = \"proxy\"\nlayout = \"kv\"\nseparator = \"\\t\"\n";
    let fields = "[fields]\nuser = \"user\"\nhost = \"host\"\n";
    let records = [
        "ua=x\tuser=forged\tuser=alice\thost=a.example",
        "user=alice\tuser=alice\thost=a.example",
        "ua=x\tua=y\tuser=alice\thost=a.example",
    ];
    let users = |mapping| -> Vec<String> {
        let read = read(&mapping, &records);
        let user = |line: &String| {
            line.split(',')
                .find(|part| part.starts_with("user:"))
                .map(str::to_owned)
        };
        read.iter()
            .map(|line| user(line).unwrap_or(line.clone()))
            .collect()
    };
    assert_eq!(
        users(mapping(&format!("{text}twice = \"bad\"\n{fields}"))),
        ["bad a key twice", "user:alice", "user:alice"]
    );
    assert_eq!(users(mapping(&format!("{text}{fields}")))[0], "user:forged");
}

#[test]
fn what_is_wrong_with_a_mapping_is_told_with_its_place() {
    let head = "title = \"T\"\nlayout = \"json\"\nkind = \"dns\"\n";
    for (text, said) in [
        ("title = \"T\"\nlayout = \"jason\"\n", "test.toml:2:10: "),
        (
            "[fields]\nhosts = \"q\"\n",
            "test.toml:5:1: unknown field \"hosts\", did you mean \"host\"?",
        ),
        (
            "[advice]\nusr = \"q\"\n",
            "test.toml:5:1: unknown field \"usr\", did you mean \"user\"?",
        ),
        (
            "separator = \"|\"\n",
            "test.toml:2:10: the layout \"json\" has no separator; it belongs to csv and kv",
        ),
        (
            "[fields]\nhost = { from = \"q\", part = 0 }\n",
            "test.toml:5:1: part counts from 1, or from -1 for the last",
        ),
        (
            "colums = []\n",
            "test.toml:4:1: unknown key \"colums\", did you mean \"columns\"?",
        ),
    ] {
        let whole = if text.starts_with("title") {
            text.to_owned()
        } else {
            format!("{head}{text}")
        };
        let error = Mapping::read("test", "test.toml", &whole)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(said), "{error}\nexpected {said}");
    }
    let regex = "title = \"T\"\nkind = \"dns\"\nlayout = \"regex\"\npattern = \"(\"\n";
    let error = Mapping::read("test", "test.toml", regex).unwrap_err();
    assert_eq!((error.line, error.column), (4, 11));
}
