//! Which files an input covers: a path, or a pattern with `*`, `?` and `[…]` in any part of it.
//!
//! `*` does not cross a slash and does not match a leading dot, as in a shell. A pattern that cannot be listed
//! covers nothing now and may cover something later.

use std::io;
use std::path::{Path, PathBuf};

/// Directories that are there and cannot be listed.
pub(super) type Unlisted = Vec<(PathBuf, io::Error)>;

/// The paths that exist and match, sorted.
pub(super) fn expand(pattern: &str, unlisted: &mut Unlisted) -> Vec<PathBuf> {
    let root = if pattern.starts_with('/') { "/" } else { "" };
    let mut found = vec![PathBuf::from(root)];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        found = found
            .into_iter()
            .flat_map(|dir| children(&dir, part, unlisted))
            .collect();
    }
    sort(&mut found);
    found
}

/// Sorts by the bytes: comparing part by part, as paths do, takes several times as long.
pub(super) fn sort(paths: &mut [PathBuf]) {
    paths.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
}

/// Whether a text is a pattern and no plain path.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn children(dir: &Path, part: &str, unlisted: &mut Unlisted) -> Vec<PathBuf> {
    if !is_pattern(part) {
        return vec![dir.join(part)];
    }
    names(dir, unlisted)
        .into_iter()
        .filter(|name| matches(part, name))
        .map(|name| dir.join(name))
        .collect()
}

/// The names in a directory; none if it is not there or cannot be listed.
pub(super) fn names(dir: &Path, unlisted: &mut Unlisted) -> Vec<String> {
    let shown = if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    };
    match std::fs::read_dir(shown) {
        Ok(listed) => listed
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect(),
        Err(error) => {
            let is_none = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
            if !is_none.contains(&error.kind()) {
                unlisted.push((shown.to_path_buf(), error));
            }
            Vec::new()
        }
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    matches_chars(&pattern, &name)
}

/// Goes back to the latest star only, so time is the product of the lengths at worst.
fn matches_chars(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut pos) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&c) = name.get(pos) {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, pos));
                at += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => class(pattern.get(at..).unwrap_or_default(), c),
            Some(&p) if p == c => Some(1),
            _ => None,
        };
        if let Some(step) = step {
            at += step;
            pos += 1;
        } else if let Some((after, from)) = star {
            (at, pos) = (after, from + 1);
            star = Some((after, pos));
        } else {
            return false;
        }
    }
    pattern.iter().skip(at).all(|p| *p == '*')
}

/// The length of the class at the start of `pattern` if it contains `c`.
fn class(pattern: &[char], c: char) -> Option<usize> {
    let close = pattern.iter().skip(2).position(|p| *p == ']')? + 2;
    let inner = pattern.get(1..close)?;
    let (negated, inner) = match inner.split_first() {
        Some(('!' | '^', rest)) => (true, rest),
        _ => (false, inner),
    };
    let mut contains = inner.contains(&c);
    for range in inner.windows(3) {
        if let [low, '-', high] = range {
            contains |= (*low..=*high).contains(&c);
        }
    }
    (contains != negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name, expected) in [
            ("*.log", "access.log", true),
            ("*.log", "access.log.1", false),
            ("*.log", ".hidden.log", false),
            ("a?c*", "abc", true),
            ("a?c*", "ac", false),
            ("log[0-9]", "log7", true),
            ("log[!0-9]", "log7", false),
            ("*a*b*c", "xxaxxbxxbc", true),
            ("*a*b*c", "xxaxxbxxb", false),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn stars_in_the_middle_of_a_path_are_expanded() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["a/x.log", "b/x.log", "b/y.txt"] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let pattern = format!("{}/*/*.log", dir.path().display());
        let expected = [dir.path().join("a/x.log"), dir.path().join("b/x.log")];
        assert_eq!(expand(&pattern, &mut Unlisted::new()), expected);
    }
}
