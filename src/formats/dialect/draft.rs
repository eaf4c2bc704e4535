//! From pieces of a format string to one pattern.
//!
//! A template can only cut where text stands between two values. Where a format string has none, or where it spells
//! one thing with several codes (`$scheme://$host$request_uri`, `%ts.%03tu`, `%ci:%cp`), the codes become
//! one value here.

use super::Translated;

/// A part of a format string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Code(Code),
}

/// A code, looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// As it stands in the string, for messages.
    pub(super) written: String,
    pub(super) field: &'static str,
    pub(super) key: &'static str,
    /// The place in its table: the lower, the better.
    pub(super) rank: usize,
    pub(super) decode: Option<&'static str>,
    /// The fields of a time that holds blanks, between them: a blank behind it would end it too early.
    pub(super) parts: Vec<&'static str>,
    pub(super) time_format: Option<String>,
    /// A time without a zone that is in UTC.
    pub(super) is_utc: bool,
}

/// Writes the pattern and notes the fields.
///
/// # Errors
/// When two values touch.
pub(super) fn assemble(pieces: Vec<Piece>) -> Result<Translated, String> {
    let pieces = joined(pieces);
    let mut translated = Translated::default();
    let mut keys: Vec<&str> = Vec::new();
    let mut found: Vec<(usize, &'static str, &'static str, Option<&'static str>)> = Vec::new();
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let code = match piece {
            Piece::Text(text) => {
                translated
                    .pattern
                    .push_str(&text.replace('{', "{{").replace('}', "}}"));
                continue;
            }
            Piece::Code(code) => code,
        };
        let next = pieces.peek();
        if let Some(Piece::Code(next)) = next {
            return Err(format!(
                "text must stand between {} and {}, or nobody can tell where the first ends",
                code.written, next.written
            ));
        }
        let ends_at_blank = matches!(next, Some(Piece::Text(text)) if text.trim().is_empty());
        let is_new = code.key.is_empty() || !keys.contains(&code.key);
        if code.key.is_empty() || !is_new {
            translated.pattern.push_str("{}");
            continue;
        }
        translated.is_utc |= code.is_utc;
        translated.time_formats.extend(code.time_format);
        if ends_at_blank && code.parts.len() > 1 {
            if code.parts.contains(&"") {
                return Err(format!(
                    "{} holds blanks and ends at one: put brackets or quotes around it",
                    code.written
                ));
            }
            let is_new = !code.parts.iter().any(|part| keys.contains(part));
            let values: Vec<String> = code
                .parts
                .iter()
                .map(|part| format!("{{{}}}", if is_new { part } else { &"" }))
                .collect();
            translated.pattern.push_str(&values.join(" "));
            if is_new {
                keys.extend(&code.parts);
                found.extend(
                    code.parts
                        .iter()
                        .map(|part| (code.rank, *part, *part, None)),
                );
            }
            continue;
        }
        keys.push(code.key);
        translated.pattern.push_str(&format!("{{{}}}", code.key));
        if !code.field.is_empty() {
            found.push((code.rank, code.field, code.key, code.decode));
        }
    }
    found.sort_by_key(|(rank, ..)| *rank);
    translated.fields = found.into_iter().map(|(_, f, k, d)| (f, k, d)).collect();
    Ok(translated)
}

/// Joins neighbours until nothing more can be joined.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    let is_something = |piece: &Piece| *piece != Piece::Text(String::new());
    for piece in pieces.into_iter().filter(is_something) {
        out.push(piece);
        while join_tail(&mut out) {}
    }
    out.into_iter().map(alone).collect()
}

/// Joins the last pieces if they are one thing.
fn join_tail(out: &mut Vec<Piece>) -> bool {
    let (count, piece) = match out.as_slice() {
        [.., Piece::Text(a), Piece::Text(b)] => (2, Piece::Text(format!("{a}{b}"))),
        [.., Piece::Code(a), Piece::Text(text), Piece::Code(b)] => match spelled(a, text, b) {
            Some(code) => (3, Piece::Code(code)),
            None => return false,
        },
        [.., Piece::Code(a), Piece::Code(b)] => match touching(a, b) {
            Some(code) => (2, Piece::Code(code)),
            None => return false,
        },
        _ => return false,
    };
    out.truncate(out.len() - count);
    out.push(piece);
    true
}

/// Two codes that spell one thing with text between them.
fn spelled(a: &Code, text: &str, b: &Code) -> Option<Code> {
    let (field, decode) = match (a.field, text, b.field) {
        ("scheme", "://", "host" | "url") | ("host" | "url", ":", "port") => ("url", Some("parts")),
        ("client", ":", "client_port") => ("client", Some("port")),
        ("server", ":", "server_port") => ("server", Some("port")),
        ("time", ".", "fraction") => return Some(with_fraction(a, b, ".%f")),
        _ => return None,
    };
    let key = match (a.field, field) {
        ("scheme", _) => b.key,
        _ => a.key,
    };
    Some(Code {
        written: format!("{}{text}{}", a.written, b.written),
        field,
        key,
        rank: a.rank.min(b.rank),
        decode,
        ..a.clone()
    })
}

/// Two codes that touch and spell one thing.
fn touching(a: &Code, b: &Code) -> Option<Code> {
    let written = format!("{}{}", a.written, b.written);
    match (a.field, b.field) {
        ("time", "fraction") => Some(with_fraction(a, b, "%f")),
        // A query string is dropped with what stands behind a path.
        ("path" | "url", "query") => Some(Code {
            written,
            ..a.clone()
        }),
        ("host" | "url", "path" | "url") => Some(Code {
            written,
            field: "url",
            rank: a.rank.min(b.rank),
            decode: Some("parts"),
            ..a.clone()
        }),
        ("" | "scheme" | "query", "" | "query") if a.key.is_empty() && b.key.is_empty() => {
            Some(Code {
                written,
                field: "",
                ..a.clone()
            })
        }
        _ => None,
    }
}

fn with_fraction(time: &Code, fraction: &Code, format: &str) -> Code {
    Code {
        written: format!("{}{}", time.written, fraction.written),
        time_format: time
            .time_format
            .as_ref()
            .map(|time| format!("{time}{format}")),
        ..time.clone()
    }
}

/// What a code is worth that found no partner.
fn alone(piece: Piece) -> Piece {
    match piece {
        Piece::Code(code)
            if matches!(code.field, "scheme" | "query" | "fraction" | "server_port") =>
        {
            Piece::Code(Code {
                field: "",
                key: "",
                ..code
            })
        }
        other => other,
    }
}
