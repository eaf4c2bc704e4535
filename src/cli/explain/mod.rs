//! `gnomon explain`: what a host, a URL, a user agent, a log line or a service is to us, and why.
//!
//! One [`answer::Answer`] is put together and printed, for people or as JSON, so that both read the same. It opens
//! the store only to say what is known of a service here; without one it says so and goes on.

mod answer;
mod app;
mod duties;
mod print;
mod print_service;
mod record;
mod register;
mod tally;
mod thing;

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStringExt;

use anyhow::Context as _;

use super::Exit;
use super::global::Global;
use super::opened;
use super::output::{Output, json};
use super::scan::zone_named;
use super::screen::Screen;

/// Say what a host, URL, user agent, log line or service is taken for, and why
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon explain chatgpt.com\n  gnomon explain POST https://api.openai.com/v1/responses\n  gnomon explain 'User-Agent: claude-cli/1.0'\n  gnomon explain '1795469967.062 3 192.0.2.7 TCP_TUNNEL/200 632 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.5 -'\n  grep 192.0.2.7 dns.log | gnomon explain - --format bind\n  gnomon explain openai.chatgpt --output json\n  gnomon explain --app openai.chatgpt"
)]
pub(super) struct Args {
    /// A host, a URL (with a method before it or without), a user agent, a log line, or the id or name of a
    /// service; - reads it from stdin
    #[arg(
        required_unless_present = "app",
        conflicts_with = "app",
        value_name = "THING",
        allow_negative_numbers = true
    )]
    thing: Vec<OsString>,
    /// Explain an application of the register instead: how far its evidence goes, for how many clients
    #[arg(long, value_name = "ID", conflicts_with_all = ["format", "timezone"])]
    app: Option<String>,
    /// Read it as a log line of this format
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Zone of times written without one
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Print JSON instead
    #[arg(long, short, value_name = "KIND")]
    output: Option<Output>,
}

/// More than this of stdin is not looked at.
const MAX_STDIN: u64 = 4 << 20;

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    if let Some(id) = &args.app {
        return app::run(id, args.output, global, screen);
    }
    let config = global.config()?;
    let zone = zone_named(args.timezone.as_deref(), &config)?;
    let given = given(args.thing)?;
    let policy = opened::kept_policy(&config)?;
    let format = args.format.as_deref();
    let thing = thing::of(&given, format, &config, &policy.catalogue, &zone)?;
    let answer = answer::of(&thing, policy, &config)?;
    if args.output.is_some() {
        json("gnomon.explain/1", &answer, screen)?;
    } else {
        print::write(&answer, screen)?;
    }
    Ok(Exit::Fine)
}

/// The words of the command line, joined as the shell took them apart, or stdin.
fn given(words: Vec<OsString>) -> anyhow::Result<Vec<u8>> {
    if let [only] = words.as_slice()
        && only == "-"
    {
        let mut text = Vec::new();
        io::stdin()
            .lock()
            .take(MAX_STDIN)
            .read_to_end(&mut text)
            .context("stdin")?;
        return Ok(text);
    }
    let words: Vec<Vec<u8>> = words.into_iter().map(OsStringExt::into_vec).collect();
    Ok(words.join(&b' '))
}
