//! Every packing: whole, concatenated, cut off, damaged and as a bomb.

use super::*;
use std::io::{Cursor, Write};

fn lines(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|n| format!("{n} {} line\n", n.wrapping_mul(2_654_435_761)).into_bytes())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn packed(bytes: &[u8]) -> Vec<(Codec, Vec<u8>)> {
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
    xz.write_all(bytes).unwrap();
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bz.write_all(bytes).unwrap();
    vec![
        (Codec::Plain, bytes.to_vec()),
        (Codec::Gzip, gzip(bytes)),
        (Codec::Zstd, zstd::encode_all(bytes, 3).unwrap()),
        (Codec::Xz, xz.finish().unwrap()),
        (Codec::Bzip2, bz.finish().unwrap()),
    ]
}

fn read(bytes: Vec<u8>, limits: Limits) -> (Codec, Vec<u8>, Option<Fault>) {
    let mut unpack = Unpack::new(Box::new(Cursor::new(bytes)), limits).unwrap();
    let mut out = Vec::new();
    unpack.read_to_end(&mut out).unwrap();
    (unpack.codec(), out, unpack.fault())
}

#[test]
fn every_packing_is_told_by_content_and_members_concatenate() {
    let text = lines(5_000);
    for (codec, mut bytes) in packed(&text) {
        bytes.extend_from_within(..);
        let (found, out, fault) = read(bytes, Limits::default());
        assert_eq!(found, codec);
        assert!(out == text.repeat(2), "{codec:?}");
        assert!(fault.is_none(), "{codec:?} {fault:?}");
    }
}

#[test]
fn truncated_data_yields_what_was_decodable_and_says_so() {
    let text = lines(100_000);
    for (codec, bytes) in packed(&text) {
        if codec == Codec::Plain {
            continue;
        }
        let (_, out, fault) = read(bytes[..bytes.len() / 2].to_vec(), Limits::default());
        assert!(!out.is_empty() && text.starts_with(&out), "{codec:?}");
        let fault = fault.expect("truncation is a fault");
        assert!(fault.ends_early(), "{codec:?} {fault}");
        assert!(fault.to_string().contains(&format!(
            "data ends early after {} bytes; the rest of this file is missing",
            out.len()
        )));
    }
}

#[test]
fn garbage_after_a_magic_number_is_damage() {
    for (codec, mut bytes) in packed(&lines(20_000)) {
        if codec == Codec::Plain {
            continue;
        }
        let middle = bytes.len() / 2;
        bytes[middle..middle + 64].fill(0xa5);
        let (_, _, fault) = read(bytes, Limits::default());
        assert!(
            matches!(fault, Some(Fault::Damaged { .. })),
            "{codec:?} {fault:?}"
        );
    }
}

#[test]
fn a_bomb_stops_at_the_ratio_and_at_the_size() {
    let zeros = vec![b'\n'; 14 << 20];
    for (codec, bytes) in packed(&zeros) {
        if codec == Codec::Plain {
            continue;
        }
        let (_, out, fault) = read(bytes.clone(), Limits::default());
        assert!(
            matches!(fault, Some(Fault::TooDense { limit: 200 })),
            "{codec:?}"
        );
        assert!(out.len() < 12 << 20, "{codec:?} {}", out.len());
        let small = Limits {
            unpacked_bytes: 1 << 20,
            ..Limits::default()
        };
        let (_, out, fault) = read(bytes, small);
        let fault = fault.expect("a limit was passed").to_string();
        assert!(fault.starts_with("unpacks to more than 1 MiB;"), "{fault}");
        assert!(out.len() < 3 << 20, "{codec:?} {}", out.len());
    }
}

#[test]
fn a_limit_of_zero_is_none() {
    let zeros = vec![b'\n'; 14 << 20];
    let none = Limits {
        unpacked_bytes: 0,
        unpacked_ratio: 0,
        ..Limits::default()
    };
    for (codec, bytes) in packed(&zeros) {
        let (_, out, fault) = read(bytes, none);
        assert!(fault.is_none() && out.len() == zeros.len(), "{codec:?}");
    }
}

#[test]
fn a_zstd_window_beyond_eight_mebibytes_is_refused() {
    let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    writer.window_log(27).unwrap();
    writer.write_all(&lines(1_000)).unwrap();
    let (_, out, fault) = read(writer.finish().unwrap(), Limits::default());
    assert!(out.is_empty());
    assert!(matches!(fault, Some(Fault::Damaged { .. })), "{fault:?}");
}

/// A disk that gives some bytes and then fails.
struct Failing(Vec<u8>);

impl Fill for Failing {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::from_raw_os_error(5));
        }
        let length = self.0.as_slice().fill(buffer)?;
        self.0.drain(..length);
        Ok(length)
    }
}

#[test]
fn what_a_failing_disk_gave_is_read_and_the_failure_told() {
    for length in [100, 300_000] {
        let bytes = vec![b'x'; length];
        let disk = Box::new(Failing(bytes.clone()));
        let mut unpack = Unpack::new(disk, Limits::default()).unwrap();
        let mut out = Vec::new();
        unpack.read_to_end(&mut out).unwrap();
        assert!(out == bytes);
        let fault = unpack.fault().expect("the disk failed").to_string();
        assert!(
            fault.starts_with(&format!("cannot be read after {length} bytes: ")),
            "{fault}"
        );
    }
    assert!(Unpack::new(Box::new(Failing(Vec::new())), Limits::default()).is_err());
}
