//! nginx's `log_format`: `$remote_addr - $remote_user [$time_local] "$request" …`.
//!
//! From the documentation of ngx_http_log_module, ngx_http_core_module, ngx_http_upstream_module, ngx_http_ssl_module,
//! ngx_stream_core_module and ngx_http_proxy_connect_module (variables). `$request_length` and, in a stream,
//! `$bytes_received` are what the client sent. Names of variables are the administrator's to give (`map`,
//! `set`), so one that is not known is skipped. `escape=default` writes `\x22` for a quote.

use super::Dialect;
use super::codes::{Table, find, skipped, unknown, without_directive};
use super::draft::Piece;

pub(super) static NGINX: Dialect = Dialect {
    name: "nginx",
    title: "nginx's log_format",
    table: TABLE,
    unused: &[],
    null: &["-"],
    words: &[],
    time_code: "$time_iso8601",
    host_code: "$host",
    read,
};

const TABLE: Table = &[
    ("msec", "time", "msec"),
    ("time_iso8601", "time", "time_iso8601"),
    ("time_local", "time", "time_local"),
    ("proxy_protocol_addr", "client", "proxy_protocol_addr"),
    ("remote_addr", "client", "remote_addr"),
    ("realip_remote_addr", "client", "realip_remote_addr"),
    ("http_x_real_ip", "client", "http_x_real_ip"),
    ("http_x_forwarded_for", "client", "http_x_forwarded_for"),
    (
        "proxy_add_x_forwarded_for",
        "client",
        "proxy_add_x_forwarded_for",
    ),
    ("proxy_protocol_port", "client_port", "proxy_protocol_port"),
    ("remote_port", "client_port", "remote_port"),
    ("remote_user", "user", "remote_user"),
    ("request", "request", "request"),
    ("request_method", "method", "request_method"),
    ("request_uri", "url", "request_uri"),
    ("connect_host", "host", "connect_host"),
    ("connect_port", "port", "connect_port"),
    ("host", "host", "host"),
    ("http_host", "host", "http_host"),
    ("ssl_preread_server_name", "host", "ssl_preread_server_name"),
    ("ssl_server_name", "host", "ssl_server_name"),
    ("proxy_host", "host", "proxy_host"),
    ("server_name", "host", "server_name"),
    ("uri", "path", "uri"),
    ("document_uri", "path", "document_uri"),
    ("args", "query", ""),
    ("query_string", "query", ""),
    ("is_args", "query", ""),
    ("scheme", "scheme", ""),
    ("request_port", "port", "request_port"),
    ("proxy_port", "port", "proxy_port"),
    ("server_port", "port", "server_port"),
    ("status", "status", "status"),
    ("request_length", "bytes_up", "request_length"),
    ("bytes_received", "bytes_up", "bytes_received"),
    ("bytes_sent", "bytes_down", "bytes_sent"),
    ("body_bytes_sent", "bytes_down", "body_bytes_sent"),
    ("request_time", "duration_secs", "request_time"),
    ("session_time", "duration_secs", "session_time"),
    ("http_user_agent", "user_agent", "http_user_agent"),
    ("http_referer", "referer", "http_referer"),
    ("http_mcp_method", "mcp_method", "http_mcp_method"),
    ("http_mcp_name", "mcp_name", "http_mcp_name"),
    ("http_mcp_session_id", "mcp_session", "http_mcp_session_id"),
    (
        "http_mcp_protocol_version",
        "mcp_version",
        "http_mcp_protocol_version",
    ),
    (
        "sent_http_content_type",
        "content_type",
        "sent_http_content_type",
    ),
    (
        "upstream_http_content_type",
        "content_type",
        "upstream_http_content_type",
    ),
    ("upstream_addr", "server", "upstream_addr"),
    ("connect_addr", "server", "connect_addr"),
];

fn read(text: &str) -> Result<Vec<Piece>, String> {
    let (text, escape) = configured(text);
    let decode = match escape.as_deref() {
        None | Some("default") => Some("hex"),
        Some("json") => Some("backslash"),
        Some("none") => None,
        Some(other) => {
            return Err(format!(
                "{}: escape={other} is none of default, json, none",
                NGINX.title
            ));
        }
    };
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some((text, after)) = rest.split_once('$') {
        pieces.push(Piece::Text(text.to_owned()));
        let Some((name, after)) = name(after) else {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            let (bad, _) = after.split_at(end);
            return Err(unknown(&NGINX, &format!("${bad}"), ("$", "")));
        };
        let written = format!("${name}");
        pieces.push(match find(&NGINX, name, &written) {
            None => skipped(&written),
            Some(mut code) => {
                code.decode = decode.filter(|_| {
                    matches!(
                        code.field,
                        "user" | "user_agent" | "referer" | "request" | "url" | "path"
                    )
                });
                if name == "time_local" {
                    code.parts = vec!["time", "zone"];
                }
                Piece::Code(code)
            }
        });
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

/// `$name` or `${name}`.
fn name(text: &str) -> Option<(&str, &str)> {
    if let Some(text) = text.strip_prefix('{') {
        return text.split_once('}').filter(|(name, _)| !name.is_empty());
    }
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// The format of a directive that was copied whole, `log_format name [escape=…] 'part' 'part';`, and its escape.
fn configured(text: &str) -> (String, Option<String>) {
    let text = text.strip_suffix(';').unwrap_or(text).trim_end();
    let mut rest = without_directive(text, &["log_format"], true);
    let mut escape = None;
    if let Some(word) = rest.strip_prefix("escape=") {
        let (word, after) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
        escape = Some(word.to_owned());
        rest = after.trim_start();
    }
    let mut format = String::new();
    let mut parts = rest;
    while let Some(quote) = parts.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let Some((part, after)) = parts.get(1..).and_then(|text| closed(text, quote)) else {
            return (rest.to_owned(), escape);
        };
        format.push_str(&part);
        parts = after.trim_start();
    }
    if parts.is_empty() {
        (format, escape)
    } else {
        (rest.to_owned(), escape)
    }
}

/// The text up to this quote with its `\'` undone, and what follows the quote.
fn closed(text: &str, quote: char) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            c if c == quote => return Some((part, text.get(at + c.len_utf8()..)?)),
            c => part.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::formats::dialect::translate;

    #[test]
    fn the_combined_layout() {
        let text = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;
        let combined = translate("nginx", text).unwrap();
        assert_eq!(
            combined.pattern,
            r#"{remote_addr} - {remote_user} [{time_local}] "{request}" {status} {body_bytes_sent} "{http_referer}" "{http_user_agent}""#
        );
        assert!(
            combined
                .fields
                .contains(&("user_agent", "http_user_agent", Some("hex")))
        );
        assert!(combined.fields.contains(&("status", "status", None)));
    }

    #[test]
    fn a_whole_directive_with_parts_and_json() {
        let text = r#"log_format main escape=json '{"t":"$msec",'
            '"url":"$scheme://${host}$request_uri","who":"$my_user","up":$request_length}';"#;
        let json = translate("nginx", text).unwrap();
        assert_eq!(
            json.pattern,
            r#"{{"t":"{msec}","url":"{host}","who":"{}","up":{request_length}}}"#
        );
        assert!(json.fields.contains(&("url", "host", Some("parts"))));
        assert!(json.fields.contains(&("bytes_up", "request_length", None)));
    }

    #[test]
    fn a_stream_knows_the_name_that_was_asked_for() {
        let stream = translate(
            "nginx",
            "$remote_addr:$remote_port [$time_iso8601] $ssl_preread_server_name $bytes_received/$bytes_sent $session_time $upstream_addr",
        )
        .unwrap();
        assert_eq!(
            stream.pattern,
            "{remote_addr} [{time_iso8601}] {ssl_preread_server_name} {bytes_received}/{bytes_sent} {session_time} {upstream_addr}"
        );
        assert!(
            stream
                .fields
                .contains(&("client", "remote_addr", Some("port")))
        );
    }

    #[test]
    fn paths_lose_their_query_and_real_names_come_first() {
        let path = translate(
            "nginx",
            "$time_local $server_name $http_host $uri$is_args$args",
        )
        .unwrap();
        assert_eq!(
            path.pattern,
            "{time} {zone} {server_name} {http_host} {uri}"
        );
        let hosts: Vec<_> = path
            .fields
            .iter()
            .filter(|f| f.0 == "host")
            .map(|f| f.1)
            .collect();
        assert_eq!(hosts, ["http_host", "server_name"]);
    }

    #[test]
    fn mistakes_are_named() {
        let why = translate("nginx", "$msec $host $").unwrap_err();
        assert!(
            why.starts_with("nginx's log_format: $ is not known; of use are $msec"),
            "{why}"
        );
        assert!(translate("nginx", "escape=xml '$msec $host'").is_err());
        assert!(
            translate("nginx", "$remote_addr $host")
                .unwrap_err()
                .contains("add $time_iso8601")
        );
    }
}
