//! A sentence for each thing that deserves a look: what was seen, and what to do about it.

use ipnet::IpNet;

use crate::model::{Field, Kind, Time};
use crate::pipeline::{Count, Doubt, Survey};

use super::super::super::table::{counted, minute, percent};

/// What the sentences need to know of the configuration and the command line.
pub(super) struct Words {
    /// Name of the zone in which times without one were read.
    pub(super) zone: String,
    /// Resolvers and proxies that are known already.
    pub(super) infrastructure: Vec<IpNet>,
    /// Whether pseudonyms are on, so that no client may be named.
    pub(super) hides_names: bool,
    /// Whether the command line named the format.
    pub(super) was_named: bool,
}

impl Words {
    /// What deserves a look and is not known already.
    pub(super) fn doubts(&self, survey: &Survey) -> Vec<Doubt> {
        let is_known = |doubt: &Doubt| match doubt {
            Doubt::OneClient(client, _) => {
                self.infrastructure.iter().any(|net| net.contains(client))
            }
            _ => false,
        };
        let mut doubts = survey.doubts();
        doubts.retain(|doubt| !is_known(doubt));
        doubts
    }

    pub(super) fn sentence(&self, survey: &Survey, doubt: Doubt) -> String {
        let coverage = &survey.coverage;
        let of_events = |part: u64| percent(part, coverage.events);
        match doubt {
            Doubt::Unbalanced => "events, skipped and bad records are not all that was read; please report this".to_owned(),
            Doubt::NotRecognised => "no format that Gnomon knows fits; if you know it, name it with --format (`gnomon formats list`), or describe it in a mapping".to_owned(),
            Doubt::NoEvent => "no record is an event: is this the log of requests or look-ups, and is the product told to write them?".to_owned(),
            Doubt::NoHost => "no event names a host, and without one no service is found".to_owned(),
            Doubt::Bad => format!("{} of the records are not understood; the reasons and samples are below", percent(coverage.bad, coverage.read)),
            Doubt::Ahead(events) => format!(
                "{} in the future{}: are the times of another zone (--timezone), or is a clock wrong?",
                lie(events, coverage.events),
                until("up to", coverage.last)
            ),
            Doubt::Old(events) => format!(
                "{} more than ten years back{}: is a year or a clock wrong?",
                lie(events, coverage.events),
                until("down to", coverage.first)
            ),
            Doubt::OneClient(client, events) => {
                let client = if self.hides_names { "one address".to_owned() } else { client.to_string() };
                format!("{} of the events are of {client}: {}", of_events(events), one_client(survey))
            }
            Doubt::AddressHosts(events) => format!("{} of the hosts are addresses, and an address names no service: log the name that the client asked for (SNI, Host), or read the resolver's log as well", of_events(events)),
            Doubt::NoTime => "records have no time and count as of when the file was last written: let the product or its collector write one".to_owned(),
            Doubt::NoZone => format!("times have no zone and were read as {} (--timezone ZONE for another)", self.zone),
            Doubt::NoYear => "times have no year: it follows from when the file was last written".to_owned(),
        }
    }
}

/// `12 events (3 %) lie`.
fn lie(events: u64, of: u64) -> String {
    let verb = if events == 1 { "lies" } else { "lie" };
    let events_shown = counted(events, "event", "events");
    format!("{events_shown} ({}) {verb}", percent(events, of))
}

fn until(word: &str, time: Option<Time>) -> String {
    time.map(|time| format!(", {word} {}", minute(time)))
        .unwrap_or_default()
}

/// What a sentence is about, in a word.
pub(super) fn about(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NotRecognised => "format",
        Doubt::NoEvent => "events",
        Doubt::Unbalanced | Doubt::Bad => "records",
        Doubt::NoHost | Doubt::AddressHosts(_) => "hosts",
        Doubt::OneClient(..) => "clients",
        Doubt::Ahead(_) | Doubt::Old(_) | Doubt::NoTime => "times",
        Doubt::NoZone => "zone",
        Doubt::NoYear => "year",
    }
}

/// What it means that everybody seems to be one.
fn one_client(survey: &Survey) -> &'static str {
    if survey.is_dns() {
        return "a resolver that asks for others? Read its own log instead, and put this address into identity.infrastructure, so that nothing is counted twice";
    }
    match survey.format.as_ref().map(|format| format.kind) {
        Some(Kind::Proxy) => {
            "a load balancer or proxy in front? Let it pass on X-Forwarded-For, and log that as the client"
        }
        _ => "a gateway or proxy in front? Log where the clients are still told apart",
    }
}

/// How many events have a field.
pub(super) fn share(survey: &Survey, field: Field) -> String {
    let Count { told, present } = survey.count(field);
    let events = survey.coverage.events;
    match (told, present) {
        (0, _) if survey.is_dns() && !is_of_dns(field) => "no DNS log can tell".to_owned(),
        (0, _) => "this layout cannot tell".to_owned(),
        (_, 0) if told == events => "empty in all".to_owned(),
        (_, 0) => format!("empty in all {} that could tell", percent(told, events)),
        _ if told == events => percent(present, events),
        _ => format!(
            "{}; {} cannot tell",
            percent(present, events),
            percent(events - told, events)
        ),
    }
}

/// Whether a look-up has such a thing at all.
fn is_of_dns(field: Field) -> bool {
    !matches!(
        field,
        Field::Path | Field::Method | Field::BytesUp | Field::BytesDown | Field::UserAgent
    )
}
