//! What looks like GenAI and is none, or is GenAI and was not used.

use super::chance::Chance;
use super::company::{Kind, PROXY, client, of_kind};
use super::habits::When;
use super::journal::{Call, Journal, Log, Mark};
use super::lines::{SquidRow, server_of};
use super::ordinary::{CHROME, challenge};

/// Hosts in no signature that a person should be shown, by hits.
pub(super) static CANDIDATES: &[&str] = &[
    "app.briefgpt.example",
    // A lookalike: no finding, but worth a look for another reason.
    "chatgpt.com.evil.example",
    // A computer that appends its search domain to every name. Harmless, but a name cannot tell.
    "chatgpt.com.corp.example",
];

pub(super) static VISITED: &[&str] = &["grammarly.grammarly"];

/// Hosts that belong to no application, and why they are here.
pub(super) static TRAPS: &[(&str, &str)] = &[
    ("anthropic.com", "asked for its mail exchangers only"),
    ("auth0.com", "log-in of thousands of sites"),
    ("avs-alexa-eu.amazon.com", "shared"),
    ("bard.edu", "a college"),
    ("bolt.com", "payments; bolt.new is the other one"),
    ("browser-intake-datadoghq.com", "telemetry of anybody"),
    ("challenges.cloudflare.com", "a captcha"),
    ("chatgpt.com.corp.example", "search domain"),
    (
        "chatgpt.com.evil.example",
        "a name that begins like another",
    ),
    ("claudetoto.com", "gambling"),
    ("collector.github.com", "analytics"),
    ("copilot.markets", "unrelated"),
    ("default.exp-tas.com", "experiments of an editor"),
    ("duck.com", "e-mail; duck.ai is the other one"),
    (
        "evil.example",
        "what stands behind the @ of http://chatgpt.com@evil.example/",
    ),
    ("featureassets.org", "feature flags of anybody"),
    ("gamma.nl", "a DIY store"),
    ("geller-pa.googleapis.com", "infrastructure of Google"),
    ("gemini.com", "a crypto exchange"),
    ("google.com.ai", "Google for Anguilla"),
    ("guzzoni.apple.com", "Siri without models"),
    ("hybrid.ai", "advertising"),
    ("intercom.io", "a support chat on anybody's site"),
    ("luma.com", "events"),
    ("optimizationguide-pa.googleapis.com", "every Chrome"),
    ("smoot.apple.com", "every iPhone's search"),
    ("statsigapi.net", "feature flags of anybody"),
    ("storage.googleapis.com", "files of anybody"),
    (
        "substrate.office.com",
        "Microsoft 365; only one path of it is Copilot",
    ),
    ("vdo.ai", "advertising"),
    (
        "www.example.com",
        "its referrer and user agent name ChatGPT",
    ),
];

pub(super) fn write(journal: &mut Journal) {
    through_the_proxy(journal);
    in_the_inspected_network(journal);
    refused_for_want_of_a_user(journal);
    failed(journal);
    in_questions(journal);
}

fn through_the_proxy(journal: &mut Journal) {
    const ASKED_ELSEWHERE: [&str; 8] = [
        "anthropic.com",
        "avs-alexa-eu.amazon.com",
        "chatgpt.com.corp.example",
        "collector.github.com",
        "default.exp-tas.com",
        "evil.example",
        "guzzoni.apple.com",
        "smoot.apple.com",
    ];
    for (host, _) in TRAPS {
        if ASKED_ELSEWHERE.contains(host) {
            continue;
        }
        let mut chance = Chance::of(&format!("trap {host}"));
        let everybody: Vec<_> = of_kind(Kind::Office).collect();
        for moment in When::Office(0, 4).moments(&mut chance) {
            let down = chance.within(&(3_000..=120_000));
            let somebody = *chance.pick(&everybody);
            journal.tunnel(moment, somebody, host, down, None);
        }
    }
    // What stands before the @ is a user name.
    for (day, hour) in [(1, 9), (3, 16)] {
        let mut chance = Chance::of(&format!("userinfo {day}"));
        for moment in When::Once(day, hour).moments(&mut chance) {
            journal.squid(&SquidRow {
                moment,
                elapsed_ms: 131,
                client: 68,
                code: "TCP_MISS/200",
                bytes: 5_410,
                method: "GET",
                url: "http://chatgpt.com@evil.example/",
                user: client(68).user,
                peer: &format!("HIER_DIRECT/{}", server_of("evil.example")),
                content_type: "text/html",
            });
            journal.proxied(moment, "evil.example");
        }
    }
}

fn in_the_inspected_network(journal: &mut Journal) {
    let engineers: Vec<_> = of_kind(Kind::Workstation).collect();
    let mut chance = Chance::of("referrer");
    for moment in When::Office(1, 4).moments(&mut chance) {
        let call = Call {
            moment,
            client: chance.pick(&engineers).number,
            method: "GET",
            host: "www.example.com",
            uri: "/catalogue/sensors?utm_source=chatgpt.com",
            referrer: "https://chatgpt.com/",
            agent: "Mozilla/5.0 (X11; Linux x86_64) ExampleReader/2.0 (works with ChatGPT and Claude)",
            up: 0,
            down: 48_000,
            status: 200,
        };
        journal.call(&call, Mark::default());
    }
    for (host, uri) in [
        ("collector.github.com", "/github/collect"),
        ("default.exp-tas.com", "/vscode/ab"),
    ] {
        for moment in When::Office(4, 9).moments(&mut chance) {
            let call = Call {
                moment,
                client: chance.pick(&engineers).number,
                method: "POST",
                host,
                uri,
                referrer: "-",
                agent: CHROME,
                up: 900,
                down: 40,
                status: 200,
            };
            journal.call(&call, Mark::default());
        }
    }
}

/// Challenges are answered with a log-in or by giving up; either way they are no use.
fn refused_for_want_of_a_user(journal: &mut Journal) {
    for (number, host) in [(22, "chatgpt.com"), (18, "claude.ai"), (72, "chatgpt.com")] {
        let mut chance = Chance::of(&format!("407 {number}"));
        for moment in When::Office(0, 2).moments(&mut chance) {
            challenge(journal, moment, number, host);
        }
    }
}

/// Tunnels that never came about.
fn failed(journal: &mut Journal) {
    let row = |moment, client: u8, code, url, user| SquidRow {
        moment,
        elapsed_ms: 60_004,
        client,
        code,
        bytes: 0,
        method: "CONNECT",
        url,
        user,
        peer: "HIER_NONE/-",
        content_type: "-",
    };
    for (day, number) in [(0, 37), (2, 37), (4, 24)] {
        let moment = super::company::clock(day, 11, u64::from(number));
        let user = client(number).user;
        journal.squid(&row(moment, number, "NONE_NONE/503", "claude.ai:443", user));
    }
    let moment = super::company::clock(3, 13, 13);
    journal.squid(&SquidRow {
        elapsed_ms: 0,
        bytes: 3_424,
        method: "-",
        content_type: "text/html",
        ..row(moment, 90, "NONE_NONE/400", "error:invalid-request", "")
    });
}

fn in_questions(journal: &mut Journal) {
    let mut chance = Chance::of("questions");
    for number in [72, 73] {
        for moment in When::Always(5).moments(&mut chance) {
            let name = *chance.pick(&["guzzoni.apple.com", "smoot.apple.com"]);
            journal.ask(Log::Named, moment, number, name, "A", None);
        }
    }
    // The mail server looks up whom it writes to, and who wrote.
    for (name, qtype) in [
        ("anthropic.com", "MX"),
        ("openai.com", "MX"),
        ("chatgpt.com", "TXT"),
        ("34.100.51.198.in-addr.arpa", "PTR"),
    ] {
        for moment in When::Always(3).moments(&mut chance) {
            journal.ask(Log::Unbound, moment, 132, name, qtype, None);
        }
    }
    for moment in When::Office(1, 5).moments(&mut chance) {
        let name = "chatgpt.com.corp.example";
        journal.ask(Log::Named, moment, 73, name, "A", None);
    }
    for moment in When::Always(24).moments(&mut chance) {
        let name = "3.113.0.203.in-addr.arpa";
        journal.ask(Log::Named, moment, PROXY, name, "PTR", None);
    }
}
