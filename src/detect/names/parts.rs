//! The parts of a host's name that a model has weights for.
//!
//! Of the label that somebody registered, all runs of two to five characters, with its ends marked, and its words; of the labels in
//! front of it their words only, because those say what a host is for; and the zone.

/// How many places there are for weights.
pub const PLACES: usize = 1 << 16;

const SHORTEST: usize = 2;
const LONGEST: usize = 5;
/// Longer labels are cut: what they hold is no name that anybody would say.
const LABEL: usize = 40;

/// What a part is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Zone = 1,
    Run = 2,
    Word = 3,
    WordInFront = 4,
}

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'h> {
    of: Of,
    text: &'h str,
    /// Where its weight is, below [`PLACES`].
    pub place: usize,
}

impl<'h> Part<'h> {
    fn new(of: Of, text: &'h str) -> Self {
        let hash = text.bytes().fold(Hash::new(of as u8), Hash::with);
        Self {
            of,
            text,
            place: hash.place(),
        }
    }

    /// As people are told of it.
    pub(super) fn shown(&self) -> String {
        match self.of {
            Of::Zone => format!(".{}", self.text),
            _ => self.text.to_owned(),
        }
    }
}

/// FNV-1a; the model depends on it.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn new(first: u8) -> Self {
        Self(0xcbf2_9ce4_8422_2325).with(first)
    }

    fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    fn place(self) -> usize {
        usize::try_from((self.0 ^ self.0 >> 32) & (PLACES as u64 - 1)).unwrap_or(0)
    }
}

/// Shows every part of a name in lower case.
pub fn parts<'h>(host: &'h str, show: &mut dyn FnMut(Part<'h>)) {
    let Some((front, label, zone)) = cut(host) else {
        return;
    };
    show(Part::new(Of::Zone, zone));
    let label = label.get(..LABEL).unwrap_or(label);
    runs(label, show);
    for word in words(label) {
        show(Part::new(Of::Word, word));
    }
    for label in front.split('.').filter(|label| !label.is_empty()) {
        for word in words(label) {
            show(Part::new(Of::WordInFront, word));
        }
    }
}

/// The labels in front, the label that somebody registered, and the zone that it is in (`co.uk`, `github.io`).
fn cut(host: &str) -> Option<(&str, &str, &str)> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let domain = psl::domain_str(host)?;
    let (label, zone) = domain.split_once('.')?;
    let front = host.strip_suffix(domain)?;
    Some((front.strip_suffix('.').unwrap_or(front), label, zone))
}

fn runs<'h>(label: &'h str, show: &mut dyn FnMut(Part<'h>)) {
    const STARTS: u8 = 1 << 6;
    const ENDS: u8 = 1;
    let bytes = label.as_bytes();
    for at in 0..bytes.len() {
        let of = Of::Run as u8 | if at == 0 { STARTS } else { 0 };
        // A run's hash goes on from that of the shorter one.
        let mut hash = Hash::new(of);
        for (length, byte) in (1..=LONGEST).zip(bytes.get(at..).unwrap_or_default()) {
            hash = hash.with(*byte);
            if length < SHORTEST {
                continue;
            }
            // Host names are ASCII; a cut elsewhere gives nothing.
            let Some(text) = label.get(at..at + length) else {
                break;
            };
            let ends = at + length == bytes.len();
            let place = hash.with(if ends { ENDS } else { 0 }).place();
            show(Part {
                of: Of::Run,
                text,
                place,
            });
        }
    }
}

fn words(label: &str) -> impl Iterator<Item = &str> {
    let is_border = |c: char| c == '-' || c == '_' || c.is_ascii_digit();
    label.split(is_border).filter(|word| word.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(host: &str) -> Vec<String> {
        let mut found = Vec::new();
        parts(host, &mut |part| found.push(part.shown()));
        found
    }

    #[test]
    fn runs_are_of_the_registered_label_and_words_of_all() {
        assert_eq!(
            shown("api.my-ai.co.uk"),
            [
                ".co.uk", "my", "my-", "my-a", "my-ai", "y-", "y-a", "y-ai", "-a", "-ai", "ai",
                "my", "ai", "api"
            ]
        );
        assert_eq!(shown("localhost"), Vec::<String>::new());
        assert_eq!(shown("a.github.io."), [".github.io"]);
        assert!(shown("..").len() < 3);
    }

    #[test]
    fn ends_have_places_of_their_own() {
        let mut places = Vec::new();
        parts("aiai.example", &mut |part| {
            if part.text == "ai" {
                places.push(part.place);
            }
        });
        assert_eq!(places.len(), 2);
        assert_ne!(places[0], places[1]);
    }
}
