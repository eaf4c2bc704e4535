//! Barracuda Web Security Gateway (Web Filter) traffic log, which CloudGen Firewall streams by default as well.
//!
//! `http_scan[PID]: EPOCH 1 client server type client URL size BYF ALLOWED CLEAN [details] 2 1 0 ACTION …`: what the scanner
//! said, then what the policy said, as a number. CloudGen writes `BYF ALLOWED CLEAN` in any case, so the number
//! decides. The size is that of the content. A URL comes from the client; the words behind the last ` BYF ` do not.
//! Facts from "Syslog and the Barracuda Web Security Gateway" and "How to Configure Web Log Streaming" at
//! campus.barracuda.com; which numbers refuse is from memory of the former.

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Outcome, Parsed, Time, Untrusted};

use super::cursor::{Cursor, ip, number, present, split, split_last};
use super::target::Target;
use super::{Coded, Parser, clock, envelope};

pub(super) static BARRACUDA_WSG: Coded = Coded {
    name: "barracuda-wsg",
    title: "Barracuda Web Security Gateway traffic log",
    kind: Kind::Proxy,
    tells: TELLS,
    advice: &[
        (
            Field::User,
            "join the gateway to the directory: Users/Groups > Authentication",
        ),
        (
            Field::UserAgent,
            "the layout is fixed; on a CloudGen Firewall add %agent% to the template: Firewall > General Settings > Web Log Streaming",
        ),
    ],
    sniff,
    open: |_| Box::new(BarracudaWsg),
};

const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::User,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Outcome,
    Field::BytesDown,
    Field::Server,
    Field::RefererHost,
    Field::ContentType,
    Field::Category,
]);

fn sniff(record: &[u8]) -> u8 {
    if Row::find(record).is_some() { 95 } else { 0 }
}

struct BarracudaWsg;

impl Parser for BarracudaWsg {
    fn is_stateless(&self) -> bool {
        true
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        if let Some(row) = Row::find(record) {
            return Parsed::Event(row.event());
        }
        const SCANNERS: [&[u8]; 3] = [b"http_scan[", b"httpscan[", b"NG_Firewall["];
        let is_ours = SCANNERS
            .iter()
            .any(|name| memmem::find(record, name).is_some());
        if record.trim_ascii().is_empty() {
            Parsed::Skip("empty line")
        } else if !is_ours && envelope::open(record).is_foreign_to(&[]) {
            Parsed::Skip("another program's line")
        } else {
            Parsed::Bad("not a traffic record")
        }
    }
}

struct Row<'a> {
    time: Time,
    client: &'a [u8],
    server: &'a [u8],
    content_type: &'a [u8],
    url: &'a [u8],
    size: &'a [u8],
    /// What the scanner says: `ALLOWED`, `BLOCKED`, `DETECTED`.
    scanned: &'a [u8],
    policy: Policy<'a>,
}

#[derive(Default)]
struct Policy<'a> {
    action: Option<u64>,
    user: Option<&'a [u8]>,
    category: Option<&'a [u8]>,
    referer: Option<&'a [u8]>,
}

impl<'a> Row<'a> {
    fn find(record: &'a [u8]) -> Option<Self> {
        envelope::behind_words(record, Self::read)
    }

    fn read(record: &'a [u8]) -> Option<Self> {
        let at = memmem::rfind(record, b" BYF ")?;
        let (head, tail) = (record.get(..at)?, record.get(at + 5..)?);
        let mut cursor = Cursor::new(head);
        let time = clock::epoch(cursor.word()?)?;
        let _version = number(cursor.word()?)?;
        let client = cursor.word()?;
        ip(client)?;
        let server = cursor.word()?;
        // The type may have a parameter behind a blank, so the client's address ends it.
        let rest = cursor.rest();
        let again = [&b" "[..], client, b" "].concat();
        let end = memmem::find(rest, &again)?;
        let (content_type, rest) = (rest.get(..end)?, rest.get(end + again.len()..)?);
        let (url, size) = split_last(rest, b' ')?;
        let mut cursor = Cursor::new(tail);
        let scanned = cursor.word()?;
        let _reason = cursor.word()?;
        Some(Self {
            time,
            client,
            server,
            content_type,
            url: url.trim_ascii(),
            size,
            scanned,
            policy: Policy::read(cursor.rest()),
        })
    }

    fn event(&self) -> Event<'a> {
        let mut event = Event::new(Kind::Proxy, self.time, TELLS);
        event.client = ip(self.client);
        // `203.0.113.5(198.51.100.5)`: the second is where it was forwarded to.
        let server = split(self.server, b'(').map_or(self.server, |(server, _)| server);
        event.server = ip(server);
        let target = Target::any(self.url);
        event.host = target.host_text();
        event.port = target.port;
        event.path = target.path_text();
        event.bytes_down = number(self.size);
        event.content_type = present(self.content_type).map(Untrusted::new);
        event.user = self.policy.user.map(Untrusted::new);
        event.category = self.policy.category.map(Untrusted::new);
        let referer = self.policy.referer.map(Target::any);
        event.referer_host = referer.and_then(|target| target.host_text());
        event.outcome = match (self.scanned, self.policy.action) {
            (b"BLOCKED", _) | (_, Some(1 | 2 | 7 | 9)) => Outcome::Blocked,
            (b"ALLOWED" | b"DETECTED", _) => Outcome::Allowed,
            _ => Outcome::Unknown,
        };
        event
    }
}

impl<'a> Policy<'a> {
    /// `[details] 2 1 0 ACTION src-type src-detail dst-type dst-detail spy-type spy-id score part categories USER
    /// referer-domain referer-category …`. Details are a virus' name, of any words.
    fn read(text: &'a [u8]) -> Self {
        let mut cursor = Cursor::new(text);
        loop {
            let mut words = cursor;
            let start = [(); 4].map(|()| words.word().and_then(number));
            if let [Some(_version), Some(0 | 1), Some(0 | 1), Some(action)] = start {
                return Self::behind(words, action);
            }
            if cursor.word().is_none() {
                return Self::default();
            }
        }
    }

    fn behind(mut words: Cursor<'a>, action: u64) -> Self {
        for _ in 0..8 {
            words.word();
        }
        let categories = words.word().and_then(present);
        words.blanks();
        let (user, mut rest) = user_and_rest(words.rest());
        Self {
            action: Some(action),
            user,
            category: categories,
            referer: rest.word().and_then(present),
        }
    }
}

/// `ANON`, `[alice]`, `[ldap0:CORP\v rossi]`.
fn user_and_rest(text: &[u8]) -> (Option<&[u8]>, Cursor<'_>) {
    let Some((user, rest)) = text.strip_prefix(b"[").and_then(|text| split(text, b']')) else {
        let mut cursor = Cursor::new(text);
        let user = cursor.word().and_then(present);
        return (user.filter(|user| *user != b"ANON"), cursor);
    };
    let user = present(user).filter(|user| *user != b"ANON");
    (user, Cursor::new(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(row: &'static str) -> Event<'static> {
        match BarracudaWsg.parse(row.as_bytes()) {
            Parsed::Event(event) => event,
            other => panic!("{row}: {other:?}"),
        }
    }

    #[test]
    fn the_policys_number_decides_where_the_scanner_let_go_on() {
        for (said, expected) in [
            ("ALLOWED CLEAN 2 1 0 0", Outcome::Allowed),
            ("ALLOWED CLEAN 2 1 0 1", Outcome::Blocked),
            ("ALLOWED CLEAN 2 1 0 5", Outcome::Allowed),
            (
                "BLOCKED VIRUS Stream=>Eicar Test FOUND 2 0 0 0",
                Outcome::Blocked,
            ),
            ("DETECTED SPYWARE 2 1 0 0", Outcome::Allowed),
        ] {
            let row = format!("1793614272 1 192.0.2.7 203.0.113.5 text/html 192.0.2.7 http://a.example/b 2704 BYF {said} 3 - 1 adult 0 - 0 a.example adult,porn [alice] b.example - - 0").leak();
            let event = event(row);
            assert_eq!(event.outcome, expected, "{said}");
            assert_eq!(event.user, Some("alice".into()), "{said}");
            assert_eq!(event.category, Some("adult,porn".into()), "{said}");
            assert_eq!(event.referer_host, Some("b.example".into()), "{said}");
        }
    }

    #[test]
    fn a_url_cannot_forge_what_follows() {
        let event = event(
            "1793614272 1 192.0.2.7 203.0.113.5 - 192.0.2.7 http://a.example/? 5 BYF ALLOWED CLEAN 2 1 0 0 3 - 1 x 0 - 0 y z [forged] 9 BYF ALLOWED CLEAN 2 1 0 1 3 - 1 x 0 - 0 a.example games ANON - - - 0",
        );
        assert_eq!(event.host, Some("a.example".into()));
        assert_eq!((event.user, event.outcome), (None, Outcome::Blocked));
        assert_eq!(event.bytes_down, Some(9));
    }
}
