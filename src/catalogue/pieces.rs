//! A large signature file, read piece by piece.
//!
//! The TOML library builds a tree of a whole document, some twenty times the size of its text. An overlay of a
//! hundred thousand rules is let through it in pieces instead, each a document of its own, cut where a table of a
//! service begins. Whatever is unusual about a file (a text over several lines, a header written with blanks, any
//! error) makes it be read whole: slower, and right.

use serde::Deserialize;

use super::Category;
use super::parse::{Reader, SignatureFile};
use super::placed::Placed;
use super::schema::{
    AgentText, DomainText, ExampleText, FactText, FileText, NearMissText, UrlText,
};
use crate::model::Places;

/// Smaller files are not worth cutting.
const LARGE: usize = 1 << 20;
/// A piece ends at the first table that begins after so many bytes.
const PIECE: usize = 1 << 18;

const SERVICE: &str = "[[service]]";
const PART: &str = "[[service.";

/// A piece of a file that begins within a service: what goes on is that service. A list of `ServiceText` that were
/// forgotten here would make large files be read whole, not wrongly.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RestText {
    pub(super) service: ServiceRestText,
    #[serde(default)]
    pub(super) user_agent: Vec<Placed<AgentText>>,
    #[serde(default)]
    pub(super) example: Vec<Placed<ExampleText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct ServiceRestText {
    #[serde(default)]
    pub(super) domain: Vec<Placed<DomainText>>,
    #[serde(default)]
    pub(super) url: Vec<Placed<UrlText>>,
    #[serde(default)]
    pub(super) user_agent: Vec<Placed<AgentText>>,
    #[serde(default)]
    pub(super) fact: Vec<Placed<FactText>>,
    #[serde(default)]
    pub(super) example: Vec<Placed<ExampleText>>,
    #[serde(default)]
    pub(super) near_miss: Vec<NearMissText>,
}

/// What a large file says; `None` when it is small, unusual or wrong.
pub(super) fn services(file: &str, text: &str, categories: &[Category]) -> Option<SignatureFile> {
    if text.len() < LARGE || text.contains("\"\"\"") || text.contains("'''") {
        return None;
    }
    let mut reader = Reader::new(Places::new(file, text), file, categories);
    let mut has_vendor = false;
    for (begin, piece) in cut(text) {
        reader.places.begin_at(begin);
        if piece.starts_with(PART) {
            let rest: RestText = toml::from_str(piece).ok()?;
            reader.go_on(rest)?.ok()?;
            continue;
        }
        let whole: FileText = toml::from_str(piece).ok()?;
        if has_vendor && whole.vendor.is_some() {
            return None;
        }
        has_vendor |= whole.vendor.is_some();
        if whole.service.iter().any(|service| service.get_ref().retire) {
            return None;
        }
        reader.take(whole).ok()?;
    }
    Some(reader.read)
}

/// Pieces with where they begin. A piece that begins within a service ends before the next service.
fn cut(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut begin = 0;
    std::iter::from_fn(move || {
        let rest = text.get(begin..).filter(|rest| !rest.is_empty())?;
        let end = end_of_piece(rest);
        let piece = rest.get(..end)?;
        let at = begin;
        begin += end;
        Some((at, piece))
    })
}

fn end_of_piece(rest: &str) -> usize {
    let is_part = rest.starts_with(PART);
    memchr::memchr_iter(b'\n', rest.as_bytes())
        .map(|at| at + 1)
        .find(|at| {
            let line = rest.get(*at..).unwrap_or_default();
            (line.starts_with(SERVICE) && (is_part || *at > PIECE))
                || (line.starts_with(PART) && *at > PIECE)
        })
        .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "vendor = { name = \"Acme\", country = \"DE\", homepage = \"https://example.com\" }\n";

    fn service(id: usize, rules: usize) -> String {
        let mut text = format!(
            "[[service]]\nid = \"acme.s{id}\"\nname = \"S\"\ncategory = \"chatbot\"\narchetype = \"consumer-chat\"\nmodel = \"saas\"\ndescription = \"d\"\n"
        );
        for rule in 0..rules {
            text += &format!(
                "[[service.domain]]\nhost = \"h{rule}.s{id}.example.org\"\nrole = \"ui\"\nevidence = \"probable\"\nsource = \"knowledge\"\nverified = \"2026-11-01\"\n"
            );
        }
        text
    }

    fn categories() -> Vec<Category> {
        vec![Category {
            id: "chatbot".to_owned(),
            title: String::new(),
            description: String::new(),
        }]
    }

    #[test]
    fn a_file_in_pieces_says_what_it_says_whole() {
        let text = [
            HEAD.to_owned(),
            service(1, 9_000),
            service(2, 10),
            service(3, 4_000),
        ]
        .concat();
        let in_pieces = services("acme.toml", &text, &categories()).unwrap();
        assert!(cut(&text).count() > 4);
        let counts: Vec<usize> = in_pieces.services.iter().map(|s| s.domains.len()).collect();
        assert_eq!(counts, [9_000, 10, 4_000]);
        let lines: Vec<&str> = text.lines().collect();
        for service in &in_pieces.services {
            for rule in &service.domains {
                assert_eq!(lines[rule.line as usize - 1], "[[service.domain]]");
                let host = lines[rule.line as usize].split('"').nth(1).unwrap();
                assert_eq!(rule.text(), format!("host {host}"));
            }
        }
    }

    #[test]
    fn what_is_unusual_is_left_to_the_whole() {
        let large = service(1, 10_000);
        for (what, text) in [
            ("no vendor", large.clone()),
            (
                "two vendors",
                [HEAD, &large, "[vendor]\nname = \"B\"\n"].concat(),
            ),
            (
                "a long text",
                format!("{HEAD}{large}note = \"\"\"\n[[service]]\n\"\"\"\n"),
            ),
            (
                "an error",
                format!("{HEAD}{large}[[service.domain]]\nhots = \"x\"\n"),
            ),
        ] {
            assert!(
                services("acme.toml", &text, &categories()).is_none(),
                "{what}"
            );
        }
    }
}
