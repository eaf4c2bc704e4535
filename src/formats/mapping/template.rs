//! Text with fields in it, `{client} - {user} [{time}] "{request}" {status}`.
//!
//! A field ends where the text behind it begins for the first time, so nothing is tried twice and the cost is linear. A
//! blank in the pattern stands for one or more. What follows the end of the pattern is not looked at.

use memchr::{memchr, memmem};

use super::cell::{Cell, Form};
use super::cells::{Cells, Slot};
use super::keys::Keys;
use super::pairs::is_escaped;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Template {
    /// What stands in front of the first field.
    lead: Literal,
    fields: Vec<Hole>,
}

/// A field in the text.
#[derive(Debug)]
struct Hole {
    slot: Option<Slot>,
    /// Whether a quote behind a backslash belongs to it.
    escaped: bool,
    /// What stands behind it.
    after: Literal,
}

/// Text to be found as it is, but for the number of blanks.
type Literal = Vec<Piece>;

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Blanks,
    Text(Vec<u8>),
}

impl Template {
    /// Compiles a pattern; its keys are given slots. `escaped` says which of them have backslashes in front of quotes.
    pub(super) fn compile(
        pattern: &str,
        keys: &mut Keys,
        escaped: &[String],
    ) -> Result<Self, String> {
        let mut template = Self {
            lead: Vec::new(),
            fields: Vec::new(),
        };
        let mut text = String::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' | '}' if chars.peek() == Some(&c) => {
                    chars.next();
                    text.push(c);
                }
                '{' => {
                    let mut name = String::new();
                    loop {
                        match chars.next() {
                            Some('}') => break,
                            Some(c) => name.push(c),
                            None => return Err(format!("the field {{{name} is not closed")),
                        }
                    }
                    template.end_literal(&mut text);
                    if template
                        .fields
                        .last()
                        .is_some_and(|hole| hole.after.is_empty())
                    {
                        return Err(format!(
                            "nothing stands between {{{name}}} and the field before it, so nobody can tell where that ends"
                        ));
                    }
                    let slot = (!name.is_empty()).then(|| keys.slot(&name));
                    template.fields.push(Hole {
                        slot,
                        escaped: escaped.contains(&name),
                        after: Vec::new(),
                    });
                }
                '}' => return Err("a } without {; write }} for the character".to_owned()),
                c => text.push(c),
            }
        }
        template.end_literal(&mut text);
        if template.fields.iter().all(|hole| hole.slot.is_none()) {
            return Err("no field in it, such as {time}".to_owned());
        }
        Ok(template)
    }

    fn end_literal(&mut self, text: &mut String) {
        let literal = literal(text);
        text.clear();
        match self.fields.last_mut() {
            Some(hole) => hole.after = literal,
            None => self.lead = literal,
        }
    }

    /// Fills the cells; false when the text is another one.
    pub(super) fn fill<'a>(&self, text: &'a [u8], cells: &mut Cells<'a>) -> bool {
        let Some(mut rest) = begins(text, &self.lead) else {
            return false;
        };
        for hole in &self.fields {
            let (value, tail) = if hole.after.is_empty() {
                (rest, &b""[..])
            } else {
                let Some((start, end)) = find(rest, hole) else {
                    return false;
                };
                match (rest.get(..start), rest.get(end..)) {
                    (Some(value), Some(tail)) => (value, tail),
                    _ => return false,
                }
            };
            if let Some(slot) = hole.slot {
                cells.put(slot, Cell::new(value, Form::Plain));
            }
            rest = tail;
        }
        true
    }
}

fn literal(text: &str) -> Literal {
    let mut pieces = Vec::new();
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        if !word.is_empty() {
            pieces.push(Piece::Text(word.into()));
        }
        if piece.ends_with(' ') && pieces.last() != Some(&Piece::Blanks) {
            pieces.push(Piece::Blanks);
        }
    }
    pieces
}

/// What follows a literal that the text begins with.
fn begins<'a>(text: &'a [u8], literal: &[Piece]) -> Option<&'a [u8]> {
    literal.iter().try_fold(text, |rest, piece| match piece {
        Piece::Blanks => {
            let after = rest.trim_ascii_start();
            (after.len() < rest.len()).then_some(after)
        }
        Piece::Text(word) => rest.strip_prefix(word.as_slice()),
    })
}

/// Where what stands behind a field begins for the first time, and where it ends.
fn find(text: &[u8], hole: &Hole) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = match hole.after.first()? {
            Piece::Blanks => memchr(b' ', rest)?,
            Piece::Text(word) => match word.as_slice() {
                [byte] => memchr(*byte, rest)?,
                word => memmem::find(rest, word)?,
            },
        };
        let found = rest.get(at..)?;
        let is_inside = hole.escaped && found.starts_with(b"\"") && is_escaped(text, from + at);
        if let Some(after) = begins(found, &hole.after).filter(|_| !is_inside) {
            return Some((from + at, text.len() - after.len()));
        }
        // A long run of blanks is looked at once.
        let blanks = found.len() - found.trim_ascii_start().len();
        from += at + blanks.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> Option<Vec<String>> {
        let mut keys = Keys::new(false);
        let template = Template::compile(pattern, &mut keys, &["escaped".to_owned()]).unwrap();
        let mut cells = Cells::recycled(Cells::default(), keys.count());
        template.fill(text.as_bytes(), &mut cells).then(|| {
            (0..keys.count())
                .map(|slot| String::from_utf8_lossy(&cells.text(slot as Slot)).into_owned())
                .collect()
        })
    }

    #[test]
    fn fields_end_where_the_text_behind_them_begins() {
        let pattern = r#"{client} - {user} [{time}] "{request}" {status} {}"{agent}""#;
        let text = r#"192.0.2.7   -  a b [02/Nov/2026:10:11:12 +0000] "GET http://a/ HTTP/1.1" 200 5 "x" y"#;
        assert_eq!(
            read(pattern, text).unwrap(),
            [
                "192.0.2.7",
                "a b",
                "02/Nov/2026:10:11:12 +0000",
                "GET http://a/ HTTP/1.1",
                "200",
                "x"
            ]
        );
        assert_eq!(read(pattern, "192.0.2.7 - a b"), None);
        assert_eq!(read("[{a}] {b}", "[x] y z").unwrap(), ["x", "y z"]);
        let escaped = r#"a\"b\\" 1"#;
        assert_eq!(
            read("\"{escaped}\" {n}", &format!("\"{escaped}")).unwrap(),
            [r#"a\"b\\"#, "1"]
        );
        assert_eq!(read("{{{a}}}", "{x}").unwrap(), ["x"]);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_says_why() {
        let why =
            |pattern: &str| Template::compile(pattern, &mut Keys::new(false), &[]).unwrap_err();
        assert!(why("{a").contains("not closed"));
        assert!(why("{a}{b}").contains("nothing stands between {b}"));
        assert!(why("a}").contains("write }}"));
        assert!(why("abc {}").contains("no field"));
    }
}
