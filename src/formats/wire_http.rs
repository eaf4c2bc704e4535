//! HTTP requests as a passive sensor saw them on the wire, whichever sensor wrote them down.
//!
//! A sensor in front of an explicit proxy sees what clients say to the proxy: `CONNECT host:443` and absolute
//! URIs; behind it, or without one, a path and a `Host` header. The request target wins over the header, as
//! in RFC 9112 §3.2.2. The sensor knows no policy: only a refused CONNECT, which no one but a proxy answers,
//! is called blocked.

use std::borrow::Cow;

use crate::model::{Outcome, Untrusted};

use super::target::Target;

/// Where a request went.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked<'a> {
    pub(super) host: Option<Untrusted<'a>>,
    pub(super) port: Option<u16>,
    pub(super) path: Option<Untrusted<'a>>,
    /// Whether it was addressed to a proxy.
    pub(super) to_proxy: bool,
    /// Whether it asked for a tunnel, whose bytes the sensor does not count.
    pub(super) is_tunnel: bool,
}

/// Finds the target of a request from its method, its URI and its `Host` header.
pub(super) fn target<'a>(
    method: Option<&[u8]>,
    uri: Option<Cow<'a, [u8]>>,
    host_header: Option<Cow<'a, [u8]>>,
) -> Asked<'a> {
    match (uri, host_header) {
        (Some(Cow::Borrowed(uri)), Some(Cow::Borrowed(header))) => find(method, uri, header),
        (Some(Cow::Borrowed(uri)), None) => find(method, uri, b""),
        (None, Some(Cow::Borrowed(header))) => find(method, b"", header),
        (uri, header) => {
            let found = find(
                method,
                uri.as_deref().unwrap_or_default(),
                header.as_deref().unwrap_or_default(),
            );
            Asked {
                host: found.host.map(Untrusted::into_owned),
                port: found.port,
                path: found.path.map(Untrusted::into_owned),
                to_proxy: found.to_proxy,
                is_tunnel: found.is_tunnel,
            }
        }
    }
}

/// What became of a request, from the status of its answer.
pub(super) fn outcome(method: Option<&[u8]>, to_proxy: bool, status: Option<u16>) -> Outcome {
    let connect = method.is_some_and(is_connect);
    match status {
        None | Some(0) => Outcome::Unknown,
        // A proxy or a captive portal wants a login first.
        Some(407 | 511) => Outcome::Error,
        Some(200..=299) => Outcome::Allowed,
        Some(403) if connect => Outcome::Blocked,
        Some(_) if connect => Outcome::Error,
        // Through a proxy these are either the proxy's words or the server's.
        Some(403) if to_proxy => Outcome::Unknown,
        Some(502..=504) if to_proxy => Outcome::Error,
        // Any other answer came from the server: the request went through.
        Some(_) => Outcome::Allowed,
    }
}

/// The host of a URL such as a referrer.
pub(super) fn url_host(url: Cow<'_, [u8]>) -> Option<Untrusted<'_>> {
    target(None, Some(url), None).host
}

fn find<'a>(method: Option<&[u8]>, uri: &'a [u8], header: &'a [u8]) -> Asked<'a> {
    let connect = method.is_some_and(is_connect);
    let named = Target::of(method.unwrap_or_default(), uri);
    let target = match named.host {
        Some(_) => named,
        None => Target {
            path: named.path,
            ..Target::authority(header)
        },
    };
    Asked {
        host: target.host_text(),
        port: target.port,
        path: target.path_text(),
        to_proxy: connect || named.host.is_some(),
        is_tunnel: connect,
    }
}

fn is_connect(method: &[u8]) -> bool {
    method.eq_ignore_ascii_case(b"CONNECT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &'static str, uri: &'static str, header: &'static str) -> String {
        let cow = |text: &'static str| (!text.is_empty()).then_some(Cow::Borrowed(text.as_bytes()));
        let found = target(Some(method.as_bytes()), cow(uri), cow(header));
        let text = |part: &Option<Untrusted<'_>>| part.as_ref().map(|p| p.lossy().into_owned());
        format!(
            "{} {} {}",
            text(&found.host).unwrap_or_else(|| "-".into()),
            found.port.map_or_else(|| "-".into(), |p| p.to_string()),
            text(&found.path).unwrap_or_else(|| "-".into())
        )
    }

    #[test]
    fn the_request_target_wins_over_the_host_header() {
        assert_eq!(
            of("CONNECT", "chatgpt.com:443", "evil.example"),
            "chatgpt.com 443 -"
        );
        assert_eq!(of("CONNECT", "chatgpt.com", "x.example"), "chatgpt.com - -");
        assert_eq!(
            of("CONNECT", "[2001:db8::1]:8443", ""),
            "2001:db8::1 8443 -"
        );
        assert_eq!(
            of("GET", "http://a.example/p?q#f", "b.example"),
            "a.example 80 /p"
        );
        assert_eq!(
            of("GET", "https://a.example:8443?q", ""),
            "a.example 8443 -"
        );
        assert_eq!(
            of("GET", "/p/q?r=1", "b.example:8080"),
            "b.example 8080 /p/q"
        );
        assert_eq!(of("OPTIONS", "*", "b.example"), "b.example - -");
        assert_eq!(of("GET", "", ""), "- - -");
    }

    #[test]
    fn a_user_name_in_a_url_is_no_host() {
        assert_eq!(
            of("GET", "http://chatgpt.com@evil.example/", ""),
            "evil.example 80 /"
        );
        assert_eq!(
            of("GET", "http://evil.example/@chatgpt.com", ""),
            "evil.example 80 /@chatgpt.com"
        );
        assert_eq!(
            of("GET", "/http://chatgpt.com/", "evil.example"),
            "evil.example - /http://chatgpt.com/"
        );
    }

    #[test]
    fn only_a_proxy_can_block() {
        let outcome = |m: &str, proxy, status| outcome(Some(m.as_bytes()), proxy, status);
        assert_eq!(outcome("CONNECT", true, Some(403)), Outcome::Blocked);
        assert_eq!(outcome("CONNECT", true, Some(407)), Outcome::Error);
        assert_eq!(outcome("CONNECT", true, Some(200)), Outcome::Allowed);
        assert_eq!(outcome("GET", true, Some(403)), Outcome::Unknown);
        assert_eq!(outcome("GET", false, Some(403)), Outcome::Allowed);
        assert_eq!(outcome("GET", false, None), Outcome::Unknown);
    }
}
