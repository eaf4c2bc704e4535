//! `gnomon decide`: write down what an application may be used for, by whom and until when. Nothing is overwritten:
//! a decision is appended and the newest of its scope holds.

mod from;

use std::io::Write as _;
use std::path::PathBuf;

pub(super) use from::pushed;

use crate::govern::decisions::{self, Effective};
use crate::model::{Decision, Scope, State};
use crate::store::Store as _;

use super::Exit;
use super::decisions::whom;
use super::duties;
use super::global::Global;
use super::labelled::labelled;
use super::register::{For, Register};
use super::screen::{Screen, Style};
use super::table::shown;
use super::until::{self, Until};

/// Decide about an application: sanction, tolerate, restrict or block it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "States: in_review, sanctioned, tolerated, restricted, blocked, not_genai, retired, new\n\nExamples:\n  gnomon decide openai.chatgpt restricted --owner 'R. Verdi' --reason 'no contract' --until 2027-02-21\n  gnomon decide openai.chatgpt tolerated --scope segment:research --owner 'R. Verdi' \\\n      --reason 'trial of the enterprise plan' --until 2027-01-31\n  gnomon decide deepseek.chat blocked --owner 'Security desk' --reason 'country is barred'\n  gnomon decide --from policy.toml --dry-run      # `gnomon decisions --policy` writes one"
)]
pub(super) struct Args {
    /// The application, as `gnomon apps` lists it
    #[arg(
        required_unless_present = "from",
        conflicts_with = "from",
        requires = "state"
    )]
    id: Option<String>,
    /// What holds from now on
    state: Option<State>,
    /// Apply a policy file instead: every decision and enforcement in it, or none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["owner", "reason", "until", "scope", "approver", "requested_by"])]
    from: Option<PathBuf>,
    /// Show what the file would change, and write nothing
    #[arg(long, requires = "from")]
    dry_run: bool,
    /// Who answers for the application
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    owner: String,
    /// Why, in one sentence
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    reason: String,
    /// The last day it holds, or a moment; afterwards the application is unreviewed again
    #[arg(long, value_name = "DATE")]
    until: Option<Until>,
    /// Whom it covers: organisation, segment:NAME, or group:NAME for a segment that lists users
    #[arg(long, value_name = "SCOPE", default_value = "organisation")]
    scope: Scope,
    /// Who approves it, if not whoever decides
    #[arg(long, value_name = "NAME")]
    approver: Option<String>,
    /// Who asked for it; never the one who approves
    #[arg(long, value_name = "NAME")]
    requested_by: Option<String>,
    /// Who decides, if not whoever is logged in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Columns that labels take.
const LABEL: usize = 10;

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    if let Some(path) = &args.from {
        return from::run(path, args.dry_run, args.by, global, screen);
    }
    let (Some(id), Some(state)) = (&args.id, args.state) else {
        anyhow::bail!("name an application and a state, or a policy file with --from FILE");
    };
    let mut register = Register::open(global, For::Writing, None)?;
    let service = register.service(id)?.id.to_string();
    let decision = Decision {
        id: 0,
        service,
        state,
        scope: args.scope,
        owner: args.owner.trim().to_owned(),
        reason: args.reason.trim().to_owned(),
        by: until::by(args.by)?,
        approver: args.approver,
        requested_by: args.requested_by,
        at: register.now,
        until: args.until.map(|Until(time)| time),
    };
    let earlier = register.store.decisions(Some(&decision.service))?;
    decisions::check(&decision, &earlier, register.now)?;
    warn(&register, &decision)?;
    let before = in_force(&register, &decision)?;
    let decision = register.store.decide(&decision)?;
    register.refresh()?;
    write(&register, &decision, &before, screen)?;
    Ok(Exit::Fine)
}

/// What is legal and still worth a second look.
fn warn(register: &Register, decision: &Decision) -> anyhow::Result<()> {
    let mut stderr = std::io::stderr().lock();
    let id = &decision.service;
    if register.row(id).is_none() {
        writeln!(
            stderr,
            "gnomon: warning: {id} is in the catalogue and was not seen in use here; the decision holds from the first event on"
        )?;
    }
    if let Some(name) = decision.scope.segment() {
        let configured = register
            .config
            .identity
            .segments
            .iter()
            .any(|segment| segment.name == *name);
        let seen = || -> anyhow::Result<bool> {
            let profiles = register.store.profiles(None)?;
            Ok(profiles.iter().any(|profile| *profile.segment == *name))
        };
        if !configured && !seen()? {
            writeln!(
                stderr,
                "gnomon: warning: no segment {:?} is configured or was seen, so the decision covers nobody yet; segments are named under [[identity.segments]]",
                shown(name, 60)
            )?;
        }
    }
    if decisions::wants_end_date(decision.state) && decision.until.is_none() {
        writeln!(
            stderr,
            "gnomon: warning: {} without an end date leaves GAI-03 in progress; add --until DATE",
            decision.state
        )?;
    }
    Ok(())
}

/// What held for the same people before.
fn in_force(register: &Register, decision: &Decision) -> anyhow::Result<Effective> {
    let segment = decision.scope.segment();
    let all = register.store.decisions(Some(&decision.service))?;
    Ok(decisions::effective(
        &all,
        &decision.service,
        segment,
        register.now,
    ))
}

fn write(
    register: &Register,
    decision: &Decision,
    before: &Effective,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let id = &decision.service;
    let whom = whom(&decision.scope);
    let until = decision.until.map_or_else(
        || ", without an end".to_owned(),
        |until| format!(", until {}", until.day()),
    );
    let headline = format!(
        "{} is now {} for {whom}{until}.",
        register.name(id),
        decision.state
    );
    screen.line(&screen.styled(Style::Strong, &headline))?;
    let mut fact = |label: &str, text: &str| labelled(screen, 2, LABEL, label, text);
    fact("Owner", &shown(&decision.owner, 120))?;
    fact("Reason", &shown(&decision.reason, 600))?;
    fact(
        "Decided",
        &format!("by {} at {}", shown(&decision.by, 60), decision.at),
    )?;
    fact("Replaces", &replaced(before, &decision.scope))?;
    let (app, in_register) = register.row_or_prospect(&*register.service(id)?)?;
    if decision.scope != Scope::Organisation {
        fact(
            "Elsewhere",
            &format!("{} holds for everyone else", app.state),
        )?;
    }
    let title = if in_register {
        "What follows"
    } else {
        "What follows once it is used"
    };
    duties::first_lines(&app, title, screen)?;
    screen.line("")?;
    screen.line(&format!(
        "All duties: gnomon duties {id}    History: gnomon decisions {id}"
    ))?;
    Ok(())
}

fn replaced(before: &Effective, scope: &Scope) -> String {
    if let Some(old) = &before.decision {
        let wider = if old.scope == *scope {
            ""
        } else {
            ", which goes on to hold for everyone else"
        };
        return format!(
            "{}, decided by {} on {}{wider}; the history keeps it",
            old.state,
            shown(&old.by, 60),
            old.at.day()
        );
    }
    match &before.expired {
        Some(old) => format!(
            "{}, which ended on {}",
            old.state,
            old.until
                .map(|until| until.day().to_string())
                .unwrap_or_default()
        ),
        None => "nothing: nobody had decided".to_owned(),
    }
}
