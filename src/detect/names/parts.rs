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
    text: &'h [u8],
    /// Where its weight is, below [`PLACES`].
    pub place: usize,
}

impl<'h> Part<'h> {
    fn new(of: Of, text: &'h [u8]) -> Self {
        let hash = text
            .iter()
            .fold(Hash::new(of as u8), |hash, byte| hash.with(*byte));
        Self {
            of,
            text,
            place: hash.place(),
        }
    }

    /// Whether it is the zone, which a name shares with all others in it.
    pub(super) fn is_zone(&self) -> bool {
        self.of == Of::Zone
    }

    /// As people are told of it.
    pub(super) fn shown(&self) -> String {
        let text = String::from_utf8_lossy(self.text);
        match self.of {
            Of::Zone => format!(".{text}"),
            _ => text.into_owned(),
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
pub fn parts<'h>(host: &'h str, show: &mut impl FnMut(Part<'h>)) {
    let Some((front, label, zone)) = cut(host) else {
        return;
    };
    show(Part::new(Of::Zone, zone.as_bytes()));
    let label = label.as_bytes();
    let label = label.get(..LABEL).unwrap_or(label);
    runs(label, show);
    for word in words(label) {
        show(Part::new(Of::Word, word));
    }
    for label in front.as_bytes().split(|byte| *byte == b'.') {
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

fn runs<'h>(label: &'h [u8], show: &mut impl FnMut(Part<'h>)) {
    const STARTS: u8 = 1 << 6;
    const ENDS: u8 = 1;
    for at in 0..label.len() {
        let of = Of::Run as u8 | if at == 0 { STARTS } else { 0 };
        // A run's hash goes on from that of the shorter one.
        let mut hash = Hash::new(of);
        let rest = label.get(at..).unwrap_or_default();
        for (length, byte) in (1..=LONGEST).zip(rest) {
            hash = hash.with(*byte);
            let Some(text) = rest.get(..length).filter(|_| length >= SHORTEST) else {
                continue;
            };
            let ends = length == rest.len();
            let place = hash.with(if ends { ENDS } else { 0 }).place();
            show(Part {
                of: Of::Run,
                text,
                place,
            });
        }
    }
}

fn words(label: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_border = |b: &u8| matches!(b, b'-' | b'_' | b'0'..=b'9');
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
            if part.text == b"ai" {
                places.push(part.place);
            }
        });
        assert_eq!(places.len(), 2);
        assert_ne!(places[0], places[1]);
    }
}
