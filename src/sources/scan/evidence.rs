//! What speaks for a file to go on with a stream that an earlier scan began: how its bytes compare with what was read.
//!
//! Looks into files and leaves the judgement to [`super::judge`]. Rotation does not wait: whatever is compared may be
//! truncated or removed meanwhile, which must not pass for a difference.

use std::fs::File;
use std::io;
use std::path::Path;

use super::super::key::Eye;
use super::super::opened::read_head;
use super::super::recode::Recode;
use super::super::witness::{Content, Held, PROOF_BYTES};
use super::judge::{Claim, Kinship};
use super::list::{Entry, family_beside};
use super::place::{Left, Trail, hash};
use super::resume::Places;

impl Places {
    pub(super) fn is_packed(&self, entry: &Entry) -> bool {
        let looked = entry
            .open()
            .and_then(|file| Ok(Content::of(&file, self.limits)?.packed));
        looked.unwrap_or(false)
    }

    /// The file beside it that a rotated file is a copy of: the live log, or the one that is being packed into it.
    pub(super) fn copies_one_of<'e>(
        &self,
        entry: &Entry,
        originals: Vec<&'e Entry>,
    ) -> io::Result<Option<&'e Entry>> {
        if entry.is_live() {
            return Ok(None);
        }
        for original in originals {
            if original.path == entry.path {
                continue;
            }
            let file = entry.open()?;
            let content = Content::of(&file, self.limits)?;
            let is_copy = match original.open() {
                Ok(original) => content.is_beginning_of(&original, u64::MAX)?,
                // Packed or rotated away a moment ago.
                Err(error) if error.kind() == io::ErrorKind::NotFound => true,
                Err(error) => return Err(error),
            };
            if is_copy && !content.is_whole_within(PROOF_BYTES)? {
                return Ok(Some(original));
            }
        }
        Ok(None)
    }

    /// The streams whose first bytes a file has, and those of which it has size and time.
    pub(super) fn candidates(&self, entry: &Entry) -> io::Result<Vec<(usize, Kinship)>> {
        let (Some(look), file) = (&entry.look, entry.open()?) else {
            return Ok(Vec::new());
        };
        let content = Content::in_lines(&file, self.limits)?;
        let stamp = (look.stamp.size, look.modified.micros());
        let stamped = self.by_stamp.get(&stamp).into_iter().flatten();
        let mut found: Vec<usize> = stamped.copied().collect();
        for (start, length) in &self.heads {
            let alike = self.by_head.get(&content.span(*start, *length)?);
            found.extend(alike.into_iter().flatten().filter(|at| {
                let left = self.left(**at);
                left.is_some_and(|left| left.is_of_family(entry))
            }));
        }
        // The more was read, the stronger the proof.
        let offset = |at: &usize| self.left(*at).map_or(0, |left| left.place.offset);
        found.sort_by_key(|at| (std::cmp::Reverse(offset(at)), *at));
        found.dedup();
        let with_kinship = |at: usize| {
            let is_here =
                !self.is_free(at) || self.left(at).is_some_and(|left| self.is_at_home(left));
            let kinship = if is_here {
                Kinship::Twin
            } else {
                Kinship::Heir
            };
            (at, kinship)
        };
        Ok(found.into_iter().map(with_kinship).collect())
    }

    /// Whether the file of a stream is where it was, though nobody asked for it, and holds what it held.
    fn is_at_home(&self, left: &Left) -> bool {
        let look = Eye::default().look(Path::new(left.path()));
        let Ok(look) = look else { return false };
        let Some(trail) = &left.place.trail else {
            return left.place.is_stamped(&look);
        };
        let held = || {
            let file = trail.key.open(Path::new(&trail.path))?;
            trail
                .witness
                .clone()
                .held_by(&Content::in_lines(&file, self.limits)?)
        };
        trail.key == look.key && held().is_ok_and(|held| held == Held::Yes)
    }

    pub(super) fn claim(
        &self,
        entry: &Entry,
        at: usize,
        left: &Left,
        kinship: Kinship,
    ) -> io::Result<Claim> {
        let place = &left.place;
        let file = entry.open()?;
        let mut claim = Claim {
            kinship,
            held: Held::No,
            begins_alike: false,
            is_whole: place.ended,
            diverges: false,
        };
        let (Some(trail), Some(look)) = (&place.trail, &entry.look) else {
            let is_it = entry
                .look
                .as_ref()
                .is_some_and(|look| place.is_stamped(look));
            if is_it && self.has_head(&file, &place.head)? {
                claim.held = Held::Yes;
            }
            return Ok(claim);
        };
        let content = Content::in_lines(&file, self.limits)?;
        if kinship == Kinship::Twin {
            if !entry.is_live() && left.is_of_family(entry) {
                let held = self.held_by_twin(&file, &content, at, trail)?;
                claim.held = held.unwrap_or(Held::Yes);
                claim.diverges = held.is_none();
            }
            return Ok(claim);
        }
        let is_same = kinship == Kinship::Same;
        let is_unchanged = is_same && trail.stamp.has_content_of(look.stamp);
        let mut witness = trail.witness.clone();
        claim.held = match () {
            () if is_same && content.packed != trail.packed => Held::No,
            // Its size says nothing of an offset in what it unpacks to, and unpacking takes long.
            () if is_unchanged && content.packed => witness.head_held_by(&content)?,
            () => witness.held_by(&content)?,
        };
        match claim.held {
            Held::Yes if !is_unchanged => {
                let goes_beyond = content.goes_beyond(place.offset)?;
                claim.is_whole = place.ended && !goes_beyond;
                // A torn "line 1" is the beginning of "line 10".
                if trail.torn && goes_beyond && !is_same && place.offset < PROOF_BYTES {
                    claim.held = Held::No;
                }
            }
            Held::Short if content.packed && !content.is_whole_within(u64::MAX)? => {
                claim.held = Held::Untold;
            }
            Held::Short => claim.begins_alike = begins_alike(trail, &content)?,
            _ => {}
        }
        Ok(claim)
    }

    /// Whether a file is a copy of another one that holds the stream; `None` if it holds what was read and goes on in
    /// another way.
    fn held_by_twin(
        &self,
        file: &File,
        content: &Content<'_>,
        at: usize,
        trail: &Trail,
    ) -> io::Result<Option<Held>> {
        if trail.witness.head_held_by(content)? == Held::No {
            return Ok(Some(Held::No));
        }
        let original = match self.taken.get(at).and_then(Option::as_ref) {
            Some((path, key)) => key.open(path),
            None => trail.key.open(Path::new(&trail.path)),
        };
        let original = match original {
            Ok(original) => original,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Held::Untold)),
            Err(error) => return Err(error),
        };
        let copy = Content::of(file, self.limits)?;
        if copy.is_beginning_of(&original, u64::MAX)? {
            let proves = !copy.is_whole_within(PROOF_BYTES)?;
            return Ok(Some(if proves { Held::Yes } else { Held::No }));
        }
        let mut witness = trail.witness.clone();
        let holds_what_was_read = witness.held_by(content)? == Held::Yes;
        let holding = Content::in_lines(&original, self.limits)?;
        if holding.packed && holds_what_was_read {
            return Ok(Some(Held::Yes));
        }
        // Asked after the comparison, so that a truncation before it cannot pass for a difference.
        if witness.held_by(&holding)? != Held::Yes {
            return Ok(Some(Held::Untold));
        }
        Ok((!holds_what_was_read).then_some(Held::No))
    }

    fn has_head(&self, file: &File, wanted: &str) -> io::Result<bool> {
        let reader = Content::of(file, self.limits)?.reader_at(0)?;
        let mut reader = Recode::new(Box::new(reader), self.limits)?;
        Ok(hash(&read_head(&mut reader)?.0) == wanted)
    }
}

impl Left {
    /// Whether it is a stream of the log that a file belongs to by its name.
    fn is_of_family(&self, entry: &Entry) -> bool {
        let live = |path: &Path| family_beside(path).1;
        let own = live(&entry.path);
        live(Path::new(self.path())) == own || live(Path::new(self.source())) == own
    }
}

/// Whether a file that is shorter than what was read has the same first bytes, as far as it goes.
fn begins_alike(trail: &Trail, content: &Content<'_>) -> io::Result<bool> {
    for span in std::iter::once(&trail.witness.head).chain(&trail.beginnings) {
        match content.has(span)? {
            Held::Short => {}
            held => return Ok(held == Held::Yes),
        }
    }
    // Too few bytes to prove anything.
    Ok(false)
}
