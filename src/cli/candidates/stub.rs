//! The beginning of a signature file for an accepted candidate: it parses and lints as it is, and says what a
//! person still has to write.

use crate::model::{Candidate, Host, Verdict};

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
    let source = text(&source);
    let day = verdict.at.day();
    format!(
        "# Who offers it: name, country as two letters, homepage.\n\
         vendor = {{ name = {name}, country = \"\", homepage = {homepage} }}\n\
         \n\
         [[service]]\n\
         id = \"{slug}.{slug}\"\n\
         name = {name}\n\
         category = \"{category}\"         # see the ids in `gnomon catalogue stats`\n\
         archetype = \"{archetype}\"       # consumer-chat, enterprise-chat, embedded, api, self-hosted, agent, voice, router\n\
         model = \"{model}\"               # saas, paas, iaas\n\
         description = \"What it does, in one sentence.\"\n\
         \n\
         [[service.domain]]\n\
         host = {host}               # or suffix = \"…\" for everything below a name\n\
         role = \"{role}\"                 # ui, api, download, auth, cdn, telemetry, site, shared\n\
         evidence = \"probable\"\n\
         source = {source}\n\
         verified = \"{day}\"\n\
         \n\
         [[service.example]]\n\
         input = {host}\n\
         expect = \"{role}\"\n\
         \n\
         [[service.near_miss]]\n\
         input = {near_miss}\n",
        name = text(registrable(host)),
        homepage = text(&format!("https://{}", registrable(host))),
        host = text(host.as_str()),
        near_miss = text(&format!("{host}.example.org")),
    )
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
