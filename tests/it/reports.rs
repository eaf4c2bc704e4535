//! What readers get: the same report as HTML, Markdown and CSV, from a quiet store and from a hostile one.
//!
//! Set `GNOMON_SHOW` to a directory to have the sample written there and look at it.

mod hostile;
mod json;
pub(crate) mod sample;

use gnomon::reports::{Edition, RENDERERS, Report, renderer};

/// A report as text.
fn rendered(report: &Report, name: &str, edition: Edition) -> String {
    let mut out = Vec::new();
    let renderer = renderer(name).expect("a renderer of this name");
    (renderer.write)(report, edition, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

const EDITIONS: [Edition; 3] = [Edition::Ciso, Edition::Soc, Edition::Privacy];

#[test]
fn renderers_are_sorted_and_answer_to_their_names() {
    let names: Vec<&str> = RENDERERS.iter().map(|renderer| renderer.name).collect();
    assert_eq!(
        names,
        [
            "csv",
            "csv-duties",
            "csv-jira",
            "csv-servicenow",
            "cyclonedx",
            "html",
            "json",
            "md",
            "ocsf"
        ]
    );
}

fn nine_times<T: Clone>(rows: &[T]) -> Vec<T> {
    std::iter::repeat_n(rows, 9).flatten().cloned().collect()
}

#[test]
fn the_sample_month_can_be_looked_at() {
    let report = sample::report();
    assert_eq!(report.applications.len(), 10);
    let Some(directory) = std::env::var_os("GNOMON_SHOW") else {
        return;
    };
    // As long as the management edition can get: every list of it full.
    let mut long = report.clone();
    let organisation = &mut long.organisation;
    organisation.decisions_wanted = nine_times(&organisation.decisions_wanted);
    organisation.decisions_wanted.truncate(10);
    organisation.decisions_made = nine_times(&organisation.decisions_made);
    long.decisions_due = nine_times(&long.decisions_due);
    long.coverage = nine_times(&long.coverage);
    for app in &mut long.applications {
        app.observations = nine_times(&app.observations);
    }
    let path = std::path::Path::new(&directory).join("html-long.html");
    std::fs::write(path, rendered(&long, "html", Edition::Ciso)).unwrap();
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
        // A spreadsheet that opens it must not find a formula.
        if renderer.extension == "csv" {
            let path =
                std::path::Path::new(&directory).join(format!("hostile-{}.csv", renderer.name));
            let text = rendered(&hostile::report("=1+1", 3), renderer.name, Edition::Soc);
            std::fs::write(path, text).unwrap();
        }
    }
}

#[test]
fn no_report_about_nothing_or_about_any_number_of_days_fails() {
    let reports = [
        hostile::empty(),
        hostile::report("", 0),
        hostile::report("x", 1),
        hostile::report("x", 400),
    ];
    for report in &reports {
        for renderer in RENDERERS {
            for edition in EDITIONS {
                let text = rendered(report, renderer.name, edition);
                assert!(
                    (!text.is_empty() || renderer.name == "ocsf") && !text.contains("NaN,"),
                    "{}",
                    renderer.name
                );
            }
        }
    }
    let nothing = rendered(&hostile::empty(), "html", Edition::Ciso);
    assert!(nothing.contains("No source was read, so nothing can be said."));
}

/// What a browser would take for a tag: every `<` that is followed by a letter, up to the end of its name.
fn tags(html: &str) -> std::collections::BTreeSet<String> {
    html.split('<')
        .skip(1)
        .map(|after| {
            after
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect()
        })
        .collect()
}

#[test]
fn hostile_text_adds_no_tag_no_attribute_and_no_steering_to_html() {
    let quiet = rendered(&hostile::report("x", 3), "html", Edition::Soc);
    for payload in hostile::payloads() {
        let html = rendered(&hostile::report(&payload, 3), "html", Edition::Soc);
        assert_eq!(
            tags(&html).difference(&tags(&quiet)).next(),
            None,
            "{payload:?}"
        );
        assert_eq!(
            html.matches("<img").count() + html.matches("<script").count(),
            0
        );
        assert!(!html.contains("href=\"javascript") && !html.contains(" onmouseover='"));
        let steering = html.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')
        });
        assert_eq!(steering, None, "{payload:?}");
    }
}

#[test]
fn the_html_file_loads_nothing_and_its_policy_knows_its_style_by_hash() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let html = rendered(&sample::report(), "html", Edition::Soc);
    let style = html
        .split_once("<style>")
        .unwrap()
        .1
        .split_once("</style>")
        .unwrap()
        .0;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    let policy = html
        .split_once("Content-Security-Policy\" content=\"")
        .unwrap()
        .1;
    let policy = policy.split_once('"').unwrap().0.replace("&#39;", "'");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(policy.contains(&hash), "{policy} does not contain {hash}");
    for loading in [
        "<script", "<link", "<img", "<iframe", " src=", " style=", "@import", "url(http",
    ] {
        assert!(!html.contains(loading), "{loading}");
    }
    let links = html.split("href=\"").skip(1);
    assert!(
        links
            .map(|rest| rest.chars().next())
            .all(|first| first == Some('#'))
    );
}

#[test]
fn every_link_inside_the_page_arrives_and_headings_do_not_skip() {
    let html = rendered(&sample::report(), "html", Edition::Ciso);
    for rest in html.split("href=\"#").skip(1) {
        let target = rest.split('"').next().unwrap();
        assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
    }
    let levels: Vec<u32> = html
        .split("<h")
        .skip(1)
        .filter_map(|rest| rest.chars().next()?.to_digit(10))
        .collect();
    assert_eq!(levels.first(), Some(&1));
    assert!(
        levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
        "{levels:?}"
    );
}

/// Cells of a Markdown row: pipes without a backslash, less one.
fn cells(row: &str) -> usize {
    let mut before = ' ';
    let mut pipes = 0;
    for c in row.chars() {
        pipes += usize::from(c == '|' && before != '\\');
        before = c;
    }
    pipes - 1
}

#[test]
fn hostile_text_opens_nothing_in_markdown() {
    let quiet = rendered(&hostile::report("x", 3), "md", Edition::Soc);
    let shape = |text: &str| -> Vec<usize> {
        text.lines()
            .filter(|line| line.starts_with('|'))
            .map(cells)
            .collect()
    };
    for payload in hostile::payloads() {
        let text = rendered(&hostile::report(&payload, 3), "md", Edition::Soc);
        assert_eq!(shape(&text), shape(&quiet), "{payload:?}");
        assert_eq!(text.lines().count(), quiet.lines().count(), "{payload:?}");
        let headings = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(headings(&text), headings(&quiet), "{payload:?}");
        for line in text.lines() {
            // What stands in code is not interpreted.
            let outside: String = line.split('`').step_by(2).collect();
            for opening in [
                "<script",
                "<img",
                "](",
                "**bold",
                "@admin",
                " www.example",
                "http://",
            ] {
                let plain = outside.replace(&format!("\\{opening}"), "");
                assert!(!plain.contains(opening), "{opening} in {line}");
            }
        }
    }
}

/// Reads RFC 4180: fields per record, with whether each stood in quotes.
fn records(csv: &str) -> Vec<Vec<(String, bool)>> {
    let mut records = Vec::new();
    let (mut record, mut field) = (Vec::new(), String::new());
    let (mut inside, mut quoted) = (false, false);
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if inside && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => {
                inside = !inside;
                quoted = true;
            }
            ',' if !inside => {
                record.push((std::mem::take(&mut field), std::mem::take(&mut quoted)));
            }
            '\r' if !inside => assert_eq!(chars.peek(), Some(&'\n')),
            '\n' if !inside => {
                record.push((std::mem::take(&mut field), std::mem::take(&mut quoted)));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(
        record.is_empty() && field.is_empty(),
        "the file ends in a line end"
    );
    records
}

#[test]
fn csv_has_one_line_per_row_and_no_cell_that_a_spreadsheet_runs() {
    for name in ["csv", "csv-duties"] {
        for payload in hostile::payloads() {
            let text = rendered(&hostile::report(&payload, 3), name, Edition::Soc);
            assert_eq!(text.matches('\n').count(), 2, "{payload:?}");
            let rows = records(&text);
            assert_eq!(rows[0].len(), rows[1].len(), "{payload:?}");
            for (cell, quoted) in rows.iter().flatten() {
                let first = cell
                    .trim_start_matches([' ', '"', '\u{feff}'])
                    .chars()
                    .next();
                assert!(
                    !first.is_some_and(|c| "=+-@\t\r\n＝＋－＠".contains(c)),
                    "{cell:?}"
                );
                assert!(
                    *quoted || cell.bytes().all(|b| b.is_ascii_digit()),
                    "{cell:?}"
                );
            }
        }
    }
}

#[test]
fn csv_of_the_sample_month_has_a_row_per_application_and_a_row_per_duty() {
    let report = sample::report();
    let rows = records(&rendered(&report, "csv", Edition::Ciso));
    assert_eq!(rows.len(), 1 + report.applications.len());
    let column = rows[0]
        .iter()
        .position(|(name, _)| name == "bytes_up")
        .unwrap();
    let glean = rows.iter().find(|row| row[0].0 == "glean.glean").unwrap();
    assert_eq!(glean[column].0, "", "unknown is not zero");
    let duties = report
        .applications
        .iter()
        .map(|app| app.duties.len())
        .sum::<usize>();
    assert_eq!(
        records(&rendered(&report, "csv-duties", Edition::Ciso)).len(),
        1 + duties
    );
}

#[test]
fn names_of_people_and_machines_are_for_the_soc_edition_alone() {
    let report = sample::report();
    for renderer in RENDERERS.iter().filter(|renderer| renderer.name != "json") {
        for edition in [Edition::Ciso, Edition::Privacy] {
            let text = rendered(&report, renderer.name, edition);
            for name in ["person01", "192.0.2.1", "TCP_TUNNEL"] {
                assert!(
                    !text.contains(name),
                    "{name} in {} {}",
                    renderer.name,
                    edition.as_str()
                );
            }
        }
    }
    for name in ["html", "md"] {
        let text = rendered(&report, name, Edition::Soc);
        assert!(
            text.contains("person01") && text.contains("192.0.2.10") && text.contains("TCP_TUNNEL")
        );
    }
}

#[test]
fn the_privacy_edition_shows_no_group_of_fewer_than_five_and_data_duties_first() {
    let report = sample::report();
    let rows = records(&rendered(&report, "csv", Edition::Privacy));
    for column in ["users", "clients"] {
        let at = rows[0].iter().position(|(name, _)| name == column).unwrap();
        for row in &rows[1..] {
            assert!(
                !matches!(row[at].0.as_str(), "1" | "2" | "3" | "4"),
                "{column} {}",
                row[at].0
            );
        }
    }
    let layers = records(&rendered(&report, "csv-duties", Edition::Privacy));
    assert_eq!(layers[1][5].0, "data");
    let html = rendered(&report, "html", Edition::Privacy);
    assert!(html.contains("&#60;5") && !html.contains(">2 of 180<"));
}

#[test]
fn the_page_says_what_is_unknown_and_never_claims_conformity() {
    let report = sample::report();
    let overdue = format!("{} of them overdue", report.totals.duties_overdue);
    for name in ["html", "md"] {
        let text = rendered(&report, name, Edition::Ciso);
        for said in [
            "2023-07-28",
            "not the same as not used",
            "unknown",
            &overdue,
            "gnomon decide",
        ] {
            assert!(text.contains(said), "{said} in {name}");
        }
        assert!(!text.to_lowercase().contains("compliant"));
    }
}
