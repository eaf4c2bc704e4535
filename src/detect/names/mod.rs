//! How much a host's name sounds like generative AI: a small linear model over the parts of names.
//!
//! The model (`signatures/names.model`) is a weight for each of 65,536 places; a part of a name has its place by a hash. What
//! speaks for a name are the weights of its parts, so every score can be told in parts. The zone is heard only as far as the
//! name agrees with it: `.ai` says much about a name that says something itself, and nothing about another. It was
//! trained on names of GenAI services and of others by `cargo bench --bench names`; docs/CANDIDATES.md says on which, and
//! how well it does. It feeds a list that people look through, and nothing else.

mod parts;

use std::sync::LazyLock;

pub use parts::{PLACES, Part, parts};

/// `GNM2`, bias and threshold as little-endian `i32`, then a weight as little-endian `i16` for each place.
const MODEL: &[u8] = include_bytes!("../../../signatures/names.model");
const MAGIC: &[u8] = b"GNM2";
const HEAD: usize = 12;
const WEIGHT: usize = 2;
/// The zone speaks for a name with at most so many times what the rest of the name says.
const ZONE_LIMIT: i32 = 12;
/// So many parts of a name are told.
const TOLD: usize = 3;

/// Weights, and the score from which on a name is worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub bias: i32,
    pub threshold: i32,
    /// [`PLACES`] of them.
    pub weights: Vec<i16>,
}

impl Model {
    /// The model of this build.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Model> =
            LazyLock::new(|| Model::read(MODEL).unwrap_or_else(Model::silent));
        &EMBEDDED
    }

    /// Reads a model; `None` when these bytes are none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| {
            let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
            Some(i32::from_le_bytes(bytes))
        };
        let (weights, rest) = bytes.get(HEAD..)?.as_chunks::<WEIGHT>();
        if !bytes.starts_with(MAGIC) || weights.len() != PLACES || !rest.is_empty() {
            return None;
        }
        Some(Self {
            bias: number(4)?,
            threshold: number(8)?,
            weights: weights.iter().copied().map(i16::from_le_bytes).collect(),
        })
    }

    /// Writes it down as it is read.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.bias.to_le_bytes());
        bytes.extend_from_slice(&self.threshold.to_le_bytes());
        bytes.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        bytes
    }

    /// A model that finds nothing.
    fn silent() -> Self {
        Self {
            bias: 0,
            threshold: i32::MAX,
            weights: Vec::new(),
        }
    }

    fn weight(&self, part: &Part<'_>) -> i32 {
        let weight = self.weights.get(part.place).copied();
        weight.map_or(0, i32::from)
    }

    /// The higher, the more the name sounds like generative AI.
    #[must_use]
    pub fn score(&self, host: &str) -> i32 {
        let (mut zone, mut name) = (0, 0);
        parts(host, &mut |part| {
            let said = if part.is_zone() { &mut zone } else { &mut name };
            *said += self.weight(&part);
        });
        self.bias + name + zone.min(ZONE_LIMIT * name.max(0))
    }

    /// What of a name makes it worth a look: the parts that speak for it most, none inside another. Empty when it is not.
    #[must_use]
    pub fn heard(&self, host: &str) -> Vec<String> {
        if self.score(host) < self.threshold {
            return Vec::new();
        }
        let mut found: Vec<(i32, String)> = Vec::new();
        parts(host, &mut |part| {
            let weight = self.weight(&part);
            if weight > 0 {
                found.push((weight, part.shown()));
            }
        });
        found.sort_by(|(a, of_a), (b, of_b)| b.cmp(a).then_with(|| of_a.cmp(of_b)));
        let mut told: Vec<String> = Vec::new();
        for (_, text) in found {
            let is_new = |there: &String| !there.contains(&text) && !text.contains(there.as_str());
            if told.len() < TOLD && told.iter().all(is_new) {
                told.push(text);
            }
        }
        told
    }
    /// Why a name is worth a look, in a sentence; `None` when it is not.
    #[must_use]
    pub fn reason(&self, host: &str) -> Option<String> {
        let heard = self.heard(host);
        let parts: Vec<String> = heard.iter().map(|part| format!("\"{part}\"")).collect();
        (!parts.is_empty()).then(|| {
            let parts = parts.join(", ");
            format!("its name sounds like GenAI: {parts}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_model_is_whole_and_knows_its_trade() {
        let model = Model::embedded();
        assert_eq!(model.weights.len(), PLACES);
        for host in ["chatgptwriter.ai", "aicodewriter.ai", "gptprompts.ai"] {
            assert!(!model.heard(host).is_empty(), "{host}");
        }
        for host in [
            "www.example.com",
            "mail.example.org",
            "cdn.jsdelivr.example",
            "airline-tickets.example.com",
            "maine.example.gov",
            "",
            ".",
        ] {
            assert!(model.heard(host).is_empty(), "{host}");
        }
    }

    #[test]
    fn a_zone_is_heard_as_far_as_the_name_agrees() {
        let mut model = Model {
            bias: -5,
            threshold: 0,
            weights: vec![0; PLACES],
        };
        let mut weigh = |host: &str, zone: i16, word: i16| {
            parts(host, &mut |part| {
                model.weights[part.place] = if part.is_zone() { zone } else { word };
            });
            model.score(host)
        };
        assert_eq!(weigh("qx.ai", 30_000, 0), -5);
        // A run and a word.
        assert_eq!(weigh("qx.ai", 30_000, 10), -5 + 20 + 20 * ZONE_LIMIT);
        assert_eq!(weigh("qx.ai", 30, 10), -5 + 20 + 30);
        assert_eq!(weigh("qx.ai", 30_000, -10), -5 - 20);
        assert_eq!(weigh("qx.ai", -30, -10), -5 - 20 - 30);
    }

    #[test]
    fn a_model_is_read_as_it_was_written() {
        let model = Model::embedded();
        assert_eq!(Model::read(&model.bytes()).as_ref(), Some(model));
        let bytes = model.bytes();
        assert_eq!(Model::read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Model::read(b"GNM1"), None);
    }
}
