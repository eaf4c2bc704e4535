//! The signatures that the binary carries, as the build script wrote them: every file under `signatures/services`.
//!
//! They were read and proved by the tests of a release. That a piece cannot be read here means a broken build.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::CatalogueError;
use super::artefact::Artefact;
use super::proof::Proof;
use crate::model::PlacedError;

const SERVICES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/signatures.mp"));
const PROOFS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/proofs.mp"));

/// The files without what proves them.
pub(super) fn files() -> Result<Artefact, CatalogueError> {
    rmp_serde::from_slice(SERVICES).map_err(|error| PlacedError {
        file: "the embedded signatures".to_owned(),
        line: 0,
        column: 0,
        reason: format!("{error}; this build is broken, install it again"),
    })
}

/// What proves a service of those files. The first question reads the proofs of all.
pub(super) fn proof(id: &str) -> &'static Proof {
    static NOTHING: Proof = Proof {
        examples: Vec::new(),
        near_misses: Vec::new(),
    };
    static ALL: LazyLock<BTreeMap<String, Proof>> =
        LazyLock::new(|| rmp_serde::from_slice(PROOFS).unwrap_or_default());
    ALL.get(id).unwrap_or(&NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proof_is_of_a_service_and_nothing_of_it_is_among_the_rules() {
        let proofs: BTreeMap<String, Proof> = rmp_serde::from_slice(PROOFS).unwrap();
        let files = files().unwrap().files;
        let services = files.iter().flat_map(|file| &file.text.service);
        let mut count = 0;
        for service in services.map(super::super::placed::Placed::get_ref) {
            assert!(proofs.contains_key(service.id.get_ref()));
            assert!(service.example.is_empty() && service.near_miss.is_empty());
            count += 1;
        }
        assert_eq!(proofs.len(), count);
        assert!(proofs.values().any(|proof| !proof.examples.is_empty()));
    }
}
