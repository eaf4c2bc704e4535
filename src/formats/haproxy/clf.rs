//! `option httplog clf`: the common log format, HAProxy's own fields behind it and captures at the end.
//!
//! `IP - - [TIME] "REQUEST" STATUS BYTES "" "" PORT MS "FRONTEND" "BACKEND" "SERVER" TR TW TC TR TA STATE AC FC BC SC RC SQ BQ
//! "COOKIE" "COOKIE" "captures"…`, from src/log.c and seen in HAProxy 2.6. The two empty strings are where others have
//! referrer and user agent. Request and response captures stand in one row; request captures come first.

use crate::formats::clf_line::{self, Line};
use crate::formats::cursor::{Cursor, number, port};
use crate::model::{Event, Field, Kind};

use super::captures::Captured;
use super::{HTTP_TELLS, HttpTail, result, set_client, set_target};

pub(super) struct Row<'a> {
    line: Line<'a>,
    client: &'a [u8],
    port: &'a [u8],
    duration: &'a [u8],
    state: &'a [u8],
    captures: &'a [u8],
}

impl<'a> Row<'a> {
    pub(super) fn read(record: &'a [u8]) -> Option<Self> {
        let line = Line::read(record)?;
        let client = line.before.strip_suffix(b" - -")?;
        memchr::memchr(b' ', client).is_none().then_some(())?;
        let rest = line.rest.strip_prefix(b"\"\" \"\" ")?;
        let mut cursor = Cursor::new(rest);
        let (port, _millis) = (cursor.word()?, cursor.word()?);
        let mut rest = cursor.rest();
        for _ in 0..3 {
            rest = clf_line::quoted(rest)?.1;
        }
        let mut cursor = Cursor::new(rest);
        for _ in 0..4 {
            let _timer = cursor.word()?;
        }
        let duration = cursor.word()?;
        let state = bare(cursor.word()?);
        for _ in 0..7 {
            number(cursor.word()?)?;
        }
        result::is_state(state).then_some(())?;
        let mut captures = cursor.rest();
        // Both cookies.
        for _ in 0..2 {
            captures = clf_line::quoted(captures).map_or(captures, |(_, rest)| rest);
        }
        Some(Self {
            line,
            client,
            port,
            duration,
            state,
            captures,
        })
    }

    pub(super) fn event(&self) -> Event<'a> {
        let mut event = Event::new(Kind::Proxy, self.line.time, HTTP_TELLS);
        let request = clf_line::request(self.line.request);
        let captured = Captured::of(Quoted(self.captures));
        let tail = HttpTail {
            has_captures: captured != Captured::default(),
            captured,
            method: request.map(|(method, _)| method),
            url: request.map(|(_, url)| url),
            server_name: None,
        };
        event.status = self.line.status;
        set_client(&mut event, self.client);
        event.client_port = port(self.port);
        event.bytes_down = self.line.bytes;
        event.duration_ms = number(super::unsigned(self.duration));
        set_target(&mut event, &tail, self.state);
        if !self.captures.is_empty() {
            event.tells = event.tells.with(Field::UserAgent);
        }
        event
    }
}

/// Quoted values up to the first thing that is none.
struct Quoted<'a>(&'a [u8]);

impl<'a> Iterator for Quoted<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let (value, rest) = clf_line::quoted(self.0)?;
        self.0 = rest;
        Some(value)
    }
}

fn bare(word: &[u8]) -> &[u8] {
    word.strip_prefix(b"\"")
        .and_then(|word| word.strip_suffix(b"\""))
        .unwrap_or(word)
}
