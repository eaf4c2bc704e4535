//! Paths of URL rules: `/v1/chat/completions`, `/api/organizations/{tenant}/chat_conversations/**`.
//!
//! A pattern is a prefix that ends where a segment ends (`/chat` is not `/chatter`; `/chat*` is both). `*`
//! stands for anything within a segment, `**` for anything at all, `{name}` for one or more bytes of a segment.
//! Case counts, `//` is `/`, and nothing is percent-decoded: that is how the paths were seen.

use std::fmt;

/// A compiled path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: Box<str>,
    parts: Vec<Part>,
    literal_len: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(Box<[u8]>),
    /// `*`
    Segment,
    /// `**`
    Anything,
    /// `{name}`
    Capture(Box<str>),
}

impl PathPattern {
    /// Compiles a path.
    ///
    /// # Errors
    /// When it does not begin with `/`, holds a query, or has an open or nameless placeholder.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        if !text.starts_with('/') {
            return Err(BadPath::NoSlash);
        }
        if text.contains(['?', '#']) || text.contains("//") {
            return Err(BadPath::Query);
        }
        let parts = parts(text)?;
        let literal_len = parts
            .iter()
            .map(|part| match part {
                Part::Literal(bytes) => bytes.len(),
                Part::Segment | Part::Anything | Part::Capture(_) => 0,
            })
            .sum();
        Ok(Self {
            text: text.into(),
            parts,
            literal_len,
        })
    }

    /// How many bytes of the path the pattern fixes.
    #[must_use]
    pub const fn literal_len(&self) -> usize {
        self.literal_len
    }

    /// Whether a path without its query fits.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        fits(&self.parts, considered(path), true, &mut |_, _| {})
    }

    /// What the placeholders stand for in a path that fits.
    #[must_use]
    pub fn captures(&self, path: &[u8]) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        fits(&self.parts, considered(path), true, &mut |name, value| {
            found.push((name.to_owned(), String::from_utf8_lossy(value).into_owned()));
        });
        // Placeholders report from the innermost out.
        found.reverse();
        found
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    #[error("a path begins with \"/\"")]
    NoSlash,
    #[error("a path holds no query, fragment or empty segment: logs are matched without them")]
    Query,
    #[error("a placeholder is written {{name}}, in lower-case letters, digits and underscores")]
    Placeholder,
    #[error("two placeholders or globs need something between them")]
    Adjacent,
    #[error("at most two placeholders or globs in a segment, and one `**` in a path")]
    TooOpen,
}

/// What a hostile path may cost is bounded by this and by [`BadPath::TooOpen`]. A pattern is a prefix, so that
/// the end of a longer path hardly matters.
const MAX_PATH: usize = 2048;

fn parts(text: &str) -> Result<Vec<Part>, BadPath> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let next = rest.find(['*', '{']).unwrap_or(rest.len());
        let (literal, tail) = rest.split_at(next);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.as_bytes().into()));
        }
        rest = tail;
        if let Some(tail) = rest.strip_prefix("**") {
            parts.push(Part::Anything);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('*') {
            parts.push(Part::Segment);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('{') {
            let (name, tail) = tail.split_once('}').ok_or(BadPath::Placeholder)?;
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !is_name {
                return Err(BadPath::Placeholder);
            }
            parts.push(Part::Capture(name.into()));
            rest = tail;
        }
    }
    let is_open = |part: &Part| !matches!(part, Part::Literal(_));
    if parts.windows(2).any(|pair| pair.iter().all(is_open)) {
        return Err(BadPath::Adjacent);
    }
    let rests = parts.iter().filter(|part| **part == Part::Anything).count();
    let is_crowded = |segment: &str| segment.matches(['*', '{']).count() > 2;
    if rests > 1 || text.replace("**", "*").split('/').any(is_crowded) {
        return Err(BadPath::TooOpen);
    }
    Ok(parts)
}

/// Whether the parts fit the beginning of a path; tells placeholders from the last to the first.
fn fits(parts: &[Part], path: &[u8], closed: bool, tell: &mut dyn FnMut(&str, &[u8])) -> bool {
    let Some((part, parts)) = parts.split_first() else {
        return !closed || matches!(path.first(), None | Some(b'/' | b':' | b';'));
    };
    match part {
        Part::Literal(literal) => match after_literal(literal, path) {
            // A pattern that ends in a slash has ended where a segment ends.
            Some(rest) => fits(parts, rest, literal.last() != Some(&b'/'), tell),
            None => false,
        },
        Part::Anything if parts.is_empty() => true,
        Part::Segment if parts.is_empty() => true,
        Part::Anything => {
            (0..=path.len()).any(|at| fits(parts, path.get(at..).unwrap_or_default(), true, tell))
        }
        Part::Segment if to_segment_end(parts) => {
            let rest = path.get(segment_len(path)..).unwrap_or_default();
            fits(parts, rest, true, tell)
        }
        Part::Segment => (0..=segment_len(path))
            .any(|at| fits(parts, path.get(at..).unwrap_or_default(), true, tell)),
        Part::Capture(name) => {
            // The longest first: `{model}:generate` must not stop at the first colon of a model's name.
            let longest = segment_len(path);
            let shortest = if to_segment_end(parts) { longest } else { 0 }.max(1);
            for at in (shortest..=longest).rev() {
                let (value, rest) = path.split_at(at);
                if fits(parts, rest, true, tell) {
                    tell(name, value);
                    return true;
                }
            }
            false
        }
    }
}

/// Whether what follows begins a new segment, so that only the whole rest of this one can fit before it.
fn to_segment_end(parts: &[Part]) -> bool {
    matches!(parts.first(), Some(Part::Literal(literal)) if literal.first() == Some(&b'/'))
}

fn considered(path: &[u8]) -> &[u8] {
    path.get(..MAX_PATH).unwrap_or(path)
}

fn segment_len(path: &[u8]) -> usize {
    memchr::memchr(b'/', path).unwrap_or(path.len())
}

/// What follows a literal; runs of slashes in the path count as one.
fn after_literal<'p>(literal: &[u8], path: &'p [u8]) -> Option<&'p [u8]> {
    let mut rest = path;
    for want in literal {
        let (have, tail) = rest.split_first()?;
        if have != want {
            return None;
        }
        rest = tail;
        while *want == b'/' && rest.first() == Some(&b'/') {
            rest = rest.get(1..)?;
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        PathPattern::parse(pattern)
            .unwrap()
            .matches(path.as_bytes())
    }

    #[test]
    fn a_prefix_ends_where_a_segment_ends() {
        assert!(matches(
            "/backend-api/conversation",
            "/backend-api/conversation"
        ));
        assert!(matches(
            "/backend-api/conversation",
            "/backend-api/conversation/x/stop"
        ));
        assert!(!matches(
            "/backend-api/conversation",
            "/backend-api/conversations"
        ));
        assert!(matches("/chat*", "/chatter"));
        assert!(matches("/api/", "/api/x"));
        assert!(!matches("/api/", "/api"));
        assert!(matches("/", "/anything"));
    }

    #[test]
    fn double_slashes_are_one_and_case_counts() {
        assert!(matches("/v1/chat/completions", "//v1//chat/completions"));
        assert!(!matches("/v1/chat/completions", "/V1/Chat/Completions"));
    }

    #[test]
    fn globs_and_placeholders_stay_within_their_bounds() {
        assert!(matches("/model/*/invoke", "/model/m-1/invoke"));
        assert!(!matches("/model/*/invoke", "/model/a/b/invoke"));
        assert!(matches("/p/**/invoke", "/p/a/b/invoke"));
        let models = PathPattern::parse("/v1beta/models/{model}:streamGenerateContent").unwrap();
        assert_eq!(
            models.captures(b"/v1beta/models/gemini-9:pro:streamGenerateContent"),
            [("model".to_owned(), "gemini-9:pro".to_owned())]
        );
        let two = PathPattern::parse("/m365Copilot/Chathub/{oid}@{tenant}").unwrap();
        assert_eq!(
            two.captures(b"/m365Copilot/Chathub/a@b"),
            [
                ("oid".to_owned(), "a".to_owned()),
                ("tenant".to_owned(), "b".to_owned())
            ]
        );
        assert!(!two.matches(b"/m365Copilot/Chathub/a@"));
    }

    #[test]
    fn a_wrong_path_says_why() {
        assert_eq!(PathPattern::parse("v1"), Err(BadPath::NoSlash));
        assert_eq!(PathPattern::parse("/a?b=c"), Err(BadPath::Query));
        assert_eq!(PathPattern::parse("/{a"), Err(BadPath::Placeholder));
        assert_eq!(PathPattern::parse("/{a}{b}"), Err(BadPath::Adjacent));
        assert_eq!(PathPattern::parse("/**/a/**/b"), Err(BadPath::TooOpen));
        assert_eq!(PathPattern::parse("/*a*a*"), Err(BadPath::TooOpen));
        assert!(PathPattern::parse("/{a}/{b}/{c}/{d}:x").is_ok());
    }

    #[test]
    fn bytes_that_are_no_text_are_compared_as_they_are() {
        assert!(matches_bytes(b"/v1/chat/\xff\xfe"));
        fn matches_bytes(path: &[u8]) -> bool {
            PathPattern::parse("/v1/chat").unwrap().matches(path)
        }
    }
}
