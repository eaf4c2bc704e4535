//! What somebody asks about: a host, a URL or a user agent, as people write them.
//!
//! Used by examples, near misses and `explain`, so that all three mean the same by the same text.

use crate::model::Host;

/// A question in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A name alone: what DNS and an uninspected proxy can tell.
    Host(Host),
    /// A URL without its query, with a method where one was given.
    Url {
        method: Option<String>,
        host: Host,
        path: String,
    },
    UserAgent(String),
}

impl Question {
    /// Reads `chatgpt.com`, `chatgpt.com:443`, `https://chatgpt.com/backend-api/conversation`,
    /// `POST https://…` or `User-Agent: …`; `None` when it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((name, agent)) = text.split_once(':')
            && name.eq_ignore_ascii_case("user-agent")
        {
            return Some(Self::UserAgent(agent.trim().to_owned()));
        }
        let (method, rest) = match text.split_once(' ') {
            Some((method, rest)) if method.bytes().all(|b| b.is_ascii_uppercase()) => {
                (Some(method.to_owned()), rest.trim_start())
            }
            _ => (None, text),
        };
        let has_scheme = rest.contains("://");
        let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let host = Host::parse(without_port(authority).as_bytes())?;
        if path.is_empty() && !has_scheme && method.is_none() {
            return Some(Self::Host(host));
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = if path.is_empty() { "/" } else { path };
        Some(Self::Url {
            method,
            host,
            path: path.to_owned(),
        })
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_its_query_and_keeps_its_method() {
        let Some(Question::Url { method, host, path }) =
            Question::parse("POST https://ChatGPT.com:443/a/b?c=d")
        else {
            panic!("no URL");
        };
        assert_eq!(method.as_deref(), Some("POST"));
        assert_eq!((host.as_str(), path.as_str()), ("chatgpt.com", "/a/b"));
    }

    #[test]
    fn a_host_is_a_host_and_userinfo_is_refused() {
        assert!(matches!(
            Question::parse("chatgpt.com:443"),
            Some(Question::Host(_))
        ));
        assert!(matches!(
            Question::parse("https://chatgpt.com"),
            Some(Question::Url { .. })
        ));
        assert_eq!(
            Question::parse("https://chatgpt.com@evil.example/"),
            Question::parse("nothing here!")
        );
        assert!(matches!(
            Question::parse("user-agent: x/1"),
            Some(Question::UserAgent(_))
        ));
    }
}
