//! `gnomon explain --app ID`: why an application stands in the register as it does: its evidence, rung by rung.

use crate::cli::Exit;
use crate::cli::global::Global;
use crate::cli::ladder::ladder;
use crate::cli::output::{Output, json};
use crate::cli::register::{For, Register};
use crate::cli::screen::{Screen, Style};
use crate::cli::sheet::row;
use crate::cli::table::minute;
use crate::model::Grade;

pub(super) fn run(
    id: &str,
    output: Option<Output>,
    global: &Global,
    screen: &mut Screen,
) -> anyhow::Result<Exit> {
    let register = Register::open(global, For::Reading, None)?;
    let service = register.service(id)?;
    let Some(app) = register.row(&service.id) else {
        anyhow::bail!(
            "{} was not seen here; what it is to the catalogue: gnomon explain {}",
            service.id,
            service.id
        );
    };
    if output.is_some() {
        let answer = serde_json::json!({
            "id": app.id,
            "name": app.name,
            "grade": app.grade,
            "first_seen": app.first_seen,
            "last_seen": app.last_seen,
            "before_known": app.before_known,
            "ladder": app.ladder,
            "clock_skews": register.report.clock_skews,
        });
        json("gnomon.explain_app/1", &answer, screen)?;
        return Ok(Exit::Fine);
    }
    let grade = app.grade.map_or("attempted only", Grade::as_str);
    let line = screen.styled(
        Style::Strong,
        &format!("{} ({}): {grade}", app.name, app.id),
    );
    screen.line(&line)?;
    let seen = format!(
        "{} to {} UTC",
        minute(app.first_seen),
        minute(app.last_seen)
    );
    row(screen, "seen", &seen)?;
    ladder(app, screen)?;
    Ok(Exit::Fine)
}
