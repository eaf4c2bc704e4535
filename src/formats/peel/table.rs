//! Lines in the cells of a table, as a search of Splunk or Kibana is exported.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::TEXTS;

/// No line that says anything is shorter.
const CELL_BYTES: usize = 32;
/// More columns than tables with a line in them have.
const CELLS: usize = 256;

/// The longest quoted cell of a row. A line with quotes anywhere but around cells is no row: then somebody who had a quote
/// written into a log would say what the line is.
pub(super) fn longest_cell(record: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut longest: &[u8] = b"";
    let mut rest = record.trim_ascii_end();
    for _ in 0..CELLS {
        let (cell, after) = match rest.strip_prefix(b"\"") {
            Some(quoted) => {
                let end = end_of_quoted(quoted)?;
                (quoted.get(..end)?, quoted.get(end + 1..)?)
            }
            None => {
                let end = memchr(b',', rest).unwrap_or(rest.len());
                let (bare, after) = rest.split_at_checked(end)?;
                if memchr(b'"', bare).is_some() {
                    return None;
                }
                (&b""[..], after)
            }
        };
        if cell.len() > longest.len() {
            longest = cell;
        }
        match after.strip_prefix(b",") {
            Some(next) => rest = next,
            None if after.is_empty() => {
                return (longest.len() >= CELL_BYTES).then(|| undoubled(longest));
            }
            None => return None,
        }
    }
    None
}

/// Where the quote is that is not one of two.
fn end_of_quoted(quoted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', quoted.get(from..)?)?;
        if quoted.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Whether a line names the columns of such a table.
pub(super) fn is_head(record: &[u8]) -> bool {
    let is_name = |name: &[u8]| {
        !name.is_empty()
            && name
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"_.@- ".contains(b))
    };
    let names = || {
        record
            .trim_ascii_end()
            .split(|b| *b == b',')
            .map(|name| match name.strip_prefix(b"\"") {
                Some(name) => name.strip_suffix(b"\"").unwrap_or(b""),
                None => name,
            })
    };
    names().count() > 1 && names().all(is_name) && names().any(|name| TEXTS.contains(&name))
}

/// `""` back to a quote.
fn undoubled(cell: &[u8]) -> Cow<'_, [u8]> {
    if memmem::find(cell, b"\"\"").is_none() {
        return Cow::Borrowed(cell);
    }
    let mut text = Vec::with_capacity(cell.len());
    let mut rest = cell;
    while let Some(at) = memmem::find(rest, b"\"\"") {
        text.extend_from_slice(rest.get(..=at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_an_exported_table_are_told_from_its_rows() {
        assert!(is_head(b"\"_raw\",\"_time\",host\r"));
        assert!(is_head(b"@timestamp,message"));
        for record in ["message", "a,b", "_raw,http://a.example/", "_raw,,x", ""] {
            assert!(!is_head(record.as_bytes()), "{record}");
        }
    }
}
