//! Reports that are written as JSON, application by application, and what applications share in memory.

use std::sync::Arc;

use gnomon::reports::{Duty, Edition};
use serde_json::Value;

use super::{EDITIONS, rendered, sample};

#[test]
fn a_document_that_is_written_in_parts_is_the_one_that_its_value_is() {
    let report = sample::report();
    for name in ["cyclonedx", "json"] {
        for edition in EDITIONS {
            let text = rendered(&report, name, edition);
            let value: Value = serde_json::from_str(&text).unwrap();
            // Keys sorted, and laid out as a whole value is.
            let whole = serde_json::to_string_pretty(&value).unwrap() + "\n";
            assert_eq!(text, whole, "{name} {}", edition.as_str());
        }
    }
}

#[test]
fn only_the_soc_edition_has_names_and_records_in_its_json() {
    let report = sample::report();
    for edition in EDITIONS {
        let value: Value = serde_json::from_str(&rendered(&report, "json", edition)).unwrap();
        let applications = value["applications"].as_array().unwrap();
        assert_eq!(applications.len(), report.applications.len());
        let is_named = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
        let named = applications.iter().any(|app| is_named(&app["top_clients"]));
        let samples = value["coverage"].as_array().unwrap().iter();
        let mut samples = samples.flat_map(|source| source["bad_samples"].as_array().unwrap());
        let quoted = samples.any(|sample| sample["text"] != "");
        let is_soc = edition == Edition::Soc;
        assert_eq!((named, quoted), (is_soc, is_soc), "{}", edition.as_str());
    }
}

#[test]
fn duties_that_stand_alike_are_kept_once() {
    let report = sample::report();
    let mut kept: Vec<&Arc<Duty>> = Vec::new();
    for duty in report.applications.iter().flat_map(|app| &app.duties) {
        match kept.iter().find(|known| **known == duty) {
            Some(known) => assert!(Arc::ptr_eq(known, duty), "{} twice", duty.id),
            None => kept.push(duty),
        }
    }
    let all: usize = report.applications.iter().map(|app| app.duties.len()).sum();
    assert!(kept.len() < all, "none of {all} stands as another does");
}
