//! HAProxy's `log-format`: `%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B …`.
//!
//! From the configuration manual of 2.6 and 3.0, §8.2.6 and §7.3. `%U` is what the client sent, `%B` what it was sent.
//! The flag `+Q`, of one code or by `%o` of all that follow, puts text in quotes. Captured headers (`%hr`) are
//! in the order of the configuration, which the string does not tell, and are not there at all without a
//! `capture`: what stands in front swallows them. `%HU` is all of the URL only if the client took this for a proxy.

use super::codes::{find, longest, skipped, unknown, without_directive};
use super::draft::Piece;
use super::haproxy_codes::{TABLE, UNUSED};
use super::{Dialect, Words};

pub(super) static HAPROXY: Dialect = Dialect {
    name: "haproxy",
    title: "HAProxy's log-format",
    table: TABLE,
    unused: UNUSED,
    null: &["-", "<NOSRV>", "<BADREQ>"],
    words: &[Words {
        key: "termination",
        allowed: &[],
        // A rule denied the request, or held its client in a tar pit.
        blocked: &["PR*", "PT*"],
        error: &[
            "SC*", "sC*", "SH*", "sH*", "PH*", "PC*", "sQ*", "CR*", "cR*",
        ],
    }],
    time_code: "%tr",
    host_code: "%[ssl_fc_sni] or %HU",
    read,
};

/// Codes that `+Q` puts in quotes: text and addresses, not numbers and times.
const QUOTED: [&str; 20] = [
    "CC", "CS", "H", "HM", "HP", "HPO", "HQ", "HU", "HV", "ID", "b", "bi", "ci", "f", "fi", "ft",
    "r", "s", "sslc", "sslv",
];

fn read(text: &str) -> Result<Vec<Piece>, String> {
    let text = configured(text);
    let mut rest = text.as_str();
    let mut quoted_from_here = false;
    let mut pieces = Vec::new();
    while let Some((text, code)) = rest.split_once('%') {
        pieces.push(Piece::Text(text.to_owned()));
        if let Some(after) = code.strip_prefix('%') {
            pieces.push(Piece::Text("%".to_owned()));
            rest = after;
            continue;
        }
        let code = Code::read(code)?;
        rest = code.after;
        let quoted = code.flag('Q').unwrap_or(quoted_from_here);
        match code.name.as_str() {
            "o" => quoted_from_here = quoted,
            "hr" | "hs" | "hrl" | "hsl" => pieces.extend(captures(&pieces, rest, quoted)),
            name => {
                let found = find(&HAPROXY, name, &code.written);
                let piece = found.map_or_else(|| skipped(&code.written), Piece::Code);
                let quote = quoted && (QUOTED.contains(&name) || name.starts_with('['));
                let mark = Piece::Text(if quote { "\"" } else { "" }.to_owned());
                pieces.extend([mark.clone(), with_details(piece, name, &code), mark]);
            }
        }
    }
    pieces.push(Piece::Text(rest.trim_end().to_owned()));
    Ok(with_single_blanks(pieces))
}

fn with_details(piece: Piece, name: &str, code: &Code<'_>) -> Piece {
    match piece {
        Piece::Code(mut found) => {
            if matches!(name, "T" | "Tl" | "trg" | "trl") {
                found.parts = vec!["time", "zone"];
            }
            if code.flag('E') == Some(true)
                && matches!(found.field, "url" | "request" | "user_agent")
            {
                found.decode = Some("backslash");
            }
            Piece::Code(found)
        }
        text @ Piece::Text(_) => text,
    }
}

/// Captured headers, `{a|b}`, or nothing at all if none are captured: a value of no use in front takes them in, where
/// more than a blank stands behind them.
fn captures(before: &[Piece], rest: &str, quoted: bool) -> Vec<Piece> {
    let last = before.iter().rev().find(|piece| match piece {
        Piece::Text(text) => !text.trim().is_empty(),
        Piece::Code(_) => true,
    });
    let takes_in = matches!(last, Some(Piece::Code(code)) if code.key.is_empty());
    let behind = [" %hs", " %hsl", " "]
        .iter()
        .fold(rest, |rest, text| rest.strip_prefix(text).unwrap_or(rest));
    if takes_in && (!behind.starts_with('%') || behind.starts_with("%{+Q}")) {
        return Vec::new();
    }
    let (open, close) = if quoted { ("\"{", "}\"") } else { ("{", "}") };
    vec![
        Piece::Text(open.to_owned()),
        skipped("%hr"),
        Piece::Text(close.to_owned()),
    ]
}

/// HAProxy prints one blank where several stand, also where nothing was printed between, and none in front.
fn with_single_blanks(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut after_blank = true;
    let mut single = |piece| match piece {
        Piece::Code(_) => {
            after_blank = false;
            piece
        }
        Piece::Text(text) => Piece::Text(
            text.chars()
                .filter(|c| {
                    let is_second = after_blank && *c == ' ';
                    after_blank = *c == ' ';
                    !is_second
                })
                .collect(),
        ),
    };
    pieces.into_iter().map(&mut single).collect()
}

/// What follows a `%`: `[(name)[:type]][{flags}]name` or `[expression]` instead of the name.
struct Code<'t> {
    name: String,
    flags: &'t str,
    written: String,
    after: &'t str,
}

impl<'t> Code<'t> {
    fn read(text: &'t str) -> Result<Self, String> {
        let mut after = text;
        if let Some((_label, rest)) = after.strip_prefix('(').and_then(|t| t.split_once(')')) {
            let is_type = |c: char| c == ':' || c.is_ascii_lowercase();
            after = rest
                .strip_prefix(':')
                .map_or(rest, |kind| kind.trim_start_matches(is_type));
        }
        let mut flags = "";
        if let Some((found, rest)) = after.strip_prefix('{').and_then(|t| t.split_once('}')) {
            (flags, after) = (found, rest);
        }
        let (name, after) = if after.starts_with('[') {
            let (expression, after) = after
                .split_once(']')
                .ok_or_else(|| format!("{}: %{text} lacks its ]", HAPROXY.title))?;
            (fetch(expression), after)
        } else {
            match longest(&HAPROXY, after).filter(|(name, _)| !name.starts_with('[')) {
                Some((name, after)) => (name.to_owned(), after),
                None => {
                    let end = text.find(char::is_whitespace).unwrap_or(text.len());
                    let (bad, _) = text.split_at(end);
                    let bad = format!("%{bad}");
                    return Err(unknown(&HAPROXY, &bad, ("%", "")));
                }
            }
        };
        let used = text.strip_suffix(after).unwrap_or(text);
        Ok(Self {
            name,
            flags,
            written: format!("%{used}"),
            after,
        })
    }

    fn flag(&self, letter: char) -> Option<bool> {
        self.flags
            .split(',')
            .rev()
            .find_map(|flag| match flag.trim().strip_suffix(letter)? {
                "+" => Some(true),
                "-" => Some(false),
                _ => None,
            })
    }
}

/// The fetch of `[req.hdr(Host),lower`, without converters and the number of the header, in small letters.
fn fetch(expression: &str) -> String {
    let text = expression.to_ascii_lowercase().replace(' ', "");
    let text = text.strip_prefix('[').unwrap_or(&text);
    let end = match text.find('(') {
        Some(open) if text.find(',').is_none_or(|comma| open < comma) => {
            text.find(')').map_or(text.len(), |close| close + 1)
        }
        _ => text.find(',').unwrap_or(text.len()),
    };
    let (call, _) = text.split_at_checked(end).unwrap_or((text, ""));
    match call.split_once(',') {
        Some((head, _number)) => format!("[{head})]"),
        None => format!("[{call}]"),
    }
}

/// The value of a directive: `\ ` and `\"` are a blank and a quote, runs of blanks are one.
fn configured(text: &str) -> String {
    let rest = without_directive(
        text,
        &["log-format", "log-format-sd", "error-log-format"],
        false,
    );
    let rest = rest
        .strip_prefix('"')
        .and_then(|r| r.strip_suffix('"'))
        .filter(|_| rest != text)
        .unwrap_or(rest);
    let mut plain = String::with_capacity(rest.len());
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => chars.next().unwrap_or(c),
            c => c,
        };
        plain.push(if c.is_whitespace() { ' ' } else { c });
    }
    plain
}

#[cfg(test)]
mod tests {
    use crate::formats::dialect::translate;

    #[test]
    fn the_http_layout() {
        let text = r#"log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r""#;
        let http = translate("haproxy", text).unwrap();
        assert_eq!(
            http.pattern,
            r#"{client} [{time_of_request}] {} {}/{} {}/{}/{}/{}/{active_ms} {status} {bytes_down} {} {} {termination} {}/{}/{}/{}/{} {}/{} "{request}""#
        );
        assert!(http.fields.contains(&("client", "client", Some("port"))));
        assert_eq!(http.words[0].key, "termination");
        assert!(http.null.contains(&"<NOSRV>"));
    }

    #[test]
    fn quotes_by_flag_for_all_that_follows() {
        let text = r#"%{+Q}o\ %{-Q}ci\ %T\ %HM\ %[req.hdr(Host),lower]%HU\ %U\ %B\ %{-Q}HV"#;
        let quoted = translate("haproxy", text);
        assert_eq!(
            quoted.unwrap().pattern,
            r#"{client} {gmt} "{method}" "{host}""{url}" {bytes_up} {bytes_down} {}"#
        );
    }

    #[test]
    fn names_from_expressions_and_captures_that_may_be_missing() {
        let text = "%[src]:%[src_port] %Ts.%ms %[ssl_fc_sni] %[var(txn.host)] %[capture.req.hdr(0)] %[req.hdr(User-Agent,1)] %(up)U %si:%sp %ST %hr %hs %rt";
        let own = translate("haproxy", text).unwrap();
        assert_eq!(
            own.pattern,
            "{src} {seconds} {sni} {var_host} {} {user_agent} {bytes_up} {server} {status} {{{}}} {{{}}} {}"
        );
        let hosts: Vec<_> = own
            .fields
            .iter()
            .filter(|f| f.0 == "host")
            .map(|f| f.1)
            .collect();
        assert_eq!(hosts, ["var_host", "sni"]);
    }

    #[test]
    fn mistakes_are_named() {
        let why = translate("haproxy", "%t %r %zz").unwrap_err();
        assert!(
            why.starts_with("HAProxy's log-format: %zz is not known; of use are %tr"),
            "{why}"
        );
        assert!(
            translate("haproxy", "%t %[src %r")
                .unwrap_err()
                .contains("lacks its ]")
        );
        assert!(
            translate("haproxy", "%ci %ST %t")
                .unwrap_err()
                .contains("add %[ssl_fc_sni]")
        );
    }
}
