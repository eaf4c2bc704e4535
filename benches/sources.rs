//! What reading costs before anybody parses: `cargo bench --bench sources [-- NAME…] [FILE…]`.
//!
//! `plain`: a scan of one big file against a bare loop that reads it in blocks of 1 MiB. `packed`: a scan of the same lines
//! in each packing against the tool that unpacks it (`gzip -dc`, `zstd -dc`, …), where there is one. `small`: ten thousand
//! files of twenty lines against the same lines in one file. `idle`: a round of looking at a thousand files at rest.
//! Files named are scanned instead of the made ones. Rounds alternate, because machines are shared; measured is the
//! time that all threads of this process (or of the tool) have been on a core, printed are the medians.

#![expect(clippy::print_stdout, reason = "a table for people")]

mod core_time;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gnomon::sources::follow::{Follow, FollowSettings, Input};
use gnomon::sources::scan::{Scan, Settings};
use gnomon::sources::{Next, Source};
use rustix::time::ClockId;

const PLAIN_BYTES: usize = 512 << 20;
const PACKED_BYTES: usize = 64 << 20;
const SMALL_FILES: usize = 10_000;
const SMALL_LINES: usize = 20;
const IDLE_FILES: usize = 1_000;
const IDLE_LOOKS: u32 = 50;
const ROUNDS: usize = 7;

fn main() {
    let arguments = std::env::args().skip(1).filter(|a| !a.starts_with('-'));
    let (files, names): (Vec<String>, Vec<String>) = arguments.partition(|a| a.contains('/'));
    let wanted = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let dir = tempfile::tempdir().expect("a directory for the files to read");
    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>9}",
        "what", "cpu ms", "MB/s cpu", "x peer", "MB/s wall"
    );
    if !files.is_empty() {
        for file in &files {
            against_a_bare_loop(Path::new(file));
        }
        return;
    }
    if wanted("plain") {
        let path = dir.path().join("plain.log");
        append(&path, &lines(PLAIN_BYTES));
        against_a_bare_loop(&path);
        fs::remove_file(path).expect("our own file");
    }
    if wanted("packed") {
        packed(dir.path());
    }
    if wanted("small") {
        small(dir.path());
    }
    if wanted("idle") {
        idle(dir.path());
    }
}

fn against_a_bare_loop(path: &Path) {
    let bytes = fs::metadata(path).expect("a file").len();
    let [bare, scan] = alternate([&|| bare(path), &|| scan(path)]);
    row("read in blocks of 1 MiB", bytes, bare, None);
    row("scan of a plain file", bytes, scan, Some(bare));
}

fn packed(dir: &Path) {
    let path = dir.join("packed.log");
    fs::write(&path, lines(PACKED_BYTES)).expect("space for the log");
    for (tool, members) in [("gzip", 4), ("zstd", 4), ("xz", 1), ("bzip2", 1)] {
        let packed = dir.join(tool);
        let made = Command::new(tool)
            .arg("-c")
            .arg(&path)
            .stdout(File::create(&packed).expect("space"))
            .status();
        if !made.is_ok_and(|status| status.success()) {
            println!("{tool}: not installed");
            continue;
        }
        let member = fs::read(&packed).expect("what was just packed");
        fs::write(&packed, member.repeat(members)).expect("space");
        let bytes = (PACKED_BYTES * members) as u64;
        let [theirs, ours] = alternate([&|| unpacked_by(tool, &packed), &|| scan(&packed)]);
        row(&format!("{tool} -dc"), bytes, theirs, None);
        let what = format!("scan of a file packed by {tool}");
        row(&what, bytes, ours, Some(theirs));
    }
}

fn small(dir: &Path) {
    let many = dir.join("small");
    fs::create_dir(&many).expect("a directory of our own");
    let text = lines(SMALL_FILES * SMALL_LINES * 160);
    let mut ahead = text.split_inclusive(|byte| *byte == b'\n');
    let mut bytes = 0;
    for number in 0..SMALL_FILES {
        let few = ahead
            .by_ref()
            .take(SMALL_LINES)
            .collect::<Vec<_>>()
            .concat();
        bytes += few.len();
        fs::write(many.join(format!("host-{number}.log")), few).expect("space");
    }
    let one = dir.join("one.log");
    fs::write(&one, text.get(..bytes).unwrap_or(&text)).expect("space");
    let [one, many] = alternate([&|| scan(&one), &|| scan(&many)]);
    row("scan of one file", bytes as u64, one, None);
    let what = format!("scan of {SMALL_FILES} files");
    row(&what, bytes as u64, many, Some(one));
}

fn idle(dir: &Path) {
    let logs = dir.join("idle");
    fs::create_dir(&logs).expect("a directory of our own");
    for number in 0..IDLE_FILES {
        fs::write(logs.join(format!("host-{number}.log")), "a line\n").expect("space");
    }
    let named = (0..IDLE_FILES).map(|n| format!("host-{n}.log")).collect();
    for (what, names) in [("a pattern", vec!["*.log".to_owned()]), ("paths", named)] {
        let input = |name: &String| Input {
            pattern: logs.join(name).to_string_lossy().into_owned(),
            olddir: None,
            format: None,
            zone: None,
        };
        let settings = FollowSettings {
            inputs: names.iter().map(input).collect(),
            ..FollowSettings::default()
        };
        let mut follow = Follow::new(settings, &[]);
        look(&mut follow);
        let rounds = (0..ROUNDS).map(|_| spent(|| (0..IDLE_LOOKS).for_each(|_| look(&mut follow))));
        let per_look = median(rounds.map(|spent| spent.cpu).collect()) / IDLE_LOOKS;
        println!(
            "a look at {IDLE_FILES} files by {what}: {:.2} ms of a core",
            per_look.as_secs_f64() * 1e3
        );
    }
}

/// Takes what is there until there is nothing more.
fn look(follow: &mut Follow) {
    while !matches!(black_box(follow.next()), Next::Idle) {}
}

fn scan(path: &Path) -> Spent {
    let paths: Vec<PathBuf> = vec![path.to_path_buf()];
    spent(|| {
        let mut scan = Scan::new(paths, Settings::default());
        loop {
            match black_box(scan.next()) {
                Next::End => break,
                Next::Trouble { note, .. } | Next::Lost { note, .. } => println!("{note}"),
                _ => {}
            }
        }
    })
}

fn bare(path: &Path) -> Spent {
    spent(|| {
        let mut file = File::open(path).expect("a file");
        let mut block = vec![0; 1 << 20];
        while file.read(&mut block).is_ok_and(|read| read > 0) {
            black_box(&block);
        }
    })
}

fn unpacked_by(tool: &str, path: &Path) -> Spent {
    let (start, before) = (Instant::now(), children_cpu_time());
    Command::new(tool)
        .arg("-dc")
        .arg(path)
        .stdout(Stdio::null())
        .status()
        .expect("the tool that packed it");
    Spent {
        cpu: children_cpu_time() - before,
        wall: start.elapsed(),
    }
}

/// What a piece of work took.
#[derive(Clone, Copy)]
struct Spent {
    cpu: Duration,
    wall: Duration,
}

fn spent(work: impl FnOnce()) -> Spent {
    let (start, before) = (Instant::now(), cpu_time());
    work();
    Spent {
        cpu: cpu_time() - before,
        wall: start.elapsed(),
    }
}

/// The medians of two pieces of work that take turns.
fn alternate(work: [&dyn Fn() -> Spent; 2]) -> [Spent; 2] {
    let rounds: Vec<[Spent; 2]> = (0..ROUNDS).map(|_| work.map(|work| work())).collect();
    [0, 1].map(|at| Spent {
        cpu: median(rounds.iter().map(|round| round[at].cpu).collect()),
        wall: median(rounds.iter().map(|round| round[at].wall).collect()),
    })
}

fn row(what: &str, bytes: u64, spent: Spent, peer: Option<Spent>) {
    let megabytes = bytes as f64 / 1e6;
    let ratio = peer.map_or(String::new(), |peer| {
        format!("{:.2}", spent.cpu.as_secs_f64() / peer.cpu.as_secs_f64())
    });
    println!(
        "{what:<34} {:>9.1} {:>9.0} {ratio:>9} {:>9.0}",
        spent.cpu.as_secs_f64() * 1e3,
        megabytes / spent.cpu.as_secs_f64(),
        megabytes / spent.wall.as_secs_f64()
    );
}

/// Writes a file as a log is written, a little at a time, which the page cache remembers.
fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::create(path).expect("a file of our own");
    for few in bytes.chunks(4_000) {
        file.write_all(few).expect("space for the log");
    }
}

/// Lines as a proxy writes them, no two alike.
fn lines(bytes: usize) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes + 200);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    while lines.len() < bytes {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (host, user, size) = (
            random % 50_021,
            random >> 20 & 0xfff,
            random >> 40 & 0xf_ffff,
        );
        writeln!(
            lines,
            "1795422{:03}.{:03} {:>6} 192.0.2.{} TCP_TUNNEL/200 {size} CONNECT host{host}.example.org:443 user{user} HIER_DIRECT/203.0.113.{} -",
            lines.len() / 1_000_000, random % 997, random % 60_013, user % 251, host % 253,
        )
        .expect("memory takes everything");
    }
    lines
}

/// How long all threads of this process have been on a core.
fn cpu_time() -> Duration {
    core_time::of(ClockId::ProcessCPUTime)
}

/// The same of the children that have ended, in steps of 10 ms.
fn children_cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold blanks, the 14th and 15th.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(13).take(2);
    Duration::from_millis(ticks.filter_map(|t| t.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
