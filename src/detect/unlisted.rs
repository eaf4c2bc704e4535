//! What one event at a host in no signature shows beside its name: the shape of a model's interface, a tool of the Model
//! Context Protocol, an agent at work.
//!
//! Only counted here. Whether a host is an application follows from all that was counted of it, in any order, and is said
//! by `govern::unlisted`. Only requests that went through count: who asks every host for every path and is refused
//! everywhere has found nothing, and shows nothing.

use std::sync::Arc;

use crate::identity::Who;
use crate::model::{
    Activity, Event, MarkKind, Outcome, Role, Tier, UNLISTED, UNLISTED_MCP, Untrusted,
};

use super::channel::Spoken;
use super::shape::{self, Shape, Sign};
use super::tables::Tables;
use super::{Channel, Found, Settings, agent as agents, grade, sighting};

/// What Ollama listens on.
const PORT_OF_OLLAMA: u16 = 11434;

/// The longest method or tool that is kept.
const LONGEST: usize = 64;

/// A request with a shape, at a host in no signature.
pub(super) struct Shown<'e> {
    id: Arc<str>,
    shape: Shape,
    channel: Channel,
    /// The AI product that spoke.
    product: Option<&'e str>,
    program: Option<&'e str>,
    is_private: bool,
}

/// The shape of an event that went through, if it has one.
pub(super) fn shown<'e>(
    event: &Event<'_>,
    host: &str,
    spoken: &'e Spoken<'_>,
) -> Option<Shown<'e>> {
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
    /// Counts it: as a sighting if it asked something of a model, and as marks.
    pub(super) fn tally(
        &self,
        tables: &mut Tables,
        settings: &Settings,
        event: &Event<'_>,
        (host, who, source): (&Arc<str>, &Who, &Arc<str>),
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
pub(super) fn agent(event: &Event<'_>, spoken: &Spoken<'_>) -> Option<String> {
    if matches!(event.outcome, Outcome::Blocked | Outcome::Error) {
        return None;
    }
    if spoken.is_at_work() {
        return spoken.product().map(str::to_owned);
    }
    let user_agent = event.user_agent.as_ref()?.bytes();
    agents::named(user_agent).map(str::to_owned)
}

/// Counts what the headers of the Model Context Protocol say, where the log has them.
pub(super) fn mcp_marks(tables: &mut Tables, event: &Event<'_>, id: &str, client: &str) {
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
}
