//! `gnomon apps`: the register, filtered and sorted, or everything about one application.

mod show;

use crate::govern::Band;
use crate::model::{Archetype, ServiceModel, State, Time};
use crate::reports::Application;
use crate::reports::json::{OneByOne, write_with};

use super::Exit;
use super::global::Global;
use super::labelled::count;
use super::output::Output;
use super::register::{For, Register};
use super::screen::{Screen, Style};
use super::table::{bytes, grouped, table};
use super::wrong_usage;

/// List the applications in use, or show everything about one
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon apps\n  gnomon apps --state new --band high --sort users\n  gnomon apps --segment finance --output json\n  gnomon apps show openai.chatgpt"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The applications in use (the same as `gnomon apps`)
    List(List),
    /// Everything about one application
    Show(show::Args),
}

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct List {
    /// Only in this state: new, in_review, sanctioned, tolerated, restricted, blocked, not_genai, retired
    #[arg(long)]
    state: Option<State>,
    /// Only of this service model: saas, paas, iaas
    #[arg(long)]
    model: Option<ServiceModel>,
    /// Only of this kind: consumer-chat, enterprise-chat, embedded, api, self-hosted, agent, voice, router
    #[arg(long)]
    archetype: Option<Archetype>,
    /// Only of this risk: low, medium, high, critical
    #[arg(long)]
    band: Option<Band>,
    /// Only used in this segment
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,
    /// What comes first
    #[arg(long, value_enum, default_value_t, value_name = "BY")]
    sort: Sort,
    /// Answer in JSON instead of a table
    #[arg(long, short, value_enum, value_name = "KIND")]
    output: Option<Output>,
    /// Measure due dates against this moment instead of now
    #[arg(long, value_name = "TIME")]
    as_of: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Sort {
    /// The highest risk
    #[default]
    Risk,
    /// The most events
    Events,
    /// The most users, or clients where no log names users
    Users,
    /// The alphabet
    Name,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    if args.what.is_some() && args.list != List::default() {
        wrong_usage("filters of the list stand after `gnomon apps list`, and `show` takes none");
    }
    match args.what {
        Some(What::Show(args)) => show::run(&args, global, screen),
        Some(What::List(list)) => run_list(&list, global, screen),
        None => run_list(&args.list, global, screen),
    }
}

fn run_list(list: &List, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, list.as_of)?;
    let apps = &mut register.report.applications;
    let all = apps.len();
    apps.retain(|app| list.wants(app));
    sort(apps, list.sort);
    if list.output == Some(Output::Json) {
        apps.iter_mut().for_each(without_people);
        let answer = serde_json::json!({ "schema": "gnomon.apps/1", "as_of": register.now });
        let list = OneByOne(|| apps.iter().map(serde_json::to_value));
        write_with("applications", &list, answer, screen)?;
        return Ok(Exit::Fine);
    }
    if apps.is_empty() {
        let text = match all {
            0 => "The register is empty: no GenAI application was seen yet.".to_owned(),
            all => format!(
                "None of the {} in the register fits these filters; see all with `gnomon apps`.",
                count(all, "application", "applications")
            ),
        };
        screen.wrapped(0, &text)?;
        return Ok(Exit::Fine);
    }
    write(apps, screen)?;
    if apps.len() < all {
        let text = format!("{} of {all} applications.", apps.len());
        screen.line("")?;
        screen.line(&screen.styled(Style::Quiet, &text))?;
    }
    Ok(Exit::Fine)
}

impl List {
    fn wants(&self, app: &Application) -> bool {
        self.state.is_none_or(|state| app.state == state)
            && self.model.is_none_or(|model| app.model == model)
            && self.archetype.is_none_or(|kind| app.archetype == kind)
            && self.band.is_none_or(|band| app.risk.band == band.as_str())
            && self.segment.as_ref().is_none_or(|wanted| {
                app.segments
                    .iter()
                    .any(|segment| segment.name.eq_ignore_ascii_case(wanted))
            })
    }
}

fn sort(apps: &mut [Application], by: Sort) {
    let people = |app: &Application| {
        if app.users > 0 {
            app.users
        } else {
            app.clients
        }
    };
    // The report's own order is by risk; these sorts are stable.
    match by {
        Sort::Risk => {}
        Sort::Events => apps.sort_by_key(|app| std::cmp::Reverse(app.events + app.attempts)),
        Sort::Users => apps.sort_by_key(|app| std::cmp::Reverse(people(app))),
        Sort::Name => apps.sort_by_key(|app| app.name.to_lowercase()),
    }
}

/// Names of people and machines are for `apps show --people` and the SOC's report alone.
fn without_people(app: &mut Application) {
    app.top_clients.clear();
    app.top_users.clear();
}

fn write(apps: &[Application], screen: &mut Screen) -> std::io::Result<()> {
    let rows = apps
        .iter()
        .map(|app| {
            vec![
                app.id.clone(),
                app.archetype.to_string(),
                app.state.to_string(),
                format!("{} {}", app.risk.residual, app.risk.band),
                people(app),
                grouped(app.events),
                if app.attempts > 0 {
                    grouped(app.attempts)
                } else {
                    String::new()
                },
                sent(app),
            ]
        })
        .collect();
    let headings = [
        "id", "kind", "state", "risk", "used by", ">events", ">blocked", ">sent",
    ];
    screen.line(&table(screen.width(), &headings, rows))
}

/// Users where a log names them, else clients.
fn people(app: &Application) -> String {
    if app.users > 0 {
        count(app.users as usize, "user", "users")
    } else {
        count(app.clients as usize, "client", "clients")
    }
}

/// What clients sent; nothing counted is not the same as nothing sent.
fn sent(app: &Application) -> String {
    if app.bytes_up > 0 {
        bytes(app.bytes_up)
    } else {
        "–".to_owned()
    }
}
