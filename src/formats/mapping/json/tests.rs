//! Objects whole, broken, and with what clients wrote into them.

use super::*;

fn read(json: &str, wanted: &[&str]) -> Result<Vec<String>, &'static str> {
    read_also_inside(&[], json, wanted)
}

fn read_also_inside(
    objects: &[&str],
    json: &str,
    wanted: &[&str],
) -> Result<Vec<String>, &'static str> {
    let mut keys = Keys::new(false);
    let objects: Vec<String> = objects.iter().map(ToString::to_string).collect();
    keys.also_inside(&objects);
    let slots: Vec<_> = wanted.iter().map(|name| keys.slot(name)).collect();
    let mut cells = Cells::recycled(Cells::default(), keys.count());
    fill(json.as_bytes(), &keys, &mut cells)?;
    Ok(slots
        .iter()
        .map(|slot| {
            let all: Vec<String> = cells
                .all(*slot)
                .map(|cell| String::from_utf8_lossy(&cell).into_owned())
                .collect();
            all.join("|")
        })
        .collect())
}

#[test]
fn values_are_found_at_any_depth_and_in_lists() {
    let json =
        r#"{"a":{"b":"x","c":[{"d":1},{"d":2.5}]},"a.e":true,"n":null,"l":["p","q"],"z":{}}"#;
    let wanted = ["a.b", "a.c.d", "a.e", "n", "l", "z"];
    assert_eq!(
        read(json, &wanted).unwrap(),
        ["x", "1|2.5", "true", "", "p|q", ""]
    );
}

#[test]
fn an_object_in_a_string_is_entered_when_wanted() {
    let json = r#"{"more":"{\"host\":\"a.example\",\"in\":\"{\\\"x\\\":7}\"}","other":"{broken"}"#;
    assert_eq!(
        read(json, &["more.host", "more.in.x", "other.x"]).unwrap(),
        ["a.example", "7", ""]
    );
}

#[test]
fn what_is_no_whole_object_is_refused() {
    for (json, why) in [
        ("", NOT_JSON),
        ("[]", NOT_JSON),
        ("{", CUT),
        ("{\"a\"", CUT),
        ("{\"a\":", CUT),
        ("{\"a\":1", CUT),
        ("{\"a\":\"x\\", CUT),
        ("{\"a\":tr", CUT),
        ("{\"a\":NaN}", NOT_JSON),
        ("{\"a\":1,}", NOT_JSON),
        ("{'a':1}", NOT_JSON),
        ("{\"a\" 1}", NOT_JSON),
        ("{\"a\":1}{\"a\":2}", NOT_JSON),
        ("{\"a\":1,\"a\":2}", TWICE),
    ] {
        assert_eq!(read(json, &["a"]), Err(why), "{json}");
    }
    let deep = format!("{{\"a\":{}", "[".repeat(10_000));
    assert_eq!(read(&deep, &["a"]), Err(TOO_DEEP));
}

#[test]
fn a_key_with_two_values_in_one_object_is_refused_wherever_it_is_looked_for() {
    let wanted = ["user", "ua", "http.host", "l.d"];
    let read = |json: &str| read_also_inside(&["in", "more"], json, &wanted);
    for json in [
        r#"{"ua":"x","user":"forged","ua2":"…","user":"alice"}"#,
        r#"{"in":{"ua":"x","user":"forged","ua2":"…","user":"alice"}}"#,
        r#"{"user":"alice","in":{"user":"a","user":"b"}}"#,
        // Objects between the two do not hide it, nor does another way to write the key.
        r#"{"user":"forged","in":{"user":"a"},"more":{},"user":"alice"}"#,
        r#"{"\u0075ser":"forged","user":"alice"}"#,
        r#"{"user":null,"user":"alice"}"#,
        r#"{"user":["a"],"user":["b"]}"#,
        // Objects that hold wanted keys count, too.
        r#"{"in":{"user":"forged"},"in":{"ua":"x"}}"#,
        r#"{"http":{"host":"forged.example"},"http":{}}"#,
        r#"{"l":[{"d":1},{"d":2,"d":3}]}"#,
    ] {
        assert_eq!(read(json), Err(TWICE), "{json}");
    }
    for (json, found) in [
        (r#"{"user":"a","in":{"user":"b"}}"#, ["a|b", "", "", ""]),
        (r#"{"user":"a","ua":1,"user":"a"}"#, ["a|a", "1", "", ""]),
        (r#"{"user":"a","in.user":"b"}"#, ["a|b", "", "", ""]),
        (
            r#"{"l":[{"d":1},{"d":2}],"other":1,"other":2}"#,
            ["", "", "", "1|2"],
        ),
        (
            r#"{"in":{"user":"a"},"in":{"user":"a"}}"#,
            ["a|a", "", "", ""],
        ),
    ] {
        assert_eq!(read(json).unwrap(), found, "{json}");
    }
}
