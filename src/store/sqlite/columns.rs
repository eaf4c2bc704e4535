//! How the nouns of the model stand in columns: times as microseconds, closed words as their spelling, lists as
//! JSON, counts clamped to what SQLite can add without turning into a floating-point number.
//!
//! A value that this program cannot have written is a conversion failure, which `errors.rs` calls damage.

use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{Host, Time};

/// The largest count that a column holds. Sums saturate here; byte counts come from logs and may be anything.
pub(super) const MOST: u64 = i64::MAX.cast_unsigned();

/// A count as a column holds it.
pub(super) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The sum of two counts, the same in whichever order counts are summed.
pub(super) fn sum(a: u64, b: u64) -> u64 {
    a.saturating_add(b).min(MOST)
}

/// The condition for the rows of the service `?1`, or all of them when that is NULL. Two statements, because no index
/// can answer `?1 IS NULL OR service = ?1`.
pub(super) const fn of_service(service: Option<&str>) -> &'static str {
    match service {
        Some(_) => "service = ?1",
        None => "?1 IS NULL",
    }
}

pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Time> {
    row.get(column).map(Time::from_micros)
}

pub(super) fn time_or_none(row: &Row<'_>, column: usize) -> Result<Option<Time>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Time::from_micros))
}

pub(super) fn micros(time: Option<Time>) -> Option<i64> {
    time.map(Time::micros)
}

/// A closed word.
pub(super) fn word<T>(row: &Row<'_>, column: usize) -> Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get_ref(column)?
        .as_str()
        .map_err(|error| damaged(column, error))?
        .parse()
        .map_err(|error| damaged(column, error))
}

pub(super) fn host(row: &Row<'_>, column: usize) -> Result<Host> {
    let text: String = row.get(column)?;
    Host::parse(text.as_bytes()).ok_or_else(|| damaged(column, format!("{text:?} is no host name")))
}

/// A value kept as JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|error| damaged(column, error))?;
    serde_json::from_str(text).map_err(|error| damaged(column, error))
}

/// A value to be kept as JSON.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::ToSqlConversionFailure(Box::new(error)))
}

/// The failure for a column that holds what this program never writes.
pub(super) fn damaged(
    column: usize,
    why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, why.into())
}
