//! The rules of a service: on hosts, on URLs and on user agents.
//!
//! A rule carries why we believe it and since when. How rules compete for a host is `index`'s business.

use std::fmt;
use std::sync::Arc;

use super::host_pattern::HostPattern;
use super::path_pattern::PathPattern;
use crate::model::{Activity, Channel, Day, Evidence, Role, Tier};

/// Which hosts a rule speaks of.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// This name alone.
    Host(Box<str>),
    /// This name and everything below it.
    Suffix(Box<str>),
    /// Everything below this name, not the name itself. Written `*.name`, in URL rules only.
    Below(Box<str>),
    /// Labels with placeholders, `bedrock-runtime.{region}.amazonaws.com`.
    Pattern(Box<HostPattern>),
    /// What nothing simpler can say; tried only below `within`, against the whole name.
    Regex {
        regex: Box<regex::Regex>,
        within: Box<str>,
    },
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => write!(f, "host {name}"),
            Self::Suffix(name) => write!(f, "suffix {name}"),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Pattern(pattern) => write!(f, "pattern {pattern}"),
            Self::Regex { regex, within } => {
                let anchored = regex.as_str();
                let inner = anchored
                    .strip_prefix("^(?:")
                    .and_then(|rest| rest.strip_suffix(")$"));
                write!(f, "regex {} within {within}", inner.unwrap_or(anchored))
            }
        }
    }
}

/// A host that belongs to a service.
#[derive(Debug, Clone)]
pub struct DomainRule {
    pub matcher: Matcher,
    pub role: Role,
    pub evidence: Evidence,
    pub source: Box<str>,
    pub verified: Day,
    /// What the host says of the account, when it does.
    pub tier: Option<Tier>,
    /// The plan that the host belongs to, `business`.
    pub plan: Option<Box<str>>,
    /// Why a regular expression was needed.
    pub excuse: Option<Box<str>>,
    pub note: Option<Box<str>>,
    pub line: u32,
}

impl DomainRule {
    /// The rule as people read it, `suffix chatgpt.com`.
    #[must_use]
    pub fn text(&self) -> String {
        self.matcher.to_string()
    }
}

/// A path on a host that shows what somebody did.
#[derive(Debug, Clone)]
pub struct UrlRule {
    pub host: Matcher,
    pub path: PathPattern,
    /// Upper case; empty for every method.
    pub method: Vec<Box<str>>,
    pub activity: Activity,
    pub evidence: Evidence,
    /// What the path says of the account, when it does.
    pub tier: Option<Tier>,
    /// Whether the path is used by signed-in people only, of whatever tier.
    pub signed_in: bool,
    pub plan: Option<Box<str>>,
    pub source: Box<str>,
    pub verified: Day,
    pub note: Option<Box<str>>,
    pub line: u32,
}

impl UrlRule {
    /// The rule as people read it, `POST chatgpt.com/backend-api/conversation`.
    #[must_use]
    pub fn text(&self) -> String {
        let host = match &self.host {
            Matcher::Host(name) => name.to_string(),
            Matcher::Pattern(pattern) => pattern.to_string(),
            other => other.to_string(),
        };
        if self.method.is_empty() {
            return format!("{host}{}", self.path);
        }
        format!("{} {host}{}", self.method.join("|"), self.path)
    }

    /// Whether a request with this method can be meant; an unknown one can.
    #[must_use]
    pub fn takes(&self, method: Option<&[u8]>) -> bool {
        let Some(method) = method else {
            return true;
        };
        self.method.is_empty()
            || self
                .method
                .iter()
                .any(|own| own.as_bytes().eq_ignore_ascii_case(method))
    }
}

/// A program that names itself.
#[derive(Debug, Clone)]
pub struct AgentRule {
    /// What the user agent begins with; empty when only `contains` decides.
    pub prefix: Box<str>,
    /// What must stand somewhere in it as well.
    pub contains: Option<Box<str>>,
    pub channel: Channel,
    pub source: String,
    pub verified: Option<Day>,
    pub note: Option<Box<str>>,
    /// The file that says so: a rule on a program that talks to anybody has no service to ask.
    pub file: Arc<str>,
    pub line: u32,
}

impl AgentRule {
    /// The rule as people read it, `user agent codex_cli_rs/…`.
    #[must_use]
    pub fn text(&self) -> String {
        match (&*self.prefix, &self.contains) {
            (prefix, None) => format!("user agent {prefix}…"),
            ("", Some(part)) => format!("user agent …{part}…"),
            (prefix, Some(part)) => format!("user agent {prefix}…{part}…"),
        }
    }

    /// Whether a user agent is of this program.
    #[must_use]
    pub fn fits(&self, user_agent: &[u8]) -> bool {
        let Some(rest) = user_agent.strip_prefix(self.prefix.as_bytes()) else {
            return false;
        };
        self.contains
            .as_ref()
            .is_none_or(|part| memchr::memmem::find(rest, part.as_bytes()).is_some())
    }

    /// How many bytes of a user agent the rule fixes.
    pub(super) fn fixed_len(&self) -> usize {
        self.prefix.len() + self.contains.as_ref().map_or(0, |part| part.len())
    }
}
