//! Tinyproxy's log, in a file of its own or through syslog.
//!
//! `CONNECT   Nov 23 10:43:58.635 [77]: Request (file descriptor 5): GET http://a.example/ HTTP/1.1`, from its
//! src/log.c, reqs.c and child.c of 1.8 to 1.11, and seen in 1.11. The client stands in an earlier line, joined by process
//! number and file descriptor; if that is missing, nobody knows it. What became of a request stands in a later line, mostly
//! without either number: once the log has shown that it filters, requests wait for that line, joined by host.
//! Nothing tells users, user agents and sizes.

use crate::model::{Event, Field, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::Clock;
use super::cursor::{Cursor, ip, number, split, split_last};
use super::target::Target;
use super::tinyproxy_connections::{Connection, Connections, Request, TELLS};
use super::tinyproxy_line::{Line, numbered, quoted};
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

/// Of a longer request line, or name of a client, the beginning is kept.
const KEPT_BYTES: usize = 2048;

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
        connections: Connections::default(),
        filters: false,
    })
}

const REFUSED: &[u8] = b"Proxying refused on filtered ";

struct Tinyproxy {
    clock: Clock,
    connections: Connections,
    /// Whether a request was refused in this log.
    filters: bool,
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
            return Parsed::Bad("no such time");
        };
        let is_cut = line.says.starts_with(b"Request (") || line.says.starts_with(b"Connect (");
        self.understand(&line, time).unwrap_or(if is_cut {
            Parsed::Bad("cut off")
        } else {
            Parsed::Skip("not a request")
        })
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }

    fn finish(&mut self) -> Vec<Event<'static>> {
        self.connections.finish()
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
            .and_then(|(at, outcome)| self.connections.tell(at, outcome))
            .map(Parsed::Event)
    }

    /// A descriptor that is used again: what waited on it has had its chance.
    fn connect(&mut self, process: u64, descriptor: u64, peer: &[u8]) -> Parsed<'static> {
        let waited = self.connections.close(process, descriptor);
        let mut cursor = Cursor::new(peer);
        let name = cursor.word().unwrap_or_default();
        // `pc7.example.org [192.0.2.7]` before 1.11; `192.0.2.7 at [203.0.113.1]` names the proxy's own address.
        let address = cursor.word().and_then(ip).or_else(|| ip(name));
        self.connections.keep(Connection {
            process,
            descriptor,
            client: address,
            client_name: ip(name).is_none().then(|| kept(name).to_vec()),
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
        let Some((method, rest)) = split(kept(line), b' ') else {
            return Parsed::Skip("request without a URL");
        };
        // A URL may hold blanks: the client's last word is the protocol.
        let url = match split_last(rest, b' ') {
            Some((url, protocol)) if protocol.starts_with(b"HTTP/") => url,
            _ => rest,
        };
        let at = self.connections.of(process, descriptor);
        self.connections.ask(
            at,
            Request {
                time,
                method: method.to_vec(),
                url: url.to_vec(),
                is_told: false,
            },
        );
        if self.filters {
            return Parsed::Skip("request, its outcome follows");
        }
        self.connections
            .tell(at, Outcome::Unknown)
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
        let joined = self
            .connections
            .find(|c| c.process == process && c.goes_to(host, true));
        if let Some(event) = joined.and_then(|at| self.connections.refuse(at)) {
            return Parsed::Event(event);
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
            self.connections
                .find(|c| c.process == line.process && c.waits() && of(c))
        };
        let by_host = |host: &[u8]| waits(&|c| c.goes_to(Some(host), false));
        if let Some(rest) = line.says.strip_prefix(b"Established connection to ") {
            let at = match rest.strip_prefix(b"host ") {
                Some(host) => by_host(quoted(host)?)?,
                // `http proxy "parent.example.org"`: any request may have gone there, the latest likely did.
                None => waits(&|_| true)?,
            };
            return Some((at, Outcome::Allowed));
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
}

fn kept(text: &[u8]) -> &[u8] {
    text.get(..KEPT_BYTES).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(log: &str) -> Vec<String> {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: Time::from_secs(1_795_400_000),
        });
        log.lines()
            .filter_map(|line| match parser.parse(line.as_bytes()) {
                Parsed::Event(event) => Some(format!(
                    "{} {} {}",
                    event
                        .client
                        .map_or_else(|| "-".into(), |client| client.to_string()),
                    event
                        .host
                        .map_or_else(|| "-".into(), |h| h.lossy().into_owned()),
                    event.outcome.as_str()
                )),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_refused_request_is_no_use_once_it_is_known_that_there_is_a_filter() {
        let head = "CONNECT   Nov 12 10:43:58.635 [77]:";
        let asks = format!(
            "{head} Connect (file descriptor 5): 192.0.2.7\n{head} Request (file descriptor 5): CONNECT claude.ai:443 HTTP/1.1\n"
        );
        let refused = format!("{head} Proxying refused on filtered domain \"claude.ai\"\n");
        assert_eq!(
            outcomes(&[&refused, &asks, &refused].map(String::as_str).concat()),
            ["- claude.ai blocked", "192.0.2.7 claude.ai blocked"]
        );
        assert_eq!(outcomes(&asks), ["192.0.2.7 claude.ai unknown"]);
        let next = asks.replace(".7", ".8");
        assert_eq!(
            outcomes(
                &[&refused, &asks, &next, &refused]
                    .map(String::as_str)
                    .concat()
            ),
            [
                "- claude.ai blocked",
                "192.0.2.7 claude.ai error",
                "192.0.2.8 claude.ai blocked"
            ]
        );
    }

    #[test]
    fn processes_with_the_same_descriptor_are_told_apart() {
        let log = "Nov 12 10:43:58 gw tinyproxy[1]: Connect (file descriptor 5): 192.0.2.7
Nov 12 10:43:58 gw tinyproxy[2]: Connect (file descriptor 5): 192.0.2.8
Nov 12 10:43:58 gw tinyproxy[1]: Request (file descriptor 5): GET http://a.example/ HTTP/1.1
Nov 12 10:43:58 gw tinyproxy[3]: Request (file descriptor 5): GET http://b.example/ HTTP/1.1";
        assert_eq!(
            outcomes(log),
            ["192.0.2.7 a.example unknown", "- b.example unknown"]
        );
    }

    #[test]
    fn connections_that_never_ask_take_no_more_memory_than_a_thousand() {
        let mut connections = Connections::default();
        for descriptor in 0..5000 {
            connections.of(1, descriptor);
        }
        assert_eq!(connections.find(|_| true), Some(1023));
    }
}
