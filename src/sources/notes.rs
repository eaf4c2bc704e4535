//! Says what a stream had to skip: at once, then each time the count has doubled, and in full at its end.
//!
//! A flood of overlong lines must not become a flood of notes.

use super::blocks::Skipped;

/// What has been said about one stream.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SkipNotes {
    said: Skipped,
}

impl SkipNotes {
    /// A note if there is something new that is worth one.
    pub(crate) fn due(&mut self, skipped: Skipped) -> Option<String> {
        let doubled = |now: u64, said: u64| now > 0 && now >= said.saturating_mul(2);
        let due = doubled(skipped.long_lines, self.said.long_lines)
            || doubled(skipped.nul_bytes, self.said.nul_bytes);
        if due { self.last(skipped) } else { None }
    }

    /// A note if anything has not been said yet.
    pub(crate) fn last(&mut self, skipped: Skipped) -> Option<String> {
        if skipped == self.said {
            return None;
        }
        self.said = skipped;
        let Skipped {
            long_lines,
            long_line,
            nul_bytes,
        } = skipped;
        let mut parts = Vec::new();
        if long_lines > 0 {
            let s = if long_lines == 1 { "" } else { "s" };
            parts.push(format!(
                "{long_lines} overlong line{s} skipped (the last is line {long_line}; see sources.limits.line_bytes)"
            ));
        }
        if nul_bytes > 0 {
            parts.push(format!("{nul_bytes} NUL bytes skipped"));
        }
        Some(parts.join("; "))
    }
}
