//! Access log of Cisco Secure Web Appliance (Web Security Appliance, IronPort), AsyncOS 7 to 15.
//!
//! `EPOCH.ms elapsed client CODE/status bytes METHOD URL "user" HIERARCHY/server type TAG-policy-identity-… <verdicts>
//! extras`: Squid's row with a decision behind it. The tag says what the policy did, the code how it went: a denial
//! without a blocking tag may be a request for a password. Bytes went to the client. Behind `>` come a suspect user agent and what
//! an administrator added, in no known order: only a user agent is recognised there.
//! Facts from "User Guide for AsyncOS for Cisco Secure Web Appliance", chapter "Monitor System Activity Through Logs",
//! and Cisco's document 225832 "Understand Secure Web Appliance Accesslogs".

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Parsed, Time, Untrusted};

use super::cisco_wsa_words::{
    behind_verdicts, decision, first_verdict, is_user_agent, outcome, quoted, user_and_rest,
};
use super::cursor::{Cursor, ip, number, present, split};
use super::squid_words::{is_code, set_client, status};
use super::target::Target;
use super::{Coded, Parser, clock, envelope};

pub(super) static CISCO_WSA: Coded = Coded {
    name: "cisco-wsa",
    title: "Cisco Secure Web Appliance (WSA) access log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (
            Field::UserAgent,
            "add \"%u\" in quotes to the custom fields of the access log subscription: System Administration > Log Subscriptions > accesslogs > Custom Fields",
        ),
        (
            Field::User,
            "let an identification profile authenticate: Web Security Manager > Identification Profiles",
        ),
        (
            Field::BytesUp,
            "the access log tells answers only; add a W3C log with cs-bytes: System Administration > Log Subscriptions > Add > W3C Logs",
        ),
    ],
    sniff,
    open: |_| Box::new(Wsa),
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
    Field::DurationMs,
    Field::Server,
    Field::ContentType,
    Field::Category,
]);

fn sniff(record: &[u8]) -> u8 {
    match Row::find(record) {
        Some(_) => 97,
        None if is_log_header(record) => 60,
        None => 0,
    }
}

struct Wsa;

impl Parser for Wsa {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some(row) = Row::find(record) {
            return Parsed::Event(row.event());
        }
        if record.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if is_log_header(record) {
            Parsed::Skip("log header")
        } else if record.first().is_some_and(u8::is_ascii_digit) || is_from_wsa(record) {
            Parsed::Bad("not an access record")
        } else if envelope::open(record).is_foreign_to(&[]) {
            Parsed::Skip("another program's line")
        } else {
            Parsed::Bad("not an access record")
        }
    }
}

/// `Info: Begin Logfile`, `Info: Version: …`, `Info: Time offset from UTC: …`, `Info: Logfile format: …`.
fn is_log_header(record: &[u8]) -> bool {
    const HEADERS: [&[u8]; 7] = [
        b" Info: Begin Logfile",
        b" Info: End Logfile",
        b" Info: Version: ",
        b" Info: Time offset from UTC: ",
        b" Info: Logfile",
        b" Info: logfile",
        b" Info: System is coming up",
    ];
    HEADERS
        .iter()
        .any(|header| memmem::find(record, header).is_some())
}

fn is_from_wsa(record: &[u8]) -> bool {
    memmem::find(record, b" Info: ").is_some()
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
    peer_code: &'a [u8],
    peer: &'a [u8],
    content_type: &'a [u8],
    decision: &'a [u8],
    category: &'a [u8],
    extras: &'a [u8],
}

impl<'a> Row<'a> {
    /// The row behind whatever headers stand in front of it.
    fn find(record: &'a [u8]) -> Option<Self> {
        envelope::behind_words(record, Self::read)
    }

    fn read(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record.trim_ascii_end());
        let stamp = cursor.word()?;
        let time = split(stamp, b'.').and_then(|_| clock::epoch(stamp))?;
        let elapsed = cursor.word()?;
        let client = cursor.word()?;
        let (code, status) = split(cursor.word()?, b'/')?;
        let size = cursor.word()?;
        let method = cursor.word()?;
        let url = cursor.word()?;
        let (user, rest) = user_and_rest(cursor.rest())?;
        let mut cursor = Cursor::new(rest);
        let (peer_code, peer) = split(cursor.word()?, b'/')?;
        let content_type = cursor.word()?;
        let (tags, verdicts) = split(cursor.rest(), b'<')?;
        let decision = decision(tags)?;
        is_code(code).then_some(())?;
        let sign_less = elapsed.strip_prefix(b"-").unwrap_or(elapsed);
        (elapsed == b"-" || number(sign_less).is_some()).then_some(())?;
        Some(Self {
            time,
            elapsed_ms: number(elapsed),
            client,
            code,
            status: self::status(status)?,
            bytes: number(size),
            method,
            url,
            user,
            peer_code,
            peer,
            content_type,
            decision,
            category: first_verdict(verdicts),
            extras: behind_verdicts(verdicts),
        })
    }

    fn event(&self) -> Event<'a> {
        let mut event = Event::new(Kind::Proxy, self.time, TELLS);
        set_client(&mut event, self.client);
        event.user = present(self.user).map(Untrusted::new);
        let target = self.target();
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.method = present(self.method).map(Untrusted::new);
        event.status = (self.status != 0).then_some(self.status);
        event.outcome = outcome(self.decision, self.code, self.status);
        event.bytes_down = self.bytes;
        event.duration_ms = self.elapsed_ms;
        event.server = ip(self.peer).or_else(|| ip(Target::authority(self.url).host?));
        event.content_type = present(self.content_type).map(Untrusted::new);
        let is_told = !matches!(self.category, b"nc" | b"err" | b"-" | b"");
        event.category = is_told.then_some(self.category).map(Untrusted::new);
        if let Some(agent) = quoted(self.extras).find(|text| is_user_agent(text)) {
            event.tells = event.tells.with(Field::UserAgent);
            event.user_agent = Some(Untrusted::new(agent));
        }
        event
    }

    /// A tunnel is `tunnel://host:443/`, or `192.0.2.1:443` where the appliance is transparent; the name that the
    /// client then sent in its TLS greeting is the server's.
    fn target(&self) -> Target<'a> {
        let Some(rest) = self.url.strip_prefix(b"tunnel://") else {
            // Where no request could be read, the URL is `-`.
            let target = present(self.url).map(Target::any).unwrap_or_default();
            let is_address = target.host.is_some_and(|host| ip(host).is_some());
            let is_tunnel = self.method == b"CONNECT" || self.method == b"TCP_CONNECT";
            let name = Target::authority(self.peer).host.filter(|name| {
                is_address
                    && is_tunnel
                    && self.peer_code == b"DIRECT"
                    && *name != b"-"
                    && ip(name).is_none()
            });
            return Target {
                host: name.or(target.host),
                ..target
            };
        };
        Target::authority(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    const VERDICTS: &str = r#"<IW_comp,5.1,-,"-",-,-,-,-,"-",-,-,-,"-",-,-,"-","-",-,-,IW_comp,-,"-","-","ChatGPT","-","-","-",11.35,0,-,"-","-"> -"#;

    fn event(row: &str) -> Event<'static> {
        let row = format!("1793614272.345 88 192.0.2.7 {row}").leak();
        match Wsa.parse(row.as_bytes()) {
            Parsed::Event(event) => event,
            other => panic!("{row}: {other:?}"),
        }
    }

    #[test]
    fn the_decision_and_the_code_say_what_became_of_it() {
        for (code, tag, expected) in [
            ("TCP_MISS/200", "DEFAULT_CASE_12", Outcome::Allowed),
            ("TCP_DENIED/403", "BLOCK_WEBCAT_12", Outcome::Blocked),
            (
                "TCP_DENIED_SSL/403",
                "BLOCK_ADMIN_CONNECT_12",
                Outcome::Blocked,
            ),
            ("TCP_DENIED/407", "OTHER", Outcome::Error),
            ("TCP_DENIED/401", "OTHER", Outcome::Error),
            ("TCP_DENIED/307", "OTHER", Outcome::Error),
            ("TCP_DENIED/407", "BLOCK_ADMIN", Outcome::Error),
            ("TCP_MISS/403", "DEFAULT_CASE_12", Outcome::Allowed),
            ("NONE/504", "DEFAULT_CASE_12", Outcome::Error),
            ("TCP_MISS_SSL/200", "DECRYPT_WEBCAT_7", Outcome::Allowed),
            ("TCP_MISS/200", "PASSTHRU_CUSTOMCAT_7", Outcome::Allowed),
            ("TCP_MISS/302", "REDIRECT_CUSTOMCAT_11", Outcome::Blocked),
        ] {
            let row = format!(
                "{code} 5 GET http://a.example/ - DIRECT/203.0.113.5 text/html {tag}-p-i-NONE-NONE-NONE-NONE {VERDICTS}"
            );
            assert_eq!(event(&row).outcome, expected, "{code} {tag}");
        }
    }

    #[test]
    fn tunnels_have_a_host_and_no_path() {
        for (method, url, peer, host) in [
            (
                "CONNECT",
                "tunnel://chatgpt.com:443/",
                "chatgpt.com",
                "chatgpt.com",
            ),
            ("CONNECT", "tunnel://[2001:db8::5]:443/", "-", "2001:db8::5"),
            ("TCP_CONNECT", "203.0.113.5:443", "claude.ai", "claude.ai"),
            (
                "TCP_CONNECT",
                "203.0.113.5:443",
                "203.0.113.5",
                "203.0.113.5",
            ),
        ] {
            let event = event(&format!(
                "TCP_MISS/200 5 {method} {url} - DIRECT/{peer} - PASSTHRU_WEBCAT_7-p-i-NONE-NONE-NONE-NONE {VERDICTS}"
            ));
            assert_eq!(event.host, Some(host.into()), "{url}");
            assert_eq!((event.port, event.path), (Some(443), None), "{url}");
        }
    }

    #[test]
    fn quotes_in_a_user_or_an_agent_forge_nothing() {
        let event = event(&format!(
            r#"TCP_MISS/200 5 GET http://a.example/ "CORP\al"ice" DIRECT/203.0.113.5 text/html DEFAULT_CASE_12-p-i-NONE-NONE-NONE-NONE {VERDICTS} "02/Nov/2026:10:11:12 +0100" "Mozilla/5.0 (x) <y> "forged" z" "#
        ));
        assert_eq!(event.user, Some("CORP\\al\"ice".into()));
        assert_eq!(event.category, Some("IW_comp".into()));
        let agent = event.user_agent.map(|agent| agent.lossy().into_owned());
        assert_eq!(agent.as_deref(), Some("Mozilla/5.0 (x) <y> \"forged"));
    }

    #[test]
    fn a_row_of_squid_is_not_claimed() {
        let squid = b"1793614272.345 88 192.0.2.7 TCP_MISS/200 5 GET http://a.example/ - HIER_DIRECT/203.0.113.5 text/html \"x <y>\"";
        assert_eq!(sniff(squid), 0);
        assert!(matches!(Wsa.parse(squid), Parsed::Bad(_)));
    }
}
