//! DNS messages as they go over the wire: the question, the code, and addresses and names of the answer.
//!
//! Every length and pointer in them is somebody else's word: a name has at most 255 bytes and follows a bounded
//! number of pointers, and a message that breaks off behind its question keeps the question. RFC 1035 §4.1.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::model::Untrusted;

/// As RFC 1035 bounds it, and so few bytes cannot hold more pointers that lead anywhere.
const NAME_BYTES: usize = 255;
const POINTERS: usize = 64;
/// More answers than any name has.
const ANSWERS: u16 = 64;

pub(super) struct Packet {
    pub(super) id: u16,
    pub(super) opcode: u8,
    pub(super) rcode: u8,
    /// The first; more than one is a curiosity that no server answers.
    pub(super) question: Option<Question>,
    pub(super) answers: Vec<Untrusted<'static>>,
}

pub(super) struct Question {
    /// With dots between labels; a dot inside a label has a backslash in front. Empty for the root.
    pub(super) name: Untrusted<'static>,
    pub(super) qtype: u16,
    pub(super) class: u16,
}

impl Packet {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { bytes, at: 0 };
        let (id, flags) = (reader.number()?, reader.number()?);
        let (questions, answers) = (reader.number()?, reader.number()?);
        let (_authority, _additional) = (reader.number()?, reader.number()?);
        let mut packet = Self {
            id,
            opcode: u8::try_from(flags >> 11 & 0xf).ok()?,
            rcode: u8::try_from(flags & 0xf).ok()?,
            question: None,
            answers: Vec::new(),
        };
        for number in 0..questions.min(ANSWERS) {
            let question = Question {
                name: reader.name()?,
                qtype: reader.number()?,
                class: reader.number()?,
            };
            if number == 0 {
                packet.question = Some(question);
            }
        }
        for _ in 0..answers.min(ANSWERS) {
            match reader.answer() {
                Some(data) => packet.answers.extend(data),
                None => break,
            }
        }
        Some(packet)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A resource record; its data, if it is an address or an alias.
    fn answer(&mut self) -> Option<Option<Untrusted<'static>>> {
        let _owner = self.name()?;
        let (kind, _class, _ttl) = (self.number()?, self.number()?, self.take(4)?);
        let length = usize::from(self.number()?);
        let from = self.at;
        let data = self.take(length)?;
        let text = match kind {
            1 => <[u8; 4]>::try_from(data)
                .ok()
                .map(|a| Ipv4Addr::from(a).to_string()),
            28 => <[u8; 16]>::try_from(data)
                .ok()
                .map(|a| Ipv6Addr::from(a).to_string()),
            5 => {
                let mut target = Reader {
                    bytes: self.bytes,
                    at: from,
                };
                return Some(target.name());
            }
            _ => None,
        };
        Some(text.map(|text| Untrusted::rebuilt(text.into_bytes())))
    }

    fn name(&mut self) -> Option<Untrusted<'static>> {
        let mut name = Vec::new();
        let mut at = self.at;
        let mut behind = None;
        let mut pointers = 0;
        loop {
            let length = *self.bytes.get(at)?;
            match length {
                0 => break,
                1..=63 => {
                    let from = at + 1;
                    let label = self.bytes.get(from..from + usize::from(length))?;
                    if !name.is_empty() {
                        name.push(b'.');
                    }
                    for byte in label {
                        if *byte == b'.' {
                            name.push(b'\\');
                        }
                        name.push(*byte);
                    }
                    at = from + label.len();
                }
                0xc0.. => {
                    let low = *self.bytes.get(at + 1)?;
                    behind = behind.or(Some(at + 2));
                    at = usize::from(length & 0x3f) << 8 | usize::from(low);
                    pointers += 1;
                }
                _ => return None,
            }
            if name.len() > 2 * NAME_BYTES || pointers > POINTERS {
                return None;
            }
        }
        self.at = behind.unwrap_or(at + 1);
        Some(Untrusted::rebuilt(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(counts: [u8; 2], rest: &[u8]) -> Option<Packet> {
        let head = [0, 7, 0x81, 0x83, 0, counts[0], 0, counts[1], 0, 0, 0, 0];
        Packet::read(&[&head, rest].concat())
    }

    #[test]
    fn question_and_answers_are_read() {
        let rest = b"\x01A\x07ex.mple\x03org\0\0\x41\0\x01\
            \xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01b\xc0\x16\
            \xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x02\x01x\
            \xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xcb\0\x71\x07";
        let packet = packet([1, 3], rest).unwrap();
        let question = packet.question.unwrap();
        assert_eq!(question.name.bytes(), b"A.ex\\.mple.org");
        assert_eq!((question.qtype, question.class), (65, 1));
        assert_eq!((packet.id, packet.opcode, packet.rcode), (7, 0, 3));
        let answers: Vec<_> = packet.answers.iter().map(|a| a.lossy()).collect();
        assert_eq!(answers, ["b.org", "203.0.113.7"]);
    }

    #[test]
    fn pointers_that_turn_in_circles_end() {
        assert!(packet([1, 0], b"\xc0\x0c\0\x01\0\x01").is_none());
        assert!(packet([1, 0], b"\x01a\xc0\x0c\0\x01\0\x01").is_none());
        assert!(packet([1, 0], b"\xff\xff\0\x01\0\x01").is_none());
        assert!(packet([1, 0], b"\x40a\0\0\x01\0\x01").is_none());
    }

    #[test]
    fn an_answer_that_breaks_off_leaves_the_question() {
        let packet = packet(
            [1, 200],
            b"\x01a\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\xff\xff",
        );
        let packet = packet.unwrap();
        assert_eq!(packet.question.unwrap().name.bytes(), b"a");
        assert!(packet.answers.is_empty());
    }
}
