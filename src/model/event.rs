//! What a format understood of one record, borrowed from it.

use std::net::IpAddr;

use super::{Field, Fields, Kind, Outcome, Time, Untrusted};

/// Who reached what, how much, when, and what became of it.
///
/// `None` means "empty here" when [`Event::tells`] has the field, and "this log cannot tell" when it has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// What sort of log it comes from.
    pub kind: Kind,
    /// When, in UTC.
    pub time: Time,
    /// The fields that this record's layout can tell.
    pub tells: Fields,
    /// The asking machine.
    pub client: Option<IpAddr>,
    pub client_port: Option<u16>,
    /// The asking machine's name, where the log has one.
    pub client_name: Option<Untrusted<'a>>,
    /// The user, with quotes and escapes undone; the null markers of the format are `None`.
    pub user: Option<Untrusted<'a>>,
    /// The target as logged, without port, brackets and escapes; not yet a [`super::Host`].
    pub host: Option<Untrusted<'a>>,
    pub port: Option<u16>,
    /// From the first `/`, without query string and fragment.
    pub path: Option<Untrusted<'a>>,
    pub method: Option<Untrusted<'a>>,
    pub status: Option<u16>,
    pub outcome: Outcome,
    /// Client to server: what left the company.
    pub bytes_up: Option<u64>,
    /// Server to client.
    pub bytes_down: Option<u64>,
    pub duration_ms: Option<u64>,
    pub user_agent: Option<Untrusted<'a>>,
    /// Type of a DNS question, `A`, `HTTPS`, `TYPE65535`.
    pub qtype: Option<Untrusted<'a>>,
    /// Addresses and names that DNS answered with.
    pub answers: Vec<Untrusted<'a>>,
    /// The machine that answered or was connected to.
    pub server: Option<IpAddr>,
    pub referer_host: Option<Untrusted<'a>>,
    pub content_type: Option<Untrusted<'a>>,
    pub category: Option<Untrusted<'a>>,
    pub device: Option<Untrusted<'a>>,
    /// What the Model Context Protocol was asked for: the header `Mcp-Method`, `tools/call`.
    pub mcp_method: Option<Untrusted<'a>>,
    /// Which tool, prompt or resource it was: the header `Mcp-Name`.
    pub mcp_name: Option<Untrusted<'a>>,
    /// Which session it belongs to: the header `Mcp-Session-Id`, a secret of the two who speak.
    pub mcp_session: Option<Untrusted<'a>>,
    /// The version that they speak: the header `MCP-Protocol-Version`, `2026-07-28`.
    pub mcp_version: Option<Untrusted<'a>>,
}

impl Event<'_> {
    /// An event of this kind and time about which nothing else is known yet.
    #[must_use]
    pub fn new(kind: Kind, time: Time, tells: Fields) -> Self {
        Self {
            kind,
            time,
            tells,
            client: None,
            client_port: None,
            client_name: None,
            user: None,
            host: None,
            port: None,
            path: None,
            method: None,
            status: None,
            outcome: Outcome::Unknown,
            bytes_up: None,
            bytes_down: None,
            duration_ms: None,
            user_agent: None,
            qtype: None,
            answers: Vec::new(),
            server: None,
            referer_host: None,
            content_type: None,
            category: None,
            device: None,
            mcp_method: None,
            mcp_name: None,
            mcp_session: None,
            mcp_version: None,
        }
    }
}

impl Event<'_> {
    /// Whether this field has a value here; an outcome has one where the log says what became of it.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        let text = |text: &Option<Untrusted<'_>>| text.as_ref().is_some_and(|t| !t.is_empty());
        match field {
            Field::Client => self.client.is_some(),
            Field::ClientPort => self.client_port.is_some(),
            Field::ClientName => text(&self.client_name),
            Field::User => text(&self.user),
            Field::Host => text(&self.host),
            Field::Port => self.port.is_some(),
            Field::Path => text(&self.path),
            Field::Method => text(&self.method),
            Field::Status => self.status.is_some(),
            Field::Outcome => self.outcome != Outcome::Unknown,
            Field::BytesUp => self.bytes_up.is_some(),
            Field::BytesDown => self.bytes_down.is_some(),
            Field::DurationMs => self.duration_ms.is_some(),
            Field::UserAgent => text(&self.user_agent),
            Field::Qtype => text(&self.qtype),
            Field::Answers => !self.answers.is_empty(),
            Field::Server => self.server.is_some(),
            Field::RefererHost => text(&self.referer_host),
            Field::ContentType => text(&self.content_type),
            Field::Category => text(&self.category),
            Field::Device => text(&self.device),
            Field::McpMethod => text(&self.mcp_method),
            Field::McpName => text(&self.mcp_name),
            Field::McpSession => text(&self.mcp_session),
            Field::McpVersion => text(&self.mcp_version),
        }
    }
}

impl Event<'_> {
    /// The same event, independent of the record.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        let owned = |text: Option<Untrusted<'_>>| text.map(Untrusted::into_owned);
        Event {
            kind: self.kind,
            time: self.time,
            tells: self.tells,
            client: self.client,
            client_port: self.client_port,
            client_name: owned(self.client_name),
            user: owned(self.user),
            host: owned(self.host),
            port: self.port,
            path: owned(self.path),
            method: owned(self.method),
            status: self.status,
            outcome: self.outcome,
            bytes_up: self.bytes_up,
            bytes_down: self.bytes_down,
            duration_ms: self.duration_ms,
            user_agent: owned(self.user_agent),
            qtype: owned(self.qtype),
            answers: self
                .answers
                .into_iter()
                .map(Untrusted::into_owned)
                .collect(),
            server: self.server,
            referer_host: owned(self.referer_host),
            content_type: owned(self.content_type),
            category: owned(self.category),
            device: owned(self.device),
            mcp_method: owned(self.mcp_method),
            mcp_name: owned(self.mcp_name),
            mcp_session: owned(self.mcp_session),
            mcp_version: owned(self.mcp_version),
        }
    }
}

/// As much of an event as decides whether the rest matters: when, to which host, and what is posted there.
///
/// Given only for records that would become events and that name no program: nothing but the host, and what is asked of it,
/// can make those interesting. It holds where the host [is plain](super::is_plain_name); elsewhere it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance<'a> {
    pub time: Time,
    /// What [`Event::client`] would hold.
    pub client: IpAddr,
    /// What [`Event::host`] would hold.
    pub host: &'a [u8],
    /// What is asked for; `None` where [`Event::path`] would hold nothing.
    pub asks: Option<Asked<'a>>,
    /// What [`Event::tells`] would hold, as far as it is more than the format always tells.
    pub tells: Fields,
}

/// What a host is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What [`Event::method`] would hold.
    pub method: &'a [u8],
    /// What [`Event::path`] would hold.
    pub path: &'a [u8],
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "an event is the usual case; boxing it would allocate per line"
)]
pub enum Parsed<'a> {
    /// It was understood.
    Event(Event<'a>),
    /// It is well-formed and no event: a header, an answer line, a statistic.
    Skip(&'static str),
    /// It is not what the format promises; counted and sampled.
    Bad(&'static str),
}

impl Parsed<'_> {
    /// The same, independent of the record.
    #[must_use]
    pub fn into_owned(self) -> Parsed<'static> {
        match self {
            Self::Event(event) => Parsed::Event(event.into_owned()),
            Self::Skip(why) => Parsed::Skip(why),
            Self::Bad(why) => Parsed::Bad(why),
        }
    }
}
