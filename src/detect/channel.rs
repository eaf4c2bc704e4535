//! What spoke: told by the user agent, where a log has one.

use crate::catalogue::{AgentMatch, Catalogue};
use crate::model::{Channel, Event};

/// What a user agent says of itself.
pub(super) struct Spoken<'c> {
    pub(super) channel: Channel,
    /// The AI product that it names, when it names one.
    pub(super) agent: Option<AgentMatch<'c>>,
    /// What a program that is no AI product is called.
    ordinary: Option<&'static str>,
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

    /// The program's name for people, whether it is an AI product or not.
    pub(super) fn program(&self) -> Option<&str> {
        self.product()
            .or(self.ordinary)
            .map(|name| name.trim_end_matches('/'))
    }

    /// Whether it is an AI product that works on its own or beside a developer: not a library, not a browser.
    pub(super) fn is_at_work(&self) -> bool {
        self.agent
            .as_ref()
            .is_some_and(|agent| agent.service.is_some())
            && matches!(self.channel, Channel::Agent | Channel::Cli | Channel::Ide)
    }
}

/// What spoke in an event.
pub(super) fn of<'c>(catalogue: &'c Catalogue, event: &Event<'_>) -> Spoken<'c> {
    let Some(user_agent) = &event.user_agent else {
        return Spoken {
            channel: Channel::Unknown,
            agent: None,
            ordinary: None,
        };
    };
    let agent = catalogue.match_user_agent(user_agent.bytes());
    let (channel, ordinary) = match &agent {
        Some(agent) => (agent.rule.channel, None),
        None => general(user_agent.bytes()),
    };
    Spoken {
        channel,
        agent,
        ordinary,
    }
}

/// Channels of products that are no AI products themselves.
fn general(user_agent: &[u8]) -> (Channel, Option<&'static str>) {
    const SDK: &[&str] = &[
        "python-requests/",
        "python-httpx/",
        "aiohttp/",
        "Go-http-client/",
        "okhttp/",
        "axios/",
        "Boto3/",
        "aws-sdk-",
        "node-fetch/",
        "Java/",
        "reqwest/",
    ];
    const CLI: &[&str] = &["curl/", "Wget/", "HTTPie/"];
    const IDE: &[&str] = &["VSCode/", "Visual Studio", "JetBrains", "IntelliJ"];
    for (channel, prefixes) in [
        (Channel::Sdk, SDK),
        (Channel::Cli, CLI),
        (Channel::Ide, IDE),
    ] {
        let fits = |prefix: &&&str| user_agent.starts_with(prefix.as_bytes());
        if let Some(prefix) = prefixes.iter().find(fits) {
            return (channel, Some(prefix));
        }
    }
    if user_agent.starts_with(b"Mozilla/5.0 (") {
        (Channel::Browser, None)
    } else {
        (Channel::Unknown, None)
    }
}
