//! Who owes what: the enterprise, both, or the provider, layer by layer, and on whose word.
//!
//! A cell is stated by the article, inferred from it, or our extension where it is silent. Where our reading gives a duty
//! to another party than the article, or the article contradicts itself, the reason stands below.

use std::collections::BTreeMap;
use std::io;

use crate::govern::{DutyModel, Party};
use crate::reports::{Application, Duty};

use super::super::labelled::{capitalised, heading, labelled};
use super::super::screen::{Screen, Style};
use super::super::table::table;
use super::{stands, status};

const ARTICLE: &str =
    "\"Generative AI: Proposed Shared Responsibility Model\", Cloud Security Alliance, 2023-07-28";

pub(super) fn write(app: &Application, model: &DutyModel, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "Who owes what")?;
    screen.wrapped(
        0,
        &format!(
            "After {ARTICLE}. Stated: a sentence of it says so, by key. Inferred: we conclude it from there. Extension: \
             it is silent and the duty is ours. An asterisk: its sentence is disputed."
        ),
    )?;
    let groups = [
        (Party::Enterprise, "Yours".to_owned()),
        (
            Party::Both,
            format!(
                "Yours and the provider's ({}), each for its part",
                app.vendor
            ),
        ),
        (Party::Provider, format!("The provider's ({})", app.vendor)),
        (Party::None, "Nobody's under this service model".to_owned()),
    ];
    for (party, title) in groups {
        let duties: Vec<&Duty> = app
            .duties()
            .filter(|duty| duty.party == party.as_str())
            .collect();
        if !duties.is_empty() {
            screen.line("")?;
            let title = screen.styled(Style::Strong, &format!("{title}: {}", duties.len()));
            screen.line(&title)?;
            write_group(&duties, screen)?;
        }
    }
    differences(app, screen)?;
    sentences(app, model, screen)
}

fn write_group(duties: &[&Duty], screen: &mut Screen) -> io::Result<()> {
    let mut layer = "";
    let rows = duties
        .iter()
        .map(|duty| {
            let shown = if duty.layer == layer { "" } else { duty.layer };
            layer = duty.layer;
            vec![
                shown.to_owned(),
                duty.id.to_string(),
                duty.title.to_string(),
                duty.owner.to_string(),
                stands(status(duty)).to_owned(),
                duty.due
                    .map_or_else(|| "–".to_owned(), |day| day.to_string()),
                basis(duty),
            ]
        })
        .collect();
    let headings = ["layer", "duty", "what", "owner", "stands", "due", "basis"];
    screen.line(&table(screen.width(), &headings, rows))
}

/// `stated U2`, `inferred S3`, `extension`; an asterisk where the article is disputed.
fn basis(duty: &Duty) -> String {
    let mut text = duty.basis.to_owned();
    if !duty.keys.is_empty() {
        text.push(' ');
        text.push_str(&duty.keys.join(" "));
    }
    if duty.disputed {
        text.push('*');
    }
    text
}

/// Whom the article names, in words.
fn named(seed: &str) -> &str {
    match seed {
        "AISU" => "the user",
        "AISP" => "the provider",
        "shared" => "both",
        "none" => "nobody",
        _ => "no one, being silent",
    }
}

fn effective(party: &str) -> &str {
    match party {
        "enterprise" => "you",
        "provider" => "the provider",
        "both" => "both",
        _ => "nobody",
    }
}

/// Whether our party is the one that the article names.
fn agrees(duty: &Duty) -> bool {
    matches!(
        (duty.seed_party, duty.party),
        ("AISU", "enterprise")
            | ("AISP", "provider")
            | ("shared", "both")
            | ("none", "none")
            | ("silent", _)
    )
}

fn differences(app: &Application, screen: &mut Screen) -> io::Result<()> {
    let mut remarks: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for duty in app.duties() {
        if duty.reason.is_empty() && agrees(duty) {
            continue;
        }
        let disputed = if duty.disputed { "Disputed. " } else { "" };
        let names = if agrees(duty) {
            String::new()
        } else {
            format!(
                "The article names {}, here it is {}. ",
                named(duty.seed_party),
                effective(duty.party)
            )
        };
        let remark = format!("{disputed}{names}{}", capitalised(&duty.reason));
        remarks.entry(remark).or_default().push(&duty.id);
    }
    if remarks.is_empty() {
        return Ok(());
    }
    let mut remarks: Vec<(String, Vec<&str>)> = remarks.into_iter().collect();
    remarks.sort_by(|a, b| a.1.cmp(&b.1));
    heading(screen, "Where we read the article, or differ from it")?;
    for (remark, ids) in remarks {
        let ids = ids.join(", ");
        let width = ids.len() + 2;
        labelled(screen, 2, width.clamp(8, 30), &ids, &remark)?;
    }
    Ok(())
}

/// What the sentences behind the keys say.
fn sentences(app: &Application, model: &DutyModel, screen: &mut Screen) -> io::Result<()> {
    let sentences = app.sentences(model);
    if sentences.is_empty() {
        return Ok(());
    }
    heading(screen, "What those sentences say, in our words")?;
    for (key, text) in sentences {
        labelled(screen, 2, 8, key, &text)?;
    }
    Ok(())
}
