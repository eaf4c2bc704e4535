//! e2guardian's and DansGuardian's access log.
//!
//! `logfileformat` 1 (blanks), 2 (quotes and commas) and 4 (tabs) hold the same columns in DansGuardian's order; 5 to 8
//! ("Protex", tabs; 6 is the default) another. From e2guardian.conf, notes/LogFormatFiles and src/AccessLogger.cpp of
//! 5.3 to 5.5, and seen in 5.3.5; format 3 is Squid's. Nothing is escaped: a user agent may hold tabs and quotes, so
//! nothing behind it is asked but why something was blocked, and that only of a 403, which e2guardian always writes then.
//! A tunnel has status 0 and the URL `https://host:443`. Sizes are what was sent to the client.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clock::Clock;
use super::cursor::{ip, present};
use super::e2guardian_row::Row;
use super::target::Target;
use super::{Coded, Context, Parser, envelope};

pub(super) static E2GUARDIAN: Coded = Coded {
    name: "e2guardian",
    title: "e2guardian and DansGuardian access log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (Field::UserAgent, "set loguseragent = on in e2guardian.conf"),
        (
            Field::User,
            "turn on an authplugin in e2guardian.conf, or let the proxy in front name its users",
        ),
        (
            Field::BytesUp,
            "e2guardian never logs it; put Squid with %>st in its logformat behind or in front",
        ),
    ],
    sniff,
    open,
};

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
    Field::UserAgent,
    Field::ContentType,
    Field::Category,
]);

fn sniff(record: &[u8]) -> u8 {
    match Row::read(envelope::open(record).body) {
        Some(row) if row.url.starts_with(b"http") => 95,
        Some(_) => 60,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(E2guardian(Clock::new(context)))
}

struct E2guardian(Clock);

impl Parser for E2guardian {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let envelope = envelope::open(record);
        let body = envelope.body.strip_suffix(b"\r").unwrap_or(envelope.body);
        if body.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some(row) = Row::read(body) else {
            return if envelope.is_foreign_to(&[b"e2guardian", b"dansguardian", b""]) {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad("not an e2guardian row")
            };
        };
        match self.0.time(Some(row.stamp)) {
            Some(time) => Parsed::Event(row.event(Event::new(Kind::Proxy, time, TELLS))),
            None => Parsed::Bad("no such time"),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

impl<'a> Row<'a> {
    fn event(&self, mut event: Event<'a>) -> Event<'a> {
        let text = |word: &'a [u8]| present(word).map(Untrusted::new);
        event.client = ip(self.client);
        if event.client.is_none() {
            event.client_name = text(self.client);
            event.tells = event.tells.with(Field::ClientName);
        }
        event.user = text(self.user);
        let target = Target::of(self.method, self.url);
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.method = text(self.method);
        event.status = (self.status != 0).then_some(self.status);
        event.bytes_down = self.size;
        event.content_type = text(self.content_type);
        event.category = text(self.category);
        event.user_agent = text(self.user_agent);
        event.outcome = self.outcome();
        event
    }

    fn outcome(&self) -> Outcome {
        let says = |word| memchr::memmem::find(self.what, word).is_some();
        match self.status {
            403 if says(b"*NETERROR*") => Outcome::Error,
            // `*DENIED*`, `*INFECTED*`, or the same in another language.
            403 if self.what.starts_with(b"*") => Outcome::Blocked,
            407 => Outcome::Error,
            0 if self.size.is_none_or(|size| size == 0) => Outcome::Error,
            500.. => Outcome::Error,
            _ => Outcome::Allowed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(record: &str) -> String {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: Time::from_secs(1_795_400_000),
        });
        let Parsed::Event(event) = parser.parse(record.as_bytes()) else {
            return "no event".to_owned();
        };
        let text = |word: Option<Untrusted<'_>>| {
            word.map_or_else(|| "-".to_owned(), |word| word.lossy().into_owned())
        };
        format!(
            "{} {} {} {:?} {} [{}] [{}]",
            event.time,
            text(event.user),
            text(event.host),
            event.status,
            event.outcome.as_str(),
            text(event.category),
            text(event.user_agent)
        )
    }

    #[test]
    fn what_was_blocked_and_categories_hold_blanks() {
        assert_eq!(
            told(
                "2026.1.9 1:45:27 bob 192.0.2.8 https://claude.ai:443 *DENIED* Blocked site: claude.ai CONNECT 0 -5 AI and chat, Other 1 403 - pc8.example.org staff x GET 1 1 - - - -"
            ),
            "2026-01-09T01:45:27.000Z bob claude.ai Some(403) blocked [AI and chat, Other] [x GET 1 1]"
        );
    }

    #[test]
    fn a_user_agent_cannot_make_a_use_look_blocked() {
        let row = "1795916720.086\t\t-\t192.0.2.11\t192.0.2.11\thttp://chatgpt.com/\tGET\t200\t360\t-\tx\t*DENIED* a\t-\t1\t-\t0\t-\t0\t-\tstaff\t1";
        assert!(told(row).contains("chatgpt.com Some(200) allowed"));
        let row = row
            .replace("\t200\t", "\t403\t")
            .replace("*DENIED* a", "*NETERROR* a");
        let row = row.replace(
            "\t0\t-\t0\t",
            "\t500\t*DENIED* Blocked site: chatgpt.com\t0\t",
        );
        assert!(told(&row).contains("chatgpt.com Some(403) blocked"));
    }
}
