//! Infoblox NIOS's CEF record of a response policy that was applied.
//!
//! `CEF:0|Infoblox|NIOS|8.6|RPZ-QNAME|NXDOMAIN|7|app=DNS dst=… src=… spt=… view=_default qtype=A msg="rpz QNAME NXDOMAIN
//! rewrite NAME [TYPE] via RULE"`. Layout: "DNS Firewall log" of the NIOS Administrator Guide. Only the name comes from
//! the client, and it stands behind everything else that is read.

use crate::formats::cursor::{Cursor, split, split_around};

pub(super) struct Applied<'a> {
    pub(super) client: &'a [u8],
    pub(super) client_port: &'a [u8],
    pub(super) server: &'a [u8],
    pub(super) name: &'a [u8],
    pub(super) qtype: &'a [u8],
    /// `NXDOMAIN`, `PASSTHRU` …
    pub(super) policy: &'a [u8],
}

/// Whether NIOS wrote this record, about whatever.
pub(super) fn is_nios(body: &[u8]) -> bool {
    body.starts_with(b"CEF:0|Infoblox|NIOS")
}

impl<'a> Applied<'a> {
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let mut rest = body.strip_prefix(b"CEF:0|Infoblox|NIOS|")?;
        let mut header = || {
            let (field, after) = split(rest, b'|')?;
            rest = after;
            Some(field)
        };
        let (_version, id, policy, _severity) = (header()?, header()?, header()?, header()?);
        id.strip_prefix(b"RPZ")?;
        let (pairs, message) = split_around(rest, b"msg=")?;
        let value = |key: &[u8]| {
            pairs
                .split(|b| *b == b' ')
                .find_map(|p| p.strip_prefix(key))
        };
        let (_, rewrite) = split_around(message, b" rewrite ")?;
        let mut message = Cursor::new(rewrite);
        let name = message.word()?;
        let in_message = message.word()?.strip_prefix(b"[")?.strip_suffix(b"]")?;
        Some(Self {
            client: value(b"src=")?,
            client_port: value(b"spt=").unwrap_or_default(),
            server: value(b"dst=").unwrap_or_default(),
            name,
            qtype: value(b"qtype=").unwrap_or(in_message),
            policy,
        })
    }

    /// As for BIND's own lines: these let the question through.
    pub(super) fn passes(&self) -> bool {
        self.policy.eq_ignore_ascii_case(b"PASSTHRU")
            || self.policy.eq_ignore_ascii_case(b"TCP-ONLY")
            || self.policy.eq_ignore_ascii_case(b"DISABLED")
    }
}
