//! Times that a format string lays out with `strftime`, as Squid, Apache and Envoy let one.
//!
//! Only what matters to a pattern is understood: which words of the layout hold the day, the time of day and the zone,
//! because a blank behind the time would otherwise end it too early. Reading a time is the mapping's business.

use super::draft::Code;

/// A time in this layout; an empty one is that of the common log format. `utc` says that one without a zone is in UTC.
pub(super) fn lay_out(mut code: Code, format: &str, utc: bool) -> Code {
    code.decode = None;
    if format.is_empty() {
        code.parts = vec!["time", "zone"];
        return code;
    }
    let words: Vec<&str> = format.split_whitespace().collect();
    code.parts = words.iter().map(|word| part(word)).collect();
    let is_once = |name: &&str| code.parts.iter().filter(|part| *part == name).count() == 1;
    if !["date", "time", "zone"]
        .iter()
        .all(|name| is_once(name) || !code.parts.contains(name))
    {
        code.parts.push("");
    }
    code.is_utc = utc && !format.contains("%z") && !format.contains("%s");
    code.time_format = Some(words.join(" "));
    code
}

/// What one word of a layout holds: a day, a time of day (with the day or without), a zone. Empty if none.
fn part(word: &str) -> &'static str {
    let has = |specifiers: &str| {
        let mut escaped = false;
        word.chars().any(|c| {
            let found = escaped && specifiers.contains(c);
            // Flags and widths may stand between: `%3f`, `%-d`.
            escaped = c == '%' && !escaped || escaped && matches!(c, '-' | '_' | '.' | '0'..='9');
            found
        })
    };
    match (has("debBhmyYFDjaAxc"), has("HIklMSTRrpsfLNcX"), has("zZ")) {
        (_, true, _) => "time",
        (true, false, _) => "date",
        (false, false, true) => "zone",
        (false, false, false) => "",
    }
}
