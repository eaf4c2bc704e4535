//! `gnomon candidates list`.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::cli::Exit;
use crate::cli::catalogue::naming;
use crate::cli::opened;
use crate::cli::output::{Output, json};
use crate::cli::screen::Screen;
use crate::cli::sheet;
use crate::cli::table::{grouped, shown, table};
use crate::config::Config;
use crate::model::{Candidate, Evidence, Host, Verdict};
use crate::store::Store as _;

#[derive(Debug, clap::Args)]
#[group(id = "candidates_list")]
pub(super) struct Args {
    /// Those that were accepted or dismissed, too
    #[arg(long)]
    all: bool,
    /// Print JSON instead
    #[arg(long, short, value_name = "KIND")]
    output: Option<Output>,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    candidate: Candidate,
    /// The service whose host it is by now.
    known_as: Option<String>,
    verdict: Option<Verdict>,
}

pub(super) fn run(args: &Args, config: &Config, screen: &mut Screen) -> anyhow::Result<Exit> {
    let store = opened::store_to_read(config)?;
    let catalogue = opened::catalogue(config)?;
    let mut verdicts: BTreeMap<Host, Verdict> = store
        .verdicts()?
        .into_iter()
        .map(|verdict| (verdict.host.clone(), verdict))
        .collect();
    let mut rows: Vec<Row> = store
        .candidates()?
        .into_iter()
        .map(|candidate| Row {
            known_as: known_as(&catalogue, &candidate.host),
            verdict: verdicts.remove(&candidate.host),
            candidate,
        })
        .collect();
    let found = rows.len();
    if !args.all {
        rows.retain(|row| row.verdict.is_none());
    }
    // Stable: hosts of equally many hits stay in the order of their names.
    rows.sort_by_key(|row| std::cmp::Reverse(row.candidate.hits));
    if args.output.is_some() {
        let value = serde_json::json!({"candidates": rows});
        json("gnomon.candidates/1", &value, screen)?;
    } else {
        write(&rows, found - rows.len(), screen)?;
    }
    Ok(Exit::Fine)
}

/// The service that claims a host by now; weak evidence claims nothing.
pub(super) fn known_as(catalogue: &Catalogue, host: &Host) -> Option<String> {
    let found = catalogue.match_host(host.as_str())?;
    (found.rule.evidence != Evidence::Weak).then(|| naming::title(found.service))
}

fn write(rows: &[Row], judged: usize, screen: &mut Screen) -> io::Result<()> {
    if rows.is_empty() {
        screen.line("no candidates")?;
    } else {
        let cells = rows.iter().map(cells).collect();
        let headings = ["host", ">hits", "first", "last", "why"];
        screen.line(&table(screen.width(), &headings, cells))?;
    }
    match judged {
        0 => Ok(()),
        judged => sheet::paragraph(
            screen,
            0,
            &format!("{judged} more were judged already: --all"),
        ),
    }
}

fn cells(row: &Row) -> Vec<String> {
    let Candidate {
        host,
        reasons,
        hits,
        first,
        last,
    } = &row.candidate;
    let mut why: Vec<String> = Vec::new();
    if let Some(verdict) = &row.verdict {
        why.push(said(verdict));
    }
    if let Some(service) = &row.known_as {
        why.push(format!("known by now: {}", shown(service, 80)));
    }
    why.extend(reasons.iter().map(|reason| shown(reason, 80)));
    vec![
        shown(host.as_str(), 253),
        grouped(*hits),
        first.day().to_string(),
        last.day().to_string(),
        why.join("; "),
    ]
}

/// `dismissed by m.rossi on 2026-11-23: our own help desk`.
pub(super) fn said(verdict: &Verdict) -> String {
    let word = if verdict.accepted {
        "accepted"
    } else {
        "dismissed"
    };
    format!(
        "{word} by {} on {}: {}",
        shown(&verdict.by, 40),
        verdict.at.day(),
        shown(&verdict.reason, 80)
    )
}
