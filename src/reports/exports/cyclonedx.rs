//! A bill of materials after CycloneDX 1.7: applications are services, the duty model is a standard, how the duties stand
//! is declared. No model card is invented for a service whose model nobody can see.
//!
//! Serial number and references follow from the contents, so that the same register gives the same file.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::stable_id;
use crate::reports::json::OneByOne;
use crate::reports::{Application, Duty, Edition, Renderer, Report};

pub(in crate::reports) static RENDERER: Renderer = Renderer {
    name: "cyclonedx",
    media_type: "application/vnd.cyclonedx+json; version=1.7",
    extension: "cdx.json",
    write,
};

const ASSESSOR: &str = "assessor:gnomon";

/// The document; its keys stand in order, as those of its parts do.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<S, A, C> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    declarations: Declarations<A, C>,
    definitions: Value,
    metadata: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    services: S,
    spec_version: &'static str,
    version: u32,
}

#[derive(Serialize)]
struct Declarations<A, C> {
    assessors: Value,
    attestations: A,
    claims: C,
}

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    let apps = || report.applications.iter();
    let assessors = json!([{
        "bom-ref": ASSESSOR,
        "thirdParty": false,
        "organization": { "name": "Gnomon, from logs and from what people recorded" },
    }]);
    let mut bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.7.schema.json",
        bom_format: "CycloneDX",
        declarations: Declarations {
            assessors,
            attestations: OneByOne(|| apps().map(|app| Ok(attestation(app, edition)))),
            claims: OneByOne(|| apps().flat_map(|app| claims(app, edition)).map(Ok)),
        },
        definitions: json!({ "standards": [standard(report)] }),
        metadata: json!({
            "timestamp": report.period.as_of,
            "lifecycles": [{ "phase": "discovery" }],
            "tools": {
                "components": [{
                    "type": "application",
                    "name": "gnomon",
                    "version": env!("CARGO_PKG_VERSION"),
                }],
            },
            "properties": [
                property("gnomon:catalogue", &report.catalogue.version),
                property("gnomon:note", "A service that is not listed was not seen, which is not the same as not used."),
            ],
        }),
        serial_number: None,
        services: OneByOne(|| apps().map(|app| Ok(service(app)))),
        spec_version: "1.7",
        version: 1,
    };
    bom.serial_number = Some(serial(&serde_json::to_string(&bom)?));
    serde_json::to_writer_pretty(&mut *out, &bom)?;
    out.write_all(b"\n")
}

/// A UUID (version 8, RFC 9562) made of the contents.
fn serial(contents: &str) -> String {
    let hex = format!(
        "{}{}",
        stable_id(&["bom", contents]),
        stable_id(&["serial", contents])
    );
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn service_ref(app: &Application) -> String {
    format!("service:{}", app.id)
}

fn service(app: &Application) -> Value {
    let mut properties = vec![
        property("gnomon:archetype", app.archetype.as_str()),
        property("gnomon:model", app.model.as_str()),
        property("gnomon:aws_scope", &app.aws_scope),
        property("gnomon:tier", app.tier.value.as_str()),
        property("gnomon:tier_basis", &app.tier.basis),
        property("gnomon:state", app.state.as_str()),
        property("gnomon:risk_residual", &app.risk.residual.to_string()),
        property("gnomon:risk_gross", &app.risk.gross.to_string()),
        property("gnomon:risk_band", app.risk.band),
        property("gnomon:first_seen", &app.first_seen.to_string()),
        property("gnomon:last_seen", &app.last_seen.to_string()),
    ];
    if let Some(host) = &app.host_app {
        properties.push(property("gnomon:part_of", host));
    }
    let mut data = json!({
        "flow": "bi-directional",
        "classification": "not classified",
        "description": "Which classes of data may go in is decided under GAI-10.",
    });
    if let (Some(data), Some(decision)) = (data.as_object_mut(), &app.decision) {
        let owner = json!({ "owners": [{ "contact": { "name": decision.owner } }] });
        data.insert("governance".to_owned(), owner);
    }
    let endpoints: Vec<String> = app
        .hosts
        .iter()
        .map(|host| format!("https://{}", host.host))
        .collect();
    json!({
        "bom-ref": service_ref(app),
        "provider": { "name": app.vendor },
        "name": app.name,
        "description": app.description,
        "endpoints": endpoints,
        "x-trust-boundary": true,
        "data": [data],
        "properties": properties,
    })
}

/// The duties that occur in the report, as a standard of their own.
fn standard(report: &Report) -> Value {
    let duties: BTreeMap<&str, &Duty> = report
        .applications
        .iter()
        .flat_map(Application::duties)
        .map(|duty| (duty.id.as_str(), duty))
        .collect();
    let requirements: Vec<Value> = duties
        .into_values()
        .map(|duty| {
            json!({
                "bom-ref": requirement_ref(duty),
                "identifier": duty.id,
                "title": duty.title,
                "text": duty.statement,
                "descriptions": [format!("Layer: {}. Mapped to: {}.", duty.layer, duty.refs.join(", "))],
            })
        })
        .collect();
    json!({
        "bom-ref": "standard:gnomon-duties",
        "name": "Gnomon duty model for generative AI",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Duties of a shared-responsibility model; references to other frameworks are a mapping and no more.",
        "owner": "Gnomon",
        "requirements": requirements,
    })
}

fn requirement_ref(duty: &Duty) -> String {
    format!("requirement:{}", duty.id)
}

fn claim_ref(app: &Application, duty: &Duty) -> String {
    format!("claim:{}:{}", app.id, duty.id)
}

fn claims(app: &Application, edition: Edition) -> Vec<Value> {
    let duties = edition.duties(app).into_iter();
    duties.map(|duty| claim(app, duty)).collect()
}

fn claim(app: &Application, duty: &Duty) -> Value {
    json!({
        "bom-ref": claim_ref(app, duty),
        "target": service_ref(app),
        "predicate": format!("{} is {}; it falls to: {}", duty.id, duty.status, duty.party),
        "reasoning": duty.why,
    })
}

fn attestation(app: &Application, edition: Edition) -> Value {
    let map: Vec<Value> = edition
        .duties(app)
        .into_iter()
        .map(|duty| {
            let claim = claim_ref(app, duty);
            let mut entry = json!({ "requirement": requirement_ref(duty) });
            let score = match duty.status {
                "met" | "provider_assured" => Some(1),
                "open" | "lapsed" | "provider_unassured" => Some(0),
                _ => None,
            };
            if let Some(entry) = entry.as_object_mut() {
                let side = if score == Some(0) {
                    "counterClaims"
                } else {
                    "claims"
                };
                entry.insert(side.to_owned(), json!([claim]));
                if let Some(score) = score {
                    let conformance = json!({ "score": score, "rationale": duty.why });
                    entry.insert("conformance".to_owned(), conformance);
                }
            }
            entry
        })
        .collect();
    json!({
        "summary": format!("How the duties for {} stand", app.name),
        "assessor": ASSESSOR,
        "map": map,
    })
}
