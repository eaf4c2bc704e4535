//! What a Junos security message tells, and how structured data says it: `[junos@… key="value" …]`.
//!
//! A quote in a value is `\"`. The client writes `url` and `obj`: a key that stands before them counts where it stands first,
//! `username`, which stands behind them, where it stands last. Behind the bracket the same may follow as text, which
//! does not count. Keys from the System Log Explorer, older ones from memory.

use std::net::IpAddr;

use memchr::memmem;

use crate::model::Untrusted;

use super::cursor::{ip, number, port};
use super::mapping::cell::Cell;
use super::mapping::pairs::{Pairs, is_escaped};
use super::target::{Target, path_of};

/// What a message tells; nothing is what it does not tell.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) client: Option<IpAddr>,
    pub(super) client_port: Option<u16>,
    pub(super) server: Option<IpAddr>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<Untrusted<'a>>,
    pub(super) has_url: bool,
    pub(super) host: Option<Untrusted<'a>>,
    pub(super) path: Option<Untrusted<'a>>,
    pub(super) category: Option<Untrusted<'a>>,
    pub(super) bytes_up: Option<u64>,
    pub(super) bytes_down: Option<u64>,
    pub(super) duration_secs: Option<u64>,
}

impl<'a> Told<'a> {
    /// What structured data tells.
    pub(super) fn structured(pairs: &Pairs, text: &'a [u8]) -> Self {
        let mut told = Self::default();
        // What is cut off within a value is still true up to there.
        let _ = pairs.each(element(text), |key, value| told.take(key, &value));
        told
    }

    fn take(&mut self, key: &[u8], value: &Cell<'a>) {
        match key {
            b"source-address" => first(&mut self.client, || ip(&value.text())),
            b"source-port" => first(&mut self.client_port, || port(&value.text())),
            b"destination-address" => first(&mut self.server, || ip(&value.text())),
            b"destination-port" => first(&mut self.port, || port(&value.text())),
            b"bytes-from-client" => first(&mut self.bytes_up, || number(&value.text())),
            b"bytes-from-server" => first(&mut self.bytes_down, || number(&value.text())),
            b"elapsed-time" => first(&mut self.duration_secs, || number(&value.text())),
            b"category" | b"name" => first(&mut self.category, || value.part(known)),
            b"url" | b"object-name" if !self.has_url => {
                self.has_url = true;
                self.host = value.part(host);
            }
            b"obj" | b"pathname" => first(&mut self.path, || value.part(path)),
            b"username" => self.user = value.part(known),
            _ => {}
        }
    }
}

/// Keeps the first value.
fn first<T>(kept: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if kept.is_none() {
        *kept = value();
    }
}

/// The inside of `[junos@… key="value"]`; the same may follow as text.
fn element(text: &[u8]) -> &[u8] {
    let closes = |at: &usize| {
        let after = text.get(at + 2);
        !is_escaped(text, *at) && after.is_none_or(u8::is_ascii_whitespace)
    };
    let end = memmem::find_iter(text, b"\"]").find(closes);
    end.and_then(|at| text.get(..=at)).unwrap_or(text)
}

/// A value that is one.
pub(super) fn known(text: &[u8]) -> Option<&[u8]> {
    let is_null = matches!(
        text,
        b"" | b"N/A" | b"UNKNOWN" | b"None" | b"unauthenticated-user"
    );
    (!is_null).then_some(text)
}

pub(super) fn host(text: &[u8]) -> Option<&[u8]> {
    Target::any(known(text)?).host
}

pub(super) fn path(text: &[u8]) -> Option<&[u8]> {
    text.starts_with(b"/").then(|| path_of(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(told: &Told<'_>) -> String {
        let text = |t: &Option<Untrusted<'_>>| {
            t.as_ref()
                .map_or("-".to_owned(), |t| t.lossy().into_owned())
        };
        format!(
            "{} {} {}",
            text(&told.host),
            text(&told.path),
            text(&told.user)
        )
    }

    #[test]
    fn a_path_forges_neither_host_nor_user_even_where_quotes_are_not_escaped() {
        let pairs = Pairs::quoted_between_blanks();
        for (text, expected) in [
            (
                r#"[junos@1 url="a.example" obj="/a" url="forged.example" username="forged" x" username="mallory" roles="N/A"]"#,
                "a.example /a mallory",
            ),
            (
                r#"[junos@1 url="a.example" obj="/a\"\] username=\"forged" username="N/A"] WebFilter: URL=b OBJ=/ username="forged"]"#,
                r#"a.example /a"\] username="forged -"#,
            ),
            (
                r#"[junos@1 url="a.example" obj="/app"]"#,
                "a.example /app -",
            ),
            (r#"[junos@1 url="a.example" obj="/ap"#, "a.example - -"),
        ] {
            assert_eq!(shown(&Told::structured(&pairs, text.as_bytes())), expected);
        }
    }
}
