//! Squid's `logformat`: `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`.
//!
//! From src/cf.data.pre of 5.7 and 7, and the tables in src/format/Token.cc, which hold older names too; seen in
//! Squid 5.7. `%>st` is what the client sent, `%<st` what it was sent. How a value is escaped depends on the sign
//! in front of the code, and without one on what stands around it: quotes or brackets. A CONNECT has no scheme
//! and no path: `%>rs://%>rd:%>rP%>rp` is `-://chatgpt.com:443-`.

use super::codes::{find, longest, skipped, unknown, without_directive};
use super::draft::Piece;
use super::squid_codes::{TABLE, UNUSED};
use super::{Dialect, Words, strftime};

pub(super) static SQUID: Dialect = Dialect {
    name: "squid",
    title: "Squid's logformat",
    table: TABLE,
    unused: UNUSED,
    // What stands in the place of a URL where there was none.
    null: &[
        "-",
        "error:invalid-request",
        "error:transaction-end-before-headers",
        "error:accept-client-connection",
        "error:request-too-large",
        "error:unsupported-request-method",
        "error:unsupported-protocol",
    ],
    words: &[
        Words {
            key: "result",
            allowed: &[],
            blocked: &["TCP_DENIED*"],
            error: &[],
        },
        Words {
            key: "bump",
            allowed: &[],
            blocked: &["terminate"],
            error: &[],
        },
        Words {
            key: "err_code",
            allowed: &[],
            // `deny_info` with a URL puts its status and the URL here.
            blocked: &[
                "ERR_ACCESS_DENIED",
                "301:*",
                "302:*",
                "303:*",
                "307:*",
                "308:*",
            ],
            error: &[
                "ERR_CACHE_*",
                "ERR_CANNOT_*",
                "ERR_CLIENT_*",
                "ERR_CONNECT_*",
                "ERR_DNS_*",
                "ERR_FORWARDING_*",
                "ERR_GATEWAY_*",
                "ERR_INVALID_*",
                "ERR_LIFETIME_*",
                "ERR_READ_*",
                "ERR_SECURE_*",
                "ERR_TOO_BIG",
                "ERR_UNSUP_*",
                "ERR_WRITE_*",
                "ERR_ZERO_*",
            ],
        },
    ],
    time_code: "%ts.%03tu",
    host_code: "%ru",
    read,
};

fn read(text: &str) -> Result<Vec<Piece>, String> {
    let mut rest = without_directive(text, &["logformat"], true);
    let mut around = Escape::None;
    let mut pieces = Vec::new();
    while let Some((text, code)) = rest.split_once('%') {
        around = around.after(text);
        pieces.push(Piece::Text(text.to_owned()));
        let (piece, after) = one_code(code, around)?;
        pieces.push(piece);
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

/// How a value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// Only what every writer of the code does.
    None,
    Quotes,
    Brackets,
    Percent,
    Raw,
}

impl Escape {
    /// What quotes and brackets in this text leave open.
    fn after(self, text: &str) -> Self {
        text.bytes().fold(self, |open, byte| match (open, byte) {
            (Self::None, b'"') => Self::Quotes,
            (Self::None, b'[') => Self::Brackets,
            (Self::Quotes, b'"') | (Self::Brackets, b']') => Self::None,
            _ => open,
        })
    }

    fn decode(self, field: &str) -> Option<&'static str> {
        if !matches!(field, "user" | "user_agent" | "referer" | "url" | "path") {
            return None;
        }
        match (self, field) {
            // Blanks and control bytes of a header are escaped where nothing stands around it; users are not.
            (Self::None, "user_agent") => Some("percent"),
            (Self::None | Self::Raw, _) => None,
            (Self::Quotes, _) => Some("backslash"),
            (Self::Brackets, _) => Some("squid"),
            (Self::Percent, _) => Some("percent"),
        }
    }
}

/// What follows a `%`: `[encoding][-][[0]width[.width]][{arg}]code[{arg}]`. Gives the code and what follows it.
fn one_code(text: &str, around: Escape) -> Result<(Piece, &str), String> {
    let whole = text;
    let escapes = [
        ('"', Escape::Quotes),
        ('[', Escape::Brackets),
        ('#', Escape::Percent),
        ('\'', Escape::Raw),
    ];
    let own = escapes
        .iter()
        .find_map(|(sign, escape)| Some((text.strip_prefix(*sign)?, *escape)));
    let (text, escape) = own.unwrap_or((text, around));
    if text.starts_with('/') {
        return Err(format!(
            "{}: %/ quotes only values that hold blanks, which no pattern can follow; use %\" inside quotes",
            SQUID.title
        ));
    }
    let text = text.strip_prefix('-').unwrap_or(text);
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (arg, text) = argument(text).unwrap_or(("", text));
    let text = text.strip_prefix("http::").unwrap_or(text);
    if let Some(after) = ["icap::", "adapt::", "proxy_protocol::"]
        .iter()
        .find_map(|space| text.strip_prefix(space))
    {
        let after = after.trim_start_matches(|c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '<' | '>' | '_')
        });
        let after = argument(after).map_or(after, |(_, after)| after);
        return Ok((skipped(&written(whole, after)), after));
    }
    let tls = text
        .strip_prefix("tls::")
        .or_else(|| text.strip_prefix("ssl::"));
    if let Some(named) = tls {
        let end = named
            .find(|c: char| !c.is_ascii_alphabetic() && !matches!(c, '<' | '>' | '_'))
            .unwrap_or(named.len());
        let (name, after) = named.split_at(end);
        let after = argument(after).map_or(after, |(_, after)| after);
        let written = written(whole, after);
        let code = find(&SQUID, &format!("ssl::{name}"), &written);
        return Ok((code.map_or_else(|| skipped(&written), Piece::Code), after));
    }
    let Some((code, after)) = longest(&SQUID, text) else {
        let end = whole.find(char::is_whitespace).unwrap_or(whole.len());
        let (bad, _) = whole.split_at(end);
        return Err(unknown(&SQUID, &format!("%{bad}"), ("%", "")));
    };
    let (arg, after) = match argument(after) {
        Some(found) if arg.is_empty() => found,
        _ => (arg, after),
    };
    let written = written(whole, after);
    let piece = match code {
        "%" => Piece::Text("%".to_owned()),
        "byte" => Piece::Text(byte(arg)),
        _ => {
            let name = match code {
                ">h" | ">ha" | "<h" => format!("{{{}}}{code}", arg.to_ascii_lowercase()),
                _ => code.to_owned(),
            };
            match find(&SQUID, &name, &written) {
                None => skipped(&written),
                Some(mut found) => {
                    found.decode = escape.decode(found.field);
                    Piece::Code(match code {
                        // Without a layout it is that of `%tl` less the zone.
                        "tg" if arg.is_empty() => {
                            strftime::lay_out(found, "%d/%b/%Y:%H:%M:%S", true)
                        }
                        "tl" | "tg" => strftime::lay_out(found, arg, code == "tg"),
                        _ => found,
                    })
                }
            }
        }
    };
    Ok((piece, after))
}

/// `{arg}` and what follows it.
fn argument(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('{')?.split_once('}')
}

fn written(whole: &str, after: &str) -> String {
    let used = whole.strip_suffix(after).unwrap_or(whole);
    format!("%{used}")
}

/// `%byte{9}` is one byte of text.
fn byte(arg: &str) -> String {
    let code = arg.parse::<u8>().ok().filter(u8::is_ascii);
    char::from(code.unwrap_or(b' ')).to_string()
}

#[cfg(test)]
mod tests {
    use crate::formats::dialect::{Translated, translate};

    fn squid(text: &str) -> Translated {
        translate("squid", text).unwrap()
    }

    #[test]
    fn the_native_layout() {
        let native = squid("%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt");
        assert_eq!(
            native.pattern,
            "{time} {duration_ms} {client} {result}/{status} {bytes_down} {method} {url} {user} {peer_code}/{server} {content_type}"
        );
        assert_eq!(
            native.fields,
            [
                ("time", "time", None),
                ("duration_ms", "duration_ms", None),
                ("client", "client", None),
                ("user", "user", Some("squid")),
                ("url", "url", None),
                ("method", "method", None),
                ("status", "status", None),
                ("bytes_down", "bytes_down", None),
                ("content_type", "content_type", None),
                ("server", "server", None),
            ]
        );
        assert_eq!(native.null[0], "-");
        assert_eq!(native.words[0].blocked, ["TCP_DENIED*"]);
        assert_eq!(native.words.len(), 1);
    }

    #[test]
    fn the_combined_layout_as_copied_from_the_configuration() {
        let text = r#"logformat mine %>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh"#;
        let combined = squid(text);
        assert_eq!(
            combined.pattern,
            r#"{client} {ident} {user} [{local_time}] "{method} {url} HTTP/{}" {status} {bytes_down} "{referer}" "{user_agent}" {result}:{peer_code}"#
        );
        assert!(
            combined
                .fields
                .contains(&("user_agent", "user_agent", Some("backslash")))
        );
        assert_eq!(
            combined
                .fields
                .iter()
                .filter(|f| f.0 == "user")
                .map(|f| f.1)
                .collect::<Vec<_>>(),
            ["user", "ident"]
        );
    }

    #[test]
    fn names_and_sizes_that_the_native_layout_lacks() {
        let tls = squid(
            "%tg %>A %ssl::>sni %tls::>negotiated_version %>st %http::<st %ssl::bump_mode %{x}note %icap::tt %>eui %{Host}>h %>rs://%>rd:%>rP%>rp",
        );
        assert_eq!(
            tls.pattern,
            "{gmt_time} {client_name} {sni} {} {bytes_up} {bytes_down} {bump} {} {} {} {host_header} {host}"
        );
        let hosts: Vec<_> = tls
            .fields
            .iter()
            .filter(|f| f.0 == "host" || f.0 == "url")
            .collect();
        assert_eq!(
            hosts,
            [
                &("url", "host", Some("parts")),
                &("host", "sni", None),
                &("host", "host_header", None)
            ]
        );
    }

    #[test]
    fn times_of_the_administrators_own() {
        let own = squid("%{%Y-%m-%d %H:%M:%S}tg %>ru");
        assert_eq!(own.pattern, "{date} {time} {client_url}");
        assert!(own.is_utc);
        let own = squid("[%{%d.%m.%Y %H:%M:%S}tl] %ru");
        assert_eq!(own.pattern, "[{local_time}] {url}");
        assert_eq!(own.time_formats, ["%d.%m.%Y %H:%M:%S"]);
        let why = translate("squid", "%{%d %b %Y %H:%M:%S}tl %ru").unwrap_err();
        assert!(why.contains("put brackets or quotes around it"), "{why}");
    }

    #[test]
    fn what_is_unknown_or_cannot_be_cut_is_named() {
        let why = translate("squid", "%ts %ru %zz").unwrap_err();
        assert!(
            why.starts_with("Squid's logformat: %zz is not known; of use are %ts %tS"),
            "{why}"
        );
        let why = translate("squid", "%ts %ru%>a").unwrap_err();
        assert!(why.contains("text must stand between %ru and %>a"), "{why}");
        assert!(translate("squid", "%ts %/{User-Agent}>h %ru").is_err());
    }

    #[test]
    fn key_value_pairs_and_braces_of_a_log_shipper() {
        let pairs = squid(r#"{"t":%ts.%03tu,"src":"%>a","u":"%#ul","url":"%"ru","p":"%%"}"#);
        assert_eq!(
            pairs.pattern,
            r#"{{"t":{time},"src":"{client}","u":"{login}","url":"{url}","p":"%"}}"#
        );
        assert!(pairs.fields.contains(&("user", "login", Some("percent"))));
        assert!(pairs.fields.contains(&("url", "url", Some("backslash"))));
    }
}
