//! What the names of rotated files say: which log they belong to, and which is older.
//!
//! Knows what logrotate, newsyslog, Squid, Zeek and the usual scripts write: `access.log.1`, `access.log.2.gz`,
//! `access.log-20261122.zst`, `access-20261122.log`, `dns.00:00:00-01:00:00.log.gz`, `access.log.old`. Names only
//! order and group; whether two files hold the same lines is decided by content elsewhere.

use std::cmp::Ordering;

const PACKED: [&str; 5] = [".gz", ".zst", ".xz", ".bz2", ".zstd"];
const WORDS: [&str; 4] = ["old", "bak", "prev", "orig"];

/// A file name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rotated {
    /// The name of the live file.
    pub(crate) live: String,
    pub(crate) age: Age,
}

/// Which of the files of one log it is. Orders oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Age {
    /// `old`, a bare `.gz` and the like.
    Earlier(String),
    /// By date or time in the name; the greater the later.
    Dated(String),
    /// By number; the greater the earlier.
    Numbered(u64),
    Live,
}

impl Rotated {
    /// Takes a file name apart.
    pub(crate) fn parse(name: &str) -> Self {
        let bare = PACKED
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .filter(|bare| !bare.is_empty())
            .unwrap_or(name);
        if let Some((live, age)) = token_at_end(bare) {
            return Self { live, age };
        }
        if let Some((live, age)) = token_before_extension(bare) {
            return Self { live, age };
        }
        let age = if bare == name {
            Age::Live
        } else {
            Age::Earlier(String::new())
        };
        Self {
            live: bare.to_owned(),
            age,
        }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.age == Age::Live
    }
}

impl Ord for Age {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |age: &Self| match age {
            Self::Earlier(_) => 0,
            Self::Dated(_) => 1,
            Self::Numbered(_) => 2,
            Self::Live => 3,
        };
        match (self, other) {
            (Self::Earlier(a), Self::Earlier(b)) | (Self::Dated(a), Self::Dated(b)) => a.cmp(b),
            (Self::Numbered(a), Self::Numbered(b)) => b.cmp(a),
            _ => rank(self).cmp(&rank(other)),
        }
    }
}

impl PartialOrd for Age {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `access.log.1`, `access.log-20261122`, `access.log.old`.
fn token_at_end(name: &str) -> Option<(String, Age)> {
    let (rest, last) = name.rsplit_once('.').unwrap_or((name, ""));
    if WORDS.contains(&last) && !rest.is_empty() {
        return Some((rest.to_owned(), Age::Earlier(last.to_owned())));
    }
    // A log per address (`192.0.2.7`) is no rotated one.
    if name.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let (live, token) = split_token(name)?;
    Some((live.to_owned(), age_of(token)))
}

/// `access-20261122.log`, `dns.00:00:00-01:00:00.log`. Short numbers do not count here: `proxy-2.log` and
/// `192.0.2.7.log` are logs of their own.
fn token_before_extension(name: &str) -> Option<(String, Age)> {
    let (root, extension) = name.rsplit_once('.')?;
    let (live, token) = split_token(root)?;
    match age_of(token) {
        age @ Age::Dated(_) => Some((format!("{live}.{extension}"), age)),
        _ => None,
    }
}

/// Splits `name` before the longest ending that looks like a number, a date or a time.
fn split_token(name: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | ':' | 'T' | 'Z');
    let tail = name.trim_end_matches(is_token).len();
    // The separator may be a dot just before the tail or any dash within it.
    let from = match name.get(..tail)?.chars().next_back() {
        Some('.') => tail - 1,
        _ => tail,
    };
    let ending = name.get(from..)?;
    let (at, _) = ending.char_indices().find(|(at, c)| {
        matches!(c, '.' | '-' | '_')
            && ending
                .get(at + 1..)
                .is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    let live = name.get(..from + at).filter(|live| !live.is_empty())?;
    Some((live, ending.get(at + 1..)?))
}

fn age_of(token: &str) -> Age {
    // Six digits and more are a date or a time stamp.
    match token.parse() {
        Ok(number) if token.len() < 6 => Age::Numbered(number),
        _ => Age::Dated(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_live_file() {
        for (name, live) in [
            ("access.log", "access.log"),
            ("access.log.1", "access.log"),
            ("access.log.12.gz", "access.log"),
            ("access.log-20261122.zst", "access.log"),
            ("access.log-20261122-1795343461", "access.log"),
            ("access.log.2026-11-22T10:00:00Z.xz", "access.log"),
            ("access-20261122.log.gz", "access.log"),
            ("dns.00:00:00-01:00:00.log.gz", "dns.log"),
            ("access.log.old", "access.log"),
            ("access.log.gz", "access.log"),
            ("querylog.json.1", "querylog.json"),
            ("squid-2", "squid"),
            // Not rotated:
            ("u_ex261123.log", "u_ex261123.log"),
            ("proxy-2.log", "proxy-2.log"),
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7.log", "192.0.2.7.log"),
            ("-1", "-1"),
            (".gz", ".gz"),
            ("é-1é", "é-1é"),
        ] {
            assert_eq!(Rotated::parse(name).live, live, "{name}");
        }
    }

    #[test]
    fn ages_order_oldest_first() {
        let mut names = [
            "a.log",
            "a.log.1",
            "a.log.10.gz",
            "a.log.2.gz",
            "a.log-20261122",
            "a.log-20261121.gz",
            "a.log.old",
        ];
        names.sort_by_key(|name| Rotated::parse(name).age);
        assert_eq!(
            names,
            [
                "a.log.old",
                "a.log-20261121.gz",
                "a.log-20261122",
                "a.log.10.gz",
                "a.log.2.gz",
                "a.log.1",
                "a.log"
            ]
        );
    }
}
