//! `--output json`: the same answer for programs, under the name of a schema, keys sorted.

use serde::Serialize;

use super::screen::Screen;

/// Kinds of output beside the terminal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    /// For programs
    Json,
}

/// Writes one JSON document. `schema` names its shape and version.
pub(super) fn json(
    schema: &str,
    answer: &impl Serialize,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    // A JSON value keeps its keys sorted; a struct would print them in the order of its fields.
    let mut value = serde_json::to_value(answer)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("schema".to_owned(), schema.into());
    }
    screen.line(&serde_json::to_string_pretty(&value)?)?;
    Ok(())
}
