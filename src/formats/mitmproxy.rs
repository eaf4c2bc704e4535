//! What mitmdump says on its console, in a file or in the journal.
//!
//! `192.0.2.7:35570: POST https://chatgpt.com/c` and, in the next line, `<< 200 OK 360b`, from mitmproxy's
//! addons/dumper.py of 8 to 10 and seen in 8.1.1. Both are written when the answer is complete, so the second is the
//! event. There is no time but the journal's or the container runtime's: without one, the last write to the
//! log is taken. `flow_detail=2` adds headers, and with them the user agent. The flow file of `-w` is binary, and a HAR is
//! one object over many lines: neither is a log.

use std::net::IpAddr;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::Clock;
use super::cursor::{ip, number, port, split, split_around, split_last};
use super::target::Target;
use super::{Coded, Context, Parser, envelope, wire_http};

pub(super) static MITMPROXY: Coded = Coded {
    name: "mitmproxy",
    title: "mitmdump console output",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (
            Field::UserAgent,
            "start mitmdump with --set flow_detail=2, which prints headers",
        ),
        (
            Field::BytesUp,
            "mitmdump never prints it; an addon that writes JSON lines can, read them by a mapping",
        ),
        (
            Field::User,
            "mitmdump never prints it; an addon that writes JSON lines can, read them by a mapping",
        ),
    ],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Status,
    Field::Outcome,
    Field::BytesDown,
]);

/// A longer URL keeps its beginning.
const URL_BYTES: usize = 2048;

fn sniff(record: &[u8]) -> u8 {
    let body = envelope::open(record).body;
    match Says::read(body) {
        Says::Request { url, .. } if memchr::memmem::find(url, b"://").is_some() => 80,
        Says::Request { .. } | Says::Connection => 60,
        Says::Answer(_) => 50,
        Says::Header(_) | Says::Other => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Mitmproxy {
        clock: Clock::new(context),
        asked: None,
    })
}

struct Mitmproxy {
    clock: Clock,
    asked: Option<Request>,
}

/// A request whose answer the next lines tell.
struct Request {
    client: Option<IpAddr>,
    client_port: Option<u16>,
    method: Vec<u8>,
    url: Vec<u8>,
    user_agent: Option<Vec<u8>>,
}

impl Parser for Mitmproxy {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        match Says::read(envelope.body) {
            Says::Request {
                client,
                client_port,
                method,
                url,
            } => {
                self.asked = Some(Request {
                    client: Some(client),
                    client_port,
                    method: method.to_vec(),
                    url: url.get(..URL_BYTES).unwrap_or(url).to_vec(),
                    user_agent: None,
                });
                Parsed::Skip("request, its answer follows")
            }
            Says::Answer(answer) => {
                let Some(request) = self.asked.take() else {
                    return Parsed::Bad("answer without a request");
                };
                match self.clock.time(envelope.stamp) {
                    Some(time) => Parsed::Event(request.event(time, answer)),
                    None => Parsed::Bad("no such time"),
                }
            }
            Says::Header(agent) => {
                if let Some(request) = &mut self.asked {
                    request.user_agent.get_or_insert_with(|| agent.to_vec());
                }
                Parsed::Skip("header")
            }
            Says::Connection => Parsed::Skip("connection"),
            Says::Other
                if envelope.is_foreign_to(&[b"mitmdump", b"mitmproxy", b"mitmweb", b""]) =>
            {
                Parsed::Skip("another program's line")
            }
            // Bodies, notes of addons and of mitmdump itself may look like anything.
            Says::Other if envelope.body.trim_ascii_end() == b"<<" => Parsed::Bad("cut off"),
            Says::Other => Parsed::Skip("not a request"),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

impl Request {
    fn event(self, time: Time, answer: &[u8]) -> Event<'static> {
        let mut event = Event::new(Kind::Proxy, time, TELLS);
        event.client = self.client;
        event.client_port = self.client_port;
        let target = Target::of(&self.method, &self.url);
        event.host = target.host_text().map(Untrusted::into_owned);
        event.port = target.port;
        event.path = target.path_text().map(Untrusted::into_owned);
        // `HTTP/2.0 200 OK 1.2k`, in newer versions with the protocol, or why there is no answer.
        let answer = match split(answer, b' ') {
            Some((protocol, rest)) if protocol.starts_with(b"HTTP/") => rest,
            _ => answer,
        };
        let word = split(answer, b' ').map_or(answer, |(word, _)| word);
        let status = (word.len() == 3).then(|| number(word)).flatten();
        event.status = status.and_then(|status| u16::try_from(status).ok());
        event.outcome = match event.status {
            Some(_) => wire_http::outcome(Some(&self.method), true, event.status),
            None => Outcome::Error,
        };
        event.bytes_down = event.status.and_then(|_| size(split_last(answer, b' ')?.1));
        event.method = Some(Untrusted::rebuilt(self.method));
        if let Some(agent) = self.user_agent {
            event.user_agent = Some(Untrusted::rebuilt(agent));
            event.tells = event.tells.with(Field::UserAgent);
        }
        event
    }
}

/// What a line is.
enum Says<'a> {
    Request {
        client: IpAddr,
        client_port: Option<u16>,
        method: &'a [u8],
        url: &'a [u8],
    },
    /// What follows `<< `.
    Answer(&'a [u8]),
    /// A user agent.
    Header(&'a [u8]),
    /// `client connect` and the like.
    Connection,
    Other,
}

impl<'a> Says<'a> {
    fn read(body: &'a [u8]) -> Self {
        let text = body.trim_ascii();
        if let Some(answer) = text.strip_prefix(b"<< ") {
            return Self::Answer(answer);
        }
        if body.starts_with(b"    ") {
            return match split(text, b':') {
                Some((name, value)) if name.eq_ignore_ascii_case(b"user-agent") => {
                    Self::Header(value.trim_ascii())
                }
                _ => Self::Other,
            };
        }
        Self::of_client(text).unwrap_or(Self::Other)
    }

    /// `192.0.2.7:35570: GET http://a.example/`, `[10:11:12.345][192.0.2.7:35570] client connect`.
    fn of_client(text: &'a [u8]) -> Option<Self> {
        let text = text.strip_prefix(b"[replay] ").unwrap_or(text);
        if let Some(at) = memchr::memmem::find(text, b"][").filter(|at| *at < 16) {
            let (client, _) = split_last(text.get(at + 2..)?, b']')?;
            let (address, _) = split_last(client, b':')?;
            return ip(address).map(|_| Self::Connection);
        }
        let (client, rest) = split_around(text, b": ")?;
        let (address, digits) = split_last(client, b':')?;
        let client = ip(address)?;
        let (method, rest) = split(rest, b' ')?;
        if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) || method == b"DNS" {
            return Some(Self::Connection);
        }
        let url = match split_last(rest, b' ') {
            Some((url, protocol)) if protocol.starts_with(b"HTTP/") => url,
            _ => rest,
        };
        Some(Self::Request {
            client,
            client_port: port(digits),
            method,
            // A long URL is cut on the screen.
            url: url.strip_suffix("…".as_bytes()).unwrap_or(url),
        })
    }
}

/// `360b`, `1.2k`, `3m`: what is not written is lost.
fn size(text: &[u8]) -> Option<u64> {
    let (unit, digits) = text.split_last()?;
    let factor = match unit {
        b'b' => 1,
        b'k' => 1 << 10,
        b'm' => 1 << 20,
        b'g' => 1 << 30,
        _ => return None,
    };
    let (whole, tenth) = split(digits, b'.').unwrap_or((digits, b"0"));
    let tenths = number(tenth.get(..1)?)?;
    Some(number(whole)?.checked_mul(factor)? + tenths * factor / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_read_them() {
        for (text, bytes) in [
            ("360b", Some(360)),
            ("1.5k", Some(1536)),
            ("2m", Some(2 << 20)),
            ("OK", None),
            ("", None),
        ] {
            assert_eq!(size(text.as_bytes()), bytes, "{text}");
        }
    }

    #[test]
    fn a_header_or_a_body_is_no_request() {
        let line = b"    192.0.2.9:1: GET http://forged.example/";
        assert!(matches!(Says::read(line), Says::Other));
        assert_eq!(sniff(line), 0);
    }
}
