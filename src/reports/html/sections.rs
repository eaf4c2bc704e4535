//! Which sections an edition has, in which order, and how long its lists may be.
//!
//! The management edition stays within six printed pages, so its lists show their first rows and say how many are left.

use crate::model::Coverage;
use crate::reports::{Edition, Report};

/// Id and title of every section after the summary.
pub(super) const fn contents(edition: Edition) -> &'static [(&'static str, &'static str)] {
    match edition {
        Edition::Ciso => &[
            ("coverage", "Coverage"),
            ("standing", "Decision and risk"),
            ("risks", "Highest risk"),
            ("accounts", "Accounts"),
            ("responsibility", "Responsibility"),
            ("owed", "Owed by role"),
            ("decisions", "Decisions"),
            ("worked", "Did it work"),
            ("limits", "Limits"),
            ("method", "Method"),
            ("applications", "Applications"),
            ("each", "One by one"),
            ("traffic", "Traffic"),
            ("changes", "Changes"),
            ("candidates", "Candidates"),
        ],
        Edition::Soc => &[
            ("changes", "Changes"),
            ("signals", "Signals"),
            ("traffic", "Traffic"),
            ("candidates", "Candidates"),
            ("coverage", "Coverage"),
            ("applications", "Applications"),
            ("each", "One by one"),
            ("queries", "Queries"),
            ("responsibility", "Responsibility"),
            ("limits", "Limits"),
            ("method", "Method"),
        ],
        Edition::Privacy => &[
            ("personal", "Personal data"),
            ("legal", "Legal state"),
            ("facts", "Training and retention"),
            ("lookback", "Incidents"),
            ("monitoring", "This monitoring"),
            ("coverage", "Coverage"),
            ("accounts", "Accounts"),
            ("responsibility", "Responsibility"),
            ("owed", "Owed by role"),
            ("decisions", "Decisions"),
            ("limits", "Limits"),
            ("method", "Method"),
            ("applications", "Applications"),
            ("each", "One by one"),
        ],
    }
}

/// Rows of a list in the edition that has to stay short.
const SHORT: usize = 6;

const fn most(edition: Edition) -> usize {
    match edition {
        Edition::Ciso => SHORT,
        Edition::Soc | Edition::Privacy => usize::MAX,
    }
}

/// The first rows of a list, as many as the edition shows.
pub(super) fn first<T>(mut rows: Vec<T>, edition: Edition) -> Vec<T> {
    rows.truncate(most(edition));
    rows
}

/// How many rows it does not show.
pub(super) const fn left(all: usize, edition: Edition) -> usize {
    all.saturating_sub(most(edition))
}

/// The sources with most records, in their usual order.
pub(super) fn greatest(report: &Report, edition: Edition) -> Vec<&Coverage> {
    let mut sources: Vec<&Coverage> = report.coverage.iter().collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.read));
    sources.truncate(most(edition));
    sources.sort_by(|a, b| a.source.cmp(&b.source));
    sources
}
