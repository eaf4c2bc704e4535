//! Lists of values that a mapping names, and texts that live as long as the program.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use memchr::memchr2_iter;

/// Values, compared without case; `*` at an end stands for anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words {
    words: Arc<[Word]>,
    /// Whether `""` is among them, and whether `*` is.
    nothing: bool,
    anything: bool,
    /// The [`mark`]s that a value may have at its beginning.
    heads: u32,
}

#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: Box<[u8]>,
    /// The [`mark`]s that a value may have at its beginning.
    heads: u32,
    any_before: bool,
    any_after: bool,
}

impl Words {
    pub(super) fn of(values: &[String]) -> Self {
        let words = values.iter().map(|value| {
            let text = value.strip_prefix('*').unwrap_or(value);
            let any_before = text.len() < value.len();
            let inner = text.strip_suffix('*').unwrap_or(text);
            Word {
                heads: if any_before {
                    u32::MAX
                } else {
                    mark(inner.as_bytes())
                },
                any_before,
                any_after: inner.len() < text.len(),
                text: inner.as_bytes().into(),
            }
        });
        let (empty, words): (Vec<Word>, Vec<Word>) = words.partition(|word| word.text.is_empty());
        let (anything, nothing): (Vec<Word>, Vec<Word>) = empty
            .into_iter()
            .partition(|word| word.any_before || word.any_after);
        Self {
            nothing: !nothing.is_empty(),
            anything: !anything.is_empty(),
            heads: words.iter().fold(0, |heads, word| heads | word.heads),
            words: words.into(),
        }
    }

    /// Whether a value is named; an empty one is only by `""`.
    #[inline]
    pub(super) fn has(&self, value: &[u8]) -> bool {
        if value.is_empty() {
            return self.nothing;
        }
        if self.anything {
            return true;
        }
        // Hardly any value is among them, and its first letter often says so.
        self.heads & mark(value) != 0 && self.has_word(value)
    }

    fn has_word(&self, value: &[u8]) -> bool {
        let mark = mark(value);
        let words = self.words.iter();
        words
            .filter(|word| word.heads & mark != 0)
            .any(|word| word.fits(value))
    }
}

/// One of 32 marks for how a text begins, whatever its case.
const fn mark(text: &[u8]) -> u32 {
    match text {
        [first, ..] => 1 << (*first & 31),
        [] => 0,
    }
}

impl Word {
    /// Whether it names a value that is not empty.
    fn fits(&self, value: &[u8]) -> bool {
        let size = self.text.len();
        match (self.any_before, self.any_after) {
            (false, false) => value.len() == size && self.is(value),
            (false, true) => value.get(..size).is_some_and(|head| self.is(head)),
            (true, false) => value
                .len()
                .checked_sub(size)
                .and_then(|from| value.get(from..))
                .is_some_and(|tail| self.is(tail)),
            (true, true) => {
                let Some(first) = self.text.first() else {
                    return true;
                };
                let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
                memchr2_iter(lower, upper, value)
                    .map_while(|at| value.get(at..)?.get(..size))
                    .any(|part| self.is(part))
            }
        }
    }

    /// Whether a text of its length is the same but for case. What differs mostly differs at its end.
    fn is(&self, text: &[u8]) -> bool {
        let fold = |text: &[u8]| text.last().map(u8::to_ascii_lowercase);
        fold(text) == fold(&self.text) && text.eq_ignore_ascii_case(&self.text)
    }
}

/// A text of a mapping that is kept for ever: names and reasons are told long after the mapping was replaced. Each
/// distinct text is kept once, so that reloading costs nothing.
pub(in crate::formats) fn kept(text: &str) -> &'static str {
    static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(text) {
        return known;
    }
    let forever: &'static str = Box::leak(text.to_owned().into_boxed_str());
    kept.insert(forever);
    forever
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_without_case_and_with_stars() {
        let words = Words::of(&["Block*", "*deny", "*redirect*", "x"].map(str::to_owned));
        for (value, fits) in [
            ("blocked", true),
            ("BLOCK", true),
            ("reblock", false),
            ("policy_DENY", true),
            ("denying", false),
            ("tcp_REDIRECTED", true),
            ("redirec", false),
            ("deny", true),
            ("X", true),
            ("xx", false),
            ("", false),
        ] {
            assert_eq!(words.has(value.as_bytes()), fits, "{value}");
        }
        assert!(Words::of(&["*".to_owned()]).has(b"a") && !Words::of(&["*".to_owned()]).has(b""));
        assert!(Words::of(&[String::new()]).has(b""));
    }

    #[test]
    fn a_text_is_kept_once() {
        assert!(std::ptr::eq(kept("a reason"), kept("a reason")));
    }
}
