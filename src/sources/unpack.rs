//! Decompression as a stream: plain, gzip, zstd, xz and bzip2, told apart by their first bytes.
//!
//! Names lie (`access.log.1` may be gzip), so only content decides. Concatenated members and frames are one
//! stream. Output is capped in bytes and in ratio, zstd's window and xz's memory are bounded. Whatever was
//! decodable before a fault has been handed out when the fault is told.

mod input;

use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

use super::fill::Fill;
use super::limits::{Limits, human};
use input::Input;

pub(crate) use input::Taken;

/// The number of first bytes that [`Codec::sniff`] wants to see, at least.
pub(crate) const SNIFF_BYTES: usize = 16;

/// As much as a block of zstd, which unpacks no more at a time.
const STEP_BYTES: usize = 128 << 10;
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
    #[error("unpacks to more than {}; the rest of this file is not read (raise sources.limits.unpacked_bytes if it is a real log)", human(*limit))]
    TooLarge { limit: u64 },
    #[error(
        "unpacks to more than {limit} times its size; the rest of this file is not read (raise sources.limits.unpacked_ratio if it is a real log)"
    )]
    TooDense { limit: u64 },
    #[error("cannot be read after {bytes} bytes: {error}")]
    Read { bytes: u64, error: io::Error },
}

impl Fault {
    /// Whether the system failed and not the data.
    pub(crate) fn is_of_the_system(&self) -> bool {
        matches!(self, Self::Read { .. })
    }

    /// Whether more input could still mend it.
    pub(crate) fn ends_early(&self) -> bool {
        matches!(self, Self::EndsEarly { .. })
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

enum Decoder {
    Plain(Input),
    Gzip(Box<MultiGzDecoder<Input>>),
    Zstd(zstd::stream::read::Decoder<'static, Input>),
    Xz(XzDecoder<Input>),
    Bzip2(bzip2::bufread::MultiBzDecoder<Input>),
}

impl Unpack {
    /// Sniffs the packing and begins to read.
    pub(crate) fn new(inner: Box<dyn Fill + Send>, limits: Limits) -> io::Result<Self> {
        let input = Input::new(inner)?;
        let codec = Codec::sniff(input.held());
        let taken = input.taken();
        let decoder = match codec {
            Codec::Plain => Decoder::Plain(input),
            Codec::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(input))),
            Codec::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Decoder::Zstd(decoder)
            }
            Codec::Xz => Decoder::Xz(XzDecoder::new_stream(
                input,
                Stream::new_stream_decoder(XZ_MEMORY_BYTES, CONCATENATED)?,
            )),
            Codec::Bzip2 => Decoder::Bzip2(bzip2::bufread::MultiBzDecoder::new(input)),
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
        let Limits {
            unpacked_bytes,
            unpacked_ratio,
            ratio_after_bytes,
            ..
        } = self.limits;
        if unpacked_bytes > 0 && self.bytes > unpacked_bytes {
            let limit = unpacked_bytes;
            return Some(Fault::TooLarge { limit });
        }
        let allowed = self.taken.bytes().saturating_mul(unpacked_ratio);
        let is_bounded = unpacked_ratio > 0 && self.bytes > ratio_after_bytes;
        let limit = unpacked_ratio;
        (is_bounded && self.bytes > allowed).then_some(Fault::TooDense { limit })
    }

    /// Counts what was read, and keeps the fault.
    fn took(&mut self, read: io::Result<usize>) -> io::Result<usize> {
        match read {
            Ok(length) => {
                self.bytes += length as u64;
                self.fault = self.over_limit();
                Ok(length)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.fault = Some(self.fault_of(error));
                Ok(0)
            }
        }
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

impl Decoder {
    fn reader(&mut self) -> &mut dyn Read {
        match self {
            Self::Plain(reader) => reader,
            Self::Gzip(reader) => reader,
            Self::Zstd(reader) => reader,
            Self::Xz(reader) => reader,
            Self::Bzip2(reader) => reader,
        }
    }
}

/// Never fails (but for `Interrupted`): a fault ends the stream and waits in [`Unpack::fault`].
impl Read for Unpack {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fault.is_some() {
            return Ok(0);
        }
        // In small steps, so that the limits are looked at in time.
        let step = buffer.len().min(STEP_BYTES);
        let buffer = buffer.get_mut(..step).unwrap_or_default();
        let read = self.decoder.reader().read(buffer);
        self.took(read)
    }
}

/// Never fails either.
impl Fill for Unpack {
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if self.fault.is_some() {
            return Ok(0);
        }
        let read = match &mut self.decoder {
            Decoder::Plain(input) => input.fill(buffer),
            packed => {
                let before = buffer.len();
                let step = (buffer.capacity() - before).min(STEP_BYTES);
                buffer.resize(before + step, 0);
                let read = packed
                    .reader()
                    .read(buffer.get_mut(before..).unwrap_or_default());
                buffer.truncate(before + read.as_ref().map_or(0, |length| *length));
                read
            }
        };
        self.took(read)
    }
}

#[cfg(test)]
mod tests;
