//! The report as JSON, schema `gnomon.report/1`: keys sorted, so that the same logs give the same bytes.
//!
//! Only the SOC edition names clients and users and quotes records; in the others these keys are there and empty.

use std::io;

use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::model::{Coverage, Untrusted};

use super::{Application, Edition, Renderer, Report};

pub(super) static RENDERER: Renderer = Renderer {
    name: "json",
    media_type: "application/json",
    extension: "json",
    write,
};

fn write(report: &Report, edition: Edition, out: &mut dyn io::Write) -> io::Result<()> {
    let shows_names = edition.shows_names();
    // A JSON value keeps its keys sorted; a struct would print them in the order of its fields.
    let mut whole = serde_json::to_value(report)?;
    if !shows_names {
        whole["coverage"] = serde_json::to_value(without_records(&report.coverage))?;
    }
    let applications = OneByOne(|| {
        report.applications.iter().map(|app| match shows_names {
            true => serde_json::to_value(app),
            false => serde_json::to_value(without_names(app)),
        })
    });
    write_with("applications", &applications, whole, out)
}

/// Writes an object as a document, with a list among its keys.
pub(crate) fn write_with(
    list_key: &str,
    list: &impl Serialize,
    mut object: Value,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    // Its place among the keys.
    object[list_key] = Value::Null;
    let mut serializer = serde_json::Serializer::pretty(&mut *out);
    let mut document = serializer.serialize_map(None)?;
    for (key, value) in object.as_object().into_iter().flatten() {
        if key == list_key {
            document.serialize_entry(key, list)?;
        } else {
            document.serialize_entry(key, value)?;
        }
    }
    document.end()?;
    out.write_all(b"\n")
}

fn without_records(coverage: &[Coverage]) -> Vec<Coverage> {
    let mut coverage = coverage.to_vec();
    for sample in coverage
        .iter_mut()
        .flat_map(|source| &mut source.bad_samples)
    {
        sample.text = Untrusted::default();
    }
    coverage
}

fn without_names(app: &Application) -> Application {
    let mut app = app.clone();
    app.top_clients.clear();
    app.top_users.clear();
    app.outliers.clear();
    app
}

/// A list that is made while it is written, element by element: as values all at once, thousands of applications take hundreds of
/// megabytes.
pub(crate) struct OneByOne<F>(pub(crate) F);

impl<F, I> Serialize for OneByOne<F>
where
    F: Fn() -> I,
    I: Iterator<Item = serde_json::Result<Value>>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;

        let mut list = serializer.serialize_seq(None)?;
        for element in (self.0)() {
            list.serialize_element(&element.map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}
