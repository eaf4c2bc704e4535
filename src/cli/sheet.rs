//! Sheets: labels with their values beside them, for text that anybody may have written.
//!
//! Beyond what `labelled` does, every value goes through `shown`, is cut, and words longer than the screen are broken:
//! it comes from a log, a command line or a signature file of the operator.

use std::io;

use super::screen::{Screen, Style};
use super::table::shown;

/// Columns of a label, with the blanks around it.
const LABEL: usize = 16;
/// A longer value tells a person nothing more.
const MAX_VALUE: usize = 2_000;

/// A label and its value.
pub(super) fn row(screen: &mut Screen, label: &str, value: &str) -> io::Result<()> {
    styled_row(screen, label, None, value)
}

/// A label and its value, which is left out when there is none.
pub(super) fn row_if(screen: &mut Screen, label: &str, value: Option<&str>) -> io::Result<()> {
    match value.filter(|value| !value.is_empty()) {
        Some(value) => row(screen, label, value),
        None => Ok(()),
    }
}

/// A label and its value in a style.
pub(super) fn styled_row(
    screen: &mut Screen,
    label: &str,
    style: Option<Style>,
    value: &str,
) -> io::Result<()> {
    let room = usize::from(screen.width()).saturating_sub(LABEL);
    let label = shown(label, LABEL - 3);
    let mut lead = screen.styled(
        Style::Quiet,
        &format!("  {label:<width$}", width = LABEL - 2),
    );
    for line in fold(&shown(value, MAX_VALUE), room) {
        let line = style.map_or_else(|| line.clone(), |style| screen.styled(style, &line));
        screen.line(&format!("{lead}{line}"))?;
        lead = " ".repeat(LABEL);
    }
    Ok(())
}

/// A paragraph, folded; words longer than the screen are broken.
pub(super) fn paragraph(screen: &mut Screen, indent: usize, text: &str) -> io::Result<()> {
    let room = usize::from(screen.width()).saturating_sub(indent);
    for line in fold(&shown(text, MAX_VALUE), room) {
        screen.line(&format!("{:indent$}{line}", ""))?;
    }
    Ok(())
}

/// Lines of at most `width` characters, broken at blanks where there are any. At least one, maybe empty.
fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if used == width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += 1;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn long_words_are_broken_and_nothing_is_lost() {
        assert_eq!(fold("one two three", 8), ["one two", "three"]);
        let long = "x".repeat(30);
        let lines = fold(&format!("a {long} b"), 10);
        assert!(lines.iter().all(|line| line.chars().count() <= 10));
        assert_eq!(lines.concat().matches('x').count(), 30);
        assert_eq!(fold("", 10), [""]);
    }
}
