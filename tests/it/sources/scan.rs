//! Reading once through: order, packing, hostile files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use gnomon::sources::scan::{Scan, Settings};
use gnomon::sources::{Chunk, Next, Source};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

struct Read {
    chunks: Vec<Chunk>,
    troubles: Vec<String>,
    scan: Scan,
}

impl Read {
    fn text(&self) -> String {
        let bytes: Vec<u8> = self.chunks.iter().flat_map(|c| c.bytes.clone()).collect();
        String::from_utf8(bytes).unwrap()
    }

    fn sources(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.chunks.iter().map(|c| &*c.source).collect();
        names.dedup();
        names
    }

    fn has_trouble(&self, parts: &[&str]) -> bool {
        self.troubles
            .iter()
            .any(|note| parts.iter().all(|part| note.contains(part)))
    }
}

fn read(paths: &[PathBuf]) -> Read {
    let mut scan = Scan::new(paths.to_vec(), Settings::default());
    let (mut chunks, mut troubles) = (Vec::new(), Vec::new());
    loop {
        match scan.next() {
            Next::Chunk(chunk) => chunks.push(chunk),
            Next::Trouble { source, note } | Next::Lost { source, note } => {
                assert!(note.starts_with(&*source), "{note}");
                troubles.push(note);
            }
            Next::End => break,
            other => panic!("a scan has no {other:?}"),
        }
    }
    Read {
        chunks,
        troubles,
        scan,
    }
}

fn names(dir: &Path, read: &Read) -> Vec<String> {
    let prefix = format!("{}/", dir.display());
    read.sources()
        .iter()
        .map(|s| s.replace(&prefix, ""))
        .collect()
}

#[test]
fn directory_is_read_oldest_first_and_recursively() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("access.log"), "4\n").unwrap();
    fs::write(at("access.log.1"), "3\n").unwrap();
    fs::write(at("access.log.2.gz"), gzip(b"2\n")).unwrap();
    fs::write(at("access.log.10.gz"), gzip(b"1\n")).unwrap();
    fs::write(at("dns.log"), "5\n").unwrap();
    fs::write(at("sub/z.log"), "6").unwrap();
    let read = read(&[dir.path().to_owned()]);
    assert_eq!(read.text(), "1\n2\n3\n4\n5\n6");
    assert_eq!(
        names(dir.path(), &read),
        [
            "access.log.10.gz",
            "access.log.2.gz",
            "access.log.1",
            "access.log",
            "dns.log",
            "sub/z.log"
        ]
    );
    assert!(
        read.chunks
            .iter()
            .all(|c| c.last && c.head.is_some() && c.line == 1 && c.offset == 0)
    );
    let streams: Vec<u64> = read.chunks.iter().map(|c| c.stream).collect();
    assert_eq!(streams, [1, 2, 3, 4, 5, 6]);
    assert!(read.troubles.is_empty(), "{:?}", read.troubles);
    assert_eq!((read.scan.readable(), read.scan.found()), (6, 6));
}

#[test]
fn many_blocks_are_one_stream_with_running_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("big.log");
    let text: String = (1..=300_000).map(|n| format!("line {n}\r\n")).collect();
    fs::write(&path, &text).unwrap();
    let read = read(std::slice::from_ref(&path));
    assert!(read.text() == text);
    assert!(read.chunks.len() > 2);
    for chunk in &read.chunks {
        let start = String::from_utf8_lossy(&chunk.bytes[..20]).into_owned();
        assert!(
            start.starts_with(&format!("line {}\r\n", chunk.line)),
            "{start}"
        );
        assert!(text[chunk.offset as usize..].starts_with(&start));
    }
    let lasts: Vec<bool> = read.chunks.iter().map(|c| c.last).collect();
    assert_eq!(lasts.iter().filter(|l| **l).count(), 1);
    assert_eq!(lasts.last(), Some(&true));
    assert_eq!(read.chunks.iter().filter(|c| c.head.is_some()).count(), 1);
    let size = fs::metadata(&path).unwrap().len();
    assert_eq!(read.scan.progress(), Some((size, size)));
}

#[test]
fn progress_of_compressed_files_counts_bytes_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("big.log.gz");
    let text: String = (1..=400_000).map(|n| format!("line {n}\n")).collect();
    fs::write(&path, gzip(text.as_bytes())).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    let mut scan = Scan::new(vec![path], Settings::default());
    assert_eq!(scan.progress(), Some((size, 0)));
    assert!(matches!(scan.next(), Next::Chunk(_)));
    let (total, done) = scan.progress().unwrap();
    assert!(total == size && done > 0 && done < size, "{done} of {size}");
    while !matches!(scan.next(), Next::End) {}
    assert_eq!(scan.progress(), Some((size, size)));
}

#[test]
fn hostile_things_in_a_directory_are_named_and_the_rest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let good: String = (1..=50_000)
        .map(|n| format!("{n} {}\n", n * 7919 % 10_007))
        .collect();
    fs::write(at("good.log"), "good\n").unwrap();
    fs::write(at("empty.log"), "").unwrap();
    fs::write(at("utf16.log"), b"\xff\xfea\0\n\0").unwrap();
    fs::write(at("utf32.log"), b"\xff\xfe\0\0a\0\0\0").unwrap();
    fs::write(
        at("binary.dat"),
        (0..=255u8).cycle().take(9_000).collect::<Vec<_>>(),
    )
    .unwrap();
    let whole = gzip(good.as_bytes());
    fs::write(at("cut.log.gz"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at("bomb.log.gz"), gzip(&vec![b'\n'; 12 << 20])).unwrap();
    fs::write(at("twice.log.gz"), gzip(&gzip(b"line\n"))).unwrap();
    fs::write(at("lie.gz"), b"\x1f\x8b\x08garbage garbage garbage").unwrap();
    fs::write(at("long.log"), format!("a\n{}\nb\n", "x".repeat(300 << 10))).unwrap();
    fs::write(at("nul.log"), [&[0u8; 9_000][..], b"after\n"].concat()).unwrap();
    std::os::unix::fs::symlink("nowhere", at("dangling.log")).unwrap();
    std::os::unix::fs::symlink(dir.path(), at("loop")).unwrap();
    std::os::unix::fs::symlink(at("good.log"), at("zz-again.log")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(at("fifo"))
        .status()
        .unwrap();
    assert!(made.success());

    let read = read(&[dir.path().to_owned(), at("missing.log")]);
    for parts in [
        &["empty.log: is empty"][..],
        &["utf32.log: is UTF-16", "iconv"],
        &["binary.dat: is binary"],
        &[
            "cut.log.gz: gzip data ends early after ",
            "the rest of this file is missing",
        ],
        &["bomb.log.gz: unpacks to more than 200 times its size"],
        &["twice.log.gz: is compressed twice"],
        &["lie.gz: gzip data"],
        &["long.log: 1 overlong line skipped (the last is line 2"],
        &["nul.log: 9000 NUL bytes skipped"],
        &["dangling.log: cannot be read"],
        &["loop: is a link to a directory"],
        &["zz-again.log: is the same file"],
        &["socket: is a socket"],
        &["fifo: is a FIFO"],
        &["missing.log: cannot be read"],
    ] {
        assert!(read.has_trouble(parts), "{parts:?} in {:#?}", read.troubles);
    }
    let of = |name: &str| -> Vec<u8> {
        let path = at(name).display().to_string();
        let mine = read.chunks.iter().filter(|c| *c.source == *path);
        mine.flat_map(|c| c.bytes.clone()).collect()
    };
    assert_eq!(of("good.log"), b"good\n");
    assert_eq!(of("nul.log"), b"after\n");
    assert_eq!(of("utf16.log"), b"a\n");
    assert_eq!(of("long.log"), b"a\nb\n");
    let cut = of("cut.log.gz");
    assert!(cut.ends_with(b"\n") && good.as_bytes().starts_with(&cut) && cut.len() > 1_000);
    let bomb = of("bomb.log.gz").len();
    assert!((10 << 20..12 << 20).contains(&bomb), "{bomb}");
}

#[test]
fn nothing_readable_can_be_told() {
    let read = read(&[PathBuf::from("/nonexistent/a.log")]);
    assert_eq!((read.scan.readable(), read.scan.found()), (0, 1));
    assert!(read.chunks.is_empty());
}

#[test]
fn rest_after_a_skip_is_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.log");
    fs::write(&path, [b"one\n", &[0u8; 64][..], b"two"].concat()).unwrap();
    let read = read(&[path]);
    assert_eq!(read.text(), "one\ntwo");
    assert_eq!(read.chunks.iter().filter(|c| c.last).count(), 1);
}

/// A binary file of dnstap is read as the lines that its fixture shows, packed or not, and as far as it goes.
#[test]
fn dnstap_files_are_read_as_lines() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "dnstap",
        "dnstap-dnsdist",
        "dnstap-knot",
        "dnstap-responses",
    ] {
        let lines = fs::read_to_string(root.join(name).join("sample.log")).unwrap();
        let binary = fs::read(root.join(name).join("sample.fstrm")).unwrap();
        let path = dir.path().join("tap.fstrm.gz");
        fs::write(&path, gzip(&binary)).unwrap();
        for whole in [root.join(name).join("sample.fstrm"), path] {
            let read = read(&[whole]);
            let text = read.text();
            assert!(read.troubles.is_empty(), "{:?}", read.troubles);
            assert!(
                lines.starts_with(&text) && text.lines().count() >= 30,
                "{name}"
            );
            let head = read.chunks[0].head.as_deref().unwrap();
            let chosen = gnomon::formats::Formats::embedded()
                .detect(head)
                .chosen
                .map(|f| f.name);
            assert_eq!(chosen, Some("dnstap"));
        }
        let cut = dir.path().join("cut.fstrm");
        fs::write(&cut, &binary[..binary.len() / 2]).unwrap();
        let read = read(&[cut]);
        assert!(lines.starts_with(&read.text()) && read.text().lines().count() >= 10);
        assert!(read.has_trouble(&["cut.fstrm: dnstap data ends early after ", "is missing"]));
    }
}

#[test]
fn a_windows_log_in_utf_16_is_read_as_text() {
    let log = include_str!("../../formats/windows-dns-locales/sample.log");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dns.log");
    let units = std::iter::once(0xfeff).chain(log.encode_utf16());
    fs::write(&path, units.flat_map(u16::to_le_bytes).collect::<Vec<_>>()).unwrap();
    let read = read(&[path]);
    assert!(read.troubles.is_empty(), "{:?}", read.troubles);
    assert_eq!(read.text(), log);
    let head = read.chunks[0].head.as_deref().unwrap();
    let chosen = gnomon::formats::Formats::embedded()
        .detect(head)
        .chosen
        .map(|f| f.name);
    assert_eq!(chosen, Some("windows-dns"));
}

/// As exports write it: a member or an element a line, indented.
fn pretty(json: &str, line_end: &str) -> String {
    let (mut text, mut depth, mut in_string, mut escaped) = (String::new(), 0, false, false);
    for letter in json.chars() {
        let breaks = !in_string && matches!(letter, '}' | ']');
        if breaks {
            depth -= 1;
            text += &format!("{line_end}{}", "  ".repeat(depth));
        }
        text.push(letter);
        if in_string {
            in_string = letter != '"' || escaped;
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            '"' => in_string = true,
            ':' => text.push(' '),
            '{' | '[' => depth += 1,
            _ => {}
        }
        if matches!(letter, '{' | '[' | ',') {
            text += &format!("{line_end}{}", "  ".repeat(depth));
        }
    }
    text + line_end
}

/// The events of a log, without the numbers of their lines.
fn events(format: &str, log: &str) -> Vec<String> {
    let format = gnomon::formats::Formats::embedded()
        .by_name(format)
        .unwrap();
    let mut parser = format.open(&gnomon::formats::Context {
        zone: jiff::tz::TimeZone::UTC,
        modified: "2026-11-24T00:00:00Z".parse().unwrap(),
    });
    log.lines()
        .flat_map(|line| gnomon::formats::parts(line.as_bytes()))
        .map(|record| gnomon::formats::json_line(1, format.name, &parser.parse(record)))
        .filter(|line| line.contains("\"result\":\"event\""))
        .collect()
}

/// What portals and command lines export, over several lines, is read like the log itself.
#[test]
fn json_over_several_lines_gives_the_events_of_one_object_a_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export.json");
    for (format, carrier, times) in [
        ("azure-firewall", "", 1),
        ("azure-firewall", "records", 1),
        ("gcp-dns", "", 1),
        ("route53", "Records", 1),
        // Too long for one line.
        ("route53", "Records", 100),
        ("azure-firewall", "value", 100),
    ] {
        let sample = fs::read_to_string(root.join(format).join("sample.log")).unwrap();
        let is_object = |line: &&str| serde_json::from_str::<serde_json::Map<_, _>>(line).is_ok();
        let records: Vec<&str> = sample.lines().filter(is_object).collect();
        let expected = vec![events(format, &records.join("\n")); times].concat();
        assert!(expected.len() >= 5, "{format}");
        let records = vec![records.join(","); times].join(",");
        let whole = match carrier {
            "" => format!("[{records}]"),
            name => format!("{{\"nextToken\":\"x\",\"{name}\":[{records}],\"count\":7}}"),
        };
        for line_end in ["\n", "\r\n"] {
            fs::write(&path, pretty(&whole, line_end)).unwrap();
            let read = read(std::slice::from_ref(&path));
            assert!(read.troubles.is_empty(), "{:?}", read.troubles);
            let is = events(format, &read.text());
            assert!(is == expected, "{format} {carrier}: {is:?}");
            let head = read.chunks[0].head.as_deref().unwrap();
            let detection = gnomon::formats::Formats::embedded().detect(head);
            if times == 1 {
                assert_eq!(detection.chosen.map(|f| f.name), Some(format));
            }
        }
    }
}
