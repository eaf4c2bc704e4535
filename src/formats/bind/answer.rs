//! Answers in BIND's log: BIND's own, Infoblox NIOS's and EfficientIP's.
//!
//! * `response: NAME CLASS TYPE RCODE ANSWERS AUTHORITY ADDITIONAL FLAGS (LOCAL)`: `responselog` of BIND, from 9.20.9 on;
//! * `UDP: query: NAME CLASS TYPE response: RCODE FLAGS RECORD; RECORD;`, records as in a zone file: "Capturing DNS Queries
//!   and Responses" of the NIOS Administrator Guide;
//! * `answer: NAME CLASS TYPE (LOCAL) -> RCODE TTL TYPE DATA TTL TYPE DATA`: EfficientIP SOLIDserver.
//!
//! Names and addresses of the records are kept; texts, which anybody may write, are neither.

use crate::formats::cursor::{Cursor, ip, number};
use crate::model::Untrusted;

use super::line::Question;

/// An answer, and the question that it repeats.
pub(super) struct Answer<'a> {
    pub(super) question: Question<'a>,
    pub(super) rcode: &'a [u8],
    pub(super) records: Records<'a>,
}

/// Where the data of an answer stands.
pub(super) enum Records<'a> {
    /// Only their number is logged.
    Unknown,
    /// `NAME TTL CLASS TYPE DATA; …`
    ZoneFile(&'a [u8]),
    /// `TTL TYPE DATA …`
    Triples(&'a [u8]),
}

impl<'a> Answer<'a> {
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        Self::of_nios(message)
            .or_else(|| Self::of_bind(message))
            .or_else(|| Self::of_efficientip(message))
    }

    /// The answer as Infoblox NIOS writes it, and nobody else.
    pub(super) fn of_nios(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(without_transport(message));
        cursor.eat(b"query: ")?;
        let (name, class, qtype) = (cursor.word()?, cursor.word()?, cursor.word()?);
        cursor.eat(b"response: ")?;
        let rcode = cursor.word()?;
        // The flags begin with whether recursion was asked for.
        let flags = cursor.word().unwrap_or(b"+");
        matches!(flags.first(), Some(b'+' | b'-')).then_some(())?;
        let question = Question {
            name,
            class,
            qtype,
            server: None,
        };
        Some(Self {
            question,
            rcode,
            records: Records::ZoneFile(cursor.rest()),
        })
    }

    fn of_bind(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        cursor.eat(b"response: ")?;
        let (name, class, qtype) = (cursor.word()?, cursor.word()?, cursor.word()?);
        let rcode = cursor.word()?;
        for _ in 0..3 {
            number(cursor.word()?)?;
        }
        let _flags = cursor.word()?;
        let server = cursor.word()?.strip_prefix(b"(")?.strip_suffix(b")")?;
        let question = Question {
            name,
            class,
            qtype,
            server: Some(server),
        };
        Some(Self {
            question,
            rcode,
            records: Records::Unknown,
        })
    }

    fn of_efficientip(message: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(message);
        cursor.eat(b"answer: ")?;
        let (name, class, qtype) = (cursor.word()?, cursor.word()?, cursor.word()?);
        let server = cursor.word()?.strip_prefix(b"(")?.strip_suffix(b")")?;
        cursor.eat(b"-> ")?;
        let rcode = cursor.word()?;
        let question = Question {
            name,
            class,
            qtype,
            server: Some(server),
        };
        Some(Self {
            question,
            rcode,
            records: Records::Triples(cursor.rest()),
        })
    }
}

fn without_transport(message: &[u8]) -> &[u8] {
    message
        .strip_prefix(b"UDP: ")
        .or_else(|| message.strip_prefix(b"TCP: "))
        .unwrap_or(message)
}

impl<'a> Records<'a> {
    /// Addresses and names; `None` where the layout does not tell them.
    pub(super) fn data(&self) -> Option<Vec<Untrusted<'a>>> {
        let mut data = Vec::new();
        match self {
            Self::Unknown => return None,
            Self::ZoneFile(text) => {
                let mut rest = *text;
                while let Some((record, after)) = one_record(rest) {
                    let mut words = Cursor::new(record);
                    let (_name, _ttl, _class) = (words.word(), words.word(), words.word());
                    data.extend(datum(words.word(), words.word()));
                    rest = after;
                }
            }
            Self::Triples(text) => {
                let mut words = Cursor::new(text);
                while words.word().is_some_and(|ttl| number(ttl).is_some()) {
                    let Some(datum) = datum(words.word(), words.word()) else {
                        break;
                    };
                    data.push(datum);
                }
            }
        }
        Some(data)
    }
}

/// A record up to its `;`, one inside quotes excepted, and what follows.
fn one_record(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let (mut quoted, mut escaped) = (false, false);
    let end = text.iter().position(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => return true,
            _ => {}
        }
        false
    });
    let end = end.unwrap_or(text.len());
    (!text.is_empty()).then_some((text.get(..end)?, text.get(end + 1..).unwrap_or_default()))
}

fn datum<'a>(kind: Option<&[u8]>, data: Option<&'a [u8]>) -> Option<Untrusted<'a>> {
    let data = data?;
    let is_datum = match kind? {
        b"A" | b"AAAA" => ip(data).is_some(),
        b"CNAME" => !data.is_empty(),
        _ => false,
    };
    let data = data.strip_suffix(b".").unwrap_or(data);
    is_datum.then(|| Untrusted::new(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str) -> Option<String> {
        let answer = Answer::read(message.as_bytes())?;
        let data = answer.records.data().map(|data| {
            let data: Vec<String> = data.iter().map(|d| d.lossy().into_owned()).collect();
            data.join(",")
        });
        Some(format!(
            "{} {} {:?}",
            String::from_utf8_lossy(answer.question.name),
            String::from_utf8_lossy(answer.rcode),
            data
        ))
    }

    #[test]
    fn every_product_has_its_layout() {
        for (message, expected) in [
            (
                "UDP: query: a.example IN A response: NOERROR +AED a.example. 60 IN CNAME b.example.; b.example. 60 IN A 203.0.113.7;",
                "a.example NOERROR Some(\"b.example,203.0.113.7\")",
            ),
            (
                "query: a.example IN A response: NXDOMAIN -",
                "a.example NXDOMAIN Some(\"\")",
            ),
            (
                "response: a.example IN A NOERROR 1 0 1 +E(0)K (192.0.2.1#53)",
                "a.example NOERROR None",
            ),
            (
                "answer: a.example IN A (192.0.2.1) -> NOERROR 108 CNAME b.example. 20 A 203.0.113.7",
                "a.example NOERROR Some(\"b.example,203.0.113.7\")",
            ),
        ] {
            assert_eq!(shown(message).as_deref(), Some(expected), "{message}");
        }
    }

    #[test]
    fn a_text_cannot_add_an_address() {
        let message = "UDP: query: a.example IN TXT response: NOERROR + a.example. 60 IN TXT \"x; y 60 IN A 0.0.0.0; \\\"\"; a.example. 60 IN A 203.0.113.7;";
        assert_eq!(
            shown(message).as_deref(),
            Some("a.example NOERROR Some(\"203.0.113.7\")")
        );
        let message = "answer: a.example IN TXT (192.0.2.1) -> NOERROR 60 TXT \"x 60 A 0.0.0.0\" 60 A 0.0.0.0";
        assert_eq!(
            shown(message).as_deref(),
            Some("a.example NOERROR Some(\"\")")
        );
    }
}
