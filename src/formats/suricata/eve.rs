//! The layout of Suricata's EVE records, as far as we read it.
//!
//! What all records share is read at once; the object named after the event type only when that type is
//! wanted, so that `stats` and `alert` records, which are long, are merely stepped over. From "Eve JSON
//! Format" of the user guide, Suricata 4 to 8, and from what 7.0.10 writes.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::formats::loose_json::{self, Loose};

/// What every record has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Eve<'a> {
    #[serde(borrow)]
    pub(super) timestamp: Loose<'a>,
    #[serde(borrow)]
    pub(super) event_type: Loose<'a>,
    #[serde(borrow)]
    pub(super) flow_id: Loose<'a>,
    #[serde(borrow)]
    pub(super) src_ip: Loose<'a>,
    #[serde(borrow)]
    pub(super) src_port: Loose<'a>,
    #[serde(borrow)]
    pub(super) dest_ip: Loose<'a>,
    #[serde(borrow)]
    pub(super) dest_port: Loose<'a>,
    #[serde(borrow)]
    pub(super) dns: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) http: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) quic: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) flow: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) alert: Option<&'a RawValue>,
    /// What AWS Network Firewall and collectors put an EVE record into.
    #[serde(borrow)]
    pub(super) event: Option<&'a RawValue>,
}

/// Versions 1 (one record per answer), 2, and 3 (names in `queries`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dns<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Loose<'a>,
    #[serde(borrow)]
    pub(super) id: Loose<'a>,
    #[serde(borrow)]
    pub(super) rrname: Loose<'a>,
    #[serde(borrow)]
    pub(super) rrtype: Loose<'a>,
    #[serde(borrow)]
    pub(super) rcode: Loose<'a>,
    #[serde(borrow)]
    pub(super) rdata: Loose<'a>,
    #[serde(borrow)]
    pub(super) version: Loose<'a>,
    #[serde(borrow)]
    pub(super) queries: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) answers: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) grouped: Option<&'a RawValue>,
}

/// One resource record, of a question or an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource<'a> {
    #[serde(borrow)]
    pub(super) rrname: Loose<'a>,
    #[serde(borrow)]
    pub(super) rrtype: Loose<'a>,
    #[serde(borrow)]
    pub(super) rdata: Loose<'a>,
}

/// Answers when `formats: [grouped]` is configured alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "UPPERCASE")]
pub(super) struct Grouped<'a> {
    #[serde(borrow)]
    pub(super) cname: Loose<'a>,
    #[serde(borrow)]
    pub(super) a: Loose<'a>,
    #[serde(borrow)]
    pub(super) aaaa: Loose<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Http<'a> {
    #[serde(borrow)]
    pub(super) hostname: Loose<'a>,
    #[serde(borrow)]
    pub(super) http_port: Loose<'a>,
    #[serde(borrow)]
    pub(super) url: Loose<'a>,
    #[serde(borrow)]
    pub(super) http_user_agent: Loose<'a>,
    #[serde(borrow)]
    pub(super) http_content_type: Loose<'a>,
    #[serde(borrow)]
    pub(super) http_refer: Loose<'a>,
    #[serde(borrow)]
    pub(super) http_method: Loose<'a>,
    #[serde(borrow)]
    pub(super) status: Loose<'a>,
    #[serde(borrow)]
    pub(super) length: Loose<'a>,
    /// All of them, in HTTP/2.
    #[serde(borrow)]
    pub(super) request_headers: Option<&'a RawValue>,
}

/// A header of HTTP/2; those that begin with a colon are the request's own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) name: Loose<'a>,
    #[serde(borrow)]
    pub(super) value: Loose<'a>,
}

/// `tls` and `quic`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Handshake<'a> {
    #[serde(borrow)]
    pub(super) sni: Loose<'a>,
    /// Set when the connection began as something else: `http` behind a CONNECT.
    #[serde(borrow)]
    pub(super) from_proto: Loose<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Flow<'a> {
    #[serde(borrow)]
    pub(super) bytes_toserver: Loose<'a>,
    #[serde(borrow)]
    pub(super) bytes_toclient: Loose<'a>,
    #[serde(borrow)]
    pub(super) start: Loose<'a>,
    #[serde(borrow)]
    pub(super) end: Loose<'a>,
    #[serde(borrow)]
    pub(super) state: Loose<'a>,
    #[serde(borrow)]
    pub(super) action: Loose<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Alert<'a> {
    #[serde(borrow)]
    pub(super) action: Loose<'a>,
}

/// Reads the object of an event type; a record without it is not what it says it is.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Result<T, &'static str> {
    let raw = raw.ok_or("no object named after the event_type")?;
    // Read as a list, the values would be taken for the fields in the order that we happen to write them in.
    if !raw.get().starts_with('{') {
        return Err("no object named after the event_type");
    }
    serde_json::from_str(raw.get()).map_err(|error| loose_json::reason(&error))
}

/// Reads a list of resource records, or of headers; what is none is empty.
pub(super) fn list<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Vec<T> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}
