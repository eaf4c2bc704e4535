//! What a line at an ordinary host needs of it, close together.

use super::tables::Span;

/// A host as logged and its events that the tables do not know of yet.
///
/// One line of the processor's cache: finding and counting a host is mostly waiting for it.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Front {
    /// Nearly all hosts are short enough to lie here.
    text: [u8; SHORT],
    /// Of the text; what is longer lies elsewhere.
    length: u8,
    marks: u8,
    /// Events of one day; none where there are no hits.
    uncounted: Span,
}

const SHORT: usize = 30;
const LONG: u8 = u8::MAX;

impl Front {
    /// The host matters only for what is asked of it.
    pub(super) const ORDINARY: u8 = 1;
    /// It is a name: its events are counted.
    pub(super) const NAMED: u8 = 2;
    /// Rules are about what it may be asked for.
    pub(super) const URLS: u8 = 4;
    /// It was met again.
    const BACK: u8 = 8;

    /// A host that had no events, and its text if that does not find room here.
    pub(super) fn of(logged: &[u8], marks: u8) -> (Self, Option<Box<[u8]>>) {
        let mut text = [0; SHORT];
        let mut length = LONG;
        if let (Some(place), Ok(short)) = (text.get_mut(..logged.len()), logged.len().try_into()) {
            place.copy_from_slice(logged);
            length = short;
        }
        let front = Self {
            text,
            length,
            marks,
            uncounted: Span::NONE,
        };
        (front, (length == LONG).then(|| logged.into()))
    }

    /// The host as logged, if it is short.
    #[inline]
    pub(super) fn text(&self) -> Option<&[u8]> {
        self.text.get(..usize::from(self.length))
    }

    /// Whether the host as logged is this one; `None` where that is not known here.
    #[inline]
    pub(super) fn is(&self, logged: &[u8]) -> Option<bool> {
        let text = self.text()?;
        Some(text.len() == logged.len() && are_same(text, logged))
    }

    /// Whether it matters only for what is asked of it: a plain name, no rule and no suspicion is on the host itself.
    #[inline]
    pub(super) const fn is_ordinary(&self) -> bool {
        self.marks & Self::ORDINARY != 0
    }

    /// Whether rules are about what it may be asked for.
    #[inline]
    pub(super) const fn has_urls(&self) -> bool {
        self.marks & Self::URLS != 0
    }

    /// Whether its events are counted.
    #[inline]
    pub(super) const fn is_named(&self) -> bool {
        self.marks & Self::NAMED != 0
    }

    /// Whether it was met again since this was asked before.
    pub(super) const fn take_is_back(&mut self) -> bool {
        let is_back = self.marks & Self::BACK != 0;
        self.marks &= !Self::BACK;
        is_back
    }

    /// Adds an event, if those before are of the same day; tells whether it is the first.
    #[inline]
    pub(super) fn add(&mut self, event: Span) -> Added {
        if self.uncounted.is_none() {
            self.uncounted = event;
            return Added::First;
        }
        self.marks |= Self::BACK;
        if self.uncounted.day() == event.day() {
            self.uncounted.merge(event);
            return Added::Merged;
        }
        Added::Instead(std::mem::replace(&mut self.uncounted, event))
    }

    /// Hands over the events.
    pub(super) fn take(&mut self) -> Option<Span> {
        let taken = std::mem::replace(&mut self.uncounted, Span::NONE);
        (!taken.is_none()).then_some(taken)
    }
}

/// Whether two short texts of one length are the same. Their ends may be looked at twice: that takes less than a call of
/// what compares texts of any length.
#[inline]
fn are_same(one: &[u8], other: &[u8]) -> bool {
    ends_are_same::<16>(one, other)
        .or_else(|| ends_are_same::<8>(one, other))
        .or_else(|| ends_are_same::<4>(one, other))
        .unwrap_or_else(|| one == other)
}

/// Whether they begin and end with the same bytes; `None` where they have fewer, or more than both ends.
#[inline]
fn ends_are_same<const N: usize>(one: &[u8], other: &[u8]) -> Option<bool> {
    if one.len() > 2 * N {
        return None;
    }
    let starts = one.first_chunk::<N>()? == other.first_chunk()?;
    let ends = one.last_chunk::<N>()? == other.last_chunk()?;
    Some(starts & ends)
}

/// What became of an event.
#[derive(Debug)]
pub(super) enum Added {
    First,
    Merged,
    /// It stands in the place of those of another day.
    Instead(Span),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_takes_one_line_of_the_cache() {
        assert_eq!(size_of::<Front>(), 64);
    }

    #[test]
    fn hosts_of_every_length_come_back() {
        let host = [b'a'; 300];
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 254, 255, 256, 300] {
            let text = host.get(..length).unwrap();
            let (front, long) = Front::of(text, Front::ORDINARY);
            assert_eq!(front.text().or(long.as_deref()), Some(text));
            assert_eq!(long.is_some(), length > SHORT);
            assert!(front.is_ordinary() && !front.is_named());
            assert_eq!(front.is(text), (length <= SHORT).then_some(true));
            for at in 0..length.min(SHORT) {
                let mut other = text.to_vec();
                *other.get_mut(at).unwrap() = b'b';
                assert_ne!(front.is(&other), Some(true), "{length} {at}");
                assert_ne!(front.is(text.get(at + 1..).unwrap()), Some(true));
            }
        }
    }
}
