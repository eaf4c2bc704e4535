//! A scan that is begun again while logs are rotated: every line once, whatever has become of the files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gnomon::model::Position;
use gnomon::sources::scan::{Scan, Settings};
use gnomon::sources::{Next, Source};

/// Enough for more than a block.
const MANY: usize = 2_200;
const SOME: usize = 200;

fn gzip(from: &Path, to: &Path) {
    let mut writer =
        flate2::write::GzEncoder::new(fs::File::create(to).unwrap(), flate2::Compression::fast());
    writer.write_all(&fs::read(from).unwrap()).unwrap();
    writer.finish().unwrap();
}

/// A directory of logs, a store's positions, and what was read into it.
struct Site {
    directory: tempfile::TempDir,
    written: usize,
    positions: BTreeMap<String, Position>,
    read: Vec<String>,
    /// What the last scan said.
    notes: Vec<String>,
    /// What the last scan left out as read, and as what.
    whole: Vec<(String, String)>,
}

impl Site {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            written: 0,
            positions: BTreeMap::new(),
            read: Vec::new(),
            notes: Vec::new(),
            whole: Vec::new(),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Appends lines that were nowhere before.
    fn write(&mut self, name: &str, lines: usize) {
        let text: String = (self.written..self.written + lines)
            .map(|number| format!("{}\n", line(number)))
            .collect();
        self.written += lines;
        self.append(name, &text);
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = fs::File::options();
        let file = file.create(true).append(true).open(self.at(name));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.at(from), self.at(to)).unwrap();
    }

    fn pack(&self, from: &str, to: &str) {
        gzip(&self.at(from), &self.at(to));
        fs::remove_file(self.at(from)).unwrap();
    }

    fn copy_and_truncate(&self, from: &str, to: &str) {
        fs::copy(self.at(from), self.at(to)).unwrap();
        self.truncate(from, 0);
    }

    fn truncate(&self, name: &str, bytes: u64) {
        let file = fs::File::options().write(true).open(self.at(name));
        file.unwrap().set_len(bytes).unwrap();
    }

    /// Writes its time of writing back, as if nobody had written for a minute.
    fn rest(&self, name: &str) {
        let file = fs::File::options().append(true).open(self.at(name));
        let minute_ago = SystemTime::now() - Duration::from_secs(60);
        file.unwrap().set_modified(minute_ago).unwrap();
    }

    fn begin(&mut self, names: &[&str]) -> Scan {
        let paths = names.iter().map(|name| self.at(name)).collect();
        let mut scan = Scan::new(paths, Settings::default());
        let positions: Vec<Position> = self.positions.values().cloned().collect();
        let whole = scan.resume(&positions);
        let name = |path: &str| {
            let name = Path::new(path).file_name().unwrap();
            name.to_string_lossy().into_owned()
        };
        self.whole = whole.iter().map(|(a, b)| (name(a), name(b))).collect();
        scan
    }

    /// Reads on until so many chunks are committed, or to the end.
    fn go_on(&mut self, scan: &mut Scan, chunks: usize) {
        let mut left = chunks;
        while left > 0 {
            match scan.next() {
                Next::Chunk(chunk) => {
                    let text = String::from_utf8(chunk.bytes).unwrap();
                    self.read.extend(text.lines().map(str::to_owned));
                    if let Some(position) = chunk.position {
                        self.positions.insert(position.key.clone(), position);
                    }
                    left -= 1;
                }
                Next::Trouble { note, .. } => self.notes.push(note),
                Next::End => return,
                other => panic!("a scan has no {other:?}"),
            }
        }
    }

    fn scan_some(&mut self, names: &[&str], chunks: usize) {
        self.notes.clear();
        let mut scan = self.begin(names);
        self.go_on(&mut scan, chunks);
    }

    fn scan(&mut self, names: &[&str]) {
        self.scan_some(names, usize::MAX);
    }

    /// Every line that was written was read once, and there is nothing more to read.
    fn assert_exact(&mut self, what: &str, names: &[&str]) {
        let mut read = self.read.clone();
        read.sort();
        let written: Vec<String> = (0..self.written).map(line).collect();
        let doubled = read.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(doubled, None, "{what}: {:?}", self.notes);
        let lost = written
            .iter()
            .find(|line| read.binary_search(line).is_err());
        assert_eq!(lost, None, "{what}: {:?}", self.notes);
        assert_eq!(read.len(), written.len(), "{what}");
        let before = self.read.len();
        self.scan(names);
        assert_eq!(self.read.len(), before, "{what}: read again");
    }

    fn has_note(&self, parts: &[&str]) -> bool {
        let has_all = |note: &String| parts.iter().all(|part| note.contains(part));
        self.notes.iter().any(has_all)
    }
}

fn line(number: usize) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9) % 1_000_003;
    format!("{number:07} {}", format!("{mixed:07} ").repeat(70))
}

/// One rotation of `access.log`, for the how-manieth time.
type Rotate = fn(&Site, usize);

const WAYS: [(&str, Rotate); 10] = [
    ("renamed", |site, n| {
        site.rename("access.log", &format!("access.log-{}", 20_261_100 + n));
    }),
    ("renamed and created", |site, n| {
        site.rename("access.log", &format!("access.log-{}", 20_261_100 + n));
        site.append("access.log", "");
    }),
    ("renamed by number", |site, n| {
        for number in (1..=n).rev() {
            let name = |number| format!("access.log.{number}");
            site.rename(&name(number), &name(number + 1));
        }
        site.rename("access.log", "access.log.1");
    }),
    ("packed at once", |site, n| {
        let to = format!("access.log-{}", 20_261_100 + n);
        site.rename("access.log", &to);
        site.pack(&to, &format!("{to}.gz"));
    }),
    ("packed later, by number", |site, n| {
        for number in (2..=n).rev() {
            let name = |number| format!("access.log.{number}.gz");
            site.rename(&name(number), &name(number + 1));
        }
        if n > 0 {
            site.pack("access.log.1", "access.log.2.gz");
        }
        site.rename("access.log", "access.log.1");
    }),
    ("copied and truncated", |site, n| {
        site.copy_and_truncate("access.log", &format!("access.log-{}", 20_261_100 + n));
    }),
    ("copied, truncated and packed", |site, n| {
        let to = format!("access.log-{}", 20_261_100 + n);
        site.copy_and_truncate("access.log", &to);
        site.pack(&to, &format!("{to}.gz"));
    }),
    ("copied and truncated by number", |site, n| {
        for number in (1..=n).rev() {
            let name = |number| format!("access.log.{number}");
            site.rename(&name(number), &name(number + 1));
        }
        site.copy_and_truncate("access.log", "access.log.1");
    }),
    ("dated before its ending", |site, n| {
        site.rename("access.log", &format!("access-{}.log", 20_261_100 + n));
    }),
    ("moved as by another file system", |site, n| {
        let to = site.at(&format!("access.log-{}", 20_261_100 + n));
        fs::copy(site.at("access.log"), to).unwrap();
        fs::remove_file(site.at("access.log")).unwrap();
    }),
];

#[test]
fn a_scan_begun_again_after_each_way_of_rotation_reads_every_line_once() {
    for (what, rotate) in WAYS {
        // Of a directory, and of one log by its name.
        for names in [&["."][..], &["access.log"]] {
            let what = format!("{what}, {names:?}");
            let mut site = Site::new();
            site.write("access.log", MANY);
            for turn in 0..3 {
                site.scan_some(names, 1 + turn % 2);
                site.write("access.log", SOME);
                rotate(&site, turn);
                site.write("access.log", SOME);
                site.scan_some(names, 1);
                // A log that was only named is to be read before it is rotated twice.
                site.scan(names);
            }
            site.assert_exact(&what, names);
        }
    }
}

#[test]
fn several_rotations_between_two_scans_of_a_directory_lose_nothing() {
    for (what, rotate) in WAYS {
        let mut site = Site::new();
        site.write("access.log", MANY);
        let mut turns = 0;
        for scans in 1..3 {
            site.scan_some(&["."], scans);
            for _ in 0..scans {
                site.write("access.log", SOME);
                rotate(&site, turns);
                site.write("access.log", SOME * 3);
                turns += 1;
            }
        }
        site.scan(&["."]);
        site.assert_exact(what, &["."]);
    }
}

#[test]
fn a_log_that_grew_is_read_on() {
    let mut site = Site::new();
    site.write("access.log", SOME);
    site.scan(&["access.log"]);
    site.write("access.log", 1);
    site.scan(&["access.log"]);
    site.assert_exact("grown", &["access.log"]);
    assert_eq!(
        site.whole,
        [("access.log".to_owned(), "access.log".to_owned())]
    );
    site.rename("access.log", "quite-another-name.txt");
    site.scan(&["quite-another-name.txt"]);
    let elsewhere = ("quite-another-name.txt".to_owned(), "access.log".to_owned());
    assert_eq!(site.whole, [elsewhere]);
    site.assert_exact("renamed", &["."]);
}

#[test]
fn a_line_that_is_still_being_written_is_left_to_the_next_scan() {
    let mut site = Site::new();
    site.write("access.log", SOME);
    let (begin, end) = (line(site.written), "\n");
    site.append("access.log", &begin);
    site.scan(&["."]);
    assert!(
        site.has_note(&["access.log", "still being written"]),
        "{:?}",
        site.notes
    );
    assert_eq!(site.read.len(), SOME);
    site.append("access.log", end);
    site.written += 1;
    site.scan(&["."]);
    site.assert_exact("ended", &["."]);
    // Nobody has written for long: it is a line. What is written to it later is no other line.
    site.written += 1;
    site.append("access.log", &line(site.written - 1));
    site.rest("access.log");
    site.scan(&["."]);
    site.assert_exact("without an end", &["."]);
    site.append("access.log", " and the rest of it\n");
    site.write("access.log", 2);
    site.pack("access.log", "access.log.1.gz");
    site.scan(&["."]);
    site.assert_exact("ended late", &["."]);
}

#[test]
fn an_archive_in_the_making_is_not_read_beside_its_original() {
    for begun in [0, 2, usize::MAX] {
        let mut site = Site::new();
        site.write("access.log", MANY);
        site.scan_some(&["."], begun);
        site.rename("access.log", "access.log.1");
        site.write("access.log", SOME);
        gzip(&site.at("access.log.1"), &site.at("whole"));
        let packed = fs::read(site.at("whole")).unwrap();
        fs::remove_file(site.at("whole")).unwrap();
        for part in [packed.len() / 3, packed.len()] {
            fs::write(site.at("access.log.1.gz"), &packed[..part]).unwrap();
            site.scan_some(&["."], 2);
            let note = ["access.log.1.gz", "holds what", "access.log.1 holds"];
            assert!(
                begun == usize::MAX || site.has_note(&note),
                "{:?}",
                site.notes
            );
        }
        fs::remove_file(site.at("access.log.1")).unwrap();
        site.scan(&["."]);
        site.assert_exact("packed", &["."]);
    }
}

#[test]
fn a_copy_that_is_not_yet_truncated_is_read_once() {
    for begun in [0, 2, usize::MAX] {
        let mut site = Site::new();
        site.write("access.log", MANY);
        site.scan_some(&["."], begun);
        fs::copy(site.at("access.log"), site.at("access.log.1")).unwrap();
        site.scan_some(&["."], 1);
        site.truncate("access.log", 0);
        site.write("access.log", SOME);
        site.scan(&["."]);
        site.assert_exact("copied", &["."]);
    }
}

#[test]
fn logs_with_the_same_header_are_logs_of_their_own() {
    let header = "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n".repeat(30);
    let mut site = Site::new();
    for name in ["a.log", "b.log", "b.log.1"] {
        site.append(name, &header);
    }
    site.write("a.log", SOME);
    site.scan(&["."]);
    site.write("b.log", SOME);
    site.write("b.log.1", SOME);
    // Begun anew in place, shorter than it was and longer.
    site.truncate("a.log", 0);
    site.append("a.log", &header);
    site.write("a.log", SOME * 2);
    site.scan(&["."]);
    // Copied and begun anew, so far with nothing but the header: that is no part of what was read.
    site.write("a.log", SOME);
    site.copy_and_truncate("a.log", "a.log.1");
    site.append("a.log", &header);
    site.scan(&["."]);
    site.write("a.log", SOME);
    site.scan(&["."]);
    site.read.retain(|line| !line.starts_with('#'));
    site.assert_exact("headers", &["."]);
}

#[test]
fn logs_that_are_not_text_as_they_are_go_on_as_well() {
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let mut site = Site::new();
    let append = |site: &Site, bytes: &[u8]| {
        let file = fs::File::options().append(true).open(site.at("access.log"));
        file.unwrap().write_all(bytes).unwrap();
    };
    fs::write(site.at("access.log"), [0xff, 0xfe]).unwrap();
    for _ in 0..3 {
        let text: String = (site.written..site.written + SOME)
            .map(|n| line(n) + "\n")
            .collect();
        site.written += SOME;
        append(&site, &wide(&text));
        site.scan(&["."]);
    }
    site.assert_exact("grown", &["."]);
    append(&site, &wide(&(line(site.written) + "\n")));
    site.written += 1;
    site.pack("access.log", "access.log.1.gz");
    site.scan(&["."]);
    site.assert_exact("packed", &["."]);
}

#[test]
fn a_log_that_was_begun_anew_is_read_from_its_beginning_and_what_is_missed_is_told_once() {
    let mut site = Site::new();
    site.write("access.log", MANY);
    site.scan_some(&["access.log"], 2);
    let unread = MANY - site.read.len();
    site.truncate("access.log", 0);
    site.write("access.log", 5);
    let shown = site.read.clone();
    site.scan(&["access.log"]);
    assert_eq!(site.read.len(), shown.len() + 5);
    let missed = [
        "access.log",
        "no copy of it is here",
        &format!("at least {} bytes", unread * line(0).len() + unread),
    ];
    assert!(site.has_note(&missed), "{:?}", site.notes);
    site.scan(&["access.log"]);
    assert!(!site.has_note(&["no copy"]), "{:?}", site.notes);
}

#[test]
fn a_log_that_was_cut_to_a_part_of_itself_is_refused_until_it_can_be_told() {
    let mut site = Site::new();
    site.write("access.log", SOME);
    site.scan(&["."]);
    for bytes in [20_000, 700] {
        site.truncate("access.log", bytes);
        site.scan(&["."]);
        assert!(!site.begin(&["."]).is_done());
        assert_eq!(site.read.len(), SOME);
        let note = ["access.log", "begins alike", "--store"];
        assert!(site.has_note(&note), "{:?}", site.notes);
    }
}

#[test]
fn empty_files_hard_links_and_copies_elsewhere_are_what_they_are() {
    let mut site = Site::new();
    site.append("access.log", "");
    site.scan(&["."]);
    site.write("access.log", SOME);
    fs::hard_link(site.at("access.log"), site.at("access.log.1")).unwrap();
    site.scan(&["."]);
    assert!(site.has_note(&["read once"]), "{:?}", site.notes);
    site.assert_exact("hard link", &["."]);
    fs::remove_file(site.at("access.log")).unwrap();
    site.append("access.log", "");
    site.scan(&["."]);
    site.assert_exact("hard link kept", &["."]);
    // A file of another name is a log of its own while the first is here.
    fs::copy(site.at("access.log.1"), site.at("copy.log")).unwrap();
    let before = site.read.len();
    site.scan(&["."]);
    assert_eq!(site.read.len(), before + SOME);
}

#[test]
fn rotation_between_listing_and_reading_is_seen() {
    for (what, rotate) in WAYS {
        let mut site = Site::new();
        site.write("access.log", MANY);
        site.write("other.log", MANY);
        site.scan_some(&["."], 2);
        for turn in 0..3 {
            let mut scan = site.begin(&["."]);
            rotate(&site, 2 * turn);
            site.write("access.log", SOME);
            site.go_on(&mut scan, 2);
            rotate(&site, 2 * turn + 1);
            site.write("access.log", SOME);
            site.go_on(&mut scan, usize::MAX);
        }
        site.scan(&["."]);
        site.scan(&["."]);
        site.assert_exact(what, &["."]);
    }
}

#[test]
fn positions_of_the_first_version_go_on() {
    let old = |site: &Site| -> BTreeMap<String, Position> {
        let without_trail = |position: &Position| {
            let mut state: serde_json::Value = serde_json::from_str(&position.state).unwrap();
            state.as_object_mut().unwrap().remove("trail");
            let position = Position {
                key: position.key.clone(),
                state: state.to_string(),
            };
            (position.key.clone(), position)
        };
        site.positions.values().map(without_trail).collect()
    };
    let mut site = Site::new();
    site.write("access.log", MANY);
    site.scan_some(&["."], 2);
    site.positions = old(&site);
    site.scan(&["."]);
    site.assert_exact("cut off", &["."]);
    site.positions = old(&site);
    site.rename("access.log", "access.log.1");
    site.write("access.log", SOME);
    site.scan(&["."]);
    site.assert_exact("renamed", &["."]);
    // What is too little to know a log that grew is refused.
    site.positions = old(&site);
    site.write("access.log", SOME);
    let scan = site.begin(&["access.log"]);
    assert_eq!(scan.unexplained().count(), 1);
}
