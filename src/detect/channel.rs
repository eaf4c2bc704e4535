//! What spoke: told by the user agent, where a log has one.

use crate::catalogue::Catalogue;
use crate::model::{Channel, Event};

/// The channel of an event, and the product that the user agent names when it is an AI product's.
pub(super) fn of(catalogue: &Catalogue, event: &Event<'_>) -> (Channel, Option<String>) {
    let Some(user_agent) = &event.user_agent else {
        return (Channel::Unknown, None);
    };
    let bytes = user_agent.bytes();
    if let Some(agent) = catalogue.match_user_agent(bytes) {
        let product = agent.service.map_or_else(
            || agent.rule.prefix.to_string(),
            |service| service.name.clone(),
        );
        return (agent.rule.channel, Some(product));
    }
    (general(bytes), None)
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
