//! `gnomon decisions`: what was decided, by whom and why; what holds; what ends soon or ended while in use.

mod wanted;

use crate::govern::decisions::{is_expired, newest_of_level};
use crate::govern::policy;
use crate::model::{Decision, Profile, Scope, Time};
use crate::store::Store as _;
use serde::Serialize;

use super::Exit;
use super::decide::pushed;
use super::global::Global;
use super::labelled::{count, heading};
use super::output::{Output, json};
use super::register::{For, Register};
use super::screen::{Screen, Style};
use super::table::shown;

/// Show what was decided, what holds, and what is due for renewal
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon decisions\n  gnomon decisions openai.chatgpt\n  gnomon decisions --due\n  gnomon decisions --wanted\n  gnomon decisions --policy > policy.toml"
)]
pub(super) struct Args {
    /// One application only
    id: Option<String>,
    /// Only what ends within 30 days or has ended without renewal
    #[arg(long)]
    due: bool,
    /// The ten decisions that are worth most, with the command for each
    #[arg(long, conflicts_with_all = ["id", "due", "policy"])]
    wanted: bool,
    /// Print what holds as a policy file, for `gnomon decide --from`
    #[arg(long, conflicts_with_all = ["due", "output"])]
    policy: bool,
    /// Answer in JSON instead of a table
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
    /// Judge by this moment instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
}

/// Days ahead in which an end counts as soon.
const SOON_DAYS: i64 = 30;

/// How a decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    InForce,
    EndsSoon,
    Ended,
    /// Ended, and the application was used afterwards.
    EndedInUse,
    /// A newer one of the same scope took its place.
    Replaced,
}

impl Standing {
    fn of(decision: &Decision, all: &[Decision], profiles: &[Profile], now: Time) -> Self {
        let segment = decision.scope.segment();
        let newest = newest_of_level(all, &decision.service, &decision.scope, now);
        if newest.is_none_or(|newest| newest.id != decision.id) {
            return Self::Replaced;
        }
        if is_expired(decision, now) {
            let used = profiles.iter().any(|profile| {
                *profile.service == *decision.service
                    && segment.is_none_or(|segment| *profile.segment == *segment)
                    && profile.last_use > decision.until
            });
            return if used { Self::EndedInUse } else { Self::Ended };
        }
        let soon = now.plus_days(SOON_DAYS);
        match decision.until {
            Some(until) if until <= soon => Self::EndsSoon,
            _ => Self::InForce,
        }
    }

    const fn is_due(self) -> bool {
        matches!(self, Self::EndsSoon | Self::Ended | Self::EndedInUse)
    }

    const fn style(self) -> Style {
        match self {
            Self::InForce => Style::Good,
            Self::EndsSoon | Self::Ended => Style::Careful,
            Self::EndedInUse => Style::Bad,
            Self::Replaced => Style::Quiet,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::EndsSoon => "ends soon",
            Self::Ended => "ended",
            Self::EndedInUse => "ended, in use",
            Self::Replaced => "replaced",
        }
    }
}

#[derive(Serialize)]
struct Row<'d> {
    #[serde(flatten)]
    decision: &'d Decision,
    standing: Standing,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, args.as_of)?;
    if args.wanted {
        return wanted::run(&register, args.output, screen);
    }
    let id = match &args.id {
        Some(id) => Some(register.service(id)?.id.to_string()),
        None => None,
    };
    let all = register.store.decisions(id.as_deref())?;
    let enforcements = register.store.enforcements(id.as_deref())?;
    if args.policy {
        let text = policy::print(&all, &enforcements, register.now);
        for line in text.lines() {
            screen.line(line)?;
        }
        return Ok(Exit::Fine);
    }
    let mut rows = rows(&register, &all)?;
    if args.due {
        rows.retain(|row| row.standing.is_due());
    }
    if args.output == Some(Output::Json) {
        let answer = serde_json::json!({
            "as_of": register.now,
            "decisions": rows,
            "enforcements": enforcements,
        });
        json("gnomon.decisions/1", &answer, screen)?;
        return Ok(Exit::Fine);
    }
    if rows.is_empty() {
        screen.wrapped(0, &nothing(id.as_deref(), !all.is_empty()))?;
        return Ok(Exit::Fine);
    }
    write(&register, &rows, screen)?;
    if !args.due && !enforcements.is_empty() {
        heading(screen, "Pushed so that it takes effect")?;
        for made in &enforcements {
            screen.wrapped(2, &pushed(&register, made))?;
        }
    }
    renew(&register, &rows, screen)?;
    Ok(Exit::Fine)
}

fn nothing(id: Option<&str>, any: bool) -> String {
    match (id, any) {
        (_, true) => {
            "No decision ends within 30 days, and none has ended without renewal.".to_owned()
        }
        (Some(id), false) => format!(
            "Nobody has decided about {id}. Decide: gnomon decide {id} STATE --owner NAME --reason WHY --until DATE"
        ),
        (None, false) => {
            "Nobody has decided anything yet. What waits for a decision: gnomon apps --state new"
                .to_owned()
        }
    }
}

fn rows<'d>(register: &Register, all: &'d [Decision]) -> anyhow::Result<Vec<Row<'d>>> {
    let profiles = register.store.profiles(None)?;
    Ok(all
        .iter()
        .map(|decision| Row {
            decision,
            standing: Standing::of(decision, all, &profiles, register.now),
        })
        .collect())
}

/// The history of one application, newest last.
pub(super) fn history(
    register: &Register,
    decisions: &[Decision],
    screen: &mut Screen,
) -> anyhow::Result<()> {
    if decisions.is_empty() {
        screen.line("  Nobody has decided.")?;
        return Ok(());
    }
    let rows = rows(register, decisions)?;
    write(register, &rows, screen)
}

fn write(register: &Register, rows: &[Row<'_>], screen: &mut Screen) -> anyhow::Result<()> {
    for Row { decision, standing } in rows {
        let mark = screen.styled(standing.style(), standing.words());
        screen.line(&format!("{}  {mark}", decision.at.day()))?;
        let until = decision.until.map_or_else(
            || ", without an end".to_owned(),
            |until| format!(" until {}", until.day()),
        );
        let what = format!(
            "{}: {} for {}{until}",
            register.name(&decision.service),
            decision.state,
            whom(&decision.scope),
        );
        screen.wrapped(12, &what)?;
        let why = format!(
            "{} answers for it, decided by {}: {}",
            shown(&decision.owner, 60),
            shown(&decision.by, 60),
            shown(&decision.reason, 600)
        );
        screen.wrapped(12, &why)?;
    }
    Ok(())
}

/// Whom a decision covers, in words.
pub(super) fn whom(scope: &Scope) -> String {
    match scope {
        Scope::Organisation => "the whole organisation".to_owned(),
        Scope::Segment(name) => format!("the segment {}", shown(name, 60)),
        Scope::Group(name) => format!("the group {}", shown(name, 60)),
    }
}

fn renew(register: &Register, rows: &[Row<'_>], screen: &mut Screen) -> anyhow::Result<()> {
    let due: Vec<&Row<'_>> = rows.iter().filter(|row| row.standing.is_due()).collect();
    if due.is_empty() {
        return Ok(());
    }
    heading(screen, "To renew or to end")?;
    for Row { decision, standing } in due {
        let Some(until) = decision.until else {
            continue;
        };
        let days = until.day().0 - register.now.day().0;
        let when = match standing {
            Standing::EndsSoon if days == 0 => "ends today".to_owned(),
            Standing::EndsSoon => format!(
                "ends on {}, in {}",
                until.day(),
                count(usize::try_from(days).unwrap_or(0), "day", "days")
            ),
            Standing::EndedInUse => format!("ended on {} and it was used since", until.day()),
            _ => format!("ended on {}", until.day()),
        };
        let flag = match &decision.scope {
            Scope::Organisation => String::new(),
            scope => format!(" --scope {}", shown(&scope.to_string(), 60)),
        };
        screen.wrapped(
            2,
            &format!(
                "{}: {} for {} {when}. Ask {}. Renew: gnomon decide {} {} --owner NAME --reason WHY --until DATE{flag}",
                register.name(&decision.service),
                decision.state,
                whom(&decision.scope),
                shown(&decision.owner, 60),
                decision.service,
                decision.state,
            ),
        )?;
    }
    Ok(())
}
