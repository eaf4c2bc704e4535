//! The columns of e2guardian's rows, in DansGuardian's order and in the "Protex" one.
//!
//! What they mean, and where the facts come from, is told in `e2guardian.rs`.

use super::clock::{Civil, Stamp, epoch, time_of_day};
use super::cursor::{Cursor, ip, number, split};

pub(super) struct Row<'a> {
    pub(super) stamp: Stamp,
    pub(super) user: &'a [u8],
    pub(super) client: &'a [u8],
    pub(super) url: &'a [u8],
    /// `*DENIED* Blocked site: claude.ai`, or `-`.
    pub(super) what: &'a [u8],
    pub(super) method: &'a [u8],
    pub(super) status: u16,
    pub(super) size: Option<u64>,
    pub(super) content_type: &'a [u8],
    pub(super) category: &'a [u8],
    pub(super) user_agent: &'a [u8],
}

impl<'a> Row<'a> {
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let first = split(record, b'\t').map_or(&b""[..], |(time, _)| time);
        let row = if (1..24).contains(&first.len()) {
            let mut columns = record.split(|b| *b == b'\t');
            match epoch(first) {
                Some(_) => Self {
                    category: protex_category(record),
                    ..Self::protex(&mut columns)?
                },
                None => Self::dansguardian(&mut columns)?,
            }
        } else if let Some(inside) = record.strip_prefix(b"\"") {
            Self::dansguardian(&mut Quoted(Some(
                inside.strip_suffix(b"\"").unwrap_or(inside),
            )))?
        } else {
            Self::blanks(record)?
        };
        row.method.iter().all(u8::is_ascii_uppercase).then_some(row)
    }

    /// `time server user client-name client url method status size type agent …`, and far behind what was blocked.
    fn protex(columns: &mut impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let time = columns.next()?;
        let _server = columns.next()?;
        let user = columns.next()?;
        let (name, client) = (columns.next()?, columns.next()?);
        let (url, method) = (columns.next()?, columns.next()?);
        let (status, size) = (columns.next()?, columns.next()?);
        let (content_type, user_agent) = (columns.next()?, columns.next()?);
        Some(Self {
            stamp: Stamp::Instant(epoch(time)?),
            user,
            client: if ip(client).is_some() { client } else { name },
            url,
            // A client could put the like into its user agent, but its own column comes last.
            what: columns
                .filter(|c| c.starts_with(b"*"))
                .last()
                .unwrap_or(b"-"),
            method,
            status: u16::try_from(number(status)?).ok()?,
            size: number(size),
            content_type,
            category: b"",
            user_agent,
        })
    }

    /// `time user client url what method size weight category group status type client-name group-name agent …`
    fn dansguardian(columns: &mut impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let time = columns.next()?;
        let (user, client) = (columns.next()?, columns.next()?);
        let (url, what) = (columns.next()?, columns.next()?);
        let method = columns.next()?;
        let tail = Tail::read(columns)?;
        Some(Self {
            stamp: dotted(time)?,
            user,
            client,
            url,
            what,
            method,
            status: tail.status,
            size: tail.size,
            content_type: tail.content_type,
            category: tail.category,
            user_agent: columns.next().unwrap_or_default(),
        })
    }

    /// The same between blanks. What was blocked holds blanks, so it ends where a method and two numbers stand.
    fn blanks(record: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(record);
        let (date, clock) = (cursor.word()?, cursor.word()?);
        let stamp = dotted(record.get(..date.len() + 1 + clock.len())?)?;
        let (user, client, url) = (cursor.word()?, cursor.word()?, cursor.word()?);
        let rest = cursor.rest();
        let (what, tail) = memchr::memchr_iter(b' ', rest).find_map(|at| {
            let (what, tail) = rest.split_at_checked(at)?;
            let mut words = tail.get(1..)?.split(|b| *b == b' ');
            let method = words.next()?;
            let is_method = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
            let numbers = number(words.next()?).is_some() && is_weight(words.next()?);
            (is_method && numbers).then_some((what, tail.get(1..)?))
        })?;
        let (method, tail) = split(tail, b' ')?;
        let (size, tail) = split(tail, b' ')?;
        let (weight, tail) = split(tail, b' ')?;
        // Names of categories may hold blanks as well: group and status, two numbers, end them.
        let (category, tail) = memchr::memchr_iter(b' ', tail).find_map(|at| {
            let (category, tail) = tail.split_at_checked(at)?;
            let mut words = tail.get(1..)?.split(|b| *b == b' ');
            (number(words.next()?).is_some() && number(words.next()?).is_some())
                .then_some((category, tail.get(1..)?))
        })?;
        let mut columns = [size, weight, category]
            .into_iter()
            .chain(tail.splitn(6, |b| *b == b' '));
        let tail = Tail::read(&mut columns)?;
        let agent = columns.next().unwrap_or_default();
        // Four columns behind the agent, none of which holds blanks.
        let agent = memchr::memrchr_iter(b' ', agent)
            .nth(3)
            .and_then(|at| agent.get(..at))
            .unwrap_or(agent);
        Some(Self {
            stamp,
            user,
            client,
            url,
            what,
            method,
            status: tail.status,
            size: tail.size,
            content_type: tail.content_type,
            category: tail.category,
            user_agent: agent,
        })
    }
}

/// What follows the method in DansGuardian's order, up to the user agent.
struct Tail<'a> {
    status: u16,
    size: Option<u64>,
    content_type: &'a [u8],
    category: &'a [u8],
}

impl<'a> Tail<'a> {
    /// `size weight category group status type client-name group-name`.
    fn read(columns: &mut impl Iterator<Item = &'a [u8]>) -> Option<Self> {
        let size = columns.next()?;
        let _weight = columns.next()?;
        let category = columns.next()?;
        let _group = columns.next()?;
        let status = columns.next()?;
        let content_type = columns.next().unwrap_or_default();
        let (_name, _group_name) = (columns.next(), columns.next());
        Some(Self {
            status: u16::try_from(number(status)?).ok()?,
            size: number(size),
            content_type,
            category,
        })
    }
}

/// The third column from the end, if no user agent held a tab.
fn protex_category(record: &[u8]) -> &[u8] {
    let is_whole = memchr::memchr_iter(b'\t', record).count() == 19;
    let mut columns = record.rsplit(|b| *b == b'\t');
    is_whole
        .then(|| columns.nth(2))
        .flatten()
        .unwrap_or_default()
}

/// A score, which exceptions make negative.
fn is_weight(word: &[u8]) -> bool {
    number(word.strip_prefix(b"-").unwrap_or(word)).is_some()
}

/// `2026.11.29 01:45:27`, in local time; DansGuardian wrote `2026.1.9 1:45:27`.
fn dotted(text: &[u8]) -> Option<Stamp> {
    let (date, clock) = split(text, b' ')?;
    let (year, rest) = split(date, b'.')?;
    let (month, day) = split(rest, b'.')?;
    let part = |digits| number(digits).and_then(|n| i64::try_from(n).ok());
    Some(Stamp::Local(Civil {
        year: (year.len() == 4).then(|| part(year))??,
        month: part(month)?,
        day: part(day)?,
        micros: time_of_day(clock)?,
    }))
}

/// Columns between `","`, which nothing escapes.
struct Quoted<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Quoted<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let Some(at) = memchr::memmem::find(rest, b"\",\"") else {
            return self.0.take();
        };
        self.0 = rest.get(at + 3..);
        rest.get(..at)
    }
}
