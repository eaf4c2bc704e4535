//! From what somebody typed to a service of the catalogue, or to the id that was probably meant.

use crate::catalogue::{Catalogue, Service};
use crate::model::nearest;

/// The service of this id. `register` holds the ids that are in use here; they are suggested first.
///
/// # Errors
/// When there is none, with a suggestion.
pub(super) fn service_of<'c>(
    id: &str,
    catalogue: &'c Catalogue,
    register: &[&str],
) -> anyhow::Result<&'c Service> {
    if let Some(service) = catalogue.service(id) {
        return Ok(service);
    }
    let hint = match suggestion(id, catalogue, register) {
        Some(near) if register.contains(&near) => format!("did you mean {near:?}?"),
        Some(near) => {
            format!("did you mean {near:?} (in the catalogue, not seen here)?")
        }
        None => "see `gnomon apps` and `gnomon catalogue search WORD`".to_owned(),
    };
    anyhow::bail!("there is no application {id:?}, {hint}")
}

fn suggestion<'c>(id: &str, catalogue: &'c Catalogue, register: &[&str]) -> Option<&'c str> {
    let wanted = id.to_lowercase();
    let all = || catalogue.services().iter();
    let seen = || all().filter(|service| register.contains(&service.id.as_ref()));
    let hits = catalogue.search(&wanted);
    let found = |only_seen: bool| {
        hits.iter()
            .map(|hit| hit.service)
            .find(|service| !only_seen || register.contains(&service.id.as_ref()))
            .map(|service| &*service.id)
    };
    spelt_like(&wanted, seen())
        .or_else(|| found(true))
        .or_else(|| spelt_like(&wanted, all()))
        .or_else(|| found(false))
}

/// People leave the vendor away, or write the product's name.
fn spelt_like<'c>(wanted: &str, services: impl Iterator<Item = &'c Service>) -> Option<&'c str> {
    let mut ids: Vec<(String, &str)> = Vec::new();
    for service in services {
        let product = service.id.rsplit('.').next().unwrap_or_default();
        ids.push((service.id.to_string(), &service.id));
        ids.push((product.to_owned(), &service.id));
        ids.push((service.name.to_lowercase(), &service.id));
    }
    let near = nearest(wanted, ids.iter().map(|(text, _)| text.as_str()))?;
    ids.iter().find(|(text, _)| text == near).map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_or_shortened_id_is_suggested_the_register_first() {
        let catalogue = Catalogue::embedded().unwrap();
        let register = ["openai.chatgpt"];
        let error = |id: &str| {
            service_of(id, &catalogue, &register)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error("chatgtp"),
            "there is no application \"chatgtp\", did you mean \"openai.chatgpt\"?"
        );
        assert_eq!(
            error("anthropic.clade"),
            "there is no application \"anthropic.clade\", did you mean \"anthropic.claude\" (in the catalogue, not seen here)?"
        );
        assert!(error("zzzzzzzz").contains("gnomon apps"));
    }
}
