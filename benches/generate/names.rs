//! Invented names. Hosts stand under `.example` and `.test`, which are nobody's, so that no signature of the catalogue
//! can know one of them; clients are of the network that is set aside for measurements (RFC 2544).

use super::chance::Chance;

const SYLLABLES: &[&str] = &[
    "ba", "bel", "bri", "cal", "cer", "da", "dor", "du", "el", "fan", "fi", "gar", "go", "ha",
    "hel", "in", "ka", "kor", "la", "len", "lu", "ma", "mer", "mi", "na", "nol", "o", "pa", "per",
    "pi", "ra", "ri", "ros", "sa", "sel", "su", "ta", "ter", "to", "ul", "va", "vel", "wa", "wen",
    "ya", "zi",
];

/// What stands in front of a company's domain.
const SERVERS: &[&str] = &[
    "www",
    "www",
    "www",
    "www",
    "cdn",
    "static",
    "api",
    "m",
    "img",
    "login",
    "mail",
    "app",
    "assets",
    "media",
    "track",
    "metrics",
    "shop",
    "blog",
    "sso",
    "portal",
    "files",
    "edge",
    "push",
    "events",
    "collector",
];

/// No syllable begins so: a name that does is no word of ours.
pub(crate) const NO_WORD: &str = "xq";

pub(crate) fn word(chance: &mut Chance, syllables: u64) -> String {
    (0..syllables).map(|_| chance.pick(SYLLABLES)).collect()
}

/// `harosta.test`, and now and then `harosta-velmi.test`.
pub(crate) fn domain(chance: &mut Chance) -> String {
    let syllables = 2 + chance.below(3);
    let mut name = word(chance, syllables);
    if chance.one_in(6) {
        name.push('-');
        name.push_str(&word(chance, 2));
    }
    name.push_str(".test");
    name
}

/// A host of one of these domains: a server, one of a farm, or an address of a cloud.
pub(crate) fn host(chance: &mut Chance, domains: &[String]) -> String {
    let domain = &domains[chance.index(domains.len())];
    match chance.below(20) {
        0 => format!(
            "d{:013x}.edge-{}.test",
            chance.next() >> 12,
            chance.below(9)
        ),
        1 => format!(
            "vm-198-19-{}-{}.region-{}.cloud.test",
            chance.below(256),
            chance.below(256),
            chance.below(6)
        ),
        2 => format!(
            "r{}---n-{:08x}.video.test",
            1 + chance.below(9),
            chance.next() >> 32
        ),
        3 => domain.clone(),
        4 => format!("{}.{}.{domain}", word(chance, 2), chance.pick(SERVERS)),
        _ => format!("{}.{domain}", chance.pick(SERVERS)),
    }
}

/// `m.harota17`: an initial, a name, and what tells it from its namesakes.
pub(crate) fn user(chance: &mut Chance, number: usize) -> String {
    let initial = char::from(b'a' + chance.below(26) as u8);
    format!("{initial}.{}{number}", word(chance, 2))
}

/// Of 198.18.0.0/16.
pub(crate) fn client(number: usize) -> String {
    format!("198.18.{}.{}", number / 250, 1 + number % 250)
}

/// Of 198.19.0.0/16.
pub(crate) fn server(number: usize) -> String {
    format!("198.19.{}.{}", number / 250 % 256, 1 + number % 250)
}
