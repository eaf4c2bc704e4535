//! Tables of codes, and the walk over a format string that they are looked up in.

use super::Dialect;
use super::draft::{Code, Piece};

/// Code, what Gnomon calls it, and the key of its value in the pattern. Rows stand in order of preference.
///
/// Beside the fields of mappings: nothing is a value of no use (with a key, one that words are looked up in), and
/// `scheme`, `query`, `fraction` and `server_port` mean something only beside another code.
pub(super) type Table = &'static [(&'static str, &'static str, &'static str)];

/// The code of this name.
pub(super) fn find(dialect: &Dialect, name: &str, written: &str) -> Option<Code> {
    let row = dialect
        .table
        .iter()
        .enumerate()
        .find(|(_, row)| row.0 == name);
    match row {
        Some((rank, (_, field, key))) => Some(Code {
            field,
            key,
            rank,
            ..unused(written)
        }),
        None => dialect.unused.contains(&name).then(|| unused(written)),
    }
}

/// The longest code that this text begins with, and what follows it.
pub(super) fn longest<'t>(dialect: &Dialect, text: &'t str) -> Option<(&'static str, &'t str)> {
    let useful = dialect.table.iter().map(|row| row.0);
    useful
        .chain(dialect.unused.iter().copied())
        .filter_map(|code| Some((code, text.strip_prefix(code)?)))
        .max_by_key(|(code, _)| code.len())
}

/// What to say of a code that is not known: which there are, as far as they are of use.
pub(super) fn unknown(dialect: &Dialect, written: &str, (before, behind): (&str, &str)) -> String {
    let of_use: Vec<String> = dialect
        .table
        .iter()
        .map(|row| format!("{before}{}{behind}", row.0))
        .collect();
    format!(
        "{}: {written} is not known; of use are {}",
        dialect.title,
        of_use.join(" ")
    )
}

/// A value of no use.
pub(super) fn skipped(written: &str) -> Piece {
    Piece::Code(unused(written))
}

fn unused(written: &str) -> Code {
    Code {
        written: written.to_owned(),
        field: "",
        key: "",
        rank: usize::MAX,
        decode: None,
        parts: Vec::new(),
        time_format: None,
        is_utc: false,
    }
}

/// Takes a directive off that was copied with its format string: `log_format main '…';`, `LogFormat "…" name`.
/// Gives the text between its first and its last quote, or all behind the words.
pub(super) fn without_directive<'t>(text: &'t str, words: &[&str], named: bool) -> &'t str {
    let Some(rest) = words.iter().find_map(|word| {
        let rest = text.strip_prefix(word)?;
        rest.starts_with(char::is_whitespace)
            .then(|| rest.trim_start())
    }) else {
        return text;
    };
    match named
        .then(|| rest.split_once(char::is_whitespace))
        .flatten()
    {
        Some((_name, rest)) => rest.trim_start(),
        None => rest,
    }
}
