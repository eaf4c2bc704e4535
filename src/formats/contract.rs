//! The `gnomon events` contract: one record, one JSON object, keys in a fixed order.
//!
//! A field that the format cannot tell is absent; one it can tell and is empty here is null. `outcome` is
//! always there, because it has a word of its own for "the log does not say". Hosts are printed in their
//! normalised form where they are host names, paths without their query string. Whatever bytes a log holds,
//! the line is valid JSON: invalid UTF-8 is replaced.

use std::fmt::Write as _;

use crate::model::{Event, Field, HostBuf, Parsed, Untrusted};

use super::target::path_of;

/// What became of the record on this line of its source, without a line end.
#[must_use]
pub fn json_line(line: u64, format: &str, parsed: &Parsed) -> String {
    let mut json = Json::open(line);
    match parsed {
        Parsed::Event(event) => json.event(format, event),
        Parsed::Skip(why) => json.result("skip", why),
        Parsed::Bad(why) => json.result("bad", why),
    }
    json.0.push('}');
    json.0
}

struct Json(String);

impl Json {
    fn open(line: u64) -> Self {
        let mut json = Self(String::with_capacity(512));
        json.0.push_str("{\"line\":");
        json.number(line);
        json
    }

    fn result(&mut self, result: &str, why: &str) {
        self.key("result");
        self.text(result);
        self.key("why");
        self.text(why);
    }

    fn event(&mut self, format: &str, event: &Event) {
        for (key, value) in [
            ("result", "event"),
            ("format", format),
            ("kind", event.kind.as_str()),
        ] {
            self.key(key);
            self.text(value);
        }
        self.key("time");
        self.text(&event.time.to_string());
        for field in Field::ALL.iter().copied() {
            if event.tells.has(field) || field == Field::Outcome {
                self.key(field.as_str());
                self.field(event, field);
            }
        }
    }

    fn field(&mut self, event: &Event, field: Field) {
        match field {
            Field::Client => self.address(event.client),
            Field::ClientPort => self.optional_number(event.client_port.map(u64::from)),
            Field::ClientName => self.untrusted(event.client_name.as_ref()),
            Field::User => self.untrusted(event.user.as_ref()),
            Field::Host => self.host(event.host.as_ref()),
            Field::Port => self.optional_number(event.port.map(u64::from)),
            Field::Path => self.path(event.path.as_ref()),
            Field::Method => self.untrusted(event.method.as_ref()),
            Field::Status => self.optional_number(event.status.map(u64::from)),
            Field::Outcome => self.text(event.outcome.as_str()),
            Field::BytesUp => self.optional_number(event.bytes_up),
            Field::BytesDown => self.optional_number(event.bytes_down),
            Field::DurationMs => self.optional_number(event.duration_ms),
            Field::UserAgent => self.untrusted(event.user_agent.as_ref()),
            Field::Qtype => self.untrusted(event.qtype.as_ref()),
            Field::Answers => self.list(&event.answers),
            Field::Server => self.address(event.server),
            Field::RefererHost => self.host(event.referer_host.as_ref()),
            Field::ContentType => self.untrusted(event.content_type.as_ref()),
            Field::Category => self.untrusted(event.category.as_ref()),
            Field::Device => self.untrusted(event.device.as_ref()),
            Field::McpMethod => self.untrusted(event.mcp_method.as_ref()),
            Field::McpName => self.untrusted(event.mcp_name.as_ref()),
            Field::McpSession => self.untrusted(event.mcp_session.as_ref()),
            Field::McpVersion => self.untrusted(event.mcp_version.as_ref()),
        }
    }

    fn key(&mut self, key: &str) {
        self.0.push(',');
        self.text(key);
        self.0.push(':');
    }

    fn null(&mut self) {
        self.0.push_str("null");
    }

    fn number(&mut self, number: u64) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{number}");
    }

    fn optional_number(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.number(number),
            None => self.null(),
        }
    }

    fn address(&mut self, address: Option<std::net::IpAddr>) {
        match address {
            Some(address) => self.text(&address.to_string()),
            None => self.null(),
        }
    }

    fn untrusted(&mut self, text: Option<&Untrusted>) {
        match text {
            Some(text) => self.text(&text.lossy()),
            None => self.null(),
        }
    }

    fn host(&mut self, host: Option<&Untrusted>) {
        let mut buf = HostBuf::default();
        match host.and_then(|host| buf.parse(host.bytes())) {
            Some(name) => self.text(name),
            None => self.untrusted(host),
        }
    }

    fn path(&mut self, path: Option<&Untrusted>) {
        match path {
            Some(path) => self.text(&String::from_utf8_lossy(path_of(path.bytes()))),
            None => self.null(),
        }
    }

    fn list(&mut self, items: &[Untrusted]) {
        let mut separator = '[';
        for item in items {
            self.0.push(separator);
            self.text(&item.lossy());
            separator = ',';
        }
        if items.is_empty() {
            self.null();
        } else {
            self.0.push(']');
        }
    }

    fn text(&mut self, text: &str) {
        self.0.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fields, Kind, Outcome, Time};

    #[test]
    fn a_field_the_format_cannot_tell_is_absent_and_an_empty_one_is_null() {
        let tells = Fields::of(&[Field::User, Field::Host, Field::Answers, Field::Path]);
        let mut event = Event::new(Kind::Proxy, Time::from_secs(0), tells);
        event.host = Some(Untrusted::new(b"ChatGPT.com"));
        event.path = Some(Untrusted::new(b"/a?token=secret"));
        event.outcome = Outcome::Allowed;
        assert_eq!(
            json_line(7, "squid", &Parsed::Event(event)),
            r#"{"line":7,"result":"event","format":"squid","kind":"proxy","time":"1970-01-01T00:00:00.000Z","user":null,"host":"chatgpt.com","path":"/a","outcome":"allowed","answers":null}"#
        );
    }

    #[test]
    fn hostile_bytes_are_valid_json() {
        let tells = Fields::of(&[Field::UserAgent, Field::Answers]);
        let mut event = Event::new(Kind::Proxy, Time::from_micros(i64::MAX), tells);
        event.user_agent = Some(Untrusted::new(b"\x00\xff\"\\\x1b[2J\n\xe2\x80\xae"));
        event.answers = vec![Untrusted::new(b"a\""), Untrusted::new(b"\xfe")];
        let line = json_line(u64::MAX, "x\"y", &Parsed::Event(event));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["user_agent"], "\0\u{fffd}\"\\\u{1b}[2J\n\u{202e}");
        assert_eq!(value["answers"][1], "\u{fffd}");
        assert!(!line.contains('\n'));
    }

    #[test]
    fn other_records_say_why() {
        assert_eq!(
            json_line(2, "zeek", &Parsed::Skip("header")),
            r#"{"line":2,"result":"skip","why":"header"}"#
        );
        assert_eq!(
            json_line(3, "zeek", &Parsed::Bad("no time")),
            r#"{"line":3,"result":"bad","why":"no time"}"#
        );
    }
}
