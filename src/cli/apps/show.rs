//! `gnomon apps show ID`: everything about one application on one page.

use std::io;

use crate::model::Time;
use crate::reports::{Application, Count, Noted};

use super::super::Exit;
use super::super::decisions::history;
use super::super::duties::{first_lines, summary};
use super::super::global::Global;
use super::super::labelled::{count, heading, labelled};
use super::super::ladder::ladder;
use super::super::output::{Output, json};
use super::super::register::{For, Register};
use super::super::screen::{Screen, Style};
use super::super::table::{bytes, grouped, shown, table};
use super::{sent, without_people};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gnomon apps show openai.chatgpt")]
pub(super) struct Args {
    /// The application, as `gnomon apps` lists it
    id: String,
    /// Name the clients and users with the most events
    #[arg(long)]
    people: bool,
    /// Answer in JSON
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
    /// Measure due dates against this moment instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
}

/// Columns that labels take.
const LABEL: usize = 12;
/// Hosts that are shown.
const HOSTS: usize = 15;

pub(super) fn run(args: &Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, args.as_of)?;
    let service = register.service(&args.id)?;
    let Some(app) = register.row(&service.id) else {
        let id = &service.id;
        let visits = register
            .report
            .visited_only
            .iter()
            .find(|visited| *visited.id == **id);
        let seen = visits.map_or_else(
            || "was not seen here".to_owned(),
            |visited| {
                format!(
                    "was not used here, only its site was visited ({} times)",
                    visited.visits
                )
            },
        );
        anyhow::bail!(
            "{id} is in the catalogue and {seen}; what would fall to whom: gnomon duties {id}"
        );
    };
    let mut app = app.clone();
    if !args.people {
        without_people(&mut app);
    }
    let (decisions, _) = register.decided(&app.id)?;
    if args.output == Some(Output::Json) {
        let answer = serde_json::json!({
            "as_of": register.now, "application": app, "decisions": decisions,
        });
        json("gnomon.app/1", &answer, screen)?;
        return Ok(Exit::Fine);
    }
    head(&app, screen)?;
    ladder(&app, screen)?;
    hosts(&app, screen)?;
    people(&app, screen)?;
    risk(&app, screen)?;
    heading(screen, "Decisions")?;
    history(&register, &decisions, screen)?;
    heading(screen, "Duties")?;
    screen.wrapped(2, &summary(&app))?;
    first_lines(&app, "What to do first", screen)?;
    Ok(Exit::Fine)
}

fn head(app: &Application, screen: &mut Screen) -> io::Result<()> {
    let title = screen.styled(Style::Strong, &app.name);
    screen.line(&format!("{title}  {}", app.id))?;
    let mut fact = |label: &str, text: &str| labelled(screen, 0, LABEL, label, text);
    fact("What", &shown(&app.description, 400))?;
    let part_of = app
        .host_app
        .as_ref()
        .map(|host| format!(", part of {host}"))
        .unwrap_or_default();
    fact(
        "Kind",
        &format!(
            "{}, {}, {}{part_of}; AWS scope {}",
            app.archetype, app.model, app.category, app.aws_scope
        ),
    )?;
    let country = match app.country.as_str() {
        "" => "country unknown",
        country => country,
    };
    fact("Vendor", &format!("{} ({country})", app.vendor))?;
    fact("State", &state(app))?;
    let measures = if app.risk.gross == app.risk.residual {
        String::new()
    } else {
        format!("; {} without the measures in place", app.risk.gross)
    };
    let range = app
        .risk
        .range
        .map(|(low, high)| {
            format!("; between {low} and {high}, depending on what the logs leave open")
        })
        .unwrap_or_default();
    fact(
        "Risk",
        &format!(
            "{} of 100, {}{measures}{range}; {} % of it rests on known values",
            app.risk.residual, app.risk.band, app.risk.confidence
        ),
    )?;
    fact(
        "Account",
        &format!("{}: {}", app.tier.value, app.tier.basis),
    )?;
    for (label, told) in [
        ("Accounts", &app.accounts),
        ("Programs", &app.programs),
        ("MCP", &app.mcp),
    ] {
        if !told.is_empty() {
            fact(label, &noted(told))?;
        }
    }
    if app.programs_as_browsers > 0 {
        let clients = count(app.programs_as_browsers as usize, "client", "clients");
        fact(
            "Programs",
            &format!("{clients} with a browser's user agent asked around the clock"),
        )?;
    }
    if !app.reasons.is_empty() {
        fact("Found by", &app.reasons.join("; "))?;
    }
    fact(
        "Seen",
        &format!(
            "{} to {}, on {}",
            minute(app.first_seen),
            minute(app.last_seen),
            count(app.active_days as usize, "day", "days")
        ),
    )?;
    fact("Use", &usage(app))?;
    fact("Evidence", &evidence(app))?;
    fact(
        "Channels",
        &map(app.channels.iter().map(|(name, events)| (*name, *events))),
    )?;
    let segments = named(&app.segments);
    fact(
        "Segments",
        if segments.is_empty() {
            "none; networks and users are given one under [[identity.segments]]"
        } else {
            &segments
        },
    )
}

fn state(app: &Application) -> String {
    let Some(decision) = &app.decision else {
        return format!("{}: no decision is in force", app.state);
    };
    let until = decision
        .until
        .map(|until| format!(", until {}", until.day()))
        .unwrap_or_default();
    format!(
        "{}{until}; owner {}, decided by {} on {}",
        app.state,
        shown(&decision.owner, 60),
        shown(&decision.by, 60),
        decision.at.day()
    )
}

/// `2026-11-23 21:39`, in UTC.
fn minute(time: Time) -> String {
    let text = time.to_string();
    let minute = text.get(..16).unwrap_or(&text).replace('T', " ");
    format!("{minute} UTC")
}

fn usage(app: &Application) -> String {
    let who = if app.users > 0 {
        format!(
            "{} users on {} clients",
            grouped(app.users),
            grouped(app.clients)
        )
    } else {
        format!(
            "{} (users are not named)",
            count(app.clients as usize, "client", "clients")
        )
    };
    let sent = match sent(app).as_str() {
        "–" => "bytes sent not counted".to_owned(),
        sent => format!("{sent} sent"),
    };
    format!(
        "{} by {who}, {} blocked; {}, {}, {} of its site; {sent}, {} received",
        count(app.events as usize, "event", "events"),
        grouped(app.attempts),
        count(
            app.prompts as usize,
            "prompt or API call",
            "prompts or API calls"
        ),
        count(app.uploads as usize, "upload", "uploads"),
        count(app.visits as usize, "visit", "visits"),
        bytes(app.bytes_down),
    )
}

fn evidence(app: &Application) -> String {
    let grade = app
        .grade
        .map_or_else(|| "attempted only".to_owned(), |grade| grade.to_string());
    format!(
        "{grade}; by kind of log: {}",
        map(app.evidence.iter().map(|(name, events)| (*name, *events)))
    )
}

fn map<'a>(counts: impl Iterator<Item = (&'a str, u64)>) -> String {
    let shown: Vec<String> = counts
        .map(|(name, events)| format!("{name} {}", grouped(events)))
        .collect();
    if shown.is_empty() {
        "–".to_owned()
    } else {
        shown.join(", ")
    }
}

fn noted(told: &[Noted]) -> String {
    told.iter()
        .map(|one| format!("{} {}", shown(&one.what, 80), grouped(one.events)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn named(counts: &[Count]) -> String {
    counts
        .iter()
        .map(|count| format!("{} {}", shown(&count.name, 40), grouped(count.events)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn hosts(app: &Application, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "Hosts")?;
    let rows = app
        .hosts
        .iter()
        .take(HOSTS)
        .map(|host| {
            vec![
                shown(&host.host, 60),
                host.role.to_string(),
                grouped(host.events),
            ]
        })
        .collect();
    screen.line(&table(screen.width(), &["host", "role", ">events"], rows))?;
    match app.hosts.len().saturating_sub(HOSTS) {
        0 => Ok(()),
        more => screen.line(&format!(" and {more} more")),
    }
}

fn people(app: &Application, screen: &mut Screen) -> io::Result<()> {
    for (title, counts) in [("Users", &app.top_users), ("Clients", &app.top_clients)] {
        if !counts.is_empty() {
            heading(screen, title)?;
            screen.wrapped(2, &named(counts))?;
        }
    }
    Ok(())
}

fn risk(app: &Application, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "Risk, line by line")?;
    let rows = app
        .risk
        .lines
        .iter()
        .map(|line| {
            let value = if line.source.is_empty() {
                shown(&line.value, 80)
            } else {
                format!("{}; {}", shown(&line.value, 80), shown(&line.source, 80))
            };
            vec![
                line.id.to_owned(),
                line.label.to_owned(),
                format!("{:.1}", line.points),
                format!("{:.0}", line.max),
                value,
            ]
        })
        .collect();
    screen.line(&table(
        screen.width(),
        &["line", "about", ">points", ">of", "what is known"],
        rows,
    ))
}
