//! What stands in front of the time of a row: `[VHOST[:PORT]] CLIENT IDENT USER`.
//!
//! Nothing says which of these there are. They are told apart by what they look like, and where two addresses stand, by
//! the rows before. The user and, behind `X-Forwarded-For`, the client are the client's own words.

use std::net::IpAddr;

use crate::formats::cursor::{Cursor, ip, ip_and_port, present};
use crate::formats::escapes::backslashed_user;
use crate::model::{Event, Field, Host, Untrusted};

/// Who asked, and whom: what stands in front of the time.
#[derive(Default)]
pub(super) struct Who<'a> {
    pub(super) vhost: &'a [u8],
    /// What is known of the layout after this row.
    pub(super) has_vhost: bool,
    client: Option<Client<'a>>,
    user: &'a [u8],
}

enum Client<'a> {
    Address(IpAddr, Option<u16>),
    Name(&'a [u8]),
}

impl<'a> Who<'a> {
    /// `[VHOST] CLIENT IDENT USER`. A client may be a list, the farthest first; a user may hold blanks.
    pub(super) fn of(text: &'a [u8], had_vhost: bool) -> Option<Self> {
        let mut who = Self::default();
        let mut cursor = Cursor::new(text);
        let mut first = cursor.word()?;
        let mut next = cursor;
        let second = next.word().unwrap_or_default();
        let third = next.word().unwrap_or_default();
        let is_vhost = match (address(first), address(second)) {
            // A list goes on.
            (Some(_), _) if first.ends_with(b",") => false,
            // `127.0.1.1:80 192.0.2.7`, or `192.0.2.7 10.0.0.1` as after X-Forwarded-For.
            (Some((_, port)), Some(_)) => port.is_some() || had_vhost,
            (Some(_), None) => false,
            (None, Some(_)) => first != b"-",
            (None, None) => second != b"-" && third == b"-",
        };
        let is_certain = address(first).is_none() || address(second).is_none();
        who.has_vhost = if is_certain { is_vhost } else { had_vhost };
        if is_vhost {
            who.vhost = first;
        }
        if is_vhost || first == b"-" && address(second).is_some() {
            first = cursor.word()?;
        }
        who.client = match address(first) {
            Some((address, port)) => Some(Client::Address(address, port)),
            None if matches!(first, b"-" | b"unix:" | b"unknown") => None,
            None => Some(Client::Name(first)),
        };
        while first.ends_with(b",") {
            first = cursor.word()?;
        }
        // The nearer of two addresses adds nothing.
        let mut ahead = cursor;
        if ahead.word().is_some_and(|word| ip(word).is_some()) {
            cursor = ahead;
        }
        let mut ahead = cursor;
        let ident = ahead.word().unwrap_or_default();
        // lighttpd has the virtual host in place of the ident.
        let is_host = memchr::memchr(b'.', ident).is_some() && Host::parse(ident).is_some();
        if who.vhost.is_empty() && is_host && !ahead.rest().is_empty() {
            who.vhost = ident;
        }
        who.user = match ahead.rest().trim_ascii() {
            b"" => cursor.rest().trim_ascii(),
            // What a forwarding header injected in front of nobody is nobody.
            user if user.ends_with(b" -") => b"-",
            user => user,
        };
        Some(who)
    }

    pub(super) fn set(&self, event: &mut Event<'a>) {
        match self.client {
            Some(Client::Address(address, port)) => {
                event.client = Some(address);
                if port.is_some() {
                    event.client_port = port;
                    event.tells = event.tells.with(Field::ClientPort);
                }
            }
            Some(Client::Name(name)) => {
                event.client_name = Some(Untrusted::new(name));
                event.tells = event.tells.with(Field::ClientName);
            }
            None => {}
        }
        let bare = self.user.strip_prefix(b"\"");
        let bare = bare.and_then(|user| user.strip_suffix(b"\""));
        event.user = present(bare.unwrap_or(self.user)).map(|user| backslashed_user(user).into());
    }
}

/// An address, with or without a port and the comma of a list.
pub(super) fn address(word: &[u8]) -> Option<(IpAddr, Option<u16>)> {
    ip_and_port(word.strip_suffix(b",").unwrap_or(word))
}
