//! `gnomon unmask`: which name is behind a pseudonym, for a reason that is written down before the answer is shown.
//!
//! The register holds no names to look it up in: it is found by trying the names of lease files, directory and segments,
//! and of the logs that are given.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::config;
use crate::identity::{Identity, is_pseudonym};
use crate::model::{Event, Parsed, Unmasking, Untrusted};
use crate::store::Store as _;

use super::Exit;
use super::events;
use super::global::Global;
use super::opened;
use super::output::{Output, json};
use super::screen::{Screen, Style};
use super::table::{minute, shown, table};
use super::until;

/// Say which name is behind a pseudonym, and write down who asked and why
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon unmask user-0123456789abcdef --reason 'incident INC-77' /var/log/squid/access.log\n  gnomon unmask --list\n\nThe key is that of identity.pseudonym_key_file. Names are tried from lease files, directory and segments of the\nconfiguration and from the logs given; none is stored."
)]
pub(super) struct Args {
    /// The pseudonym, as a report of the SOC edition shows it
    #[arg(required_unless_present = "list", conflicts_with = "list")]
    pseudonym: Option<String>,
    /// Logs of the time in question, whose clients and users are tried too
    #[arg(value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Why it has to be known: an incident, a ticket, a request by the person
    #[arg(long, value_name = "TEXT", required_unless_present = "list")]
    reason: Option<String>,
    /// Who asks, if not whoever is logged in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Show who asked for what, and why
    #[arg(long)]
    list: bool,
    /// Answer in JSON
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let (Some(pseudonym), Some(reason)) = (&args.pseudonym, &args.reason) else {
        return list(global, args.output, screen);
    };
    anyhow::ensure!(
        is_pseudonym(pseudonym),
        "\"{}\" is no pseudonym; they look like user-0123456789abcdef",
        shown(pseudonym, 60)
    );
    anyhow::ensure!(
        !reason.trim().is_empty(),
        "--reason is empty: say why the name has to be known"
    );
    let config = global.config()?;
    let Some(key) = config::pseudonym_key(&config)? else {
        anyhow::bail!("identity.pseudonyms is off: this configuration makes no pseudonyms");
    };
    let identity = Identity::open(&config.identity, Some(key))?;
    let named = names_of(args.logs, &config)?;
    let found = identity.unmask(pseudonym, named.into_iter());
    let asked = Unmasking {
        pseudonym: pseudonym.clone(),
        found: found.is_some(),
        reason: reason.trim().to_owned(),
        by: until::by(args.by)?,
        at: until::now(),
    };
    // First it is written down, then it is said.
    opened::store_to_write(&config)?.unmask(&asked)?;
    if args.output == Some(Output::Json) {
        let answer = serde_json::json!({ "asked": asked, "name": found });
        json("gnomon.unmask/1", &answer, screen)?;
    } else if let Some(name) = &found {
        screen.line(&format!("{pseudonym} is {}", shown(name, 200)))?;
        let noted = format!("Written down: asked by {}, {}.", asked.by, asked.reason);
        let noted = screen.styled(Style::Quiet, &shown(&noted, 600));
        screen.line(&noted)?;
    } else {
        screen.wrapped(
            0,
            &format!(
                "No name known here makes {pseudonym}. Give the logs of the days in question, and the key that was in use then. \
                 That it was asked is written down."
            ),
        )?;
    }
    Ok(if found.is_some() {
        Exit::Fine
    } else {
        Exit::Failed
    })
}

/// Every client and user of these logs.
fn names_of(logs: Vec<PathBuf>, config: &config::Config) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    if logs.is_empty() {
        return Ok(names);
    }
    let formats = opened::formats(config)?;
    let zone = config.zone()?;
    let source = opened::scan(config, logs, None);
    events::read(source, &formats, &zone, &mut |_, _, parsed| {
        if let Parsed::Event(event) = parsed {
            names.extend(names_in(event));
        }
        Ok(())
    })?;
    Ok(names)
}

fn names_in(event: &Event<'_>) -> impl Iterator<Item = String> {
    let address = event
        .client
        .map(|address| address.to_canonical().to_string());
    let text = |text: &Option<Untrusted<'_>>| text.as_ref().map(|text| text.lossy().into_owned());
    [address, text(&event.client_name), text(&event.user)]
        .into_iter()
        .flatten()
}

fn list(global: &Global, output: Option<Output>, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = global.config()?;
    let asked = opened::store_to_read(&config)?.unmaskings()?;
    if output == Some(Output::Json) {
        let answer = serde_json::json!({ "unmaskings": asked });
        json("gnomon.unmaskings/1", &answer, screen)?;
        return Ok(Exit::Fine);
    }
    if asked.is_empty() {
        screen.line("Nobody has asked which name is behind a pseudonym.")?;
        return Ok(Exit::Fine);
    }
    let rows = asked.iter().map(|one| {
        vec![
            minute(one.at),
            one.pseudonym.clone(),
            if one.found { "named" } else { "not found" }.to_owned(),
            shown(&one.by, 40),
            shown(&one.reason, 200),
        ]
    });
    let headings = ["when (UTC)", "pseudonym", "answer", "asked by", "why"];
    screen.line(&table(screen.width(), &headings, rows.collect()))?;
    Ok(Exit::Fine)
}
