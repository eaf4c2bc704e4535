//! Files as exports write them, whole and in pieces of every size.

use super::*;

const LINE_BYTES: usize = 64;

/// What becomes of a text that comes in steps of so many bytes.
fn lines_in_steps(text: &str, bytes: usize) -> Result<String, String> {
    let mut values = Values::sniff(text.as_bytes(), LINE_BYTES).expect("it begins so");
    let mut lines = Vec::new();
    let mut broken = None;
    for (number, step) in text.as_bytes().chunks(bytes).enumerate() {
        if let Err((why, at)) = values.push(step, &mut lines) {
            broken = Some(format!("{why} at {}", number * bytes + at));
            break;
        }
    }
    if broken.is_none() && !values.end(&mut lines) {
        broken = Some("ends early".to_owned());
    }
    let lines = String::from_utf8(lines).unwrap();
    match broken {
        None => Ok(lines),
        Some(why) => Err(format!("{lines}! {why}")),
    }
}

fn lines(text: &str) -> Result<String, String> {
    let whole = lines_in_steps(text, text.len());
    for bytes in 1..text.len() {
        let cut = lines_in_steps(text, bytes);
        assert_eq!(cut, whole, "in steps of {bytes}: {text}");
    }
    whole
}

#[test]
fn a_value_or_an_element_is_a_line() {
    for (text, expected) in [
        (
            "{\n  \"a\": 1,\n  \"b\": [ 1, 2 ]\n}\n",
            "{\"a\":1,\"b\":[1,2]}\n",
        ),
        (
            "[\r\n  {\r\n    \"a\" : \"x y\"\r\n  },\r\n  {\r\n    \"a\": {}\r\n  }\r\n]\r\n",
            "{\"a\":\"x y\"}\n{\"a\":{}}\n",
        ),
        (
            "[ {\n \"a\" : 1\n}, {\n \"a\" : 2\n} ]",
            "{\"a\":1}\n{\"a\":2}\n",
        ),
        ("[\n{\"a\":1},\n{\"a\":2}\n]\n", "{\"a\":1}\n{\"a\":2}\n"),
        ("[{\"a\":1},{\"a\":[{}]}]\n", "{\"a\":1}\n{\"a\":[{}]}\n"),
        (
            "{\n\"a\":1}\n{\n\"a\":2}{\n}\n\n",
            "{\"a\":1}\n{\"a\":2}\n{}\n",
        ),
        ("[\n  \"x\",\n  7,\n  [\n 8\n ]\n]", "\"x\"\n7\n[8]\n"),
        ("[\n]\n", ""),
        ("{\n}\n", "{}\n"),
        (
            "{\"value\": [\n {\"a\": 1}\n]}\n",
            "{\"value\":[{\"a\":1}]}\n",
        ),
        // Two words do not become one.
        ("{\n\"a\": 1\n2\n}", "{\"a\":1 2}\n"),
        ("{\n\"a\" \"b\"}", "{\"a\" \"b\"}\n"),
        // What is no JSON stays what it is.
        (
            "[\n1\n]\nplain  \"text\n{\n}\nrest",
            "1\nplain  \"text\n{}\nrest\n",
        ),
    ] {
        assert_eq!(lines(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn strings_are_left_alone() {
    let text =
        "[\n  {\n    \"a  \\\" }],\": \"\\\\\",\n    \"b\": \"{ [ , \\\\\\\" : grüße\"\n  }\n]";
    assert_eq!(
        lines(text).as_deref(),
        Ok("{\"a  \\\" }],\":\"\\\\\",\"b\":\"{ [ , \\\\\\\" : grüße\"}\n")
    );
}

#[test]
fn what_is_unbalanced_is_told_and_what_was_before_is_kept() {
    for (text, expected) in [
        ("[\n{\"a\":1},\n{\"a\"", "{\"a\":1}\n{\"a\"! ends early"),
        ("[\n{\"a\":1},\n", "{\"a\":1}\n! ends early"),
        ("{\n\"a\":1", "! ends early"),
        (
            "[\n{\"a\":1}}\n]",
            "{\"a\":1}\n! a bracket closes what none has opened at 9",
        ),
        (
            "{\n}\n]",
            "{}\n! a bracket closes what none has opened at 4",
        ),
        ("[\n1\n2]", "1 2\n"),
        (
            "[\n{\"a\":\"x\n\"}]",
            "{\"a\":\"! a line end inside of a string at 9",
        ),
    ] {
        let read = lines_in_steps(text, text.len());
        assert_eq!(read.unwrap_or_else(|why| why), expected, "{text}");
    }
    let deep = format!("[\n{}", "[".repeat(200));
    assert!(lines(&deep).is_err_and(|why| why.contains("nested too deeply")));
}

#[test]
fn an_object_too_long_for_a_line_is_cut_into_its_records() {
    let record = "{\n\"name\": \"an object\", \"of\": [{}, []]\n}";
    let small = format!("{{\n\"few\": [{record}], \"x\": 1}}");
    let one = "{\"name\":\"an object\",\"of\":[{},[]]}";
    assert_eq!(lines(&small), Ok(format!("{{\"few\":[{one}],\"x\":1}}\n")));
    let large = format!(
        "{{\n\"columns\": [{{}}], \"records\": [\n{record},\n{record},\n{record}\n], \"next\": [{{\"a\": \"b\"}}]\n}}\n{{}}"
    );
    assert_eq!(lines(&large), Ok(format!("{one}\n{one}\n{one}\n{{}}\n")));
    // One that holds no list of objects stays one.
    let text = "x".repeat(200);
    let long = format!("{{\n\"a\": \"{text}\", \"b\": [\"{text}\"]}}\n{{\n}}");
    let whole = format!("{{\"a\":\"{text}\",\"b\":[\"{text}\"]}}\n{{}}\n");
    assert_eq!(lines(&long), Ok(whole));
}

#[test]
fn an_object_a_line_is_not_touched() {
    for text in [
        "{\"a\":1}\n{\"a\":2}\n",
        "{\"a\":[\"x\"]}\n",
        "{\"a\":1,",
        "[02/Nov/2026:10:11:12 +0000] x\n",
        "[{info}] started\n",
        "[1,2]\n",
        "[]\n",
        "{}\n",
        "plain {\n",
        "",
        "\n\n",
    ] {
        assert!(
            Values::sniff(text.as_bytes(), LINE_BYTES).is_none(),
            "{text}"
        );
    }
}
