//! What is in a log, counted while it is written; and what a store says of it, in the same terms.
//!
//! A truth is a file of tab-separated lines that people and scripts can read as well:
//!
//! ```text
//! log     lines  events
//! row     service  client  user  hour  used  denied  failed  bytes used  bytes denied  bytes failed  first  last
//! host    day  host  hits
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// What a store calls the hosts past its cap.
const OTHER: &str = "__other__";

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Used = 0,
    Denied = 1,
    Failed = 2,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) service: Arc<str>,
    pub(crate) client: Arc<str>,
    /// Empty where the log names nobody.
    pub(crate) user: Arc<str>,
    /// Hours since 1970.
    pub(crate) hour: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sums {
    /// By fate.
    pub(crate) events: [u64; 3],
    /// Received, by fate.
    pub(crate) bytes: [u64; 3],
    /// Microseconds since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            events: [0; 3],
            bytes: [0; 3],
            first: i64::MAX,
            last: i64::MIN,
        }
    }
}

impl Sums {
    pub(crate) fn add(&mut self, fate: Fate, events: u64, bytes: u64, first: i64, last: i64) {
        self.events[fate as usize] += events;
        self.bytes[fate as usize] += bytes;
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    /// Records of the log, headers among them.
    pub(crate) lines: u64,
    /// Those that tell of somebody who went somewhere.
    pub(crate) events: u64,
    pub(crate) rows: BTreeMap<Key, Sums>,
    /// Events by day since 1970 and host.
    pub(crate) hosts: BTreeMap<(i64, Arc<str>), u64>,
}

/// What a report says of one application.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Application {
    pub(crate) used: u64,
    pub(crate) denied: u64,
    pub(crate) bytes: u64,
    pub(crate) clients: u64,
    pub(crate) users: u64,
}

impl Truth {
    pub(crate) fn matched(&self) -> u64 {
        self.rows
            .values()
            .map(|sums| sums.events.iter().sum::<u64>())
            .sum()
    }

    /// Adds another log's, read into the same store.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.lines += other.lines;
        self.events += other.events;
        for (key, sums) in &other.rows {
            self.add_row(key.clone(), sums);
        }
        for (key, hits) in &other.hosts {
            *self.hosts.entry(key.clone()).or_default() += hits;
        }
    }

    /// The same log so many times.
    pub(crate) fn multiply(&mut self, times: u64) {
        self.lines *= times;
        self.events *= times;
        for sums in self.rows.values_mut() {
            for sum in sums.events.iter_mut().chain(&mut sums.bytes) {
                *sum *= times;
            }
        }
        for hits in self.hosts.values_mut() {
            *hits *= times;
        }
    }

    /// The same with nobody named.
    pub(crate) fn without_names(&self) -> Self {
        let mut nameless = Self {
            lines: self.lines,
            events: self.events,
            rows: BTreeMap::new(),
            hosts: self.hosts.clone(),
        };
        for (key, sums) in &self.rows {
            let key = Key {
                client: "".into(),
                user: "".into(),
                ..key.clone()
            };
            nameless.add_row(key, sums);
        }
        nameless
    }

    fn add_row(&mut self, key: Key, sums: &Sums) {
        let mine = self.rows.entry(key).or_default();
        for fate in [Fate::Used, Fate::Denied, Fate::Failed] {
            let (events, bytes) = (sums.events[fate as usize], sums.bytes[fate as usize]);
            mine.add(fate, events, bytes, sums.first, sums.last);
        }
    }

    /// By service; what only failed is no application.
    pub(crate) fn applications(&self) -> BTreeMap<String, Application> {
        let mut found: BTreeMap<String, Application> = BTreeMap::new();
        let mut who: BTreeSet<(&str, bool, &str)> = BTreeSet::new();
        for (key, sums) in &self.rows {
            if sums.events[0] + sums.events[1] == 0 {
                continue;
            }
            let app = found.entry(key.service.to_string()).or_default();
            app.used += sums.events[0];
            app.denied += sums.events[1];
            app.bytes += sums.bytes[0];
            who.insert((&key.service, false, &key.client));
            if !key.user.is_empty() {
                who.insert((&key.service, true, &key.user));
            }
        }
        for (service, is_user, _) in who {
            let app = found.entry(service.to_owned()).or_default();
            *(if is_user {
                &mut app.users
            } else {
                &mut app.clients
            }) += 1;
        }
        found
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("log\t{}\t{}\n", self.lines, self.events);
        for (key, sums) in &self.rows {
            let [used, denied, failed] = sums.events;
            let [bytes_used, bytes_denied, bytes_failed] = sums.bytes;
            let _ = writeln!(
                text,
                "row\t{}\t{}\t{}\t{}\t{used}\t{denied}\t{failed}\t{bytes_used}\t{bytes_denied}\t{bytes_failed}\t{}\t{}",
                key.service, key.client, key.user, key.hour, sums.first, sums.last
            );
        }
        write_hosts(&mut text, self.hosts.iter());
        text
    }
}

/// Where a truth, as text, and what was found differ, in lines for people; `None` when nowhere.
pub(crate) fn difference(meant: &str, found: &Truth) -> Option<String> {
    apart(&within_cap(meant, found), &found.text())
}

/// Where two texts differ whose lines have no order. Those that are missing begin with `-`.
pub(crate) fn apart(meant: &str, found: &str) -> Option<String> {
    const SHOWN: usize = 10;
    let lines = |text| str::lines(text).collect::<BTreeSet<_>>();
    let (meant, found) = (lines(meant), lines(found));
    if meant == found {
        return None;
    }
    let missing: Vec<_> = meant.difference(&found).collect();
    let odd: Vec<_> = found.difference(&meant).collect();
    let mut text = format!(
        "{} lines are missing, {} are odd\n",
        missing.len(),
        odd.len()
    );
    for (sign, lines) in [("-", missing), ("+", odd)] {
        for line in lines.into_iter().take(SHOWN) {
            let _ = writeln!(text, "{sign} {line}");
        }
    }
    Some(text)
}

/// The truth as a store tells it that keeps so many hosts a day and no more: those that it has not kept are one line, and
/// must still add up.
fn within_cap(meant: &str, found: &Truth) -> String {
    let mut others: BTreeMap<i64, u64> = BTreeMap::new();
    let mut text = String::with_capacity(meant.len());
    let mut hosts = Vec::new();
    for line in meant.lines() {
        let Some((day, host, hits)) = host_line(line) else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let kept = |host: &str| found.hosts.contains_key(&(day, Arc::from(host)));
        if kept(OTHER) && !kept(host) {
            *others.entry(day).or_default() += hits;
        } else {
            hosts.push(((day, Arc::from(host)), hits));
        }
    }
    hosts.extend(
        others
            .into_iter()
            .map(|(day, hits)| ((day, OTHER.into()), hits)),
    );
    hosts.sort();
    write_hosts(&mut text, hosts.iter().map(|(key, hits)| (key, hits)));
    text
}

fn host_line(line: &str) -> Option<(i64, &str, u64)> {
    let mut fields = line.strip_prefix("host\t")?.split('\t');
    Some((
        fields.next()?.parse().ok()?,
        fields.next()?,
        fields.next()?.parse().ok()?,
    ))
}

fn write_hosts<'h>(text: &mut String, hosts: impl Iterator<Item = (&'h (i64, Arc<str>), &'h u64)>) {
    for ((day, host), hits) in hosts {
        let _ = writeln!(text, "host\t{day}\t{host}\t{hits}");
    }
}
