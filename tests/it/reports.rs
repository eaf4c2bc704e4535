//! What readers get: the same report as HTML, Markdown and CSV, from a quiet store and from a hostile one.
//!
//! Set `GNOMON_SHOW` to a directory to have the sample written there and look at it.

mod hostile;
mod sample;

use gnomon::reports::{Edition, RENDERERS, Report, renderer};

/// A report as text.
fn rendered(report: &Report, name: &str, edition: Edition) -> String {
    let mut out = Vec::new();
    let renderer = renderer(name).unwrap();
    (renderer.write)(report, edition, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const EDITIONS: [Edition; 3] = [Edition::Ciso, Edition::Soc, Edition::Privacy];

#[test]
fn renderers_are_sorted_and_answer_to_their_names() {
    let names: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name).collect();
    assert_eq!(names, ["csv", "csv-duties", "html", "json", "md"]);
}

#[test]
fn the_sample_month_can_be_looked_at() {
    let report = sample::report();
    assert_eq!(report.applications.len(), 10);
    let Some(directory) = std::env::var_os("GNOMON_SHOW") else {
        return;
    };
    for renderer in RENDERERS {
        for edition in EDITIONS {
            let file = format!(
                "{}-{}.{}",
                renderer.name,
                edition.as_str(),
                renderer.extension
            );
            let path = std::path::Path::new(&directory).join(file);
            std::fs::write(path, rendered(&report, renderer.name, edition)).unwrap();
        }
    }
}
