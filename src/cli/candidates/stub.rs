//! The beginning of a signature file for an accepted candidate: it parses and lints as it is, and says what a
//! person still has to write.

use crate::model::{Archetype, Candidate, Evidence, Host, Role, ServiceModel, Verdict};

/// The file's text.
pub(super) fn signature(candidate: &Candidate, verdict: &Verdict) -> String {
    let host = &candidate.host;
    let slug = slug(host);
    let is_api = candidate
        .reasons
        .iter()
        .any(|reason| reason.starts_with("requests have the shape"));
    let (category, archetype, model, role) = if is_api {
        ("model-api", "api", "paas", "api")
    } else {
        ("chatbot", "consumer-chat", "saas", "ui")
    };
    let reasons = candidate.reasons.join("; ");
    let source = format!(
        "seen here: {reasons}; {} says: {}",
        verdict.by, verdict.reason
    );
    let id = format!("{slug}.{slug}");
    let name = registrable(host);
    let homepage = text(&format!("https://{name}"));
    let lines = [
        "# Who offers it, where it is seated (two letters), and its page.".to_owned(),
        format!(
            "vendor = {{ name = {}, country = \"\", homepage = {homepage} }}",
            text(name)
        ),
        String::new(),
        "[[service]]".to_owned(),
        key("id", &id, "vendor.product, for ever"),
        key("name", name, ""),
        key("category", category, "`gnomon catalogue stats` lists them"),
        key("archetype", archetype, &words(Archetype::ALL)),
        key("model", model, &words(ServiceModel::ALL)),
        key("description", "What it does, in one sentence.", ""),
        String::new(),
        "[[service.domain]]".to_owned(),
        key("host", host.as_str(), "or suffix: everything below as well"),
        key("role", role, &words(Role::ALL)),
        key("evidence", "probable", &words(Evidence::ALL)),
        key("source", &source, ""),
        key("verified", &verdict.at.day().to_string(), ""),
        String::new(),
        "[[service.example]]".to_owned(),
        key("input", host.as_str(), "what the rule must find"),
        key("expect", role, ""),
        String::new(),
        "[[service.near_miss]]".to_owned(),
        key(
            "input",
            &format!("{host}.example.org"),
            "what it must not find",
        ),
    ];
    lines.join("\n") + "\n"
}

/// A key with its value, and a remark for whoever completes the file.
fn key(name: &str, value: &str, about: &str) -> String {
    remark(&format!("{name} = {}", text(value)), about)
}

fn remark(line: &str, about: &str) -> String {
    if about.is_empty() {
        line.to_owned()
    } else {
        format!("{line:<36} # {about}")
    }
}

/// The words of a closed list.
fn words<W: ToString>(list: &[W]) -> String {
    let words: Vec<String> = list.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// A file is named after the vendor in its ids.
pub(super) fn file_name(host: &Host) -> String {
    format!("{}.toml", slug(host))
}

/// The name that somebody registered.
fn registrable(host: &Host) -> &str {
    psl::domain_str(host.as_str()).unwrap_or(host.as_str())
}

/// The registered name without its zone, as ids are written.
fn slug(host: &Host) -> String {
    let label = registrable(host).split('.').next().unwrap_or_default();
    let letters: String = label
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let slug = letters.trim_matches('-');
    if slug.is_empty() {
        "unnamed".to_owned()
    } else {
        slug.to_owned()
    }
}

/// A text as TOML writes it.
fn text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Catalogue, LintSettings, Weight};
    use crate::model::Time;

    #[test]
    fn the_stub_parses_and_lints_as_it_is_whatever_people_wrote() {
        let host = Host::parse(b"chat.acme_gpt.example.org").unwrap();
        let candidate = Candidate {
            host: host.clone(),
            reasons: vec!["its name holds \"gpt\"".to_owned()],
            hits: 1,
            first: Time::from_secs(0),
            last: Time::from_secs(0),
        };
        let verdict = Verdict {
            host: host.clone(),
            accepted: true,
            reason: "line\nbreak \"quoted\" '''\u{1b}[2J".to_owned(),
            by: "m.rossi".to_owned(),
            at: "2026-11-23".parse().unwrap(),
        };
        let files = [(file_name(&host), signature(&candidate, &verdict))];
        let catalogue = Catalogue::with_overlay(&files).unwrap();
        let found = catalogue.match_host("chat.acme_gpt.example.org").unwrap();
        assert_eq!(&*found.service.id, "example.example");
        let today = "2026-11-23".parse().unwrap();
        let findings = catalogue.lint(LintSettings { today, traps: &[] });
        let wrong: Vec<_> = findings
            .iter()
            .filter(|finding| finding.file == files[0].0 && finding.weight == Weight::Error)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
