//! Privoxy's log: `2026-11-23 18:44:51.094 7fbcad3506c0 Request: claude.ai/chat/123`.
//!
//! From its source's errlog.c and the user manual's "debug", and seen in 3.0.34. `debug 1` writes a request without
//! scheme (`host:443/` for a CONNECT), before 3.0.27 with ` crunch! (Blocked)` behind it; since then `debug 1024`
//! writes `Crunch: Blocked: URL` in a line of its own, so once a log has shown one, a request waits for the next line.
//! Clients stand only in the rows of `debug 512`, which look like a web server's: `privoxy-common` reads those and
//! takes from the other lines why Privoxy answered itself. Nothing tells users, user agents and what was sent.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clf_line;
use super::clock::Clock;
use super::cursor::ip;
use super::privoxy_line::{Line, Says};
use super::target::Target;
use super::{Coded, Context, Parser, envelope};

pub(super) static PRIVOXY: Coded = Coded {
    name: "privoxy",
    title: "Privoxy log, requests",
    kind: Kind::Proxy,
    tells: REQUEST_TELLS,
    advice: &[
        (
            Field::Client,
            "add `debug 512` to Privoxy's config and read the log as privoxy-common",
        ),
        (Field::User, NO_PEOPLE),
        (Field::UserAgent, NO_PEOPLE),
        (Field::BytesUp, NO_PEOPLE),
    ],
    sniff,
    open: |context| open(context, false),
};

pub(super) static COMMON: Coded = Coded {
    name: "privoxy-common",
    title: "Privoxy log with common log format rows",
    kind: Kind::Proxy,
    tells: ROW_TELLS,
    advice: &[
        (Field::User, NO_PEOPLE),
        (Field::UserAgent, NO_PEOPLE),
        (Field::BytesUp, NO_PEOPLE),
    ],
    // A row by itself could be any web server's: the configuration has to name it.
    sniff: |_| 0,
    open: |context| open(context, true),
};

const NO_PEOPLE: &str =
    "Privoxy never logs it; use Squid, or a Squid behind Privoxy, whose logformat can";

const REQUEST_TELLS: Fields = Fields::of(&[Field::Host, Field::Port, Field::Path, Field::Outcome]);
const ROW_TELLS: Fields = REQUEST_TELLS
    .with(Field::Client)
    .with(Field::Method)
    .with(Field::Status)
    .with(Field::BytesDown);

/// What Privoxy answered itself is remembered for so many rows that have not come yet.
const CRUNCHES: usize = 64;

fn sniff(record: &[u8]) -> u8 {
    match Line::read(record).map(|line| line.says) {
        Some(Says::Request { .. } | Says::Crunch { .. }) => 95,
        Some(Says::Other) => 60,
        None => 0,
    }
}

fn open(context: &Context, by_rows: bool) -> Box<dyn Parser> {
    Box::new(Privoxy {
        clock: Clock::new(context),
        by_rows,
        has_crunches: false,
        waiting: None,
        crunches: Vec::new(),
    })
}

struct Privoxy {
    clock: Clock,
    /// Whether rows are the events, or requests.
    by_rows: bool,
    has_crunches: bool,
    /// A request whose crunch may follow, and its thread.
    waiting: Option<(Vec<u8>, Event<'static>)>,
    /// URLs that Privoxy answered itself, and what that means.
    crunches: Vec<(Vec<u8>, Outcome)>,
}

impl Parser for Privoxy {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(line) = Line::read(record) else {
            return self.other(record);
        };
        let Some(time) = self.clock.time(Some(line.stamp)) else {
            return Parsed::Bad("no such time");
        };
        match line.says {
            Says::Request { url, crunch } if self.by_rows => {
                if let Some(reason) = crunch {
                    self.remember(url, reason);
                }
                Parsed::Skip("request, its row follows")
            }
            Says::Crunch { url, reason } if self.by_rows => {
                self.remember(url, reason);
                Parsed::Skip("crunch, its row follows")
            }
            Says::Request { url, crunch } => self.request(line.thread, url, crunch, time),
            Says::Crunch { url, reason } => self.crunch(line.thread, url, reason, time),
            Says::Other => Parsed::Skip("not a request"),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }

    fn finish(&mut self) -> Vec<Event<'static>> {
        let waiting = self.waiting.take();
        waiting.map(|(_, event)| event).into_iter().collect()
    }
}

impl Privoxy {
    fn request(
        &mut self,
        thread: &[u8],
        url: &[u8],
        crunch: Option<&[u8]>,
        time: Time,
    ) -> Parsed<'static> {
        let mut event = request_event(url, time);
        if let Some(reason) = crunch {
            event.outcome = outcome(reason);
            return Parsed::Event(event);
        }
        if !self.has_crunches {
            return Parsed::Event(event);
        }
        let earlier = self.waiting.replace((thread.to_vec(), event));
        earlier.map_or(
            Parsed::Skip("request, its outcome follows"),
            |(_, event)| Parsed::Event(event),
        )
    }

    fn crunch(&mut self, thread: &[u8], url: &[u8], reason: &[u8], time: Time) -> Parsed<'static> {
        let is_first = !self.has_crunches;
        self.has_crunches = true;
        let outcome = outcome(reason);
        match self.waiting.take() {
            Some((of, mut event)) if of == thread => {
                event.outcome = outcome;
                Parsed::Event(event)
            }
            other => {
                self.waiting = other;
                // Of a request that was told already only a block is worth another event.
                if is_first && outcome == Outcome::Blocked {
                    let mut event = request_event(url, time);
                    event.outcome = outcome;
                    Parsed::Event(event)
                } else {
                    Parsed::Skip("crunch of a request that was told")
                }
            }
        }
    }

    /// What is no line of Privoxy's own: a row, or nothing known.
    fn other<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        if envelope.body.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some(row) = clf_line::Line::read(envelope.body) else {
            return if envelope.is_foreign_to(&[b"privoxy", b""]) {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad("not a privoxy line")
            };
        };
        if !self.by_rows {
            let waited = self.waiting.take();
            return waited.map_or(
                Parsed::Skip("row in the common log format"),
                |(_, event)| Parsed::Event(event),
            );
        }
        match self.row(&row) {
            Some(event) => Parsed::Event(event),
            None => Parsed::Skip("row without a request"),
        }
    }

    fn row<'a>(&mut self, row: &clf_line::Line<'a>) -> Option<Event<'a>> {
        let (method, url) = super::privoxy_line::asked(row.request)?;
        let mut event = Event::new(Kind::Proxy, row.time, ROW_TELLS);
        let client = super::cursor::split(row.before, b' ').map_or(row.before, |(word, _)| word);
        event.client = ip(client);
        let target = Target::of(method, url);
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.method = Some(Untrusted::new(method));
        event.status = row.status;
        event.bytes_down = row.bytes;
        let told = self
            .crunches
            .iter()
            .rposition(|(crunched, _)| crunched == url);
        event.outcome = match told.map(|at| self.crunches.remove(at)) {
            Some((_, outcome)) => outcome,
            // Without a crunch, the status of what Privoxy passes on is not in its row: it writes 200.
            None if row.status.is_some_and(|status| status >= 400) => Outcome::Error,
            None => Outcome::Allowed,
        };
        Some(event)
    }

    fn remember(&mut self, url: &[u8], reason: &[u8]) {
        if self.crunches.len() >= CRUNCHES {
            self.crunches.remove(0);
        }
        self.crunches.push((url.to_vec(), outcome(reason)));
    }
}

/// `claude.ai/chat/1`, `claude.ai:443/`, and, of what Privoxy decrypts, `https://claude.ai/chat/1`.
fn request_event(url: &[u8], time: Time) -> Event<'static> {
    let mut event = Event::new(Kind::Proxy, time, REQUEST_TELLS);
    let whole = Target::url(url);
    let target = match whole.host {
        Some(_) => whole,
        None => Target {
            path: memchr::memchr(b'/', url).and_then(|at| Target::url(url.get(at..)?).path),
            ..Target::authority(url)
        },
    };
    event.host = target.host_text().map(Untrusted::into_owned);
    event.port = target.port;
    event.path = target.path_text().map(Untrusted::into_owned);
    // A tunnel is written as if it had a path.
    if target.port == Some(443) && whole.host.is_none() && target.path == Some(b"/") {
        event.path = None;
    }
    event
}

/// Why Privoxy answered itself: policy, or because nothing else came.
fn outcome(reason: &[u8]) -> Outcome {
    match reason {
        b"Blocked" | b"Untrusted" | b"Redirected" => Outcome::Blocked,
        b"CGI Call" => Outcome::Allowed,
        _ => Outcome::Error,
    }
}
