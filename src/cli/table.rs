//! Tables for terminals, no wider than 100 columns.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};

use crate::model::Untrusted;
pub(super) use crate::reports::figures::{bytes, count as grouped, counted, minute, percent};

/// Cells up to this many characters stay on one line.
const SHORT_CELL: usize = 16;

/// Between two columns.
const GAP: u16 = 2;

/// A table with these headings; right-aligned columns are marked by a leading `>`.
pub(super) fn table(width: u16, headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    // The space after the last column is cut off.
    table.set_width(width.saturating_add(GAP));
    table.set_header(
        headings
            .iter()
            .map(|heading| Cell::new(heading.trim_start_matches('>').to_uppercase())),
    );
    let is_short = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .all(|cell| cell.chars().count() <= SHORT_CELL)
    };
    let short: Vec<bool> = (0..headings.len()).map(is_short).collect();
    for row in rows {
        table.add_row(row);
    }
    for (at, heading) in headings.iter().enumerate() {
        let Some(column) = table.column_mut(at) else {
            continue;
        };
        column.set_padding((0, GAP));
        if heading.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
        // Long texts make room for short ones, which are never broken.
        if short.get(at) == Some(&true) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text that may come from a log, cut to `limit` characters.
pub(super) fn shown(text: &str, limit: usize) -> String {
    let safe = Untrusted::from(text).shown();
    if safe.chars().count() <= limit {
        return safe;
    }
    let mut cut: String = safe.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_width() {
        let rows = vec![vec!["x".repeat(150), "7".to_owned()]];
        let text = table(60, &["name", ">events"], rows);
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
    }
}
