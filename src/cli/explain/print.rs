//! The answer for people: the verdict in the first line, then why, then what follows from it.

use std::io;

use serde_json::Value;

use crate::catalogue::LeftOutReason;
use crate::cli::catalogue::view;
use crate::cli::labelled::heading;
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::{paragraph, row, row_if, styled_row};
use crate::cli::table::shown;
use crate::model::Field;

use super::answer::{Answer, JudgedRule};
use super::print_service::{write_duties, write_meaning, write_register};
use super::record::RecordView;
use super::tally::{Named, Tallied};

/// Rules that do not fit and are shown; a cloud's domain carries dozens.
const MISSED: usize = 6;

pub(super) fn write(answer: &Answer<'_>, screen: &mut Screen) -> io::Result<()> {
    let line = screen.styled(Style::Strong, &verdict(answer));
    screen.line(&line)?;
    if let Some(record) = &answer.record {
        write_record(record, screen)?;
    }
    write_rules(&answer.rules, screen)?;
    write_doubts(answer, screen)?;
    write_below(answer, screen)?;
    write_tally(answer, screen)?;
    if let Some(service) = &answer.service {
        heading(screen, "Service")?;
        service.write(screen)?;
        write_register(answer.register.as_ref(), screen)?;
    }
    if let Some(meaning) = &answer.meaning {
        write_meaning(meaning, screen)?;
    }
    if !answer.facts.is_empty() {
        heading(screen, "Facts")?;
        view::facts(screen, &answer.facts)?;
    }
    write_duties(&answer.duties, screen)
}

/// One line that says it all.
fn verdict(answer: &Answer<'_>) -> String {
    let asked = shown(answer.asked.trim(), 60);
    let name = answer
        .service
        .as_ref()
        .map(|service| shown(&format!("{} ({})", service.name, service.id), 60));
    match (answer.taken_for, &answer.record, name) {
        ("service", _, _) => format!("{asked}: a service"),
        ("user_agent", _, Some(name)) => format!("{asked}: a user agent of {name}"),
        ("user_agent", _, None) if answer.rules.is_empty() => {
            format!("{asked}: a user agent in no signature")
        }
        ("user_agent", _, None) => {
            format!("{asked}: a user agent of a program that talks to anybody")
        }
        ("host", _, Some(name)) => format!("{asked}: a host of {name}"),
        ("host", _, None) => format!("{asked}: a host in no signature"),
        ("url", _, Some(name)) => format!("{asked}: a URL of {name}"),
        ("url", _, None) => format!("{asked}: a URL in no signature"),
        (_, Some(record), Some(name)) => format!("{} line: {asked}, {name}", record.format),
        (_, Some(record), None) if asked.is_empty() => format!("{} line: no event", record.format),
        (_, _, _) => {
            let format = answer.record.as_ref().map_or("log", |record| record.format);
            format!("{format} line: {asked}, in no signature")
        }
    }
}

fn write_record(record: &RecordView, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "What was understood")?;
    let how = if record.forced {
        "as --format says"
    } else if record.ranking.len() > 1 {
        "the likeliest of several; --format NAME decides"
    } else {
        "recognised"
    };
    row(
        screen,
        "format",
        &format!("{} ({}), {how}", record.format, record.title),
    )?;
    if record.ranking.len() > 1 {
        let ranking: Vec<String> = record
            .ranking
            .iter()
            .map(|rank| {
                format!(
                    "{} {} % of the lines, sureness {}",
                    rank.format, rank.share_percent, rank.sureness
                )
            })
            .collect();
        row(screen, "ranking", &ranking.join("; "))?;
    }
    row_if(screen, "mixed", record.mixed.as_deref())?;
    if record.others > 0 {
        let which = format!("{} of {}", record.line, record.others + 1);
        row(screen, "line", &which)?;
    }
    if let Some(why) = record.understood.get("why").and_then(Value::as_str) {
        let result = record.understood.get("result").and_then(Value::as_str);
        let result = match result {
            Some("skip") => "passed over",
            _ => "rejected",
        };
        styled_row(screen, result, Some(Style::Careful), why)?;
    } else {
        let names = ["kind", "time"].into_iter();
        for name in names.chain(Field::ALL.iter().map(|field| field.as_str())) {
            if let Some(value) = record.understood.get(name) {
                row(screen, name, &plain(value))?;
            }
        }
    }
    row_if(screen, "cannot tell", Some(&record.cannot_tell.join(", ")))
}

/// A value of the contract in words.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}

fn write_rules(rules: &[JudgedRule<'_>], screen: &mut Screen) -> io::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    heading(screen, "Rules considered")?;
    let fitting = rules.iter().filter(|rule| rule.verdict != "missed");
    let missed = rules.iter().filter(|rule| rule.verdict == "missed");
    for rule in fitting {
        let won = rule.verdict == "won";
        styled_row(
            screen,
            rule.verdict,
            won.then_some(Style::Good),
            &rule.rule.rule,
        )?;
        row(
            screen,
            "",
            &format!("{}: {}", rule.because, rule.rule.claim()),
        )?;
        if !rule.captures.is_empty() {
            let captures: Vec<String> = rule
                .captures
                .iter()
                .map(|(name, value)| format!("{name} = {value}"))
                .collect();
            row(screen, "", &captures.join(", "))?;
        }
        let whose = rule.service.as_deref().unwrap_or("any service");
        let place = format!("{whose}, {}:{}", rule.rule.file, rule.rule.line);
        row(screen, "", &place)?;
        row_if(screen, "", Some(&rule.rule.origin()))?;
        row_if(screen, "", rule.rule.remarks().as_deref())?;
    }
    // Once a rule has won, those that do not fit are of interest to scripts at most.
    let is_won = rules.iter().any(|rule| rule.verdict == "won");
    let told = if is_won { 0 } else { MISSED };
    for rule in missed.clone().take(told) {
        let whose = rule.service.as_deref().unwrap_or("any service");
        let line = format!("{} ({whose}): {}", rule.rule.rule, rule.because);
        row(screen, rule.verdict, &line)?;
    }
    let what = match missed.count().saturating_sub(told) {
        0 => return Ok(()),
        1 => "1 rule that does not fit; --output json shows it".to_owned(),
        more => format!("{more} rules that do not fit; --output json lists them"),
    };
    row(screen, "missed", &what)
}

fn write_doubts(answer: &Answer<'_>, screen: &mut Screen) -> io::Result<()> {
    if let Some(judged) = &answer.left_out {
        heading(screen, "Looked at before")?;
        let why = match judged.reason {
            LeftOutReason::Found => "kept as a finding",
            reason => reason.as_str(),
        };
        row(screen, judged.name, &format!("{why}: {}", judged.words))?;
    }
    if !answer.resembles.is_empty() {
        heading(screen, "Only resembles")?;
    }
    for name in &answer.resembles {
        paragraph(screen, 2, &format!("{name}; that does not count"))?;
    }
    if !answer.similar.is_empty() {
        let text = if answer.taken_for == "service" {
            "Called the same"
        } else {
            "Perhaps meant"
        };
        heading(screen, text)?;
    }
    for name in &answer.similar {
        paragraph(screen, 2, name)?;
    }
    Ok(())
}

fn write_below(answer: &Answer<'_>, screen: &mut Screen) -> io::Result<()> {
    if !answer.below.is_empty() {
        heading(screen, "Known below it")?;
    }
    for line in &answer.below {
        paragraph(screen, 2, line)?;
    }
    Ok(())
}

fn write_tally(answer: &Answer<'_>, screen: &mut Screen) -> io::Result<()> {
    if answer.tallied.is_none() && answer.not_tallied.is_none() {
        return Ok(());
    }
    heading(screen, "What it is tallied as")?;
    row_if(screen, "if", answer.assuming)?;
    if let Some(tallied) = &answer.tallied {
        write_tallied(tallied, screen)?;
    }
    if let Some(channel) = answer.channel {
        row(screen, "channel", channel.as_str())?;
    }
    if let Some(why) = &answer.not_tallied {
        row(screen, "nothing", why)?;
    }
    for told in &answer.told {
        row(screen, "tells", told)?;
    }
    match answer.candidate_reasons.as_slice() {
        [] if answer.service.is_none()
            && answer.not_tallied.is_some()
            && answer.taken_for != "user_agent" =>
        {
            row(screen, "candidate", "no: nothing about it looks like GenAI")
        }
        [] => Ok(()),
        reasons => styled_row(
            screen,
            "candidate",
            Some(Style::Careful),
            &format!("{}; `gnomon candidates` lists it", reasons.join("; ")),
        ),
    }
}

fn write_tallied(tallied: &Tallied, screen: &mut Screen) -> io::Result<()> {
    let with = |word: &str, basis: &str| format!("{word}: {basis}");
    row(screen, "counts as", tallied.counts_as)?;
    row(
        screen,
        "role",
        &with(tallied.role.as_str(), tallied.role_means),
    )?;
    row(
        screen,
        "tier",
        &with(tallied.tier.as_str(), &tallied.tier_basis),
    )?;
    row(
        screen,
        "channel",
        &with(tallied.channel.as_str(), &tallied.channel_basis),
    )?;
    row(
        screen,
        "grade",
        &with(tallied.grade.as_str(), &tallied.grade_basis),
    )?;
    if tallied.prompts > 0 {
        row(screen, "prompts", &tallied.prompts.to_string())?;
    }
    if tallied.uploads > 0 {
        row(screen, "uploads", &tallied.uploads.to_string())?;
    }
    let named = |named: &Named| format!("{} (by {})", named.name, named.basis);
    row_if(
        screen,
        "client",
        tallied.client.as_ref().map(named).as_deref(),
    )?;
    row_if(screen, "user", tallied.user.as_ref().map(named).as_deref())?;
    row_if(screen, "segment", tallied.segment.as_deref())
}
