//! One rule of a signature file: from its keys to a matcher that can be tried.
//!
//! The wrong ways to write a rule are told here, at the key that is wrong.

use std::ops::Range;
use std::sync::Arc;

use super::parse::Reader;
use super::placed::Placed;
use super::rules::{AgentRule, DomainRule, Matcher, UrlRule};
use super::schema::{AgentText, DomainText, UrlText};
use super::{CatalogueError, HostPattern, PathPattern};
use crate::model::{Evidence, Host, Tier};

impl Reader<'_> {
    pub(super) fn domain(
        &self,
        span: Range<usize>,
        written: DomainText,
    ) -> Result<DomainRule, CatalogueError> {
        let line = self.places.line(span.start);
        Ok(DomainRule {
            matcher: self.domain_matcher(span, &written)?,
            role: written.role,
            evidence: written.evidence,
            source: written.source,
            verified: written.verified,
            tier: written.tier,
            plan: written.plan,
            excuse: written.excuse,
            note: written.note,
            line,
        })
    }

    fn domain_matcher(
        &self,
        span: Range<usize>,
        written: &DomainText,
    ) -> Result<Matcher, CatalogueError> {
        let wrong = |reason: &str| Err(self.places.error(span.clone(), reason));
        if written.regex.is_none() && written.within.is_some() {
            return wrong("the key \"within\" belongs to a regex");
        }
        match (
            &written.host,
            &written.suffix,
            &written.pattern,
            &written.regex,
        ) {
            (Some(host), None, None, None) => Ok(Matcher::Host(self.name(host)?)),
            (None, Some(suffix), None, None) => {
                let name = self.name(suffix)?;
                if is_public_suffix(&name) {
                    let reason = format!("{name:?} is a public suffix: everybody's names end so");
                    return Err(self.places.error(suffix.span(), reason));
                }
                Ok(Matcher::Suffix(name))
            }
            (None, None, Some(pattern), None) => self.pattern(pattern),
            (None, None, None, Some(regex)) => {
                let Some(within) = &written.within else {
                    return wrong("a regex needs \"within\", the suffix below which it is tried");
                };
                if written.excuse.is_none() {
                    return wrong(
                        "a regex needs an \"excuse\": a sentence why nothing simpler does",
                    );
                }
                let within = self.name(within)?;
                let whole = format!("^(?:{})$", regex.get_ref());
                regex::Regex::new(&whole)
                    .map(|regex| Matcher::Regex {
                        regex: Box::new(regex),
                        within,
                    })
                    .map_err(|_| {
                        let reason = format!("{:?} is no regular expression", regex.get_ref());
                        self.places.error(regex.span(), reason)
                    })
            }
            _ => wrong("a domain rule needs exactly one of: host, suffix, pattern, regex"),
        }
    }

    pub(super) fn url(
        &self,
        span: Range<usize>,
        written: UrlText,
    ) -> Result<UrlRule, CatalogueError> {
        let path = PathPattern::parse(written.path.get_ref())
            .map_err(|e| self.places.error(written.path.span(), e.to_string()))?;
        let host = if written.host.get_ref().contains('{') {
            self.pattern(&written.host)?
        } else if let Some(below) = written.host.get_ref().strip_prefix("*.") {
            let name = Host::parse(below.as_bytes()).ok_or_else(|| self.no_host(&written.host))?;
            Matcher::Below(name.as_str().into())
        } else {
            Matcher::Host(self.name(&written.host)?)
        };
        let mut method: Vec<Box<str>> = Vec::new();
        for word in &written.method {
            if word.get_ref().is_empty() || !word.get_ref().bytes().all(|b| b.is_ascii_uppercase())
            {
                let reason = format!("{:?} is no method; write it in capitals", word.get_ref());
                return Err(self.places.error(word.span(), reason));
            }
            method.push(word.get_ref().as_str().into());
        }
        let (tier, signed_in) = self.account(written.tier.as_ref())?;
        Ok(UrlRule {
            host,
            path,
            method,
            activity: written.activity,
            evidence: written.evidence.unwrap_or(Evidence::Definite),
            tier,
            signed_in,
            plan: written.plan,
            source: written.source,
            verified: written.verified,
            note: written.note,
            line: self.places.line(span.start),
        })
    }

    /// A tier, or `account`, which says "signed in" and leaves the tier open.
    fn account(
        &self,
        tier: Option<&Placed<String>>,
    ) -> Result<(Option<Tier>, bool), CatalogueError> {
        let Some(tier) = tier else {
            return Ok((None, false));
        };
        if tier.get_ref() == "account" {
            return Ok((None, true));
        }
        match tier.get_ref().parse() {
            Ok(word) => Ok((Some(word), false)),
            Err(e) => {
                let reason = format!("{e}, account");
                Err(self.places.error(tier.span(), reason))
            }
        }
    }

    pub(super) fn agent(
        &self,
        span: Range<usize>,
        written: AgentText,
    ) -> Result<AgentRule, CatalogueError> {
        let prefix = written.prefix.unwrap_or_default();
        let contains = written.contains.filter(|part| !part.is_empty());
        if prefix.is_empty() && contains.is_none() {
            let reason = "a user agent rule needs a prefix, contains or both";
            return Err(self.places.error(span, reason));
        }
        Ok(AgentRule {
            prefix: prefix.into(),
            contains: contains.map(Into::into),
            channel: written.channel,
            source: written.source,
            verified: written.verified,
            note: written.note,
            file: Arc::clone(&self.file),
            line: self.places.line(span.start),
        })
    }

    fn name(&self, written: &Placed<String>) -> Result<Box<str>, CatalogueError> {
        let host = Host::parse(written.get_ref().as_bytes());
        host.map(|host| host.as_str().into())
            .ok_or_else(|| self.no_host(written))
    }

    fn no_host(&self, written: &Placed<String>) -> CatalogueError {
        let reason = format!("{:?} is no host name", written.get_ref());
        self.places.error(written.span(), reason)
    }

    fn pattern(&self, written: &Placed<String>) -> Result<Matcher, CatalogueError> {
        HostPattern::parse(written.get_ref())
            .map(|pattern| Matcher::Pattern(Box::new(pattern)))
            .map_err(|e| self.places.error(written.span(), e.to_string()))
    }
}

/// Whether registries hand out names below it. Private entries of the list (`hf.space`) are platforms,
/// and a platform is a service.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|suffix| {
        suffix.as_bytes() == name.as_bytes() && suffix.typ() != Some(psl::Type::Private)
    })
}
