//! Squid's key=value layout that Splunk recommends, `logformat splunk_recommended_squid`.
//!
//! From the setup of the Splunk Add-on for Squid Proxy and Squid's logformat directive, seen in Squid 5.7. The keys stand
//! in a fixed order; older releases of the add-on have fewer. `bytes_in` is the size of the request, `bytes_out` that of the reply.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Parsed, Untrusted};

use super::cursor::{ip, number, port, present};
use super::escapes::backslashed_user;
use super::squid_kv_row::Row;
use super::squid_words::{method, outcome, set_client, unreadable, user};
use super::{Coded, Parser, envelope, wire_http};

pub(super) static SQUID_KV: Coded = Coded {
    name: "squid-kv",
    title: "Squid, key=value format that Splunk recommends",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[],
    sniff,
    open: |_| Box::new(SquidKv),
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Status,
    Field::Outcome,
    Field::BytesUp,
    Field::BytesDown,
    Field::DurationMs,
    Field::UserAgent,
    Field::Server,
    Field::RefererHost,
    Field::ContentType,
]);

fn sniff(record: &[u8]) -> u8 {
    let is_ours = memmem::find(record, b" src_ip=").is_some();
    if is_ours && Row::find(record).is_some() {
        95
    } else {
        0
    }
}

struct SquidKv;

impl Parser for SquidKv {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        match Row::find(record) {
            Some(row) if row.request.action.starts_with(b"UDP_") => {
                Parsed::Skip("query between caches")
            }
            Some(row) => Parsed::Event(event(&row)),
            None => unreadable(&envelope::open(record), "not as the pattern says"),
        }
    }
}

fn event<'a>(row: &Row<'a>) -> Event<'a> {
    let request = &row.request;
    let mut event = Event::new(Kind::Proxy, row.time, TELLS);
    set_client(&mut event, row.client);
    event.client_port = row.client_port.and_then(port);
    event.user = user(row.user);
    // `error:invalid-request` and the like are no URL.
    let url = Some(request.url).filter(|url| !url.starts_with(b"error:"));
    let asked = wire_http::target(Some(request.method), url.map(backslashed_user), None);
    event.host = asked.host;
    event.port = asked.port;
    event.path = asked.path.filter(|_| !asked.is_tunnel);
    event.method = method(request.method);
    event.status = (request.status != 0).then_some(request.status);
    event.outcome = outcome(request.action, request.status, request.peer_code);
    event.bytes_up = request.bytes_in.and_then(number);
    event.bytes_down = request.bytes_out.and_then(number);
    event.duration_ms = number(row.duration);
    let text = |text: &'a [u8]| present(text).map(backslashed_user);
    event.user_agent = text(request.agent).map(Untrusted::from);
    event.referer_host = text(request.referer).and_then(wire_http::url_host);
    event.content_type = text(request.content_type).map(Untrusted::from);
    event.server = row.server.and_then(ip);
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "1795428672.345 duration=7 src_ip=192.0.2.7";

    fn event(record: &str) -> Event<'static> {
        let record: &'static str = record.to_owned().leak();
        super::event(&Row::find(record.as_bytes()).expect(record))
    }

    #[test]
    fn a_user_with_quotes_cannot_forge_the_request() {
        let user = r#"x" http_method=GET url="http://forged.example/" status=200 vendor_action=TCP_MISS y=""#;
        for time in [" local_time=[23/Nov/2026:10:11:12 +0000]", ""] {
            let event = event(&format!(
                r#"{HEAD} user_ident="-" user="{user}"{time} http_method=GET url="http://a.example/" http_user_agent="z" status=403 vendor_action=TCP_DENIED"#
            ));
            assert_eq!(event.host, Some("a.example".into()), "{time}");
            assert_eq!(event.user, Some(user.into()), "{time}");
            assert_eq!(event.status, Some(403), "{time}");
        }
    }

    #[test]
    fn an_agent_cannot_forge_user_and_request() {
        let agent = r#"x\" local_time=[a] http_method=GET url=\"http://forged.example/\" y\\\" http_method=GET"#;
        let event = event(&format!(
            r#"{HEAD} user="alice" http_method=GET url="http://a.example/" http_user_agent="{agent}" status=200 vendor_action=TCP_MISS bytes_in=5"#
        ));
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!(event.user, Some("alice".into()));
        assert_eq!(event.bytes_up, Some(5));
        let plain = agent
            .replace(r#"\\"#, "\0")
            .replace(r#"\""#, "\"")
            .replace('\0', "\\");
        assert_eq!(event.user_agent, Some(plain.into()));
    }

    #[test]
    fn columns_that_somebody_left_out_are_empty() {
        let event = event(&format!(
            r#"{HEAD} http_method=CONNECT url="chatgpt.com:443" status=200 vendor_action=TCP_TUNNEL"#
        ));
        assert_eq!(event.host, Some("chatgpt.com".into()));
        assert_eq!((event.port, event.path), (Some(443), None));
        assert_eq!((event.user, event.bytes_down), (None, None));
    }
}
