//! Turns what is no UTF-8 text into lines: dnstap in Frame Streams, and UTF-16.
//!
//! Stands behind [`Unpack`], so that gzip around either does not matter; told apart by the first bytes. Every
//! dnstap frame becomes the line `dnstap BASE64`, which the format `dnstap` reads. Memory is bounded by one frame or one
//! step; what is damaged ends the stream with a fault, and what stood before it has been handed out. A file
//! that its writer still has open lacks the last frame's end, or the STOP frame, and is no less readable.
//! Layout of Frame Streams: fstrm/control.h of farsightsec/fstrm.

mod utf16;

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::limits::Limits;
use super::unpack::{Codec, Fault, Taken, Unpack};
use utf16::Utf16;

/// Enough for a START frame with its content type.
const SNIFF_BYTES: usize = 64;
const STEP_BYTES: usize = 64 << 10;
/// Two DNS messages of the greatest size and what dnstap says of them; as base64 it is a line that is read.
const FRAME_BYTES: u32 = 160 << 10;
/// As fstrm bounds it.
const CONTROL_BYTES: u32 = 512;
const CONTROL_START: u32 = 2;
const CONTENT_TYPE: &[u8] = b"protobuf:dnstap.Dnstap";

/// A reader of the lines of a file.
pub(crate) struct Recode {
    unpack: Unpack,
    /// Taken from `unpack` to look at, not yet used.
    ahead: Vec<u8>,
    form: Form,
    /// Made, and handed out up to `done`.
    made: Vec<u8>,
    done: usize,
    /// Bytes of the unpacked file that were used.
    used: u64,
    fault: Option<Fault>,
}

enum Form {
    /// As it is.
    Text,
    FrameStreams,
    Utf16(Utf16),
}

impl Form {
    fn sniff(first: &[u8]) -> Self {
        let is_wide_zero = first.get(2..4) == Some(&[0, 0]);
        if first.starts_with(b"\xff\xfe") && !is_wide_zero {
            return Self::Utf16(Utf16::new(u16::from_le_bytes));
        }
        if first.starts_with(b"\xfe\xff") && !is_wide_zero {
            return Self::Utf16(Utf16::new(u16::from_be_bytes));
        }
        let is_start = be32(first.get(..4)) == Some(0)
            && be32(first.get(4..8)).is_some_and(|length| length <= CONTROL_BYTES)
            && be32(first.get(8..12)) == Some(CONTROL_START);
        if is_start && memchr::memmem::find(first, CONTENT_TYPE).is_some() {
            return Self::FrameStreams;
        }
        Self::Text
    }
}

fn be32(bytes: Option<&[u8]>) -> Option<u32> {
    Some(u32::from_be_bytes(bytes?.try_into().ok()?))
}

impl Recode {
    /// Sniffs packing and form, and begins to read.
    pub(crate) fn new(inner: Box<dyn Read + Send>, limits: Limits) -> io::Result<Self> {
        let mut unpack = Unpack::new(inner, limits)?;
        let mut ahead = Vec::with_capacity(SNIFF_BYTES);
        (&mut unpack)
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut ahead)?;
        Ok(Self {
            form: Form::sniff(&ahead),
            unpack,
            ahead,
            made: Vec::new(),
            done: 0,
            used: 0,
            fault: None,
        })
    }

    pub(crate) fn codec(&self) -> Codec {
        self.unpack.codec()
    }

    /// Bytes taken from the file, as stored.
    pub(crate) fn taken(&self) -> Taken {
        self.unpack.taken()
    }

    /// What ended the stream before its time. The stream itself just ends.
    pub(crate) fn fault(&mut self) -> Option<Fault> {
        // A frame that ends early because the packing does is the packing's fault.
        self.unpack.fault().or(self.fault.take())
    }

    /// So many bytes of the unpacked file, or as many as there are.
    fn next(&mut self, bytes: usize) -> io::Result<Vec<u8>> {
        let mut next = Vec::new();
        if !self.ahead.is_empty() {
            let rest = self.ahead.split_off(bytes.min(self.ahead.len()));
            next = std::mem::replace(&mut self.ahead, rest);
        }
        let missing = bytes - next.len();
        (&mut self.unpack)
            .take(missing as u64)
            .read_to_end(&mut next)?;
        self.used += next.len() as u64;
        Ok(next)
    }

    /// Makes some more lines; nothing made is the end.
    fn make(&mut self) -> io::Result<()> {
        self.made.clear();
        self.done = 0;
        while self.made.is_empty() && self.fault.is_none() {
            let made = match self.form {
                Form::Text => {
                    self.made = self.next(STEP_BYTES)?;
                    return Ok(());
                }
                Form::FrameStreams => self.frame()?,
                Form::Utf16(_) => self.utf16()?,
            };
            match made {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => self.fault = Some(fault),
            }
        }
        Ok(())
    }

    /// One frame; whether there was one.
    fn frame(&mut self) -> io::Result<Result<bool, Fault>> {
        let head = self.next(4)?;
        let Some(length) = be32(Some(&head)) else {
            return Ok(if head.is_empty() {
                Ok(false)
            } else {
                Err(self.early("dnstap"))
            });
        };
        if length == 0 {
            return self.control();
        }
        if length > FRAME_BYTES {
            return Ok(Err(self.damaged(format!("a frame of {length} bytes"))));
        }
        let frame = self.next(length as usize)?;
        if frame.len() < length as usize {
            return Ok(Err(self.early("dnstap")));
        }
        self.made.extend_from_slice(b"dnstap ");
        self.made.extend_from_slice(BASE64.encode(frame).as_bytes());
        self.made.push(b'\n');
        Ok(Ok(true))
    }

    /// A control frame. Behind STOP may stand another stream, appended; every kind but START is stepped over.
    fn control(&mut self) -> io::Result<Result<bool, Fault>> {
        let head = self.next(4)?;
        let Some(length) = be32(Some(&head)) else {
            return Ok(Err(self.early("dnstap")));
        };
        if !(4..=CONTROL_BYTES).contains(&length) {
            return Ok(Err(
                self.damaged(format!("a control frame of {length} bytes"))
            ));
        }
        let control = self.next(length as usize)?;
        if control.len() < length as usize {
            return Ok(Err(self.early("dnstap")));
        }
        let is_start = be32(control.get(..4)) == Some(CONTROL_START);
        if is_start && memchr::memmem::find(&control, CONTENT_TYPE).is_none() {
            return Ok(Err(self.damaged("frames of another kind".to_owned())));
        }
        Ok(Ok(true))
    }

    fn utf16(&mut self) -> io::Result<Result<bool, Fault>> {
        let bytes = self.next(STEP_BYTES)?;
        let Form::Utf16(utf16) = &mut self.form else {
            return Ok(Ok(false));
        };
        if bytes.is_empty() {
            let whole = utf16.odd.is_none();
            utf16.end(&mut self.made);
            return Ok(if whole {
                Ok(false)
            } else {
                Err(self.early("UTF-16"))
            });
        }
        utf16.push(&bytes, &mut self.made);
        Ok(Ok(true))
    }

    fn early(&self, codec: &'static str) -> Fault {
        Fault::EndsEarly {
            codec,
            bytes: self.used,
        }
    }

    fn damaged(&self, why: String) -> Fault {
        Fault::Damaged {
            codec: "dnstap",
            bytes: self.used,
            why,
        }
    }
}

impl Read for Recode {
    /// Never fails (but for `Interrupted`): a fault ends the stream and waits in [`Recode::fault`].
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.form, Form::Text) && self.ahead.is_empty() && self.done == self.made.len()
        {
            return self.unpack.read(buffer);
        }
        if self.done == self.made.len() {
            self.make()?;
        }
        let mut rest = self.made.get(self.done..).unwrap_or_default();
        let n = rest.read(buffer)?;
        self.done += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
        let mut recode =
            Recode::new(Box::new(io::Cursor::new(bytes.to_vec())), Limits::default()).unwrap();
        let mut out = Vec::new();
        recode.read_to_end(&mut out).unwrap();
        (out, recode.fault().map(|fault| fault.to_string()))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn control(kind: u32, content: &[u8]) -> Vec<u8> {
        let mut fields = kind.to_be_bytes().to_vec();
        if !content.is_empty() {
            fields.extend(1_u32.to_be_bytes());
            fields.extend((content.len() as u32).to_be_bytes());
            fields.extend(content);
        }
        let mut frame = 0_u32.to_be_bytes().to_vec();
        frame.extend((fields.len() as u32).to_be_bytes());
        frame.extend(fields);
        frame
    }

    fn data(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
    }

    fn stream(frames: &[&[u8]]) -> Vec<u8> {
        let mut stream = control(2, CONTENT_TYPE);
        frames.iter().for_each(|frame| stream.extend(data(frame)));
        stream
    }

    #[test]
    fn text_stays_as_it_is() {
        for text in [&b""[..], b"a", b"line\n\xff\n", &[b'x'; 200_000]] {
            assert_eq!(read(text), (text.to_vec(), None));
        }
    }

    #[test]
    fn frames_become_lines_gzip_and_appended_streams_included() {
        let mut log = stream(&[b"one", b"two"]);
        log.extend(control(3, b""));
        log.extend(stream(&[b"three"]));
        let lines = b"dnstap b25l\ndnstap dHdv\ndnstap dGhyZWU=\n".to_vec();
        assert_eq!(read(&log), (lines.clone(), None));
        assert_eq!(read(&gzip(&log)), (lines, None));
        // A writer that is still at work.
        assert_eq!(read(&stream(&[])), (Vec::new(), None));
    }

    #[test]
    fn a_file_that_breaks_off_keeps_what_stood_before() {
        let whole = stream(&[b"one", b"two"]);
        for (cut, lines) in [(1, &b"dnstap b25l\n"[..]), (5, b"dnstap b25l\n"), (8, b"")] {
            let (out, fault) = read(&whole[..whole.len() - cut]);
            assert_eq!(out, lines, "{cut}");
            let fault = fault.expect("a cut is a fault");
            assert!(fault.starts_with("dnstap data ends early after"), "{fault}");
        }
        let packed = gzip(&whole);
        let (_, fault) = read(&packed[..packed.len() - 12]);
        assert!(fault.is_some_and(|f| f.starts_with("gzip data ends early")));
    }

    #[test]
    fn hostile_lengths_are_refused_and_not_allocated() {
        for (bytes, why) in [
            (
                u32::MAX.to_be_bytes().to_vec(),
                "a frame of 4294967295 bytes",
            ),
            (
                [0_u32.to_be_bytes(), u32::MAX.to_be_bytes()].concat(),
                "a control frame of 4294967295 bytes",
            ),
            (control(2, b"protobuf:other"), "frames of another kind"),
        ] {
            let mut log = stream(&[b"one"]);
            log.extend(bytes);
            log.extend(data(b"two"));
            let (out, fault) = read(&log);
            assert_eq!(out, b"dnstap b25l\n");
            assert!(fault.is_some_and(|f| f.contains(why)), "{why}");
        }
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(unit).collect()
    }

    #[test]
    fn utf_16_becomes_utf_8_wherever_it_is_cut_into_steps() {
        let text = "grüße 例え 🦀\r\n".repeat(9_000);
        for bytes in [
            utf16(&text, u16::to_le_bytes),
            utf16(&text, u16::to_be_bytes),
        ] {
            assert!(read(&bytes) == (text.clone().into_bytes(), None));
            assert!(read(&gzip(&bytes)) == (text.clone().into_bytes(), None));
        }
    }

    #[test]
    fn half_a_letter_does_not_take_the_rest_with_it() {
        let mut bytes = b"\xff\xfea\0\x3d\xd8b\0\x00\xdc\n\0".to_vec();
        assert_eq!(read(&bytes), ("a\u{fffd}b\u{fffd}\n".into(), None));
        bytes.extend(b"\x3d\xd8");
        assert_eq!(read(&bytes), ("a\u{fffd}b\u{fffd}\n\u{fffd}".into(), None));
        bytes.push(b'x');
        let (_, fault) = read(&bytes);
        assert!(fault.is_some_and(|f| f.starts_with("UTF-16 data ends early")));
    }

    #[test]
    fn other_frames_and_wider_letters_are_left_for_the_refusal() {
        let other = control(2, b"protobuf:other");
        assert_eq!(read(&other).0, other);
        let utf32 = b"\xff\xfe\0\0a\0\0\0";
        assert_eq!(read(utf32).0, utf32);
    }
}
