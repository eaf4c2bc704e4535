//! The keys that a mapping wants, and where in a record they are looked for.
//!
//! A key is a path with dots. In JSON it may be found as nested objects, as one key with dots, or in any mix of the
//! two; so a tree holds every way to cut it. Other layouts look the whole key up.

use super::cells::Slot;
use super::table::Table;

/// A place in the tree.
pub(super) type Node = u32;

/// The outermost object of a record.
pub(super) const ROOT: Node = 0;

/// A path of more dots is not cut in every way: each doubles the ways.
const MAX_FREE_DOTS: usize = 8;
/// A path of more dots is one key and nothing else.
const MAX_DOTS: usize = 64;

/// The longest key that is looked for without case.
const MAX_FOLDED: usize = 128;

/// What a key leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) slot: Option<Slot>,
    pub(super) inside: Option<Node>,
}

/// All wanted keys.
#[derive(Debug)]
pub(super) struct Keys {
    names: Vec<String>,
    nodes: Vec<Table>,
    folded: bool,
    /// Objects that may stand around what is wanted.
    around: Vec<String>,
}

impl Keys {
    /// No keys yet; `folded` compares without case.
    pub(super) fn new(folded: bool) -> Self {
        Self {
            names: Vec::new(),
            nodes: vec![Table::default()],
            folded,
            around: Vec::new(),
        }
    }

    /// Keys are looked for inside these objects, too.
    pub(super) fn also_inside(&mut self, objects: &[String]) {
        self.around = objects.to_vec();
    }

    /// Whether one key may be found in two places.
    pub(super) const fn is_aliased(&self) -> bool {
        !self.around.is_empty()
    }

    /// The slot of a key; a new one when nobody asked for it before.
    pub(super) fn slot(&mut self, name: &str) -> Slot {
        let name = if self.folded {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        };
        if let Some(at) = self.names.iter().position(|known| *known == name) {
            return slot_number(at);
        }
        let slot = slot_number(self.names.len());
        self.plant(ROOT, &name, slot);
        for object in self.around.clone() {
            self.plant(ROOT, &format!("{object}.{name}"), slot);
        }
        self.names.push(name);
        slot
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// The wanted keys, in the order of their slots.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The slots of the keys whose path begins with this one.
    pub(super) fn within(&self, key: &[u8]) -> Vec<Slot> {
        let leads = |name: &String| {
            let rest = name.as_bytes().strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with(b"."))
        };
        let slots = self.names.iter().enumerate();
        slots
            .filter(|(_, name)| leads(name))
            .map(|(at, _)| slot_number(at))
            .collect()
    }

    /// What a key means inside this place.
    #[inline]
    pub(super) fn find(&self, node: Node, key: &[u8]) -> Found {
        let table = self.nodes.get(node as usize);
        table.and_then(|table| table.get(key)).unwrap_or_default()
    }

    /// The slot of a whole key, for layouts without nesting.
    #[inline]
    pub(super) fn flat(&self, key: &[u8]) -> Option<Slot> {
        self.top(key).slot
    }

    /// What a key of the outermost object means.
    #[inline]
    pub(super) fn top(&self, key: &[u8]) -> Found {
        if !self.folded || !key.iter().any(u8::is_ascii_uppercase) {
            return self.find(ROOT, key);
        }
        self.top_folded(key)
    }

    fn top_folded(&self, key: &[u8]) -> Found {
        let mut lower = [0; MAX_FOLDED];
        match lower.get_mut(..key.len()) {
            Some(lower) => {
                lower.copy_from_slice(key);
                lower.make_ascii_lowercase();
                self.find(ROOT, lower)
            }
            None => Found::default(),
        }
    }

    fn plant(&mut self, node: Node, path: &str, slot: Slot) {
        self.set(node, path, |found| found.slot = Some(slot));
        let cuts = match path.matches('.').count() {
            dots if dots <= MAX_FREE_DOTS => dots,
            dots if dots <= MAX_DOTS => 1,
            _ => 0,
        };
        for (at, _) in path.match_indices('.').take(cuts) {
            let (Some(head), Some(tail)) = (path.get(..at), path.get(at + 1..)) else {
                continue;
            };
            if head.is_empty() || tail.is_empty() {
                continue;
            }
            let inside = match self.find(node, head.as_bytes()).inside {
                Some(inside) => inside,
                None => {
                    let inside = Node::try_from(self.nodes.len()).unwrap_or(Node::MAX);
                    self.nodes.push(Table::default());
                    self.set(node, head, |found| found.inside = Some(inside));
                    inside
                }
            };
            self.plant(inside, tail, slot);
        }
    }

    fn set(&mut self, node: Node, key: &str, change: impl FnOnce(&mut Found)) {
        if let Some(table) = self.nodes.get_mut(node as usize) {
            table.set(key.as_bytes(), change);
        }
    }
}

fn slot_number(at: usize) -> Slot {
    Slot::try_from(at).unwrap_or(Slot::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_however_it_is_cut() {
        let mut keys = Keys::new(false);
        let slot = keys.slot("dns.question.name");
        let walk = |steps: &[&str]| {
            steps.iter().fold(
                Found {
                    slot: None,
                    inside: Some(ROOT),
                },
                |found, step| keys.find(found.inside.unwrap(), step.as_bytes()),
            )
        };
        for steps in [
            &["dns.question.name"][..],
            &["dns", "question", "name"],
            &["dns.question", "name"],
            &["dns", "question.name"],
        ] {
            assert_eq!(walk(steps).slot, Some(slot), "{steps:?}");
        }
        assert_eq!(walk(&["dns", "question"]).slot, None);
        assert_eq!(walk(&["name"]), Found::default());
    }

    #[test]
    fn a_path_of_many_dots_costs_no_more_than_it_should() {
        let mut keys = Keys::new(false);
        for dots in [60, 200, 100_000] {
            keys.slot(&vec!["a"; dots].join("."));
            keys.slot(&format!("a{}b", ".".repeat(dots)));
        }
        assert!(keys.nodes.len() < 1_000, "{}", keys.nodes.len());
    }

    #[test]
    fn a_key_has_one_slot() {
        let mut keys = Keys::new(true);
        assert_eq!(keys.slot("cs(User-Agent)"), keys.slot("CS(user-agent)"));
        assert_eq!(keys.flat(b"CS(User-Agent)"), Some(0));
        assert_eq!(keys.count(), 1);
    }
}
