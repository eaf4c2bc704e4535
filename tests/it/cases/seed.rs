//! The systems that the article on shared responsibility names: each is in the catalogue, with the model and the kind
//! that the article or, for its customers, the product of today gives it.

use gnomon::catalogue::{Catalogue, Service};
use gnomon::model::{Archetype, Archetype as Kind, ServiceModel, ServiceModel as Model};

/// Name in the article, service, model, kind.
const SYSTEMS: [(&str, &str, ServiceModel, Archetype); 15] = [
    ("ChatGPT", "openai.chatgpt", Model::Saas, Kind::ConsumerChat),
    (
        "Azure OpenAI",
        "microsoft.azure-openai",
        Model::Paas,
        Kind::Api,
    ),
    (
        "Cognitive Services",
        "microsoft.ai-services",
        Model::Paas,
        Kind::Api,
    ),
    ("Bard", "google.gemini", Model::Saas, Kind::ConsumerChat),
    ("Vertex AI", "google.vertex-ai", Model::Paas, Kind::Api),
    (
        "Amazon SageMaker",
        "amazon.sagemaker",
        Model::Paas,
        Kind::Api,
    ),
    // Training is one's own, endpoints are served: the same name, two rows.
    (
        "SageMaker",
        "amazon.sagemaker-studio",
        Model::Iaas,
        Kind::SelfHosted,
    ),
    (
        "BloombergGPT",
        "bloomberg.bloomberggpt",
        Model::Iaas,
        Kind::SelfHosted,
    ),
    // IaaS for their makers, SaaS for everybody else: the catalogue speaks to everybody else.
    (
        "Einstein GPT",
        "salesforce.agentforce",
        Model::Saas,
        Kind::Embedded,
    ),
    ("Intuit GenOS", "intuit.genos", Model::Saas, Kind::Embedded),
    (
        "Microsoft365",
        "microsoft.m365-copilot",
        Model::Saas,
        Kind::Embedded,
    ),
    (
        "Now Assist",
        "servicenow.now-assist",
        Model::Saas,
        Kind::Embedded,
    ),
    (
        "Salesforce",
        "salesforce.agentforce",
        Model::Saas,
        Kind::Embedded,
    ),
    ("Siri", "apple.siri", Model::Saas, Kind::Voice),
    ("Alexa", "amazon.alexa", Model::Saas, Kind::Voice),
];

fn is_called(service: &Service, name: &str) -> bool {
    service.name == name || service.aliases.iter().any(|alias| alias.name == name)
}

#[test]
fn every_system_of_the_article_is_in_the_catalogue_under_its_name() {
    let catalogue = Catalogue::embedded().expect("the embedded catalogue");
    for (name, id, model, archetype) in SYSTEMS {
        let service = catalogue
            .service(id)
            .unwrap_or_else(|| panic!("no {id} for {name}"));
        assert_eq!(
            (service.model, service.archetype),
            (model, archetype),
            "{id}"
        );
        assert!(is_called(service, name), "{id} is not called {name}");
    }
}

#[test]
fn every_system_of_the_article_has_rules_or_says_why_it_has_none() {
    let catalogue = Catalogue::embedded().expect("the embedded catalogue");
    for (name, id, ..) in SYSTEMS {
        let service = catalogue
            .service(id)
            .unwrap_or_else(|| panic!("no {id} for {name}"));
        let rules = service.domains.len() + service.urls.len();
        match &service.no_signature {
            None => assert!(rules > 0, "{id} has neither rules nor a reason"),
            Some(why) => assert!(rules == 0 && !why.is_empty(), "{id} has rules and none"),
        }
    }
}
