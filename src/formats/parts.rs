//! Lines that hold more than one record.
//!
//! Cloud services pack records into one object (`{"records":[…]}`, `{"logEvents":[…]}`), into a list, or write objects
//! one behind the other without a line end; exports put a comma behind each. Loki, OpenTelemetry and Elasticsearch put lists
//! into the objects of lists. A line that is none of these is one
//! record. What cannot be cut is left whole, and its format says what is wrong with it.

use memchr::memchr_iter;

use super::mapping::outline;

/// How far into an object its list of records begins at the latest.
const LEAD_BYTES: usize = 1024;
/// Members that hold the records of an object.
const LISTS: [&[u8]; 14] = [
    b"records",
    b"Records",
    b"logEvents",
    b"events",
    b"value",
    b"result",
    b"data",
    // Loki; OpenTelemetry; a search of Elasticsearch; Google SecOps.
    b"streams",
    b"values",
    b"resourceLogs",
    b"scopeLogs",
    b"logRecords",
    b"hits",
    b"entries",
];
/// Members that hold an object with such a list.
const CARRIERS: [&[u8]; 2] = [b"data", b"hits"];
/// Lists are in lists so deep: of logs by resource, by scope, of records.
const DEPTH: u32 = 3;
/// An object that has more members than this says something itself.
const FEW: usize = 8;

/// The records of one line.
#[must_use]
pub fn parts(line: &[u8]) -> Parts<'_> {
    match line.first() {
        Some(b'{') => objects(line),
        Some(b'[') if may_be_list(line) => list(line),
        // The end of a list that began on a line of its own.
        Some(b']') if matches!(line.trim_ascii_end(), b"]" | b"],") => Parts::one(b""),
        _ => Parts::one(line),
    }
}

/// The records of one line, in order.
#[derive(Debug)]
pub struct Parts<'a> {
    first: Option<&'a [u8]>,
    more: std::vec::IntoIter<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn one(record: &'a [u8]) -> Self {
        Self {
            first: Some(record),
            more: Vec::new().into_iter(),
        }
    }

    fn many(records: Vec<&'a [u8]>) -> Self {
        Self {
            first: None,
            more: records.into_iter(),
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.first.take().or_else(|| self.more.next())
    }
}

fn objects(line: &[u8]) -> Parts<'_> {
    let line = line.trim_ascii_end();
    let line = line.strip_suffix(b",").unwrap_or(line);
    // The last of a list that began on another line.
    let line = line
        .strip_suffix(b"]")
        .filter(|rest| matches!(outline::first_value(rest), Some((_, after)) if after.trim_ascii().is_empty()))
        .unwrap_or(line);
    if meets_another(line) {
        let mut found = Vec::new();
        let mut rest = line.trim_ascii_end();
        while let Some((object, after)) = outline::first_value(rest) {
            found.push(object);
            rest = after.trim_ascii_start();
        }
        if !rest.is_empty() {
            found.push(rest);
        }
        if found.len() > 1 {
            return Parts::many(found.into_iter().flat_map(inside).collect());
        }
    }
    match held(line, 0) {
        Some(records) => Parts::many(records),
        None => Parts::one(line),
    }
}

/// Whether the end of an object may be followed by the beginning of another.
fn meets_another(line: &[u8]) -> bool {
    memchr_iter(b'}', line).any(|at| {
        let after = line.get(at + 1..).unwrap_or_default();
        after.starts_with(b"{") || after.starts_with(b" {")
    })
}

/// The records that an object holds, or the object.
fn inside(object: &[u8]) -> Vec<&[u8]> {
    held(object, 0).unwrap_or_else(|| vec![object])
}

/// The records that an object was only made to carry.
fn held(object: &[u8], depth: u32) -> Option<Vec<&[u8]>> {
    let lead = object.get(..LEAD_BYTES).unwrap_or(object);
    if !memchr_iter(b'[', lead).any(|at| is_named_list(lead, at)) {
        return None;
    }
    let mut records = None;
    let mut members = 0;
    let read = outline::members(object, |key, value| {
        members += 1;
        if LISTS.contains(&key) && value.starts_with(b"[") {
            let elements = outline::elements(value);
            let is_record = |element: &&[u8]| element.starts_with(b"{");
            let is_pair = |element: &&[u8]| key == b"values" && element.starts_with(b"[\"");
            if !elements.is_empty()
                && (elements.iter().all(is_record) || elements.iter().all(is_pair))
            {
                records = Some(elements);
            }
        } else if CARRIERS.contains(&key) && value.starts_with(b"{") && depth < DEPTH {
            records = held(value, depth + 1).or(records.take());
        }
    });
    let records = read.ok().and(records).filter(|_| members <= FEW)?;
    if depth == DEPTH {
        return Some(records);
    }
    let inside = |record| held(record, depth + 1).unwrap_or_else(|| vec![record]);
    Some(records.into_iter().flat_map(inside).collect())
}

/// Whether the list that begins here stands behind one of the names.
fn is_named_list(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_ascii_end();
    let Some(before) = before.strip_suffix(b":") else {
        return false;
    };
    let Some(before) = before.trim_ascii_end().strip_suffix(b"\"") else {
        return false;
    };
    LISTS.iter().any(|name| {
        before
            .strip_suffix(*name)
            .is_some_and(|before| before.ends_with(b"\""))
    })
}

/// Many logs begin their lines with a time in brackets.
fn may_be_list(line: &[u8]) -> bool {
    let inside = line.get(1..).unwrap_or_default().trim_ascii_start();
    inside.is_empty() || inside.starts_with(b"{")
}

fn list(line: &[u8]) -> Parts<'_> {
    let line = line.trim_ascii_end();
    if line == b"[" {
        return Parts::one(b"");
    }
    match outline::first_value(line) {
        Some((list, b"" | b",")) => {
            let elements = outline::elements(list);
            let is_records =
                !elements.is_empty() && elements.iter().all(|element| element.starts_with(b"{"));
            if is_records {
                Parts::many(elements.into_iter().flat_map(inside).collect())
            } else {
                Parts::one(line)
            }
        }
        // A list that goes on on the next line.
        None => match line.get(1..).map(<[u8]>::trim_ascii_start) {
            Some(rest) if rest.starts_with(b"{") => objects(rest),
            _ => Parts::one(line),
        },
        _ => Parts::one(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str) -> Vec<String> {
        parts(line.as_bytes())
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect()
    }

    #[test]
    fn carriers_are_opened() {
        for (line, records) in [
            (
                r#"{"records":[{"a":1}, {"a":2}]}"#,
                &[r#"{"a":1}"#, r#"{"a":2}"#][..],
            ),
            (
                r#"{"owner":"x","logEvents":[{"message":"m"}]}"#,
                &[r#"{"message":"m"}"#],
            ),
            (
                r#"{"streams":[{"stream":{"job":"x"},"values":[["1","a"],["2","b"]]},{"stream":{},"values":[["3","c"]]}]}"#,
                &[r#"["1","a"]"#, r#"["2","b"]"#, r#"["3","c"]"#],
            ),
            (
                r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1","a"]]}]}}"#,
                &[r#"["1","a"]"#],
            ),
            (
                r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"a":1},{"a":2}]}]}]}"#,
                &[r#"{"a":1}"#, r#"{"a":2}"#],
            ),
            (
                r#"{"took":1,"hits":{"total":{"value":1},"hits":[{"_source":{"a":1}}]}}"#,
                &[r#"{"_source":{"a":1}}"#],
            ),
            (r#"[{"a":1},{"a":2}]"#, &[r#"{"a":1}"#, r#"{"a":2}"#]),
            (
                r#"{"a":1}{"a":"}{"} {"a":3}"#,
                &[r#"{"a":1}"#, r#"{"a":"}{"}"#, r#"{"a":3}"#],
            ),
            (r#"{"a":1}{"a":"#, &[r#"{"a":1}"#, r#"{"a":"#]),
            (r#"{"a":1},"#, &[r#"{"a":1}"#]),
            (r#"[{"a":1},"#, &[r#"{"a":1}"#]),
            (r#"{"a":1}]"#, &[r#"{"a":1}"#]),
            ("[", &[""]),
            ("]", &[""]),
        ] {
            assert_eq!(cut(line), records, "{line}");
        }
    }

    #[test]
    fn everything_else_is_one_record() {
        for line in [
            "plain text",
            "",
            r#"{"a":"}{"}"#,
            r#"{"records":[1,2]}"#,
            r#"{"records":[]}"#,
            r#"{"records":[{"a":1}"#,
            "[02/Nov/2026:10:11:12 +0000] x",
            "[1,2]",
        ] {
            assert_eq!(cut(line), [line], "{line}");
        }
    }
}
