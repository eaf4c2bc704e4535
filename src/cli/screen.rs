//! Stdout, with colour where a terminal shows it. A reader that goes away ends the command quietly.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

/// Where answers are written.
pub(super) struct Screen {
    out: BufWriter<Stdout>,
    colour: bool,
    terminal: bool,
}

/// The few styles there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Strong,
    Quiet,
    Good,
    Careful,
    Bad,
}

impl Screen {
    pub(super) fn new(no_colour: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        let unwanted = no_colour
            || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout()),
            colour: terminal && !unwanted,
            terminal,
        }
    }

    /// Columns to write in: the terminal's, at most 100.
    pub(super) fn width(&self) -> u16 {
        let columns = if self.terminal {
            rustix::termios::tcgetwinsize(io::stdout()).map_or(0, |size| size.ws_col)
        } else {
            0
        };
        if columns == 0 {
            100
        } else {
            columns.clamp(60, 100)
        }
    }

    /// A text in a style, plain where there is no colour.
    pub(super) fn styled(&self, style: Style, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match style {
            Style::Strong => "1",
            Style::Quiet => "2",
            Style::Good => "32",
            Style::Careful => "33",
            Style::Bad => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Writes a line.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes paragraphs no wider than the screen, indented.
    pub(super) fn wrapped(&mut self, indent: usize, text: &str) -> io::Result<()> {
        let width = usize::from(self.width());
        for line in wrap(text, width.saturating_sub(indent).max(20)) {
            writeln!(self.out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Lines of at most `width` characters, broken at blanks.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_break_at_blanks_and_long_words_stay_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("aaaaaaaaaa b", 4), ["aaaaaaaaaa", "b"]);
        assert!(wrap("  ", 4).is_empty());
    }
}
