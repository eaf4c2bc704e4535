//! What is settled already for an application, and on what proof.

use crate::reports::{Application, Duty};
use crate::store::Store as _;

use super::super::labelled::heading;
use super::super::register::Register;
use super::super::screen::{Screen, Style};
use super::super::table::shown;
use super::{is_owed, stands, status};

pub(super) fn write(
    register: &Register,
    app: &Application,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let settled: Vec<&Duty> = app.duties().filter(|duty| !is_owed(duty)).collect();
    if settled.is_empty() {
        return Ok(());
    }
    let records = register.store.duty_records(Some(&app.id))?;
    heading(screen, "Settled")?;
    for duty in settled {
        let until = duty
            .due
            .map(|day| format!(", until {day}"))
            .unwrap_or_default();
        // Oldest first: the last is the one in force.
        let proof = records
            .iter()
            .rev()
            .find(|record| record.duty == duty.id)
            .filter(|record| !record.evidence.is_empty())
            .map(|record| format!(": {}", shown(&record.evidence, 300)))
            .unwrap_or_default();
        let mark = screen.styled(Style::Good, stands(status(duty)));
        screen.line(&format!("  {} {}: {mark}{until}", duty.id, duty.title))?;
        screen.wrapped(9, &format!("{}{proof}", shown(&duty.why, 300)))?;
    }
    Ok(())
}
