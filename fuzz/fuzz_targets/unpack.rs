//! A file of any bytes: packings, Frame Streams, UTF-16, NUL bytes and line ends. Whatever it is, it is read to its end or
//! named in a trouble, no chunk is larger than a block, and lines are numbered without gaps in a stream.

#![no_main]

use std::io::Write as _;
use std::sync::LazyLock;

use gnomon::sources::scan::{Scan, Settings};
use gnomon::sources::{Limits, Next, Source as _};
use libfuzzer_sys::fuzz_target;

/// Memory, where there is some.
static DIRECTORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a directory to write to")
});

fuzz_target!(|data: &[u8]| {
    let path = DIRECTORY.path().join(format!("{}.log", std::process::id()));
    let mut file = std::fs::File::create(&path).expect("a file");
    file.write_all(data).expect("room for it");
    let limits = Limits {
        unpacked_bytes: 4 << 20,
        ratio_after_bytes: 1 << 20,
        line_bytes: 1 << 10,
        ..Limits::default()
    };
    let settings = Settings {
        limits,
        ..Settings::default()
    };
    let mut scan = Scan::new(vec![path], settings);
    let (mut line, mut offset, mut last) = (1, 0, false);
    loop {
        match scan.next() {
            Next::Chunk(chunk) => {
                assert!(!last, "something follows the last chunk");
                // A block, and the rest of a file behind it.
                assert!(chunk.bytes.len() <= (1 << 20) + (1 << 20));
                assert!(chunk.line >= line && chunk.offset >= offset);
                line = chunk.line;
                offset = chunk.offset;
                last = chunk.last;
            }
            Next::Trouble { note, .. } => assert!(!note.is_empty()),
            Next::End => break,
            other => panic!("a scan has no {other:?}"),
        }
    }
    assert_eq!(scan.found(), 1);
});
