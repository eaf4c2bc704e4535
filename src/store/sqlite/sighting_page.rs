//! The sightings of one hour, packed.
//!
//! A page has a piece for each service, in order of its number: how far that is from the one before, how many bytes
//! follow, and so many bytes of rows. A row begins with a byte of flags that say what follows; what does not follow is
//! as in the row before, or nought. Rows are in the order of their keys, so that differences are small.

use super::columns::{MOST, sum};
use super::packed::{put, put_micros, put_signed, take, take_micros, take_signed};
use super::register::{grade_rank, grade_ranked};
use crate::model::{Grade, Hour, Tally, Time};

const FACET: u8 = 1;
const SEGMENT: u8 = 1 << 1;
const SOURCE: u8 = 1 << 2;
const PROMPTS: u8 = 1 << 3;
const UPLOADS: u8 = 1 << 4;
const GRADE: u8 = 1 << 5;
const BYTES: u8 = 1 << 6;

/// What a sighting is of, beside its hour: numbers of names and of a facet, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Key {
    pub(super) service: i64,
    pub(super) facet: i64,
    pub(super) client: i64,
    pub(super) user: i64,
    pub(super) segment: i64,
    pub(super) source: i64,
}

/// One sighting of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) tally: Tally,
}

impl Row {
    /// A row with counts that a column can hold.
    pub(super) fn new(key: Key, tally: &Tally) -> Self {
        let mut tally = *tally;
        for count in [
            &mut tally.events,
            &mut tally.prompts,
            &mut tally.uploads,
            &mut tally.bytes_up,
            &mut tally.bytes_down,
        ] {
            *count = (*count).min(MOST);
        }
        Self { key, tally }
    }

    fn merge(&mut self, other: &Tally) {
        let tally = &mut self.tally;
        tally.events = sum(tally.events, other.events);
        tally.prompts = sum(tally.prompts, other.prompts);
        tally.uploads = sum(tally.uploads, other.uploads);
        tally.bytes_up = sum(tally.bytes_up, other.bytes_up);
        tally.bytes_down = sum(tally.bytes_down, other.bytes_down);
        tally.first = tally.first.min(other.first);
        tally.last = tally.last.max(other.last);
        tally.grade = tally.grade.max(other.grade);
    }
}

/// Adds rows to those there are. Both are sorted; the added ones may repeat.
pub(super) fn merge(there: &[Row], added: &[Row]) -> Vec<Row> {
    let mut merged: Vec<Row> = Vec::with_capacity(there.len() + added.len());
    let mut there = there.iter().peekable();
    for one in added {
        while let Some(before) = there.next_if(|before| before.key <= one.key) {
            merged.push(*before);
        }
        match merged.last_mut() {
            Some(same) if same.key == one.key => same.merge(&one.tally),
            _ => merged.push(*one),
        }
    }
    merged.extend(there);
    merged
}

/// Packs sorted rows of an hour.
pub(super) fn pack(hour: Hour, rows: &[Row]) -> Vec<u8> {
    let start = hour.start().micros();
    let mut packed = Vec::with_capacity(rows.len() * 20);
    let mut piece = Vec::new();
    let mut last_service = 0;
    for of_service in rows.chunk_by(|a, b| a.key.service == b.key.service) {
        piece.clear();
        let mut before = Before::default();
        for row in of_service {
            before.put(start, row, &mut piece);
        }
        let service = of_service.first().map_or(0, |row| row.key.service);
        put_signed(&mut packed, service.wrapping_sub(last_service));
        put(&mut packed, piece.len() as u64);
        packed.extend_from_slice(&piece);
        last_service = service;
    }
    packed
}

/// Unpacks the rows of one service or all behind what is in `rows` already; `None` when this is no page.
pub(super) fn unpack(
    hour: Hour,
    mut packed: &[u8],
    wanted: Option<i64>,
    rows: &mut Vec<Row>,
) -> Option<()> {
    let start = hour.start().micros();
    let mut service = 0_i64;
    let mut is_first = true;
    while !packed.is_empty() {
        let next = service.wrapping_add(take_signed(&mut packed)?);
        if next <= service && !is_first {
            return None;
        }
        is_first = false;
        service = next;
        let length = usize::try_from(take(&mut packed)?).ok()?;
        let (mut piece, rest) = packed.split_at_checked(length)?;
        packed = rest;
        if wanted.is_some_and(|wanted| wanted != service) {
            continue;
        }
        let mut before = Before::default();
        while !piece.is_empty() {
            before.take(start, service, &mut piece, rows)?;
        }
    }
    Some(())
}

/// What the next row may be like.
struct Before {
    key: Option<Key>,
    grade: Grade,
}

impl Default for Before {
    fn default() -> Self {
        Self {
            key: None,
            grade: Grade::Resolved,
        }
    }
}

impl Before {
    fn put(&mut self, start: i64, row: &Row, packed: &mut Vec<u8>) {
        let Row { key, tally } = row;
        let before = self.key.unwrap_or_default();
        let says = |flag: u8, is_said: bool| if is_said { flag } else { 0 };
        let flags = says(FACET, key.facet != before.facet)
            | says(SEGMENT, key.segment != before.segment)
            | says(SOURCE, key.source != before.source)
            | says(PROMPTS, tally.prompts > 0)
            | says(UPLOADS, tally.uploads > 0)
            | says(GRADE, tally.grade != self.grade)
            | says(BYTES, tally.bytes_up > 0 || tally.bytes_down > 0);
        packed.push(flags);
        if flags & FACET != 0 {
            put_signed(packed, key.facet.wrapping_sub(before.facet));
        }
        put_signed(packed, key.client.wrapping_sub(before.client));
        put_signed(packed, key.user.wrapping_sub(key.client));
        if flags & SEGMENT != 0 {
            put_signed(packed, key.segment.wrapping_sub(before.segment));
        }
        if flags & SOURCE != 0 {
            put_signed(packed, key.source.wrapping_sub(before.source));
        }
        put(packed, tally.events);
        if flags & PROMPTS != 0 {
            put(packed, tally.prompts);
        }
        if flags & UPLOADS != 0 {
            put(packed, tally.uploads);
        }
        if flags & BYTES != 0 {
            put(packed, tally.bytes_up);
            put(packed, tally.bytes_down);
        }
        if flags & GRADE != 0 {
            put_signed(packed, grade_rank(tally.grade));
        }
        let first = tally.first.micros();
        put_micros(packed, first.wrapping_sub(start));
        put_micros(packed, tally.last.micros().wrapping_sub(first));
        self.key = Some(*key);
        self.grade = tally.grade;
    }

    fn take(
        &mut self,
        start: i64,
        service: i64,
        piece: &mut &[u8],
        rows: &mut Vec<Row>,
    ) -> Option<()> {
        let flags = take_byte(piece)?;
        let before = self.key.unwrap_or_default();
        let mut key = Key { service, ..before };
        if flags & FACET != 0 {
            key.facet = before.facet.wrapping_add(take_signed(piece)?);
        }
        key.client = before.client.wrapping_add(take_signed(piece)?);
        key.user = key.client.wrapping_add(take_signed(piece)?);
        if flags & SEGMENT != 0 {
            key.segment = before.segment.wrapping_add(take_signed(piece)?);
        }
        if flags & SOURCE != 0 {
            key.source = before.source.wrapping_add(take_signed(piece)?);
        }
        let events = take(piece)?;
        let mut if_said = |flag: u8| {
            if flags & flag != 0 {
                take(piece)
            } else {
                Some(0)
            }
        };
        let prompts = if_said(PROMPTS)?;
        let uploads = if_said(UPLOADS)?;
        let bytes_up = if_said(BYTES)?;
        let bytes_down = if_said(BYTES)?;
        if flags & GRADE != 0 {
            self.grade = grade_ranked(take_signed(piece)?)?;
        }
        let first = start.wrapping_add(take_micros(piece)?);
        let last = first.wrapping_add(take_micros(piece)?);
        let is_sound = events
            .max(prompts)
            .max(uploads)
            .max(bytes_up)
            .max(bytes_down)
            <= MOST
            && self.key.is_none_or(|before| before < key);
        if !is_sound {
            return None;
        }
        self.key = Some(key);
        rows.push(Row {
            key,
            tally: Tally {
                events,
                prompts,
                uploads,
                bytes_up,
                bytes_down,
                first: Time::from_micros(first),
                last: Time::from_micros(last),
                grade: self.grade,
            },
        });
        Some(())
    }
}

fn take_byte(piece: &mut &[u8]) -> Option<u8> {
    let (byte, rest) = piece.split_first()?;
    *piece = rest;
    Some(*byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Hour = Hour(498_240);

    fn any_rows() -> impl Strategy<Value = Vec<Row>> {
        let id = prop_oneof![0_i64..4, 0_i64..100_000, any::<i64>()];
        let key = prop::collection::vec(id, 6);
        let count = prop_oneof![Just(0), 0_u64..300, 0..=MOST];
        let counts = prop::collection::vec(count, 5);
        let time = prop_oneof![0_i64..3_600, Just(3_599_999_999), any::<i64>()];
        let row = (
            key,
            counts,
            time.clone(),
            time,
            prop::sample::select(Grade::ALL),
        );
        prop::collection::vec(row, 0..50).prop_map(|rows| {
            let mut rows: Vec<Row> = rows
                .into_iter()
                .map(|(key, counts, first, last, grade)| Row {
                    key: Key {
                        service: key[0],
                        facet: key[1],
                        client: key[2],
                        user: key[3],
                        segment: key[4],
                        source: key[5],
                    },
                    tally: Tally {
                        events: counts[0],
                        prompts: counts[1],
                        uploads: counts[2],
                        bytes_up: counts[3],
                        bytes_down: counts[4],
                        first: Time::from_micros(first),
                        last: Time::from_micros(last),
                        grade,
                    },
                })
                .collect();
            rows.sort_by_key(|row| row.key);
            rows.dedup_by_key(|row| row.key);
            rows
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_hour_comes_back_as_it_was_and_so_does_one_service_of_it(rows in any_rows()) {
            let packed = pack(HOUR, &rows);
            let mut back = Vec::new();
            prop_assert_eq!(unpack(HOUR, &packed, None, &mut back), Some(()));
            prop_assert_eq!(&back, &rows);
            if let Some(service) = rows.first().map(|row| row.key.service) {
                back.clear();
                prop_assert_eq!(unpack(HOUR, &packed, Some(service), &mut back), Some(()));
                let of_service: Vec<Row> = rows.into_iter().filter(|row| row.key.service == service).collect();
                prop_assert_eq!(back, of_service);
            }
        }

        #[test]
        fn bytes_that_are_no_page_are_refused_and_never_a_panic(
            rows in any_rows(), at in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut packed = pack(HOUR, &rows);
            if !packed.is_empty() {
                let at = at.index(packed.len());
                packed[at] = byte;
            }
            let mut back = Vec::new();
            if unpack(HOUR, &packed, None, &mut back).is_some() {
                prop_assert!(back.is_sorted_by(|a, b| a.key < b.key));
            }
        }
    }

    #[test]
    fn an_ordinary_row_takes_few_bytes_and_what_is_added_meets_what_is_there() {
        let row = |n: i64| {
            let first = HOUR.start().plus_secs(n % 3_000);
            Row {
                key: Key {
                    service: 1 + n / 500,
                    facet: 3 + n % 500 / 250,
                    client: 1_000 + 10 * (n % 250),
                    user: 1_001 + 10 * (n % 250),
                    segment: 7 + n % 2,
                    source: 9,
                },
                tally: Tally {
                    bytes_up: 5_000,
                    bytes_down: 1_000_000,
                    last: first.plus_secs(500),
                    ..Tally::of(first, Grade::Exchanged)
                },
            }
        };
        let even: Vec<Row> = (0..500).map(|n| row(2 * n)).collect();
        let odd: Vec<Row> = (0..500).map(|n| row(2 * n + 1)).collect();
        let all: Vec<Row> = (0..1_000).map(row).collect();
        assert_eq!(merge(&even, &odd), all);
        let twice = merge(&all, &even);
        assert_eq!(twice.len(), all.len());
        assert_eq!((twice[2].tally.events, twice[3].tally.events), (2, 1));
        let packed = pack(HOUR, &all);
        assert!(packed.len() < 18 * all.len(), "{}", packed.len());
    }
}
