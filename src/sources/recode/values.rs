//! JSON written over several lines, as exports write it, to one line a record.
//!
//! Each value of the file, and each element of a list that is one, becomes a line: blanks and line ends outside of
//! strings go, strings stay as they are. Nothing is parsed, only brackets are counted, byte by byte. An object is held back
//! until it ends, so that whoever knows carriers (`{"records": […]}`) gets it whole. One that is longer than a line may be
//! is cut into the elements of the list in which it grew too long; without such a list it becomes a line that is too
//! long, and is refused like any other. Text between values is passed on as it is.

use memchr::{memchr, memchr3};

/// Deeper than this is no log; one bit a level.
const MAX_DEPTH: u32 = 128;

/// Why the rest cannot be read, and the number of bytes of the step before it.
pub(super) type Broken = (&'static str, usize);

/// Makes lines of values.
pub(super) struct Values {
    /// The longest line.
    line_bytes: usize,
    /// One bit a level, the innermost last: whether it is an object.
    objects: u128,
    depth: u32,
    /// How deep values stand that are lines: 0 between values, 1 in a list, 2 in the list of an object too long.
    level: u32,
    within: Within,
    /// Whether blanks stood behind the last byte.
    gap: bool,
    /// The last byte of the line; 0 when there is none.
    last: u8,
    /// An object of the outermost level, as far as it is there.
    held: Option<Vec<u8>>,
    /// Where the elements of the list begin that stands open in `held`.
    list: Option<usize>,
    /// Whether the rest of an object that was cut up is passed over.
    passing: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Structure,
    String,
    /// Behind a backslash.
    Escape,
    /// A line that is no JSON.
    Text,
}

impl Values {
    /// For a text that begins like this, if that is how such files begin: with brackets that stay open at the end of the line,
    /// or with a list of objects. A file with an object a line begins otherwise.
    pub(super) fn sniff(first: &[u8], line_bytes: usize) -> Option<Self> {
        let first = first.trim_ascii_start();
        let opens = |line: &[u8]| matches!(line.first(), Some(b'[' | b'{'));
        let is_list = first.strip_prefix(b"[").is_some_and(|rest| {
            let object = rest.trim_ascii_start().strip_prefix(b"{");
            object.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""))
        });
        let is_open = memchr(b'\n', first)
            .and_then(|end| first.get(..end))
            .is_some_and(|line| matches!(line.trim_ascii_end().last(), Some(b'[' | b'{')));
        (opens(first) && (is_list || is_open)).then_some(Self {
            line_bytes,
            objects: 0,
            depth: 0,
            level: 0,
            within: Within::Structure,
            gap: false,
            last: 0,
            held: None,
            list: None,
            passing: false,
        })
    }

    /// Appends the lines of a step.
    pub(super) fn push(&mut self, step: &[u8], lines: &mut Vec<u8>) -> Result<(), Broken> {
        let mut at = 0;
        while let Some(rest) = step.get(at..).filter(|rest| !rest.is_empty()) {
            let taken = self
                .take(rest, lines)
                .map_err(|(why, before)| (why, at + before))?;
            self.cut_up(lines).map_err(|(why, _)| (why, at))?;
            at += taken;
        }
        Ok(())
    }

    /// Takes as much as belongs together; how much that was.
    fn take(&mut self, rest: &[u8], lines: &mut Vec<u8>) -> Result<usize, Broken> {
        match self.within {
            Within::String => return self.string(rest, lines),
            Within::Text => return Ok(self.text(rest, lines)),
            Within::Escape => {
                self.put(rest.get(..1).unwrap_or_default(), lines);
                self.within = Within::String;
            }
            Within::Structure => {
                let byte = rest.first().copied().unwrap_or_default();
                self.structure(byte, lines).map_err(|why| (why, 0))?;
            }
        }
        Ok(1)
    }

    /// The end of the file; whether it is the end of a value, too.
    pub(super) fn end(&mut self, lines: &mut Vec<u8>) -> bool {
        if self.within == Within::Text {
            self.within = Within::Structure;
            self.end_line(lines);
        }
        self.depth == 0
    }

    fn structure(&mut self, byte: u8, lines: &mut Vec<u8>) -> Result<(), &'static str> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.gap = true,
            b'{' | b'[' => self.open(byte, lines)?,
            b'}' | b']' => self.close(byte, lines)?,
            b',' if self.depth == self.level => self.end_line(lines),
            _ if self.depth == 0 => {
                self.put(&[byte], lines);
                self.within = Within::Text;
            }
            _ => {
                self.put_apart(byte, lines);
                if byte == b'"' {
                    self.within = Within::String;
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, byte: u8, lines: &mut Vec<u8>) -> Result<(), &'static str> {
        if self.depth >= MAX_DEPTH {
            return Err("nested too deeply");
        }
        if self.depth == 0 && byte == b'[' {
            self.level = 1;
        } else {
            if self.depth == 0 {
                self.held = Some(Vec::new());
            }
            self.put_apart(byte, lines);
        }
        if self.depth == 1 && byte == b'[' {
            self.list = self.held.as_ref().map(Vec::len);
        }
        self.objects = self.objects << 1 | u128::from(byte == b'{');
        self.depth += 1;
        Ok(())
    }

    fn close(&mut self, byte: u8, lines: &mut Vec<u8>) -> Result<(), &'static str> {
        if self.depth == 0 || (self.objects & 1 == 1) != (byte == b'}') {
            return Err("a bracket closes what none has opened");
        }
        self.objects >>= 1;
        self.depth -= 1;
        if self.depth < self.level {
            // The list whose elements are lines.
            self.end_line(lines);
            self.passing = self.depth > 0;
            self.level = 0;
            return Ok(());
        }
        self.put_apart(byte, lines);
        if self.depth == 1 {
            self.list = None;
        }
        if self.depth == self.level {
            self.passing = false;
            self.end_line(lines);
        }
        Ok(())
    }

    /// The string as far as it is there; its length.
    fn string(&mut self, rest: &[u8], lines: &mut Vec<u8>) -> Result<usize, Broken> {
        let end = memchr3(b'"', b'\\', b'\n', rest);
        let length = end.map_or(rest.len(), |at| at + 1);
        let text = rest.get(..length).unwrap_or_default();
        match end.and(text.last()) {
            Some(b'"') => self.within = Within::Structure,
            Some(b'\\') => self.within = Within::Escape,
            Some(_) => return Err(("a line end inside of a string", length - 1)),
            None => {}
        }
        self.put(text, lines);
        Ok(length)
    }

    fn text(&mut self, rest: &[u8], lines: &mut Vec<u8>) -> usize {
        let end = memchr(b'\n', rest);
        self.put(
            rest.get(..end.unwrap_or(rest.len())).unwrap_or_default(),
            lines,
        );
        if end.is_some() {
            self.within = Within::Structure;
            self.end_line(lines);
        }
        end.map_or(rest.len(), |end| end + 1)
    }

    /// Puts a byte so that blanks that kept two words apart still do.
    fn put_apart(&mut self, byte: u8, lines: &mut Vec<u8>) {
        let joins = matches!(self.last, 0 | b'{' | b'[' | b',' | b':')
            || matches!(byte, b'}' | b']' | b',' | b':');
        if self.gap && !joins {
            self.put(b" ", lines);
        }
        self.put(&[byte], lines);
    }

    fn put(&mut self, text: &[u8], lines: &mut Vec<u8>) {
        self.gap = false;
        if self.passing {
            return;
        }
        self.last = text.last().copied().unwrap_or(self.last);
        self.held.as_mut().unwrap_or(lines).extend_from_slice(text);
    }

    fn end_line(&mut self, lines: &mut Vec<u8>) {
        if let Some(held) = self.held.take() {
            lines.extend_from_slice(&held);
        }
        if self.last != 0 {
            lines.push(b'\n');
        }
        self.last = 0;
        self.gap = false;
    }

    /// Gives up holding an object that is too long for a line.
    fn cut_up(&mut self, lines: &mut Vec<u8>) -> Result<(), Broken> {
        let Some(held) = self.held.take_if(|held| held.len() > self.line_bytes) else {
            return Ok(());
        };
        let list = self.list.take().and_then(|list| held.get(list..));
        match list.filter(|list| list.starts_with(b"{")) {
            Some(elements) => {
                (self.objects, self.depth, self.level) = (0b10, 2, 2);
                self.within = Within::Structure;
                self.last = 0;
                self.push(elements, lines)
            }
            None => {
                lines.extend_from_slice(&held);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
