//! The rules of a world as signature files of an operator, and the configuration that lays them over the catalogue.

use std::fmt::Write as _;
use std::path::Path;

use super::names::NO_WORD;
use super::world::{FEATURE_PATH, FILES, LOOK_ALIKE_PATH, Service, World};

/// (File name, text), sorted by name.
pub(crate) fn overlay(world: &World) -> Vec<(String, String)> {
    (0..FILES)
        .map(|file| {
            let mut text = format!(
                "vendor = {{ name = \"Bench {file:02}\", country = \"DE\", homepage = \"https://bench{file:02}.test\" }}\n"
            );
            let mut services: Vec<&Service> = world
                .services
                .iter()
                .filter(|service| service.file == file)
                .collect();
            services.sort_by(|a, b| a.id.cmp(&b.id));
            for service in services {
                write(service, &mut text);
            }
            (format!("bench{file:02}.toml"), text)
        })
        .collect()
}

fn write(service: &Service, text: &mut String) {
    text.push_str(&head(&service.id));
    for suffix in &service.suffixes {
        let (name, role) = (&suffix.name, suffix.role);
        text.push_str(&domain(name, role));
        let _ = write!(
            text,
            "
[[service.example]]
input = \"{name}\"
expect = \"{role}\"
"
        );
    }
    if let Some(host) = &service.feature_of {
        text.push_str(&url(host, FEATURE_PATH));
        let _ = write!(
            text,
            "
[[service.example]]
input = \"https://{host}{FEATURE_PATH}/1\"
expect = \"prompt\"
"
        );
    }
    let near_miss = match (&service.feature_of, service.suffixes.first()) {
        (Some(host), _) => format!("https://{host}{LOOK_ALIKE_PATH}"),
        (None, Some(suffix)) => format!("{NO_WORD}{}", suffix.name.replace('.', "-")) + ".example",
        (None, None) => format!("{NO_WORD}.example"),
    };
    let _ = write!(text, "\n[[service.near_miss]]\ninput = \"{near_miss}\"\n");
}

/// What a service's entry begins with.
pub(crate) fn head(id: &str) -> String {
    format!(
        "
[[service]]
id = \"{id}\"
name = \"{id}\"
category = \"chatbot\"
archetype = \"consumer-chat\"
model = \"saas\"
introduced = \"2024-05\"
description = \"Invented to measure.\"
"
    )
}

/// A rule on a suffix.
pub(crate) fn domain(suffix: &str, role: &str) -> String {
    format!(
        "
[[service.domain]]
suffix = \"{suffix}\"
role = \"{role}\"
evidence = \"definite\"
source = \"vendor docs: invented\"
verified = \"2026-09-01\"
"
    )
}

/// A rule on a path.
pub(crate) fn url(host: &str, path: &str) -> String {
    format!(
        "
[[service.url]]
host = \"{host}\"
path = \"{path}\"
activity = \"prompt\"
source = \"vendor docs: invented\"
verified = \"2026-09-01\"
"
    )
}

/// `overlay` is the directory with the files.
pub(crate) fn config(overlay: &Path) -> String {
    // A TOML text in single quotes takes a path as it is.
    format!(
        "timezone = \"UTC\"\n\n[catalogue]\noverlay = '{}'\n",
        overlay.display()
    )
}
