//! Marks: what requests show of an application or a host beyond what a sighting counts.
//!
//! A sighting says how much and by whom; a mark says what was told beside it: whose account, which program, which shape
//! of a request, which tool. Marks are sums, so that they merge in any order, and what follows from them is judged later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{Day, Sketch, Time};

words! {
    /// What a mark tells.
    MarkKind ("mark") {
        /// Whose account it was, and which fact says so. Subject: a service.
        Account = "account",
        /// The program that spoke. Subject: a service; of a client ([`CLIENT`]) the systems and browsers that it shows.
        Program = "program",
        /// An AI agent at work on a host that is no AI. Subject: a host.
        Agent = "agent",
        /// A request or an answer has the shape of a model's interface, or fetches a model. Subject: an unlisted application,
        /// or a client ([`CLIENT`]).
        Shape = "shape",
        /// A method, a tool or the life of a session of the Model Context Protocol. Subject: a service.
        Mcp = "mcp",
    }
}

/// How often something was told of a subject, from when to when, by about how many clients.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Id of a service, or a host; `__other__` past a cap.
    pub subject: Arc<str>,
    pub kind: MarkKind,
    /// A word or a sentence of ours, except the names of agents and tools, which come from logs.
    pub value: Arc<str>,
    pub events: u64,
    pub first: Time,
    pub last: Time,
    pub clients: Sketch,
}

impl Mark {
    /// The value of the mark that counts sessions of the Model Context Protocol: its sketch is of sessions.
    pub const SESSIONS: &str = "sessions";

    /// What the value begins with that names the machine which answered for an unlisted application, as a client.
    pub const SERVER: &str = "server: ";

    /// What the value begins with that names the service from which a client fetched a model.
    pub const FETCHED: &str = "fetched: ";

    /// What the value begins with that names a system and a browser that a client shows.
    pub const SYSTEM: &str = "system: ";

    /// The day, in the place of clients: marks of systems know on which of 64 days in a row they were shown.
    #[must_use]
    pub const fn on(day: Day) -> Sketch {
        Sketch(1 << day.0.rem_euclid(64))
    }

    /// The subject of the marks about the machine that this one names.
    #[must_use]
    pub fn machine(&self) -> Option<String> {
        let machine = self.value.strip_prefix(Self::SERVER)?;
        unlisted_host(&self.subject).map(|_| format!("{CLIENT}{machine}"))
    }

    /// Adds what another lot has of the same.
    pub fn merge(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.clients.0 |= other.clients.0;
    }
}

/// What the id of an application in no signature begins with; its host follows.
pub const UNLISTED: &str = "unlisted:";

/// The same for a server of the Model Context Protocol.
pub const UNLISTED_MCP: &str = "mcp:";

/// What the subject of a mark about a client begins with; the client's name follows.
pub const CLIENT: &str = "client:";

/// The host of an application in no signature.
#[must_use]
pub fn unlisted_host(id: &str) -> Option<&str> {
    id.strip_prefix(UNLISTED)
        .or_else(|| id.strip_prefix(UNLISTED_MCP))
}
