//! `gnomon enforce`: write down what was pushed where, so that a decision takes effect. A decision says what should be;
//! this says what was done about it; whether it works is found in the traffic after fourteen days.

use crate::model::{Enforcement, EnforcementAction, Time};
use crate::store::Store as _;

use super::Exit;
use super::decide::pushed;
use super::global::Global;
use super::register::{For, Register};
use super::screen::{Screen, Style};
use super::until;

/// Record which rule was pushed to which proxy, resolver or endpoint
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Actions: block, coach, allow, lifted\n\nExamples:\n  gnomon enforce deepseek.chat block --place proxy-1 --rule r-1041 --ticket CHG-77\n  gnomon enforce openai.chatgpt coach --place proxy-1 --rule r-1042 --since 2026-11-20\n  gnomon enforce deepseek.chat lifted --place proxy-1 --rule r-1041"
)]
pub(super) struct Args {
    /// The application, as `gnomon apps` lists it
    id: String,
    /// What the rule does
    action: EnforcementAction,
    /// Where it was pushed: a proxy, a resolver, endpoint management
    #[arg(long, value_name = "NAME")]
    place: String,
    /// What the rule is called there
    #[arg(long, value_name = "ID")]
    rule: String,
    /// The change ticket
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    ticket: String,
    /// Since when it is in force, if not now
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
    /// Who did it, if not whoever is logged in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Writing, None)?;
    let service = register.service(&args.id)?.id.to_string();
    for (flag, value) in [("--place", &args.place), ("--rule", &args.rule)] {
        anyhow::ensure!(!value.trim().is_empty(), "{flag} is empty: say which it is");
    }
    let at = args.since.unwrap_or(register.now);
    anyhow::ensure!(
        at <= register.now,
        "--since {} is in the future: write down what was pushed, not what will be",
        at.day()
    );
    let made = Enforcement {
        id: 0,
        service,
        action: args.action,
        place: args.place.trim().to_owned(),
        rule: args.rule.trim().to_owned(),
        ticket: args.ticket.trim().to_owned(),
        by: until::by(args.by)?,
        at,
    };
    register.store.apply(&[], std::slice::from_ref(&made))?;
    screen.line(&screen.styled(Style::Strong, &pushed(&register, &made)))?;
    let next = match made.action {
        EnforcementAction::Block | EnforcementAction::Coach => format!(
            "From {} on, `gnomon duties {}` says from the traffic whether it holds.",
            made.at.day().plus(15),
            made.service
        ),
        EnforcementAction::Allow | EnforcementAction::Lifted => {
            format!("What was pushed for it: gnomon decisions {}", made.service)
        }
    };
    screen.wrapped(2, &next)?;
    Ok(Exit::Fine)
}
