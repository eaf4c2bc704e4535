//! `gnomon decisions --wanted`: what to decide first, for the organisation as a whole.

use super::super::Exit;
use super::super::labelled::labelled;
use super::super::output::{Output, json};
use super::super::register::Register;
use super::super::screen::{Screen, Style};

/// Columns that labels take.
const LABEL: usize = 9;

pub(super) fn run(
    register: &Register,
    output: Option<Output>,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let wanted = &register.report.organisation.decisions_wanted;
    if output == Some(Output::Json) {
        let answer = serde_json::json!({ "as_of": register.now, "decisions_wanted": wanted });
        json("gnomon.decisions-wanted/1", &answer, screen)?;
        return Ok(Exit::Fine);
    }
    if wanted.is_empty() {
        screen.line("Nothing waits for a decision.")?;
        return Ok(Exit::Fine);
    }
    for (at, one) in wanted.iter().enumerate() {
        let title = format!(
            "{:>2}. {}, risk {} {}",
            at + 1,
            one.name,
            one.residual,
            one.band
        );
        screen.line(&screen.styled(Style::Strong, &title))?;
        let when = match (one.due, one.overdue) {
            (Some(day), true) => format!(", overdue since {day}"),
            (Some(day), false) => format!(", by {day}"),
            (None, _) => String::new(),
        };
        let mut fact = |label: &str, text: &str| labelled(screen, 4, LABEL, label, text);
        fact("Stands", &one.why)?;
        fact("Why", &one.because)?;
        fact("Who", &format!("{}{when}", one.owner))?;
        fact("Record", &one.command)?;
    }
    Ok(Exit::Fine)
}
