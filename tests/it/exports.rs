//! What other programs import: checked against the schemas of their own specifications, and opened as they open it.

#![allow(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

use std::collections::BTreeSet;
use std::path::Path;

use gnomon::govern::DutyModel;
use gnomon::reports::{AnnexFormat, Edition, annex, renderer};
use serde_json::Value;

use crate::reports::sample;

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/schemas")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn rendered(kind: &str, edition: Edition) -> String {
    let mut out = Vec::new();
    (renderer(kind).unwrap().write)(&sample::report(), edition, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn complaints(validator: &jsonschema::Validator, document: &Value) -> Vec<String> {
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn cyclonedx() -> jsonschema::Validator {
    let resource = |name: &str| {
        let address = format!("http://cyclonedx.org/schema/{name}");
        (address, jsonschema::Resource::from_contents(schema(name)))
    };
    let registry = jsonschema::Registry::new()
        .extend(
            [
                "cryptography-defs.SNAPSHOT.schema.json",
                "jsf-0.82.SNAPSHOT.schema.json",
                "spdx.SNAPSHOT.schema.json",
            ]
            .map(resource),
        )
        .unwrap()
        .prepare()
        .unwrap();
    jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema("bom-1.7.SNAPSHOT.schema.json"))
        .unwrap()
}

#[test]
fn the_bill_of_materials_is_sound_and_its_references_arrive() {
    let validator = cyclonedx();
    let text = rendered("cyclonedx", Edition::Ciso);
    let bom: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(complaints(&validator, &bom), Vec::<String>::new());
    assert!(
        !complaints(
            &validator,
            &serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.7", "servces": []})
        )
        .is_empty(),
        "the schema refuses nothing"
    );

    let mut refs = BTreeSet::new();
    let mut used = BTreeSet::new();
    collect(&bom, &mut refs, &mut used);
    let lost: Vec<&String> = used.difference(&refs).collect();
    assert_eq!(lost, Vec::<&String>::new(), "references that lead nowhere");
    assert_eq!(text, rendered("cyclonedx", Edition::Ciso), "the same twice");
}

/// References that are defined, and those that are used; each may be defined once.
fn collect(value: &Value, refs: &mut BTreeSet<String>, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), value) {
                    ("bom-ref", Value::String(name)) => {
                        assert!(refs.insert(name.clone()), "{name} is defined twice");
                    }
                    ("requirement" | "target" | "assessor", Value::String(name)) => {
                        used.insert(name.clone());
                    }
                    ("claims" | "counterClaims", Value::Array(names))
                        if names.iter().all(Value::is_string) =>
                    {
                        used.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => collect(value, refs, used),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, refs, used)),
        _ => {}
    }
}

#[test]
fn every_ocsf_event_is_sound_for_its_class() {
    let of_class = |name: &str| jsonschema::validator_for(&schema(name)).unwrap();
    let compliance = of_class("ocsf-compliance_finding-1.8.0.schema.json");
    let detection = of_class("ocsf-detection_finding-1.8.0.schema.json");
    let mut classes = BTreeSet::new();
    for line in rendered("ocsf", Edition::Soc).lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let class = event["class_uid"].as_u64().unwrap();
        let validator = if class == 2003 {
            &compliance
        } else {
            &detection
        };
        assert_eq!(
            complaints(validator, &event),
            Vec::<String>::new(),
            "{line}"
        );
        classes.insert(class);
        let mut wrong = event;
        wrong["severity_id"] = "grave".into();
        assert!(
            !complaints(validator, &wrong).is_empty(),
            "the schema refuses nothing"
        );
    }
    assert_eq!(classes, BTreeSet::from([2003, 2004]));
}

#[test]
fn no_export_names_a_person_or_claims_more_than_a_mapping() {
    for kind in ["cyclonedx", "ocsf", "csv-jira", "csv-servicenow"] {
        let text = rendered(kind, Edition::Soc);
        for app in &sample::report().applications {
            for name in app.top_clients.iter().chain(&app.top_users) {
                assert!(!text.contains(&name.name), "{kind} names {}", name.name);
            }
        }
        assert!(!text.to_lowercase().contains("compliant"), "{kind}");
    }
}

#[test]
fn issues_and_assets_have_the_columns_that_their_importers_know() {
    let jira = rendered("csv-jira", Edition::Ciso);
    let header = jira.lines().next().unwrap();
    for column in [
        "\"Summary\"",
        "\"Issue Type\"",
        "\"Due Date\"",
        "\"Labels\"",
        "\"External ID\"",
    ] {
        assert!(header.contains(column), "{header}");
    }
    let open = |app: &gnomon::reports::Application| {
        app.duties.iter().filter(|duty| duty.is_pending()).count()
    };
    let report = sample::report();
    assert_eq!(
        jira.lines().count() - 1,
        report.applications.iter().map(open).sum::<usize>()
    );
    let assets = rendered("csv-servicenow", Edition::Ciso);
    assert!(
        assets
            .lines()
            .next()
            .unwrap()
            .contains("\"risk_classification\",\"asset_state\",\"asset_status\"")
    );
    assert_eq!(assets.lines().count() - 1, report.applications.len());
    assert!(assets.contains("\"Managed\"") && assets.contains("\"Unmanaged\""));
}

#[test]
fn the_annex_names_every_duty_once_with_its_sentence_and_leaves_the_signature_blank() {
    let report = sample::report();
    let model = DutyModel::embedded().unwrap();
    for app in &report.applications {
        let write = |format| {
            let mut out = Vec::new();
            annex(app, &model, report.period.as_of, format, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let (markdown, html) = (write(AnnexFormat::Markdown), write(AnnexFormat::Html));
        for duty in app.duties.iter().filter(|duty| duty.party != "none") {
            let rows = markdown
                .lines()
                .filter(|line| line.starts_with(&format!("| {} ", duty.id)));
            assert_eq!(rows.count(), 1, "{} {}", app.id, duty.id);
            assert!(html.contains(&format!("<span class=\"id\">{}</span>", duty.id)));
        }
        assert!(markdown.contains("binds nobody") && html.contains("binds nobody"));
        assert!(!markdown.to_lowercase().contains("compliant"));
        for loading in ["<script", "<link", "<img", " src=", "@import"] {
            assert!(!html.contains(loading), "{loading}");
        }
    }
}
