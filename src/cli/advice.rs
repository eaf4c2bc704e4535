//! What to change on a product to see more: which fields, then the sentence, then the lines to paste.
//!
//! A line of the text that is indented is one to paste. It is never broken, because a terminal that wraps it still copies
//! it as one.

use std::io;

use crate::model::Field;

use super::screen::{Screen, Style, wrap};
use super::table::shown;

/// A longer sentence tells a person nothing more.
const MAX_TEXT: usize = 2_000;

/// The name of a field for people: `bytes up`.
pub(super) fn field_name(field: Field) -> String {
    field.as_str().replace('_', " ")
}

/// Writes what brings these fields.
pub(super) fn advice(
    screen: &mut Screen,
    indent: usize,
    fields: &[Field],
    text: &str,
) -> io::Result<()> {
    let names: Vec<String> = fields.iter().copied().map(field_name).collect();
    let names = format!("{}:", names.join(", "));
    let room = usize::from(screen.width()).saturating_sub(indent).max(20);
    let mut lead = format!("{names} ");
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("    ") {
            let at = indent + 2;
            screen.line(&format!("{:at$}{}", "", shown(command, MAX_TEXT)))?;
            continue;
        }
        for line in wrap(&format!("{lead}{}", shown(line, MAX_TEXT)), room) {
            let line = match line.strip_prefix(&names).filter(|_| !lead.is_empty()) {
                Some(rest) => format!("{}{rest}", screen.styled(Style::Strong, &names)),
                None => line,
            };
            screen.line(&format!("{:indent$}{line}", ""))?;
            lead.clear();
        }
    }
    Ok(())
}
