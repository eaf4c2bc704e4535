//! One row of CSV, and the encoder that every text in it passes.
//!
//! A spreadsheet runs a cell that begins with `= + - @`, also when blanks, quotes or a byte order mark stand before it,
//! and some read the full-width forms alike. Such a cell gets an apostrophe in front (OWASP, "CSV injection"; a leading
//! tab is itself dangerous, CVE-2021-41270). Control characters are shown, so that a row stays a line.

use std::io;

use crate::model::Untrusted;

use super::super::Edition;

/// The cells of a row, encoded.
#[derive(Default)]
pub(super) struct Row(Vec<String>);

impl Row {
    /// The first row.
    pub(super) fn header(names: &[&str]) -> Self {
        let mut row = Self::default();
        for name in names {
            row.text(name);
        }
        row
    }

    /// Any text, trusted or not.
    pub(super) fn text(&mut self, text: &str) {
        self.0.push(encoded(text));
    }

    pub(super) fn number(&mut self, number: u64) {
        self.0.push(number.to_string());
    }

    /// A count of people or machines; text where it is too small to be told.
    pub(super) fn group(&mut self, count: u64, edition: Edition) {
        if edition.hides(count) {
            self.text(&edition.group(count));
        } else {
            self.number(count);
        }
    }

    /// What the logs do not say.
    pub(super) fn unknown(&mut self) {
        self.0.push(String::new());
    }

    pub(super) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(self.0.join(",").as_bytes())?;
        out.write_all(b"\r\n")
    }
}

fn encoded(text: &str) -> String {
    let shown = Untrusted::from(text).shown();
    let guard = if is_formula(text) || is_formula(&shown) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", shown.replace('"', "\"\""))
}

fn is_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    text.chars()
        .find(|c| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '"' | '\'' | '\u{feff}' | '\u{200b}')
        })
        .is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_gets_an_apostrophe() {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            " =1",
            "\"=1",
            "'=1",
            "\u{feff}=1",
            "\u{a0}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\t=1",
            "\rx",
            "\nx",
            "\u{0}=1",
        ] {
            assert!(
                encoded(formula).starts_with("\"'"),
                "{formula:?} became {}",
                encoded(formula)
            );
        }
        assert_eq!(encoded("a=1"), "\"a=1\"");
        assert_eq!(encoded("say \"no\"\r\n"), "\"say \"\"no\"\"\\u{d}\\u{a}\"");
        assert_eq!(encoded(""), "\"\"");
    }
}
