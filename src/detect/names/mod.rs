//! How much a host's name sounds like generative AI: a small linear model over the parts of names.
//!
//! The model (`signatures/names.model`) is a weight for each of 65,536 places; a part of a name has its place by a hash. What
//! speaks for a name are the weights of its parts, so every score can be told in parts. It was trained on names of
//! GenAI services and of others by `cargo bench --bench names`; docs/CANDIDATES.md says on which, and how well it does.
//! It feeds a list that people look through, and nothing else.

mod parts;

use std::sync::LazyLock;

pub use parts::{PLACES, Part, parts};

/// `GNM1`, bias and threshold as little-endian `i32`, then a weight of one signed byte for each place.
const MODEL: &[u8] = include_bytes!("../../../signatures/names.model");
const MAGIC: &[u8] = b"GNM1";
const HEAD: usize = 12;
/// So many parts of a name are told.
const TOLD: usize = 3;

/// Weights, and the score from which on a name is worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub bias: i32,
    pub threshold: i32,
    /// [`PLACES`] of them.
    pub weights: Vec<i8>,
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
        let weights = bytes.get(HEAD..)?;
        if !bytes.starts_with(MAGIC) || weights.len() != PLACES {
            return None;
        }
        Some(Self {
            bias: number(4)?,
            threshold: number(8)?,
            weights: weights.iter().map(|byte| byte.cast_signed()).collect(),
        })
    }

    /// Writes it down as it is read.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.bias.to_le_bytes());
        bytes.extend_from_slice(&self.threshold.to_le_bytes());
        bytes.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
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
        let mut score = self.bias;
        parts(host, &mut |part| score += self.weight(&part));
        score
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
    fn a_model_is_read_as_it_was_written() {
        let model = Model::embedded();
        assert_eq!(Model::read(&model.bytes()).as_ref(), Some(model));
        let bytes = model.bytes();
        assert_eq!(Model::read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Model::read(b"GNM2"), None);
    }
}
