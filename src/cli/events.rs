//! `gnomon events`: what was understood of each record, one JSON object per line.

use std::io::Write as _;
use std::path::PathBuf;

use crate::formats::{self, Context, Formats, Parser};
use crate::model::{Parsed, Time};
use crate::sources::scan::Scan;
use crate::sources::{Chunk, Next, Source as _};

use super::Exit;
use super::global::Global;
use super::opened;
use super::scan::{format_named, zone_named};
use super::screen::Screen;

/// Print what was understood of each record, as JSON lines
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gnomon events /var/log/squid/access.log | head\n  gnomon events --format bind --timezone Europe/Berlin queries.log.1.gz"
)]
pub(super) struct Args {
    /// Files or directories; - is stdin
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read as this format instead of recognising it
    #[arg(long, value_name = "NAME")]
    format: Option<String>,
    /// Zone of times written without one
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
}

pub(super) fn run(args: Args, global: &Global, screen: &mut Screen) -> anyhow::Result<Exit> {
    let config = global.config()?;
    let zone = zone_named(args.timezone.as_deref(), &config)?;
    let formats = opened::formats(&config)?;
    if let Some(name) = &args.format {
        format_named(name, &formats)?;
    }
    let readable = read(
        opened::scan(&config, args.paths, args.format.as_deref()),
        &formats,
        &zone,
        &mut |line, name, parsed| screen.line(&formats::json_line(line, name, parsed)),
    )?;
    Ok(if readable == 0 {
        Exit::Failed
    } else {
        Exit::Fine
    })
}

/// Is shown the line of a record, the name of its format, and what was understood of it.
type Show<'s> = &'s mut dyn FnMut(u64, &'static str, &Parsed<'_>) -> std::io::Result<()>;

/// Shows every record of these logs, in order; says on stderr what could not be read, and returns how many files could.
pub(super) fn read(
    mut source: Scan,
    formats: &Formats,
    zone: &jiff::tz::TimeZone,
    show: Show<'_>,
) -> anyhow::Result<usize> {
    let mut stream: Option<Reading> = None;
    loop {
        match source.next() {
            Next::Chunk(chunk) => {
                let current = match &mut stream {
                    Some(reading) if reading.number == chunk.stream => reading,
                    other => other.insert(Reading::open(&chunk, formats, zone)),
                };
                current.read(&chunk, show)?;
            }
            Next::Trouble { source, note } | Next::Lost { source, note } => {
                writeln!(std::io::stderr(), "gnomon: {source}: {note}")?;
            }
            Next::Forget(_) => {}
            Next::Idle | Next::End => break,
        }
    }
    Ok(source.readable())
}

/// The parser of the file being read.
struct Reading {
    number: u64,
    name: &'static str,
    parser: Option<Box<dyn Parser>>,
}

impl Reading {
    fn open(chunk: &Chunk, formats: &Formats, zone: &jiff::tz::TimeZone) -> Self {
        let head = chunk.head.as_deref().unwrap_or(&chunk.bytes);
        let format = match &chunk.format {
            Some(name) => formats.named(name).ok(),
            None => formats.detect(head).chosen,
        };
        let context = Context {
            zone: zone.clone(),
            modified: modified(chunk.modified),
        };
        Self {
            number: chunk.stream,
            name: format.as_ref().map_or("", |format| format.name),
            parser: format.map(|format| format.open(&context)),
        }
    }

    fn read(&mut self, chunk: &Chunk, show: Show<'_>) -> std::io::Result<()> {
        let mut last = chunk.line;
        for (line, record) in (chunk.line..).zip(crate::pipeline::records(&chunk.bytes)) {
            last = line;
            for record in formats::parts(record) {
                let parsed = match &mut self.parser {
                    Some(parser) => parser.parse(record),
                    None => Parsed::Bad("format not recognised"),
                };
                show(line, self.name, &parsed)?;
            }
        }
        if let Some(parser) = self.parser.as_mut().filter(|_| chunk.last) {
            for event in parser.finish() {
                let event = Parsed::Event(event);
                show(last, self.name, &event)?;
            }
        }
        Ok(())
    }
}

/// Stdin has no time of writing; then it is being written now.
fn modified(modified: Time) -> Time {
    if modified == Time::default() {
        Time::from(jiff::Timestamp::now())
    } else {
        modified
    }
}
