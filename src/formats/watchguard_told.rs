//! What a WatchGuard record tells: words in a fixed order up to the ports, then `key="value"`.
//!
//! Syslog: `… msg_id="1AFF-0024" Allow 1-Trusted 0-External tcp 192.0.2.7 203.0.113.5 51234 80 msg="…" …`. Traffic Monitor:
//! `2026-11-23 10:03:54 [member] Allow 192.0.2.7 203.0.113.5 https/tcp 51234 443 … proc_id="…" msg_id="…" …`. The client
//! writes `op`, `dstname` and `arg`: what the product writes before them counts where it stands first, behind
//! them where it stands last. Layouts from "Read a Log Message" and the Fireware Log Message Catalog.

use std::net::IpAddr;

use memchr::{memchr, memmem};

use crate::model::Untrusted;

use super::cursor::{Cursor, ip, number, port, split};
use super::mapping::cell::Cell;
use super::mapping::pairs::Pairs;
use super::target::{Target, path_of};

const ID: &[u8] = b"msg_id=\"";
/// Between the disposition and the addresses: interfaces, whose names may have blanks, lengths, the protocol.
const MAX_WORDS: usize = 24;
/// In front of the disposition in Traffic Monitor's layout: headers, a date, a time, a member of a cluster.
const MAX_LEAD_WORDS: usize = 12;

/// What a record tells; nothing is what it does not tell.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    /// `1AFF-0024`.
    pub(super) id: &'a [u8],
    /// `Allow`, `Deny`.
    pub(super) disposition: &'a [u8],
    pub(super) client: Option<IpAddr>,
    pub(super) client_port: Option<u16>,
    pub(super) server: Option<IpAddr>,
    pub(super) port: Option<u16>,
    pub(super) method: Option<Untrusted<'a>>,
    pub(super) host: Option<Untrusted<'a>>,
    pub(super) path: Option<Untrusted<'a>>,
    pub(super) user: Option<Untrusted<'a>>,
    pub(super) bytes_up: Option<u64>,
    pub(super) bytes_down: Option<u64>,
    pub(super) duration_secs: Option<u64>,
}

impl<'a> Told<'a> {
    /// What a record about traffic tells.
    pub(super) fn read(pairs: &Pairs, record: &'a [u8]) -> Option<Self> {
        let (mut told, text) = syslog(record).or_else(|| traffic_monitor(record))?;
        // What is cut off within a value is still true up to there.
        let _ = pairs.each(text, |key, value| told.take(key, &value));
        (!told.id.is_empty()).then_some(told)
    }

    fn take(&mut self, key: &[u8], value: &Cell<'a>) {
        match key {
            b"msg_id" if self.id.is_empty() => {
                if let std::borrow::Cow::Borrowed(id) = value.text() {
                    self.id = id;
                }
            }
            b"op" if self.method.is_none() => self.method = value.part(some),
            b"dstname" | b"sni" if self.host.is_none() => {
                self.host = value.part(|text| Target::any(text).host);
            }
            b"arg" if self.path.is_none() => self.path = value.part(path),
            b"duration" => self.duration_secs = number(&value.text()),
            b"sent_bytes" => self.bytes_up = number(&value.text()),
            b"rcvd_bytes" => self.bytes_down = number(&value.text()),
            b"src_user" => self.user = value.part(some),
            _ => {}
        }
    }

    /// Takes both addresses, which stand side by side, from words in which no pair has begun yet.
    fn addresses(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        let mut is_ping = false;
        for _ in 0..MAX_WORDS {
            let word = cursor.word()?;
            if memchr(b'"', word).is_some() {
                return None;
            }
            let before = self.client.take();
            self.client = ip(word);
            if before.is_some() && self.client.is_some() {
                (self.client, self.server) = (before, self.client);
                if is_ping {
                    // Type and code stand where others have ports.
                    let _ = (cursor.word(), cursor.word());
                }
                return Some(());
            }
            is_ping |= is_icmp(word);
        }
        None
    }

    /// Takes the ports, if they come next.
    fn ports(&mut self, cursor: &mut Cursor<'a>) {
        let mut rest = *cursor;
        let (Some(client), Some(server)) = (rest.word(), rest.word()) else {
            return;
        };
        if number(client).is_some() && number(server).is_some() {
            (self.client_port, self.port) = (port(client), port(server));
            *cursor = rest;
        }
    }
}

/// The number of a message, wherever it stands: `1AFF-0024`.
pub(super) fn id(record: &[u8]) -> Option<&[u8]> {
    let (_, id, _) = around_id(record)?;
    let is_hex = |text: &[u8]| text.len() == 4 && text.iter().all(u8::is_ascii_hexdigit);
    let (family, number) = split(id, b'-')?;
    (is_hex(family) && is_hex(number)).then_some(id)
}

/// What stands in front of the number, the number, and what follows it.
fn around_id(record: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let at = memmem::find(record, ID)?;
    let (id, rest) = split(record.get(at + ID.len()..)?, b'"')?;
    Some((record.get(..at)?, id, rest))
}

/// The words behind the number of the message, and the text in which pairs follow.
fn syslog(record: &[u8]) -> Option<(Told<'_>, &[u8])> {
    let (head, id, rest) = around_id(record)?;
    if memchr(b'"', head).is_some() {
        return None;
    }
    let mut cursor = Cursor::new(rest);
    let disposition = cursor.word()?;
    if !disposition.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let mut told = Told {
        id,
        disposition,
        ..Told::default()
    };
    told.addresses(&mut cursor)?;
    told.ports(&mut cursor);
    Some((told, cursor.rest()))
}

/// The words behind the time, and the text in which pairs follow, the number of the message among them.
fn traffic_monitor(record: &[u8]) -> Option<(Told<'_>, &[u8])> {
    let mut cursor = Cursor::new(record);
    for _ in 0..MAX_LEAD_WORDS {
        let disposition = cursor.word()?;
        if memchr(b'"', disposition).is_some() {
            return None;
        }
        if !matches!(disposition, b"Allow" | b"Deny") {
            continue;
        }
        let mut told = Told {
            disposition,
            client: cursor.word().and_then(ip),
            server: cursor.word().and_then(ip),
            ..Told::default()
        };
        (told.client.is_some() && told.server.is_some()).then_some(())?;
        if !is_icmp(cursor.word()?) {
            told.ports(&mut cursor);
        }
        return Some((told, cursor.rest()));
    }
    None
}

/// `icmp`, `icmpv6`, `icmp-Echo/icmp`.
fn is_icmp(word: &[u8]) -> bool {
    word.get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case(b"icmp"))
}

fn some(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

fn path(text: &[u8]) -> Option<&[u8]> {
    text.starts_with(b"/").then(|| path_of(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(record: &str) -> String {
        let Some(told) = Told::read(&Pairs::quoted_between_blanks(), record.as_bytes()) else {
            return "nothing".to_owned();
        };
        let text = |t: Option<Untrusted<'_>>| t.map_or("-".to_owned(), |t| t.lossy().into_owned());
        let id = String::from_utf8_lossy(told.id);
        let ports = (told.client_port, told.port);
        format!(
            "{id} {ports:?} {} {} {}",
            text(told.host),
            text(told.path),
            text(told.user)
        )
    }

    #[test]
    fn a_path_forges_neither_host_nor_user_nor_id() {
        for (record, expected) in [
            (
                r#"x msg_id="1AFF-0024" Allow a b tcp 192.0.2.7 203.0.113.5 1 80 dstname="a.example" arg="/x\" dstname=\"forged.example\" src_user=\"forged" geo="USA""#,
                r#"1AFF-0024 (Some(1), Some(80)) a.example /x" dstname="forged.example" src_user="forged -"#,
            ),
            (
                r#"x msg_id="1AFF-0024" Allow a b tcp 192.0.2.7 203.0.113.5 1 80 dstname="a.example" arg="/x" dstname="forged.example" src_user="forged" y" src_user="mallory""#,
                "1AFF-0024 (Some(1), Some(80)) a.example /x mallory",
            ),
            (
                r#"2026-11-23 10:03:54 Allow 192.0.2.7 203.0.113.5 http/tcp 1 80 T E (p-00) dstname="a.example" arg="/msg_id=\"1AFF-0001\" Deny 192.0.2.9 192.0.2.9" msg_id="1AFF-0024""#,
                r#"1AFF-0024 (Some(1), Some(80)) a.example /msg_id="1AFF-0001" Deny 192.0.2.9 192.0.2.9 -"#,
            ),
        ] {
            assert_eq!(told(record), expected, "{record}");
        }
    }

    #[test]
    fn type_and_code_of_a_ping_are_no_ports() {
        for record in [
            r#"x msg_id="3000-0148" Deny 1-Trusted 0-External WAN 84 icmp 20 64 192.0.2.7 203.0.113.5 8 0 (Ping-00)"#,
            r#"2026-11-23 10:03:54 FB1 Deny 192.0.2.7 203.0.113.5 icmp 8 0 T E msg_id="3000-0148""#,
        ] {
            assert_eq!(told(record), "3000-0148 (None, None) - - -", "{record}");
        }
    }

    #[test]
    fn text_without_addresses_is_no_traffic() {
        for record in [
            r#"x msg_id="3E00-0002" Management user admin from 192.0.2.250 logged in"#,
            r#"x msg_id="1AFF-0024" Allow msg="192.0.2.7 192.0.2.8" 192.0.2.7 192.0.2.8"#,
            r#"x msg_id="1AFF-0024"#,
            "x Allow 192.0.2.7 203.0.113.5",
            "",
        ] {
            assert_eq!(told(record), "nothing", "{record}");
        }
    }
}
