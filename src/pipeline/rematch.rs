//! The digest of hosts, matched against signatures that are new since the store was last used.
//!
//! Every host of every day is counted, known or not. So when a signature comes, its hosts may have been there for weeks:
//! this finds since when, before the first new record is read. A service is new, or has new rules, when the digest of its
//! rules is not the one noted in the store; a store that has noted none yet cannot tell, and notes them all. What was an
//! application in no signature and is in one now moves there, so that it is counted once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalogue::{Catalogue, DomainRule};
use crate::model::{Day, Earlier, Evidence, Sketch, Time, stable_id, unlisted_host};
use crate::store::{Filter, Store, StoreError};

/// Finds what the digest knows of services whose signature is new here, and notes that they are known from now on; returns
/// what was found, sorted by service. Costs a look at the lists of services and of the register when none is new, else one
/// walk through the digest.
///
/// # Errors
/// When the store cannot be read or written.
pub fn rematch(store: &dyn Store, catalogue: &Catalogue) -> Result<Vec<Earlier>, StoreError> {
    let found = look_back(store, catalogue)?;
    for (from, to) in listed_now(store, catalogue)? {
        store.rename(&from, &to)?;
    }
    Ok(found)
}

/// An application in no signature, and the service that its host belongs to now.
type Listed = (Arc<str>, Arc<str>);

fn listed_now(store: &dyn Store, catalogue: &Catalogue) -> Result<Vec<Listed>, StoreError> {
    let profiles = store.profiles(None)?;
    let unlisted: BTreeSet<Arc<str>> = profiles.into_iter().map(|row| row.service).collect();
    let listed = unlisted.into_iter().filter_map(|id| {
        let hit = catalogue.match_host(unlisted_host(&id)?)?;
        makes_finding(hit.rule).then(|| (Arc::clone(&id), Arc::clone(&hit.service.id)))
    });
    Ok(listed.collect())
}

fn look_back(store: &dyn Store, catalogue: &Catalogue) -> Result<Vec<Earlier>, StoreError> {
    let signatures = signatures(catalogue);
    let known = store.signatures()?;
    if known == signatures {
        return Ok(Vec::new());
    }
    let new: BTreeSet<&str> = if known.is_empty() {
        BTreeSet::new()
    } else {
        let new = signatures
            .iter()
            .filter(|(id, rules)| known.get(*id) != Some(rules));
        new.map(|(id, _)| id.as_str()).collect()
    };
    let found = if new.is_empty() {
        Vec::new()
    } else {
        found_before(store, catalogue, &new)?
    };
    store.know(&signatures, &found)?;
    Ok(found)
}

/// Every service that a host can show, with a digest of the rules that do.
fn signatures(catalogue: &Catalogue) -> BTreeMap<String, String> {
    let services = catalogue.services().iter().filter_map(|service| {
        let rules = service.domains.iter().filter(|rule| makes_finding(rule));
        let mut rules: Vec<String> = rules.map(DomainRule::text).collect();
        rules.sort_unstable();
        let parts: Vec<&str> = rules.iter().map(String::as_str).collect();
        (!parts.is_empty()).then(|| (service.id.to_string(), stable_id(&parts)))
    });
    services.collect()
}

/// Whether a host alone makes a finding by this rule.
fn makes_finding(rule: &DomainRule) -> bool {
    rule.role.is_defining() && rule.evidence != Evidence::Weak
}

/// Hits of one host.
struct Hits {
    first: Time,
    last: Time,
    hits: u64,
    clients: Sketch,
    days: BTreeSet<Day>,
}

fn found_before(
    store: &dyn Store,
    catalogue: &Catalogue,
    new: &BTreeSet<&str>,
) -> Result<Vec<Earlier>, StoreError> {
    let mut found: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Hits>> = BTreeMap::new();
    store.digest(&Filter::default(), &mut |row| {
        let Some(hit) = catalogue.match_host(&row.host) else {
            return;
        };
        if !new.contains(&*hit.service.id) || !makes_finding(hit.rule) {
            return;
        }
        let hosts = found.entry(Arc::clone(&hit.service.id)).or_default();
        let hits = hosts.entry(row.host).or_insert_with(|| Hits {
            first: row.first,
            last: row.last,
            hits: 0,
            clients: Sketch::EMPTY,
            days: BTreeSet::new(),
        });
        hits.first = hits.first.min(row.first);
        hits.last = hits.last.max(row.last);
        hits.hits = hits.hits.saturating_add(row.hits);
        hits.clients.merge(row.clients);
        hits.days.insert(row.day);
    })?;
    let mut earlier = Vec::new();
    for (service, mut hosts) in found {
        // What an older signature of the service found is no news.
        let attributed = store.hosts(&Filter {
            service: Some(service.to_string()),
            ..Filter::default()
        })?;
        for row in attributed {
            hosts.remove(&row.host);
        }
        earlier.extend(summed(service, hosts));
    }
    Ok(earlier)
}

fn summed(service: Arc<str>, hosts: BTreeMap<Arc<str>, Hits>) -> Option<Earlier> {
    let first = hosts.values().map(|hits| hits.first).min()?;
    let last = hosts.values().map(|hits| hits.last).max()?;
    let days: BTreeSet<Day> = hosts
        .values()
        .flat_map(|hits| &hits.days)
        .copied()
        .collect();
    let hits = hosts
        .values()
        .fold(0, |sum: u64, hits| sum.saturating_add(hits.hits));
    let mut clients = Sketch::EMPTY;
    hosts.values().for_each(|hits| clients.merge(hits.clients));
    let mut names: Vec<(u64, Arc<str>)> = hosts
        .into_iter()
        .map(|(host, hits)| (hits.hits, host))
        .collect();
    names.sort_by(|(a, of_a), (b, of_b)| b.cmp(a).then_with(|| of_a.cmp(of_b)));
    names.truncate(Earlier::HOSTS);
    Some(Earlier {
        service,
        first,
        last,
        days: days.len() as u64,
        hits,
        clients,
        hosts: names
            .into_iter()
            .map(|(_, host)| host.to_string())
            .collect(),
    })
}
