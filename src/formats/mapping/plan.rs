//! What a mapping's words come to: which slots make which field, and what decides the outcome.
//!
//! Everything that can be wrong with a mapping is found here, with its place in the file.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use crate::model::{Field, Fields, Kind, nearest};

use super::cells::Slot;
use super::keys::Keys;
use super::schema::{Decode, OneOrMore, OutcomeRule, Part, Place, Skip};
use super::words::{Words, kept};

macro_rules! known {
    ($($(#[$doc:meta])* $variant:ident = $name:literal => [$($field:ident),*],)+) => {
        /// What a mapping can say where to find.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Known { $($(#[$doc])* $variant,)+ }

        impl Known {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The fields of an event that it fills.
            const fn fills(self) -> Fields {
                match self { $(Self::$variant => Fields::of(&[$(Field::$field),*]),)+ }
            }
        }
    };
}

known! {
    Time = "time" => [],
    Date = "date" => [],
    Zone = "zone" => [],
    Client = "client" => [Client],
    ClientPort = "client_port" => [ClientPort],
    ClientName = "client_name" => [ClientName],
    User = "user" => [User],
    UserDomain = "user_domain" => [],
    Device = "device" => [Device],
    Host = "host" => [Host],
    Port = "port" => [Port],
    Path = "path" => [Path],
    Url = "url" => [Host, Port, Path],
    Request = "request" => [Host, Port, Path, Method],
    Method = "method" => [Method],
    Status = "status" => [Status, Outcome],
    BytesUp = "bytes_up" => [BytesUp],
    BytesDown = "bytes_down" => [BytesDown],
    DurationMs = "duration_ms" => [DurationMs],
    DurationSecs = "duration_secs" => [DurationMs],
    DurationUs = "duration_us" => [DurationMs],
    DurationNs = "duration_ns" => [DurationMs],
    UserAgent = "user_agent" => [UserAgent],
    Referer = "referer" => [RefererHost],
    ContentType = "content_type" => [ContentType],
    Category = "category" => [Category],
    Qtype = "qtype" => [Qtype],
    Rcode = "rcode" => [Outcome],
    Answers = "answers" => [Answers],
    Server = "server" => [Server],
    McpMethod = "mcp_method" => [McpMethod],
    McpName = "mcp_name" => [McpName],
    McpSession = "mcp_session" => [McpSession],
    McpVersion = "mcp_version" => [McpVersion],
}

impl Known {
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == name)
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct From {
    pub(super) slots: Vec<Slot>,
    /// What cuts it into pieces, and which piece is meant; without a number, all.
    pub(super) cut: Option<(Vec<u8>, Option<i32>)>,
    pub(super) decode: Vec<Decode>,
    /// What some values stand for.
    pub(super) words: Vec<(String, &'static str)>,
    /// Whether the value is meant otherwise than it stands.
    pub(super) is_worked: bool,
}

/// What a value means for the outcome.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) slot: Slot,
    pub(super) blocked: Words,
    pub(super) error: Words,
    pub(super) allowed: Words,
    pub(super) unknown: Words,
}

/// Records that are no events.
#[derive(Debug, Clone)]
pub(super) struct Unwanted {
    pub(super) slot: Slot,
    pub(super) values: Words,
    pub(super) why: &'static str,
}

/// How one kind of record is read.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) conditions: Vec<(Slot, Words)>,
    /// How many plans behind this one begin with the same condition.
    pub(super) alike: usize,
    from: Vec<Option<From>>,
    /// A bit for each place that leads to a slot.
    given: u64,
    pub(super) outcome: Vec<Rule>,
    pub(super) skips: Vec<Unwanted>,
    pub(super) tells: Fields,
}

impl Plan {
    pub(super) fn from(&self, known: Known) -> Option<&From> {
        self.from.get(known as usize)?.as_ref()
    }

    /// The place of a value, if a record may have one there.
    #[inline]
    pub(super) fn given(&self, known: Known) -> Option<&From> {
        if self.given >> known as u32 & 1 == 0 {
            return None;
        }
        self.from(known)
    }

    /// What can be told where only these slots are there.
    pub(super) fn tells_with(&self, has: impl Fn(Slot) -> bool) -> Fields {
        let fields = Known::ALL
            .iter()
            .filter(|known| {
                self.from(**known)
                    .is_some_and(|from| from.slots.iter().any(|slot| has(*slot)))
            })
            .fold(Fields::NONE, |fields, known| fields.union(known.fills()));
        if self.outcome.iter().any(|rule| has(rule.slot)) {
            fields.with(Field::Outcome)
        } else {
            fields
        }
    }

    /// The same for records that have only these slots: nothing is looked for that is not there.
    pub(super) fn reduced(&self, has: impl Fn(Slot) -> bool) -> Self {
        let from = self.from.iter().map(|from| {
            let mut from = from.clone();
            if let Some(from) = &mut from {
                from.slots.retain(|slot| has(*slot));
            }
            from
        });
        let from: Vec<Option<From>> = from.collect();
        let outcome = self.outcome.iter().filter(|rule| {
            let words = [&rule.blocked, &rule.error, &rule.allowed, &rule.unknown];
            has(rule.slot) || words.iter().any(|words| words.has(b""))
        });
        let skips = self.skips.iter();
        let skips = skips.filter(|skip| has(skip.slot) || skip.values.has(b""));
        Self {
            given: given(&from),
            from,
            outcome: outcome.cloned().collect(),
            skips: skips.cloned().collect(),
            conditions: self.conditions.clone(),
            ..*self
        }
    }
}

fn given(from: &[Option<From>]) -> u64 {
    const { assert!(Known::ALL.len() <= 64, "a bit for each") };
    let leads = |from: &Option<From>| from.as_ref().is_some_and(|from| !from.slots.is_empty());
    let from = from.iter().rev();
    from.fold(0, |given, from| given << 1 | u64::from(leads(from)))
}

/// Of the conditions of each plan those come first that most plans have: where that one fails, the others are not asked.
pub(super) fn sort_conditions(plans: &mut [Plan]) {
    let slots = plans.iter().flat_map(|plan| &plan.conditions);
    let slots: Vec<Slot> = slots.map(|(slot, _)| *slot).collect();
    let times = |slot: Slot| slots.iter().filter(|of| **of == slot).count();
    for plan in &mut *plans {
        plan.conditions
            .sort_by_key(|(slot, _)| Reverse(times(*slot)));
    }
    let mut behind: Option<((Slot, Words), usize)> = None;
    for plan in plans.iter_mut().rev() {
        let first = plan.conditions.first().cloned();
        plan.alike = match (&first, &behind) {
            (Some(first), Some((last, alike))) if first == last => alike + 1,
            _ => 0,
        };
        behind = first.map(|first| (first, plan.alike));
    }
}

/// What records with the same columns tell.
#[derive(Debug)]
pub(super) struct Told {
    /// By plan.
    pub(super) tells: Vec<Fields>,
    /// The plans without what these columns do not have; none where that is not known.
    pub(super) plans: Option<Vec<Plan>>,
}

/// What a table of the file says, and what the tables above it say.
pub(super) struct Draft<'f> {
    pub(super) kind: Kind,
    pub(super) conditions: &'f BTreeMap<String, OneOrMore>,
    /// The file's own, then those of the table.
    pub(super) fields: [&'f BTreeMap<Spanned<String>, Place>; 2],
    /// Those of the table, then the file's own.
    pub(super) outcome: [&'f [OutcomeRule]; 2],
    pub(super) skips: [&'f [Skip]; 2],
}

/// An error and the bytes of the file that it is about.
pub(super) type Wrong = (Range<usize>, String);

impl Draft<'_> {
    /// Gives every key a slot.
    pub(super) fn compile(&self, keys: &mut Keys) -> Result<Plan, Wrong> {
        let mut from: Vec<Option<From>> = Vec::new();
        from.resize_with(Known::ALL.len(), Option::default);
        for (name, place) in self.fields.into_iter().flatten() {
            let span = name.span();
            let known = Known::named(name.get_ref()).ok_or_else(|| unknown(name))?;
            let place = compile_place(place, keys).map_err(|why| (span, why))?;
            if let Some(slot) = from.get_mut(known as usize) {
                *slot = (!place.slots.is_empty()).then_some(place);
            }
        }
        let rule = |rule: &OutcomeRule, keys: &mut Keys| Rule {
            slot: keys.slot(&rule.field),
            blocked: Words::of(&rule.blocked),
            error: Words::of(&rule.error),
            allowed: Words::of(&rule.allowed),
            unknown: Words::of(&rule.unknown),
        };
        let outcome = self.outcome.into_iter().flatten();
        let skips = self.skips.into_iter().flatten();
        let mut plan = Plan {
            kind: self.kind,
            conditions: self
                .conditions
                .iter()
                .map(|(key, values)| (keys.slot(key), Words::of(values.list())))
                .collect(),
            alike: 0,
            given: given(&from),
            from,
            outcome: outcome.map(|given| rule(given, keys)).collect(),
            skips: skips
                .map(|skip| Unwanted {
                    slot: keys.slot(&skip.field),
                    values: Words::of(skip.values.list()),
                    why: kept(&skip.why),
                })
                .collect(),
            tells: Fields::NONE,
        };
        plan.tells = plan.tells_with(|_| true);
        Ok(plan)
    }
}

fn unknown(name: &Spanned<String>) -> Wrong {
    let names = Known::ALL.iter().map(|known| known.as_str());
    let why = match nearest(name.get_ref(), names.clone()) {
        Some(near) => format!("unknown field {:?}, did you mean {near:?}?", name.get_ref()),
        None => format!(
            "unknown field {:?}, expected one of: {}",
            name.get_ref(),
            names.collect::<Vec<_>>().join(", ")
        ),
    };
    (name.span(), why)
}

fn compile_place(place: &Place, keys: &mut Keys) -> Result<From, String> {
    let mut slots = |names: &[String]| -> Vec<Slot> {
        names
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| keys.slot(name))
            .collect()
    };
    Ok(match place {
        Place::Key(key) => From {
            slots: slots(std::slice::from_ref(key)),
            ..From::default()
        },
        Place::Keys(names) => From {
            slots: slots(names),
            ..From::default()
        },
        Place::Part(Part {
            from,
            cut,
            part,
            decode,
            words,
        }) => {
            if part == &Some(0) {
                return Err("part counts from 1, or from -1 for the last".to_owned());
            }
            if cut.as_ref().is_some_and(String::is_empty) || (cut.is_none() && part.is_some()) {
                return Err("part needs cut, the text between the parts".to_owned());
            }
            From {
                slots: slots(from.list()),
                cut: cut.as_ref().map(|cut| (cut.clone().into_bytes(), *part)),
                decode: decode.list().to_vec(),
                words: words
                    .iter()
                    .map(|(value, word)| (value.clone(), kept(word)))
                    .collect(),
                is_worked: cut.is_some() || !decode.list().is_empty() || !words.is_empty(),
            }
        }
    })
}
