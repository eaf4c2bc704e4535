//! From values to an event: what every mapping has in common.
//!
//! Where a request went is read from whatever a product writes: a host, an authority, a URL with or without scheme, a request
//! line. What became of it: the mapping's own words first; a 407 is a demand for a password whatever the action
//! says; then the DNS answer or the status.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::formats::clock::{Clock, Stamp, offset_secs, place};
use crate::formats::cursor::{ip, number, split, split_last};
use crate::formats::target::Target;
use crate::formats::wire_http;
use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Untrusted};

use super::plan::{Known, Plan};
use super::schema::Zone;
use super::stamp;
use super::values::{Values, address, qtype};

/// What a record alone does not say.
pub(super) struct Around<'r> {
    /// The time in the header around the record; looked for only where the record has none.
    pub(super) stamp: &'r dyn Fn() -> Option<Stamp>,
    /// Whether that stands in for a time that is empty: not where a record is found by what is readable in it.
    pub(super) may_lack_time: bool,
    /// The day of the rows that follow.
    pub(super) day: Option<&'r [u8]>,
    pub(super) tells: Fields,
    pub(super) formats: &'r [String],
    pub(super) zone: Zone,
}

/// Reads a record by a plan.
pub(super) fn read<'a>(
    plan: &Plan,
    values: Values<'_, 'a>,
    around: &Around<'_>,
    clock: &mut Clock,
) -> Parsed<'a> {
    let unwanted = plan.skips.iter().find(|skip| {
        let value = values.slot(skip.slot);
        skip.values.has(value.as_deref().unwrap_or_default())
    });
    if let Some(skip) = unwanted {
        return Parsed::Skip(skip.why);
    }
    let time = match moment(plan, values, around) {
        Ok(stamp) => match clock.time(stamp) {
            Some(time) => time,
            None => return Parsed::Bad("no such day"),
        },
        Err(why) => return Parsed::Bad(why),
    };
    let went = target(plan, values);
    if plan.kind == Kind::Dns && went.host.is_none() {
        return Parsed::Skip("no name asked for");
    }
    let who = client(plan, values, around.tells);
    // In one piece: what is noted one after the other is looked at each time for what was there.
    let mut event = Event {
        kind: plan.kind,
        time,
        tells: who.tells,
        client: who.address,
        client_port: who.port,
        client_name: who.name,
        user: user(plan, values),
        host: went.host,
        port: went.port,
        path: went.path,
        method: went.method,
        status: values
            .count(plan, Known::Status)
            .and_then(|status| u16::try_from(status).ok())
            .filter(|status| (100..1000).contains(status)),
        outcome: Outcome::Unknown,
        bytes_up: values.count(plan, Known::BytesUp),
        bytes_down: values.count(plan, Known::BytesDown),
        duration_ms: values
            .millis(plan, Known::DurationMs, 1.0)
            .or_else(|| values.millis(plan, Known::DurationSecs, 1e-3))
            .or_else(|| values.millis(plan, Known::DurationUs, 1e3))
            .or_else(|| values.millis(plan, Known::DurationNs, 1e6)),
        user_agent: values.untrusted(plan, Known::UserAgent),
        qtype: values.text(plan, Known::Qtype).map(qtype),
        answers: values.list(plan, Known::Answers),
        server: values
            .text(plan, Known::Server)
            .and_then(|text| address(&text))
            .map(|(address, _)| address),
        referer_host: values
            .text(plan, Known::Referer)
            .and_then(|url| cut(url, |url| Target::any(url)).host),
        content_type: values.untrusted(plan, Known::ContentType),
        category: values.untrusted(plan, Known::Category),
        device: values.untrusted(plan, Known::Device),
        mcp_method: values.untrusted(plan, Known::McpMethod),
        mcp_name: values.untrusted(plan, Known::McpName),
        mcp_session: values.untrusted(plan, Known::McpSession),
        mcp_version: values.untrusted(plan, Known::McpVersion),
    };
    if says_nothing(&event) {
        return Parsed::Bad("neither a client nor a target in it");
    }
    event.outcome = outcome(plan, values, &event);
    Parsed::Event(event)
}

/// Whether nobody did anything anywhere: the record is of something else, or in pieces.
const fn says_nothing(event: &Event<'_>) -> bool {
    event.client.is_none()
        && event.client_name.is_none()
        && event.user.is_none()
        && event.device.is_none()
        && event.host.is_none()
        && event.path.is_none()
        && event.server.is_none()
}

/// When: the record's own time, or the one in the header around it.
fn moment(
    plan: &Plan,
    values: Values<'_, '_>,
    around: &Around<'_>,
) -> Result<Option<Stamp>, &'static str> {
    if plan.from(Known::Time).is_none() {
        let utc = |stamp| match around.zone {
            Zone::Utc => stamp::at(stamp, 0),
            Zone::Source => stamp,
        };
        return Ok((around.stamp)().map(utc));
    }
    if values.text(plan, Known::Time).is_none() {
        let stamp = around.may_lack_time.then(|| (around.stamp)()).flatten();
        return stamp.map(Some).ok_or("no time in it");
    }
    let day = values.text(plan, Known::Date);
    let day = day
        .as_deref()
        .or(around.day)
        .filter(|_| plan.from(Known::Date).is_some());
    let read = values
        .each(plan, Known::Time)
        .find_map(|time| stamp::read_with_day(day, &time, around.formats));
    let Some(read) = read else {
        // A relay took `date=…` for its own and left the time of day: its header says when.
        let is_headless = day.is_none()
            && plan.from(Known::Date).is_some()
            && values
                .each(plan, Known::Time)
                .any(|time| stamp::is_of_day(&time));
        let stamp = is_headless.then(|| (around.stamp)()).flatten();
        return stamp.map(Some).ok_or("no readable time");
    };
    let named = values.text(plan, Known::Zone);
    let named = named.and_then(|zone| match offset_secs(&zone) {
        Some(secs) => read.at(secs),
        None => read.in_zone(&place(&zone)?),
    });
    Ok(Some(match (named, around.zone) {
        (Some(stamp), _) => stamp,
        (None, Zone::Utc) => stamp::at(read, 0),
        (None, Zone::Source) => read,
    }))
}

/// The user, with the domain in front where it stands elsewhere.
fn user<'a>(plan: &Plan, values: Values<'_, 'a>) -> Option<Untrusted<'a>> {
    let user = values.text(plan, Known::User)?;
    let is_whole = memchr::memchr2(b'\\', b'@', &user).is_some();
    let domain = values.text(plan, Known::UserDomain).filter(|_| !is_whole);
    Some(match domain {
        Some(domain) => Untrusted::rebuilt([&domain, &b"\\"[..], &user].concat()),
        None => Untrusted::from(user),
    })
}

/// Who asked, and what a record tells with that.
struct Who<'a> {
    address: Option<IpAddr>,
    port: Option<u16>,
    name: Option<Untrusted<'a>>,
    tells: Fields,
}

fn client<'a>(plan: &Plan, values: Values<'_, 'a>, tells: Fields) -> Who<'a> {
    let port = |text: &[u8]| number(text).and_then(|n| u16::try_from(n).ok());
    let mut who = Who {
        address: None,
        port: None,
        name: values.untrusted(plan, Known::ClientName),
        tells,
    };
    if let Some(text) = values.text(plan, Known::Client) {
        match address(&text) {
            Some((client, behind)) => {
                who.address = Some(client);
                who.port = behind;
                if behind.is_some() {
                    who.tells = tells.with(Field::ClientPort);
                }
            }
            None if who.name.is_none() => {
                who.name = Some(Untrusted::from(text));
                who.tells = tells.with(Field::ClientName);
            }
            None => {}
        }
    }
    if let Some(text) = values.text(plan, Known::ClientPort) {
        who.port = port(&text).filter(|port| *port != 0);
    }
    who
}

/// Where a request went and how, independent of what that was cut from.
#[derive(Debug, Default)]
struct Went<'a> {
    host: Option<Untrusted<'a>>,
    port: Option<u16>,
    path: Option<Untrusted<'a>>,
    method: Option<Untrusted<'a>>,
}

/// Cuts a text that may be borrowed from the record, or may not.
fn cut<'a>(text: Cow<'a, [u8]>, by: impl Fn(&[u8]) -> Target<'_>) -> Went<'a> {
    match text {
        Cow::Borrowed(text) => {
            let target = by(text);
            Went {
                host: target.host_text(),
                port: target.port,
                path: target.path_text(),
                method: None,
            }
        }
        Cow::Owned(text) => {
            let target = by(&text);
            Went {
                host: target.host_text().map(Untrusted::into_owned),
                port: target.port,
                path: target.path_text().map(Untrusted::into_owned),
                method: None,
            }
        }
    }
}

fn target<'a>(plan: &Plan, values: Values<'_, 'a>) -> Went<'a> {
    let mut method = values.text(plan, Known::Method).map(in_capitals);
    let mut url = values.text(plan, Known::Url);
    if let Some(request) = values.text(plan, Known::Request) {
        let (said, asked) = request_line(request);
        method = method.or(said);
        url = url.or(asked);
    }
    let tunnel = method
        .as_ref()
        .is_some_and(|method| method.bytes().eq_ignore_ascii_case(b"CONNECT"))
        || url
            .as_deref()
            .is_some_and(|url| url.starts_with(b"tunnel://") || url.starts_with(b"tcp://"));
    let is_whole = tunnel || url.as_deref().is_some_and(has_scheme);
    let mut went = url.map_or_else(Went::default, |url| cut(url, |url| Target::any(url)));
    // A URL names whom the request was for; a host beside it may be a header that the client made up.
    let is_settled = is_whole
        && went
            .host
            .as_ref()
            .is_some_and(|host| ip(host.bytes()).is_none());
    if let Some(host) = values.text(plan, Known::Host).filter(|_| !is_settled) {
        if plan.kind == Kind::Dns {
            went.host = Some(Untrusted::from(host));
        } else {
            let named = cut(host, |host| Target::any(host));
            if named.host.is_some() {
                went.port = named.port.or(went.port);
                went.host = named.host;
            }
        }
    }
    if let Some(path) = values.text(plan, Known::Path) {
        let named = cut(path, |path| Target {
            path: path
                .starts_with(b"/")
                .then(|| super::super::target::path_of(path)),
            ..Target::default()
        });
        went.path = named.path.or(went.path);
    }
    if let Some(port) = values.count(plan, Known::Port) {
        let port = u16::try_from(port).ok().filter(|port| *port != 0);
        went.port = port.or(went.port);
    }
    went.path = went.path.filter(|_| !tunnel);
    went.method = method;
    went
}

/// Whether `://` stands in a text.
fn has_scheme(url: &[u8]) -> bool {
    memchr::memchr_iter(b':', url).any(|at| url.get(at + 1..at + 3) == Some(b"//"))
}

/// Methods are written in capitals, whatever a product makes of them.
fn in_capitals(method: Cow<'_, [u8]>) -> Untrusted<'_> {
    const METHODS: [&str; 9] = [
        "GET", "POST", "HEAD", "PUT", "CONNECT", "OPTIONS", "DELETE", "PATCH", "TRACE",
    ];
    match METHODS
        .iter()
        .find(|known| method.eq_ignore_ascii_case(known.as_bytes()))
    {
        Some(known) => Untrusted::from(*known),
        None => Untrusted::from(method),
    }
}

/// `GET http://a.example/ HTTP/1.1`: method and URL; a URL may hold blanks.
fn request_line(line: Cow<'_, [u8]>) -> (Option<Untrusted<'_>>, Option<Cow<'_, [u8]>>) {
    fn parts(line: &[u8]) -> Option<(&[u8], &[u8])> {
        let (method, rest) = split(line, b' ')?;
        let is_method = method.len() <= 32
            && method
                .iter()
                .all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
        let rest = rest.trim_ascii();
        let url = match split_last(rest, b' ') {
            Some((url, protocol)) if protocol.starts_with(b"HTTP/") => url,
            _ => rest,
        };
        is_method.then_some((method, url))
    }
    match line {
        Cow::Borrowed(line) => match parts(line) {
            Some((method, url)) => (Some(Untrusted::new(method)), Some(Cow::Borrowed(url))),
            None => (None, None),
        },
        Cow::Owned(line) => match parts(&line) {
            Some((method, url)) => (
                Some(Untrusted::rebuilt(method.to_vec())),
                Some(Cow::Owned(url.to_vec())),
            ),
            None => (None, None),
        },
    }
}

fn outcome(plan: &Plan, values: Values<'_, '_>, event: &Event<'_>) -> Outcome {
    let said = plan.outcome.iter().find_map(|rule| {
        let value = values.slot(rule.slot);
        let value = value.as_deref().unwrap_or_default();
        [
            (&rule.blocked, Outcome::Blocked),
            (&rule.error, Outcome::Error),
            (&rule.allowed, Outcome::Allowed),
            (&rule.unknown, Outcome::Unknown),
        ]
        .into_iter()
        .find(|(words, _)| words.has(value))
        .map(|(_, outcome)| outcome)
    });
    if event.status == Some(407) {
        return Outcome::Error;
    }
    if let Some(said) = said {
        return said;
    }
    if plan.kind == Kind::Dns {
        return answered(values.text(plan, Known::Rcode).as_deref(), &event.answers);
    }
    let method = event.method.as_ref().map(Untrusted::bytes);
    wire_http::outcome(method, true, event.status)
}

/// What a resolver's answer means; a name that leads to nowhere was blocked.
fn answered(rcode: Option<&[u8]>, answers: &[Untrusted<'_>]) -> Outcome {
    let nowhere = |answer: &Untrusted<'_>| matches!(answer.bytes(), b"0.0.0.0" | b"::");
    let sinkhole = !answers.is_empty() && answers.iter().all(nowhere);
    let fine = |rcode: &[u8]| {
        number(rcode) == Some(0)
            || rcode.eq_ignore_ascii_case(b"NOERROR")
            || rcode.eq_ignore_ascii_case(b"No Error")
    };
    match rcode {
        _ if sinkhole => Outcome::Blocked,
        Some(rcode) if fine(rcode) => Outcome::Allowed,
        Some(_) => Outcome::Error,
        None if answers.is_empty() => Outcome::Unknown,
        None => Outcome::Allowed,
    }
}
