//! `gnomon doctor`: is everything there that a true answer needs, and what can the logs at hand not tell?
//!
//! Every check is a sentence and a standing. It works with whatever there is: without a configuration, without a store,
//! and beside a running service. Only what is wrong fails the command; what deserves a look does not. Given paths it
//! looks at the logs there instead, see [`logs`].

mod clocks;
mod logs;
mod setup;
mod sources;
mod storage;

use serde::Serialize;

use crate::store::Store as _;

use super::Exit;
use super::global::Global;
use super::labelled::count;
use super::opened;
use super::output::{Output, json};
use super::screen::{Screen, Style, wrap};
use super::until::now;

/// Check the set-up, or say what logs can tell and what to change to see more
///
/// Without a PATH it checks configuration, catalogue, store, sources and alerts. With one it reads the logs there and says of
/// each what it can tell, what it lacks, and what to change on the product.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exits with 1 when something is wrong: a check, or a log that is not recognised, holds no event, or of which more than 10 % of the records are not understood.\n\nExamples:\n  gnomon doctor\n  gnomon doctor --replay-dead-letters\n  gnomon doctor /var/log/squid/access.log\n  gnomon doctor /var/log/named/ --timezone Europe/Berlin --output json\n  ssh proxy zcat /var/log/squid/access.log.2.gz | gnomon doctor -"
)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::Logs,
    /// Queue alerts again that were given up
    #[arg(long, conflicts_with_all = ["output", "paths"])]
    replay_dead_letters: bool,
    /// Answer in JSON
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Fine,
    Look,
    Wrong,
}

impl Standing {
    /// Its style, and its mark.
    fn mark(self) -> (Style, &'static str) {
        match self {
            Self::Fine => (Style::Good, "✓ fine "),
            Self::Look => (Style::Careful, "! look "),
            Self::Wrong => (Style::Bad, "✗ wrong"),
        }
    }
}

/// One check: what it is about, and what was found, in a sentence.
#[derive(Debug, Serialize)]
struct Check {
    about: &'static str,
    standing: Standing,
    text: String,
}

/// The checks so far.
#[derive(Debug, Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn fine(&mut self, about: &'static str, text: impl Into<String>) {
        self.add(about, Standing::Fine, text.into());
    }

    fn look(&mut self, about: &'static str, text: impl Into<String>) {
        self.add(about, Standing::Look, text.into());
    }

    fn wrong(&mut self, about: &'static str, text: impl Into<String>) {
        self.add(about, Standing::Wrong, text.into());
    }

    fn add(&mut self, about: &'static str, standing: Standing, text: String) {
        self.0.push(Check {
            about,
            standing,
            text,
        });
    }

    fn how_many(&self, standing: Standing) -> usize {
        self.0
            .iter()
            .filter(|check| check.standing == standing)
            .count()
    }
}

pub(super) fn run(args: &Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    if args.replay_dead_letters {
        return replay(global, screen);
    }
    if !args.logs.paths.is_empty() {
        return logs::run(&args.logs, args.output, global, screen);
    }
    let now = now();
    let mut checks = Checks::default();
    let config = setup::config(global, &mut checks);
    setup::check(&config, now, &mut checks);
    if let Some(store) = storage::open(&config, &mut checks) {
        storage::check(&store, &mut checks);
        storage::copies(&config, now, &mut checks);
        sources::check(&store, now, &mut checks);
        clocks::check(&store, &mut checks);
        storage::outbox(&store, &config, now, &mut checks);
    }
    let wrong = checks.how_many(Standing::Wrong);
    if args.output == Some(Output::Json) {
        let answer = serde_json::json!({ "healthy": wrong == 0, "checks": checks.0 });
        json("gnomon.doctor/1", &answer, screen)?;
    } else {
        write(&checks, screen)?;
    }
    Ok(if wrong == 0 { Exit::Fine } else { Exit::Failed })
}

fn replay(global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let store = opened::store_to_write(&global.config()?)?;
    let replayed = store.replay_dead_letters(now())?;
    let text = match replayed {
        0 => "No alert was given up, so there is nothing to send again.".to_owned(),
        many => format!(
            "{} queued again; `gnomon run` sends them.",
            count(
                usize::try_from(many).unwrap_or(usize::MAX),
                "alert is",
                "alerts are"
            )
        ),
    };
    screen.line(&text)?;
    Ok(Exit::Fine)
}

/// Columns that mark and subject take.
const LEAD: usize = 24;

fn write(checks: &Checks, screen: &mut Screen) -> std::io::Result<()> {
    let room = usize::from(screen.width()).saturating_sub(LEAD).max(20);
    let mut about = "";
    for check in &checks.0 {
        let (style, mark) = check.standing.mark();
        let mark = screen.styled(style, mark);
        let subject = if check.about == about {
            ""
        } else {
            check.about
        };
        about = check.about;
        let mut lead = format!("{mark}  {subject:<width$}", width = LEAD - 9);
        for line in wrap(&check.text, room) {
            screen.line(&format!("{lead}{line}"))?;
            lead = " ".repeat(LEAD);
        }
    }
    screen.line("")?;
    let (look, wrong) = (
        checks.how_many(Standing::Look),
        checks.how_many(Standing::Wrong),
    );
    let verdict = match (wrong, look) {
        (0, 0) => screen.styled(Style::Good, "Everything is in order."),
        (0, look) => screen.styled(
            Style::Careful,
            &format!(
                "Nothing is wrong; {} a look.",
                count(look, "check deserves", "checks deserve")
            ),
        ),
        (wrong, look) => {
            let wrong = count(wrong, "check is wrong", "checks are wrong");
            let also = match look {
                0 => String::new(),
                look => format!(
                    ", and {} a look",
                    count(look, "more deserves", "more deserve")
                ),
            };
            screen.styled(Style::Bad, &format!("{wrong}{also}."))
        }
    };
    screen.line(&verdict)
}
