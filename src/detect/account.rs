//! Whose account it was, as far as hosts and paths tell, and which fact says so.
//!
//! Three facts are used, the most telling first: an id in the host or the path (a tenant, an organisation, a workspace, a
//! resource) held against the operator's own, the plan that a host or a path belongs to, and paths of people who are
//! signed in or out. An id is foreign only where own ids of that service are configured; without them it says nothing.
//! Ids of paths are compared and dropped: what is kept is a sentence, in which at most the operator's own name stands.

use serde::{Deserialize, Serialize};

use crate::model::Tier;

/// Placeholders of signatures that stand for the holder of an account.
const HOLDERS: &[&str] = &[
    "account",
    "organization",
    "project",
    "resource",
    "tenant",
    "workspace",
];

/// Accounts of the enterprise, as configuration names them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// What reports call it.
    pub name: String,
    /// Services whose ids these are, `anthropic.claude`, or vendors with all their services, `microsoft`.
    pub services: Vec<String>,
    /// Ids of tenants, organisations, workspaces, projects or resources, as hosts and paths show them.
    pub ids: Vec<String>,
}

impl Account {
    fn is_of(&self, service: &str) -> bool {
        self.services.iter().any(|own| {
            service
                .strip_prefix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// What rules say of the account of one request.
#[derive(Debug, Default)]
pub(super) struct Told<'t> {
    pub(super) tier: Option<Tier>,
    pub(super) plan: Option<&'t str>,
    /// `host` or `path`.
    pub(super) place: &'static str,
    /// Whether the path is used by signed-in people only.
    pub(super) signed_in: bool,
}

/// The tier, and the sentence that says on which basis; without a fact nothing is said.
pub(super) fn of(
    accounts: &[Account],
    service: &str,
    told: &Told<'_>,
    captures: &[&[(String, String)]],
) -> (Tier, Option<String>) {
    let held = captures.iter().copied().flatten();
    let ids = held.filter(|(what, _)| HOLDERS.contains(&what.as_str()));
    let mut own = accounts.iter().filter(|account| account.is_of(service));
    if own.clone().next().is_some() {
        let mut foreign = None;
        for (what, id) in ids {
            let is_it = |own: &String| own.eq_ignore_ascii_case(id);
            if let Some(mine) = own.find(|account| account.ids.iter().any(is_it)) {
                return (
                    Tier::Enterprise,
                    Some(format!("own: {what} of {}", mine.name)),
                );
            }
            foreign.get_or_insert(what);
        }
        if let Some(what) = foreign {
            return (
                Tier::Foreign,
                Some(format!("foreign: {what} that is none of yours")),
            );
        }
    }
    let place = told.place;
    match (told.tier, told.plan) {
        (Some(tier), Some(plan)) => (tier, Some(format!("{tier}: plan {plan}, by the {place}"))),
        (Some(tier), None) => (tier, Some(format!("{tier}: by the {place}"))),
        (None, _) if told.signed_in => (
            Tier::Unknown,
            Some("unknown: signed in, with which account the path does not say".to_owned()),
        ),
        (None, _) => (Tier::Unknown, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Vec<Account> {
        vec![Account {
            name: "Example".to_owned(),
            services: vec!["anthropic".to_owned(), "microsoft.azure-openai".to_owned()],
            ids: vec!["0C1D".to_owned(), "example-prod".to_owned()],
        }]
    }

    fn said(accounts: &[Account], service: &str, what: &str, id: &str) -> (Tier, Option<String>) {
        let captures = [(what.to_owned(), id.to_owned())];
        of(accounts, service, &Told::default(), &[&captures])
    }

    #[test]
    fn an_id_is_own_or_foreign_only_where_own_ids_are_known() {
        let own = own();
        let (tier, basis) = said(&own, "anthropic.claude", "organization", "0c1d");
        assert_eq!(tier, Tier::Enterprise);
        assert_eq!(basis.as_deref(), Some("own: organization of Example"));
        let (tier, basis) = said(&own, "anthropic.claude", "organization", "ffff");
        assert_eq!(tier, Tier::Foreign);
        assert!(!basis.unwrap().contains("ffff"));
        let nothing = (Tier::Unknown, None);
        assert_eq!(said(&own, "anthropic.claude", "model", "ffff"), nothing);
        assert_eq!(said(&own, "anthropicx.y", "organization", "ffff"), nothing);
        assert_eq!(said(&own, "microsoft.copilot", "tenant", "ffff"), nothing);
        assert_eq!(
            said(&[], "anthropic.claude", "organization", "0c1d"),
            nothing
        );
    }

    #[test]
    fn an_id_says_more_than_a_plan_and_a_plan_more_than_being_signed_in() {
        let told = Told {
            tier: Some(Tier::Enterprise),
            plan: Some("business"),
            place: "host",
            signed_in: true,
        };
        let foreign = [("tenant".to_owned(), "ffff".to_owned())];
        assert_eq!(
            of(&own(), "anthropic.claude", &told, &[&foreign]).0,
            Tier::Foreign
        );
        let (tier, basis) = of(&own(), "anthropic.claude", &told, &[]);
        assert_eq!(tier, Tier::Enterprise);
        assert_eq!(
            basis.as_deref(),
            Some("enterprise: plan business, by the host")
        );
        let signed_in = Told {
            signed_in: true,
            ..Told::default()
        };
        let (tier, basis) = of(&[], "openai.chatgpt", &signed_in, &[]);
        assert_eq!(tier, Tier::Unknown);
        assert!(basis.unwrap().starts_with("unknown: signed in"));
    }
}
