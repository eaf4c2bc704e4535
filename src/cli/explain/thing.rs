//! What the given text is: the most telling reading wins, and the answer names it.
//!
//! A name of the catalogue comes first, then what has the shape of a host or URL, then a log line, then a user
//! agent. `claude-cli/1.0 (external)` could be a host with a path; a product with a version is a user agent.

use std::net::IpAddr;
use std::sync::Arc;

use crate::catalogue::{Catalogue, Question, Service};
use crate::cli::catalogue::naming;
use crate::cli::opened;
use crate::cli::scan::format_named;
use crate::cli::table::shown;
use crate::config::Config;
use crate::formats::{Format, Formats};
use crate::model::Host;

use super::record::{self, Reading};

/// What a text was taken for.
#[derive(Debug)]
pub(super) enum Thing<'t> {
    Host(Host),
    Url {
        method: Option<String>,
        host: Host,
        path: String,
    },
    UserAgent(&'t [u8]),
    Record(Box<Reading<'t>>),
    /// The service, and others that are called the same.
    Service(&'t Service, Vec<&'t Service>),
}

/// Takes a text for what it most probably is, or for a record of the format that is named.
pub(super) fn of<'t>(
    given: &'t [u8],
    named: Option<&str>,
    config: &Config,
    catalogue: &'t Catalogue,
    zone: &jiff::tz::TimeZone,
) -> anyhow::Result<Thing<'t>> {
    let given = given.trim_ascii_end();
    anyhow::ensure!(
        !given.trim_ascii().is_empty(),
        "there is nothing to explain; give a host, a URL, a user agent, a log line or the name of a service"
    );
    let line = std::str::from_utf8(given)
        .ok()
        .filter(|text| !text.contains('\n'));
    if named.is_none()
        && let Some(thing) = line.and_then(|line| named_or_shaped(line, catalogue))
    {
        return Ok(thing);
    }
    // Reading what every format is takes a third as long as the catalogue: only who asks for it waits.
    let formats = opened::formats(config)?;
    if let Some(name) = named {
        let format = format_named(name, &formats)?;
        let reading = record::read(given, format, formats.detect(given), true, zone);
        return Ok(Thing::Record(Box::new(reading)));
    }
    let detection = formats.detect(given);
    anyhow::ensure!(
        detection.binary.is_none(),
        "this is {}; give text, or look at the file with `gnomon formats detect FILE`",
        detection.binary.unwrap_or_default()
    );
    let likeliest = detection
        .ranking
        .first()
        .map(|ranked| ranked.format.clone());
    let format = detection
        .chosen
        .clone()
        .or(likeliest)
        .or_else(|| surest(&formats, given));
    if let Some(format) = format {
        let reading = record::read(given, format, detection, false, zone);
        return Ok(Thing::Record(Box::new(reading)));
    }
    let agent = given.trim_ascii();
    let is_agent = catalogue.match_user_agent(agent).is_some() || is_product(agent);
    if is_agent && !agent.contains(&b'\n') {
        return Ok(Thing::UserAgent(agent));
    }
    match line.and_then(naming::alone) {
        Some(Question::Host(host)) => Ok(Thing::Host(host)),
        Some(Question::Url { method, host, path }) => Ok(Thing::Url { method, host, path }),
        _ => Err(unclear(given, catalogue)),
    }
}

/// The format that claims the first line most surely. Recognition looks at the first blocks of a log only, and a
/// single line can be longer.
fn surest(formats: &Formats, given: &[u8]) -> Option<Arc<Format>> {
    let line = given.split(|b| *b == b'\n').next()?;
    let (score, format) = formats
        .iter()
        .map(|format| (format.sniff(line), format))
        .max_by_key(|(score, _)| *score)?;
    (score > 0).then(|| format.clone())
}

/// What is clear without looking at log formats.
fn named_or_shaped<'t>(line: &'t str, catalogue: &'t Catalogue) -> Option<Thing<'t>> {
    if let Some((name, agent)) = line.split_once(':')
        && name.trim().eq_ignore_ascii_case("user-agent")
    {
        return Some(Thing::UserAgent(agent.trim().as_bytes()));
    }
    let question = naming::alone(line);
    let is_known_host = matches!(&question, Some(Question::Host(host))
        if catalogue.match_host(host.as_str()).is_some());
    if !is_known_host && let [service, others @ ..] = naming::named(catalogue, line).as_slice() {
        return Some(Thing::Service(service, others.to_vec()));
    }
    match question? {
        Question::Host(host) if host.as_str().contains('.') => Some(Thing::Host(host)),
        Question::Url { method, host, path }
            if line.contains("://") || host.as_str().contains('.') =>
        {
            Some(Thing::Url { method, host, path })
        }
        _ => None,
    }
}

/// `name/1…` at the beginning, with no dot in the name.
fn is_product(text: &[u8]) -> bool {
    let Some(slash) = memchr::memchr(b'/', text) else {
        return false;
    };
    let (name, version) = text.split_at(slash);
    !name.is_empty()
        && !name.iter().any(|b| matches!(b, b'.' | b':' | b'\t'))
        && version.get(1).is_some_and(u8::is_ascii_digit)
}

/// Says what it could not be taken for, and what would have been understood.
fn unclear(given: &[u8], catalogue: &Catalogue) -> anyhow::Error {
    let text = String::from_utf8_lossy(given);
    let excerpt = shown(text.trim(), 60);
    let bare = text.trim().split("://").last().unwrap_or_default();
    let bare = bare.split('/').next().unwrap_or_default();
    let bare = bare.trim_matches(['[', ']']);
    if bare.parse::<IpAddr>().is_ok() {
        return anyhow::anyhow!(
            "\"{excerpt}\" is an address, and signatures speak of names; explain the host, or the log line that holds it"
        );
    }
    let is_url = text.trim().split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if is_url {
        return anyhow::anyhow!(
            "\"{excerpt}\" holds no host name that DNS would know; explain the URL as METHOD https://HOST/PATH, without user names in it"
        );
    }
    let near = naming::similar(catalogue, &text);
    if near.is_empty() {
        return anyhow::anyhow!(
            "cannot tell what \"{excerpt}\" is; give a host, a URL, `User-Agent: …` or a whole log line, with --format NAME if its format is not recognised (see `gnomon formats list`)"
        );
    }
    let near: Vec<String> = near
        .into_iter()
        .map(|service| shown(&naming::title(service), 60))
        .collect();
    anyhow::anyhow!(
        "no service is called \"{excerpt}\"; did you mean {}?",
        near.join(", ")
    )
}
