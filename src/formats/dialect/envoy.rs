//! Envoy's and Istio's access log: `[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% …`.
//!
//! From access_log/usage.rst and response_code_details.rst in the documentation of Envoy 1.27, and the
//! names that 1.3x added. `%BYTES_RECEIVED%` is what the client sent, `%BYTES_SENT%` what it was sent. Values are
//! written as they are: a client can put quotes into them.

use super::codes::{Table, find, skipped, unknown};
use super::draft::Piece;
use super::{Dialect, Words, strftime};

pub(super) static ENVOY: Dialect = Dialect {
    name: "envoy",
    title: "Envoy's access log format",
    table: TABLE,
    unused: UNUSED,
    null: &["-"],
    words: &[
        Words {
            key: "details",
            allowed: &["via_upstream"],
            blocked: &["rbac_access_denied*", "ext_authz_denied*"],
            error: &["ext_authz_error*"],
        },
        Words {
            key: "termination_details",
            allowed: &[],
            blocked: &["rbac_access_denied*"],
            error: &[],
        },
        Words {
            key: "flags",
            allowed: &[],
            blocked: &["UAEX*"],
            error: &[
                "UH*", "UF*", "UO*", "NR*", "URX*", "NC*", "LH*", "UT*", "LR*", "UR*", "UC*",
                "RL*", "IH*", "SI*", "DPE*", "UPE*", "UMSDR*", "OM*", "DF*",
            ],
        },
    ],
    time_code: "%START_TIME%",
    host_code: "%REQ(:AUTHORITY)% or %REQUESTED_SERVER_NAME%",
    read,
};

const TABLE: Table = &[
    ("START_TIME", "time", "start_time"),
    ("START_TIME_LOCAL", "time", "start_time_local"),
    ("EMIT_TIME", "time", "emit_time"),
    ("DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", "client", "client"),
    ("DOWNSTREAM_REMOTE_ADDRESS", "client", "client_and_port"),
    (
        "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
        "client",
        "direct_client",
    ),
    (
        "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
        "client",
        "direct_client_and_port",
    ),
    ("REQ(X-FORWARDED-FOR)", "client", "forwarded_for"),
    ("DOWNSTREAM_REMOTE_PORT", "client_port", "client_port"),
    (
        "DOWNSTREAM_DIRECT_REMOTE_PORT",
        "client_port",
        "direct_client_port",
    ),
    ("REQ(:AUTHORITY)", "host", "authority"),
    ("REQ(HOST)", "host", "host"),
    ("REQUESTED_SERVER_NAME", "host", "server_name"),
    ("REQ(X-ENVOY-ORIGINAL-PATH)", "url", "original_path"),
    ("REQ(:PATH)", "url", "path"),
    ("PATH", "url", "path_operator"),
    ("QUERY_PARAMS", "query", ""),
    ("REQ(:SCHEME)", "scheme", ""),
    ("REQ(:METHOD)", "method", "method"),
    ("RESPONSE_CODE", "status", "status"),
    ("BYTES_RECEIVED", "bytes_up", "bytes_received"),
    (
        "DOWNSTREAM_WIRE_BYTES_RECEIVED",
        "bytes_up",
        "wire_bytes_received",
    ),
    ("BYTES_SENT", "bytes_down", "bytes_sent"),
    (
        "DOWNSTREAM_WIRE_BYTES_SENT",
        "bytes_down",
        "wire_bytes_sent",
    ),
    ("DURATION", "duration_ms", "duration_ms"),
    ("REQ(USER-AGENT)", "user_agent", "user_agent"),
    ("REQ(REFERER)", "referer", "referer"),
    ("REQ(MCP-METHOD)", "mcp_method", "mcp_method"),
    ("REQ(MCP-NAME)", "mcp_name", "mcp_name"),
    ("REQ(MCP-SESSION-ID)", "mcp_session", "mcp_session"),
    ("REQ(MCP-PROTOCOL-VERSION)", "mcp_version", "mcp_version"),
    ("RESP(CONTENT-TYPE)", "content_type", "content_type"),
    (
        "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
        "server",
        "upstream_address",
    ),
    (
        "UPSTREAM_REMOTE_ADDRESS",
        "server",
        "upstream_address_and_port",
    ),
    ("UPSTREAM_HOST", "server", "upstream_host"),
    ("RESPONSE_CODE_DETAILS", "", "details"),
    ("CONNECTION_TERMINATION_DETAILS", "", "termination_details"),
    ("RESPONSE_FLAGS", "", "flags"),
];

/// Codes of no use.
const UNUSED: &[&str] = &[
    "ACCESS_LOG_TYPE",
    "BYTES_RETRANSMITTED",
    "CEL",
    "CLUSTER_METADATA",
    "COMMON_DURATION",
    "CONNECTION_ID",
    "CUSTOM_FLAGS",
    "DYNAMIC_METADATA",
    "ENVIRONMENT",
    "FILTER_CHAIN_NAME",
    "FILTER_STATE",
    "GRPC_STATUS",
    "GRPC_STATUS_NUMBER",
    "HOSTNAME",
    "LOCAL_REPLY_BODY",
    "METADATA",
    "PACKETS_RETRANSMITTED",
    "PROTOCOL",
    "QUERY_PARAM",
    "REQ",
    "REQUEST_DURATION",
    "REQUEST_HEADERS_BYTES",
    "REQUEST_TX_DURATION",
    "REQ_WITHOUT_QUERY",
    "RESP",
    "RESPONSE_DURATION",
    "RESPONSE_FLAGS_LONG",
    "RESPONSE_HEADERS_BYTES",
    "RESPONSE_TRAILERS_BYTES",
    "RESPONSE_TX_DURATION",
    "ROUNDTRIP_DURATION",
    "ROUTE_NAME",
    "SPAN_ID",
    "STREAM_ID",
    "TLS_JA3_FINGERPRINT",
    "TLS_JA4_FINGERPRINT",
    "TRACE_ID",
    "TRAILER",
    "UNIQUE_ID",
    "VIRTUAL_CLUSTER_NAME",
];

/// What begins like this is known, and there are many.
const KNOWN: [&str; 2] = ["DOWNSTREAM_", "UPSTREAM_"];

fn read(text: &str) -> Result<Vec<Piece>, String> {
    let text = text.replace("\\n", "").replace("\\\"", "\"");
    let mut rest = text.as_str();
    let mut pieces = Vec::new();
    while let Some((text, after)) = rest.split_once('%') {
        pieces.push(Piece::Text(text.to_owned()));
        if let Some(after) = after.strip_prefix('%') {
            pieces.push(Piece::Text("%".to_owned()));
            rest = after;
            continue;
        }
        let (name, arg, after) = operator(after)
            .ok_or_else(|| format!("{}: %{after} has no % at its end", ENVOY.title))?;
        pieces.push(one_operator(name, arg)?);
        rest = after;
    }
    pieces.push(Piece::Text(rest.trim_end().to_owned()));
    Ok(pieces)
}

/// `NAME%`, `NAME(arg)%` or `NAME(arg):12%`: name, argument and what follows. The argument may hold `%`.
fn operator(text: &str) -> Option<(&str, &str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let (arg, rest) = match rest.strip_prefix('(') {
        Some(inside) => inside.split_once(')')?,
        None => ("", rest),
    };
    let (_length, after) = rest.split_once('%')?;
    Some((name, arg, after))
}

fn one_operator(name: &str, arg: &str) -> Result<Piece, String> {
    let written = if arg.is_empty() {
        format!("%{name}%")
    } else {
        format!("%{name}({arg})%")
    };
    let name = match name {
        "REQUEST_HEADER" | "REQ_WITHOUT_QUERY" => "REQ",
        "RESPONSE_HEADER" => "RESP",
        name => name,
    };
    // Of `REQ(X?Y)` the first is taken that means something; they stand for the same.
    let headers = arg.to_ascii_uppercase();
    let header = headers
        .split('?')
        .find_map(|header| find(&ENVOY, &format!("{name}({header})"), &written));
    let Some(code) = header.or_else(|| find(&ENVOY, name, &written)) else {
        let is_known = KNOWN.iter().any(|start| name.starts_with(start));
        return is_known
            .then(|| skipped(&written))
            .ok_or_else(|| unknown(&ENVOY, &written, ("%", "%")));
    };
    Ok(Piece::Code(match name {
        "START_TIME" | "START_TIME_LOCAL" | "EMIT_TIME" if !arg.is_empty() => {
            // Envoy writes fractions as `%3f`, which strptime calls `%f`.
            let layout = (1..=9).fold(arg.to_owned(), |layout, width| {
                layout.replace(&format!("%{width}f"), "%f")
            });
            let mut code = strftime::lay_out(code, &layout, name != "START_TIME_LOCAL");
            if matches!(layout.as_str(), "%s" | "%s.%f" | "%s%f") {
                code.time_format = None;
            }
            code
        }
        _ => code,
    }))
}

#[cfg(test)]
mod tests {
    use crate::formats::dialect::translate;

    #[test]
    fn the_default_layout() {
        let text = r#"[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n"#;
        let default = translate("envoy", text).unwrap();
        assert_eq!(
            default.pattern,
            r#"[{start_time}] "{method} {original_path} {}" {status} {flags} {bytes_received} {bytes_sent} {duration_ms} {} "{forwarded_for}" "{user_agent}" "{}" "{authority}" "{upstream_host}""#
        );
        for field in [
            ("bytes_up", "bytes_received", None),
            ("url", "original_path", None),
            ("host", "authority", None),
            ("client", "forwarded_for", None),
        ] {
            assert!(default.fields.contains(&field), "{field:?}");
        }
        assert_eq!(default.words[0].blocked, ["UAEX*"]);
    }

    #[test]
    fn whole_urls_and_connections() {
        let text = "%START_TIME(%s.%3f)% %REQ(:SCHEME)%://%REQ(:AUTHORITY)%%REQ(:PATH)% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %DOWNSTREAM_TLS_VERSION% %RESPONSE_CODE_DETAILS% %DYNAMIC_METADATA(a:b):9% %REQ(X-Y?Z):10%";
        let own = translate("envoy", text).unwrap();
        assert_eq!(
            own.pattern,
            "{start_time} {authority} {client_and_port} {server_name} {} {details} {} {}"
        );
        assert!(own.fields.contains(&("url", "authority", Some("parts"))));
        assert!(own.time_formats.is_empty());
    }

    #[test]
    fn a_time_laid_out_is_in_utc() {
        let own = translate("envoy", "%START_TIME(%Y/%m/%d %H:%M:%S.%3f)% %REQ(Host)%").unwrap();
        assert_eq!(own.pattern, "{date} {time} {host}");
        assert!(own.is_utc);
    }

    #[test]
    fn mistakes_are_named() {
        let why = translate("envoy", "%START_TIME% %REQ(:AUTHORITY)% %BYTES%").unwrap_err();
        assert!(
            why.starts_with(
                "Envoy's access log format: %BYTES% is not known; of use are %START_TIME%"
            ),
            "{why}"
        );
        assert!(
            translate("envoy", "%START_TIME")
                .unwrap_err()
                .contains("no % at its end")
        );
    }
}
