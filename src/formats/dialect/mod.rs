//! A product's own format string, translated into a template: `squid: %ts.%03tu %6tr %>a %Ss/%03>Hs …`.
//!
//! Who wrote a format string for a proxy need not learn another one: one file per product knows what each of its
//! codes means and how it is escaped, `draft` turns what they read into one pattern. Nothing here reads a log. A
//! code that is not known is an error, because a typing mistake would shift every field behind it; a known one
//! that Gnomon has no use for is skipped.

mod apache;
mod codes;
mod draft;
mod envoy;
mod haproxy;
mod haproxy_codes;
mod nginx;
mod squid;
mod squid_codes;
mod strftime;

use codes::Table;
use draft::Piece;

use super::cursor::{port, split_around, split_last};

/// What a format string means.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    /// The pattern of a `template` mapping: `{key}` for a value, `{}` for one that is skipped, `{{` and `}}`
    /// for braces.
    pub(super) pattern: String,
    /// Field, key and decoding. Of several for one field the first that is not empty counts. `url` and
    /// `request` say where a request went; `host` is asked where they hold no host, or an address only.
    ///
    /// Decodings are those of mappings and three more: `squid` (`%5b` and `\\`), `port` ([`split_port`]) and
    /// `parts` ([`without_dashes`]). Where one is `backslash`, a `\"` does not end the value, or a client could
    /// end it.
    pub(super) fields: Vec<(&'static str, &'static str, Option<&'static str>)>,
    /// Values that mean "nothing".
    pub(super) null: Vec<&'static str>,
    /// Words that say what became of a request, asked in order.
    pub(super) words: Vec<Words>,
    /// `strptime` formats of times that the string itself lays out.
    pub(super) time_formats: Vec<String>,
    /// Whether times without a zone are UTC.
    pub(super) is_utc: bool,
}

/// Which values of a key tell an outcome; as in `[[outcome]]`, `*` at the end stands for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) key: &'static str,
    pub(super) allowed: &'static [&'static str],
    pub(super) blocked: &'static [&'static str],
    pub(super) error: &'static [&'static str],
}

/// How one product writes format strings.
struct Dialect {
    name: &'static str,
    /// What the product calls it, for messages.
    title: &'static str,
    table: Table,
    /// Codes that are known and of no use.
    unused: &'static [&'static str],
    null: &'static [&'static str],
    words: &'static [Words],
    /// What to add to a string that cannot tell the time or the host.
    time_code: &'static str,
    host_code: &'static str,
    read: fn(&str) -> Result<Vec<Piece>, String>,
}

/// Every dialect, sorted by name.
static DIALECTS: [&Dialect; 5] = [
    &apache::APACHE,
    &envoy::ENVOY,
    &haproxy::HAPROXY,
    &nginx::NGINX,
    &squid::SQUID,
];

/// Translates a format string of this dialect.
///
/// # Errors
/// When there is no such dialect, a code is unknown, two codes touch so that nobody can tell where the first
/// one's value ends, or neither time nor host would be told.
pub(super) fn translate(dialect: &str, format_string: &str) -> Result<Translated, String> {
    let Some(dialect) = DIALECTS.iter().find(|d| d.name == dialect) else {
        let names: Vec<&str> = DIALECTS.iter().map(|d| d.name).collect();
        return Err(format!(
            "no format strings of \"{dialect}\" are known, only of {}",
            names.join(", ")
        ));
    };
    let pieces = (dialect.read)(format_string.trim())?;
    let mut translated =
        draft::assemble(pieces).map_err(|why| format!("{}: {why}", dialect.title))?;
    let has = |names: &[&str]| {
        translated
            .fields
            .iter()
            .any(|(field, ..)| names.contains(field))
    };
    for (is_there, what, code) in [
        (has(&["time"]), "time", dialect.time_code),
        (has(&["host", "url", "request"]), "host", dialect.host_code),
    ] {
        if !is_there {
            return Err(format!(
                "{}: nothing in it tells the {what}, add {code}",
                dialect.title
            ));
        }
    }
    let captured = |key: &str| translated.pattern.contains(&format!("{{{key}}}"));
    translated.words = dialect
        .words
        .iter()
        .filter(|words| captured(words.key))
        .copied()
        .collect();
    translated.null = dialect.null.to_vec();
    Ok(translated)
}

/// The mapping that a format string describes, as its file would be written.
///
/// # Errors
/// As [`translate`].
pub(super) fn mapping(dialect: &str, format_string: &str) -> Result<String, String> {
    let translated = translate(dialect, format_string)?;
    let title = DIALECTS
        .iter()
        .find(|known| known.name == dialect)
        .map_or(dialect, |known| known.title);
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let list = |items: &[&str]| {
        let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
        format!("[{}]", items.join(", "))
    };
    let mut text = format!(
        "title = {}\nlayout = \"template\"\nkind = \"proxy\"\nnull = {}\npattern = {}\n",
        quoted(title),
        list(&translated.null),
        quoted(&translated.pattern)
    );
    text.push_str("\n[fields]\n");
    let mut told: Vec<&str> = Vec::new();
    for (field, ..) in &translated.fields {
        if told.contains(field) {
            continue;
        }
        told.push(field);
        let of_field = translated.fields.iter().filter(|(name, ..)| name == field);
        let keys: Vec<&str> = of_field.clone().map(|(_, key, _)| *key).collect();
        let mut decodes: Vec<&str> = of_field.filter_map(|(.., decode)| *decode).collect();
        decodes.sort_unstable();
        decodes.dedup();
        text.push_str(&format!(
            "{field} = {{ from = {}, decode = {} }}\n",
            list(&keys),
            list(&decodes)
        ));
    }
    let formats: Vec<&str> = translated.time_formats.iter().map(String::as_str).collect();
    if !formats.is_empty() || translated.is_utc {
        text.push_str(&format!("\n[time]\nformat = {}\n", list(&formats)));
        if translated.is_utc {
            text.push_str("zone = \"utc\"\n");
        }
    }
    for words in &translated.words {
        text.push_str(&format!(
            "\n[[outcome]]\nfield = {}\nallowed = {}\nblocked = {}\nerror = {}\n",
            quoted(words.key),
            list(words.allowed),
            list(words.blocked),
            list(words.error)
        ));
    }
    Ok(text)
}

/// Address and port of `2001:db8::1:4711`: what stands behind the last colon is a port.
pub(super) fn split_port(value: &[u8]) -> (&[u8], Option<u16>) {
    match split_last(value, b':') {
        Some((address, digits)) => (address, port(digits)),
        None => (value, None),
    }
}

/// A URL that was put together from parts: a CONNECT has neither scheme nor path, `-://chatgpt.com:443-`.
pub(super) fn without_dashes(url: &[u8]) -> &[u8] {
    let url = url.strip_prefix(b"-://").unwrap_or(url);
    match url.strip_suffix(b"-") {
        // A path may end in a dash of its own.
        Some(authority) if !authority.ends_with(b"/") && is_authority(authority) => authority,
        _ => url,
    }
}

fn is_authority(text: &[u8]) -> bool {
    let text = split_around(text, b"://").map_or(text, |(_scheme, rest)| rest);
    memchr::memchr3(b'/', b'?', b'#', text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_product_is_named_with_those_there_are() {
        assert_eq!(
            translate("lighttpd", "%h").unwrap_err(),
            "no format strings of \"lighttpd\" are known, only of apache, envoy, haproxy, nginx, squid"
        );
    }

    #[test]
    fn a_string_without_time_or_host_is_told_what_to_add() {
        assert_eq!(
            translate("squid", "%>a %ru").unwrap_err(),
            "Squid's logformat: nothing in it tells the time, add %ts.%03tu"
        );
        assert_eq!(
            translate("squid", "%ts %>a").unwrap_err(),
            "Squid's logformat: nothing in it tells the host, add %ru"
        );
    }

    #[test]
    fn every_key_is_one_fields_and_every_word_has_its_key() {
        for dialect in DIALECTS {
            let mut keys = std::collections::HashSet::new();
            for row in dialect
                .table
                .iter()
                .filter(|row| !row.1.is_empty() && !row.2.is_empty())
            {
                assert!(keys.insert(row.2), "{}: {row:?}", dialect.name);
            }
            for words in dialect.words {
                let has_key = dialect.table.iter().any(|row| row.2 == words.key);
                assert!(has_key, "{}: {}", dialect.name, words.key);
            }
        }
    }

    #[test]
    fn ports_and_dashes_come_off() {
        assert_eq!(
            split_port(b"2001:db8::1:4711"),
            (&b"2001:db8::1"[..], Some(4711))
        );
        assert_eq!(split_port(b"unix"), (&b"unix"[..], None));
        for (url, plain) in [
            ("-://chatgpt.com:443-", "chatgpt.com:443"),
            ("http://chatgpt.com:443-", "http://chatgpt.com:443"),
            ("http://a.example/b-", "http://a.example/b-"),
            ("http://a.example/-", "http://a.example/-"),
            ("a.example", "a.example"),
        ] {
            assert_eq!(without_dashes(url.as_bytes()), plain.as_bytes());
        }
    }

    #[test]
    fn whatever_the_string_nothing_breaks() {
        for dialect in DIALECTS {
            for text in [
                "",
                "%",
                "$",
                "%{",
                "${",
                "%[",
                "%(",
                "%0",
                "%-",
                "%{}",
                "\\",
                "%%",
                "{}",
                "%é",
                "é%",
                "%START_TIME(",
                "%REQ(",
                "%>",
                "%!",
                "%400,",
                "%\"",
                "a\\ b",
                "\"",
                "'",
                "%ts%tu%tu",
            ] {
                let _ = translate(dialect.name, text);
                let _ = translate(dialect.name, &format!("{text}{text} {text}"));
            }
        }
    }
}
