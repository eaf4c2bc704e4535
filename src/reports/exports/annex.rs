//! The written split of duties for one application, to be put behind a contract: who does what, on whose word, and what
//! proof each side owes the other.
//!
//! It says what would have to be agreed, and is no contract; names and signatures are left blank on purpose.

use std::io;

use askama::Template;

use crate::govern::DutyModel;
use crate::model::Time;
use crate::reports::markdown::{prose, table};
use crate::reports::{Application, Duty, html, legend};

/// How an annex can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnexFormat {
    Markdown,
    Html,
}

/// A part of the annex: the duties of one party.
struct Part<'a> {
    title: String,
    promise: String,
    rows: Vec<Line<'a>>,
}

struct Line<'a> {
    duty: &'a Duty,
    layer: &'a str,
    source: String,
    status: String,
}

#[derive(Template)]
#[template(path = "annex.html")]
struct Page<'a> {
    policy: String,
    style: &'a str,
    annex: &'a Annex<'a>,
}

struct Annex<'a> {
    app: &'a Application,
    kind: &'static str,
    model: &'static str,
    day: String,
    version: &'a str,
    parts: Vec<Part<'a>>,
    disputed: Vec<&'a Duty>,
    sentences: Vec<(&'a str, String)>,
}

/// Writes the annex of an application.
///
/// # Errors
/// When `out` cannot be written.
pub fn annex(
    app: &Application,
    model: &DutyModel,
    as_of: Time,
    format: AnnexFormat,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let annex = Annex::of(app, model, as_of);
    match format {
        AnnexFormat::Markdown => annex.markdown(out),
        AnnexFormat::Html => {
            let page = Page {
                policy: html::policy(),
                style: html::STYLE,
                annex: &annex,
            };
            page.write_into(&mut io::BufWriter::new(out))
        }
    }
}

impl<'a> Annex<'a> {
    fn of(app: &'a Application, model: &'a DutyModel, as_of: Time) -> Self {
        let vendor = app.vendor.as_str();
        let parts = [
            (
                "provider",
                format!("A. What {vendor} does"),
                format!("{vendor} carries these duties and gives the customer the proof named beside each."),
            ),
            (
                "both",
                "B. What both do, each for its part".to_owned(),
                format!("For each of these, {vendor} and the customer write down where one part ends and the other begins."),
            ),
            (
                "enterprise",
                "C. What the customer does".to_owned(),
                format!("The customer carries these duties; {vendor} gives what the customer needs for them."),
            ),
        ]
        .into_iter()
        .filter_map(|(party, title, promise)| {
            let rows: Vec<Line<'_>> = app
                .duties()
                .filter(|duty| duty.party == party)
                .map(Line::of)
                .collect();
            (!rows.is_empty()).then_some(Part {
                title,
                promise,
                rows,
            })
        })
        .collect();
        let sentences = app.sentences(model);
        Self {
            app,
            kind: legend::archetype(app.archetype),
            model: legend::model(app.model),
            day: as_of.day().to_string(),
            version: &model.version,
            parts,
            disputed: app
                .duties()
                .filter(|duty| duty.disputed || duty.overridden_by.is_some())
                .collect(),
            sentences,
        }
    }

    fn markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let app = self.app;
        writeln!(out, "# Responsibility annex: {}\n", prose(&app.name))?;
        writeln!(
            out,
            "Provider: {}. Service: {} (`{}`), {}, {}. State of {}; duty model {}.\n",
            prose(&app.vendor),
            prose(&app.name),
            app.id,
            self.kind,
            self.model,
            self.day,
            prose(self.version)
        )?;
        writeln!(
            out,
            "Draft of a written split of duties between the provider and its customer. It maps duties to other \
             frameworks for orientation and claims nothing beyond that. It binds nobody until both have agreed to it.\n"
        )?;
        for part in &self.parts {
            writeln!(
                out,
                "## {}\n\n{}\n",
                prose(&part.title),
                prose(&part.promise)
            )?;
            let rows = part.rows.iter().map(|line| {
                vec![
                    format!("{} {}", line.duty.id, prose(&line.duty.title)),
                    prose(&line.duty.statement),
                    prose(&line.duty.evidence_wanted),
                    prose(&line.source),
                    prose(&line.status),
                    prose(&line.duty.refs.join(", ")),
                ]
            });
            let header = [
                "Duty",
                "What it asks",
                "Proof",
                "On whose word",
                "Today",
                "Mapped to",
            ];
            table::write(&header, rows, out)?;
        }
        if !self.disputed.is_empty() {
            writeln!(out, "## Read differently here\n")?;
            for duty in &self.disputed {
                writeln!(
                    out,
                    "- {} {}: {}",
                    duty.id,
                    prose(&duty.title),
                    prose(&duty.reason)
                )?;
            }
            writeln!(out)?;
        }
        if !self.sentences.is_empty() {
            writeln!(out, "## Sentences referred to\n")?;
            for (key, text) in &self.sentences {
                writeln!(out, "- {key}: {}", prose(text))?;
            }
            writeln!(out)?;
        }
        writeln!(
            out,
            "## Agreed\n\n| For the provider | For the customer |\n|---|---|\n| Name: | Name: |\n| Day: | Day: |"
        )
    }
}

impl<'a> Line<'a> {
    fn of(duty: &'a Duty) -> Self {
        let source = match (duty.keys.is_empty(), &duty.overridden_by) {
            (_, Some(author)) => format!("this site ({author})"),
            (true, None) => duty.basis.to_owned(),
            (false, None) => format!("{}: {}", duty.basis, duty.keys.join(", ")),
        };
        Self {
            duty,
            layer: legend::layer(duty.layer),
            source,
            status: legend::status(duty.status),
        }
    }
}
