//! Lists the signature files, so that adding a vendor is adding a file.
//!
//! Writes `signatures.rs`, a sorted array of (path in the house, text), into `OUT_DIR`; the catalogue
//! includes it. Nothing is parsed here: a broken file is a failing test, not a failing build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let house = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=signatures/services");
    let list = signature_list(&house, "signatures/services")?;
    fs::write(out.join("signatures.rs"), list)
}

/// An array expression of (name, include_str!) for every TOML file of a directory, sorted by name.
fn signature_list(house: &Path, directory: &str) -> io::Result<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(house.join(directory))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    let mut list = String::from("&[\n");
    for name in names {
        let path = house.join(directory).join(&name);
        println!("cargo::rerun-if-changed={directory}/{name}");
        // Writing to a String cannot fail.
        let _ = writeln!(
            list,
            "    ({:?}, include_str!({:?})),",
            format!("{directory}/{name}"),
            path.to_string_lossy()
        );
    }
    list.push(']');
    Ok(list)
}
