//! What each daemon writes of an event.

use super::chance::Chance;
use super::company::{BIND, MS_PER_DAY, epoch_ms};

/// One row of Squid's native log.
pub(super) struct SquidRow<'r> {
    pub(super) moment: u64,
    pub(super) elapsed_ms: u64,
    pub(super) client: u8,
    pub(super) code: &'r str,
    pub(super) bytes: u64,
    pub(super) method: &'r str,
    pub(super) url: &'r str,
    pub(super) user: &'r str,
    pub(super) peer: &'r str,
    pub(super) content_type: &'r str,
}

/// `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`
pub(super) fn squid(row: &SquidRow<'_>) -> String {
    let epoch = epoch_ms(row.moment);
    let user = if row.user.is_empty() { "-" } else { row.user };
    format!(
        "{}.{:03} {:6} 192.0.2.{} {} {} {} {} {user} {} {}",
        epoch / 1000,
        epoch % 1000,
        row.elapsed_ms,
        row.client,
        row.code,
        row.bytes,
        row.method,
        row.url,
        row.peer,
        row.content_type,
    )
}

/// BIND 9.18 with `print-time`, `print-category` and `print-severity`, in a zone that is UTC.
pub(super) fn bind(
    moment: u64,
    client: u8,
    name: &str,
    qtype: &str,
    flags: &str,
    chance: &mut Chance,
) -> String {
    const STRUCTS: [&str; 6] = [
        "0x7f3c5c0140c8",
        "0x7f3c5c02e168",
        "0x7f3c58015898",
        "0x7f3c580b7d98",
        "0x7f3c540121c8",
        "0x7f3c50021768",
    ];
    let at = chance.pick(&STRUCTS);
    let port = chance.within(&(49_152..=65_535));
    format!(
        "{:02}-Nov-2026 {} queries: info: client @{at} 192.0.2.{client}#{port} ({name}): query: {name} IN {qtype} {flags} ({BIND})",
        9 + moment / MS_PER_DAY,
        time_of_day(moment),
    )
}

/// `08:31:07.042`
fn time_of_day(moment: u64) -> String {
    let secs = moment % MS_PER_DAY / 1000;
    let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
    format!("{hour:02}:{minute:02}:{second:02}.{:03}", moment % 1000)
}

/// Unbound 1.17 with `log-queries`.
pub(super) fn unbound(moment: u64, client: u8, name: &str, qtype: &str) -> String {
    let secs = epoch_ms(moment) / 1000;
    format!("[{secs}] unbound[812:0] info: 192.0.2.{client} {name}. {qtype} IN")
}

/// One request that the sensor saw.
pub(super) struct ZeekRow<'r> {
    pub(super) moment: u64,
    pub(super) client: u8,
    pub(super) server: &'r str,
    pub(super) port: u16,
    pub(super) method: &'r str,
    pub(super) host: &'r str,
    pub(super) uri: &'r str,
    pub(super) referrer: &'r str,
    pub(super) agent: &'r str,
    pub(super) up: u64,
    pub(super) down: u64,
    pub(super) status: u16,
}

/// Zeek's http.log, by the columns of `ZEEK_FIELDS`.
pub(super) fn zeek(row: &ZeekRow<'_>, chance: &mut Chance) -> String {
    let epoch = epoch_ms(row.moment);
    let message = match row.status {
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        403 => "Forbidden",
        404 => "Not Found",
        502 => "Bad Gateway",
        _ => "-",
    };
    let cells = [
        format!(
            "{}.{:03}{:03}",
            epoch / 1000,
            epoch % 1000,
            chance.next() % 1000
        ),
        uid(chance),
        format!("192.0.2.{}", row.client),
        chance.within(&(32_768..=60_999)).to_string(),
        row.server.to_owned(),
        row.port.to_string(),
        "1".to_owned(),
        row.method.to_owned(),
        row.host.to_owned(),
        row.uri.to_owned(),
        row.referrer.to_owned(),
        "1.1".to_owned(),
        row.agent.to_owned(),
        "-".to_owned(),
        row.up.to_string(),
        row.down.to_string(),
        row.status.to_string(),
        message.to_owned(),
        "-\t-\t(empty)\t-\t-\t-\t-\t-\t-\t-\t-\t-".to_owned(),
    ];
    cells.join("\t")
}

fn uid(chance: &mut Chance) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let letters = (0..17).map(|_| char::from(*chance.pick(LETTERS)));
    std::iter::once('C').chain(letters).collect()
}

const ZEEK_FIELDS: &str = "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttrans_depth\tmethod\thost\turi\treferrer\tversion\tuser_agent\torigin\trequest_body_len\tresponse_body_len\tstatus_code\tstatus_msg\tinfo_code\tinfo_msg\ttags\tusername\tpassword\tproxied\torig_fuids\torig_filenames\torig_mime_types\tresp_fuids\tresp_filenames\tresp_mime_types";
const ZEEK_TYPES: &str = "#types\ttime\tstring\taddr\tport\taddr\tport\tcount\tstring\tstring\tstring\tstring\tstring\tstring\tstring\tcount\tcount\tcount\tstring\tcount\tstring\tset[enum]\tstring\tstring\tset[string]\tvector[string]\tvector[string]\tvector[string]\tvector[string]\tvector[string]\tvector[string]";

pub(super) fn zeek_head(day: u64) -> String {
    let date = 9 + day;
    format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n#open\t2026-11-{date:02}-00-00-00\n{ZEEK_FIELDS}\n{ZEEK_TYPES}\n"
    )
}

pub(super) fn zeek_foot(day: u64) -> String {
    format!("#close\t2026-11-{:02}-00-00-00\n", 10 + day)
}

/// An address for a name, always the same.
pub(super) fn server_of(host: &str) -> String {
    let number = Chance::of(host).within(&(1..=508));
    match number {
        1..=254 => format!("203.0.113.{number}"),
        _ => format!("198.51.100.{}", number - 254),
    }
}
