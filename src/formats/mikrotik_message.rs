//! A message of RouterOS behind its headers: topics, prefix, and what happened.
//!
//! A client controls a name and a URL, and either may hold blanks: a name begins behind its number and ends with the type,
//! what the proxy did is read from the end.

use std::net::IpAddr;

use memchr::{memchr, memmem};

use super::cursor::{Cursor, ip, number, split, split_last};

pub(super) enum Message<'a> {
    Query(Query<'a>),
    Request(Request<'a>),
    /// An answer, or of another topic.
    Other,
    /// A query or a request in pieces.
    Broken,
}

impl<'a> Message<'a> {
    /// What begins here; nothing, when that may be a word of the router's name.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let (topics, text) = split(text, b' ')
            .filter(|(word, _)| is_topics(word))
            .unwrap_or((b"", text));
        let text = without_prefix(text);
        if let Some(query) = text.strip_prefix(b"query from ") {
            return Some(Query::read(query).map_or(Self::Broken, Self::Query));
        }
        if text.starts_with(b"done query") || text.starts_with(b"local query") {
            return Some(Self::Other);
        }
        let mut cursor = Cursor::new(text);
        if let Some(client) = cursor.word().and_then(ip)
            && let Some(method) = cursor.word().filter(|word| is_method(word))
        {
            let request = Request::read(client, method, cursor.rest());
            return Some(request.map_or(Self::Broken, Self::Request));
        }
        // A single topic may be any word.
        let is_list = memchr(b',', topics).is_some() && !text.is_empty();
        is_list.then_some(Self::Other)
    }
}

/// `dns`, `dns,info`, `web-proxy,account:`, `system,!debug`.
fn is_topics(word: &[u8]) -> bool {
    let word = word.strip_suffix(b":").unwrap_or(word);
    let is_ours = word.starts_with(b"dns") || word.starts_with(b"web-proxy");
    let is_byte = |b: &u8| {
        b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b',' | b'!' | b'-' | b'_')
    };
    (is_ours || memchr(b',', word).is_some()) && word.iter().all(is_byte)
}

/// What follows `gw: `.
fn without_prefix(text: &[u8]) -> &[u8] {
    let is_byte = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    match split(text, b' ') {
        Some((word, rest)) => match word.strip_suffix(b":") {
            Some(name) if name.iter().all(is_byte) => rest,
            _ => text,
        },
        None => text,
    }
}

fn is_method(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(u8::is_ascii_uppercase)
}

pub(super) struct Query<'a> {
    pub(super) client: IpAddr,
    pub(super) name: &'a [u8],
    pub(super) qtype: &'a [u8],
}

impl<'a> Query<'a> {
    /// `192.0.2.7: #5345 chatgpt.com. A`, or `UNKNOWN (65)` where RouterOS has no name for the type.
    fn read(text: &'a [u8]) -> Option<Self> {
        let (client, text) = split(text, b' ')?;
        let (id, text) = split(text, b' ')?;
        number(id.strip_prefix(b"#")?)?;
        let (name, qtype) = split_last(text, b' ')?;
        let in_brackets = qtype.strip_prefix(b"(").and_then(|q| q.strip_suffix(b")"));
        let (name, qtype) = match in_brackets {
            Some(digits) => {
                number(digits)?;
                (name.strip_suffix(b" UNKNOWN")?, digits)
            }
            None => (name, qtype),
        };
        let name = name.trim_ascii();
        (!name.is_empty()).then_some(())?;
        Some(Self {
            client: ip(client.strip_suffix(b":")?)?,
            name,
            qtype,
        })
    }
}

pub(super) struct Request<'a> {
    pub(super) client: IpAddr,
    pub(super) method: &'a [u8],
    pub(super) url: &'a [u8],
    pub(super) action: &'a [u8],
}

impl<'a> Request<'a> {
    /// `http://a.example/  action=allow cache=MISS` behind client and method.
    fn read(client: IpAddr, method: &'a [u8], text: &'a [u8]) -> Option<Self> {
        let at = memmem::rfind(text, b" action=")?;
        let (url, did) = (text.get(..at)?.trim_ascii(), text.get(at + 8..)?);
        let (action, cache) = split(did, b' ')?;
        let is_whole = !url.is_empty()
            && memchr(b' ', cache).is_none()
            && cache.strip_prefix(b"cache=").is_some_and(|c| !c.is_empty());
        is_whole.then_some(Self {
            client,
            method,
            url,
            action,
        })
    }
}
