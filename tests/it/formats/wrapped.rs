//! Records in a container's log: what Docker's driver json-file makes of every fixture is read as the fixture is.

use super::{assert_none, context, recognisable};
use gnomon::formats::json_line;
use serde_json::json;

/// Of these, some records have something around them already (a table, a header in front of columns that are counted), and
/// that in an object is more than we look into.
const NOT_TWICE: [&str; 6] = [
    "cef-collected",
    "fortigate-collected",
    "squid-variants",
    "w3c",
    "zeek-dns-relay",
    "zeek-http-relay",
];

#[test]
fn a_record_in_a_containers_log_is_the_same_record() {
    let mut complaints = Vec::new();
    for fixture in recognisable() {
        let mut bare = fixture.format.open(&context());
        let mut wrapped = fixture.format.open(&context());
        let log = fixture.log.strip_suffix(b"\n").unwrap_or(&fixture.log);
        for (line, record) in (1..).zip(log.split(|b| *b == b'\n')) {
            let Ok(text) = std::str::from_utf8(record) else {
                continue;
            };
            // What has no time of its own has the time of the fixtures either way.
            let object = json!({
                "log": format!("{text}\n"),
                "stream": "stdout",
                "time": "2026-11-24T00:00:00.000000000Z",
            });
            let is = json_line(
                line,
                fixture.format.name,
                &wrapped.parse(object.to_string().as_bytes()),
            );
            let wants = json_line(line, fixture.format.name, &bare.parse(record));
            let is_comparable = wants.contains(r#""result":"event""#)
                && !text.starts_with('{')
                && !NOT_TWICE.contains(&fixture.name());
            if is_comparable && is != wants {
                complaints.push(format!(
                    "{}:\n     is {is}\n  wants {wants}",
                    fixture.name()
                ));
            }
        }
    }
    assert_none(&complaints);
}
