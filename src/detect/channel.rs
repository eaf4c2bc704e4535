//! What spoke: told by the user agent, where a log has one.

use crate::catalogue::{AgentMatch, Catalogue};
use crate::model::{Channel, Event};

/// What a user agent says of itself.
pub(super) struct Spoken<'c> {
    pub(super) channel: Channel,
    /// The AI product that it names, when it names one.
    pub(super) agent: Option<AgentMatch<'c>>,
}

impl Spoken<'_> {
    /// The product's name for people.
    pub(super) fn product(&self) -> Option<&str> {
        let agent = self.agent.as_ref()?;
        Some(
            agent
                .service
                .map_or(agent.rule.prefix.trim(), |service| &service.name),
        )
    }
}

/// What spoke in an event.
pub(super) fn of<'c>(catalogue: &'c Catalogue, event: &Event<'_>) -> Spoken<'c> {
    let Some(user_agent) = &event.user_agent else {
        return Spoken {
            channel: Channel::Unknown,
            agent: None,
        };
    };
    let agent = catalogue.match_user_agent(user_agent.bytes());
    let channel = agent
        .as_ref()
        .map_or_else(|| general(user_agent.bytes()), |agent| agent.rule.channel);
    Spoken { channel, agent }
}

/// Channels of products that are no AI products themselves.
fn general(user_agent: &[u8]) -> Channel {
    const SDK: &[&[u8]] = &[
        b"python-requests/",
        b"python-httpx/",
        b"aiohttp/",
        b"Go-http-client/",
        b"okhttp/",
        b"axios/",
        b"Boto3/",
        b"aws-sdk-",
        b"node-fetch/",
        b"Java/",
        b"reqwest/",
    ];
    const CLI: &[&[u8]] = &[b"curl/", b"Wget/", b"HTTPie/"];
    const IDE: &[&[u8]] = &[b"VSCode/", b"Visual Studio", b"JetBrains", b"IntelliJ"];
    let starts = |list: &[&[u8]]| list.iter().any(|prefix| user_agent.starts_with(prefix));
    if starts(SDK) {
        Channel::Sdk
    } else if starts(CLI) {
        Channel::Cli
    } else if starts(IDE) {
        Channel::Ide
    } else if user_agent.starts_with(b"Mozilla/5.0 (") {
        Channel::Browser
    } else {
        Channel::Unknown
    }
}
