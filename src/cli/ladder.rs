//! The ladder of an application's evidence on a terminal.

use std::io;

use crate::reports::Application;
use crate::reports::evidence::{Step, counted_by, steps, words};

use super::labelled::heading;
use super::screen::Screen;
use super::table::{grouped, table};

/// Writes the rungs, strongest first, and what is to be said of them.
pub(super) fn ladder(app: &Application, screen: &mut Screen) -> io::Result<()> {
    heading(screen, "How far the evidence goes")?;
    let steps = steps(&app.ladder, &grouped).into_iter();
    let rows = steps.map(
        |Step {
             name,
             clients,
             events,
             kinds,
         }| vec![name.to_owned(), clients, events, kinds],
    );
    let headings = ["evidence", ">clients", ">events", "seen in"];
    screen.line(&table(screen.width(), &headings, rows.collect()))?;
    if let Some(text) = counted_by(&app.ladder) {
        screen.wrapped(2, text)?;
    }
    for text in words(app, &grouped) {
        screen.wrapped(2, &text)?;
    }
    Ok(())
}
