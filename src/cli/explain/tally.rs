//! What an event is tallied as, and why: asked of the detector itself, by letting it observe the event.
//!
//! The words for the reasons are ours; what is tallied is not decided here, so the two cannot disagree about that.

use std::sync::Arc;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::detect::{Detector, Settings};
use crate::identity::{Basis, Identity};
use crate::model::{
    Batch, Channel, Event, Evidence, Grade, Host, Kind, MarkKind, Outcome, Role, Sighting, Tier,
    Untrusted, unlisted_host,
};

/// One sighting, explained.
#[derive(Debug, Serialize)]
pub(super) struct Tallied {
    pub(super) service: String,
    pub(super) role: Role,
    pub(super) role_means: &'static str,
    pub(super) tier: Tier,
    pub(super) tier_basis: String,
    pub(super) channel: Channel,
    pub(super) channel_basis: String,
    /// Use, or an attempt that was blocked, or a request that failed.
    pub(super) counts_as: &'static str,
    pub(super) grade: Grade,
    pub(super) grade_basis: String,
    pub(super) prompts: u64,
    pub(super) uploads: u64,
    /// Who it is counted for, and on what basis each is called so.
    pub(super) client: Option<Named>,
    pub(super) user: Option<Named>,
    pub(super) segment: Option<String>,
}

/// A name and why it is said.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) basis: Basis,
}

impl Named {
    fn of(name: &str, basis: fn(&str) -> Basis) -> Option<Self> {
        (!name.is_empty()).then(|| Self {
            name: name.to_owned(),
            basis: basis(name),
        })
    }
}

/// What became of an event.
pub(super) struct Outcomes {
    pub(super) tallied: Option<Tallied>,
    /// Why it was not.
    pub(super) not_tallied: Option<String>,
    /// Why its host becomes a candidate; empty when it does not.
    pub(super) candidate_reasons: Vec<String>,
    /// What it tells beside that: whose account, which program, which shape.
    pub(super) told: Vec<String>,
}

/// Lets a detector observe one event.
pub(super) fn of(
    event: &Event<'_>,
    catalogue: &Arc<Catalogue>,
    identity: &Arc<Identity>,
    settings: &Settings,
) -> Outcomes {
    let mut detector = Detector::new(catalogue.clone(), identity.clone(), settings.clone());
    detector.observe(event, &Arc::from("explain"));
    let mut batch = Batch::default();
    detector.take().drain_into(&mut batch);
    let account = batch
        .marks
        .iter()
        .find(|mark| mark.kind == MarkKind::Account)
        .map(|mark| mark.value.to_string());
    let found = batch.sightings.first();
    let hint = found.filter(|sighting| unlisted_host(&sighting.key.service).is_some());
    let tallied = found.filter(|_| hint.is_none()).map(|sighting| {
        let mut tallied = explained(sighting, event, catalogue, settings);
        if let Some(account) = account {
            tallied.tier_basis = account;
        }
        tallied
    });
    let not_tallied = match (&tallied, hint) {
        (Some(_), _) => None,
        (None, Some(hint)) => Some(format!(
            "no rule fits it; its shape counts towards {}, which is an application from three requests and two \
             independent signs on",
            hint.key.service
        )),
        (None, None) => Some(why_not(event, &mut detector, catalogue, identity)),
    };
    let candidate = batch.candidates.into_iter().next();
    Outcomes {
        tallied,
        not_tallied,
        candidate_reasons: candidate.map_or_else(Vec::new, |candidate| candidate.reasons),
        told: batch
            .marks
            .iter()
            .map(|mark| format!("{} {}", mark.kind, Untrusted::from(&*mark.value).shown()))
            .collect(),
    }
}

fn explained(
    Sighting { key, tally }: &Sighting,
    event: &Event<'_>,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Tallied {
    Tallied {
        service: key.service.to_string(),
        role: key.role,
        role_means: role_means(key.role),
        tier: key.tier,
        tier_basis: tier_basis(key.tier, event, catalogue),
        channel: key.channel,
        channel_basis: channel_basis(event, catalogue),
        counts_as: match key.outcome {
            Outcome::Blocked => "a blocked attempt, counted apart from use",
            Outcome::Error => "a failed request, neither use nor attempt",
            Outcome::Allowed | Outcome::Unknown if key.role.is_defining() => "use",
            Outcome::Allowed | Outcome::Unknown => "traffic beside the use, no finding by itself",
        },
        grade: tally.grade,
        grade_basis: grade_basis(tally.grade, event, settings),
        prompts: tally.prompts,
        uploads: tally.uploads,
        client: Named::of(&key.client, Basis::of_client),
        user: Named::of(&key.user, Basis::of_user),
        segment: (!key.segment.is_empty()).then(|| key.segment.to_string()),
    }
}

const fn role_means(role: Role) -> &'static str {
    match role {
        Role::Ui => "where people use it",
        Role::Api => "where programs use it",
        Role::Download => "where the program or model comes from",
        Role::Auth => "sign-in; supports a finding",
        Role::Cdn => "static files; supports a finding",
        Role::Telemetry => "metrics; supports a finding",
        Role::Site => "marketing or documentation: a visit, no use",
        Role::Shared => "shared with much that is no AI",
    }
}

fn tier_basis(tier: Tier, event: &Event<'_>, catalogue: &Catalogue) -> String {
    let Some(host) = host_of(event) else {
        return "no host".to_owned();
    };
    let path = event.path.as_ref().map(Untrusted::bytes);
    let method = event.method.as_ref().map(Untrusted::bytes);
    let url = path.and_then(|path| catalogue.match_url(host.as_str(), path, method));
    let by_host = catalogue.match_host(host.as_str());
    if tier == Tier::Unknown {
        return match url {
            Some(url) if url.rule.signed_in => {
                "signed in, but the same for every kind of account".to_owned()
            }
            _ => "neither host nor URL tells the kind of account, and it is not guessed".to_owned(),
        };
    }
    let by_url = url.filter(|url| url.rule.tier == Some(tier));
    match (by_url, by_host) {
        (Some(url), _) => format!("by the rule {}", url.rule.text()),
        (None, Some(by_host)) => format!("by the rule {}", by_host.rule.text()),
        (None, None) => "by its signature".to_owned(),
    }
}

fn channel_basis(event: &Event<'_>, catalogue: &Catalogue) -> String {
    let Some(agent) = &event.user_agent else {
        return "no user agent to tell it by".to_owned();
    };
    match catalogue.match_user_agent(agent.bytes()) {
        Some(found) => format!("by the rule {}", found.rule.text()),
        None => "by the usual beginnings of user agents".to_owned(),
    }
}

/// The grade is given; this says what in the event earned it.
fn grade_basis(grade: Grade, event: &Event<'_>, settings: &Settings) -> String {
    let sent = event.bytes_up;
    let received = event.bytes_down;
    match grade {
        Grade::Resolved => "a name was looked up; browsers do this ahead of any use".to_owned(),
        Grade::Connected => match (sent, received) {
            (None, None) => "a connection, and nothing that shows how much went over it".to_owned(),
            (_, Some(received)) => format!(
                "{received} bytes received, fewer than the {} of more than a handshake",
                settings.exchange_bytes
            ),
            (Some(sent), None) => format!(
                "{sent} bytes sent, fewer than the {} of an upload",
                settings.upload_bytes
            ),
        },
        Grade::Exchanged => match received {
            Some(received) if received >= settings.exchange_bytes => format!(
                "{received} bytes received, at least the {} of more than a handshake",
                settings.exchange_bytes
            ),
            _ => "the proxy saw the request inside the connection, and it was answered".to_owned(),
        },
        Grade::Uploaded => format!(
            "{} bytes sent, at least the {} of an upload",
            sent.unwrap_or_default(),
            settings.upload_bytes
        ),
        Grade::Confirmed => "the URL shows the use itself".to_owned(),
    }
}

fn why_not(
    event: &Event<'_>,
    detector: &mut Detector,
    catalogue: &Catalogue,
    identity: &Identity,
) -> String {
    if event.host.is_none() {
        return "the record names no host".to_owned();
    }
    let Some(host) = host_of(event) else {
        return "its target is an address or no host name at all".to_owned();
    };
    if detector.explain(event).is_some() {
        let (name, user) = (event.client_name.as_ref(), event.user.as_ref());
        let (who, _) = identity.who(event.client, name, user, event.time);
        if who.infrastructure && event.kind == Kind::Dns {
            return "its client asks on behalf of others (identity.infrastructure)".to_owned();
        }
        let qtype = event.qtype.as_ref().map(Untrusted::shown);
        return format!(
            "a question for {} asks for no address, so it is no step towards use",
            qtype.unwrap_or_default()
        );
    }
    match catalogue.match_host(host.as_str()) {
        Some(found) if found.rule.evidence == Evidence::Weak => {
            "the evidence of its rule is weak: that makes a candidate, no finding".to_owned()
        }
        Some(found) if found.rule.role == Role::Shared => {
            "the host is shared with much that is no AI, and no URL shows a use of it".to_owned()
        }
        _ => "no rule fits it".to_owned(),
    }
}

fn host_of(event: &Event<'_>) -> Option<Host> {
    Host::parse(event.host.as_ref()?.bytes())
}
