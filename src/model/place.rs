//! Where in a TOML file something stands, and what was probably meant.
//!
//! The TOML library speaks of byte spans and backticks; people get file, line, column and a suggestion. Signatures,
//! duties and the configuration are all told of in this way.

use std::ops::Range;

/// Something wrong at a place in a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}")]
pub struct PlacedError {
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
    pub reason: String,
}

/// A file with the starts of its lines.
#[derive(Debug)]
pub struct Places<'t> {
    file: &'t str,
    text: &'t str,
    line_starts: Vec<usize>,
    /// Where the piece begins that spans count from.
    begin: usize,
}

impl<'t> Places<'t> {
    /// Finds the line starts once.
    #[must_use]
    pub fn new(file: &'t str, text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self {
            file,
            text,
            line_starts: std::iter::once(0).chain(ends).collect(),
            begin: 0,
        }
    }

    /// The places of a file whose text is elsewhere: lines are known, columns are not.
    #[must_use]
    pub fn of_lines(file: &'t str, line_lengths: &[u16]) -> Self {
        let mut line_starts = Vec::with_capacity(line_lengths.len() + 1);
        let mut at = 0;
        line_starts.push(at);
        for length in line_lengths {
            at += usize::from(*length);
            line_starts.push(at);
        }
        Self {
            file,
            text: "",
            line_starts,
            begin: 0,
        }
    }

    /// From here on spans count from this byte: the file is read in pieces.
    pub const fn begin_at(&mut self, begin: usize) {
        self.begin = begin;
    }

    /// The line of a byte, counted from 1.
    #[must_use]
    pub fn line(&self, at: usize) -> u32 {
        let at = self.begin + at;
        let line = self.line_starts.partition_point(|start| *start <= at);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// An error at a span.
    #[must_use]
    pub fn error(&self, span: Range<usize>, reason: impl Into<String>) -> PlacedError {
        let line = self.line(span.start);
        let before = self
            .line_starts
            .get(line as usize - 1)
            .copied()
            .unwrap_or(0);
        let at = self.begin + span.start;
        let lead = self.text.get(before..at).unwrap_or_default();
        PlacedError {
            file: self.file.to_owned(),
            line,
            column: u32::try_from(lead.chars().count() + 1).unwrap_or(u32::MAX),
            reason: reason.into(),
        }
    }

    /// An error of the TOML library, in our words.
    #[must_use]
    pub fn toml_error(&self, error: &toml::de::Error) -> PlacedError {
        self.error(error.span().unwrap_or(0..0), in_our_words(error.message()))
    }
}

/// `unknown field`, as serde says it, becomes an unknown key with a suggestion; wrong words get one too.
fn in_our_words(message: &str) -> String {
    let first_line = message.lines().next().unwrap_or_default();
    if let Some(rest) = first_line.strip_prefix("unknown field `") {
        let mut quoted = rest.split('`');
        let given = quoted.next().unwrap_or_default();
        // What follows alternates between words and the text between them.
        let known: Vec<&str> = quoted.skip(1).step_by(2).collect();
        return match nearest(given, known.iter().copied()) {
            Some(near) => format!("unknown key {given:?}, did you mean {near:?}?"),
            None => format!(
                "unknown key {given:?}, expected one of: {}",
                known.join(", ")
            ),
        };
    }
    if let Some(field) = first_line
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'))
    {
        return format!("the key {field:?} is missing");
    }
    let Some((head, words)) = first_line.split_once(", expected one of: ") else {
        return first_line.replace('`', "\"");
    };
    let given = head.split('"').nth(1).unwrap_or_default();
    match nearest(given, words.split(", ")) {
        Some(near) => format!("{head}, did you mean {near:?}?"),
        None => first_line.to_owned(),
    }
}

/// The candidate that a typing slip away from the given word, if there is one.
#[must_use]
pub fn nearest<'w>(given: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let allowed = (given.chars().count() / 3).max(1);
    known
        .map(|word| (edits(given, word), word))
        .filter(|(edits, _)| *edits <= allowed)
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein's distance.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, above) in to.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(a != *b);
            left = replaced.min(left + 1).min(above + 1);
            next.push(left);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_suggested_and_another_word_is_not() {
        let known = ["role", "evidence", "source"];
        assert_eq!(nearest("rol", known.into_iter()), Some("role"));
        assert_eq!(nearest("evidnece", known.into_iter()), Some("evidence"));
        assert_eq!(nearest("colour", known.into_iter()), None);
        assert_eq!(edits("kitten", "sitting"), 3);
    }

    #[test]
    fn columns_count_characters() {
        let places = Places::new("x.toml", "a = 1\nb = \"ü\" !\n");
        let at = places.text.find('!').unwrap();
        assert_eq!(places.error(at..at, "no").to_string(), "x.toml:2:9: no");
    }
}
