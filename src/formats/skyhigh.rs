//! Skyhigh (formerly McAfee) Web Gateway's access.log, as the appliance writes it by default.
//!
//! `[TIME] "USER" CLIENT STATUS "REQUEST" "CATEGORIES" "REPUTATION" "TYPE" DOWN [UP] "AGENT" "VIRUS" "BLOCK"
//! ["APPLICATION"]`; only newer versions have UP and APPLICATION. From "Access log rule set" at
//! success.skyhighsecurity.com and the header line of the default log.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::clf_line::{set_request, status};
use super::clock::Clock;
use super::cursor::{ip, number, present};
use super::skyhigh_row::Row;
use super::squid_words::set_client;
use super::{Coded, Context, Parser};

pub(super) static SKYHIGH: Coded = Coded {
    name: "skyhigh",
    title: "Skyhigh (McAfee) Web Gateway access.log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (
            Field::User,
            "turn on authentication (Policy > Rule Sets > Authenticate and Authorize)",
        ),
        (
            Field::BytesUp,
            "add Number.ToString(BytesFromClient) to User-Defined.logLine (Policy > Rule Sets > Log Handler > Default > Access Log)",
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
    Field::BytesUp,
    Field::BytesDown,
    Field::UserAgent,
    Field::ContentType,
    Field::Category,
]);

fn sniff(record: &[u8]) -> u8 {
    match Row::find(record) {
        Some(row) if ip(row.who.client).is_some() => 90,
        _ => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Skyhigh(Clock::new(context)))
}

struct Skyhigh(Clock);

impl Parser for Skyhigh {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some(row) = Row::find(record) {
            return match self.0.time(Some(row.stamp)) {
                Some(time) => Parsed::Event(event(&row, time)),
                None => Parsed::Bad("no such day"),
            };
        }
        let is_header =
            || record.starts_with(b"#") || memmem::find(record, b"time_stamp \"auth_").is_some();
        if record.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if is_header() {
            Parsed::Skip("header")
        } else {
            Parsed::Bad("not as the pattern says")
        }
    }

    fn written_by(&mut self, modified: Time) {
        self.0.written_by(modified);
    }
}

fn event<'a>(row: &Row<'a>, time: Time) -> Event<'a> {
    let mut event = Event::new(Kind::Proxy, time, TELLS);
    set_client(&mut event, row.who.client);
    event.user = text(row.who.user);
    set_request(&mut event, row.asked.request);
    event.status = status(row.who.status);
    event.bytes_down = number(row.asked.bytes_down);
    event.bytes_up = row.asked.bytes_up.and_then(number);
    event.user_agent = text(row.asked.agent);
    event.content_type = text(row.asked.content_type);
    event.category = text(row.asked.category);
    event.outcome = match (event.status, row.block) {
        // 81 asks for a login, 1 and 3 are errors of the gateway; all others are reasons of policy.
        (Some(407), _) | (_, b"81" | b"1" | b"3") => Outcome::Error,
        (_, b"0") => Outcome::Allowed,
        _ => Outcome::Blocked,
    };
    event
}

/// A value that is there.
fn text(raw: &[u8]) -> Option<Untrusted<'_>> {
    present(raw.trim_ascii()).map(Untrusted::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: &str) -> Event<'static> {
        let time = Time::from_micros(0);
        let record: &'static str = record.to_owned().leak();
        super::event(&Row::find(record.as_bytes()).expect(record), time)
    }

    fn row(user_and_client: &str, request: &str, behind: &str) -> String {
        format!(
            r#"[23/Nov/2026:12:00:00 +0100] {user_and_client} 200 "{request}" "AI" "Minimal Risk" "text/html" {behind}"#
        )
    }

    #[test]
    fn older_and_newer_columns_are_told_apart() {
        for (behind, up, outcome) in [
            (r#"5 "x/1" "" "0""#, None, Outcome::Allowed),
            (r#"5 7 "x/1" "" "0" "ChatGPT""#, Some(7), Outcome::Allowed),
            (r#"5 7 "x/1" "" "10" "163""#, Some(7), Outcome::Blocked),
            (r#"5 "x/1" "EICAR" "80" "-" "#, None, Outcome::Blocked),
            (r#"5 - "x/1" "" "81" """#, None, Outcome::Error),
        ] {
            let record = row(
                r#""alice" 192.0.2.7"#,
                "GET http://a.example/ HTTP/1.1",
                behind,
            );
            let event = event(&record);
            assert_eq!((event.bytes_up, event.outcome), (up, outcome), "{behind}");
            assert_eq!(event.bytes_down, Some(5), "{behind}");
            assert_eq!(event.user_agent, Some("x/1".into()), "{behind}");
        }
    }

    #[test]
    fn a_user_with_quotes_cannot_forge_client_and_request() {
        let user = r#"x" 10.0.0.1 200 "CONNECT forged.example HTTP/1.1" "" "" "" 5 "y"#;
        for client in ["192.0.2.7", "2001:db8::7"] {
            let record = row(
                &format!("\"{user}\" {client}"),
                "GET http://a.example/ HTTP/1.1",
                r#"5 "x/1" "" "0""#,
            );
            let event = event(&record);
            assert_eq!(event.client, ip(client.as_bytes()));
            assert_eq!(event.host, Some("a.example".into()));
            assert_eq!(event.user, Some(user.into()));
        }
    }

    #[test]
    fn neither_request_nor_agent_can_forge_what_is_asked_for() {
        let forged =
            r#"x" 10.0.0.1 200 "GET http://forged.example/ HTTP/1.1" "" "" "" 9 "y" "" "10"#;
        for (request, agent) in [
            ("GET http://a.example/", forged),
            (&format!("GET http://a.example/{forged}")[..], "x"),
        ] {
            let record = row(
                "\"alice\" 192.0.2.7",
                request,
                &format!(r#"5 "{agent}" "" "0""#),
            );
            let event = event(&record);
            assert_eq!(event.client, ip(b"192.0.2.7"));
            assert_eq!(event.host, Some("a.example".into()));
            assert_eq!(event.user, Some("alice".into()));
            assert_eq!(event.outcome, Outcome::Allowed);
        }
    }

    #[test]
    fn headers_in_front_and_users_with_colons_are_no_matter() {
        let bare = row(
            "\"ldap:CORP\\bob\" 192.0.2.7",
            "CERTVERIFY chatgpt.com:443 HTTP/1.1",
            r#"5 "" "" "0""#,
        );
        for header in ["", "<30>Nov 23 12:00:00 mwg1 mwg[77]: ", "gw | "] {
            let event = event(&format!("{header}{bare}"));
            assert_eq!(event.user, Some("ldap:CORP\\bob".into()), "{header}");
            assert_eq!(event.host, Some("chatgpt.com".into()), "{header}");
            assert_eq!(event.port, Some(443), "{header}");
        }
    }
}
