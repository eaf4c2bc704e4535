//! A log in which nearly every host and user is new: memory and store stay bounded, and what is really used is exact.

use std::io::{BufWriter, Write as _};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::service::{peak_memory_kib, scan_of_stdin};
use crate::size::quick_or_whole;

/// One row in so many is of something that people really use.
const REAL_EVERY: u64 = 1_000;
const REAL: [(&str, &str); 3] = [
    ("chatgpt.com", "openai.chatgpt"),
    ("claude.ai", "anthropic.claude"),
    ("www.perplexity.ai", "perplexity.perplexity"),
];
/// What the whole may take, in KiB.
const MEMORY_KIB: u64 = 300 << 10;
const STORE_BYTES: u64 = 512 << 20;

#[test]
fn names_without_end_cost_bounded_memory_and_no_application() {
    let (hosts, users) = quick_or_whole((200_000_u64, 20_000_u64), (100_000_000, 10_000_000));
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("names.db");
    let mut scan = scan_of_stdin(root.path(), &store);
    let peak = peak_memory_kib(scan.id());
    let mut out = BufWriter::with_capacity(1 << 20, scan.stdin.take().unwrap());
    let mut real = [0_u64; REAL.len()];
    for number in 0..hosts {
        let secs = 1_795_400_000 + number / 2_000;
        let user = number * users / hosts;
        let one = usize::try_from(number / REAL_EVERY % REAL.len() as u64).unwrap();
        if number % REAL_EVERY == 0 {
            real[one] += 1;
            writeln!(
                out,
                "{secs}.000 88 198.51.100.{} TCP_TUNNEL/200 50000 CONNECT {}:443 user{user} HIER_DIRECT/203.0.113.5 -",
                number % 200,
                REAL[one].0
            )
            .unwrap();
        } else {
            writeln!(
                out,
                "{secs}.000 88 198.51.100.{} TCP_TUNNEL/200 5678 CONNECT x{number:x}.made-up.example:443 user{user} HIER_DIRECT/203.0.113.5 -",
                number % 200
            )
            .unwrap();
        }
    }
    out.into_inner().unwrap();
    let ended = scan.wait_with_output().unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let peak = peak.join().unwrap();
    let bytes = std::fs::metadata(&store).unwrap().len();
    println!(
        "{hosts} hosts, {users} users: {} MiB of memory, {} MiB of store",
        peak >> 10,
        bytes >> 20
    );
    let store = SqliteStore::open_read_only(&store).unwrap();
    for ((_, service), expected) in REAL.iter().zip(real) {
        let events: u64 = store
            .profiles(Some(service))
            .unwrap()
            .iter()
            .map(|one| one.events)
            .sum();
        assert_eq!(events, expected, "{service}");
    }
    assert!(peak <= MEMORY_KIB, "{} MiB of memory", peak >> 10);
    assert!(bytes <= STORE_BYTES, "{} MiB of store", bytes >> 20);
}
