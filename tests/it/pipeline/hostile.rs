//! Bad input from end to end: what a hostile or broken file does to itself, and what it does not do to its neighbours.
//!
//! Each file is made here, good lines around bad ones, and read by the whole engine. Expected is what a user is told
//! of it: the counts, the reasons, the notes; and that every good line, each of another service, was counted once. A line of
//! 4 MiB stands for one of a gigabyte: both are far beyond what is ever held.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gnomon::model::Coverage;
use gnomon::sources::scan::{Scan, Settings};
use gnomon::store::Store as _;

use super::Stand;

/// Hosts of services that the catalogue knows, in the order in which good lines name them.
const HOSTS: [&str; 6] = [
    "chatgpt.com",
    "claude.ai",
    "www.perplexity.ai",
    "gemini.google.com",
    "chat.deepseek.com",
    "chat.mistral.ai",
];

/// How good lines look.
#[derive(Clone, Copy)]
enum Good {
    Squid,
    /// A mapping of JSON.
    Ecs,
    /// JSON that is read by serde.
    Zeek,
    /// A mapping of CSV.
    Umbrella,
}

impl Good {
    fn format(self) -> &'static str {
        match self {
            Self::Squid => "squid",
            Self::Ecs => "ecs",
            Self::Zeek => "zeek-dns",
            Self::Umbrella => "umbrella-dns",
        }
    }

    fn line(self, host: &str) -> String {
        match self {
            Self::Squid => format!(
                "1795400000.000 90 192.0.2.7 TCP_TUNNEL/200 40000 CONNECT {host}:443 - HIER_DIRECT/203.0.113.5 -"
            ),
            Self::Ecs => format!(
                r#"{{"@timestamp":"2026-11-23T10:11:12.345Z","ecs":{{"version":"8.11.0"}},"source":{{"ip":"192.0.2.7"}},"event":{{"category":["network"],"dataset":"dns"}},"dns":{{"type":"answer","question":{{"name":"{host}","type":"A"}},"response_code":"NOERROR"}}}}"#
            ),
            Self::Zeek => format!(
                r#"{{"ts":1795400000.0,"uid":"C1","id.orig_h":"192.0.2.7","id.orig_p":40000,"id.resp_h":"192.0.2.53","id.resp_p":53,"proto":"udp","query":"{host}","qtype_name":"A","rcode_name":"NOERROR"}}"#
            ),
            Self::Umbrella => format!(
                r#""2026-11-23 11:00:00","Alice","Alice,NB-0042,HQ","192.0.2.7","203.0.113.99","Allowed","1 (A)","NOERROR","{host}.","Generative AI","AD Users","AD Users","","506165","","8234970""#
            ),
        }
    }
}

/// What the file was told to be: counts, reasons, notes; services and their events.
fn told(name: &str, good: Good, bytes: &[u8]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    read(&path, Some(good.format()))
}

fn read(path: &Path, format: Option<&str>) -> String {
    let settings = Settings {
        format: format.map(Into::into),
        ..Settings::default()
    };
    let stand = Stand::new();
    stand.read(&mut Scan::new(vec![path.to_owned()], settings), 2);
    let coverage = stand.store.coverage().unwrap();
    let [of_file] = coverage.as_slice() else {
        panic!("one source was read: {coverage:?}");
    };
    assert_eq!(of_file.read, of_file.events + of_file.skipped + of_file.bad);
    assert_eq!(stand.store.check().unwrap(), Vec::<String>::new());
    let profiles = stand.store.profiles(None).unwrap();
    let services: BTreeMap<&str, u64> = profiles
        .iter()
        .map(|profile| (&*profile.service, profile.events + profile.attempts))
        .collect();
    format!("{} {services:?}", said(of_file, path))
}

fn said(coverage: &Coverage, path: &Path) -> String {
    let notes = coverage
        .notes
        .join("; ")
        .replace(&path.display().to_string(), "FILE");
    format!(
        "{} = {} + {} + {} {:?} [{notes}]",
        coverage.read, coverage.events, coverage.skipped, coverage.bad, coverage.reasons
    )
}

/// Good lines, and what stands between each and the next.
fn between(good: Good, bad: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, host) in HOSTS.iter().enumerate().take(bad.len() + 1) {
        bytes.extend(good.line(host).into_bytes());
        bytes.push(b'\n');
        bytes.extend_from_slice(bad.get(at).copied().unwrap_or_default());
    }
    bytes
}

/// JSON of depth 10,000.
fn deep(open: &str, close: &str) -> Vec<u8> {
    let (open, close) = (open.repeat(10_000), close.repeat(10_000));
    format!("{{\"a\":{open}1{close}}}\n").into_bytes()
}

/// A good line with something else in it, as a line of its own.
fn spoilt(good: Good, what: &str, with: &[u8]) -> Vec<u8> {
    let line = good.line("spoilt.example.org").into_bytes();
    let at = memchr::memmem::find(&line, what.as_bytes()).unwrap();
    [&line[..at], with, &line[at + what.len()..], b"\n"].concat()
}

/// A log in UTF-16, with its mark.
fn utf16(text: &[u8], unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(unit).collect()
}

const EXPECTED: &str = include_str!("hostile.txt");

#[test]
fn a_bad_line_does_nothing_to_its_neighbours() {
    use Good::{Ecs, Squid, Umbrella, Zeek};
    let line = |text: &str| format!("{text}\n").into_bytes();
    let long = [vec![b'x'; 4 << 20], b"\n".to_vec()].concat();
    let nuls = vec![0; 9_000];
    let (before, behind) = (
        Squid.line("torn.example.org"),
        Squid.line("torn.example.org"),
    );
    let torn = [
        &before.as_bytes()[..40],
        &nuls,
        &behind.as_bytes()[40..],
        b"\n",
    ]
    .concat();
    let plain = between(Squid, &[b"", b"", b""]);
    let host = "spoilt.example.org";
    let cases: Vec<(&str, Good, Vec<u8>)> = vec![
        ("long lines", Squid, between(Squid, &[&long, b"", &long])),
        (
            "a long line at the end",
            Squid,
            [plain.clone(), vec![b'x'; 2 << 20]].concat(),
        ),
        ("runs of NUL", Squid, between(Squid, &[&nuls, b"", &nuls])),
        (
            "a line torn by a run of NUL",
            Squid,
            between(Squid, &[&torn, b""]),
        ),
        (
            "a NUL in a host",
            Squid,
            between(Squid, &[&spoilt(Squid, host, b"spoilt\0.example.org"), b""]),
        ),
        (
            "UTF-16, little end first",
            Squid,
            utf16(&plain, u16::to_le_bytes),
        ),
        (
            "UTF-16, big end first",
            Squid,
            utf16(&plain, u16::to_be_bytes),
        ),
        (
            "UTF-16 in the middle",
            Squid,
            [
                format!("{}\n", Squid.line(HOSTS[5]))
                    .repeat(900)
                    .into_bytes(),
                between(Squid, &[&utf16(&plain, u16::to_le_bytes), b"\n", b""]),
            ]
            .concat(),
        ),
        (
            "invalid UTF-8 in a host",
            Squid,
            between(
                Squid,
                &[&spoilt(Squid, host, b"spoi\xfflt.example.org"), b""],
            ),
        ),
        (
            "invalid UTF-8 in JSON",
            Ecs,
            between(Ecs, &[&spoilt(Ecs, host, b"spoi\xfflt.example.org"), b""]),
        ),
        (
            "invalid UTF-8 in JSON for serde",
            Zeek,
            between(Zeek, &[&spoilt(Zeek, host, b"spoi\xfflt.example.org"), b""]),
        ),
        (
            "deep objects",
            Ecs,
            between(Ecs, &[&deep("{\"a\":", "}"), &deep("{\"message\":", "}")]),
        ),
        (
            "deep lists",
            Ecs,
            between(Ecs, &[&deep("[", "]"), &line(&"[".repeat(10_000))]),
        ),
        (
            "deep objects for serde",
            Zeek,
            between(Zeek, &[&deep("{\"a\":", "}"), &deep("[", "]")]),
        ),
        (
            "deep and cut off",
            Ecs,
            between(Ecs, &[&line(&"{\"a\":".repeat(10_000)), b""]),
        ),
        (
            "a key twice",
            Ecs,
            between(
                Ecs,
                &[
                    &spoilt(
                        Ecs,
                        "\"question\":{",
                        b"\"question\":{\"name\":\"forged.example\",",
                    ),
                    b"",
                ],
            ),
        ),
        (
            "a key twice for serde",
            Zeek,
            between(
                Zeek,
                &[
                    &spoilt(
                        Zeek,
                        "\"query\":",
                        b"\"query\":\"forged.example\",\"query\":",
                    ),
                    b"",
                ],
            ),
        ),
        (
            "a key twice that nobody wants",
            Ecs,
            between(Ecs, &[&spoilt(Ecs, "{\"@", b"{\"x\":1,\"x\":2,\"@"), b""]),
        ),
        (
            "a line end inside quotes of CSV",
            Umbrella,
            between(
                Umbrella,
                &[&spoilt(Umbrella, "Alice\",", b"Al\nice\","), b""],
            ),
        ),
        (
            "a quote in quotes of CSV",
            Umbrella,
            between(
                Umbrella,
                &[&spoilt(Umbrella, "Alice\",", b"Al\"\",\"\"ice\","), b""],
            ),
        ),
        (
            "a quote of CSV that does not end",
            Umbrella,
            between(
                Umbrella,
                &[&spoilt(Umbrella, "\"8234970\"", b"\"8234970"), b""],
            ),
        ),
        (
            "a carriage return in a line",
            Squid,
            between(
                Squid,
                &[
                    &spoilt(Squid, host, b"a.example.org\rb.example.org"),
                    b"\r\n",
                    b"",
                ],
            ),
        ),
        (
            "lines that end with a carriage return",
            Squid,
            plain
                .iter()
                .flat_map(|b| {
                    if *b == b'\n' {
                        vec![b'\r', b'\n']
                    } else {
                        vec![*b]
                    }
                })
                .collect(),
        ),
        (
            "lines that end with nothing else",
            Squid,
            plain
                .iter()
                .map(|b| if *b == b'\n' { b'\r' } else { *b })
                .collect(),
        ),
        (
            "separators of Unicode",
            Squid,
            between(
                Squid,
                &[
                    &spoilt(
                        Squid,
                        host,
                        "a.example.org\u{2028}b.example.org\u{85}c".as_bytes(),
                    ),
                    b"",
                ],
            ),
        ),
        (
            "a line end in JSON",
            Ecs,
            between(
                Ecs,
                &[&spoilt(Ecs, host, b"a.example.org\\nb.example.org"), b""],
            ),
        ),
        (
            "a line end in JSON that is not escaped",
            Ecs,
            between(
                Ecs,
                &[&spoilt(Ecs, host, b"a.example.org\nb.example.org"), b""],
            ),
        ),
        (
            "two objects in a line",
            Ecs,
            between(
                Ecs,
                &[
                    &[Ecs.line(HOSTS[4]), Ecs.line(HOSTS[5]), "\n".to_owned()]
                        .concat()
                        .into_bytes(),
                    b"",
                ],
            ),
        ),
        (
            "a blank in a host",
            Squid,
            between(
                Squid,
                &[
                    &spoilt(
                        Squid,
                        host,
                        b"a.example.org TCP_TUNNEL/200 5 CONNECT forged.example",
                    ),
                    b"",
                ],
            ),
        ),
        (
            "another format's lines",
            Squid,
            between(
                Squid,
                &[
                    &line(&Ecs.line(HOSTS[4])),
                    &line(&Umbrella.line(HOSTS[5])),
                    b"",
                ],
            ),
        ),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|(name, good, bytes)| format!("{name}: {}", told("access.log", *good, bytes)))
        .collect();
    if std::env::var_os("GNOMON_BLESS").is_some() {
        fs::write("tests/it/pipeline/hostile.txt", told.join("\n") + "\n").unwrap();
        return;
    }
    for (told, expected) in told.iter().zip(EXPECTED.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.len(), EXPECTED.lines().count());
}
