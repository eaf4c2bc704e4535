//! Events of the Open Cybersecurity Schema Framework 1.8, one JSON object a line: how each duty stands as Compliance
//! Finding (2003), what changed as Detection Finding (2004).
//!
//! "Pass" and "fail" are those of our own duty model, named as the standard; other frameworks are requirements that a duty
//! is mapped to. No client and no user is named.

use std::io;

use serde_json::{Map, Value, json};

use crate::model::{TransitionKind, Untrusted, stable_id};
use crate::reports::{Application, Duty, Edition, Renderer, Report, Told};

pub(in crate::reports) static RENDERER: Renderer = Renderer {
    name: "ocsf",
    media_type: "application/x-ndjson",
    extension: "ndjson",
    write,
};

const VERSION: &str = "1.8.0";
const FINDINGS: u64 = 2;
const COMPLIANCE_FINDING: u64 = 2003;
const DETECTION_FINDING: u64 = 2004;
const CREATE: u64 = 1;
const UPDATE: u64 = 2;

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    for app in &report.applications {
        for duty in edition.duties(app) {
            line(&duty_finding(report, app, duty), out)?;
        }
    }
    for told in &report.transitions {
        let app = report
            .applications
            .iter()
            .find(|app| *app.id == *told.transition.service);
        line(&change_finding(told, app), out)?;
    }
    Ok(())
}

fn line(event: &Value, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, event)?;
    out.write_all(b"\n")
}

/// A word of the schema with its number.
type Word = (u64, &'static str);

fn event(
    class: (u64, &str),
    activity: u64,
    time: i64,
    severity: Word,
    status: Word,
) -> Map<String, Value> {
    let fields = json!({
        "category_uid": FINDINGS,
        "category_name": "Findings",
        "class_uid": class.0,
        "class_name": class.1,
        "activity_id": activity,
        "activity_name": if activity == CREATE { "Create" } else { "Update" },
        "type_uid": class.0 * 100 + activity,
        "time": time,
        "severity_id": severity.0,
        "severity": severity.1,
        "status_id": status.0,
        "status": status.1,
        "metadata": {
            "version": VERSION,
            "product": {
                "name": "Gnomon",
                "vendor_name": "Gnomon",
                "version": env!("CARGO_PKG_VERSION"),
            },
        },
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn duty_finding(report: &Report, app: &Application, duty: &Duty) -> Value {
    let mut fields = event(
        (COMPLIANCE_FINDING, "Compliance Finding"),
        UPDATE,
        millis(report.period.as_of),
        severity_of(app, duty),
        finding_status(duty),
    );
    let verdict = verdict(duty);
    let title = format!("{} {}: {}", duty.id, duty.title, app.name);
    let mut entries = vec![
        ("message", json!(title)),
        (
            "finding_info",
            json!({
                "uid": stable_id(&["duty", &app.id, &duty.id]),
                "title": title,
                "desc": duty.statement,
                "types": ["Shared responsibility for generative AI"],
                "first_seen_time": millis(app.first_seen),
                "modified_time": millis(report.period.as_of),
            }),
        ),
        (
            "compliance",
            json!({
                "standards": ["Gnomon duty model"],
                "control": duty.id,
                "desc": format!("{} The duty falls to: {}.", duty.statement, duty.party),
                "category": duty.layer,
                "requirements": duty.refs,
                "status_id": verdict.0,
                "status": verdict.1,
                "status_details": [duty.why],
            }),
        ),
        ("resources", json!([resource(app)])),
        ("remediation", json!({ "desc": duty.action })),
        (
            "unmapped",
            json!({
                "duty_status": duty.status,
                "party": duty.party,
                "article_party": duty.seed_party,
                "basis": duty.basis,
                "owner_role": duty.owner,
                "due": duty.due,
                "overdue": duty.overdue,
                "residual_risk": app.risk.residual,
            }),
        ),
    ];
    fields.extend(
        entries
            .drain(..)
            .map(|(key, value)| (key.to_owned(), value)),
    );
    Value::Object(fields)
}

fn change_finding(told: &Told, app: Option<&Application>) -> Value {
    let change = &told.transition;
    let time = millis(change.at);
    let severity = match change.kind {
        TransitionKind::DecisionViolated => (4, "High"),
        TransitionKind::ExceptionExpired | TransitionKind::TurnedConsumer => (3, "Medium"),
        TransitionKind::FirstSeen
        | TransitionKind::NewSegment
        | TransitionKind::GradeRose
        | TransitionKind::VolumeRose => (2, "Low"),
        TransitionKind::Gone => (1, "Informational"),
    };
    let mut fields = event(
        (DETECTION_FINDING, "Detection Finding"),
        CREATE,
        time,
        severity,
        (1, "New"),
    );
    fields.insert("message".to_owned(), json!(shown(&change.detail)));
    fields.insert(
        "finding_info".to_owned(),
        json!({
            "uid": change.id,
            "title": format!("{}: {}", change.kind, told.name),
            "desc": shown(&change.detail),
            "types": [change.kind.as_str()],
            "created_time": time,
        }),
    );
    let resource = app.map_or_else(
        || json!({ "uid": &*change.service, "name": told.name, "type": "Generative-AI service" }),
        resource,
    );
    fields.insert("resources".to_owned(), json!([resource]));
    fields.insert(
        "is_alert".to_owned(),
        json!(matches!(
            change.kind,
            TransitionKind::DecisionViolated | TransitionKind::ExceptionExpired
        )),
    );
    Value::Object(fields)
}

fn resource(app: &Application) -> Value {
    json!({
        "uid": app.id,
        "name": app.name,
        "type": "Generative-AI service",
        "labels": [
            format!("vendor: {}", app.vendor),
            format!("archetype: {}", app.archetype),
            format!("model: {}", app.model),
            format!("tier: {}", app.tier.value),
            format!("state: {}", app.state),
        ],
    })
}

/// A duty that is done tells nothing grave; one that is owed is as grave as its application.
fn severity_of(app: &Application, duty: &Duty) -> Word {
    if !duty.is_pending() && duty.status != "provider_unassured" {
        return (1, "Informational");
    }
    match app.risk.band {
        "critical" => (5, "Critical"),
        "high" => (4, "High"),
        "medium" => (3, "Medium"),
        _ => (2, "Low"),
    }
}

fn finding_status(duty: &Duty) -> Word {
    match duty.status {
        "in_progress" => (2, "In Progress"),
        "waived" | "not_applicable" => (3, "Suppressed"),
        "met" | "provider_assured" => (4, "Resolved"),
        _ => (1, "New"),
    }
}

fn verdict(duty: &Duty) -> Word {
    match duty.status {
        "met" | "provider_assured" => (1, "Pass"),
        "in_progress" | "waived" | "provider_unassured" => (2, "Warning"),
        "open" | "lapsed" => (3, "Fail"),
        _ => (0, "Unknown"),
    }
}

fn millis(time: crate::model::Time) -> i64 {
    time.micros().div_euclid(1000)
}

/// Details may hold the name of a segment, which the configuration gave, or of a host, which a log gave.
fn shown(text: &str) -> String {
    Untrusted::from(text).shown()
}
