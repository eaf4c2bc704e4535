//! Which of the streams that earlier scans began a file goes on with, without any I/O: what was seen goes in, what to do
//! comes out.
//!
//! The rules are those of `follow::decide`; the difference is that a scan does not look again in a moment. What may be a
//! copy in the making, or cannot be told, it leaves to the next scan and says so: nothing is skipped without proof and
//! nothing is read twice.

use super::super::witness::Held;

/// What speaks for a file to go on with one begun stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) kinship: Kinship,
    /// Whether the file holds what was read.
    pub(super) held: Held,
    /// Whether the file, where it is shorter than what was read, begins like it.
    pub(super) begins_alike: bool,
    /// Whether everything in the file was read.
    pub(super) is_whole: bool,
    /// Whether the file goes on in another way than the one that was read.
    pub(super) diverges: bool,
}

/// How a file came to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinship {
    /// It is the file that was read, as far as its file system can tell.
    Same,
    /// Another file, and the one that was read is gone or holds something else.
    Heir,
    /// Another file, and the one that was read is here.
    Twin,
}

/// What to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Read on where the stream of this claim was left.
    GoesOn(usize),
    /// Everything in it was read with the stream of this claim.
    Whole(usize),
    /// It holds what another file here holds, which is read.
    Copy(usize),
    /// It begins with what was read of this stream, and goes on as another: a header that two logs have in common.
    Branches(usize),
    /// It cannot be told whether it is the stream of this claim.
    Untold(usize),
    /// Nobody has read any of it.
    New,
}

/// Judges a file. `is_live`: it has the name of a log and not of a rotated one, so it is no copy of another. Claims come
/// best first.
pub(super) fn judge(is_live: bool, claims: &[Claim]) -> Fate {
    let first = |wanted: &dyn Fn(&Claim) -> bool| claims.iter().position(wanted);
    let goes_on = first(&|claim| claim.kinship != Kinship::Twin && claim.held == Held::Yes);
    if let Some(at) = goes_on {
        let is_whole = claims.get(at).is_some_and(|claim| claim.is_whole);
        return if is_whole {
            Fate::Whole(at)
        } else {
            Fate::GoesOn(at)
        };
    }
    // A part of what was read, cut off in place, or a new beginning that happens to be the same: a header, say.
    let cut = first(&|claim| {
        claim.kinship == Kinship::Same && claim.held == Held::Short && claim.begins_alike
    });
    if let Some(at) = cut {
        return Fate::Untold(at);
    }
    if let Some(at) = first(&|claim| claim.held == Held::Untold) {
        return Fate::Untold(at);
    }
    if !is_live
        && let Some(at) = first(&|claim| claim.kinship == Kinship::Twin && claim.held == Held::Yes)
    {
        let diverges = claims.get(at).is_some_and(|claim| claim.diverges);
        return if diverges {
            Fate::Branches(at)
        } else {
            Fate::Copy(at)
        };
    }
    Fate::New
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(kinship: Kinship, held: Held) -> Claim {
        Claim {
            kinship,
            held,
            begins_alike: false,
            is_whole: false,
            diverges: false,
        }
    }

    #[test]
    fn a_file_that_holds_what_was_read_goes_on_whatever_its_name() {
        for is_live in [true, false] {
            for kinship in [Kinship::Same, Kinship::Heir] {
                let proven = claim(kinship, Held::Yes);
                let other = claim(kinship, Held::No);
                assert_eq!(judge(is_live, &[other, proven]), Fate::GoesOn(1));
                let whole = Claim {
                    is_whole: true,
                    ..proven
                };
                assert_eq!(judge(is_live, &[whole]), Fate::Whole(0));
            }
        }
    }

    #[test]
    fn without_proof_a_file_is_new() {
        assert_eq!(judge(true, &[]), Fate::New);
        for kinship in [Kinship::Same, Kinship::Heir, Kinship::Twin] {
            assert_eq!(judge(false, &[claim(kinship, Held::No)]), Fate::New);
            assert_eq!(judge(true, &[claim(kinship, Held::Short)]), Fate::New);
        }
    }

    #[test]
    fn a_copy_of_a_file_that_is_here_is_left_but_a_live_log_is_no_copy() {
        let twin = claim(Kinship::Twin, Held::Yes);
        assert_eq!(judge(false, &[twin]), Fate::Copy(0));
        assert_eq!(judge(true, &[twin]), Fate::New);
        let heir = claim(Kinship::Heir, Held::Yes);
        assert_eq!(judge(false, &[twin, heir]), Fate::GoesOn(1));
        let diverging = Claim {
            diverges: true,
            ..twin
        };
        assert_eq!(judge(false, &[diverging]), Fate::Branches(0));
    }

    #[test]
    fn what_may_be_a_part_of_what_was_read_is_neither_read_nor_forgotten() {
        let cut = Claim {
            begins_alike: true,
            ..claim(Kinship::Same, Held::Short)
        };
        assert_eq!(judge(true, &[cut]), Fate::Untold(0));
        // Two logs with the same header lines, the longer one gone.
        let heir = Claim {
            kinship: Kinship::Heir,
            ..cut
        };
        assert_eq!(judge(false, &[heir]), Fate::New);
        let elsewhere = claim(Kinship::Heir, Held::Yes);
        assert_eq!(judge(true, &[cut, elsewhere]), Fate::GoesOn(1));
        assert_eq!(
            judge(false, &[claim(Kinship::Twin, Held::Untold)]),
            Fate::Untold(0)
        );
    }
}
