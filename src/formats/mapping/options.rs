//! Which option belongs to which layout.

use super::plan::Wrong;
use super::schema::{File, LayoutName};

/// An option that the layout does not know would be ignored, and its author would wonder.
pub(super) fn check_options(file: &File) -> Result<(), Wrong> {
    use LayoutName as L;
    let layout = *file.layout.get_ref();
    let given = [
        ("separator", file.separator.is_some(), &[L::Csv, L::Kv][..]),
        ("assign", file.assign.is_some(), &[L::Kv]),
        ("begin", file.begin.is_some(), &[L::Kv]),
        ("end", file.end.is_some(), &[L::Kv]),
        ("inside", file.inside.is_some(), &[L::Json]),
        ("escape", file.escape.is_some(), &[L::Kv]),
        ("quotes", file.quotes.is_some(), &[L::Csv, L::Kv]),
        ("blanks", file.blanks.is_some(), &[L::Kv]),
        ("twice", file.twice.is_some(), &[L::Kv]),
        ("plus", file.plus.is_some(), &[L::W3c]),
        ("columns", file.columns.is_some(), &[L::Csv, L::W3c]),
        ("header", file.header.is_some(), &[L::Csv]),
        ("least", file.least.is_some(), &[L::Csv, L::W3c]),
        ("most", file.most.is_some(), &[L::Csv, L::W3c]),
        ("pattern", file.pattern.is_some(), &[L::Template, L::Regex]),
        (
            "patterns",
            file.patterns.is_some(),
            &[L::Template, L::Regex],
        ),
    ];
    for (option, is_given, layouts) in given {
        if is_given && !layouts.contains(&layout) {
            let names: Vec<&str> = layouts.iter().map(|layout| layout.as_str()).collect();
            let why = format!(
                "the layout {:?} has no {option}; it belongs to {}",
                layout.as_str(),
                names.join(" and ")
            );
            return Err((file.layout.span(), why));
        }
    }
    Ok(())
}
