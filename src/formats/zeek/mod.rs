//! Zeek (formerly Bro): `dns.log`, `http.log`, `ssl.log`, `quic.log` and `conn.log`, as TSV or as JSON.
//!
//! One reading for all: the columns are found by name, from the `#fields` line or from the keys, in any order,
//! known ones among unknown ones. A stream of one log is `zeek-dns` and so on; a stream of several that says
//! for every row which log it belongs to (`#path`, or the `_path` of shippers) is `zeek`. Rows of Zeek's other
//! logs are skipped. Not joined: bytes and service of a connection stay in `conn.log`. Layouts: docs.zeek.org
//! and `scripts/base/protocols` of Zeek 4.0 to 8.2.

mod columns;
mod events;
mod glance;
mod json;
mod row;
mod sniff;
mod tsv;

use super::{Coded, Context, Parser, envelope, loose_json};
use crate::model::{Field, Glance, Kind, Parsed};

use columns::Log;
use glance::JsonKeys;
use json::JsonRow;
use tsv::Header;

pub(super) static CONN: Coded = Coded {
    name: "zeek-conn",
    title: "Zeek connections (conn.log)",
    kind: Kind::Flow,
    tells: Log::Conn.tells(),
    advice: &[(Field::Host, NAMES)],
    sniff: |record| sniff::score(record, Some(Log::Conn)),
    open: |_| open(Some(Log::Conn)),
};

pub(super) static DNS: Coded = Coded {
    name: "zeek-dns",
    title: "Zeek DNS lookups (dns.log)",
    kind: Kind::Dns,
    tells: Log::Dns.tells(),
    advice: &[],
    sniff: |record| sniff::score(record, Some(Log::Dns)),
    open: |_| open(Some(Log::Dns)),
};

pub(super) static HTTP: Coded = Coded {
    name: "zeek-http",
    title: "Zeek HTTP requests (http.log)",
    kind: Kind::Proxy,
    tells: Log::Http.tells(),
    advice: &[(
        Field::User,
        "Zeek knows the users of HTTP's own logins only; for others read the log of a proxy that asks for them",
    )],
    sniff: |record| sniff::score(record, Some(Log::Http)),
    open: |_| open(Some(Log::Http)),
};

pub(super) static QUIC: Coded = Coded {
    name: "zeek-quic",
    title: "Zeek QUIC handshakes (quic.log)",
    kind: Kind::Tls,
    tells: Log::Quic.tells(),
    advice: HANDSHAKES,
    sniff: |record| sniff::score(record, Some(Log::Quic)),
    open: |_| open(Some(Log::Quic)),
};

pub(super) static SSL: Coded = Coded {
    name: "zeek-ssl",
    title: "Zeek TLS handshakes (ssl.log)",
    kind: Kind::Tls,
    tells: Log::Ssl.tells(),
    advice: HANDSHAKES,
    sniff: |record| sniff::score(record, Some(Log::Ssl)),
    open: |_| open(Some(Log::Ssl)),
};

pub(super) static ANY: Coded = Coded {
    name: "zeek",
    title: "Zeek logs in one stream",
    kind: Kind::Flow,
    tells: Log::Dns
        .tells()
        .union(Log::Http.tells())
        .union(Log::Ssl.tells())
        .union(Log::Conn.tells()),
    advice: &[(Field::Host, NAMES)],
    sniff: |record| sniff::score(record, None),
    open: |_: &Context| open(None),
};

const NAMES: &str =
    "conn.log names no host: read ssl.log, quic.log, http.log and dns.log, which do";

/// What is encrypted shows a name and no more.
const HANDSHAKES: &[(Field, &str)] = &[
    (
        Field::Host,
        "clients that hide the name (ECH) or send none: read dns.log as well",
    ),
    (Field::BytesUp, TRAFFIC),
    (Field::BytesDown, TRAFFIC),
];
const TRAFFIC: &str =
    "conn.log counts bytes and names no host: for uploads read a proxy's log as well";

fn open(log: Option<Log>) -> Box<dyn Parser> {
    Box::new(Zeek {
        log,
        header: Header::default(),
        keys: JsonKeys::default(),
    })
}

/// The header line or the row that something put a syslog header in front of.
fn behind_syslog(record: &[u8]) -> Option<&[u8]> {
    envelope::find(record, |body| {
        (is_row(body) || body.starts_with(b"#")).then_some(body)
    })
}

/// Whether a line begins with seconds since 1970, and not with the year of a syslog header.
fn is_row(line: &[u8]) -> bool {
    let secs = line.iter().take_while(|b| b.is_ascii_digit()).count();
    secs >= SECONDS_DIGITS && line.get(secs) == Some(&b'.')
}

/// Of the seconds since 1970, from 2001 on.
const SECONDS_DIGITS: usize = 10;

const OTHER_LOG: &str = "row of another zeek log";

struct Zeek {
    /// The log this stream was opened for; none when every row says its own.
    log: Option<Log>,
    header: Header,
    /// For glances.
    keys: JsonKeys,
}

/// Whose rows stand below the header.
enum Rows {
    Of(Log),
    /// One that is not read, or not in this stream.
    Other,
    Unknown,
}

impl Parser for Zeek {
    fn glance<'a>(&mut self, record: &'a [u8]) -> Option<Glance<'a>> {
        match record.first()? {
            b'0'..=b'9' => {
                let Rows::Of(log) = self.log_of_rows() else {
                    return None;
                };
                let line = record.strip_suffix(b"\r").unwrap_or(record);
                glance::of_tsv(log, &self.header, line)
            }
            b'{' => self.keys.glance(self.log, record),
            _ => None,
        }
    }

    fn is_stateless(&self) -> bool {
        self.header.is_unwritten()
    }

    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        match record.first() {
            None => Parsed::Skip("empty line"),
            Some(b'#') => {
                self.header.learn(record, self.log);
                Parsed::Skip("header")
            }
            Some(b'0'..=b'9') if is_row(record) => self.tsv(record),
            // Whatever wrote a syslog header or blanks in front of it; or columns in another order.
            Some(_) => match loose_json::body(record) {
                body if body.first() == Some(&b'{') => self.json(body),
                _ => match behind_syslog(record) {
                    Some(header) if header.starts_with(b"#") => {
                        self.header.learn(header, self.log);
                        Parsed::Skip("header")
                    }
                    row => self.tsv(row.unwrap_or(record)),
                },
            },
        }
    }
}

impl Zeek {
    /// The log that rows below the header belong to.
    fn log_of_rows(&self) -> Rows {
        match (self.log, self.header.path()) {
            (Some(log), Some(Some(path))) if log != path => Rows::Other,
            (_, Some(None)) => Rows::Other,
            (Some(log), _) | (None, Some(Some(log))) => Rows::Of(log),
            (None, None) => Rows::Unknown,
        }
    }

    fn tsv<'a>(&self, line: &'a [u8]) -> Parsed<'a> {
        let log = match self.log_of_rows() {
            Rows::Of(log) => log,
            Rows::Other => return Parsed::Skip(OTHER_LOG),
            Rows::Unknown => return Parsed::Bad("no #path line before this row"),
        };
        match self.header.row(line) {
            Ok(row) => events::read(log, self.header.tells(), row),
            Err(why) => Parsed::Bad(why),
        }
    }

    fn json<'a>(&self, record: &'a [u8]) -> Parsed<'a> {
        let row = match JsonRow::parse(record) {
            Ok(row) => row,
            Err(why) => return Parsed::Bad(why),
        };
        let named = row
            .path()
            .map(|path| Log::ALL.into_iter().find(|log| log.path() == path));
        let log = match (self.log, named) {
            (Some(log), Some(path)) if path != Some(log) => return Parsed::Skip(OTHER_LOG),
            (_, Some(None)) => return Parsed::Skip(OTHER_LOG),
            (Some(log), _) | (None, Some(Some(log))) => log,
            (None, None) => return Parsed::Bad("no _path"),
        };
        // Zeek leaves out what is unset, so the row does not show its columns: all of them can be told.
        events::read(log, log.tells(), row)
    }
}

#[cfg(test)]
mod tests;
