//! The encoder that every text in a Markdown report passes.
//!
//! Whoever can send a request can put text into a report that is later pasted into a ticket. Names are shown as code,
//! where nothing is interpreted; sentences get a backslash before every character that could open something. What a
//! backslash does not stop after rendering (mail addresses and @mentions) loses its at-sign.

use crate::model::Untrusted;

/// A sentence or a title, safe in running text and in a table cell.
pub(in crate::reports) fn prose(text: &str) -> String {
    let shown = Untrusted::from(text).shown();
    let mut safe = String::with_capacity(shown.len() + 8);
    let mut before = ' ';
    for (at, c) in shown.char_indices() {
        let rest = shown.get(at..).unwrap_or_default();
        match c {
            '@' => {
                safe.push_str("(at)");
                before = c;
                continue;
            }
            // An underscore inside a word opens nothing.
            '_' if before.is_alphanumeric()
                && rest.chars().nth(1).is_some_and(char::is_alphanumeric) => {}
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!' | '$'
            | '{' | '}' => {
                safe.push('\\');
            }
            '+' | '-' | '=' if at == 0 => safe.push('\\'),
            ':' if rest.starts_with("://") => safe.push('\\'),
            '.' if www_before(&shown, at) || opens_list(&shown, at) => safe.push('\\'),
            ')' if opens_list(&shown, at) => safe.push('\\'),
            _ => {}
        }
        safe.push(c);
        before = c;
    }
    safe
}

/// Whether the text up to here ends in `www`: with the dot it would become a link.
fn www_before(text: &str, at: usize) -> bool {
    let Some(before) = text.get(..at) else {
        return false;
    };
    let start = before.len().saturating_sub(3);
    before
        .get(start..)
        .is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Whether this dot or bracket ends a number at the start of the text, which would open a list.
fn opens_list(text: &str, at: usize) -> bool {
    let is_number = text.get(..at).is_some_and(|before| {
        !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_digit())
    });
    let after = text.get(at..).and_then(|rest| rest.chars().nth(1));
    is_number && after.is_none_or(char::is_whitespace)
}

/// A name, shown as code: hosts, clients, users, groups, sources, commands, records.
pub(super) fn code(text: &str) -> String {
    let shown = Untrusted::from(text).shown();
    if shown.trim().is_empty() {
        return "–".to_owned();
    }
    // Nothing can be escaped inside code but the pipe, which ends a cell even there.
    let inside = shown
        .trim()
        .replace('`', "'")
        .replace('\\', "⧵")
        .replace('|', "\\|");
    format!("`{inside}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_opens_a_cell_a_link_a_tag_or_a_line() {
        assert_eq!(prose("a|b\nc"), "a\\|b\\\\u\\{a\\}c");
        assert_eq!(
            prose("[x](http://example.org)"),
            "\\[x\\](http\\://example.org)"
        );
        assert_eq!(
            prose("see WWW.example.org @alice"),
            "see WWW\\.example.org (at)alice"
        );
        assert_eq!(prose("# 1. <b>"), "\\# 1. \\<b\\>");
        assert_eq!(prose("1. item"), "1\\. item");
        assert_eq!(prose("302.AI"), "302.AI");
        assert_eq!(prose("csa_2023 _x_"), "csa_2023 \\_x\\_");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(code("x\\|y"), "`x⧵\\|y`");
        assert_eq!(code(" "), "–");
    }
}
