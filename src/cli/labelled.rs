//! Label beside text: the form of every page about one thing. The text wraps under itself.

use std::io;

pub(super) use crate::reports::figures::capitalised;

use super::screen::{Screen, Style, wrap};

/// Writes `label  text`; the label takes `width` columns after the indent.
pub(super) fn labelled(
    screen: &mut Screen,
    indent: usize,
    width: usize,
    label: &str,
    text: &str,
) -> io::Result<()> {
    let room = usize::from(screen.width()).saturating_sub(indent + width);
    let lines = wrap(text, room.max(20));
    let mut label = screen.styled(Style::Quiet, &format!("{label:<width$}"));
    for line in lines {
        screen.line(&format!("{:indent$}{label}{line}", ""))?;
        label = " ".repeat(width);
    }
    Ok(())
}

/// Writes a heading after an empty line.
pub(super) fn heading(screen: &mut Screen, text: &str) -> io::Result<()> {
    screen.line("")?;
    let text = screen.styled(Style::Strong, text);
    screen.line(&text)
}

/// `1 duty`, `3 duties`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        more => format!("{} {many}", super::table::grouped(more as u64)),
    }
}
