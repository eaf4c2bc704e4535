//! Services as people call them: by id, by the product in the id, by name or alias.

use crate::catalogue::{Catalogue, Service};
use crate::model::nearest;

/// A longer text is no name of anything, and comparing it with every name would take long.
const LONGEST: usize = 80;

/// The services that are called exactly so, whatever the case; an id comes alone.
pub(in crate::cli) fn named<'c>(catalogue: &'c Catalogue, text: &str) -> Vec<&'c Service> {
    if text.len() > LONGEST {
        return Vec::new();
    }
    let wanted = text.trim().to_lowercase();
    if let Some(service) = catalogue.service(&wanted) {
        return vec![service];
    }
    let is_called = |service: &&Service| {
        service.name.to_lowercase() == wanted
            || product(service) == wanted
            || service
                .aliases
                .iter()
                .any(|alias| alias.name.to_lowercase() == wanted)
    };
    let mut found: Vec<&Service> = catalogue.services().iter().filter(is_called).collect();
    // Whose name it is comes before whose alias it is.
    found.sort_by_key(|service| service.name.to_lowercase() != wanted);
    found
}

/// Services that were perhaps meant, the likeliest first; a handful at most.
pub(in crate::cli) fn similar<'c>(catalogue: &'c Catalogue, text: &str) -> Vec<&'c Service> {
    if text.trim().is_empty() || text.len() > LONGEST {
        return Vec::new();
    }
    let wanted = text.trim().to_lowercase();
    let names: Vec<(String, &Service)> = catalogue
        .services()
        .iter()
        .flat_map(|service| {
            [
                (service.id.to_string(), service),
                (product(service).to_owned(), service),
                (service.name.to_lowercase(), service),
            ]
        })
        .collect();
    let near = nearest(&wanted, names.iter().map(|(name, _)| name.as_str()));
    let mut likely: Vec<&Service> = near
        .and_then(|near| names.iter().find(|(name, _)| name == near))
        .map(|(_, service)| *service)
        .into_iter()
        .collect();
    for hit in catalogue.search(&wanted) {
        if likely.len() >= 5 {
            break;
        }
        if likely.iter().all(|service| service.id != hit.service.id) {
            likely.push(hit.service);
        }
    }
    likely
}

/// `ChatGPT (openai.chatgpt)`.
pub(in crate::cli) fn title(service: &Service) -> String {
    format!("{} ({})", service.name, service.id)
}

/// What stands behind the vendor in an id.
fn product(service: &Service) -> &str {
    service
        .id
        .split_once('.')
        .map_or(&*service.id, |(_, product)| product)
}
