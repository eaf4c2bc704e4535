//! Connections to Tinyproxy: who opened them, and what they asked for.
//!
//! Joins what several lines say of one request. As many are remembered as a large Tinyproxy serves at a time; the oldest is
//! forgotten first. Which line says what is told in `tinyproxy.rs`.

use std::net::IpAddr;

use crate::model::{Event, Field, Fields, Kind, Outcome, Time, Untrusted};

use super::target::Target;

/// What a log at level Connect can tell.
pub(super) const TELLS: Fields = Fields::of(&[
    Field::Client,
    Field::Host,
    Field::Port,
    Field::Path,
    Field::Method,
    Field::Outcome,
]);

/// Tinyproxy serves 100 clients at a time unless told otherwise.
const CONNECTIONS: usize = 1024;

/// The connections that are known, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Connections(Vec<Connection>);

#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) process: u64,
    pub(super) descriptor: u64,
    pub(super) client: Option<IpAddr>,
    pub(super) client_name: Option<Vec<u8>>,
    pub(super) request: Option<Request>,
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) time: Time,
    pub(super) method: Vec<u8>,
    pub(super) url: Vec<u8>,
    /// Whether it became an event already.
    pub(super) is_told: bool,
}

impl Connections {
    /// The latest such connection.
    pub(super) fn find(&self, is_it: impl Fn(&Connection) -> bool) -> Option<usize> {
        self.0.iter().rposition(is_it)
    }

    /// The connection with these numbers; one that the log did not open has no client.
    pub(super) fn of(&mut self, process: u64, descriptor: u64) -> usize {
        self.find(|c| c.is(process, descriptor)).unwrap_or_else(|| {
            self.keep(Connection {
                process,
                descriptor,
                ..Connection::default()
            })
        })
    }

    pub(super) fn keep(&mut self, connection: Connection) -> usize {
        if self.0.len() >= CONNECTIONS {
            self.0.remove(0);
        }
        self.0.push(connection);
        self.0.len() - 1
    }

    /// Notes what this connection asks for.
    pub(super) fn ask(&mut self, at: usize, request: Request) {
        if let Some(connection) = self.0.get_mut(at) {
            connection.request = Some(request);
        }
    }

    /// The event of what this connection asked for, unless it was told before.
    pub(super) fn tell(&mut self, at: usize, outcome: Outcome) -> Option<Event<'static>> {
        let connection = self.0.get_mut(at)?;
        let event = connection.event(outcome).filter(|_| connection.waits());
        if let Some(request) = &mut connection.request {
            request.is_told = true;
        }
        event
    }

    /// The event of a refusal, also of a request that was told when nobody knew.
    pub(super) fn refuse(&mut self, at: usize) -> Option<Event<'static>> {
        let connection = self.0.get_mut(at)?;
        let event = connection.event(Outcome::Blocked);
        connection.request = None;
        event
    }

    /// What still waits: nothing said what became of it.
    pub(super) fn finish(&mut self) -> Vec<Event<'static>> {
        let waiting = self.0.drain(..).filter(Connection::waits);
        waiting
            .filter_map(|connection| connection.event(Outcome::Unknown))
            .collect()
    }

    /// Forgets a connection. What waited on it is told: had it gone anywhere, a line would have said so.
    pub(super) fn close(&mut self, process: u64, descriptor: u64) -> Option<Event<'static>> {
        let at = self.find(|c| c.is(process, descriptor))?;
        let event = self.tell(at, Outcome::Error);
        self.0.remove(at);
        event
    }
}

impl Connection {
    fn is(&self, process: u64, descriptor: u64) -> bool {
        self.process == process && self.descriptor == descriptor
    }

    pub(super) fn waits(&self) -> bool {
        self.request
            .as_ref()
            .is_some_and(|request| !request.is_told)
    }

    pub(super) fn target(&self) -> Target<'_> {
        self.request
            .as_ref()
            .map(|request| Target::of(&request.method, &request.url))
            .unwrap_or_default()
    }

    pub(super) fn goes_to(&self, host: Option<&[u8]>, or_told: bool) -> bool {
        let same = |a: &[u8]| host.is_some_and(|b| a.eq_ignore_ascii_case(b));
        (or_told || self.waits()) && self.target().host.is_some_and(same)
    }

    fn event(&self, outcome: Outcome) -> Option<Event<'static>> {
        let request = self.request.as_ref()?;
        let mut event = Event::new(Kind::Proxy, request.time, TELLS);
        event.client = self.client;
        if let Some(name) = &self.client_name {
            event.client_name = Some(Untrusted::rebuilt(name.clone()));
            event.tells = event.tells.with(Field::ClientName);
        }
        let target = Target::of(&request.method, &request.url);
        event.host = target.host_text().map(Untrusted::into_owned);
        event.port = target.port;
        event.path = target.path_text().map(Untrusted::into_owned);
        event.method = Some(Untrusted::rebuilt(request.method.clone()));
        event.outcome = outcome;
        Some(event)
    }
}
