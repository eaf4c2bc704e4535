//! Squid's native access log, `logformat squid`.
//!
//! `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`, from Squid's src/cf.data.pre and seen in
//! Squid 5.7. Apache Traffic Server and e2guardian write it too. Sizes are what Squid sent to the client; nothing tells what the client sent. Users hold raw
//! blanks and so may URLs (`uri_whitespace allow`): peer and type are found from the end of the record. Headers
//! that `log_mime_hdrs` appends are ignored, they hold passwords. Rows between caches (ICP, HTCP) are skipped.

use memchr::memchr;

use crate::model::{Event, Field, Fields, Glance, Kind, Outcome, Parsed, Time, Untrusted};

use super::cursor::{Cursor, ip, number, present, split, split_last};
use super::squid_glance::Glances;
use super::squid_words::{is_code, method, outcome, set_client, status, unreadable, user};
use super::target::Target;
use super::{Coded, Context, Parser, clock, envelope};

pub(super) static SQUID: Coded = Coded {
    name: "squid",
    title: "Squid native access log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (Field::UserAgent, MORE_COLUMNS),
        (Field::BytesUp, MORE_COLUMNS),
        (Field::User, LOGIN),
        (
            Field::Host,
            "clients that open tunnels by address say the name in the TLS handshake only: end the logformat with %ssl::>sni, which needs a Squid with OpenSSL and an http_port with ssl-bump that peeks and splices",
        ),
    ],
    sniff,
    open,
};

/// Made of Squid's own layout, so that what reads that one still can.
pub(super) const MORE_COLUMNS: &str = "in squid.conf, add them to the log:
    logformat gnomon %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt \"%{User-Agent}>h\" %>st
    access_log daemon:/var/log/squid/access.log logformat=gnomon
and name the layout where Gnomon reads it, in [[inputs]] or with --format:
    format = 'squid: %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt \"%{User-Agent}>h\" %>st'";

pub(super) const LOGIN: &str = "let Squid ask for a login: auth_param for your directory, then
    acl known proxy_auth REQUIRED
    http_access deny !known";

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Status,
    Field::Outcome,
    Field::BytesDown,
    Field::DurationMs,
    Field::Server,
    Field::ContentType,
]);

fn sniff(record: &[u8]) -> u8 {
    match Row::read(envelope::open(record).body) {
        Some(row) if row.method.iter().all(|b| is_method_byte(*b)) => 90,
        // Whatever a client sent in the place of a method.
        Some(_) => 70,
        None => 0,
    }
}

fn open(_context: &Context) -> Box<dyn Parser> {
    Box::new(Squid::default())
}

#[derive(Default)]
struct Squid {
    glances: Glances,
}

impl Parser for Squid {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        self.glances.at(record)
    }

    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        // Most records begin with their time; the rest came through syslog.
        if record.first().is_some_and(u8::is_ascii_digit)
            && let Some(row) = Row::read(record)
        {
            return row.parsed();
        }
        let envelope = envelope::open(record);
        match Row::read(envelope.body) {
            Some(row) => row.parsed(),
            None => unreadable(&envelope, "not a squid access record"),
        }
    }
}

struct Row<'a> {
    time: Time,
    elapsed_ms: Option<u64>,
    client: &'a [u8],
    code: &'a [u8],
    status: u16,
    bytes: Option<u64>,
    method: &'a [u8],
    url: &'a [u8],
    user: &'a [u8],
    peer: &'a [u8],
    peer_code: &'a [u8],
    content_type: &'a [u8],
}

impl<'a> Row<'a> {
    fn read(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        let stamp = cursor.word()?;
        let time = clock::epoch(stamp)?;
        let elapsed = cursor.word()?;
        let client = cursor.word()?;
        let (code, status) = split(cursor.word()?, b'/')?;
        let size = cursor.word()?;
        let method = cursor.word()?;
        let tail = Tail::read(cursor.rest())?;
        (is_code(code) && is_measure(elapsed) && is_measure(size)).then_some(())?;
        Some(Self {
            time,
            elapsed_ms: number(elapsed),
            client,
            code,
            status: self::status(status)?,
            bytes: number(size),
            method,
            url: tail.url,
            user: tail.user,
            peer: tail.peer,
            peer_code: tail.peer_code,
            content_type: tail.content_type,
        })
    }

    fn parsed(&self) -> Parsed<'a> {
        if self.code.starts_with(b"UDP_") {
            Parsed::Skip("query between caches")
        } else {
            Parsed::Event(self.event())
        }
    }

    fn event(&self) -> Event<'a> {
        let mut event = Event::new(Kind::Proxy, self.time, TELLS);
        set_client(&mut event, self.client);
        let target = Target::of(self.method, self.url);
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.method = method(self.method);
        event.user = user(self.user);
        event.status = (self.status != 0).then_some(self.status);
        event.outcome = match self.bytes {
            // e2guardian notes no status of a tunnel.
            Some(1..) if self.peer.is_empty() && self.status == 0 => Outcome::Allowed,
            _ => outcome(self.code, self.status, self.peer_code),
        };
        event.bytes_down = self.bytes;
        event.duration_ms = self.elapsed_ms;
        event.server = ip(self.peer);
        event.content_type = present(self.content_type).map(Untrusted::new);
        event
    }
}

/// What follows the method.
struct Tail<'a> {
    url: &'a [u8],
    user: &'a [u8],
    peer_code: &'a [u8],
    peer: &'a [u8],
    content_type: &'a [u8],
}

impl<'a> Tail<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let text = text.trim_ascii();
        Self::from_the_end(text).or_else(|| Self::before_extras(text))
    }

    /// `URL user HIER_DIRECT/192.0.2.1 text/html`.
    fn from_the_end(text: &'a [u8]) -> Option<Self> {
        let (rest, content_type) = split_last(text, b' ')?;
        let (rest, peer) = split_last(rest, b' ')?;
        if !is_content_type(content_type) {
            return None;
        }
        Self::of(rest, peer, content_type)
    }

    /// The same with columns or headers that an administrator appended.
    fn before_extras(text: &'a [u8]) -> Option<Self> {
        let mut end = memchr(b' ', text)?;
        loop {
            end += 1 + memchr(b' ', text.get(end + 1..)?)?;
            let mut cursor = Cursor::new(text.get(end + 1..)?);
            let (peer, content_type) = (cursor.word()?, cursor.word()?);
            if let Some(tail) = Self::of(text.get(..end)?, peer, content_type) {
                return Some(tail);
            }
        }
    }

    /// Squid logs blanks in a user as they are, and by default none in a URL: so the URL ends at the first. If
    /// the administrator allowed them in URLs, what a client put there stays in front of the user and cannot
    /// become somebody else; in front of `-` it is nobody.
    fn of(url_and_user: &'a [u8], peer: &'a [u8], content_type: &'a [u8]) -> Option<Self> {
        let (peer_code, peer) = hierarchy(peer)?;
        let (url, user) = split(url_and_user, b' ')?;
        let user = if user.ends_with(b" -") { b"-" } else { user };
        Some(Self {
            url,
            user,
            peer_code,
            peer,
            content_type,
        })
    }
}

/// How Squid found the peer, and the peer: `HIER_DIRECT/192.0.2.1`, `NONE/-`, `TIMEOUT_DIRECT/…`. e2guardian, which
/// writes the same layout, leaves the peer out: `DEFAULT_PARENT/`.
fn hierarchy(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let (code, peer) = split(word, b'/')?;
    is_code(code).then_some((code, peer))
}

/// `text/html` or `-`; a quoted column that was appended is neither.
pub(super) fn is_content_type(word: &[u8]) -> bool {
    word == b"-"
        || split(word, b'/').is_some_and(|(kind, _)| !kind.is_empty())
            && word
                .iter()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'[' | b']'))
}

fn is_measure(word: &[u8]) -> bool {
    number(word.strip_prefix(b"-").unwrap_or(word)).is_some() || word == b"-"
}

fn is_method_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests;
