//! Decompression as a stream: plain, gzip, zstd, xz and bzip2, told apart by their first bytes.
//!
//! Names lie (`access.log.1` may be gzip), so only content decides. Concatenated members and frames are one
//! stream. Output is capped in bytes and in ratio, zstd's window and xz's memory are bounded. Whatever was
//! decodable before a fault has been handed out when the fault is told.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

use super::limits::{Limits, human};

/// The number of first bytes that [`Codec::sniff`] wants to see.
pub(crate) const SNIFF_BYTES: usize = 16;

const STEP_BYTES: usize = 256 << 10;
const INPUT_BUFFER_BYTES: usize = 128 << 10;
/// 2^23 bytes = 8 MiB: what `zstd -19` writes; `--long` asks for more.
const ZSTD_WINDOW_LOG: u32 = 23;
/// `xz -9` needs 65 MiB.
const XZ_MEMORY_BYTES: u64 = 96 << 20;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Plain,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl Codec {
    /// Tells the packing by the first bytes.
    pub(crate) fn sniff(first: &[u8]) -> Self {
        const BZIP2_BLOCK: &[u8] = b"\x31\x41\x59\x26\x53\x59";
        const BZIP2_END: &[u8] = b"\x17\x72\x45\x38\x50\x90";
        if first.starts_with(b"\x1f\x8b") {
            return Self::Gzip;
        }
        if first.starts_with(b"\x28\xb5\x2f\xfd") {
            return Self::Zstd;
        }
        // A skippable frame, as parallel compressors write before the first real one.
        if first.get(1..4) == Some(b"\x2a\x4d\x18")
            && first.first().is_some_and(|b| b & 0xf0 == 0x50)
        {
            return Self::Zstd;
        }
        if first.starts_with(b"\xfd7zXZ\0") {
            return Self::Xz;
        }
        if first.starts_with(b"BZh")
            && first
                .get(4..10)
                .is_some_and(|magic| magic == BZIP2_BLOCK || magic == BZIP2_END)
        {
            return Self::Bzip2;
        }
        Self::Plain
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// Why a packed file could not be read to its end. The texts lack the file's name; whoever knows it puts it first.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{codec} data ends early after {bytes} bytes; the rest of this file is missing")]
    EndsEarly { codec: &'static str, bytes: u64 },
    #[error(
        "{codec} data is damaged after {bytes} bytes ({why}); the rest of this file is not read"
    )]
    Damaged {
        codec: &'static str,
        bytes: u64,
        why: String,
    },
    #[error("unpacks to more than {}; the rest of this file is not read (raise limits.unpacked_bytes if it is a real log)", human(*limit))]
    TooLarge { limit: u64 },
    #[error(
        "unpacks to more than {limit} times its size; the rest of this file is not read (raise limits.unpacked_ratio if it is a real log)"
    )]
    TooDense { limit: u64 },
    #[error("cannot be read after {bytes} bytes: {error}")]
    Read { bytes: u64, error: io::Error },
}

impl Fault {
    /// Whether more input could still mend it.
    pub(crate) fn ends_early(&self) -> bool {
        matches!(self, Self::EndsEarly { .. })
    }
}

/// How many bytes were taken from the file so far; shared with whoever shows progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(Arc<AtomicU64>);

impl Taken {
    pub(crate) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A reader of the unpacked bytes of a file.
pub(crate) struct Unpack {
    decoder: Decoder,
    codec: Codec,
    limits: Limits,
    taken: Taken,
    bytes: u64,
    fault: Option<Fault>,
}

type Input = BufReader<Counted>;

enum Decoder {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<Input>>),
    Zstd(zstd::stream::read::Decoder<'static, Input>),
    Xz(XzDecoder<Input>),
    Bzip2(bzip2::bufread::MultiBzDecoder<Input>),
}

struct Counted {
    inner: io::Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>,
    taken: Taken,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.taken.0.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Unpack {
    /// Sniffs the packing and begins to read.
    pub(crate) fn new(mut inner: Box<dyn Read + Send>, limits: Limits) -> io::Result<Self> {
        let mut first = Vec::with_capacity(SNIFF_BYTES);
        (&mut inner)
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut first)?;
        let codec = Codec::sniff(&first);
        let taken = Taken::default();
        let counted = Counted {
            inner: Cursor::new(first).chain(inner),
            taken: taken.clone(),
        };
        let buffered = |counted| BufReader::with_capacity(INPUT_BUFFER_BYTES, counted);
        let decoder = match codec {
            Codec::Plain => Decoder::Plain(counted),
            Codec::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(buffered(counted)))),
            Codec::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered(counted))?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Decoder::Zstd(decoder)
            }
            Codec::Xz => Decoder::Xz(XzDecoder::new_stream(
                buffered(counted),
                Stream::new_stream_decoder(XZ_MEMORY_BYTES, CONCATENATED)?,
            )),
            Codec::Bzip2 => Decoder::Bzip2(bzip2::bufread::MultiBzDecoder::new(buffered(counted))),
        };
        Ok(Self {
            decoder,
            codec,
            limits,
            taken,
            bytes: 0,
            fault: None,
        })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Bytes taken from the file, as stored.
    pub(crate) fn taken(&self) -> Taken {
        self.taken.clone()
    }

    /// What ended the stream before its time. The stream itself just ends.
    pub(crate) fn fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    fn over_limit(&self) -> Option<Fault> {
        if self.codec == Codec::Plain {
            return None;
        }
        if self.bytes > self.limits.unpacked_bytes {
            return Some(Fault::TooLarge {
                limit: self.limits.unpacked_bytes,
            });
        }
        let allowed = self
            .taken
            .bytes()
            .saturating_mul(self.limits.unpacked_ratio);
        (self.bytes > self.limits.ratio_after_bytes && self.bytes > allowed).then_some(
            Fault::TooDense {
                limit: self.limits.unpacked_ratio,
            },
        )
    }

    fn fault_of(&self, error: io::Error) -> Fault {
        let bytes = self.bytes;
        let codec = self.codec.name();
        match (self.codec, error.kind()) {
            (Codec::Plain, _) => Fault::Read { bytes, error },
            (_, io::ErrorKind::UnexpectedEof) => Fault::EndsEarly { codec, bytes },
            // The file system speaks in errno, decoders never do.
            _ if error.raw_os_error().is_some() => Fault::Read { bytes, error },
            _ => Fault::Damaged {
                codec,
                bytes,
                why: error.to_string(),
            },
        }
    }
}

impl Read for Unpack {
    /// Never fails (but for `Interrupted`): a fault ends the stream and waits in [`Unpack::fault`].
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Ok(0);
        }
        // In small steps, so that the limits are looked at in time.
        let step = buffer.len().min(STEP_BYTES);
        let buffer = buffer.get_mut(..step).unwrap_or_default();
        let read = match &mut self.decoder {
            Decoder::Plain(reader) => reader.read(buffer),
            Decoder::Gzip(reader) => reader.read(buffer),
            Decoder::Zstd(reader) => reader.read(buffer),
            Decoder::Xz(reader) => reader.read(buffer),
            Decoder::Bzip2(reader) => reader.read(buffer),
        };
        match read {
            Ok(n) => {
                self.bytes += n as u64;
                self.fault = self.over_limit();
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.fault = Some(self.fault_of(error));
                Ok(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

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
    fn a_zstd_window_beyond_eight_mebibytes_is_refused() {
        let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        writer.window_log(27).unwrap();
        writer.write_all(&lines(1_000)).unwrap();
        let (_, out, fault) = read(writer.finish().unwrap(), Limits::default());
        assert!(out.is_empty());
        assert!(matches!(fault, Some(Fault::Damaged { .. })), "{fault:?}");
    }
}
