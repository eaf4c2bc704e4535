//! `gnomon candidates accept` and `dismiss`.

use std::io::{self, Write as _};

use anyhow::Context as _;

use crate::cli::Exit;
use crate::cli::opened;
use crate::cli::screen::Screen;
use crate::cli::table::shown;
use crate::cli::until;
use crate::config::Config;
use crate::model::{Candidate, Host, Verdict, nearest};
use crate::store::Store as _;

use super::list::{known_as, said};
use super::stub;

#[derive(Debug, clap::Args)]
#[group(id = "candidates_verdict")]
pub(super) struct Args {
    /// A host of `gnomon candidates`
    host: String,
    /// Why, in one sentence
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// Who says so; without it, the user who runs this
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

pub(super) fn run(
    args: Args,
    accepted: bool,
    config: &Config,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let reason = args.reason.trim().to_owned();
    anyhow::ensure!(
        !reason.is_empty(),
        "--reason is empty; write one sentence that still makes sense in a year"
    );
    let by = until::by(args.by)?;
    let catalogue = opened::catalogue(config)?;
    let store = opened::store_to_write(config)?;
    let candidate = listed(&args.host, store.candidates()?)?;
    let before = store.verdicts()?;
    let before = before.iter().find(|verdict| verdict.host == candidate.host);
    let verdict = Verdict {
        host: candidate.host.clone(),
        accepted,
        reason,
        by,
        at: until::now(),
    };
    store.judge(&verdict)?;
    // Stdout holds the signature file alone, so that it can be sent into one.
    let mut note = io::stderr().lock();
    writeln!(note, "gnomon: {}: {}", candidate.host, said(&verdict))?;
    if let Some(before) = before {
        writeln!(note, "gnomon: it was {}", said(before))?;
    }
    if !accepted {
        return Ok(Exit::Fine);
    }
    if let Some(service) = known_as(&catalogue, &candidate.host) {
        let service = shown(&service, 80);
        writeln!(note, "gnomon: the catalogue knows it by now: {service}")?;
        return Ok(Exit::Fine);
    }
    screen.line(stub::signature(&candidate, &verdict).trim_end())?;
    // What is said about the file comes after it.
    screen.flush()?;
    let file = stub::file_name(&candidate.host);
    let overlay = &config.catalogue.overlay;
    if overlay.as_os_str().is_empty() {
        writeln!(
            note,
            "gnomon: complete the file above, keep it as {file} in a directory, name that in the configuration as catalogue.overlay, and check it with `gnomon catalogue lint DIR`"
        )?;
    } else {
        writeln!(
            note,
            "gnomon: complete the file above, keep it as {}, and check it with `gnomon catalogue lint {}`",
            overlay.join(file).display(),
            overlay.display()
        )?;
    }
    Ok(Exit::Fine)
}

/// The candidate of this name.
fn listed(given: &str, candidates: Vec<Candidate>) -> anyhow::Result<Candidate> {
    let named = shown(given, 80);
    let host = Host::parse(given.trim().as_bytes())
        .with_context(|| format!("\"{named}\" is no host name; see `gnomon candidates --all`"))?;
    let near = nearest(
        host.as_str(),
        candidates.iter().map(|candidate| candidate.host.as_str()),
    );
    let hint = near.map_or_else(
        || "see `gnomon candidates --all`".to_owned(),
        |near| format!("did you mean {near:?}?"),
    );
    candidates
        .into_iter()
        .find(|candidate| candidate.host == host)
        .with_context(|| format!("\"{named}\" is no candidate, {hint}"))
}
