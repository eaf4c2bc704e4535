//! Streams that earlier scans began and that are in none of the files that are asked for now.
//!
//! A log that is asked for by its own name may have been rotated to one that is not: what is unread of it is looked for
//! beside it. What is nowhere is told once, with a lower bound of what was not read.

use std::collections::HashSet;
use std::path::Path;

use super::super::key::{Eye, Key};
use super::list::{Entry, entry_of, family_beside, siblings};
use super::resume::{Outcome, Places, Verdict};

impl Places {
    /// Looks for streams that are in none of the files: a log that was asked for by its name may have been rotated to a
    /// name that was not.
    pub(super) fn look_elsewhere(
        &mut self,
        entries: &[Entry],
        eye: &mut Eye,
    ) -> Vec<(Entry, Verdict)> {
        let mut seen: HashSet<Key> = HashSet::new();
        seen.extend(entries.iter().filter_map(|entry| Some(entry.look?.key)));
        let mut families = HashSet::new();
        for at in self.missing(entries) {
            if let Some(left) = self.left(at) {
                families.insert(family_beside(Path::new(left.path())));
                families.insert(family_beside(Path::new(left.source())));
            }
        }
        let mut families: Vec<_> = families.into_iter().collect();
        families.sort();
        let mut found = Vec::new();
        for (directory, live) in families {
            let others = siblings(&directory, &live).into_iter();
            let others = others.filter_map(|path| entry_of(path, eye));
            found.extend(
                others.filter(|entry| entry.look.is_some_and(|look| seen.insert(look.key))),
            );
        }
        let verdicts = self.verdicts(&found);
        let judged = found.into_iter().zip(verdicts);
        judged
            .filter(|(_, verdict)| matches!(verdict, Verdict::GoesOn(_)))
            .collect()
    }

    /// Streams that were found in none of the files, though their log was asked for, or their directory and something of
    /// them is unread.
    fn missing(&self, entries: &[Entry]) -> Vec<usize> {
        let names: HashSet<&str> = entries.iter().map(|entry| &*entry.source).collect();
        let parents: HashSet<_> = entries.iter().map(|entry| entry.path.parent()).collect();
        let is_missing = |at: &usize| {
            let Some(left) = self.left(*at).filter(|_| self.is_free(*at)) else {
                return false;
            };
            let is_asked_for = names.contains(left.source()) || names.contains(left.path());
            let is_beside = parents.contains(&Path::new(left.path()).parent());
            is_asked_for || (is_beside && !left.place.ended)
        };
        (0..self.all.len()).filter(is_missing).collect()
    }

    /// Tells once of what can be read nowhere.
    pub(super) fn tell_missed(
        &self,
        entries: &[Entry],
        verdicts: &[Verdict],
        outcome: &mut Outcome,
    ) {
        let left_out: HashSet<&str> = entries
            .iter()
            .zip(verdicts)
            .filter(|(_, verdict)| matches!(verdict, Verdict::Leave(_)))
            .map(|(entry, _)| &*entry.source)
            .collect();
        for at in self.missing(entries) {
            let Some(left) = self.left(at) else { continue };
            let Some(trail) = &left.place.trail else {
                continue;
            };
            if left.place.ended || trail.missed || left_out.contains(&*trail.path) {
                continue;
            }
            let unread = trail.stamp.size.saturating_sub(left.place.offset);
            let how_much = match trail.packed || unread == 0 {
                true => "the rest of it was".to_owned(),
                false => format!("at least {unread} bytes of it were"),
            };
            let why = format!(
                "was truncated or removed since an earlier scan began it, and no copy of it is here: {how_much} not read; scan the copy if there is one"
            );
            outcome.notes.push((left.source().into(), why));
            let mut told = left.clone();
            if let Some(trail) = &mut told.place.trail {
                trail.missed = true;
            }
            outcome.moved.push(told);
        }
    }
}
