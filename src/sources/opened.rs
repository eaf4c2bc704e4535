//! Opens a file without ever blocking, and looks at its first bytes before anybody reads it.
//!
//! Only regular files are opened (a FIFO in a log directory would block for ever, a device could be endless).
//! Content that is no log is refused with a sentence that says what to do instead.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::OFlags;

use crate::model::Time;

use super::fill::{Fill, fill_up};
use super::unpack::Codec;

/// How many first bytes of the unpacked stream go with its first chunk.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// So many NUL bytes in a row are a hole in a text file and no sign of a binary one.
const HOLE_BYTES: usize = 32;

/// Opens a regular file for reading.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    // Without O_NONBLOCK the open itself would wait for a FIFO's writer.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags).unwrap_or_default())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "is no regular file; skipped",
        ));
    }
    Ok(file)
}

/// When a file was last written.
pub(crate) fn modified(metadata: &std::fs::Metadata) -> Time {
    let time = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    jiff::Timestamp::try_from(time).map_or_else(|_| Time::default(), Time::from)
}

/// Reads the first bytes of a stream, for [`refusal`] and for the chunk's head; says whether there are no more.
pub(crate) fn read_head(reader: &mut dyn Fill) -> io::Result<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    let ended = fill_up(&mut head, HEAD_BYTES, reader)?;
    Ok((head, ended))
}

/// The head as parsers want it: no mark, no leading NULs, whole lines where possible.
pub(crate) fn lines_of_head(head: &[u8]) -> &[u8] {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let nuls = head.iter().take_while(|b| **b == 0).count();
    let head = head.get(nuls..).unwrap_or_default();
    match memchr::memrchr(b'\n', head) {
        Some(end) => head.get(..=end).unwrap_or(head),
        None => head,
    }
}

/// Why a stream that begins like this is no log, if so. `packed` says that it came out of a compressed file.
pub(crate) fn refusal(head: &[u8], packed: bool) -> Option<&'static str> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some(
            "is UTF-16; not read: convert it with `iconv -f UTF-16 -t UTF-8 FILE > FILE.utf8`",
        );
    }
    if packed && Codec::sniff(head) != Codec::Plain {
        return Some("is compressed twice; not read: unpack it once");
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some("is a tar archive; not read: unpack it first");
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some("is a zip archive; not read: unpack it first");
    }
    // Random bytes have one odd byte in nine; log text has none, apart from torn lines and holes.
    let (text, odd) = head
        .chunk_by(|a, b| (*a == 0) == (*b == 0))
        .filter(|run| run.first() != Some(&0) || run.len() < HOLE_BYTES)
        .fold((0, 0), |(text, odd), run| {
            let more = run.iter().filter(|b| is_odd(**b)).count();
            (text + run.len(), odd + more)
        });
    (odd > text / 16).then_some("is binary; not read")
}

fn is_odd(byte: u8) -> bool {
    matches!(byte, 0..=8 | 11 | 12 | 14..=26 | 28..=31 | 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_log_is_refused() {
        let random: Vec<u8> = (0..=255).cycle().take(5_000).collect();
        assert_eq!(refusal(&random, false), Some("is binary; not read"));
        assert!(refusal(b"\xff\xfea\0b\0", false).is_some_and(|why| why.contains("iconv")));
        assert!(refusal(b"\x1f\x8b\x08", true).is_some_and(|why| why.contains("twice")));
        assert_eq!(refusal("grüße 例え\x1b[0m\t1\r\n".as_bytes(), false), None);
        assert_eq!(
            refusal(&[&[0u8; 500][..], b"a line\n"].concat(), false),
            None
        );
        assert_eq!(refusal(b"", false), None);
    }

    #[test]
    fn head_is_cut_at_its_last_line() {
        assert_eq!(lines_of_head(b"\xef\xbb\xbfa\nb\nc"), b"a\nb\n");
        assert_eq!(lines_of_head(b"\0\0abc"), b"abc");
    }
}
