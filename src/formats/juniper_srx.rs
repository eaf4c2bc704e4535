//! Juniper SRX security log: sessions (`RT_FLOW_…`, `APPTRACK_…`) and the web filter (`WEBFILTER_URL_…`).
//!
//! A session counts when it is closed or denied; its creation and its updates are skipped. Sessions have addresses only,
//! the web filter has hosts and no bytes. Junos writes either as structured data or as text, which the tag in front
//! does not tell. Facts from the System Log Explorer (apps.juniper.net/syslog-explorer), as remembered.

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time};

use super::clock::Clock;
use super::envelope;
use super::juniper_srx_header::{Message, Tag};
use super::juniper_srx_text::{filter, session};
use super::juniper_srx_told::Told;
use super::mapping::pairs::Pairs;
use super::{Coded, Context, Parser};

pub(super) static JUNIPER_SRX: Coded = Coded {
    name: "juniper-srx",
    title: "Juniper SRX security log (structured or plain text)",
    kind: Kind::Flow,
    tells: CLOSE_TELLS.union(URL_TELLS),
    advice: &[
        (
            Field::Host,
            "turn on enhanced web filtering (security utm feature-profile web-filtering) and log permitted URLs: RT_FLOW has addresses only",
        ),
        (
            Field::User,
            "turn on user identification (services user-identification) and use source identities in the policy",
        ),
        (
            Field::BytesUp,
            "log the end of sessions in the policy: then log session-close",
        ),
    ],
    sniff,
    open,
};

const DENY_TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::ClientPort,
    Field::User,
    Field::Port,
    Field::Outcome,
    Field::Server,
]);
const CLOSE_TELLS: Fields = DENY_TELLS
    .with(Field::BytesUp)
    .with(Field::BytesDown)
    .with(Field::DurationMs);
const URL_TELLS: Fields = DENY_TELLS
    .with(Field::Host)
    .with(Field::Path)
    .with(Field::Category);

/// Processes whose lines are ours, whatever becomes of them.
const PROCESSES: [&[u8]; 3] = [b"RT_FLOW", b"RT_UTM", b"RT_LOG"];

const BROKEN: &str = "not as the pattern says";

fn sniff(record: &[u8]) -> u8 {
    let message = Message::find(record);
    let is_ours = message.is_some_and(|message| message.tag != Tag::Other);
    if is_ours { 90 } else { 0 }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(Srx {
        clock: Clock::new(context),
        pairs: Pairs::quoted_between_blanks(),
    })
}

struct Srx {
    clock: Clock,
    pairs: Pairs,
}

impl Parser for Srx {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let Some(message) = Message::find(record) else {
            return if record.trim_ascii().is_empty() {
                Parsed::Skip("empty line")
            } else if envelope::open(record).is_foreign_to(&PROCESSES) {
                Parsed::Skip("another program's line")
            } else {
                Parsed::Bad(BROKEN)
            };
        };
        let (tells, outcome) = match message.tag {
            Tag::UrlPermitted => (URL_TELLS, Outcome::Allowed),
            Tag::UrlBlocked => (URL_TELLS, Outcome::Blocked),
            Tag::SessionClose => (CLOSE_TELLS, Outcome::Allowed),
            Tag::SessionDeny => (DENY_TELLS, Outcome::Blocked),
            Tag::SessionCreate => return Parsed::Skip("session start"),
            Tag::SessionUpdate => return Parsed::Skip("session still open"),
            Tag::Other => return Parsed::Skip("record of another kind"),
        };
        let is_url = tells == URL_TELLS;
        let told = if message.text.starts_with(b"[") {
            Told::structured(&self.pairs, message.text)
        } else if is_url {
            filter(message.text)
        } else {
            session(&message)
        };
        if told.client.is_none() || told.server.is_none() || is_url && !told.has_url {
            return Parsed::Bad(BROKEN);
        }
        let Some(time) = self.clock.time(message.stamp) else {
            return Parsed::Bad("no such day");
        };
        let kind = if is_url { Kind::Proxy } else { Kind::Flow };
        let mut event = Event::new(kind, time, tells);
        event.client = told.client;
        event.client_port = told.client_port;
        event.server = told.server;
        event.port = told.port;
        event.user = told.user;
        event.outcome = outcome;
        match message.tag {
            Tag::UrlPermitted | Tag::UrlBlocked => {
                event.host = told.host;
                event.path = told.path;
                event.category = told.category;
            }
            Tag::SessionClose => {
                event.bytes_up = told.bytes_up;
                event.bytes_down = told.bytes_down;
                event.duration_ms = told.duration_secs.and_then(|secs| secs.checked_mul(1000));
            }
            _ => {}
        }
        Parsed::Event(event)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::json_line;

    fn read(record: &str) -> String {
        let mut parser = open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().unwrap(),
        });
        json_line(1, "x", &parser.parse(record.as_bytes()))
    }

    #[test]
    fn application_tracking_writes_the_user_as_a_word_of_its_own() {
        let read = read(
            "Nov 23 09:01:00 srx RT_FLOW: APPTRACK_SESSION_CLOSE: AppTrack session closed TCP FIN: 192.0.2.12/51243->203.0.113.5/443 junos-https SSL UNKNOWN 198.51.100.20/10004->203.0.113.5/443 nat-1 N/A 6 allow-web trust untrust 12351 12(1234) 10(5678) 3 alice N/A Yes",
        );
        assert!(read.contains(r#""user":"alice""#), "{read}");
        assert!(
            read.contains(r#""bytes_up":1234,"bytes_down":5678,"duration_ms":3000"#),
            "{read}"
        );
    }

    #[test]
    fn a_denied_session_in_text_has_a_user() {
        let read = read(
            "Nov 23 09:01:10 srx RT_FLOW: RT_FLOW_SESSION_DENY: session denied 2001:db8::13/51245->2001:db8:f::9/443 0x0 junos-https 6(0) no-ai trust untrust UNKNOWN UNKNOWN CORP\\bob(N/A) ge-0/0/1.0 UNKNOWN policy deny",
        );
        assert!(
            read.contains(r#""client":"2001:db8::13","client_port":51245,"user":"CORP\\bob""#),
            "{read}"
        );
    }

    #[test]
    fn a_record_that_is_cut_off_behind_the_url_is_still_a_request() {
        let read = read(
            r#"<14>1 2026-11-23T09:00:07Z srx1 RT_UTM - WEBFILTER_URL_BLOCKED [junos@2636.1.1.1.2.41 source-address="192.0.2.8" source-port="51239" destination-address="203.0.113.6" destination-port="443" category="N/A" url="claude.ai" obj="/ch"#,
        );
        assert!(
            read.contains(r#""host":"claude.ai","port":443,"path":null,"outcome":"blocked""#),
            "{read}"
        );
    }

    #[test]
    fn lines_of_other_programs_are_no_mistakes() {
        for (record, why) in [
            ("", "empty line"),
            (
                "Nov 23 09:01:10 srx sshd[77]: Accepted password for alice",
                "another program's line",
            ),
            (
                "Nov 23 09:01:10 srx mgd[77]: UI_LOGIN_EVENT: User 'x' login",
                "record of another kind",
            ),
        ] {
            let read = read(record);
            assert!(read.contains(why) && read.contains("skip"), "{read}");
        }
    }
}
