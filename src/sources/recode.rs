//! Turns into lines what is none: dnstap in Frame Streams, UTF-16, and JSON written over several lines.
//!
//! Stands behind [`Unpack`], so that gzip around either does not matter; told apart by the first bytes. Every
//! dnstap frame becomes the line `dnstap BASE64`, which the format `dnstap` reads. Memory is bounded by one frame, one
//! step or one line; what is damaged ends the stream with a fault, and what stood before it has been handed out. A file
//! that its writer still has open lacks the last frame's end, or the STOP frame, and is no less readable.
//! Layout of Frame Streams: fstrm/control.h of farsightsec/fstrm.

mod utf16;
mod values;

use std::io::{self, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::fill::Fill;
use super::limits::Limits;
use super::unpack::{Codec, Fault, Taken, Unpack};
use utf16::Utf16;
use values::Values;

/// Enough for a START frame with its content type, and for the first line of JSON over several.
const SNIFF_BYTES: usize = 256;
const BOM: &[u8] = b"\xef\xbb\xbf";
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
    /// Whether the text is JSON over several lines.
    values: Option<Values>,
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
    fn of(first: &[u8]) -> Self {
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

    /// The first letters of the text, as far as they are there.
    fn text(first: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        match Self::of(first) {
            Self::Text => text.extend_from_slice(first.strip_prefix(BOM).unwrap_or(first)),
            Self::FrameStreams => {}
            Self::Utf16(mut utf16) => utf16.push(first, &mut text),
        }
        text
    }
}

fn be32(bytes: Option<&[u8]>) -> Option<u32> {
    Some(u32::from_be_bytes(bytes?.try_into().ok()?))
}

impl Recode {
    /// Sniffs packing and form, and begins to read.
    pub(crate) fn new(inner: Box<dyn Fill + Send>, limits: Limits) -> io::Result<Self> {
        let mut unpack = Unpack::new(inner, limits)?;
        let mut ahead = Vec::with_capacity(SNIFF_BYTES);
        (&mut unpack)
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut ahead)?;
        let form = Form::of(&ahead);
        let values = Values::sniff(&Form::text(&ahead), limits.line());
        let mut recode = Self {
            form,
            values,
            unpack,
            ahead,
            made: Vec::new(),
            done: 0,
            used: 0,
            fault: None,
        };
        if recode.values.is_some() && recode.ahead.starts_with(BOM) {
            recode.next(BOM.len())?;
        }
        Ok(recode)
    }

    pub(crate) fn codec(&self) -> Codec {
        self.unpack.codec()
    }

    /// Whether the text is not in the file as it is.
    pub(crate) fn is_work(&self) -> bool {
        self.codec() != Codec::Plain || !self.is_as_it_is()
    }

    fn is_as_it_is(&self) -> bool {
        matches!(self.form, Form::Text) && self.values.is_none()
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
                    Ok(!self.made.is_empty())
                }
                Form::FrameStreams => self.frame()?,
                Form::Utf16(_) => self.utf16()?,
            };
            match made {
                Ok(true) => self.values_to_lines(),
                Ok(false) => {
                    self.end_of_values();
                    break;
                }
                Err(fault) => self.fault = Some(fault),
            }
        }
        Ok(())
    }

    /// Puts the lines of the values in a step in the place of the step.
    fn values_to_lines(&mut self) {
        let Some(values) = &mut self.values else {
            return;
        };
        let step = std::mem::take(&mut self.made);
        if let Err((why, at)) = values.push(&step, &mut self.made) {
            let unread = match self.form {
                Form::Text => step.len() - at,
                _ => 0,
            };
            self.used -= unread as u64;
            self.fault = Some(self.damaged("JSON", why.to_owned()));
        }
    }

    fn end_of_values(&mut self) {
        let is_whole = match &mut self.values {
            Some(values) => values.end(&mut self.made),
            None => true,
        };
        if !is_whole {
            self.fault = Some(self.early("JSON"));
        }
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
            return Ok(Err(
                self.damaged("dnstap", format!("a frame of {length} bytes"))
            ));
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
                self.damaged("dnstap", format!("a control frame of {length} bytes"))
            ));
        }
        let control = self.next(length as usize)?;
        if control.len() < length as usize {
            return Ok(Err(self.early("dnstap")));
        }
        let is_start = be32(control.get(..4)) == Some(CONTROL_START);
        if is_start && memchr::memmem::find(&control, CONTENT_TYPE).is_none() {
            return Ok(Err(
                self.damaged("dnstap", "frames of another kind".to_owned())
            ));
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

    fn damaged(&self, codec: &'static str, why: String) -> Fault {
        Fault::Damaged {
            codec,
            bytes: self.used,
            why,
        }
    }
}

impl Fill for Recode {
    /// Never fails (but for `Interrupted`): a fault ends the stream and waits in [`Recode::fault`].
    fn fill(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if self.is_as_it_is() && !self.ahead.is_empty() {
            let length = self.ahead.as_slice().fill(buffer)?;
            self.ahead.drain(..length);
            return Ok(length);
        }
        if self.is_as_it_is() {
            return self.unpack.fill(buffer);
        }
        if self.done == self.made.len() {
            self.make()?;
        }
        let length = self
            .made
            .get(self.done..)
            .unwrap_or_default()
            .fill(buffer)?;
        self.done += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
