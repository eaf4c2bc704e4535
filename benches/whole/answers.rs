//! Whether what was measured was right: a fast wrong answer is worth nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::generate::{difference, found};

/// Compares a store with the truth of the log that was read into it.
pub(crate) fn check(database: &Path, truth: &Path) -> anyhow::Result<()> {
    let meant = fs::read_to_string(truth).with_context(|| truth.display().to_string())?;
    let store = SqliteStore::open_read_only(database)?;
    all_understood(&store)?;
    if let Some(difference) = difference(&meant, &found(&store)?) {
        bail!(
            "{} is not what {} says: {difference}",
            database.display(),
            truth.display()
        );
    }
    Ok(())
}

/// The same for a store that hides names: each must stand for one name of the truth wherever it stands, and must not show
/// it. Which one is learnt from rows that can be told apart by what they count, or by the names that are known by then.
pub(crate) fn check_hidden(database: &Path, truth: &Path) -> anyhow::Result<()> {
    let meant = fs::read_to_string(truth).with_context(|| truth.display().to_string())?;
    let store = SqliteStore::open_read_only(database)?;
    all_understood(&store)?;
    let held = found(&store)?;
    let hidden = hide(&meant, &held.text())?;
    if let Some(difference) = difference(&hidden, &held) {
        bail!(
            "{} is not what {} says under other names: {difference}",
            database.display(),
            truth.display()
        );
    }
    Ok(())
}

/// The truth with the names that were found.
fn hide(meant: &str, found: &str) -> anyhow::Result<String> {
    let (mut clients, mut users) = (Names::default(), Names::default());
    let (shown, found) = (alike(meant), alike(found));
    loop {
        let new: Vec<_> = shown
            .iter()
            .filter_map(|(row, shown)| {
                let is_known = |who: &&[&str; 2]| clients.knows(who[0]) && users.knows(who[1]);
                let is_met = |who: &&[&str; 2]| clients.met(who[0]) && users.met(who[1]);
                let name = only(shown.iter().filter(|who| !is_known(who)))?;
                let hidden = only(found.get(row)?.iter().filter(|who| !is_met(who)))?;
                Some((name, hidden))
            })
            .collect();
        if new.is_empty() {
            break;
        }
        for ([client, user], [hidden_client, hidden_user]) in new {
            clients.learn(client, hidden_client)?;
            users.learn(user, hidden_user)?;
        }
    }
    let mut text = String::with_capacity(meant.len());
    for line in meant.lines() {
        match row(line) {
            Some((service, [client, user], rest)) => {
                let (client, user) = (clients.of(client), users.of(user));
                let _ = writeln!(text, "row\t{service}\t{client}\t{user}\t{rest}");
            }
            None => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    Ok(text)
}

/// The one there is, if there is one.
fn only<T>(mut of: impl Iterator<Item = T>) -> Option<T> {
    of.next().filter(|_| of.next().is_none())
}

/// Service and counts of rows, with client and user of those that have the same.
fn alike(text: &str) -> BTreeMap<(&str, &str), Vec<[&str; 2]>> {
    let mut rows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (service, who, rest) in text.lines().filter_map(row) {
        rows.entry((service, rest)).or_default().push(who);
    }
    rows
}

/// Service, client and user, and the rest of a row.
fn row(line: &str) -> Option<(&str, [&str; 2], &str)> {
    let (service, rest) = line.strip_prefix("row\t")?.split_once('\t')?;
    let (client, rest) = rest.split_once('\t')?;
    let (user, rest) = rest.split_once('\t')?;
    Some((service, [client, user], rest))
}

/// Names, each with the one that stands for it.
#[derive(Default)]
struct Names<'n> {
    hidden: BTreeMap<&'n str, &'n str>,
    shown: BTreeMap<&'n str, &'n str>,
}

impl<'n> Names<'n> {
    fn learn(&mut self, name: &'n str, hidden: &'n str) -> anyhow::Result<()> {
        ensure!(
            name.is_empty() == hidden.is_empty() && (name.is_empty() || name != hidden),
            "{name:?} is hidden as {hidden:?}"
        );
        for (names, from, to) in [
            (&mut self.hidden, name, hidden),
            (&mut self.shown, hidden, name),
        ] {
            let known = *names.entry(from).or_insert(to);
            ensure!(known == to, "{from:?} is {known:?} and {to:?}");
        }
        Ok(())
    }

    fn knows(&self, name: &str) -> bool {
        self.hidden.contains_key(name)
    }

    fn met(&self, hidden: &str) -> bool {
        self.shown.contains_key(hidden)
    }

    /// What stands for a name; nothing for one that was not learnt, so that it is missed.
    fn of(&self, name: &str) -> &'n str {
        self.hidden.get(name).copied().unwrap_or_default()
    }
}

/// Whether every record was understood.
pub(crate) fn all_understood(store: &SqliteStore) -> anyhow::Result<()> {
    for source in store.coverage()? {
        ensure!(
            source.bad == 0 && source.notes.is_empty(),
            "{}: {} records were not understood; {:?}",
            source.source,
            source.bad,
            source.notes
        );
    }
    Ok(())
}

/// Compares two reports byte by byte.
pub(crate) fn same(one: &Path, other: &Path) -> anyhow::Result<()> {
    let (a, b) = (fs::read(one)?, fs::read(other)?);
    ensure!(!a.is_empty(), "{} is empty", one.display());
    ensure!(a == b, "{} and {} differ", one.display(), other.display());
    Ok(())
}
