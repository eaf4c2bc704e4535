//! A Markdown table: every row has as many cells as the header.

use std::io;

/// Writes a table of cells that are encoded already; writes nothing when there is no row.
pub(in crate::reports) fn write(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "| {} |", header.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(header.len()))?;
    for row in rows {
        let cells: Vec<&str> = (0..header.len())
            .map(|at| {
                row.get(at)
                    .map(String::as_str)
                    .filter(|cell| !cell.is_empty())
                    .unwrap_or("–")
            })
            .collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out)
}
