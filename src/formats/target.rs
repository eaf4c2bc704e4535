//! The target of a request: a URL or an authority cut into host, port and path.
//!
//! What stands before an `@` is dropped, so `http://chatgpt.com@evil.example/` went to `evil.example`; query
//! string and fragment are dropped, because nobody needs them and they hold secrets. The cuts follow RFC 3986;
//! whether the host is a host name is for [`crate::model::Host`] to say.

use memchr::{memchr, memchr3, memmem};

use crate::model::Untrusted;

use super::cursor::{number, port, split, split_last};

/// Where a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Target<'a> {
    pub(super) host: Option<&'a [u8]>,
    /// As written, or the scheme's own.
    pub(super) port: Option<u16>,
    /// From the first `/`.
    pub(super) path: Option<&'a [u8]>,
}

impl<'a> Target<'a> {
    /// The target of a request line: CONNECT names an authority, everything else a URL or a path.
    pub(super) fn of(method: &[u8], url: &'a [u8]) -> Self {
        if method.eq_ignore_ascii_case(b"CONNECT") && memmem::find(url, b"://").is_none() {
            Self::authority(url)
        } else {
            Self::url(url)
        }
    }

    /// An absolute URL, or a path alone. `error:invalid-request` and the like have neither host nor path.
    pub(super) fn url(url: &'a [u8]) -> Self {
        if url.starts_with(b"/") {
            return Self {
                path: Some(path_of(url)),
                ..Self::default()
            };
        }
        match split_scheme(url) {
            Some((scheme, rest)) => Self::behind_scheme(scheme, rest),
            None => Self::default(),
        }
    }

    fn behind_scheme(scheme: &[u8], rest: &'a [u8]) -> Self {
        let target = Self::behind_nothing(rest);
        Self {
            port: target.port.or_else(|| default_port(scheme)),
            ..target
        }
    }

    /// An authority, and a path if one follows.
    fn behind_nothing(text: &'a [u8]) -> Self {
        let end = memchr3(b'/', b'?', b'#', text).unwrap_or(text.len());
        let (authority, path) = text.split_at_checked(end).unwrap_or((text, b""));
        Self {
            path: path.starts_with(b"/").then(|| path_of(path)),
            ..Self::bare_authority(authority)
        }
    }

    /// Whatever names a target: a URL, `host:443`, `host/path`, a path alone.
    pub(super) fn any(text: &'a [u8]) -> Self {
        if text.starts_with(b"/") && !text.starts_with(b"//") {
            return Self::url(text);
        }
        if let Some((scheme, rest)) = split_scheme(text) {
            return Self::behind_scheme(scheme, rest);
        }
        Self::behind_nothing(text.strip_prefix(b"//").unwrap_or(text))
    }

    /// `host`, `host:443`, `[2001:db8::1]:443`, `user@host`; a path behind it is ignored.
    pub(super) fn authority(text: &'a [u8]) -> Self {
        let end = memchr3(b'/', b'?', b'#', text).unwrap_or(text.len());
        Self::bare_authority(text.get(..end).unwrap_or(text))
    }

    /// The same where nothing stands behind it.
    fn bare_authority(text: &'a [u8]) -> Self {
        let text = split_last(text, b'@').map_or(text, |(_userinfo, host)| host);
        let (host, port) = if let Some(rest) = text.strip_prefix(b"[") {
            let (host, after) = split(rest, b']').unwrap_or((rest, b""));
            (host, after.strip_prefix(b":").and_then(port))
        } else if let Some((host, after)) = escaped_brackets(text) {
            (host, after.strip_prefix(b":").and_then(port))
        } else {
            match split_last(text, b':') {
                // More than one colon without brackets is an IPv6 address without a port.
                Some((host, _)) if memchr(b':', host).is_some() => (text, None),
                Some((host, digits)) if digits.is_empty() || number(digits).is_some() => {
                    (host, port(digits))
                }
                _ => (text, None),
            }
        };
        let host = host.strip_suffix(b".").unwrap_or(host);
        Self {
            host: (!host.is_empty()).then_some(host),
            port,
            path: None,
        }
    }

    pub(super) fn host_text(&self) -> Option<Untrusted<'a>> {
        self.host.map(Untrusted::new)
    }

    pub(super) fn path_text(&self) -> Option<Untrusted<'a>> {
        self.path.map(Untrusted::new)
    }
}

/// `%5B2001:db8::1%5D:443`, as Traffic Server writes an address: what stands between, and what follows.
fn escaped_brackets(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = text
        .strip_prefix(b"%5B")
        .or_else(|| text.strip_prefix(b"%5b"))?;
    let end = memmem::find(rest, b"%5D").or_else(|| memmem::find(rest, b"%5d"))?;
    Some((rest.get(..end)?, rest.get(end + 3..)?))
}

/// A path without query string and fragment.
pub(super) fn path_of(path: &[u8]) -> &[u8] {
    let end = memchr::memchr2(b'?', b'#', path).unwrap_or(path.len());
    path.get(..end).unwrap_or(path)
}

fn split_scheme(url: &[u8]) -> Option<(&[u8], &[u8])> {
    let (scheme, rest) = split(url, b':')?;
    let is_scheme = scheme.first()?.is_ascii_alphabetic()
        && scheme
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_'));
    Some((scheme, rest.strip_prefix(b"//")?)).filter(|_| is_scheme)
}

fn default_port(scheme: &[u8]) -> Option<u16> {
    const PORTS: [(&[u8], u16); 5] = [
        (b"https", 443),
        (b"http", 80),
        (b"wss", 443),
        (b"ws", 80),
        (b"ftp", 21),
    ];
    PORTS
        .iter()
        .find(|(name, _)| scheme.eq_ignore_ascii_case(name))
        .map(|(_, port)| *port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(target: Target<'_>) -> String {
        let text = |t: Option<&[u8]>| {
            t.map_or("-".to_owned(), |t| String::from_utf8_lossy(t).into_owned())
        };
        let port = target.port.map_or("-".to_owned(), |p| p.to_string());
        format!("{} {port} {}", text(target.host), text(target.path))
    }

    #[test]
    fn urls_are_cut_as_rfc_3986_says() {
        for (url, expected) in [
            ("http://chatgpt.com@evil.example/", "evil.example 80 /"),
            (
                "http://evil.example/chatgpt.com?x#y",
                "evil.example 80 /chatgpt.com",
            ),
            (
                "http://evil.example?u=http://chatgpt.com/",
                "evil.example 80 -",
            ),
            ("http://evil.example#@chatgpt.com/", "evil.example 80 -"),
            ("http://chatgpt.com\\@evil.example/", "evil.example 80 /"),
            ("HTTPS://ChatGPT.com.:8443/a?b", "ChatGPT.com 8443 /a"),
            ("https://[2001:db8::5]:8443/a", "2001:db8::5 8443 /a"),
            (
                "http://chatgpt.com:443.evil.example/",
                "chatgpt.com:443.evil.example 80 /",
            ),
            ("error:transaction-end-before-headers", "- - -"),
            ("/chat?q", "- - /chat"),
            ("", "- - -"),
            ("http:///x", "- 80 /x"),
        ] {
            assert_eq!(shown(Target::url(url.as_bytes())), expected, "{url}");
        }
    }

    #[test]
    fn connect_names_an_authority() {
        for (url, expected) in [
            ("chatgpt.com:443", "chatgpt.com 443 -"),
            ("chatgpt.com", "chatgpt.com - -"),
            ("[2001:db8::5]:443", "2001:db8::5 443 -"),
            ("2001:db8::5", "2001:db8::5 - -"),
            ("chatgpt.com@evil.example:443", "evil.example 443 -"),
            ("https://chatgpt.com:443", "chatgpt.com 443 -"),
            (":443", "- 443 -"),
            ("[", "- - -"),
        ] {
            assert_eq!(
                shown(Target::of(b"CONNECT", url.as_bytes())),
                expected,
                "{url}"
            );
        }
    }
}
