//! What one event at a host in no signature shows beside its name: the shape of a model's interface, a tool of the Model
//! Context Protocol, an agent at work.
//!
//! Only counted here. Whether a host is an application follows from all that was counted of it, in any order, and is said
//! by `govern::unlisted`. Only requests that went through count: who asks every host for every path and is refused
//! everywhere has found nothing, and shows nothing.

use std::net::IpAddr;
use std::sync::Arc;

use crate::identity::Who;
use crate::model::{
    Activity, Event, Evidence, Mark, MarkKind, Outcome, Role, Tier, UNLISTED, UNLISTED_MCP,
    Untrusted,
};

use super::candidates::path_reason;
use super::channel::Spoken;
use super::hosts::Known;
use super::shape::{self, Shape, Sign};
use super::tables::Tables;
use super::{Channel, Found, Settings, agent as agents, grade, sighting};

/// What Ollama listens on.
const PORT_OF_OLLAMA: u16 = 11434;

/// The longest method or tool that is kept.
const LONGEST: usize = 64;

/// A request with a shape, at a host in no signature.
struct Shown<'e> {
    id: Arc<str>,
    shape: Shape,
    channel: Channel,
    /// The AI product that spoke.
    product: Option<&'e str>,
    program: Option<&'e str>,
    is_private: bool,
}

/// What an event that no rule finds shows.
pub(super) struct Unfound<'e> {
    /// Why it makes its host a candidate.
    reasons: Vec<String>,
    /// The agent at work there.
    agent: Option<String>,
    shown: Option<Shown<'e>>,
}

impl<'e> Unfound<'e> {
    pub(super) fn of(
        event: &Event<'_>,
        (known, host): (&Known, &str),
        spoken: &'e Spoken<'_>,
    ) -> Self {
        let rule = known.rule();
        let is_free = rule.is_none_or(|rule| rule.evidence == Evidence::Weak);
        Self {
            reasons: if is_free {
                candidate_reasons(event, known, spoken)
            } else {
                Vec::new()
            },
            agent: agent(event, spoken),
            shown: shown(event, host, spoken).filter(|_| is_free),
        }
    }

    /// The same where an address stands for the host: it is no candidate, because no signature could name it.
    pub(super) fn at_address(event: &Event<'_>, address: &str, spoken: &'e Spoken<'_>) -> Self {
        Self {
            reasons: Vec::new(),
            agent: agent(event, spoken),
            shown: shown(event, address, spoken),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.reasons.is_empty() && self.agent.is_none() && self.shown.is_none()
    }

    pub(super) fn tally(
        self,
        tables: &mut Tables,
        settings: &Settings,
        event: &Event<'_>,
        place: (&Arc<str>, Option<&str>),
        from: (&Who, &Arc<str>),
    ) {
        let ((host, _), (who, _)) = (place, from);
        if let Some(agent) = self.agent {
            let mark = (&**host, MarkKind::Agent, &*agent);
            tables.mark(event.time, mark, &who.client);
        }
        if !self.reasons.is_empty() {
            tables.candidate(event.time, host, self.reasons);
        }
        if let Some(shown) = self.shown {
            shown.tally(tables, settings, event, place, from);
        }
    }

    /// The address of the own machine that answered a request for a model: one that stands where the host would, or one
    /// of the own network that the log names.
    pub(super) fn server(&self, event: &Event<'_>, host: &str) -> Option<IpAddr> {
        self.shown.as_ref().filter(|shown| !shown.shape.is_mcp())?;
        let named = || event.server.filter(|address| shape::is_own(*address));
        host.parse().ok().or_else(named)
    }
}

/// Why an event that no rule finds makes its host a candidate; empty when it does not.
fn candidate_reasons(event: &Event<'_>, known: &Known, spoken: &Spoken<'_>) -> Vec<String> {
    let mut why = known.reasons().to_vec();
    // Who answers that there is no such thing has no such thing.
    let is_there = !matches!(event.status, Some(404 | 405 | 410 | 501));
    let allowed = event.outcome != Outcome::Blocked && event.outcome != Outcome::Error && is_there;
    if let Some(path) = event.path.as_ref().filter(|_| allowed) {
        let method = event.method.as_ref().map(Untrusted::bytes);
        why.extend(path_reason(path.bytes(), method));
    }
    // An agent or an editor at work reaches anything; a library for models reaches models.
    if let Some(product) = spoken.product().filter(|_| !spoken.is_at_work()) {
        why.push(format!("{product} spoke to it"));
    }
    why
}

/// The shape of an event that went through, if it has one.
fn shown<'e>(event: &Event<'_>, host: &str, spoken: &'e Spoken<'_>) -> Option<Shown<'e>> {
    let path = event.path.as_ref()?;
    let method = event.method.as_ref().map(Untrusted::bytes);
    let shape = shape::of(path.bytes(), method)?;
    // A line that neither posts nor names a program may be judged by its host alone, so it must not count here either.
    let is_told = shape.sign != Sign::Supporting
        || !matches!(spoken.channel, Channel::Unknown | Channel::Browser);
    if !is_told || !shape::went_through(event) {
        return None;
    }
    let start = if shape.is_mcp() {
        UNLISTED_MCP
    } else {
        UNLISTED
    };
    Some(Shown {
        id: Arc::from(format!("{start}{host}")),
        shape,
        channel: spoken.channel,
        product: spoken.product(),
        program: spoken.program(),
        is_private: shape::is_private(host, event.server),
    })
}

impl Shown<'_> {
    /// Counts it: as a sighting if it asked something of a model, and as marks. The machine that answered stands behind
    /// the host where it is known.
    fn tally(
        &self,
        tables: &mut Tables,
        settings: &Settings,
        event: &Event<'_>,
        (host, server): (&Arc<str>, Option<&str>),
        (who, source): (&Who, &Arc<str>),
    ) {
        let mut mark = |kind: MarkKind, value: &str| {
            tables.mark(event.time, (&self.id, kind, value), &who.client);
        };
        mark(MarkKind::Shape, &self.shape.text());
        if shape::is_stream(event) {
            mark(MarkKind::Shape, "answer: event stream");
        }
        if shape::is_long(event) {
            mark(MarkKind::Shape, "answer: took long");
        }
        if self.is_private {
            mark(MarkKind::Shape, "place: own network");
        }
        if event.port == Some(PORT_OF_OLLAMA) {
            mark(MarkKind::Shape, "place: port of Ollama");
        }
        if let Some(server) = server {
            mark(MarkKind::Shape, &format!("{}{server}", Mark::SERVER));
        }
        if let Some(product) = self.product {
            mark(MarkKind::Shape, &format!("program: {product}"));
        }
        if let Some(program) = self.program {
            mark(MarkKind::Program, program);
        }
        mcp_marks(tables, event, &self.id, &who.client);
        if self.shape.sign == Sign::Supporting {
            return;
        }
        tables.host(event.time, &self.id, host, Role::Api);
        let found = Found {
            service: self.id.clone(),
            role: Role::Api,
            tier: Tier::Unknown,
            account: None,
            channel: self.channel,
            program: None,
            grade: grade::of(event, Some(Activity::Api), settings),
            activity: Some(Activity::Api),
        };
        let (key, tally) = sighting(settings, event, found, who, source);
        tables.sighting(key, tally);
    }
}

/// The agent at work on a host that is no AI, unless it was stopped.
fn agent(event: &Event<'_>, spoken: &Spoken<'_>) -> Option<String> {
    if matches!(event.outcome, Outcome::Blocked | Outcome::Error) {
        return None;
    }
    if spoken.is_at_work() {
        return spoken.product().map(str::to_owned);
    }
    // Tools name their agents; browsers have none to name.
    if spoken.channel == Channel::Browser {
        return None;
    }
    let user_agent = event.user_agent.as_ref()?.bytes();
    agents::named(user_agent).map(str::to_owned)
}

/// Counts what an event that a rule found tells beside its sighting, unless it was stopped or failed.
pub(super) fn marks_of(tables: &mut Tables, event: &Event<'_>, found: &Found, client: &str) {
    if matches!(event.outcome, Outcome::Blocked | Outcome::Error) {
        return;
    }
    for (kind, value) in [
        (MarkKind::Account, &found.account),
        (MarkKind::Program, &found.program),
    ] {
        if let Some(value) = value.as_deref().filter(|_| found.role.is_defining()) {
            tables.mark(event.time, (&found.service, kind, value), client);
        }
    }
    mcp_marks(tables, event, &found.service, client);
}

/// Counts what the headers of the Model Context Protocol say, where the log has them.
fn mcp_marks(tables: &mut Tables, event: &Event<'_>, id: &str, client: &str) {
    let mut mark = |what: &str, said: Option<&Untrusted<'_>>| {
        let Some(said) = said.map(Untrusted::lossy).filter(|said| !said.is_empty()) else {
            return;
        };
        let kept: String = said.chars().take(LONGEST).collect();
        let value = format!("{what} {kept}");
        tables.mark(event.time, (id, MarkKind::Mcp, &value), client);
    };
    mark("method", event.mcp_method.as_ref());
    mark("tool", event.mcp_name.as_ref());
    mark("version", event.mcp_version.as_ref());
    // Sessions take the place of clients: how many there were can be told, which they were cannot.
    if let Some(session) = event
        .mcp_session
        .as_ref()
        .filter(|id| !id.bytes().is_empty())
    {
        tables.mark(
            event.time,
            (id, MarkKind::Mcp, Mark::SESSIONS),
            &session.lossy(),
        );
    }
}
