//! Time and host of the usual row of `dns.log`, `ssl.log` and `quic.log`, without reading the rest.
//!
//! Whatever is out of the ordinary gives no glance, and the row is read whole. Rows of `http.log` matter beyond their host,
//! those of `conn.log` name none.

use crate::formats::cursor::{ip, number};
use crate::formats::flat_json::{Keys, Value};
use crate::formats::glance::is_digits;
use crate::model::{Glance, Time};

use super::columns::{Column, Log};
use super::events::LOCAL_NAME_PORTS;
use super::row::Row as _;
use super::tsv::Header;

const SECOND_DIGITS: usize = 10;
const MICROS: i64 = 1_000_000;

/// The column with the name that a row is about.
const fn host_column(log: Log) -> Option<Column> {
    match log {
        Log::Dns => Some(Column::Query),
        Log::Ssl | Log::Quic => Some(Column::ServerName),
        Log::Http | Log::Conn => None,
    }
}

pub(super) fn of_tsv<'a>(log: Log, header: &Header, line: &'a [u8]) -> Option<Glance<'a>> {
    let column = host_column(log)?;
    let row = header.row(line).ok()?;
    let host = row.raw(column)?;
    if log == Log::Dns {
        let is_local = |port| LOCAL_NAME_PORTS.contains(&port);
        let asks = row.count(Column::Opcode).is_none_or(|opcode| opcode == 0);
        if !asks || row.port(Column::RespPort).is_some_and(is_local) {
            return None;
        }
    }
    Some(Glance {
        time: row.time(Column::Time)?,
        client: row.address(Column::OrigHost)?,
        host,
        asks: None,
        tells: header.tells(),
    })
}

/// The keys of rows in JSON.
#[derive(Debug)]
pub(super) struct JsonKeys(Keys);

impl Default for JsonKeys {
    fn default() -> Self {
        Self(Keys::wanted(|key| match key {
            // A nested connection has no place of its own.
            b"id" => Some(Column::COUNT),
            key => Column::named(key).map(|column| column as usize),
        }))
    }
}

impl JsonKeys {
    /// The row of a stream of one log, or of one that names its log in each row.
    pub(super) fn glance<'a>(&mut self, log: Option<Log>, row: &'a [u8]) -> Option<Glance<'a>> {
        let values: [Value<'a>; Column::COUNT + 1] = self.0.read(row)?;
        let [.., Value::Absent] = values else {
            return None;
        };
        let value = |column: Column| values.get(column as usize).copied().unwrap_or_default();
        let log = match (log, value(Column::Path)) {
            (Some(log), Value::Absent) => log,
            (log, Value::Text(path)) => {
                let named = Log::ALL
                    .into_iter()
                    .find(|log| log.path().as_bytes() == path)?;
                log.is_none_or(|log| log == named).then_some(named)?
            }
            _ => return None,
        };
        let Value::Text(host) = value(host_column(log)?) else {
            return None;
        };
        if log == Log::Dns {
            let Value::Number(port) = value(Column::RespPort) else {
                return None;
            };
            let port = number(port).and_then(|port| u16::try_from(port).ok())?;
            let asks = matches!(value(Column::Opcode), Value::Absent | Value::Number(b"0"));
            if !asks || LOCAL_NAME_PORTS.contains(&port) {
                return None;
            }
        }
        let (Value::Number(stamp), Value::Text(client)) =
            (value(Column::Time), value(Column::OrigHost))
        else {
            return None;
        };
        let client = ip(client)?;
        Some(Glance {
            time: time(stamp)?,
            client,
            host,
            asks: None,
            tells: log.tells(),
        })
    }
}

/// Seconds of today's length with up to six digits behind the dot: what a `f64` holds exactly enough.
fn time(stamp: &[u8]) -> Option<Time> {
    let (secs, fraction) = stamp.split_at_checked(SECOND_DIGITS)?;
    let fraction = match fraction {
        [] => b"0",
        [b'.', fraction @ ..] => fraction,
        _ => return None,
    };
    if !is_digits(secs) || !is_digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let secs = i64::try_from(number(secs)?).ok()?;
    let micros = (fraction.len()..6).fold(i64::try_from(number(fraction)?).ok()?, |n, _| n * 10);
    Some(Time::from_micros(secs * MICROS + micros))
}
