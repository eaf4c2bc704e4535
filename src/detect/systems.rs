//! The system and the browser that a client shows: several of them on one day are several machines behind one address.
//!
//! Browsers write their system into a user agent in a form that they all keep; versions, which change every few weeks,
//! are left out. What programs say of themselves is no browser's and says nothing here. Anybody can write anything: who
//! shows many systems is called shared, and keeps the address.

use memchr::memmem;

use crate::model::{CLIENT, Event, Mark, MarkKind};

use super::tables::Tables;

/// Systems by what stands for them between the first brackets; the first that fits, because Android says Linux too.
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows NT", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// Browsers by what they append; the first that fits, because each imitates those behind it.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Notes what a client shows on the day of an event.
pub(super) fn mark(tables: &mut Tables, event: &Event<'_>, client: &str) {
    let user_agent = event.user_agent.as_ref();
    let Some((system, browser)) = user_agent.and_then(|text| shown(text.bytes())) else {
        return;
    };
    if !client.is_empty() {
        let subject = format!("{CLIENT}{client}");
        let value = format!("{}{system}, {browser}", Mark::SYSTEM);
        let days = Mark::on(event.time.day());
        tables.mark_of(event.time, (&subject, MarkKind::Program, &value), days);
    }
}

fn shown(user_agent: &[u8]) -> Option<(&'static str, &'static str)> {
    let rest = user_agent.strip_prefix(b"Mozilla/5.0 (")?;
    let end = memchr::memchr(b')', rest)?;
    let (system, browser) = rest.split_at_checked(end)?;
    let among = |list: &[(&str, &'static str)], text: &[u8]| {
        let fits =
            |(sign, _): &&(&str, &'static str)| memmem::find(text, sign.as_bytes()).is_some();
        list.iter().find(fits).map(|(_, name)| *name)
    };
    Some((among(SYSTEMS, system)?, among(BROWSERS, browser)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_shows_its_system_and_a_program_none() {
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        for (user_agent, expected) in [
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Edg/142.0.0.0"),
                ("Windows", "Edge"),
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 16; K) {chrome}"),
                ("Android", "Chrome"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                ("Linux", "Firefox"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/26.1 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                ("iOS", "Safari"),
            ),
        ] {
            assert_eq!(shown(user_agent.as_bytes()), Some(expected), "{user_agent}");
        }
        for user_agent in [
            "OpenAI/Python 2.8.1",
            "Mozilla/5.0 (compatible; Bot/1.0)",
            "Mozilla/5.0 (Windows NT 10.0",
            "x (Windows NT 10.0) Chrome/1",
            "",
        ] {
            assert_eq!(shown(user_agent.as_bytes()), None, "{user_agent}");
        }
    }
}
