//! Turns the signature files into one compact artefact, so that adding a vendor is adding a file and starting the
//! program is not reading a thousand of them.
//!
//! Lists the log formats of `config/formats` for `src/formats/registry.rs`. Writes `signatures.mp` (see
//! `src/catalogue/artefact.rs`) and `proofs.mp` (see `src/catalogue/proof.rs`) into `OUT_DIR`. What is no TOML of the
//! right shape fails the build with its file and line; whether its words and hosts are right is asked by the tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest as _, Sha256};

#[path = "src/catalogue/artefact.rs"]
mod artefact;
#[path = "src/catalogue/placed.rs"]
#[allow(dead_code, reason = "the build writes places, it never asks for them")]
mod placed;
#[path = "src/catalogue/proof.rs"]
#[allow(unreachable_pub, reason = "the house shows them, the build keeps them")]
mod proof;
#[path = "src/catalogue/schema.rs"]
mod schema;

/// The closed words that `schema` names; here they stay text.
mod model {
    pub(crate) type Activity = String;
    pub(crate) type Archetype = String;
    pub(crate) type Channel = String;
    pub(crate) type Day = String;
    pub(crate) type Evidence = String;
    pub(crate) type Role = String;
    pub(crate) type ServiceModel = String;
    pub(crate) type Tier = String;
}

mod facts {
    pub(crate) type Confidence = String;
    pub(crate) type FactField = String;
    pub(crate) type FactValue = String;
}

mod service {
    pub(crate) type PartialDate = String;
}

const SERVICES: &str = "signatures/services";
const MAPPINGS: &str = "config/formats";

fn main() -> io::Result<()> {
    let house = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    println!("cargo::rerun-if-changed=build.rs");
    // A directory stands for every file in it.
    println!("cargo::rerun-if-changed={SERVICES}");
    println!("cargo::rerun-if-changed={MAPPINGS}");
    let (artefact, proofs) = read(&house)?;
    let bytes = rmp_serde::to_vec(&artefact).map_err(io::Error::other)?;
    fs::write(out.join("signatures.mp"), bytes)?;
    let bytes = rmp_serde::to_vec(&proofs).map_err(io::Error::other)?;
    fs::write(out.join("proofs.mp"), bytes)?;
    fs::write(out.join("mappings.rs"), mappings(&house)?)
}

/// A Rust expression that lists the log formats that are data, by name and text.
fn mappings(house: &Path) -> io::Result<String> {
    let mut list = "&[\n".to_owned();
    for file in names(&house.join(MAPPINGS))? {
        let name = file.strip_suffix(".toml").unwrap_or(&file);
        let path = house.join(MAPPINGS).join(&file);
        list.push_str(&format!(
            "({name:?}, include_str!({:?})),\n",
            path.display().to_string()
        ));
    }
    list.push(']');
    Ok(list)
}

/// The files, and what proves each service.
fn read(house: &Path) -> io::Result<(artefact::Artefact, BTreeMap<String, proof::Proof>)> {
    let mut digest = Sha256::new();
    let mut files = Vec::new();
    let mut proofs = BTreeMap::new();
    for name in names(&house.join(SERVICES))? {
        let name = format!("{SERVICES}/{name}");
        let text = fs::read_to_string(house.join(&name))?;
        for part in [&name, "\0", &text, "\0"] {
            digest.update(part);
        }
        let wrong = |error: &dyn std::fmt::Display| io::Error::other(format!("{name}: {error}"));
        let read: schema::FileText = toml::from_str(&text).map_err(|error| wrong(&error))?;
        for service in &read.service {
            let service = service.get_ref();
            proofs.insert(service.id.get_ref().clone(), proof_of(service, &text));
        }
        let lengths = text
            .split_inclusive('\n')
            .map(|line| u16::try_from(line.len()));
        let lengths = lengths.collect::<Result<_, _>>();
        files.push(artefact::StoredFile {
            line_lengths: artefact::LineLengths(lengths.map_err(|error| wrong(&error))?),
            name,
            text: read,
        });
    }
    let digest = digest
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    Ok((artefact::Artefact { digest, files }, proofs))
}

fn proof_of(service: &schema::ServiceText, text: &str) -> proof::Proof {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let examples = service.example.iter().map(|example| proof::Example {
        input: example.get_ref().input.clone(),
        expect: example.get_ref().expect.clone(),
        line: u32::try_from(line(example.span().start)).unwrap_or(u32::MAX),
    });
    proof::Proof {
        examples: examples.collect(),
        near_misses: service.near_miss.iter().map(|n| n.input.clone()).collect(),
    }
}

/// The TOML files of a directory, sorted.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
