//! Olfeo's web gateway: the common log format with a day in front of its month.
//!
//! `CLIENT IDENT USER [23/11/2026 11:30:29] "METHOD URL PROTOCOL" STATUS REFERER AGENT BYTES CATEGORY …`, after the one
//! record that its users quote; the vendor publishes no description. That the two columns behind the status are
//! referrer and agent is a guess, by their likeness to the combined log format.

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::clf_line::{set_request, status};
use super::clock::Clock;
use super::cursor::{number, present};
use super::olfeo_row::Row;
use super::target::Target;
use super::{Coded, Context, Parser, wire_http};

pub(super) static OLFEO: Coded = Coded {
    name: "olfeo",
    title: "Olfeo web gateway access log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[(
        Field::BytesUp,
        "Olfeo's access log counts answers only; log the firewall in front of it as well",
    )],
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
    Field::RefererHost,
    Field::Category,
]);

fn sniff(record: &[u8]) -> u8 {
    if Row::find(record).is_some() { 85 } else { 0 }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Olfeo(Clock::new(context)))
}

struct Olfeo(Clock);

impl Parser for Olfeo {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        match Row::find(record) {
            Some(row) => match self.0.time(Some(row.stamp)) {
                Some(time) => Parsed::Event(event(&row, time)),
                None => Parsed::Bad("no such day"),
            },
            None if record.trim_ascii().is_empty() => Parsed::Skip("empty line"),
            None => Parsed::Bad("not as the pattern says"),
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

fn event<'a>(row: &Row<'a>, time: Time) -> Event<'a> {
    let mut event = Event::new(Kind::Proxy, time, TELLS);
    event.client = Some(row.client);
    event.user = text(row.user);
    set_request(&mut event, row.request);
    event.status = status(row.answer.status);
    event.bytes_down = number(row.answer.bytes);
    let referer = present(row.answer.referer).map(Target::any);
    event.referer_host = referer.and_then(|target| target.host_text());
    event.user_agent = text(row.answer.agent);
    event.category = text(row.answer.category);
    let method = event.method.as_ref().map(Untrusted::bytes);
    event.outcome = wire_http::outcome(method, true, event.status);
    event
}

/// A value that is there.
fn text(raw: &[u8]) -> Option<Untrusted<'_>> {
    present(raw.trim_ascii()).map(Untrusted::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::cursor::ip;

    fn event(before: &str, url: &str, behind: &str) -> Event<'static> {
        let record =
            format!(r#"{before} [23/11/2026 11:30:29] "GET {url} HTTP/1.1" 200 {behind}"#).leak();
        super::event(
            &Row::find(record.as_bytes()).expect(record),
            Time::from_micros(0),
        )
    }

    #[test]
    fn referrer_and_agent_are_bare_or_quoted() {
        for (headers, referer, agent) in [
            ("- -", None, None),
            ("- curl/8", None, Some("curl/8")),
            (r#"- "a b""#, None, Some("a b")),
            (r#""http://b.example/" -"#, Some("b.example"), None),
            (r#"http://b.example/ "a b""#, Some("b.example"), Some("a b")),
            (
                r#""http://b.example/" "a b""#,
                Some("b.example"),
                Some("a b"),
            ),
            (r#""-" "a" 7 x "b""#, None, Some("a\" 7 x \"b")),
        ] {
            let event = event(
                "192.0.2.7 - -",
                "http://a.example/",
                &format!("{headers} 5 News Sites"),
            );
            assert_eq!(event.referer_host, referer.map(Into::into), "{headers}");
            assert_eq!(event.user_agent, agent.map(Into::into), "{headers}");
            assert_eq!(event.bytes_down, Some(5), "{headers}");
            assert_eq!(event.category, Some("News Sites".into()), "{headers}");
        }
    }

    #[test]
    fn an_agent_cannot_forge_the_request() {
        let agent =
            r#""x [23/11/2026 11:30:30] "GET http://forged.example/ HTTP/1.1" 200 - - 5 y""#;
        let event = event(
            "192.0.2.7 - alice",
            "http://a.example/",
            &format!("- {agent} 7 News"),
        );
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(
            (event.user, event.bytes_down),
            (Some("alice".into()), Some(7))
        );
    }

    #[test]
    fn a_user_cannot_forge_the_request() {
        for headers in ["- - 5 forged", r#"- "forged"#, r#""forged"#] {
            let user = format!(
                r#"x [y] "z [23/11/2026 11:30:30] "GET http://forged.example/ HTTP/1.1" 200 {headers}"#
            );
            let event = event(
                &format!("192.0.2.7 - {user}"),
                "http://a.example/q\"u",
                "- - 7 News",
            );
            assert_eq!(event.host, Some("a.example".into()), "{headers}");
            assert_eq!(event.path, Some("/q\"u".into()), "{headers}");
            assert_eq!(event.user, Some(user.into()));
        }
    }

    #[test]
    fn the_address_of_a_gateway_in_a_header_is_no_client() {
        let event = event(
            "Nov 23 11:30:36 198.51.100.1 192.0.2.7 - bob",
            "http://a.example/",
            "- - 7",
        );
        assert_eq!(event.client, ip(b"192.0.2.7"));
        assert_eq!(event.user, Some("bob".into()));
    }
}
