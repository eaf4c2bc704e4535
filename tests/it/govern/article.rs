//! The systems that the article on shared responsibility names, one vendor with three endpoints, and a model server of
//! one's own: what kind each is, who carries what, and what comes first. The golden file is read like code.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::cases::golden;
use gnomon::catalogue::Catalogue;
use gnomon::govern::posture::{self, Question};
use gnomon::govern::risk::Behaviour;
use gnomon::govern::{CellOverride, HostApplication, Settings};

/// Name in the article, then the service of today. SageMaker and the makers of their own models stand twice: as what
/// they are to their customers, and as what they are to whoever builds with them.
const SYSTEMS: &[(&str, &str)] = &[
    ("ChatGPT", "openai.chatgpt"),
    ("OpenAI APIs through Azure", "microsoft.azure-openai"),
    ("Cognitive Services", "microsoft.ai-services"),
    ("Bard", "google.gemini"),
    ("Vertex AI", "google.vertex-ai"),
    ("SageMaker, endpoints", "amazon.sagemaker"),
    ("SageMaker, training", "amazon.sagemaker-studio"),
    ("BloombergGPT", "bloomberg.bloomberggpt"),
    ("Einstein GPT, Salesforce", "salesforce.agentforce"),
    ("Intuit GenOS", "intuit.genos"),
    ("Microsoft365", "microsoft.m365-copilot"),
    ("ServiceNow", "servicenow.now-assist"),
    ("Siri", "apple.siri"),
    ("Alexa", "amazon.alexa"),
];

/// One vendor whose chat, API and rented machines are three things, and a server in the own network.
const VENDOR: &str = r#"
vendor = { name = "Three Doors", country = "DE", homepage = "https://doors.example" }

[[service]]
id = "doors.chat"
name = "Doors Chat"
category = "chatbot"
archetype = "consumer-chat"
model = "saas"
description = "Chat for everybody."
[[service.domain]]
suffix = "chat.doors.example"
role = "ui"
evidence = "definite"
source = "fixture"
verified = "2026-11-23"

[[service]]
id = "doors.api"
name = "Doors API"
category = "model-api"
archetype = "api"
model = "paas"
description = "Models for programs."
[[service.domain]]
suffix = "api.doors.example"
role = "api"
evidence = "definite"
source = "fixture"
verified = "2026-11-23"

[[service]]
id = "doors.gpu"
name = "Doors GPU"
category = "gpu-cloud"
archetype = "self-hosted"
model = "iaas"
description = "Machines for rent."
[[service.domain]]
suffix = "gpu.doors.example"
role = "api"
evidence = "definite"
source = "fixture"
verified = "2026-11-23"

[[service]]
id = "corp.models"
name = "Model server in the own network"
category = "local-runtime"
archetype = "self-hosted"
model = "iaas"
description = "A model on a machine of the enterprise."
[[service.domain]]
suffix = "models.corp.example"
role = "api"
evidence = "definite"
source = "fixture"
verified = "2026-11-23"
"#;

fn standing(catalogue: &Catalogue, settings: &Settings, id: &str, tier: Tier) -> posture::Posture {
    let question = Question {
        service: catalogue.service(id).unwrap_or_else(|| panic!("no {id}")),
        tier,
        first_seen: day("2026-11-20"),
        behaviour: Behaviour::default(),
        decision: effective(&[], id, None, day("2026-11-23")),
        breached: None,
        observed: Vec::new(),
        earlier: Vec::new(),
        enforced: None,
        trigger: None,
    };
    posture::of(&model(), settings, question, &[], day("2026-11-23"))
}

fn describe(
    title: &str,
    id: &str,
    catalogue: &Catalogue,
    settings: &Settings,
    tier: Tier,
) -> String {
    let service = catalogue.service(id).unwrap_or_else(|| panic!("no {id}"));
    let posture = standing(catalogue, settings, id, tier);
    let archetype = posture::archetype_in_use(service.archetype, tier);
    let mut text = format!(
        "{title}\n  {id}: {archetype}, {}, {tier} account\n",
        service.model
    );
    let list = |wanted: &dyn Fn(&gnomon::govern::duties::Assessed) -> bool| {
        let ids = posture.duties.iter().filter(|duty| wanted(duty));
        let ids: Vec<&str> = ids.map(|duty| duty.id.trim_start_matches("GAI-")).collect();
        format!("{:>2}  {}", ids.len(), ids.join(" "))
    };
    for party in Party::ALL {
        let _ = writeln!(
            text,
            "  {party:<10} {}",
            list(&|duty| duty.party == *party).trim_end()
        );
    }
    let unassured = list(&|duty| duty.status == DutyStatus::ProviderUnassured);
    let _ = writeln!(text, "  unassured  {}", unassured.trim_end());
    for duty in posture
        .duties
        .iter()
        .filter(|duty| duty.disputed || !duty.share.is_empty())
    {
        let share = if duty.share.is_empty() {
            "disputed"
        } else {
            &duty.share
        };
        let _ = writeln!(
            text,
            "  {share}: {} {}, the article {} ({}), here {}",
            duty.id,
            duty.layer,
            duty.seed_party,
            duty.keys.join(" "),
            duty.party
        );
    }
    let first: Vec<&str> = posture
        .next
        .iter()
        .filter_map(|step| step.split(' ').next())
        .collect();
    let _ = writeln!(text, "  first      {}\n", first.join(" "));
    text
}

#[test]
fn every_system_of_the_article_and_every_door_of_a_vendor_has_its_split_and_its_first_duties() {
    let embedded = Catalogue::embedded().expect("the embedded catalogue");
    let settings = Settings::default();
    let mut text = "Duties by number, by who carries them. \"unassured\": the provider's part, with nothing on file.\n\n".to_owned();
    for (title, id) in SYSTEMS {
        text.push_str(&describe(title, id, &embedded, &settings, Tier::Unknown));
    }
    text.push_str(&describe(
        "ChatGPT, personal accounts",
        "openai.chatgpt",
        &embedded,
        &settings,
        Tier::Consumer,
    ));
    text.push_str(&describe(
        "ChatGPT, the enterprise's tenant",
        "openai.chatgpt",
        &embedded,
        &settings,
        Tier::Enterprise,
    ));

    let overlay = [("doors.toml".to_owned(), VENDOR.to_owned())];
    let catalogue = Catalogue::with_overlay(&overlay).expect("the vendor parses");
    let settings = Settings {
        own_services: vec!["corp.models".to_owned()],
        ..Settings::default()
    };
    for (title, id) in [
        ("One vendor, chat", "doors.chat"),
        ("One vendor, API", "doors.api"),
        ("One vendor, rented machines", "doors.gpu"),
        ("A model server of one's own", "corp.models"),
    ] {
        text.push_str(&describe(title, id, &catalogue, &settings, Tier::Unknown));
    }
    golden(Path::new("tests/it/govern/article.txt"), &text);
}

#[test]
fn a_site_gives_a_cell_to_somebody_else_with_reason_and_author() {
    let by_contract = CellOverride {
        duty: "GAI-19".to_owned(),
        model: ServiceModel::Saas,
        party: Party::Both,
        reason: "the provider filters prompts by contract".to_owned(),
        author: "R. Verdi".to_owned(),
    };
    let overridden = model()
        .with_overrides(std::slice::from_ref(&by_contract))
        .unwrap();
    let app = subject(Archetype::EnterpriseChat, ServiceModel::Saas);
    let rows = assess(&overridden, &app, &[], day("2026-11-23"));
    let row = rows.iter().find(|row| row.id == "GAI-19").unwrap();
    assert_eq!((row.party, row.seed_party), (Party::Both, SeedParty::User));
    assert_eq!(row.overridden_by.as_deref(), Some("R. Verdi"));
    assert!(row.reason.ends_with(
        "Here it is given to both instead of enterprise, says R. Verdi: the provider filters prompts by contract"
    ));

    let wrong = |change: &dyn Fn(&mut CellOverride)| {
        let mut wrong = by_contract.clone();
        change(&mut wrong);
        model().with_overrides(&[wrong]).unwrap_err().to_string()
    };
    assert!(wrong(&|o| o.duty = "GAI-77".to_owned()).contains("GAI-01 to GAI-44"));
    assert!(wrong(&|o| o.reason.clear()).contains("needs its reason"));
    assert!(wrong(&|o| o.author.clear()).contains("needs its author"));
    assert!(wrong(&|o| o.party = Party::Enterprise).contains("enterprise already"));
    assert!(wrong(&|o| o.reason = "it is compliant".to_owned()).contains("\"compliant\""));
    let twice = model()
        .with_overrides(&[by_contract.clone(), by_contract])
        .unwrap_err();
    assert!(
        twice
            .to_string()
            .contains("govern.overrides[1] (GAI-19 saas)"),
        "{twice}"
    );
}

#[test]
fn embedded_ai_inherits_its_hosts_decision_and_asks_for_a_review_of_the_feature() {
    let catalogue = Catalogue::embedded().expect("the embedded catalogue");
    let service = catalogue.service("microsoft.m365-copilot").unwrap();
    let host = service.host_app.clone().expect("it is embedded");
    let settings = Settings {
        host_applications: vec![HostApplication {
            name: host.clone(),
            state: State::Sanctioned,
        }],
        ..Settings::default()
    };
    let posture = standing(&catalogue, &settings, &service.id, Tier::Unknown);
    let decide = posture
        .duties
        .iter()
        .find(|duty| duty.id == "GAI-03")
        .unwrap();
    assert_eq!(decide.status, DutyStatus::InProgress);
    assert_eq!(
        decide.why,
        format!("{host} is sanctioned; nobody has reviewed the feature inside it")
    );
    assert!(
        posture.next[0].contains("review the feature"),
        "{}",
        posture.next[0]
    );
}
