//! Finding a service by what people call it.

use super::Catalogue;
use super::rules::Matcher;
use super::service::Service;

/// A service that a text finds, and where the text stood.
#[derive(Debug, Clone)]
pub struct Hit<'c> {
    pub service: &'c Service,
    /// What matched, `alias "Chat GPT"`.
    pub found: String,
}

impl Catalogue {
    /// Services whose id, name, alias, vendor, category or host holds the text, the closest first.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<Hit<'_>> {
        let wanted = text.trim().to_lowercase();
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<(u8, Hit<'_>)> = self
            .services()
            .iter()
            .filter_map(|service| {
                let (rank, found) = closest(service, &wanted)?;
                Some((rank, Hit { service, found }))
            })
            .collect();
        // Stable: services of one rank stay in the order of their ids.
        hits.sort_by_key(|(rank, _)| *rank);
        hits.into_iter().map(|(_, hit)| hit).collect()
    }
}

/// The closest way in which a service answers to a text; smaller ranks are closer.
fn closest(service: &Service, wanted: &str) -> Option<(u8, String)> {
    let named = std::iter::once(("name", service.name.as_str()))
        .chain(service.aliases.iter().map(|a| ("alias", a.name.as_str())));
    let mut best: Option<(u8, String)> = None;
    let mut offer = |rank: u8, found: String| {
        if best.as_ref().is_none_or(|(held, _)| rank < *held) {
            best = Some((rank, found));
        }
    };
    if *service.id == *wanted {
        offer(0, format!("id {}", service.id));
    }
    for (kind, name) in named {
        let lower = name.to_lowercase();
        if lower == wanted {
            offer(1, format!("{kind} {name:?}"));
        } else if lower.starts_with(wanted) {
            offer(2, format!("{kind} {name:?}"));
        } else if lower.contains(wanted) {
            offer(4, format!("{kind} {name:?}"));
        }
    }
    if service.id.contains(wanted) {
        offer(3, format!("id {}", service.id));
    }
    if service.vendor.name.to_lowercase().contains(wanted) {
        offer(5, format!("vendor {:?}", service.vendor.name));
    }
    if service.category == wanted {
        offer(6, format!("category {}", service.category));
    }
    let hosts = service.domains.iter().map(|rule| &rule.matcher);
    for matcher in hosts.chain(service.urls.iter().map(|rule| &rule.host)) {
        let text = matcher.to_string();
        let is_below = match matcher {
            Matcher::Suffix(name) | Matcher::Below(name) => wanted
                .strip_suffix(&**name)
                .is_some_and(|rest| rest.ends_with('.')),
            Matcher::Host(_) | Matcher::Pattern(_) | Matcher::Regex { .. } => false,
        };
        if is_below || text.contains(wanted) {
            offer(7, text);
        }
    }
    best
}
