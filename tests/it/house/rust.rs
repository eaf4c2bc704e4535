//! As much of Rust as the house rules need: words and marks with their lines, and the paths they make.
//!
//! Comments and the insides of literals are stepped over, so that a rule is about code only. Macros are read like
//! any other code. What this does not know (aliases such as `use std as s`) nobody here writes.

/// A word, a number or a mark; `::` is one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

impl Token<'_> {
    fn is_word(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// One path with all its segments; a group such as `a::{b, c}` is two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path<'a> {
    pub(super) segments: Vec<&'a str>,
    pub(super) line: usize,
    /// Number of inline modules (`mod tests { … }`) around it.
    pub(super) depth: usize,
}

/// The tokens of a source file.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = literal(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            tokens.push(Token {
                text: &rest[..length],
                line,
            });
            length
        } else {
            let length = if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            if !first.is_whitespace() {
                tokens.push(Token {
                    text: &rest[..length],
                    line,
                });
            }
            length
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of a string or character literal, if one begins here. A lifetime is none.
fn literal(text: &str) -> Option<usize> {
    let unprefixed = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - unprefixed.len();
    if let Some(raw) = unprefixed.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let open = prefix + 1 + hashes;
        if text[open..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = &text[open + 1..];
            return Some(
                body.find(&close)
                    .map_or(text.len(), |at| open + 1 + at + close.len()),
            );
        }
        return None;
    }
    let quote = unprefixed
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))?;
    let body = &unprefixed[1..];
    if quote == '\'' && !is_character(body) {
        return None;
    }
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(prefix + 1 + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn is_character(body: &str) -> bool {
    let mut chars = body.chars();
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

/// Every path of at least two segments, and every single word that a `use` names.
pub(super) fn paths<'a>(tokens: &[Token<'a>]) -> Vec<Path<'a>> {
    let mut found = Vec::new();
    let mut braces = 0_usize;
    let mut modules = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.text {
            "{" => {
                braces += 1;
                let is_module = at >= 2 && tokens[at - 2].text == "mod";
                if is_module {
                    modules.push(braces);
                }
            }
            "}" => {
                if modules.last() == Some(&braces) {
                    modules.pop();
                }
                braces = braces.saturating_sub(1);
            }
            _ if token.is_word() && tokens.get(at + 1).is_some_and(|next| next.text == "::") => {
                at = walk(tokens, at, &[], modules.len(), &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads one path from its first word on, with the groups in it; returns where it ends.
fn walk<'a>(
    tokens: &[Token<'a>],
    mut at: usize,
    before: &[&'a str],
    depth: usize,
    found: &mut Vec<Path<'a>>,
) -> usize {
    let mut segments = before.to_vec();
    let mut line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        if token.text == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.text != "}") {
                at = match tokens[at].text {
                    "," => at + 1,
                    _ => walk(tokens, at, &segments, depth, found),
                };
            }
            return at + 1;
        }
        if !token.is_word() && token.text != "*" {
            // `Vec::<u8>::new`: the path so far is what counts.
            break;
        }
        segments.push(token.text);
        line = token.line;
        at += 1;
        if tokens.get(at).is_none_or(|next| next.text != "::") {
            break;
        }
        at += 1;
    }
    found.push(Path {
        segments,
        line,
        depth,
    });
    // Inside a group: an alias or anything else up to the next entry.
    if !before.is_empty() {
        while tokens
            .get(at)
            .is_some_and(|token| !matches!(token.text, "," | "}"))
        {
            at += 1;
        }
    }
    at
}

#[test]
fn tokens_step_over_comments_and_literals() {
    let text = "a /* b /* c */ */ \"d \\\" e\" r#\"f \" g\"# 'h' '\\'' 'i: b\"j\" // k\nl::m";
    let words: Vec<&str> = tokens(text).iter().map(|token| token.text).collect();
    assert_eq!(words, ["a", "'", "i", ":", "l", "::", "m"]);
    assert_eq!(tokens(text).last().unwrap().line, 2);
}

#[test]
fn groups_are_taken_apart() {
    let tokens = tokens("use a::{b, c::{self, d as e}, f::*};\nmod t { x::<y>::z(); }");
    let paths: Vec<(String, usize)> = paths(&tokens)
        .into_iter()
        .map(|path| (path.segments.join("::"), path.depth))
        .collect();
    let expected = [
        ("a::b", 0),
        ("a::c::self", 0),
        ("a::c::d", 0),
        ("a::f::*", 0),
        ("x", 1),
    ];
    assert_eq!(
        paths,
        expected.map(|(path, depth)| (path.to_owned(), depth))
    );
}
