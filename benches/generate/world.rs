//! Who there is and what they can reach: people, ordinary hosts, and hosts that rules are about.
//!
//! Every rule is a suffix under `.example` or a path on one of the first ordinary hosts; ordinary hosts are all under
//! `.test` but for those that only look like one of a rule. So whose a host is follows from how it was made, and not
//! from a matcher that could be wrong in the same way as the one that is checked.

use std::collections::HashSet;
use std::sync::Arc;

use super::Plan;
use super::chance::{Chance, Slope, Zipf};
use super::names::{self, NO_WORD};

/// Ordinary hosts with a service behind one path.
pub(crate) const FEATURES: usize = 8;
/// The path, and one that only begins with the same letters.
pub(crate) const FEATURE_PATH: &str = "/assist";
pub(crate) const LOOK_ALIKE_PATH: &str = "/assistants";

/// How many overlay files the services are spread over.
pub(crate) const FILES: usize = 32;

pub(crate) struct World {
    pub(crate) services: Vec<Service>,
    pub(crate) people: Vec<Person>,
    /// Ordinary hosts, the most visited first; the first few have a feature each.
    pub(crate) hosts: Vec<Host>,
    /// Hosts that a suffix rule is about.
    pub(crate) ruled: Vec<Host>,
    /// The services of the paths, one for each of the first hosts.
    pub(crate) features: Vec<usize>,
    pub(crate) host_ranks: Zipf,
    pub(crate) ruled_ranks: Zipf,
    pub(crate) people_ranks: Zipf,
}

pub(crate) struct Service {
    pub(crate) id: Arc<str>,
    /// Which overlay file it stands in.
    pub(crate) file: usize,
    pub(crate) suffixes: Vec<Suffix>,
    /// The host whose path it is.
    pub(crate) feature_of: Option<String>,
}

pub(crate) struct Suffix {
    pub(crate) name: String,
    pub(crate) role: &'static str,
}

pub(crate) struct Person {
    pub(crate) client: Arc<str>,
    pub(crate) user: Arc<str>,
}

pub(crate) struct Host {
    pub(crate) name: Arc<str>,
    pub(crate) server: String,
    /// Index of the service whose host it is.
    pub(crate) service: Option<usize>,
}

impl World {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut chance = Chance::new(plan.seed);
        let mut services = Vec::new();
        let mut ruled = Vec::new();
        for suffix in rules(plan.rules, &mut services, &mut chance) {
            let name = beneath(&suffix.0, &mut chance);
            ruled.push(Host {
                name: name.into(),
                server: names::server(ruled.len()),
                service: Some(suffix.1),
            });
        }
        // The order in which they were made puts the hosts of one vendor next to each other.
        shuffle(&mut ruled, &mut chance);
        let hosts = ordinary(plan.hosts, &ruled, &mut chance);
        let features = hosts
            .iter()
            .take(FEATURES)
            .enumerate()
            .map(|(at, host)| {
                services.push(Service {
                    id: format!("bench{:02}.{NO_WORD}feature{at}", at % FILES).into(),
                    file: at % FILES,
                    suffixes: Vec::new(),
                    feature_of: Some(host.name.to_string()),
                });
                services.len() - 1
            })
            .collect();
        let people: Vec<Person> = (0..plan.people)
            .map(|number| Person {
                client: names::client(number).into(),
                user: names::user(&mut chance, number).into(),
            })
            .collect();
        Self {
            host_ranks: Zipf::new(hosts.len(), Slope::Steep),
            ruled_ranks: Zipf::new(ruled.len(), Slope::Steep),
            people_ranks: Zipf::new(people.len(), Slope::Gentle),
            services,
            people,
            hosts,
            ruled,
            features,
        }
    }
}

/// Three rules for each vendor. Of every fourth the API is a service of its own, beneath the other's suffix.
fn rules(count: usize, services: &mut Vec<Service>, chance: &mut Chance) -> Vec<(String, usize)> {
    let mut made = Vec::with_capacity(count + 2);
    let mut words = HashSet::new();
    while made.len() < count {
        let syllables = 3 + chance.below(2);
        let word = names::word(chance, syllables);
        if !words.insert(word.clone()) {
            continue;
        }
        let file = words.len() % FILES;
        let chat = services.len();
        let api = chat + usize::from(words.len().is_multiple_of(4));
        let mut add = |name: String, role, service: usize, words: &str| {
            if service == services.len() {
                services.push(Service {
                    id: format!("bench{file:02}.{words}").into(),
                    file,
                    suffixes: Vec::new(),
                    feature_of: None,
                });
            }
            made.push((name.clone(), service));
            services[service].suffixes.push(Suffix { name, role });
        };
        add(format!("{word}.example"), "ui", chat, &word);
        add(format!("{word}-files.example"), "ui", chat, &word);
        let models = format!("{word}-models");
        add(format!("api.{word}.example"), "api", api, &models);
    }
    made
}

/// A host that a suffix matches: itself, a server or something deep below it. What is one label below a vendor's
/// suffix is never `api`, which is a suffix too.
fn beneath(suffix: &str, chance: &mut Chance) -> String {
    match chance.below(8) {
        0..=3 => suffix.to_owned(),
        4 => format!("www.{suffix}"),
        5 => format!("{:04x}.eu.{suffix}", chance.next() >> 48),
        6 => format!("{}.{suffix}", chance.pick(&["chat", "ws", "auth", "files"])),
        _ => format!("t{:05}.{suffix}", chance.below(100_000)),
    }
}

fn ordinary(count: usize, ruled: &[Host], chance: &mut Chance) -> Vec<Host> {
    let domains: Vec<String> = (0..count / 4 + 1).map(|_| names::domain(chance)).collect();
    let mut seen = HashSet::new();
    let mut hosts = Vec::with_capacity(count);
    while hosts.len() < count {
        let name = match chance.below(200) {
            0 => look_alike(&ruled[chance.index(ruled.len())].name, &domains, chance),
            1 => format!("gpt-{}.test", names::word(chance, 3)),
            _ => names::host(chance, &domains),
        };
        if seen.insert(name.clone()) {
            hosts.push(Host {
                server: names::server(hosts.len()),
                name: name.into(),
                service: None,
            });
        }
    }
    hosts
}

/// Holds the text of a rule and is no match.
fn look_alike(ruled: &str, domains: &[String], chance: &mut Chance) -> String {
    // The last two labels are the suffix, or end in it.
    let suffix = ruled.rsplitn(3, '.').take(2).collect::<Vec<_>>();
    let suffix = format!("{}.{}", suffix[1], suffix[0]);
    match chance.below(3) {
        0 => format!("{NO_WORD}{suffix}"),
        1 => format!("{suffix}.{}", domains[chance.index(domains.len())]),
        _ => format!("{ruled}.cdn.test"),
    }
}

fn shuffle<T>(things: &mut [T], chance: &mut Chance) {
    for at in (1..things.len()).rev() {
        things.swap(at, chance.index(at + 1));
    }
}
