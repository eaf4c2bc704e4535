//! Apache's `LogFormat`: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`.
//!
//! From the manual of 2.4, mod_log_config, mod_logio and mod_ssl. `%I` is what the client sent, `%O` what it was
//! sent with headers, `%b` without. Text is written with `\"`, `\\` and `\xhh`. `%t` brings its own brackets.

use super::codes::{Table, find, skipped, unknown, without_directive};
use super::draft::Piece;
use super::{Dialect, strftime};

pub(super) static APACHE: Dialect = Dialect {
    name: "apache",
    title: "Apache's LogFormat",
    table: TABLE,
    unused: UNUSED,
    null: &["-"],
    words: &[],
    time_code: "%t",
    host_code: "%r",
    read,
};

const TABLE: Table = &[
    ("t", "time", "time_received"),
    ("{msec_frac}t", "fraction", ""),
    ("{usec_frac}t", "fraction", ""),
    ("a", "client", "client"),
    ("h", "client", "remote_host"),
    ("{c}a", "client", "peer"),
    ("{c}h", "client", "peer_host"),
    ("{x-forwarded-for}i", "client", "forwarded_for"),
    ("{remote}p", "client_port", "client_port"),
    ("u", "user", "user"),
    ("{remote_user}e", "user", "remote_user"),
    ("{ssl_client_s_dn_cn}x", "user", "certificate_name"),
    ("l", "user", "ident"),
    ("r", "request", "request"),
    ("{host}i", "host", "host"),
    ("{ssl_tls_sni}x", "host", "sni"),
    ("V", "host", "used_name"),
    ("v", "host", "server_name"),
    ("p", "port", "port"),
    ("{canonical}p", "port", "canonical_port"),
    ("U", "path", "path"),
    ("q", "query", ""),
    ("m", "method", "method"),
    ("s", "status", "status"),
    ("I", "bytes_up", "bytes_in"),
    ("O", "bytes_down", "bytes_out"),
    ("b", "bytes_down", "body_bytes"),
    ("B", "bytes_down", "body_size"),
    ("D", "duration_us", "duration_us"),
    ("{us}T", "duration_us", "taken_us"),
    ("{ms}T", "duration_ms", "taken_ms"),
    ("T", "duration_secs", "taken_secs"),
    ("{user-agent}i", "user_agent", "user_agent"),
    ("{referer}i", "referer", "referer"),
    ("{mcp-method}i", "mcp_method", "mcp_method"),
    ("{mcp-name}i", "mcp_name", "mcp_name"),
    ("{mcp-session-id}i", "mcp_session", "mcp_session"),
    ("{mcp-protocol-version}i", "mcp_version", "mcp_version"),
    ("{content-type}o", "content_type", "content_type"),
];

/// Codes of no use.
const UNUSED: &[&str] = &[
    "A", "C", "e", "f", "H", "i", "k", "L", "n", "o", "P", "R", "S", "X", "c", "x", "^ti", "^to",
];

fn read(text: &str) -> Result<Vec<Piece>, String> {
    let mut rest = configured(text);
    let mut pieces = Vec::new();
    while let Some((text, code)) = rest.split_once('%') {
        pieces.push(Piece::Text(unescaped(text)));
        if let Some(after) = code.strip_prefix('%') {
            pieces.push(Piece::Text("%".to_owned()));
            rest = after;
            continue;
        }
        let (found, after) = one_code(code)?;
        pieces.extend(found);
        rest = after;
    }
    let end = unescaped(rest);
    pieces.push(Piece::Text(end.trim_end().to_owned()));
    Ok(pieces)
}

/// What follows a `%`: statuses, `<`, `>` and `{arg}` in any order, then the code.
fn one_code(text: &str) -> Result<(Vec<Piece>, &str), String> {
    let mut after = text;
    let mut arg = "";
    loop {
        after = after
            .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | ',' | '<' | '>'));
        match after.strip_prefix('{').and_then(|t| t.split_once('}')) {
            Some((found, rest)) => (arg, after) = (found, rest),
            None => break,
        }
    }
    let length = match after.strip_prefix('^') {
        Some(_) => 3,
        None => after.chars().next().map_or(0, char::len_utf8),
    };
    let (code, after) = after.split_at_checked(length).unwrap_or((after, ""));
    let used = text.strip_suffix(after).unwrap_or(text);
    let written = format!("%{used}");
    if find(&APACHE, code, &written).is_none() {
        return Err(unknown(&APACHE, &written, ("%", "")));
    }
    let named = format!("{{{}}}{code}", arg.to_ascii_lowercase());
    let takes_any_name = matches!(code, "i" | "o" | "e" | "x" | "n" | "C" | "c");
    let found = if code == "t" && !arg.is_empty() {
        time_of(arg, &written)
    } else if arg.is_empty() {
        find(&APACHE, code, &written)
    } else {
        find(&APACHE, &named, &written)
            .or_else(|| find(&APACHE, code, &written).filter(|_| !takes_any_name && code != "p"))
    };
    let Some(mut found) = found else {
        return Ok((vec![skipped(&written)], after));
    };
    if matches!(
        found.field,
        "user" | "user_agent" | "referer" | "request" | "path" | "host"
    ) {
        found.decode = Some("backslash");
    }
    let in_brackets = code == "t" && arg.is_empty();
    let mut pieces = vec![Piece::Code(found)];
    if in_brackets {
        pieces.insert(0, Piece::Text("[".to_owned()));
        pieces.push(Piece::Text("]".to_owned()));
    }
    Ok((pieces, after))
}

/// `%{format}t`: a word for a unit, or a layout.
fn time_of(arg: &str, written: &str) -> Option<super::draft::Code> {
    let arg = ["begin:", "end:"]
        .iter()
        .find_map(|side| arg.strip_prefix(side))
        .unwrap_or(arg);
    match arg {
        "msec_frac" | "usec_frac" => find(&APACHE, &format!("{{{arg}}}t"), written),
        "sec" | "msec" | "usec" => find(&APACHE, "t", written),
        layout => find(&APACHE, "t", written).map(|code| strftime::lay_out(code, layout, false)),
    }
}

/// The format of a directive that was copied whole: `LogFormat "…" name`, `CustomLog file "…"`.
fn configured(text: &str) -> &str {
    let rest = without_directive(text, &["LogFormat"], false);
    let rest = without_directive(rest, &["CustomLog"], true);
    let Some(inside) = rest.strip_prefix('"').filter(|_| rest != text) else {
        return rest;
    };
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return inside.get(..at).unwrap_or(inside),
            _ => {}
        }
    }
    rest
}

/// `\"`, `\\`, `\n` and `\t` as the characters that they write.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let escaped = (c == '\\').then(|| chars.next()).flatten();
        plain.push(match escaped {
            Some('n') => '\n',
            Some('t') => '\t',
            Some(other) => other,
            None => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use crate::formats::dialect::translate;

    #[test]
    fn the_combined_layout_with_sizes_as_copied_from_the_configuration() {
        let text = r#"LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %I" combinedio"#;
        let combined = translate("apache", text).unwrap();
        assert_eq!(
            combined.pattern,
            r#"{remote_host} {ident} {user} [{time_received}] "{request}" {status} {bytes_out} "{referer}" "{user_agent}" {bytes_in}"#
        );
        for field in [
            ("bytes_up", "bytes_in", None),
            ("bytes_down", "bytes_out", None),
            ("user_agent", "user_agent", Some("backslash")),
            ("client", "remote_host", None),
        ] {
            assert!(combined.fields.contains(&field), "{field:?}");
        }
    }

    #[test]
    fn a_string_alone_and_virtual_hosts() {
        let text = r#"%v:%p %a - %{c}a %{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t "%m %{Host}i%U%q %H" %!200,304{Referer}i %<s %{X-Id}o %{local}p %^ti %{ms}T"#;
        let own = translate("apache", text).unwrap();
        assert_eq!(
            own.pattern,
            r#"{server_name} {client} - {peer} {time_received} "{method} {host} {}" {referer} {status} {} {} {} {taken_ms}"#
        );
        assert_eq!(own.time_formats, ["%Y-%m-%dT%H:%M:%S.%f"]);
        let urls: Vec<_> = own.fields.iter().filter(|f| f.0 == "url").collect();
        assert_eq!(
            urls,
            [
                &("url", "host", Some("parts")),
                &("url", "server_name", Some("parts"))
            ]
        );
    }

    #[test]
    fn seconds_with_their_fraction_are_one_time() {
        let epoch = translate("apache", "%{sec}t.%{msec_frac}t %r").unwrap();
        assert_eq!(epoch.pattern, "{time_received} {request}");
        assert!(epoch.time_formats.is_empty());
    }

    #[test]
    fn mistakes_are_named() {
        let why = translate("apache", "%t %r %y").unwrap_err();
        assert!(
            why.starts_with("Apache's LogFormat: %y is not known; of use are %t"),
            "{why}"
        );
        let why = translate("apache", "%h %r").unwrap_err();
        assert!(why.ends_with("add %t"), "{why}");
    }
}
