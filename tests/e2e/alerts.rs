//! Alerts: soon, once, signed, and in spite of a receiver that is busy or away.

use std::time::{Duration, Instant};

use crate::gateway::{DENIED, Gateway, HOSTS, client};
use crate::ledger::{Ledger, service_of};
use crate::named::A;
use crate::process::free_port;
use crate::receiver::{Answer, Receiver, url_of};
use crate::service::Service;
use crate::wait::{PATIENCE, until};

/// The promise: from the request to the webhook.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_first_use_alerts_within_five_seconds_and_once() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    until(PATIENCE, "the service follows", || {
        service.said().contains("following").then_some(())
    });

    let asked_at = Instant::now();
    gateway.visit(client(1), "chatgpt.com", &mut made);
    let delivery = receiver.first_about("openai.chatgpt", PATIENCE);
    let latency = delivery.at - asked_at;
    assert!(latency <= SOON, "{latency:?}");

    let alert = delivery.alert();
    assert!(delivery.is_signed);
    assert_eq!(delivery.body["type"], "gnomon.alert.application_first_seen");
    assert_eq!(alert["id"], delivery.id);
    assert_eq!(alert["rule"], "application_first_seen");
    assert_eq!(alert["state"], "new");
    assert_eq!(alert["service_name"], "ChatGPT");
    assert_eq!(alert["title"], "ChatGPT is in use and its state is new");
    assert!(!alert["transitions"].as_array().unwrap().is_empty());
    let next = alert["next"].as_array().unwrap();
    assert!(
        next.iter()
            .any(|step| step.as_str().unwrap().contains("gnomon decide")),
        "{next:?}"
    );

    // Neither more use of it, by others and in the other log, nor a restart is news.
    gateway.visit(client(2), "chatgpt.com", &mut made);
    gateway.tunnel(client(1), "chatgpt.com", &mut made);
    gateway.ask(client(3), "chatgpt.com", A, &mut made);
    service.settled(&made);
    assert!(service.stop().success());
    gateway.visit(client(4), "chatgpt.com", &mut made);
    service.start();
    service.settled(&made);
    // A later alert has come, so an earlier one would have.
    gateway.visit(client(1), "claude.ai", &mut made);
    receiver.first_about("anthropic.claude", PATIENCE);
    until(PATIENCE, "both in the file", || {
        (service.filed().len() >= 2).then_some(())
    });
    assert!(service.stop().success());
    let told: Vec<String> = receiver
        .deliveries()
        .into_iter()
        .map(|one| one.id)
        .collect();
    let filed: Vec<String> = service
        .filed()
        .iter()
        .map(|alert| alert["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told, filed);
}

#[test]
fn twenty_first_uses_one_after_the_other_alert_soon_each() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    let mut latencies = Vec::new();
    for (number, (host, id)) in HOSTS
        .iter()
        .filter(|(host, _)| *host != DENIED)
        .take(20)
        .enumerate()
    {
        let asked_at = Instant::now();
        match number % 3 {
            0 => gateway.visit(client(1), host, &mut made),
            1 => gateway.tunnel(client(2), host, &mut made),
            // A look-up alone is no news where the proxy's log is followed.
            _ => {
                gateway.ask(client(3), host, A, &mut made);
                gateway.visit(client(3), host, &mut made);
            }
        }
        latencies.push(receiver.first_about(id, PATIENCE).at - asked_at);
    }
    latencies.sort();
    let worst = *latencies.last().unwrap();
    println!(
        "from request to webhook, {} times: median {:?}, worst {worst:?}",
        latencies.len(),
        latencies[latencies.len() / 2],
    );
    assert!(worst <= SOON, "{latencies:?}");
    service.settled(&made);
}

#[test]
fn a_blocked_attempt_alerts_as_a_blocked_attempt() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    gateway.visit(client(1), DENIED, &mut made);
    let delivery = receiver.first_about(service_of(DENIED).unwrap(), PATIENCE);
    assert_eq!(delivery.alert()["title"], "DeepSeek was tried and stopped");
    service.settled(&made);
}

#[test]
fn a_receiver_that_is_busy_gets_the_alert_later_and_holds_up_nobody() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let script = [Answer::Busy(1), Answer::Drop, Answer::Busy(0)];
    let receiver = Receiver::listen(0, &script);
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    gateway.visit(client(1), "chatgpt.com", &mut made);
    until(PATIENCE, "a refused delivery", || {
        receiver.deliveries().into_iter().next()
    });
    until(SOON, "the alert in the file", || {
        service.filed().into_iter().next()
    });
    assert_eq!(
        receiver.taken_about("openai.chatgpt").len(),
        0,
        "the file did not wait for the webhook"
    );

    let taken = receiver.first_about("openai.chatgpt", PATIENCE);
    service.settled(&made);
    assert!(service.stop().success());
    let deliveries = receiver.deliveries();
    assert_eq!(deliveries.len(), script.len() + 1, "{deliveries:?}");
    assert!(
        deliveries
            .iter()
            .all(|one| one.id == taken.id && one.is_signed)
    );
    let pauses: Vec<Duration> = deliveries
        .windows(2)
        .map(|pair| pair[1].at - pair[0].at)
        .collect();
    assert!(
        pauses[0] >= Duration::from_secs(1),
        "Retry-After was not honoured: {pauses:?}"
    );
}

#[test]
fn a_receiver_that_is_away_gets_the_alert_when_it_is_back() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let port = free_port();
    let mut service = Service::of(&gateway, &url_of(port));
    let mut made = Ledger::default();
    service.start();
    gateway.visit(client(1), "chatgpt.com", &mut made);
    until(PATIENCE, "a delivery that failed", || {
        service.said().contains("alert not delivered").then_some(())
    });
    until(SOON, "the alert in the file", || {
        service.filed().into_iter().next()
    });
    // What is owed outlives the service.
    assert!(service.stop().success());
    let receiver = Receiver::listen(port, &[]);
    service.start();
    let delivery = receiver.first_about("openai.chatgpt", PATIENCE);
    service.settled(&made);
    assert!(service.stop().success());
    assert_eq!(receiver.deliveries().len(), 1);
    assert_eq!(service.filed().len(), 1);
    assert_eq!(service.filed()[0]["id"], delivery.id);
}
