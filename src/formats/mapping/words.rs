//! Lists of values that a mapping names, and texts that live as long as the program.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Values, compared without case; `*` at an end stands for anything.
#[derive(Debug, Clone, Default)]
pub(super) struct Words(Vec<Word>);

#[derive(Debug, Clone)]
struct Word {
    text: Box<[u8]>,
    any_before: bool,
    any_after: bool,
}

impl Words {
    pub(super) fn of(values: &[String]) -> Self {
        Self(
            values
                .iter()
                .map(|value| {
                    let text = value.strip_prefix('*').unwrap_or(value);
                    let any_before = text.len() < value.len();
                    let inner = text.strip_suffix('*').unwrap_or(text);
                    Word {
                        any_before,
                        any_after: inner.len() < text.len(),
                        text: inner.as_bytes().into(),
                    }
                })
                .collect(),
        )
    }

    /// Whether a value is named; an empty one is only by `""`.
    pub(super) fn has(&self, value: &[u8]) -> bool {
        self.0.iter().any(|word| word.fits(value))
    }
}

impl Word {
    fn fits(&self, value: &[u8]) -> bool {
        if value.is_empty() {
            return self.text.is_empty() && !self.any_before && !self.any_after;
        }
        let size = self.text.len();
        match (self.any_before, self.any_after) {
            (false, false) => value.eq_ignore_ascii_case(&self.text),
            (false, true) => value
                .get(..size)
                .is_some_and(|head| head.eq_ignore_ascii_case(&self.text)),
            (true, false) => value
                .len()
                .checked_sub(size)
                .and_then(|from| value.get(from..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(&self.text)),
            (true, true) => {
                size == 0
                    || value
                        .windows(size)
                        .any(|part| part.eq_ignore_ascii_case(&self.text))
            }
        }
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
