//! Start, reload, stop.

use std::fs;

use crate::gateway::{Gateway, HOSTS, ORDINARY, client};
use crate::ledger::Ledger;
use crate::named::A;
use crate::receiver::Receiver;
use crate::service::{ALL_RULES, Service};
use crate::wait::{PATIENCE, until};

#[test]
fn sigterm_commits_what_was_written_and_ends_well() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    gateway.visit(client(1), "chatgpt.com", &mut made);
    receiver.first_about("openai.chatgpt", PATIENCE);
    for (host, _) in HOSTS {
        gateway.visit(client(1), host, &mut made);
        gateway.ask(client(1), host, A, &mut made);
    }
    let visits = 1 + HOSTS.len();
    until(PATIENCE, "Squid's log holds them all", || {
        let text = fs::read_to_string(&gateway.squid.access_log).ok()?;
        (text.lines().count() == visits).then_some(())
    });
    assert!(service.stop().success());
    assert_eq!(Ledger::of_report(&service.report(&[]).unwrap()), made);
}

/// A service that only this enterprise knows.
const OVERLAY: &str = r#"vendor = { name = "Example", country = "US", homepage = "https://example.org" }

[[service]]
id = "example.assistant"
name = "Example Assistant"
category = "chatbot"
archetype = "consumer-chat"
model = "saas"
introduced = "2026-01-01"
description = "The assistant of a partner."

[[service.domain]]
suffix = "www.example.org"
role = "ui"
evidence = "definite"
source = "our own"
verified = "2026-11-23"
"#;

#[test]
fn sighup_puts_new_signatures_and_rules_in_force_and_keeps_the_old_over_broken_ones() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.configure(r#"["decision_violated"]"#);
    service.start();
    gateway.visit(client(1), "chatgpt.com", &mut made);
    gateway.visit(client(1), ORDINARY[0], &mut made);
    service.settled(&made);

    fs::write(service.overlay().join("example.toml"), OVERLAY).unwrap();
    service.configure(ALL_RULES);
    let said = service.reload();
    assert!(said.contains("reloaded policy and catalogue"), "{said}");
    gateway.visit(client(1), ORDINARY[0], &mut made);
    let delivery = receiver.first_about("example.assistant", PATIENCE);
    assert_eq!(delivery.alert()["service_name"], "Example Assistant");

    let broken = "timezone = \"UTC\"\n[allerts]\n";
    service.write_config(broken);
    let said = service.reload();
    assert!(
        said.contains("ERROR") && said.contains("gnomon.toml:2:2: unknown key"),
        "{said}"
    );
    assert!(said.contains("everything stays as it was"), "{said}");
    gateway.visit(client(1), "claude.ai", &mut made);
    receiver.first_about("anthropic.claude", PATIENCE);

    service.configure(ALL_RULES);
    fs::write(
        service.overlay().join("example.toml"),
        "[[service]]\nid = 7\n",
    )
    .unwrap();
    let said = service.reload();
    assert!(
        said.contains("ERROR") && said.contains("example.toml:2:"),
        "{said}"
    );
    gateway.visit(client(1), ORDINARY[0], &mut made);
    gateway.visit(client(1), "grok.com", &mut made);
    receiver.first_about("xai.grok", PATIENCE);
    assert!(service.stop().success());
    // What was in use while its rule was off is no news afterwards.
    assert_eq!(receiver.taken_about("openai.chatgpt").len(), 0);
    assert_eq!(receiver.deliveries().len(), 3);
}

#[test]
fn the_first_start_on_old_logs_tells_once_and_counts_all() {
    const COPIES: usize = 2_000;
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let mut day = Ledger::default();
    for (host, _) in HOSTS {
        gateway.visit(client(1), host, &mut day);
        gateway.ask(client(2), host, A, &mut day);
    }
    until(PATIENCE, "Squid's log holds them all", || {
        let text = fs::read_to_string(&gateway.squid.access_log).ok()?;
        (text.lines().count() == HOSTS.len()).then_some(())
    });
    // Years of the same day.
    let mut made = Ledger::default();
    for _ in 0..COPIES {
        made.merge(&day);
    }
    for log in [&gateway.squid.access_log, &gateway.named.query_log] {
        let text = fs::read_to_string(log).unwrap();
        fs::write(log, text.repeat(COPIES)).unwrap();
    }
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    service.start();
    service.settled(&made);
    let summary = until(PATIENCE, "a summary", || {
        receiver.deliveries().into_iter().next()
    });
    let alert = summary.alert();
    assert_eq!(alert["rule"], "backfill_summary");
    let number = HOSTS.len();
    let title =
        format!("{number} generative-AI applications found, {number} of them without agreement");
    assert_eq!(alert["title"], title);

    // And from now on news are told one by one.
    gateway.visit(client(1), "chatgpt.com", &mut made);
    fs::write(service.overlay().join("example.toml"), OVERLAY).unwrap();
    assert!(service.reload().contains("reloaded"));
    gateway.visit(client(1), ORDINARY[0], &mut made);
    receiver.first_about("example.assistant", PATIENCE);
    until(PATIENCE, "the file to hold both alerts", || {
        (service.filed().len() >= 2).then_some(())
    });
    assert!(service.stop().success());
    assert_eq!(receiver.deliveries().len(), 2);
    assert_eq!(service.filed().len(), 2);
}
