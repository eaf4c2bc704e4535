//! The answer: everything that is said about one thing, in the order in which it follows.
//!
//! A host alone is explained by the DNS look-up of it, a URL by a proxy's row about it, because only an event can be
//! tallied; `assuming` says so. A log line needs no assumption.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::catalogue::{Catalogue, Considered, LeftOut, Question, RuleVerdict, Service, left_out};
use crate::cli::catalogue::naming;
use crate::cli::catalogue::view::{FactView, RuleView, ServiceView};
use crate::config::Config;
use crate::detect;
use crate::identity::Identity;
use crate::model::{
    Channel, Event, Field, Fields, Host, Kind, Outcome, Parsed, Time, UNLISTED, UNLISTED_MCP,
    Untrusted,
};
use crate::pipeline::Policy;

use super::duties::{self, DutyView, Meaning};
use super::record::RecordView;
use super::register::{self, Register};
use super::tally::{self, Tallied};
use super::thing::Thing;

/// Schema `gnomon.explain/1`.
#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    catalogue: &'a str,
    /// `host`, `url`, `user_agent`, `record` or `service`.
    pub(super) taken_for: &'static str,
    /// What was asked about, normalised and without a query string.
    pub(super) asked: String,
    pub(super) record: Option<RecordView>,
    pub(super) rules: Vec<JudgedRule<'a>>,
    pub(super) resembles: Vec<String>,
    /// Services that were perhaps meant, or are called the same.
    pub(super) similar: Vec<String>,
    /// What was judged of a name that is in no signature on purpose.
    pub(super) left_out: Option<LeftOut>,
    /// Rules on hosts below one that is in no signature itself.
    pub(super) below: Vec<String>,
    /// What a user agent alone tells.
    pub(super) channel: Option<Channel>,
    /// What had to be assumed to say how it is tallied.
    pub(super) assuming: Option<&'static str>,
    pub(super) tallied: Option<Tallied>,
    pub(super) not_tallied: Option<String>,
    pub(super) candidate_reasons: Vec<String>,
    /// What the event tells beside its tally.
    pub(super) told: Vec<String>,
    pub(super) service: Option<ServiceView<'a>>,
    pub(super) register: Option<Register>,
    pub(super) meaning: Option<Meaning<'a>>,
    pub(super) facts: Vec<FactView<'a>>,
    pub(super) duties: Vec<DutyView<'a>>,
}

/// A rule that was considered, and what became of it.
#[derive(Debug, Serialize)]
pub(super) struct JudgedRule<'a> {
    pub(super) verdict: &'static str,
    pub(super) because: String,
    pub(super) service: Option<String>,
    #[serde(flatten)]
    pub(super) rule: RuleView<'a>,
    pub(super) captures: BTreeMap<String, String>,
}

/// Puts the answer together.
pub(super) fn of<'a>(
    thing: &'a Thing<'a>,
    policy: &'a Policy,
    config: &Config,
) -> anyhow::Result<Answer<'a>> {
    let catalogue = &policy.catalogue;
    let mut answer = Answer::empty(catalogue);
    let mut service = None;
    match thing {
        Thing::Service(named, others) => {
            answer.taken_for = "service";
            answer.asked = naming::title(named);
            answer.similar = others.iter().map(|other| naming::title(other)).collect();
            service = Some(*named);
        }
        Thing::UserAgent(agent) => {
            answer.taken_for = "user_agent";
            answer.asked = String::from_utf8_lossy(agent).into_owned();
            answer.not_tallied =
                Some("a user agent alone is no event; it tells the channel of one".to_owned());
            let mut event = Event::new(Kind::Proxy, Time::default(), Fields::NONE);
            event.user_agent = Some(Untrusted::new(agent));
            answer.channel = Some(detect::channel_of(catalogue, &event));
            let question = Question::UserAgent(answer.asked.clone());
            service = answer.judge(catalogue, question);
        }
        Thing::Host(host) => {
            answer.taken_for = "host";
            answer.asked = host.to_string();
            answer.assuming = Some("a DNS log held a look-up of it");
            service = answer.judge(catalogue, Question::Host(host.clone()));
            answer.tally(&looked_up(host), catalogue, config);
        }
        Thing::Url { method, host, path } => {
            answer.taken_for = "url";
            let before = method.as_deref().map(|method| format!("{method} "));
            answer.asked = format!("{}{host}{path}", before.unwrap_or_default());
            answer.assuming =
                Some("a proxy that sees inside the connection logged it, answered with 200");
            let question = Question::Url {
                method: method.clone(),
                host: host.clone(),
                path: path.clone(),
            };
            service = answer.judge(catalogue, question);
            answer.tally(&requested(method.as_deref(), host, path), catalogue, config);
        }
        Thing::Record(reading) => {
            answer.taken_for = "record";
            answer.record = Some(reading.view());
            if let Parsed::Event(event) = &reading.parsed {
                service = answer.event(event, catalogue, config);
            }
        }
    }
    let tallied = answer.tallied.as_ref();
    let tallied = tallied.and_then(|tallied| catalogue.service(&tallied.service));
    answer.finish(tallied.or(service), policy, config);
    Ok(answer)
}

impl<'a> Answer<'a> {
    fn empty(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue: catalogue.version(),
            taken_for: "",
            asked: String::new(),
            record: None,
            rules: Vec::new(),
            resembles: Vec::new(),
            similar: Vec::new(),
            left_out: None,
            below: Vec::new(),
            channel: None,
            assuming: None,
            tallied: None,
            not_tallied: None,
            candidate_reasons: Vec::new(),
            told: Vec::new(),
            service: None,
            register: None,
            meaning: None,
            facts: Vec::new(),
            duties: Vec::new(),
        }
    }

    /// The rules about an event's target and about its user agent.
    fn event(
        &mut self,
        event: &Event<'_>,
        catalogue: &'a Arc<Catalogue>,
        config: &Config,
    ) -> Option<&'a Service> {
        let host = event.host.as_ref().and_then(|raw| Host::parse(raw.bytes()));
        let text = |text: &Untrusted<'_>| text.lossy().into_owned();
        let method = event.method.as_ref().map(text);
        let question = host.map(|host| match event.path.as_ref() {
            Some(path) => Question::Url {
                method: method.clone(),
                host,
                path: text(path),
            },
            None => Question::Host(host),
        });
        self.asked = match &question {
            Some(Question::Host(host)) => host.to_string(),
            Some(Question::Url { host, path, .. }) => {
                format!("{} {host}{path}", method.unwrap_or_default())
            }
            _ => event.host.as_ref().map(text).unwrap_or_default(),
        };
        let service = question.and_then(|question| self.judge(catalogue, question));
        if let Some(agent) = &event.user_agent {
            let agent = Question::UserAgent(text(agent));
            // What spoke is not what was spoken to.
            let _ = self.judge(catalogue, agent);
        }
        self.tally(event, catalogue, config);
        service
    }

    /// Adds the rules that were considered; returns the service that won.
    fn judge(&mut self, catalogue: &'a Catalogue, question: Question) -> Option<&'a Service> {
        if let Question::Host(host) | Question::Url { host, .. } = &question {
            self.left_out = left_out(host.as_str());
        }
        let explanation = catalogue.explain(question);
        let won = explanation
            .considered
            .iter()
            .find(|rule| rule.verdict == RuleVerdict::Won);
        let service = won.and_then(|rule| rule.service);
        self.rules
            .extend(explanation.considered.into_iter().map(judged));
        self.resembles.extend(explanation.resembles);
        service
    }

    fn tally(&mut self, event: &Event<'_>, catalogue: &Arc<Catalogue>, config: &Config) {
        // Pseudonyms would say nothing here: whoever asks has the line before them.
        // A file of names that cannot be read is for `gnomon doctor` to tell; addresses will do.
        let identity = Identity::open(&config.identity, None)
            .unwrap_or_else(|_| Identity::new(&config.identity, None));
        let identity = Arc::new(identity);
        let settings: &detect::Settings = &config.detect;
        let outcomes = tally::of(event, catalogue, &identity, settings);
        self.tallied = outcomes.tallied;
        self.not_tallied = outcomes.not_tallied;
        self.candidate_reasons = outcomes.candidate_reasons;
        self.told = outcomes.told;
    }

    /// What follows from the service that it is.
    fn finish(&mut self, service: Option<&'a Service>, policy: &'a Policy, config: &Config) {
        let Some(service) = service else {
            if self.taken_for == "host" && !self.asked.contains('.') {
                let near = naming::similar(&policy.catalogue, &self.asked);
                self.similar = near.into_iter().map(naming::title).collect();
            } else if self.taken_for == "host" {
                self.below = below(&policy.catalogue, &self.asked);
                self.register = [UNLISTED, UNLISTED_MCP]
                    .into_iter()
                    .filter_map(|start| register::of(config, &format!("{start}{}", self.asked)))
                    .find(|register| register.seen.is_some());
            }
            return;
        };
        self.service = Some(ServiceView::of(service));
        self.register = register::of(config, &service.id);
        self.meaning = duties::meaning(&policy.duties, service);
        self.facts = FactView::all(&service.facts);
        self.duties = duties::duties(&policy.duties, service);
    }
}

fn judged(considered: Considered<'_>) -> JudgedRule<'_> {
    let file = considered.service.map_or("", |service| &service.file);
    JudgedRule {
        verdict: match considered.verdict {
            RuleVerdict::Won => "won",
            RuleVerdict::Outranked => "outranked",
            RuleVerdict::Missed => "missed",
        },
        because: considered.because,
        service: considered.service.map(|service| service.id.to_string()),
        rule: RuleView::of(considered.rule, file),
        captures: considered.captures.into_iter().collect(),
    }
}

/// A few rules on hosts below a name.
fn below(catalogue: &Catalogue, name: &str) -> Vec<String> {
    let ending = format!(".{name}");
    catalogue
        .search(&ending)
        .into_iter()
        .filter(|hit| hit.found.ends_with(&ending))
        .take(5)
        .map(|hit| format!("{}, of {}", hit.found, naming::title(hit.service)))
        .collect()
}

/// The look-up of a host.
fn looked_up(host: &Host) -> Event<'_> {
    let mut event = Event::new(Kind::Dns, Time::default(), Fields::of(&[Field::Host]));
    event.host = Some(Untrusted::from(host.as_str()));
    event
}

/// The request for a URL, as a proxy that sees it logs it.
fn requested<'e>(method: Option<&'e str>, host: &'e Host, path: &'e str) -> Event<'e> {
    let tells = Fields::of(&[Field::Host, Field::Path, Field::Method, Field::Status]);
    let mut event = Event::new(Kind::Proxy, Time::default(), tells);
    event.host = Some(Untrusted::from(host.as_str()));
    event.path = Some(Untrusted::from(path));
    event.method = method.map(Untrusted::from);
    event.status = Some(200);
    event.outcome = Outcome::Allowed;
    event
}
