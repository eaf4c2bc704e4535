//! What is noted of machines, so that what one serves can be held against what it fetched.

use super::*;

/// `subject value` of every mark about a machine.
fn told(detector: &mut Detector, events: &[Event<'_>]) -> Vec<String> {
    for event in events {
        detector.observe(event, &"test".into());
    }
    let mut batch = Batch::default();
    detector.take().drain_into(&mut batch);
    let is_of_machine = |mark: &&crate::model::Mark| {
        mark.value.starts_with("server: ") || mark.value.starts_with("fetched: ")
    };
    let marks = batch.marks.iter().filter(is_of_machine);
    marks
        .map(|mark| format!("{} {}", mark.subject, mark.value))
        .collect()
}

fn of_clients(settings: &str) -> Detector {
    let identity = toml::from_str(settings).unwrap();
    Detector::new(
        Arc::new(Catalogue::embedded().unwrap()),
        Arc::new(Identity::new(&identity, None)),
        Settings::default(),
    )
}

const WEIGHTS: &str = "/example/model/resolve/main/model.safetensors";

#[test]
fn a_machine_is_called_the_same_when_it_fetches_and_when_it_answers() {
    let fetch = proxy("GET", "huggingface.co", WEIGHTS, 302);
    let at_address = proxy("POST", "192.0.2.7", "/v1/chat/completions", 200);
    let mut by_name = proxy("POST", "llm.example.org", "/v1/chat/completions", 200);
    by_name.server = "10.0.0.7".parse().ok();
    let mut outside = proxy("POST", "api.example.org", "/v1/chat/completions", 200);
    outside.server = "203.0.113.7".parse().ok();
    let events = [fetch, at_address, by_name, outside];
    let expected = [
        "client:192.0.2.7 fetched: Hugging Face Hub",
        "unlisted:192.0.2.7 server: 192.0.2.7",
        "unlisted:llm.example.org server: 10.0.0.7",
    ];
    assert_eq!(told(&mut of_clients(""), &events), expected);
    for not_one in [
        "shared = [\"192.0.2.7/32\"]",
        "infrastructure = [\"192.0.2.0/24\"]",
    ] {
        let expected = ["unlisted:llm.example.org server: 10.0.0.7"];
        assert_eq!(
            told(&mut of_clients(not_one), &events),
            expected,
            "{not_one}"
        );
    }
}

#[test]
fn what_failed_or_was_looked_at_fetched_nothing() {
    let mut refused = proxy("GET", "huggingface.co", WEIGHTS, 200);
    refused.outcome = Outcome::Blocked;
    let events = [
        refused,
        proxy("GET", "huggingface.co", WEIGHTS, 404),
        proxy("GET", "huggingface.co", "/example/model", 200),
        proxy("GET", "models.example.org", WEIGHTS, 200),
        event(Kind::Dns, "registry.ollama.ai"),
        proxy("POST", "192.0.2.8", "/mcp", 200),
    ];
    assert_eq!(told(&mut of_clients(""), &events), [""; 0]);
}

#[test]
fn beside_pseudonyms_no_machine_is_noted() {
    let key = crate::identity::PseudonymKey::new(b"0123456789abcdef0123456789abcdef");
    let mut detector = Detector::new(
        Arc::new(Catalogue::embedded().unwrap()),
        Arc::new(Identity::new(&crate::identity::Settings::default(), key)),
        Settings::default(),
    );
    let events = [
        proxy("GET", "huggingface.co", WEIGHTS, 302),
        proxy("POST", "192.0.2.7", "/v1/chat/completions", 200),
    ];
    assert_eq!(told(&mut detector, &events), [""; 0]);
}
