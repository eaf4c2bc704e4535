//! What people write: services by id, by the product in the id, by name or alias; hosts and URLs alone on a line.

use crate::catalogue::{Catalogue, Question, Service};
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
    let mut likely: Vec<&Service> = Vec::new();
    while likely.len() < 3 {
        let others = names
            .iter()
            .filter(|(_, service)| likely.iter().all(|held| held.id != service.id));
        let near = nearest(&wanted, others.clone().map(|(name, _)| name.as_str()));
        let Some((_, service)) =
            near.and_then(|near| others.clone().find(|(name, _)| name == near))
        else {
            break;
        };
        likely.push(service);
    }
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

/// A host or URL that is all there is on a line. A log line that holds a URL is a log line.
pub(in crate::cli) fn alone(line: &str) -> Option<Question> {
    let line = line.trim();
    let target = match line.split_once(' ') {
        Some((method, rest)) if method.bytes().all(|b| b.is_ascii_uppercase()) => rest.trim_start(),
        _ => line,
    };
    let has_sound_scheme = target.split_once("://").is_none_or(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let is_alone = !target.contains(char::is_whitespace) && has_sound_scheme;
    let question = is_alone.then(|| Question::parse(line)).flatten();
    question.filter(|question| !matches!(question, Question::UserAgent(_)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_with_a_url_in_it_is_no_url() {
        assert!(alone("POST https://chatgpt.com/a?b").is_some());
        assert!(alone("chatgpt.com:443").is_some());
        for line in [
            "1795469967.1 3 192.0.2.7 TCP_MISS/200 7 GET http://chatgpt.com/ - - -",
            "{\"url\":\"http://chatgpt.com/\"}",
            "GET http://chatgpt.com/ HTTP/1.1",
            "User-Agent: curl/8",
        ] {
            assert!(alone(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_slip_names_every_service_that_is_as_near() {
        let catalogue = Catalogue::embedded().unwrap();
        let near = similar(&catalogue, "chatgtp");
        assert!(near.iter().any(|service| &*service.id == "openai.chatgpt"));
        assert!(similar(&catalogue, &"x".repeat(1 << 20)).is_empty());
    }
}
