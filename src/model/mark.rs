//! Marks: what requests show of an application or a host beyond what a sighting counts.
//!
//! A sighting says how much and by whom; a mark says what was told beside it: whose account, which program, which shape
//! of a request, which tool. Marks are sums, so that they merge in any order, and what follows from them is judged later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::words;
use super::{Sketch, Time};

words! {
    /// What a mark tells.
    MarkKind ("mark") {
        /// Whose account it was, and which fact says so. Subject: a service.
        Account = "account",
        /// The program that spoke. Subject: a service.
        Program = "program",
        /// An AI agent at work on a host that is no AI. Subject: a host.
        Agent = "agent",
        /// A request or an answer has the shape of a model's interface. Subject: an unlisted application.
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

/// The host of an application in no signature.
#[must_use]
pub fn unlisted_host(id: &str) -> Option<&str> {
    id.strip_prefix(UNLISTED)
        .or_else(|| id.strip_prefix(UNLISTED_MCP))
}
