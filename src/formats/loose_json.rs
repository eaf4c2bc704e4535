//! JSON values of one record, read without insisting on their type.
//!
//! Sensors, shippers and users turn numbers into strings and back; one such field must not cost the whole
//! record. So a field is a [`Loose`] value that is asked for what the reader needs; an object or a long list
//! where a word was expected counts as absent. Text is borrowed from the record unless it holds escapes.
//! What is no JSON at all is refused with a [`reason`].

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::Time;

use super::{cursor, envelope};

/// The most list items that one value keeps; a DNS answer has a handful.
const MAX_ITEMS: usize = 64;
const MICROS_PER_SEC: f64 = 1_000_000.0;
/// Counts from here on are milliseconds: as seconds they would lie beyond the year 5000.
const MILLIS_FROM: f64 = 100_000_000_000.0;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Loose<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Count(u64),
    Real(f64),
    Flag(bool),
    List(Vec<Cow<'a, str>>),
}

impl<'a> Loose<'a> {
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Its text; of a list the first item, of a number none.
    pub(super) fn text(self) -> Option<Cow<'a, [u8]>> {
        let text = match self {
            Self::Text(text) => text,
            Self::List(items) => items.into_iter().next()?,
            _ => return None,
        };
        (!text.is_empty()).then(|| match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(self) -> Vec<Cow<'a, str>> {
        match self {
            Self::List(items) => items,
            Self::Text(text) => vec![text],
            _ => Vec::new(),
        }
    }

    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(*count),
            Self::Text(text) => text.parse().ok(),
            // The cast saturates; negative and absurd counts are nonsense, not zero.
            Self::Real(real) if *real >= 0.0 && *real < 9e18 => Some(*real as u64),
            _ => None,
        }
    }

    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) => match text.as_ref() {
                "T" | "true" => Some(true),
                "F" | "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn address(&self) -> Option<IpAddr> {
        cursor::ip(self.as_str()?.as_bytes())
    }

    pub(super) fn real(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Real(real) => Some(*real),
            Self::Text(text) => text.parse().ok().filter(|real: &f64| real.is_finite()),
            _ => None,
        }
    }

    /// An instant: RFC 3339 (with or without a colon in the offset), or seconds or milliseconds since 1970.
    pub(super) fn time(&self) -> Option<Time> {
        if let Self::Text(text) = self
            && let Ok(timestamp) = text.parse::<jiff::Timestamp>()
        {
            return Some(timestamp.into());
        }
        let number = self.real()?;
        let secs = if number.abs() >= MILLIS_FROM {
            number / 1000.0
        } else {
            number
        };
        (secs.abs() < MILLIS_FROM)
            .then(|| Time::from_micros((secs * MICROS_PER_SEC).round() as i64))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Loose::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Loose::Count(count))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Loose::Real(number as f64))
    }

    fn visit_f64<E>(self, real: f64) -> Result<Self::Value, E> {
        Ok(Loose::Real(real))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Loose::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Loose::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while let Some(item) = items.next_element::<Loose<'de>>()? {
            if let Loose::Text(text) = item
                && kept.len() < MAX_ITEMS
            {
                kept.push(text);
            }
        }
        Ok(Loose::List(kept))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Absent)
    }
}

const TWICE: &str = "duplicate field";
/// How serde_json begins its message when values nest more than 128 deep.
const TOO_DEEP: &str = "recursion limit";

/// The error for a key that occurs twice: which of the two would be true?
pub(super) fn twice<E: serde::de::Error>() -> E {
    E::custom(TWICE)
}

/// The JSON of a record that may have come through syslog, with or without the `@cee:` of its structured form.
pub(super) fn body(record: &[u8]) -> &[u8] {
    if record.first() == Some(&b'{') {
        return record;
    }
    let body = envelope::open(record).body.trim_ascii();
    body.strip_prefix(b"@cee:").unwrap_or(body).trim_ascii()
}

/// Reads a record.
pub(super) fn read<'a, T: Deserialize<'a>>(record: &'a [u8]) -> Result<T, &'static str> {
    let read = match std::str::from_utf8(record) {
        // Nearly always; then its texts are not looked at again one by one.
        Ok(text) => serde_json::from_str(text),
        // Only what is wanted has to be readable.
        Err(_) => serde_json::from_slice(record),
    };
    read.map_err(|error| reason(&error))
}

/// Why a record is not readable as JSON, in words that fit a report.
pub(super) fn reason(error: &serde_json::Error) -> &'static str {
    use serde_json::error::Category;
    match error.classify() {
        Category::Eof => "JSON cut off",
        Category::Data if error.to_string().starts_with(TWICE) => "a JSON key twice",
        Category::Data => "JSON of another shape",
        Category::Syntax if error.to_string().starts_with(TOO_DEEP) => "JSON nested too deeply",
        Category::Syntax | Category::Io => "not JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loose(json: &str) -> Loose<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_number_in_quotes_is_still_a_number() {
        assert_eq!(loose("\"443\"").count(), Some(443));
        assert_eq!(loose("443").count(), Some(443));
        assert_eq!(loose("443.0").count(), Some(443));
        assert_eq!(loose("-1").count(), None);
        assert_eq!(loose("{\"a\":[1]}").count(), None);
    }

    #[test]
    fn every_notation_of_an_instant_is_the_same_instant() {
        let expected = Time::from_micros(1_793_614_272_345_678);
        for json in [
            "1793614272.345678",
            "\"1793614272.345678\"",
            "\"2026-11-02T10:11:12.345678Z\"",
            "\"2026-11-02T11:11:12.345678+0100\"",
            "\"2026-11-02T11:11:12.345678+01:00\"",
        ] {
            assert_eq!(loose(json).time(), Some(expected), "{json}");
        }
        assert_eq!(
            loose("1793614272345").time(),
            Some(Time::from_micros(1_793_614_272_345_000))
        );
        for json in ["null", "\"soon\"", "\"NaN\"", "1e300", "\"1e999\"", "[]"] {
            assert_eq!(loose(json).time(), None, "{json}");
        }
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        assert!(matches!(
            loose("\"plain\"").text(),
            Some(Cow::Borrowed(b"plain"))
        ));
        assert!(matches!(loose("\"a\\u0062\"").text(), Some(Cow::Owned(v)) if v == b"ab"));
    }

    #[test]
    fn broken_json_has_a_reason() {
        let why = |json: &str| reason(&serde_json::from_str::<Loose<'_>>(json).unwrap_err());
        assert_eq!(why("\"cut"), "JSON cut off");
        assert_eq!(why("NaN"), "not JSON");
        assert_eq!(why("1e999"), "not JSON");
        assert_eq!(why(&"[".repeat(10_000)), "JSON nested too deeply");
    }
}
