//! A service and its rules as they are shown: the same to people and to scripts, here and in `gnomon explain`.

use std::io;

use serde::Serialize;

use crate::catalogue::{AgentRule, DomainRule, Fact, RuleRef, Service, UrlRule};
use crate::cli::screen::Screen;
use crate::cli::sheet::{paragraph, row, row_if};
use crate::cli::table::shown;
use crate::model::{Archetype, Evidence, ServiceModel, Tier};

/// What a service is.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ServiceView<'c> {
    pub(in crate::cli) id: &'c str,
    pub(in crate::cli) name: &'c str,
    aliases: Vec<String>,
    vendor: &'c str,
    country: &'c str,
    homepage: &'c str,
    category: &'c str,
    archetype: Archetype,
    model: ServiceModel,
    description: &'c str,
    host_app: Option<&'c str>,
    introduced: Option<String>,
    retired: Option<String>,
    no_signature: Option<&'c str>,
    file: &'c str,
    line: u32,
}

/// One rule of any kind.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct RuleView<'c> {
    pub(in crate::cli) kind: &'static str,
    pub(in crate::cli) rule: String,
    /// A role, an activity or a channel.
    pub(in crate::cli) says: &'static str,
    evidence: Option<Evidence>,
    tier: Option<Tier>,
    /// The path is used by signed-in people only, of whatever tier.
    signed_in: bool,
    plan: Option<&'c str>,
    source: &'c str,
    verified: Option<String>,
    excuse: Option<&'c str>,
    note: Option<&'c str>,
    pub(in crate::cli) file: &'c str,
    pub(in crate::cli) line: u32,
}

/// One fact.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct FactView<'c> {
    field: &'static str,
    tier: Option<Tier>,
    value: String,
    confidence: &'static str,
    checked: String,
    source: &'c str,
}

impl<'c> ServiceView<'c> {
    pub(in crate::cli) fn of(service: &'c Service) -> Self {
        Self {
            id: &service.id,
            name: &service.name,
            aliases: service.aliases.iter().map(alias).collect(),
            vendor: &service.vendor.name,
            country: &service.vendor.country,
            homepage: &service.vendor.homepage,
            category: &service.category,
            archetype: service.archetype,
            model: service.model,
            description: &service.description,
            host_app: service.host_app.as_deref(),
            introduced: service.introduced.as_ref().map(ToString::to_string),
            retired: service.retired.as_ref().map(ToString::to_string),
            no_signature: service.no_signature.as_deref(),
            file: &service.file,
            line: service.line,
        }
    }

    /// Writes the sheet of a service.
    pub(in crate::cli) fn write(&self, screen: &mut Screen) -> io::Result<()> {
        row(screen, "service", &format!("{} ({})", self.name, self.id))?;
        let vendor = [self.vendor, self.country, self.homepage];
        row(screen, "vendor", &joined(&vendor))?;
        row(
            screen,
            "kind",
            &format!("{}, {}, {}", self.category, self.archetype, self.model),
        )?;
        row(screen, "description", self.description)?;
        row_if(screen, "part of", self.host_app)?;
        row_if(screen, "also called", Some(&self.aliases.join(", ")))?;
        row_if(screen, "introduced", self.introduced.as_deref())?;
        row_if(screen, "retired", self.retired.as_deref())?;
        row_if(screen, "no signature", self.no_signature)?;
        row(
            screen,
            "written in",
            &format!("{}:{}", self.file, self.line),
        )
    }
}

impl<'c> RuleView<'c> {
    /// A rule; `file` is its service's, which rules on free programs say themselves.
    pub(in crate::cli) fn of(rule: RuleRef<'c>, file: &'c str) -> Self {
        match rule {
            RuleRef::Domain(rule) => Self::domain(rule, file),
            RuleRef::Url(rule) => Self::url(rule, file),
            RuleRef::Agent(rule) => Self::agent(rule),
        }
    }

    fn domain(rule: &'c DomainRule, file: &'c str) -> Self {
        Self {
            kind: "host",
            rule: rule.text(),
            says: rule.role.as_str(),
            evidence: Some(rule.evidence),
            tier: rule.tier,
            signed_in: false,
            plan: rule.plan.as_deref(),
            source: &rule.source,
            verified: Some(rule.verified.to_string()),
            excuse: rule.excuse.as_deref(),
            note: rule.note.as_deref(),
            file,
            line: rule.line,
        }
    }

    fn url(rule: &'c UrlRule, file: &'c str) -> Self {
        Self {
            kind: "url",
            rule: rule.text(),
            says: rule.activity.as_str(),
            evidence: Some(rule.evidence),
            tier: rule.tier,
            signed_in: rule.signed_in,
            plan: rule.plan.as_deref(),
            source: &rule.source,
            verified: Some(rule.verified.to_string()),
            excuse: None,
            note: rule.note.as_deref(),
            file,
            line: rule.line,
        }
    }

    fn agent(rule: &'c AgentRule) -> Self {
        Self {
            kind: "user_agent",
            rule: rule.text(),
            says: rule.channel.as_str(),
            evidence: None,
            tier: None,
            signed_in: false,
            plan: None,
            source: &rule.source,
            verified: rule.verified.map(|day| day.to_string()),
            excuse: None,
            note: rule.note.as_deref(),
            file: &rule.file,
            line: rule.line,
        }
    }

    /// What the rule says: `ui, definite, consumer account (plan plus)`.
    pub(in crate::cli) fn claim(&self) -> String {
        let mut words = vec![self.says.to_owned()];
        words.extend(self.evidence.map(|evidence| evidence.to_string()));
        words.extend(self.tier.map(|tier| format!("{tier} account")));
        if self.signed_in {
            words.push("signed in".to_owned());
        }
        words.extend(self.plan.map(|plan| format!("plan {plan}")));
        words.join(", ")
    }

    /// Who says so: `list: v2fly; verified 2026-11-23`.
    pub(in crate::cli) fn origin(&self) -> String {
        match &self.verified {
            Some(day) if self.source.is_empty() => format!("verified {day}"),
            Some(day) => format!("{}; verified {day}", self.source),
            None => self.source.to_owned(),
        }
    }

    /// What its writer adds.
    pub(in crate::cli) fn remarks(&self) -> Option<String> {
        let remarks: Vec<&str> = [self.excuse, self.note].into_iter().flatten().collect();
        (!remarks.is_empty()).then(|| remarks.join("; "))
    }
}

impl<'c> FactView<'c> {
    pub(in crate::cli) fn all(facts: &'c [Fact]) -> Vec<Self> {
        facts
            .iter()
            .map(|fact| Self {
                field: fact.field.as_str(),
                tier: fact.tier,
                value: fact.value.to_string(),
                confidence: fact.confidence.as_str(),
                checked: fact.checked.to_string(),
                source: &fact.source,
            })
            .collect()
    }
}

/// Writes facts, each with its source beneath: a table would break the addresses of pages.
pub(in crate::cli) fn facts(screen: &mut Screen, facts: &[FactView<'_>]) -> io::Result<()> {
    for fact in facts {
        let tier = fact.tier.map_or("every account", Tier::as_str);
        let says = format!(
            "{:<20}{tier:<15}{:<15}{} confidence, checked {}",
            fact.field,
            shown(&fact.value, 30),
            fact.confidence,
            fact.checked
        );
        screen.line(&format!("  {says}"))?;
        paragraph(screen, 6, fact.source)?;
    }
    Ok(())
}

fn alias(alias: &crate::catalogue::Alias) -> String {
    match (&alias.from, &alias.until) {
        (None, None) => alias.name.clone(),
        (Some(from), None) => format!("{} (from {from})", alias.name),
        (None, Some(until)) => format!("{} (until {until})", alias.name),
        (Some(from), Some(until)) => format!("{} ({from} to {until})", alias.name),
    }
}

fn joined(parts: &[&str]) -> String {
    let said: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    said.join(", ")
}
