//! From a host name to the rules that speak of it.
//!
//! One hash map from names to nodes; a lookup walks the name from the whole to its last label, so that its cost
//! depends on the labels of the name and not on the number of rules, and nothing is ever matched but at a
//! label's boundary. Patterns and regular expressions hang on the node of their literal end.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::host_pattern::HostPattern;
use super::rules::Matcher;

/// A rule by its place: service, then rule of that service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) service: u32,
    pub(super) rule: u32,
}

/// How narrowly a rule speaks of a host: the exact name beats everything, then more fixed bytes beat fewer,
/// and of equally many a pattern beats a regex beats a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Specificity {
    fixed: u32,
    kind: u8,
}

impl Specificity {
    pub(super) fn of(matcher: &Matcher) -> Self {
        let (fixed, kind) = match matcher {
            Matcher::Host(_) => {
                return Self {
                    fixed: u32::MAX,
                    kind: 4,
                };
            }
            Matcher::Pattern(pattern) => (pattern.literal_len(), 3),
            // The dot before the name is fixed too.
            Matcher::Regex { within, .. } => (within.len() + 1, 2),
            Matcher::Below(name) => (name.len() + 1, 1),
            Matcher::Suffix(name) => (name.len() + 1, 0),
        };
        Self {
            fixed: u32::try_from(fixed).unwrap_or(u32::MAX - 1),
            kind,
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Node {
    exact: Vec<Slot>,
    /// Suffixes, names below, patterns and regular expressions that end here.
    open: Vec<(Specificity, Open, Slot)>,
}

/// What a rule asks of the names that end in its node's name.
#[derive(Debug, Clone)]
enum Open {
    Any,
    Below,
    Pattern(Box<HostPattern>),
    Regex(Box<regex::Regex>),
}

/// The index over one kind of rule.
#[derive(Debug, Clone, Default)]
pub(super) struct HostIndex {
    nodes: HashMap<Box<str>, Node, FixedState>,
    /// Names longer than any node's need no lookup.
    longest: usize,
}

impl HostIndex {
    pub(super) fn insert(&mut self, matcher: &Matcher, slot: Slot) {
        let key = match matcher {
            Matcher::Host(name) | Matcher::Suffix(name) | Matcher::Below(name) => name,
            Matcher::Pattern(pattern) => pattern.suffix(),
            Matcher::Regex { within, .. } => within,
        };
        self.longest = self.longest.max(key.len());
        let node = self.nodes.entry(key.into()).or_default();
        let open = match matcher {
            Matcher::Host(_) => {
                node.exact.reserve_exact(1);
                node.exact.push(slot);
                return;
            }
            Matcher::Suffix(_) => Open::Any,
            Matcher::Below(_) => Open::Below,
            Matcher::Pattern(pattern) => Open::Pattern(pattern.clone()),
            Matcher::Regex { regex, .. } => Open::Regex(regex.clone()),
        };
        // Nearly every name has one rule; room for four would be most of the index.
        node.open.reserve_exact(1);
        node.open.push((Specificity::of(matcher), open, slot));
    }

    /// The most specific rule; of equals the first inserted.
    pub(super) fn best(&self, host: &str) -> Option<Slot> {
        let mut best: Option<(Specificity, Slot)> = None;
        for (at, node) in self.walk(host) {
            if at == 0
                && let Some(slot) = node.exact.first()
            {
                return Some(*slot);
            }
            for (specificity, matcher, slot) in &node.open {
                if best.is_none_or(|(held, _)| *specificity > held) && fits(matcher, host, at) {
                    best = Some((*specificity, *slot));
                }
            }
        }
        best.map(|(_, slot)| slot)
    }

    /// Every rule that fits a host.
    pub(super) fn each<'i>(
        &'i self,
        host: &'i str,
    ) -> impl Iterator<Item = (Specificity, Slot)> + 'i {
        self.walk(host).flat_map(move |(at, node)| {
            let exact = node.exact.iter().filter(move |_| at == 0);
            let exact = exact.map(|slot| {
                (
                    Specificity {
                        fixed: u32::MAX,
                        kind: 4,
                    },
                    *slot,
                )
            });
            let open = node.open.iter();
            exact.chain(
                open.filter(move |(_, matcher, _)| fits(matcher, host, at))
                    .map(|(specificity, _, slot)| (*specificity, *slot)),
            )
        })
    }

    /// Rules that hang on the way of a host and do not fit it.
    pub(super) fn each_missed<'i>(&'i self, host: &'i str) -> impl Iterator<Item = Slot> + 'i {
        self.walk(host).flat_map(move |(at, node)| {
            let open = node.open.iter();
            open.filter(move |(_, matcher, _)| !fits(matcher, host, at))
                .map(|(_, _, slot)| *slot)
        })
    }

    /// Every name that rules are kept under, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(|name| &**name)
    }

    /// The rules kept under exactly this name.
    pub(super) fn under(&self, name: &str) -> impl Iterator<Item = Slot> + '_ {
        self.nodes.get(name).into_iter().flat_map(|node| {
            let open = node.open.iter().map(|(_, _, slot)| *slot);
            node.exact.iter().copied().chain(open)
        })
    }

    /// The nodes of a name and of all names above it, with where they begin in the name.
    fn walk<'i>(&'i self, host: &'i str) -> impl Iterator<Item = (usize, &'i Node)> + 'i {
        let first = host.len() <= self.longest;
        let start = if first {
            Some(0)
        } else {
            after_dot(host, host.len() - self.longest - 1)
        };
        std::iter::successors(start, move |at| after_dot(host, *at)).filter_map(move |at| {
            let node = self.nodes.get(host.get(at..)?)?;
            Some((at, node))
        })
    }
}

/// Where the next label begins.
fn after_dot(host: &str, at: usize) -> Option<usize> {
    let rest = host.as_bytes().get(at..)?;
    memchr::memchr(b'.', rest).map(|dot| at + dot + 1)
}

/// Whether a rule, found at the node that begins at `at`, fits the whole host.
fn fits(open: &Open, host: &str, at: usize) -> bool {
    match open {
        Open::Any => true,
        Open::Below => at > 0,
        Open::Pattern(pattern) => pattern.matches(host),
        Open::Regex(regex) => regex.is_match(host),
    }
}
