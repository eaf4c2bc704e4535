//! Is a host that no signature knows an application? Judged from all its marks together, so that the order of lines, the
//! number of workers and the number of commits change nothing.
//!
//! Signs say that it speaks for a model: shapes of requests (one that hardly anything else has counts twice, those that
//! others have too count once together), answers that come bit by bit, programs that speak to nothing else, a list of
//! models, and that the machine behind it fetched a model before. Weight says that it is used: three requests, two clients,
//! answers that take long. An application has a request for a model, at least two signs, three requests and three of
//! everything together. One path on one request
//! stays a hint, a shop for cars with `/v1/models` stays silent, and a host that answers to everybody's interface for
//! one client alone was probed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Archetype, CLIENT, Mark, MarkKind, Profile, Sketch, Time, UNLISTED_MCP, unlisted_host,
};

/// What a host in no signature is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is an application, and not only a hint.
    pub is_application: bool,
    pub archetype: Archetype,
    /// Why, in sentences, the strongest first.
    pub reasons: Vec<String>,
    /// Names of the services that the machine behind it fetched a model from before.
    pub fetched_from: BTreeSet<String>,
}

const LEAST_REQUESTS: u64 = 3;
const LEAST_SIGNS: u32 = 2;
const LEAST_ALL: u32 = 3;
/// From so many families of interfaces on, asked for by one client, somebody tries out what there is.
const FAMILIES_OF_A_PROBE: usize = 4;

/// Judges every application in no signature that has marks, by id.
#[must_use]
pub fn verdicts(marks: &[Mark]) -> BTreeMap<String, Verdict> {
    let mut subjects: BTreeMap<&str, Vec<&Mark>> = BTreeMap::new();
    let mut fetches = Fetches::new();
    for mark in marks {
        if unlisted_host(&mark.subject).is_some() {
            subjects.entry(&mark.subject).or_default().push(mark);
        } else if let (Some(client), Some(hub)) = (
            mark.subject.strip_prefix(CLIENT),
            mark.value.strip_prefix(Mark::FETCHED),
        ) {
            let of_client = fetches.entry(client).or_default();
            of_client.push((hub, mark.first));
        }
    }
    subjects
        .into_iter()
        .map(|(id, marks)| (id.to_owned(), verdict(id, &marks, &fetches)))
        .collect()
}

/// Client → from where it fetched models, and since when.
type Fetches<'m> = BTreeMap<&'m str, Vec<(&'m str, Time)>>;

/// The profiles without those of hosts that are hints only.
#[must_use]
pub fn without_hints<'p>(profiles: &'p [Profile], marks: &[Mark]) -> Vec<&'p Profile> {
    let verdicts = verdicts(marks);
    let is_one = |profile: &&Profile| counts(&profile.service, &verdicts);
    profiles.iter().filter(is_one).collect()
}

/// Whether a service is in a signature, or an application without one.
#[must_use]
pub fn counts(id: &str, verdicts: &BTreeMap<String, Verdict>) -> bool {
    unlisted_host(id).is_none()
        || verdicts
            .get(id)
            .is_some_and(|verdict| verdict.is_application)
}

/// What the marks of one host add up to.
#[derive(Default)]
struct Sums<'m> {
    specific: BTreeSet<&'m str>,
    generic: BTreeSet<&'m str>,
    supporting: BTreeSet<&'m str>,
    programs: BTreeSet<&'m str>,
    requests: u64,
    clients: Sketch,
    /// Machines that answered, and when they did last.
    servers: Vec<(&'m str, Time)>,
    streams: u64,
    long: u64,
    is_private: bool,
    is_ollama_port: bool,
    mcp: u64,
}

fn verdict(id: &str, marks: &[&Mark], fetches: &Fetches<'_>) -> Verdict {
    let mut sums = Sums::default();
    for mark in marks {
        sums.add(mark);
    }
    let is_mcp = id.starts_with(UNLISTED_MCP);
    let asks = !sums.specific.is_empty() || !sums.generic.is_empty();
    let mut reasons = Vec::new();
    let mut signs = 0;
    let mut sign = |count: u32, reason: String| {
        signs += count;
        reasons.push(reason);
    };
    if !sums.specific.is_empty() {
        sign(
            2,
            format!("requests have the shape of {}", list(&sums.specific)),
        );
    }
    if !sums.generic.is_empty() {
        sign(
            1,
            format!(
                "requests have the shape of {}, which others have too",
                list(&sums.generic)
            ),
        );
    }
    if sums.mcp > 0 {
        sign(
            2,
            format!(
                "headers of the Model Context Protocol in {} requests",
                sums.mcp
            ),
        );
    }
    if sums.streams > 0 {
        sign(1, format!("{} answers came as event streams", sums.streams));
    }
    if !sums.programs.is_empty() {
        sign(1, format!("spoken to by {}", list(&sums.programs)));
    }
    if !sums.supporting.is_empty() {
        sign(1, format!("asked for {}", list(&sums.supporting)));
    }
    let fetched = sums.fetched(fetches);
    if let Some(first) = fetched.values().min() {
        let hubs: BTreeSet<&str> = fetched.keys().copied().collect();
        let since = first.day();
        sign(
            1,
            format!(
                "the machine that answers fetched a model from {} before, first on {since}",
                list(&hubs)
            ),
        );
        // It asks through the own proxies.
        sums.is_private = true;
    }
    if sums.is_ollama_port {
        sign(1, "it listens on the port of Ollama, 11434".to_owned());
    }
    let mut weight = 0;
    let mut weigh = |holds: bool, reason: String| {
        if holds {
            weight += 1;
            reasons.push(reason);
        }
    };
    let (requests, clients) = (sums.requests, sums.clients.at_least());
    weigh(
        requests >= LEAST_REQUESTS,
        format!("{requests} requests went through"),
    );
    weigh(clients >= 2, format!("by at least {clients} clients"));
    weigh(
        sums.long > 0,
        format!("{} answers took three seconds or longer", sums.long),
    );
    if sums.is_private {
        reasons.push("it is in the own network".to_owned());
    }
    let families: BTreeSet<&str> = sums
        .specific
        .iter()
        .chain(&sums.generic)
        .filter_map(|shape| shape.split(' ').next())
        .collect();
    let is_probed = families.len() >= FAMILIES_OF_A_PROBE && clients < 2;
    if is_probed {
        reasons.push("one client asked for everybody's interface: a probe".to_owned());
    }
    Verdict {
        is_application: asks
            && !is_probed
            && requests >= LEAST_REQUESTS
            && signs >= LEAST_SIGNS
            && signs + weight >= LEAST_ALL,
        archetype: match (is_mcp, sums.is_private) {
            (true, _) => Archetype::Agent,
            (false, true) => Archetype::SelfHosted,
            (false, false) => Archetype::Api,
        },
        reasons,
        fetched_from: fetched.into_keys().map(str::to_owned).collect(),
    }
}

impl<'m> Sums<'m> {
    /// From where its machines fetched models before they were last asked, and since when.
    fn fetched<'f>(&self, fetches: &Fetches<'f>) -> BTreeMap<&'f str, Time> {
        let mut found: BTreeMap<&str, Time> = BTreeMap::new();
        for (machine, asked_last) in &self.servers {
            let of_machine = fetches.get(machine).into_iter().flatten();
            for (hub, first) in of_machine.filter(|(_, first)| first < asked_last) {
                let since = found.entry(hub).or_insert(*first);
                *since = (*since).min(*first);
            }
        }
        found
    }

    fn add(&mut self, mark: &'m Mark) {
        if mark.kind == MarkKind::Mcp && mark.value.starts_with("method ") {
            self.mcp = self.mcp.saturating_add(mark.events);
        }
        if mark.kind != MarkKind::Shape {
            return;
        }
        let Some((what, said)) = mark.value.split_once(": ") else {
            return;
        };
        match (what, said) {
            ("specific" | "generic", shape) => {
                let shapes = if what == "specific" {
                    &mut self.specific
                } else {
                    &mut self.generic
                };
                shapes.insert(shape);
                self.requests = self.requests.saturating_add(mark.events);
                self.clients.0 |= mark.clients.0;
            }
            ("supporting", shape) => {
                self.supporting.insert(shape);
            }
            ("program", name) => {
                self.programs.insert(name);
            }
            ("server", machine) => self.servers.push((machine, mark.last)),
            ("answer", "event stream") => self.streams = mark.events,
            ("answer", _) => self.long = mark.events,
            ("place", "own network") => self.is_private = true,
            ("place", _) => self.is_ollama_port = true,
            _ => {}
        }
    }
}

fn list(words: &BTreeSet<&str>) -> String {
    let words: Vec<&str> = words.iter().copied().collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    const HOST: &str = "unlisted:models.example.org";

    fn marks(subject: &str, told: &[(&str, u64, &str)]) -> Vec<Mark> {
        told.iter()
            .map(|(value, events, client)| Mark {
                subject: subject.into(),
                kind: MarkKind::Shape,
                value: (*value).into(),
                events: *events,
                first: Time::from_secs(0),
                last: Time::from_secs(60),
                clients: Sketch::of_name(client.as_bytes()),
            })
            .collect()
    }

    /// Judged beside what its machine fetched, `at` so many seconds.
    fn beside(told: &[(&str, u64, &str)], machine: &str, at: i64) -> Verdict {
        let mut all = marks(HOST, told);
        let mut fetched = marks(
            &format!("{CLIENT}{machine}"),
            &[("fetched: Example Hub", 1, machine)],
        );
        fetched[0].first = Time::from_secs(at);
        all.extend(fetched);
        verdicts(&all).remove(HOST).unwrap()
    }

    fn judged(told: &[(&str, u64, &str)]) -> Verdict {
        verdicts(&marks(HOST, told)).remove(HOST).unwrap()
    }

    #[test]
    fn three_requests_that_hardly_anything_else_makes_are_an_application() {
        let found = judged(&[("specific: OpenAI chat completions", 3, "a")]);
        assert!(found.is_application);
        assert_eq!(found.archetype, Archetype::Api);
        assert!(found.reasons[0].contains("OpenAI chat completions"));
        assert!(!judged(&[("specific: OpenAI chat completions", 2, "a")]).is_application);
        let one = judged(&[
            ("specific: OpenAI chat completions", 1, "a"),
            ("answer: event stream", 1, "a"),
            ("program: OpenAI/Python", 1, "a"),
        ]);
        assert!(!one.is_application, "one path on one request is a hint");
    }

    #[test]
    fn what_others_do_too_needs_independent_signs() {
        let messages = ("generic: Anthropic messages", 500, "a");
        let chat = ("generic: Ollama chat", 500, "b");
        assert!(!judged(&[messages]).is_application);
        assert!(
            !judged(&[messages, chat]).is_application,
            "two vague shapes are one sign"
        );
        assert!(judged(&[messages, ("answer: event stream", 200, "a")]).is_application);
        let models = ("supporting: OpenAI list of models", 9_000, "a");
        assert!(!judged(&[models, ("program: OpenAI/Python", 9_000, "b")]).is_application);
    }

    #[test]
    fn a_model_that_the_machine_fetched_before_is_a_sign_and_tells_whose_network_it_is() {
        let told = [
            ("generic: OpenAI embeddings", 9, "a"),
            ("server: gpu-7", 9, "a"),
        ];
        assert!(!judged(&told).is_application);
        let found = beside(&told, "gpu-7", 30);
        assert!(found.is_application);
        assert_eq!(found.archetype, Archetype::SelfHosted);
        assert_eq!(
            found.fetched_from.iter().collect::<Vec<_>>(),
            ["Example Hub"]
        );
        let why =
            "the machine that answers fetched a model from Example Hub before, first on 1970-01-01";
        assert_eq!(found.reasons[1], why);
        for (machine, at) in [("gpu-7", 60), ("gpu-7", 90), ("gpu-71", 30)] {
            let found = beside(&told, machine, at);
            assert!(!found.is_application, "{machine} at {at}");
            assert!(found.fetched_from.is_empty());
        }
        let alone = [("supporting: OpenAI list of models", 9, "a"), told[1]];
        assert!(!beside(&alone, "gpu-7", 30).is_application);
    }

    #[test]
    fn a_host_that_one_client_asks_for_everything_was_probed() {
        let all = [
            ("specific: OpenAI chat completions", 9, "a"),
            ("generic: Anthropic messages", 9, "a"),
            ("specific: Gemini generate content", 9, "a"),
            ("specific: Bedrock model invocation", 9, "a"),
        ];
        assert!(!judged(&all).is_application);
        let mut used = all;
        used[0].2 = "b";
        assert!(judged(&used).is_application);
    }

    #[test]
    fn the_place_and_the_protocol_say_what_kind_it_is() {
        let found = judged(&[
            ("generic: Ollama chat", 3, "a"),
            ("place: own network", 3, "a"),
            ("place: port of Ollama", 3, "a"),
        ]);
        assert!(found.is_application);
        assert_eq!(found.archetype, Archetype::SelfHosted);
        let id = "mcp:tools.example.org";
        let told = [
            ("generic: MCP a message to the endpoint", 5, "a"),
            ("answer: event stream", 5, "a"),
        ];
        let found = verdicts(&marks(id, &told)).remove(id).unwrap();
        assert!(found.is_application);
        assert_eq!(found.archetype, Archetype::Agent);
    }
}
