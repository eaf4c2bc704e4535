//! ArcSight CEF and IBM LEEF: a header of fixed fields between pipes, then pairs.
//!
//! CEF: `CEF:0|vendor|product|version|id|name|severity|key=value key=value`; relays eat the first word. LEEF 1.0 separates pairs
//! by tabs, 2.0 by what its header says; products use pipes, carets and blanks all the same, and rsyslog writes a tab as
//! `#011`. From the ArcSight CEF implementation standard and IBM's LEEF guide.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter};

use super::cell::{Cell, Form};
use super::cells::{Cells, Slot};
use super::keys::Keys;
use super::pairs::{Pairs, find};

/// Custom fields of one record that are looked at for labels.
const MAX_CUSTOM: usize = 32;

/// A wanted custom field: its label, and the slot.
pub(super) type Label = (Vec<u8>, Slot);

const CEF_HEADER: [&str; 7] = [
    "cef.format",
    "cef.vendor",
    "cef.product",
    "cef.version",
    "cef.id",
    "cef.name",
    "cef.severity",
];
const LEEF_HEADER: [&str; 5] = [
    "leef.format",
    "leef.vendor",
    "leef.product",
    "leef.version",
    "leef.id",
];

static CEF: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("CEF:"));
static LEEF: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("LEEF:"));
static CEF_PAIRS: LazyLock<Pairs> = LazyLock::new(|| pairs(Form::Cef));
static LEEF_PAIRS: LazyLock<Pairs> = LazyLock::new(|| pairs(Form::Plain));

/// Pairs between blanks, with values that hold blanks.
fn pairs(bare: Form) -> Pairs {
    Pairs {
        separator: b" ".to_vec(),
        assign: b"=".to_vec(),
        begin: Vec::new(),
        end: Vec::new(),
        quotes: false,
        quoted: Form::Plain,
        bare,
        blanks: true,
        once: false,
    }
}

/// Fills the cells from a CEF record.
pub(super) fn fill_cef<'a>(
    text: &'a [u8],
    keys: &Keys,
    labels: &[Label],
    cells: &mut Cells<'a>,
) -> Result<(), &'static str> {
    let header = cef_header(text).ok_or("no CEF header")?;
    let mut rest = header;
    for name in CEF_HEADER {
        let at = unescaped_pipe(rest).ok_or("CEF header cut off")?;
        let (value, after) = rest.split_at_checked(at).unwrap_or((rest, b""));
        if let Some(slot) = keys.flat(name.as_bytes()) {
            cells.put(slot, Cell::new(value, Form::Cef));
        }
        rest = after.get(1..).unwrap_or_default();
    }
    let mut custom: Vec<(&[u8], Cell<'a>)> = Vec::new();
    CEF_PAIRS.each(rest.trim_ascii(), |key, value| {
        if !labels.is_empty() && custom.len() < MAX_CUSTOM && is_custom(key) {
            custom.push((key, value));
        }
        if let Some(slot) = keys.flat(key) {
            cells.put(slot, value.without_quotes());
        }
    })?;
    labelled(&custom, labels, cells);
    Ok(())
}

/// What follows `CEF:`, or a record that lost it: ` 0|vendor|…`, at times behind a header of syslog.
fn cef_header(text: &[u8]) -> Option<&[u8]> {
    if let Some(at) = CEF.find(text) {
        return text.get(at + 4..);
    }
    // Docker Compose has a pipe of its own in front.
    memchr_iter(b'|', text).take(2).find_map(|at| {
        let (version, before) = text.get(..at)?.split_last()?;
        let is_header =
            matches!(version, b'0' | b'1') && before.last().is_none_or(u8::is_ascii_whitespace);
        is_header.then(|| text.get(before.len()..))?
    })
}

fn unescaped_pipe(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'|', text.get(from..)?)?;
        let before = text.get(..at)?;
        if before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

/// `cs1`, `cn2`, `flexString1`, `deviceCustomDate1` and their labels.
fn is_custom(key: &[u8]) -> bool {
    matches!(key.first(), Some(b'c' | b'f' | b'd'))
        && [&b"cs"[..], b"cn", b"cfp", b"c6a", b"flex", b"deviceCustom"]
            .iter()
            .any(|prefix| key.starts_with(prefix))
}

fn labelled<'a>(custom: &[(&'a [u8], Cell<'a>)], labels: &[Label], cells: &mut Cells<'a>) {
    for (key, label) in custom {
        let Some(base) = key.strip_suffix(b"Label") else {
            continue;
        };
        let label = label.text();
        let Some((_, slot)) = labels
            .iter()
            .find(|(name, _)| label.eq_ignore_ascii_case(name))
        else {
            continue;
        };
        if let Some((_, value)) = custom.iter().find(|(key, _)| *key == base) {
            cells.put(*slot, *value);
        }
    }
}

/// Fills the cells from a LEEF record.
pub(super) fn fill_leef<'a>(
    text: &'a [u8],
    keys: &Keys,
    cells: &mut Cells<'a>,
) -> Result<(), &'static str> {
    let at = LEEF.find(text).ok_or("no LEEF header")?;
    let mut rest = text.get(at + 5..).unwrap_or_default();
    let is_second = rest.starts_with(b"2");
    for name in LEEF_HEADER {
        let at = memchr(b'|', rest).ok_or("LEEF header cut off")?;
        let (value, after) = rest.split_at_checked(at).unwrap_or((rest, b""));
        if let Some(slot) = keys.flat(name.as_bytes()) {
            cells.put(slot, Cell::new(value, Form::Plain));
        }
        rest = after.get(1..).unwrap_or_default();
    }
    let named = if is_second {
        delimiter(&mut rest)
    } else {
        None
    };
    let separator = named.map_or_else(|| Cow::Borrowed(usual_delimiter(rest)), Cow::Owned);
    if *separator == *b" " {
        return LEEF_PAIRS.each(rest, |key, value| {
            if let Some(slot) = keys.flat(key) {
                cells.put(slot, value.without_quotes());
            }
        });
    }
    let mut attributes = rest;
    while !attributes.is_empty() {
        let end = find(attributes, &separator);
        let (attribute, after) = match end.and_then(|end| attributes.split_at_checked(end)) {
            Some((attribute, after)) => (attribute, after.get(separator.len()..)),
            None => (attributes, None),
        };
        attributes = after.unwrap_or_default();
        if let Some(at) = memchr(b'=', attribute)
            && let Some((key, value)) = attribute.split_at_checked(at)
            && let Some(slot) = keys.flat(key.trim_ascii())
        {
            let value = Cell::new(value.get(1..).unwrap_or_default(), Form::Plain);
            cells.put(slot, value.without_quotes());
        }
    }
    Ok(())
}

/// The delimiter that a 2.0 header names: `^`, `x09`, `0x5E`; the header's last pipe is taken off.
fn delimiter(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let at = memchr(b'|', rest).filter(|at| *at <= 6)?;
    let (name, after) = rest.split_at_checked(at)?;
    if memchr(b'=', name).is_some() {
        return None;
    }
    *rest = after.get(1..).unwrap_or_default();
    let hex = name.strip_prefix(b"0x").or_else(|| name.strip_prefix(b"x"));
    let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
    match (byte, name) {
        (Some(byte), _) => Some(vec![byte]),
        (None, []) => None,
        (None, name) => Some(name.to_vec()),
    }
}

/// A tab, unless there is none.
fn usual_delimiter(text: &[u8]) -> &'static [u8] {
    let last_pair = memchr::memrchr(b'=', text).unwrap_or(0);
    for delimiter in [&b"\t"[..], b"#011", b"\\t", b"|", b"^"] {
        if find(text, delimiter).is_some_and(|at| at < last_pair) {
            return delimiter;
        }
    }
    b" "
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, wanted: &[&str], labels: &[&str]) -> Result<Vec<String>, &'static str> {
        let mut keys = Keys::new(false);
        let mut slots: Vec<_> = wanted.iter().map(|name| keys.slot(name)).collect();
        let labels: Vec<Label> = labels
            .iter()
            .map(|name| {
                (
                    name.as_bytes().to_vec(),
                    keys.slot(&format!("label:{name}")),
                )
            })
            .collect();
        slots.extend(labels.iter().map(|(_, slot)| *slot));
        let mut cells = Cells::recycled(Cells::default(), keys.count());
        if text.contains("LEEF") {
            fill_leef(text.as_bytes(), &keys, &mut cells)?;
        } else {
            fill_cef(text.as_bytes(), &keys, &labels, &mut cells)?;
        }
        Ok(slots
            .iter()
            .map(|slot| String::from_utf8_lossy(&cells.text(*slot)).into_owned())
            .collect())
    }

    #[test]
    fn cef_header_extension_and_labels() {
        let text = r"<14>Nov  2 10:11:12 gw CEF:0|Ven\|dor|Web|5.7|1|name|3| act=blocked cs2Label=Policy cs2=P 1 msg=a\=b cs1=x";
        assert_eq!(
            read(text, &["cef.vendor", "act", "msg"], &["policy"]).unwrap(),
            ["Ven|dor", "blocked", "a=b", "P 1"]
        );
        for header in [" ", "", "<14>Nov  2 10:11:12 gw "] {
            let eaten = format!("{header}0|Vendor|Web|5.7|1|name|3| act=blocked");
            assert_eq!(read(&eaten, &["act"], &[]).unwrap(), ["blocked"]);
        }
        assert_eq!(read("CEF:0|a|b", &["act"], &[]), Err("CEF header cut off"));
    }

    #[test]
    fn leef_with_every_delimiter() {
        for text in [
            "LEEF:1.0|V|P|1|id|src=192.0.2.7\turl=a b=c\tusr=x",
            "LEEF:2.0|V|P|1|id|^|src=192.0.2.7^url=a b=c^usr=x",
            "LEEF:2.0|V|P|1|id|x09|src=192.0.2.7\turl=a b=c\tusr=x",
            "LEEF:2.0|V|P|1|id|0x7C|src=192.0.2.7|url=a b=c|usr=x",
            "LEEF:1.0|V|P|1|id|src=192.0.2.7#011url=a b=c#011usr=x",
            "LEEF:1.0|V|P|1|id|src=192.0.2.7|url=a b=c|usr=x",
        ] {
            assert_eq!(
                read(text, &["leef.vendor", "src", "url", "usr"], &[]).unwrap(),
                ["V", "192.0.2.7", "a b=c", "x"],
                "{text}"
            );
        }
    }
}
