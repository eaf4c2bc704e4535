//! Host names with placeholders: `{resource}.openai.azure.com`, `{region}-aiplatform.googleapis.com`.
//!
//! `{x}` stands for one whole label or for a part of one, never for a dot. What follows the last
//! placeholder's label is literal; the index finds patterns by it, so that a pattern costs nothing on other names.

use std::fmt;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    text: Box<str>,
    labels: Vec<Label>,
    /// Bytes that are literal: how specific the pattern is.
    literal_len: usize,
    /// The literal labels at the end.
    suffix: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Label {
    Literal(Box<str>),
    /// Literal before, name, literal after.
    Capture {
        before: Box<str>,
        name: Box<str>,
        after: Box<str>,
    },
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    #[error("a pattern needs a placeholder such as {{region}}; without one, write `host`")]
    NoPlaceholder,
    #[error(
        "label {0:?} may hold one placeholder {{name}} of lower-case letters, digits and underscores"
    )]
    BadLabel(String),
    #[error("a pattern must end in at least two literal labels")]
    NoSuffix,
}

impl HostPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When it has no placeholder, two in one label, or no literal end.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let labels = text.split('.').map(label).collect::<Result<Vec<_>, _>>()?;
        let last = labels
            .iter()
            .rposition(|label| matches!(label, Label::Capture { .. }))
            .ok_or(BadPattern::NoPlaceholder)?;
        let suffix = text.split('.').skip(last + 1).collect::<Vec<_>>().join(".");
        if !suffix.contains('.') {
            return Err(BadPattern::NoSuffix);
        }
        let literal_len = labels.iter().map(Label::literal_len).sum::<usize>() + labels.len() - 1;
        Ok(Self {
            text: text.into(),
            labels,
            literal_len,
            suffix: suffix.into(),
        })
    }

    /// The literal labels at the end.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// How many bytes of the name the pattern fixes.
    #[must_use]
    pub const fn literal_len(&self) -> usize {
        self.literal_len
    }

    /// Whether a name fits.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        let mut labels = host.split('.');
        self.labels.iter().all(|label| {
            labels
                .next()
                .is_some_and(|text| label.capture(text).is_some())
        }) && labels.next().is_none()
    }

    /// What the placeholders stand for in a name that fits.
    #[must_use]
    pub fn captures(&self, host: &str) -> Vec<(String, String)> {
        let pairs = self.labels.iter().zip(host.split('.'));
        pairs
            .filter_map(|(label, text)| match label {
                Label::Literal(_) => None,
                Label::Capture { name, .. } => {
                    Some((name.to_string(), label.capture(text)?.to_owned()))
                }
            })
            .collect()
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Label {
    fn literal_len(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Capture { before, after, .. } => before.len() + after.len(),
        }
    }

    /// The captured part of a label that fits; the whole label when it is literal.
    fn capture<'h>(&self, text: &'h str) -> Option<&'h str> {
        match self {
            Self::Literal(literal) => (**literal == *text).then_some(text),
            Self::Capture { before, after, .. } => text
                .strip_prefix(&**before)?
                .strip_suffix(&**after)
                .filter(|rest| !rest.is_empty()),
        }
    }
}

fn label(text: &str) -> Result<Label, BadPattern> {
    let wrong = || BadPattern::BadLabel(text.to_owned());
    let is_literal = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    let Some((before, rest)) = text.split_once('{') else {
        return if !text.is_empty() && is_literal(text) {
            Ok(Label::Literal(text.into()))
        } else {
            Err(wrong())
        };
    };
    let (name, after) = rest.split_once('}').ok_or_else(wrong)?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_name || !is_literal(before) || !is_literal(after) {
        return Err(wrong());
    }
    Ok(Label::Capture {
        before: before.into(),
        name: name.into(),
        after: after.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_label_and_never_a_dot() {
        let pattern = HostPattern::parse("bedrock-runtime.{region}.amazonaws.com").unwrap();
        assert_eq!(pattern.suffix(), "amazonaws.com");
        assert_eq!(
            pattern.captures("bedrock-runtime.eu-west-1.amazonaws.com"),
            [("region".to_owned(), "eu-west-1".to_owned())]
        );
        assert!(!pattern.matches("bedrock-runtime.amazonaws.com"));
        assert!(!pattern.matches("bedrock-runtime.a.b.amazonaws.com"));
        assert!(!pattern.matches("bedrock-runtime.eu-west-1.amazonaws.com.evil.example"));
        assert!(!pattern.matches("x.bedrock-runtime.eu-west-1.amazonaws.com"));
    }

    #[test]
    fn a_placeholder_can_be_part_of_a_label() {
        let pattern = HostPattern::parse("{region}-aiplatform.googleapis.com").unwrap();
        assert!(pattern.matches("europe-west4-aiplatform.googleapis.com"));
        assert!(!pattern.matches("-aiplatform.googleapis.com"));
        assert!(!pattern.matches("aiplatform.googleapis.com"));
    }

    #[test]
    fn what_would_match_everything_is_refused() {
        for wrong in [
            "{x}.com",
            "{a}{b}.example.com",
            "example.com",
            "{X}.example.com",
            "{x}",
            "a..{x}.example.com",
        ] {
            assert!(HostPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
