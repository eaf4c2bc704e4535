//! The page of each source: what it is, what deserves a look, which fields it has, and what would bring more.

use std::collections::BTreeMap;
use std::io;

use crate::formats::Ranked;
use crate::govern::reconcile::ClockStanding;
use crate::model::Field;
use crate::pipeline::{self, Doubt, Survey};

use super::super::super::advice::{advice, field_name};
use super::super::super::labelled::{count, labelled};
use super::super::super::screen::{Screen, Style, wrap};
use super::super::super::table::{counted, grouped, minute, shown};
use super::super::Standing;
use super::words::{Words, about, share};
use super::{reasons, standing};

/// The fields that every source is asked for, most important first.
const FIELDS: [Field; 9] = [
    Field::Host,
    Field::Client,
    Field::User,
    Field::Outcome,
    Field::Method,
    Field::Path,
    Field::UserAgent,
    Field::BytesUp,
    Field::BytesDown,
];

/// How many pairs of clocks are shown.
const CLOCKS: usize = 20;

pub(super) const INDENT: usize = 2;
pub(super) const LABEL: usize = 14;
/// Columns of the mark in front of a source.
const MARK: usize = 9;
pub(super) const MAX_NOTE: usize = 500;

/// Pieces of advice that were printed, with the source they were printed for.
type Said = BTreeMap<&'static str, String>;

pub(super) fn write(surveys: &[Survey], words: &Words, screen: &mut Screen) -> io::Result<()> {
    let mut said = Said::new();
    for survey in surveys {
        source(survey, words, &mut said, screen)?;
        screen.line("")?;
    }
    clocks(surveys, screen)?;
    verdict(surveys, words, screen)
}

/// How the clocks of the sources stand to one another, those that differ first.
fn clocks(surveys: &[Survey], screen: &mut Screen) -> io::Result<()> {
    let mut pairs = pipeline::clocks(surveys);
    pairs.retain(|pair| pair.standing != ClockStanding::Unclear);
    let told = super::super::clocks::sentences(&pairs);
    if told.is_empty() {
        return Ok(());
    }
    let heading = screen.styled(Style::Strong, "clocks");
    screen.line(&heading)?;
    for (standing, sentence) in told.iter().take(CLOCKS) {
        let (style, mark) = match standing {
            ClockStanding::Differ => Standing::Look.mark(),
            ClockStanding::Agree | ClockStanding::Unclear => Standing::Fine.mark(),
        };
        let mut lead = format!("{}  ", screen.styled(style, mark));
        for line in wrap(sentence, room(screen, MARK)) {
            screen.line(&format!("{lead}{line}"))?;
            lead = " ".repeat(MARK);
        }
    }
    match told.len().saturating_sub(CLOCKS) {
        0 => {}
        more => screen.line(&format!("{:MARK$}and {more} more pairs of logs", ""))?,
    }
    screen.line("")
}

fn source(survey: &Survey, words: &Words, said: &mut Said, screen: &mut Screen) -> io::Result<()> {
    let coverage = &survey.coverage;
    let (style, mark) = standing(survey, words).mark();
    let name = end_of(&shown(&coverage.source, MAX_NOTE), room(screen, MARK));
    let mark = screen.styled(style, mark);
    let name = screen.styled(Style::Strong, &name);
    screen.line(&format!("{mark}  {name}"))?;
    if coverage.read > 0 {
        what(survey, words, screen)?;
    }
    doubts(survey, words, screen)?;
    if coverage.events > 0 {
        screen.line("")?;
        for field in FIELDS {
            self::field(survey, field, screen)?;
        }
    }
    to_see_more(survey, said, screen)?;
    reasons::write(survey, screen)
}

/// Format, records and times.
fn what(survey: &Survey, words: &Words, screen: &mut Screen) -> io::Result<()> {
    let coverage = &survey.coverage;
    let title = survey.format.as_ref().map_or_else(
        || "not recognised".to_owned(),
        |format| format!("{} ({})", format.title, format.name),
    );
    row(screen, "format", &shown(&title, MAX_NOTE))?;
    if survey.format.is_some() {
        row(screen, "recognised", &sureness(survey, words))?;
    }
    let mut read = format!(
        "{} = {} + {} skipped + {} bad",
        counted(coverage.read, "record", "records"),
        counted(coverage.events, "event", "events"),
        grouped(coverage.skipped),
        grouped(coverage.bad),
    );
    if survey.is_cut {
        read.push_str("; there is more, --all reads it");
    }
    row(screen, "read", &read)?;
    match (coverage.first, coverage.last) {
        (Some(first), Some(last)) => {
            let (first, last) = (minute(first), minute(last));
            let span = if first == last {
                first
            } else {
                format!("{first} to {last}")
            };
            row(screen, "time", &format!("{span} UTC"))
        }
        _ => Ok(()),
    }
}

/// How sure the format is.
fn sureness(survey: &Survey, words: &Words) -> String {
    if words.was_named {
        return "as named on the command line".to_owned();
    }
    chosen(survey).map_or_else(
        || "from records further on".to_owned(),
        |ranked| {
            format!(
                "by {:.0} % of the first records, sureness {:.0} of 100",
                ranked.share * 100.0,
                ranked.mean_score
            )
        },
    )
}

/// The chosen format in the ranking.
pub(super) fn chosen(survey: &Survey) -> Option<&Ranked> {
    let name = survey.format.as_ref()?.name;
    let ranking = &survey.detection.ranking;
    ranking.iter().find(|ranked| ranked.format.name == name)
}

fn doubts(survey: &Survey, words: &Words, screen: &mut Screen) -> io::Result<()> {
    let (usual, odd): (Vec<Doubt>, Vec<Doubt>) = words
        .doubts(survey)
        .into_iter()
        .partition(|doubt| doubt.is_usual());
    for doubt in odd {
        marked(screen, about(doubt), &words.sentence(survey, doubt))?;
    }
    for note in &survey.coverage.notes {
        marked(screen, "source", &shown(note, MAX_NOTE))?;
    }
    for doubt in usual {
        row(screen, about(doubt), &words.sentence(survey, doubt))?;
    }
    Ok(())
}

/// A row that is to be seen.
fn marked(screen: &mut Screen, label: &str, text: &str) -> io::Result<()> {
    let mark = screen.styled(Style::Careful, "!");
    let label = screen.styled(Style::Quiet, &format!("{label:<LABEL$}"));
    let mut lead = format!("{mark} {label}");
    for line in wrap(text, room(screen, INDENT + LABEL)) {
        screen.line(&format!("{lead}{line}"))?;
        lead = " ".repeat(INDENT + LABEL);
    }
    Ok(())
}

fn field(survey: &Survey, field: Field, screen: &mut Screen) -> io::Result<()> {
    let share = share(survey, field);
    let count = survey.count(field);
    let style = match (count.told, count.present) {
        (0, _) => Some(Style::Quiet),
        (_, 0) => Some(Style::Careful),
        _ => None,
    };
    // Shares stand under each other by their percent sign.
    let share = match share.split_once(" %") {
        Some((number, rest)) if count.present > 0 => format!("{number:>3} %{rest}"),
        _ => share,
    };
    let share = style.map_or_else(|| share.clone(), |style| screen.styled(style, &share));
    let label = screen.styled(Style::Quiet, &format!("{:<LABEL$}", field_name(field)));
    screen.line(&format!("{:INDENT$}{label}{share}", ""))
}

fn to_see_more(survey: &Survey, said: &mut Said, screen: &mut Screen) -> io::Result<()> {
    let Some(format) = &survey.format else {
        return Ok(());
    };
    let sentences = format.advice_for(&survey.lacking());
    if sentences.is_empty() {
        return Ok(());
    }
    screen.line("")?;
    let heading = screen.styled(Style::Strong, "to see more");
    screen.line(&format!("{:INDENT$}{heading}", ""))?;
    let mut again: BTreeMap<String, Vec<Field>> = BTreeMap::new();
    for (fields, text) in sentences {
        match said.get(text) {
            Some(source) => again.entry(source.clone()).or_default().extend(fields),
            None => advice(screen, INDENT * 2, &fields, text)?,
        }
        said.entry(text)
            .or_insert_with(|| survey.coverage.source.clone());
    }
    for (source, fields) in again {
        advice(screen, INDENT * 2, &fields, &format!("as for {source}"))?;
    }
    Ok(())
}

fn verdict(surveys: &[Survey], words: &Words, screen: &mut Screen) -> io::Result<()> {
    let how_many = |wanted: Standing| {
        let standings = surveys.iter().map(|survey| standing(survey, words));
        standings.filter(|standing| *standing == wanted).count()
    };
    let (look, wrong) = (how_many(Standing::Look), how_many(Standing::Wrong));
    let logs = count(surveys.len(), "log", "logs");
    let (style, text) = match (wrong, look) {
        (0, 0) => (Style::Good, format!("{logs} read; nothing is wrong.")),
        (0, look) => (
            Style::Careful,
            format!(
                "{logs} read; nothing is wrong, {} a look.",
                count(look, "deserves", "deserve")
            ),
        ),
        (1, _) => (Style::Bad, format!("{logs} read; 1 is of no use as it is.")),
        (wrong, _) => (
            Style::Bad,
            format!(
                "{logs} read; {} are of no use as they are.",
                grouped(wrong as u64)
            ),
        ),
    };
    let text = screen.styled(style, &text);
    screen.line(&text)
}

pub(super) fn row(screen: &mut Screen, label: &str, text: &str) -> io::Result<()> {
    labelled(screen, INDENT, LABEL, label, text)
}

/// Columns left beside so many.
pub(super) fn room(screen: &Screen, taken: usize) -> usize {
    usize::from(screen.width()).saturating_sub(taken)
}

/// The end of a path: that is where the file is named.
fn end_of(path: &str, limit: usize) -> String {
    let length = path.chars().count();
    if length <= limit {
        return path.to_owned();
    }
    let tail: String = path.chars().skip(length - limit + 1).collect();
    format!("…{tail}")
}
