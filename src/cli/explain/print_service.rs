//! The second half of the answer for people: what the service is here, what it means and who owes what for it.

use std::io;

use crate::cli::labelled::heading;
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::{row, row_if, styled_row};
use crate::cli::table::{grouped, table};
use crate::govern::reconcile::seen_before;
use crate::govern::{Party, SeedParty};
use crate::model::Time;

use super::duties::{DutyView, Meaning};
use super::register::Register;

pub(super) fn write_register(register: Option<&Register>, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "Here")?;
    let Some(register) = register else {
        return row(
            screen,
            "register",
            "there is none yet; `gnomon scan` or `gnomon run` fills it",
        );
    };
    if let Some(trouble) = &register.trouble {
        return styled_row(screen, "register", Some(Style::Careful), trouble);
    }
    match &register.seen {
        None => row(screen, "seen", "never")?,
        Some(seen) => {
            let grade = seen.grade.map_or("attempted", crate::model::Grade::as_str);
            let text = format!(
                "{} events and {} blocked attempts from {} to {}, {grade} at best",
                grouped(seen.events),
                grouped(seen.attempts),
                seen.first.day(),
                seen.last.day()
            );
            row(screen, "seen", &text)?;
        }
    }
    if let Some(before) = &register.before_known {
        row(screen, "before", &seen_before(before))?;
    }
    let until = |until: Option<Time>| until.map(|until| format!(" until {}", until.day()));
    match &register.decision {
        Some(decision) => {
            let text = format!(
                "{}{}, decided by {} on {}: {}; answered for by {}",
                decision.state,
                until(decision.until).unwrap_or_default(),
                decision.by,
                decision.at.day(),
                decision.reason,
                decision.owner
            );
            row(screen, "state", &text)?;
        }
        None => row(
            screen,
            "state",
            &format!("{}: nobody has decided", register.state),
        )?,
    }
    if let Some(expired) = &register.expired {
        let text = format!(
            "{}{}",
            expired.state,
            until(expired.until).unwrap_or_default()
        );
        styled_row(screen, "ran out", Some(Style::Careful), &text)?;
    }
    for segment in &register.segments {
        let text = format!(
            "{}{}",
            segment.state,
            until(segment.until).unwrap_or_default()
        );
        row(screen, "", &format!("in {}: {text}", segment.segment))?;
    }
    Ok(())
}

pub(super) fn write_meaning(meaning: &Meaning<'_>, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "What that means")?;
    row(screen, "it is a", meaning.title)?;
    row(screen, "AWS scope", meaning.aws_scope)?;
    row_if(screen, "agentic scope", Some(meaning.agentic_scope))?;
    row(screen, "logs see", meaning.logs_see)?;
    row(screen, "cannot see", meaning.logs_cannot_see)?;
    row(
        screen,
        "begin with",
        &format!("state {}", meaning.first_state),
    )?;
    row(screen, "advice", meaning.advice)
}

pub(super) fn write_duties(duties: &[DutyView<'_>], screen: &mut Screen) -> io::Result<()> {
    if duties.is_empty() {
        return Ok(());
    }
    let yours = duties
        .iter()
        .filter(|duty| matches!(duty.party, Party::Enterprise | Party::Both))
        .count();
    let title = format!("Duties: {}, of which you carry {yours}", duties.len());
    heading(screen, &title)?;
    let headings = [">first", "duty", "what", "whose", "in the article", "basis"];
    let rows = duties.iter().map(duty_row).collect();
    screen.line(&table(screen.width(), &headings, rows))
}

fn duty_row(duty: &DutyView<'_>) -> Vec<String> {
    let who = match duty.party {
        Party::Enterprise => "you",
        Party::Provider => "provider",
        Party::Both => "both",
        Party::None => "nobody",
    };
    let article = match duty.seed_party {
        SeedParty::User => "the user",
        SeedParty::Provider => "the provider",
        SeedParty::Shared => "both",
        SeedParty::None => "nobody",
        SeedParty::Silent => "silent",
    };
    let basis = if duty.disputed {
        format!("{}, disputed", duty.basis)
    } else {
        duty.basis.to_string()
    };
    vec![
        duty.first
            .map(|first| first.to_string())
            .unwrap_or_default(),
        duty.id.to_owned(),
        duty.title.to_owned(),
        who.to_owned(),
        article.to_owned(),
        basis,
    ]
}
