//! The one table: what was run, on how much, and what it took.

use std::time::Duration;

use crate::rounds::Median;

pub(crate) struct Row {
    pub(crate) what: String,
    /// What is read, unpacked; 0 where nothing is.
    pub(crate) bytes: u64,
    pub(crate) median: Median,
    /// Whether its time is a share of that of `wc -l`.
    pub(crate) has_ratio: bool,
}

/// Lines of a table under headlines, and sentences beneath it.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Result<Row, String>>,
    pub(crate) notes: Vec<String>,
}

impl Table {
    pub(crate) fn headline(&mut self, text: impl Into<String>) {
        self.rows.push(Err(text.into()));
    }

    pub(crate) fn row(&mut self, row: Row) {
        self.rows.push(Ok(row));
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:<44} {:>8} {:>9} {:>7} {:>8} {:>8} {:>10} {:>8}",
            "", "MB", "wall s", "x wc", "user s", "sys s", "MB/s core", "peak MB"
        )];
        for row in &self.rows {
            lines.push(match row {
                Err(headline) => headline.clone(),
                Ok(row) => line(row),
            });
        }
        lines.push(String::new());
        lines.extend(self.notes.iter().cloned());
        lines
    }
}

fn line(row: &Row) -> String {
    let used = &row.median.usage;
    let or_blank = |shown: bool, text: String| if shown { text } else { String::new() };
    let megabytes = row.bytes as f64 / 1e6;
    let per_core = megabytes / used.cores().as_secs_f64().max(1e-6);
    format!(
        "  {:<42} {:>8} {:>9} {:>7} {:>8} {:>8} {:>10} {:>8.0}",
        row.what,
        or_blank(row.bytes > 0, format!("{megabytes:.0}")),
        secs(used.wall),
        or_blank(row.has_ratio, format!("{:.2}", row.median.ratio)),
        secs(used.user),
        secs(used.system),
        or_blank(row.bytes > 0, format!("{per_core:.0}")),
        used.peak_kib as f64 / 1024.0
    )
    .trim_end()
    .to_owned()
}

pub(crate) fn secs(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}
