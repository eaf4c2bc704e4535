//! `gnomon cases`: what changed and is not dealt with yet; one case per application, segment and kind of account.

use crate::model::{Case, Time};
use crate::store::{CaseChange, Store as _};

use super::Exit;
use super::global::Global;
use super::labelled::{count, heading, labelled};
use super::output::{Output, json};
use super::register::{For, Register};
use super::screen::{Screen, Style};
use super::table::{shown, table};
use super::until::{self, Until};
use super::wrong_usage;

/// List open cases, show one, acknowledge, silence or close it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon cases\n  gnomon cases show 3f0c\n  gnomon cases acknowledge 3f0c\n  gnomon cases silence 3f0c --until 2026-12-31"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Open cases, the latest change first (the same as `gnomon cases`)
    List(List),
    /// What happened in one case
    Show {
        /// The case, or the first digits of its id
        id: String,
        /// Answer in JSON
        #[arg(long, short, value_enum, value_name = "KIND")]
        output: Option<Output>,
    },
    /// Say that somebody is on it
    Acknowledge(Act),
    /// No alerts about it for a while
    Silence {
        #[command(flatten)]
        act: Act,
        /// The last day, or the moment, of silence
        #[arg(long, value_name = "TIME")]
        until: Until,
    },
    /// It is dealt with; a new change opens it again
    Close(Act),
}

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct List {
    /// Closed cases too
    #[arg(long)]
    all: bool,
    /// Answer in JSON instead of a table
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
}

#[derive(Debug, clap::Args)]
struct Act {
    /// The case, or the first digits of its id
    id: String,
    /// Who acts, if not whoever is logged in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    if args.what.is_some() && args.list != List::default() {
        wrong_usage("flags of the list stand after `gnomon cases list`");
    }
    match args.what {
        None => list(&args.list, global, screen),
        Some(What::List(args)) => list(&args, global, screen),
        Some(What::Show { id, output }) => show(&id, output, global, screen),
        Some(What::Acknowledge(act)) => {
            let by = until::by(act.by)?;
            change(&act.id, &CaseChange::Acknowledge { by }, global, screen)
        }
        Some(What::Silence { act, until }) => {
            let Until(until) = until;
            anyhow::ensure!(
                until > until::now(),
                "--until {until} is not in the future: choose a later day or moment"
            );
            let by = until::by(act.by)?;
            change(&act.id, &CaseChange::Silence { by, until }, global, screen)
        }
        Some(What::Close(act)) => {
            let by = until::by(act.by)?;
            change(&act.id, &CaseChange::Close { by }, global, screen)
        }
    }
}

fn list(args: &List, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, None)?;
    let cases = register.store.cases(!args.all)?;
    if args.output == Some(Output::Json) {
        json(
            "gnomon.cases/1",
            &serde_json::json!({ "cases": cases }),
            screen,
        )?;
        return Ok(Exit::Fine);
    }
    if cases.is_empty() {
        screen.line(if args.all {
            "There are no cases."
        } else {
            "No case is open. Closed ones: gnomon cases --all"
        })?;
        return Ok(Exit::Fine);
    }
    let rows = cases
        .iter()
        .map(|case| {
            vec![
                case.id.clone(),
                shown(register.name(&case.service), 24),
                segment(case),
                case.tier.to_string(),
                case.updated.day().to_string(),
                standing(case, register.now),
                latest(case),
            ]
        })
        .collect();
    let headings = [
        "case",
        "application",
        "segment",
        "account",
        "updated",
        "stands",
        "what changed",
    ];
    screen.line(&table(screen.width(), &headings, rows))?;
    Ok(Exit::Fine)
}

fn segment(case: &Case) -> String {
    if case.segment.is_empty() {
        "–".to_owned()
    } else {
        shown(&case.segment, 24)
    }
}

fn standing(case: &Case, now: Time) -> String {
    if !case.open {
        return "closed".to_owned();
    }
    match (&case.silenced_until, &case.acknowledged_by) {
        (Some(until), _) if *until > now => format!("silent until {}", until.day()),
        (_, Some(by)) => format!("with {}", shown(by, 20)),
        _ => "open".to_owned(),
    }
}

fn latest(case: &Case) -> String {
    match case.transitions.as_slice() {
        [] => "–".to_owned(),
        [only] => shown(&only.detail, 120),
        [.., last] => format!(
            "{}; {} before",
            shown(&last.detail, 120),
            count(case.transitions.len() - 1, "change", "changes")
        ),
    }
}

/// The case whose id begins so.
fn find(id: &str, register: &Register) -> anyhow::Result<Case> {
    let wanted = id.trim().to_lowercase();
    let mut fit: Vec<Case> = register
        .store
        .cases(false)?
        .into_iter()
        .filter(|case| !wanted.is_empty() && case.id.starts_with(&wanted))
        .collect();
    anyhow::ensure!(
        fit.len() < 2,
        "{id:?} fits {} cases, write more of the id; see `gnomon cases --all`",
        fit.len()
    );
    fit.pop()
        .ok_or_else(|| anyhow::anyhow!("there is no case {id:?}; see `gnomon cases --all`"))
}

fn show(
    id: &str,
    output: Option<Output>,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, None)?;
    let case = find(id, &register)?;
    if output == Some(Output::Json) {
        json("gnomon.case/1", &case, screen)?;
        return Ok(Exit::Fine);
    }
    write(&case, &register, screen)?;
    Ok(Exit::Fine)
}

fn write(case: &Case, register: &Register, screen: &mut Screen) -> std::io::Result<()> {
    let title = screen.styled(Style::Strong, &format!("Case {}", case.id));
    screen.line(&format!("{title}: {}", standing(case, register.now)))?;
    let mut fact = |label: &str, text: &str| labelled(screen, 2, 13, label, text);
    fact(
        "Application",
        &format!("{} ({})", register.name(&case.service), case.service),
    )?;
    fact("Segment", &segment(case))?;
    fact("Account", case.tier.as_str())?;
    fact("Opened", &case.opened.to_string())?;
    fact("Updated", &case.updated.to_string())?;
    if let Some(by) = &case.acknowledged_by {
        fact("With", &shown(by, 60))?;
    }
    if let Some(until) = case.silenced_until {
        fact("Silent until", &until.to_string())?;
    }
    heading(screen, "What happened")?;
    for change in &case.transitions {
        let text = format!("{}: {}", change.kind, shown(&change.detail, 300));
        labelled(screen, 2, 26, &change.at.to_string(), &text)?;
    }
    if let Some(step) = register.row(&case.service).and_then(|app| app.next.first()) {
        heading(screen, "What to do")?;
        screen.wrapped(2, &shown(step, 600))?;
    }
    Ok(())
}

fn change(
    id: &str,
    change: &CaseChange,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Writing, None)?;
    let case = find(id, &register)?;
    register.store.update_case(&case.id, change, register.now)?;
    let case = find(&case.id, &register)?;
    let text = format!(
        "Case {} about {}: {}.",
        case.id,
        register.name(&case.service),
        standing(&case, register.now)
    );
    screen.line(&text)?;
    Ok(Exit::Fine)
}
