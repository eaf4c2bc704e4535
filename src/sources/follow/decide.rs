//! The decisions of the follower, without any I/O: what was seen goes in, what to do comes out.
//!
//! The rule behind all of them: skipping needs proof, reading again does not. Identity is never one thing: the
//! key finds a file, the bytes just before the offset prove that it is still the same stream.

use super::super::key::Stamp;
use super::super::witness::Held;

/// What to do with a file whose key is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing happened to it.
    Untouched,
    /// Compare the witnesses before reading on.
    Verify,
    /// It was truncated: whatever is in it is new.
    Rewritten,
}

/// Judges a file with a known key by its stamp. `offset` is 0 for packed files, whose size says nothing.
pub(super) fn known(seen: Option<Stamp>, now: Stamp, offset: u64, verified: bool) -> Known {
    if now.size < offset {
        return Known::Rewritten;
    }
    if verified && seen == Some(now) {
        return Known::Untouched;
    }
    Known::Verify
}

/// How free a known generation is to go on in another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Free {
    /// Deleted, rewritten, or missing twice.
    Surely,
    /// Missing once: a rename may have slipped between listing and looking.
    Perhaps,
    /// It is there.
    No,
}

/// One generation's claim on an unknown file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) free: Free,
    pub(super) held: Held,
}

/// What to do with a file whose key is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It continues the generation with this claim.
    Continues(usize),
    /// It may be a copy in the making: look again.
    Wait,
    /// Read it from its first byte.
    New,
}

/// Judges an unknown file. `at_live_path`: it has the live name; `settled`: untouched for a while. Claims come
/// best first.
pub(super) fn unknown(at_live_path: bool, settled: bool, claims: &[Claim]) -> Fate {
    let proven = |claim: &&Claim| claim.held == Held::Yes;
    if let Some(at) = claims
        .iter()
        .position(|claim| claim.free == Free::Surely && claim.held == Held::Yes)
    {
        return Fate::Continues(at);
    }
    if claims
        .iter()
        .filter(proven)
        .any(|claim| claim.free == Free::Perhaps)
    {
        return Fate::Wait;
    }
    if at_live_path {
        return Fate::New;
    }
    // A copy or a compressed twin of something that we read where it is, or was a moment ago.
    if claims
        .iter()
        .any(|claim| matches!(claim.held, Held::Yes | Held::Untold))
    {
        return Fate::Wait;
    }
    let growing = claims.iter().any(|claim| claim.held == Held::Short) && !settled;
    if growing { Fate::Wait } else { Fate::New }
}

/// What to do with a generation whose file is gone and not held open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gone {
    Keep,
    /// Nobody can continue it; this many bytes at least were not read.
    Forget {
        lost: u64,
    },
}

/// How long a generation has been without a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    pub(super) rounds: u32,
    /// For longer than the settling time.
    pub(super) settled: bool,
    /// Rewritten in place, so its bytes are gone for sure unless a copy turns up.
    pub(super) rewritten: bool,
    /// Whether a later generation of the same source exists. The last one is kept: its directory may come back.
    pub(super) succeeded: bool,
}

/// Judges an absent generation that was read up to `offset` and last seen with `size`.
pub(super) fn gone(absence: Absence, offset: u64, size: u64) -> Gone {
    let enough_rounds = absence.rounds > 2;
    if enough_rounds && absence.settled && (absence.rewritten || absence.succeeded) {
        return Gone::Forget {
            lost: size.saturating_sub(offset),
        };
    }
    Gone::Keep
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn stamp(size: u64) -> Stamp {
        Stamp {
            size,
            modified_ns: 1,
            changed_ns: 1,
        }
    }

    const fn claim(free: Free, held: Held) -> Claim {
        Claim { free, held }
    }

    #[test]
    fn a_shorter_file_is_rewritten_and_a_touched_one_must_prove_itself() {
        assert_eq!(known(Some(stamp(9)), stamp(5), 9, true), Known::Rewritten);
        assert_eq!(known(Some(stamp(9)), stamp(9), 9, true), Known::Untouched);
        assert_eq!(known(Some(stamp(9)), stamp(9), 9, false), Known::Verify);
        let later = Stamp {
            modified_ns: 2,
            ..stamp(9)
        };
        assert_eq!(known(Some(stamp(9)), later, 9, true), Known::Verify);
    }

    #[test]
    fn an_offset_is_inherited_with_proof_from_a_free_generation_only() {
        let sure = claim(Free::Surely, Held::Yes);
        assert_eq!(
            unknown(false, true, &[claim(Free::Surely, Held::No), sure]),
            Fate::Continues(1)
        );
        assert_eq!(unknown(true, true, &[sure]), Fate::Continues(0));
        assert_eq!(
            unknown(true, true, &[claim(Free::Perhaps, Held::Yes)]),
            Fate::Wait
        );
        assert_eq!(
            unknown(true, true, &[claim(Free::No, Held::Yes)]),
            Fate::New
        );
        assert_eq!(unknown(true, true, &[]), Fate::New);
        assert_eq!(
            unknown(false, true, &[claim(Free::Surely, Held::No)]),
            Fate::New
        );
    }

    #[test]
    fn a_copy_in_the_making_is_waited_for_but_not_for_ever() {
        assert_eq!(
            unknown(false, true, &[claim(Free::No, Held::Yes)]),
            Fate::Wait
        );
        assert_eq!(
            unknown(false, true, &[claim(Free::No, Held::Untold)]),
            Fate::Wait
        );
        assert_eq!(
            unknown(false, false, &[claim(Free::No, Held::Short)]),
            Fate::Wait
        );
        assert_eq!(
            unknown(false, true, &[claim(Free::No, Held::Short)]),
            Fate::New
        );
        assert_eq!(
            unknown(true, false, &[claim(Free::No, Held::Short)]),
            Fate::New
        );
    }

    #[test]
    fn the_last_generation_of_a_source_is_never_forgotten() {
        let absence = Absence {
            rounds: 9,
            settled: true,
            rewritten: false,
            succeeded: false,
        };
        assert_eq!(gone(absence, 5, 9), Gone::Keep);
        let succeeded = Absence {
            succeeded: true,
            ..absence
        };
        assert_eq!(gone(succeeded, 5, 9), Gone::Forget { lost: 4 });
        assert_eq!(
            gone(
                Absence {
                    rounds: 2,
                    ..succeeded
                },
                5,
                9
            ),
            Gone::Keep
        );
        assert_eq!(
            gone(
                Absence {
                    settled: false,
                    ..succeeded
                },
                5,
                9
            ),
            Gone::Keep
        );
    }
}
