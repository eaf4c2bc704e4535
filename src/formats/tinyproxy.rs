//! Tinyproxy's log, in a file of its own or through syslog.
//!
//! `CONNECT   Nov 23 10:43:58.635 [77]: Request (file descriptor 5): GET http://a.example/ HTTP/1.1`, from its
//! src/log.c, reqs.c and child.c of 1.8 to 1.11, and seen in 1.11. The client stands in an earlier line, joined by process
//! number and file descriptor; if that is missing, nobody knows it. What became of a request stands in a later line, mostly
//! without either number: once the log has shown that it filters, requests wait for that line, joined by host.
//! Nothing tells users, user agents and sizes.

use std::net::IpAddr;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::{Clock, Stamp, syslog_stamp};
use super::cursor::{Cursor, ip, number, split, split_last};
use super::target::Target;
use super::{Coded, Context, Parser, envelope};

pub(super) static TINYPROXY: Coded = Coded {
    name: "tinyproxy",
    title: "Tinyproxy log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (
            Field::Client,
            "set LogLevel to Connect or Info in tinyproxy.conf",
        ),
        (
            Field::User,
            "Tinyproxy never logs users; use Squid, whose native log names them, where people must be told apart",
        ),
        (
            Field::UserAgent,
            "Tinyproxy never logs user agents; use Squid with logformat combined",
        ),
        (
            Field::BytesUp,
            "Tinyproxy never logs sizes; use Squid with %>st in its logformat",
        ),
    ],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Outcome,
]);

/// Tinyproxy serves 100 clients at a time unless told otherwise.
const CONNECTIONS: usize = 1024;
/// A longer URL keeps its beginning.
const URL_BYTES: usize = 2048;

fn sniff(record: &[u8]) -> u8 {
    match Line::read(record) {
        Some(line) if line.says.starts_with(b"Request (file descriptor ") => 95,
        Some(line) if line.says.starts_with(b"Connect (file descriptor ") => 95,
        Some(line) if line.says.starts_with(REFUSED) => 95,
        Some(_) => 60,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Tinyproxy {
        clock: Clock::new(context),
        connections: Vec::new(),
        filters: false,
    })
}

const REFUSED: &[u8] = b"Proxying refused on filtered ";

struct Tinyproxy {
    clock: Clock,
    /// The oldest first.
    connections: Vec<Connection>,
    /// Whether a request was refused in this log.
    filters: bool,
}

#[derive(Debug, Default)]
struct Connection {
    process: u64,
    descriptor: u64,
    client: Option<IpAddr>,
    client_name: Option<Vec<u8>>,
    request: Option<Request>,
}

#[derive(Debug)]
struct Request {
    time: Time,
    method: Vec<u8>,
    url: Vec<u8>,
    /// Whether it became an event already.
    is_told: bool,
}

impl Parser for Tinyproxy {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(line) = Line::read(record) else {
            let envelope = envelope::open(record);
            return if record.trim_ascii().is_empty() {
                Parsed::Skip("empty line")
            } else if envelope.is_foreign_to(&[b"tinyproxy", b""]) {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad("not a tinyproxy line")
            };
        };
        let Some(time) = self.clock.time(line.stamp) else {
            return Parsed::Bad("no time");
        };
        self.understand(&line, time)
            .map_or(Parsed::Skip("not a request"), |parsed| parsed)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

impl Tinyproxy {
    fn understand(&mut self, line: &Line<'_>, time: Time) -> Option<Parsed<'static>> {
        if let Some((descriptor, peer)) = numbered(line.says, b"Connect (file descriptor ") {
            return Some(self.connect(line.process, descriptor, peer));
        }
        if let Some((descriptor, request)) = numbered(line.says, b"Request (file descriptor ") {
            return Some(self.request(line.process, descriptor, request, time));
        }
        if let Some(rest) = line.says.strip_prefix(REFUSED) {
            self.filters = true;
            return Some(self.refused(line.process, rest, time));
        }
        self.outcome(line)
            .and_then(|(at, outcome)| self.tell(at, outcome))
            .map(Parsed::Event)
    }

    /// A descriptor that is used again: what waited on it has had its chance.
    fn connect(&mut self, process: u64, descriptor: u64, peer: &[u8]) -> Parsed<'static> {
        let waited = self
            .find(|c| c.process == process && c.descriptor == descriptor)
            .and_then(|at| {
                let event = self.tell(at, Outcome::Unknown);
                self.connections.remove(at);
                event
            });
        let mut cursor = Cursor::new(peer);
        let name = cursor.word().unwrap_or_default();
        // `pc7.example.org [192.0.2.7]` before 1.11; `192.0.2.7 at [203.0.113.1]` names the proxy's own address.
        let address = cursor.word().and_then(ip).or_else(|| ip(name));
        self.keep(Connection {
            process,
            descriptor,
            client: address,
            client_name: ip(name).is_none().then(|| name.to_vec()),
            request: None,
        });
        waited.map_or(Parsed::Skip("a client connected"), Parsed::Event)
    }

    fn request(
        &mut self,
        process: u64,
        descriptor: u64,
        line: &[u8],
        time: Time,
    ) -> Parsed<'static> {
        let Some((method, rest)) = split(line, b' ') else {
            return Parsed::Skip("request without a URL");
        };
        // A URL may hold blanks: the client's last word is the protocol.
        let url = match split_last(rest, b' ') {
            Some((url, protocol)) if protocol.starts_with(b"HTTP/") => url,
            _ => rest,
        };
        let same = |c: &Connection| c.process == process && c.descriptor == descriptor;
        let at = self.find(same).unwrap_or_else(|| {
            self.keep(Connection {
                process,
                descriptor,
                ..Connection::default()
            })
        });
        let is_told = !self.filters;
        if let Some(connection) = self.connections.get_mut(at) {
            connection.request = Some(Request {
                time,
                method: method.to_vec(),
                url: url.get(..URL_BYTES).unwrap_or(url).to_vec(),
                is_told: false,
            });
        }
        if !is_told {
            return Parsed::Skip("request, its outcome follows");
        }
        self.tell(at, Outcome::Unknown)
            .map_or(Parsed::Bad("no request"), Parsed::Event)
    }

    /// `domain "claude.ai"` or `url "http://claude.ai/"`.
    fn refused(&mut self, process: u64, what: &[u8], time: Time) -> Parsed<'static> {
        let Some(name) = quoted(what) else {
            return Parsed::Bad("refused without a name");
        };
        let is_url = what.starts_with(b"url");
        let target = if is_url {
            Target::of(b"", name)
        } else {
            Target::authority(name)
        };
        let host = target.host.or_else(|| Target::authority(name).host);
        let joined = self.find(|c| c.process == process && c.goes_to(host, true));
        if let Some(connection) = joined.and_then(|at| self.connections.get_mut(at))
            && let Some(request) = connection.request.take()
        {
            return Parsed::Event(connection.event(&request, Outcome::Blocked));
        }
        let mut event = Event::new(Kind::Proxy, time, TELLS);
        event.host = host.map(|host| Untrusted::new(host).into_owned());
        event.path = target.path_text().map(Untrusted::into_owned);
        event.outcome = Outcome::Blocked;
        Parsed::Event(event)
    }

    /// The waiting request that this line tells of, and what became of it.
    fn outcome(&self, line: &Line<'_>) -> Option<(usize, Outcome)> {
        let waits = |of: &dyn Fn(&Connection) -> bool| {
            self.find(|c| c.process == line.process && c.waits() && of(c))
        };
        let by_host = |host: &[u8]| waits(&|c| c.goes_to(Some(host), false));
        if let Some(rest) = line.says.strip_prefix(b"Established connection to ") {
            return Some((by_host(quoted(rest)?)?, Outcome::Allowed));
        }
        for failure in [
            &b"opensock: Could not establish a connection to "[..],
            b"opensock: Could not retrieve address info for ",
        ] {
            if let Some(rest) = line.says.strip_prefix(failure) {
                let name = Cursor::new(rest).word()?;
                let name = name.strip_suffix(b":").unwrap_or(name);
                let host = split_last(name, b':').map_or(name, |(host, _)| host);
                return Some((by_host(host)?, Outcome::Error));
            }
        }
        if let Some(port) = line
            .says
            .strip_prefix(b"Refused CONNECT method on port ")
            .and_then(number)
        {
            let at = waits(&|c| c.target().port.map(u64::from) == Some(port))?;
            return Some((at, Outcome::Blocked));
        }
        let (descriptor, outcome) = match line.says.strip_prefix(b"process_request: ") {
            Some(rest) => (number(split_last(rest, b' ')?.1)?, Outcome::Error),
            None => {
                let rest = line
                    .says
                    .strip_prefix(b"Closed connection between local client (fd:")?;
                (number(split(rest, b')')?.0)?, Outcome::Unknown)
            }
        };
        Some((waits(&|c| c.descriptor == descriptor)?, outcome))
    }

    /// The event of the request on this connection, unless it was told before.
    fn tell(&mut self, at: usize, outcome: Outcome) -> Option<Event<'static>> {
        let connection = self.connections.get_mut(at)?;
        let mut request = connection.request.take()?;
        let event = (!request.is_told).then(|| connection.event(&request, outcome));
        request.is_told = true;
        connection.request = Some(request);
        event
    }

    /// The latest such connection.
    fn find(&self, is_it: impl Fn(&Connection) -> bool) -> Option<usize> {
        self.connections.iter().rposition(is_it)
    }

    fn keep(&mut self, connection: Connection) -> usize {
        if self.connections.len() >= CONNECTIONS {
            self.connections.remove(0);
        }
        self.connections.push(connection);
        self.connections.len() - 1
    }
}

impl Connection {
    fn waits(&self) -> bool {
        self.request
            .as_ref()
            .is_some_and(|request| !request.is_told)
    }

    fn target(&self) -> Target<'_> {
        self.request
            .as_ref()
            .map(|request| Target::of(&request.method, &request.url))
            .unwrap_or_default()
    }

    fn goes_to(&self, host: Option<&[u8]>, or_told: bool) -> bool {
        let same = |a: &[u8]| host.is_some_and(|b| a.eq_ignore_ascii_case(b));
        (or_told || self.waits()) && self.target().host.is_some_and(same)
    }

    fn event(&self, request: &Request, outcome: Outcome) -> Event<'static> {
        let mut event = Event::new(Kind::Proxy, request.time, TELLS);
        event.client = self.client;
        if let Some(name) = &self.client_name {
            event.client_name = Some(Untrusted::rebuilt(name.clone()));
            event.tells = event.tells.with(Field::ClientName);
        }
        let target = Target::of(&request.method, &request.url);
        event.host = target.host_text().map(Untrusted::into_owned);
        event.port = target.port;
        event.path = target.path_text().map(Untrusted::into_owned);
        event.method = Some(Untrusted::rebuilt(request.method.clone()));
        event.outcome = outcome;
        event
    }
}

/// A line without its header.
struct Line<'a> {
    stamp: Option<Stamp>,
    process: u64,
    says: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        Self::of_file(record).or_else(|| {
            let envelope = envelope::open(record);
            if envelope.program != b"tinyproxy" {
                return Self::of_file(envelope.body);
            }
            let tag = memchr::memmem::find(record, b"tinyproxy[")?;
            let digits = record.get(tag + b"tinyproxy[".len()..)?;
            Some(Self {
                stamp: envelope.stamp,
                process: number(split(digits, b']')?.0)?,
                says: envelope.body,
            })
        })
    }

    /// `CONNECT   Nov 23 10:43:58.635 [77]: …`
    fn of_file(record: &'a [u8]) -> Option<Self> {
        let (level, rest) = split(record, b' ')?;
        let is_level = (4..=8).contains(&level.len()) && level.iter().all(u8::is_ascii_uppercase);
        let (stamp, rest) = syslog_stamp(rest.trim_ascii_start()).filter(|_| is_level)?;
        let (process, says) = split(rest.strip_prefix(b"[")?, b']')?;
        Some(Self {
            stamp: Some(stamp),
            process: number(process)?,
            says: says.strip_prefix(b": ")?,
        })
    }
}

/// The number, and what follows `): `.
fn numbered<'a>(says: &'a [u8], begin: &[u8]) -> Option<(u64, &'a [u8])> {
    let (digits, rest) = split(says.strip_prefix(begin)?, b')')?;
    Some((number(digits)?, rest.strip_prefix(b": ")?))
}

/// What stands between the first and the last quote.
fn quoted(text: &[u8]) -> Option<&[u8]> {
    let (_, rest) = split(text, b'"')?;
    Some(split_last(rest, b'"')?.0)
}
