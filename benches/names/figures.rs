//! How well scores tell one kind from the other.

use std::fmt;

/// Scores from the highest to the lowest, each with what its name is.
pub(crate) struct Figures(Vec<(i32, bool)>);

impl Figures {
    pub(crate) fn of(scored: impl Iterator<Item = (i32, bool)>) -> Self {
        let mut scored: Vec<(i32, bool)> = scored.collect();
        // Of names with the same score the others come first: luck must not help.
        scored.sort_by_key(|(score, is_genai)| (std::cmp::Reverse(*score), *is_genai));
        Self(scored)
    }

    fn genai(&self) -> usize {
        self.0.iter().filter(|(_, is_genai)| *is_genai).count()
    }

    /// The share of GenAI among the first.
    pub(crate) fn precision_among(&self, first: usize) -> f64 {
        let first = self.0.get(..first).unwrap_or(&self.0);
        let found = first.iter().filter(|(_, is_genai)| *is_genai).count();
        found as f64 / first.len().max(1) as f64
    }

    /// The area under the curve of precision over recall, as the mean of the precision at each name that is found.
    fn average_precision(&self) -> f64 {
        let mut found = 0.0;
        let mut sum = 0.0;
        for (at, (_, is_genai)) in self.0.iter().enumerate() {
            if *is_genai {
                found += 1.0;
                sum += found / (at + 1) as f64;
            }
        }
        sum / found.max(1.0)
    }

    /// The lowest score from which on at least so many of a hundred are GenAI.
    pub(crate) fn threshold(&self, percent: u64) -> i32 {
        let mut lowest = i32::MAX;
        let mut found = 0;
        for (at, (score, is_genai)) in self.0.iter().enumerate() {
            found += u64::from(*is_genai);
            let is_last = self.0.get(at + 1).is_none_or(|(next, _)| next < score);
            if is_last && found * 100 >= percent * (at as u64 + 1) {
                lowest = *score;
            }
        }
        lowest
    }

    /// How many of GenAI, and how many others, are at or above a score.
    pub(crate) fn at(&self, threshold: i32) -> (usize, usize) {
        let above = self.0.iter().take_while(|(score, _)| *score >= threshold);
        above.fold((0, 0), |(found, others), (_, is_genai)| {
            if *is_genai {
                (found + 1, others)
            } else {
                (found, others + 1)
            }
        })
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  {} of GenAI among {} names",
            self.genai(),
            self.0.len()
        )?;
        for first in [100, 500, 1_000] {
            let precision = self.precision_among(first);
            writeln!(f, "  precision among the first {first}: {precision:.3}")?;
        }
        write!(
            f,
            "  area under precision over recall: {:.3}",
            self.average_precision()
        )
    }
}
