//! Counts: what the register says is what the clients did, request by request.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::gateway::{Gateway, HOSTS, ORDINARY, QUERY, UNKNOWN, client};
use crate::ledger::Ledger;
use crate::named::{A, AAAA, HTTPS};
use crate::receiver::Receiver;
use crate::service::Service;
use crate::wait::{PATIENCE, until};

/// A morning of six people.
fn morning(gateway: &Gateway, made: &mut Ledger) {
    for number in 1..=6 {
        let from = client(number);
        let taste = usize::from(number);
        for (host, _) in HOSTS.iter().cycle().skip(taste * 3).take(8) {
            for qtype in [A, AAAA, HTTPS] {
                gateway.ask(from, host, qtype, made);
            }
            for _ in 0..taste {
                gateway.visit(from, host, made);
            }
        }
        gateway.tunnel(from, "claude.ai", made);
        for host in ORDINARY.iter().chain(&[UNKNOWN]) {
            gateway.ask(from, host, A, made);
            gateway.visit(from, host, made);
        }
    }
}

#[test]
fn every_request_is_counted_once_for_its_client_and_its_log() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    morning(&gateway, &mut made);
    service.settled(&made);

    let report = read_to_the_end(&service, &gateway);
    for ((log, _), format) in gateway.logs().into_iter().zip(["squid", "bind"]) {
        let coverage = coverage_of(&report, log);
        assert_eq!(coverage["format"], format);
        assert_eq!(coverage["bad"], 0, "{coverage}");
        assert!(
            coverage["notes"].as_array().unwrap().is_empty(),
            "{coverage}"
        );
    }
    let candidates = report["candidates"].as_array().unwrap();
    let hosts: Vec<&Value> = candidates.iter().map(|one| &one["host"]).collect();
    assert_eq!(hosts, [UNKNOWN]);
    let logged = fs::read_to_string(&gateway.squid.access_log).unwrap();
    assert!(logged.contains(QUERY) && !report.to_string().contains(QUERY));
    assert!(service.stop().success());
}

/// The report once every line of both logs is read, the ordinary ones too: Squid writes its last ones when it likes.
fn read_to_the_end(service: &Service, gateway: &Gateway) -> Value {
    until(PATIENCE, "every line to be written and read", || {
        let report = service.report(&[])?;
        let is_whole = gateway.logs().into_iter().all(|(log, least)| {
            let text = fs::read(log).unwrap();
            let lines = text.iter().filter(|byte| **byte == b'\n').count();
            let coverage = coverage_of(&report, log);
            lines >= least && coverage["read"] == lines && coverage["bytes"] == text.len()
        });
        is_whole.then_some(report)
    })
}

fn coverage_of<'r>(report: &'r Value, log: &Path) -> &'r Value {
    let mut all = report["coverage"].as_array().unwrap().iter();
    all.find(|one| one["source"] == log.to_str().unwrap())
        .unwrap()
}

#[test]
fn a_scan_of_the_same_logs_says_the_same_byte_for_byte() {
    let Some(gateway) = Gateway::start() else {
        return;
    };
    let receiver = Receiver::start();
    let mut service = Service::of(&gateway, &receiver.url());
    let mut made = Ledger::default();
    service.start();
    gateway.ask(client(1), "claude.ai", A, &mut made);
    until(PATIENCE, "the first alert", || {
        receiver.deliveries().into_iter().next()
    });
    morning(&gateway, &mut made);
    service.settled(&made);
    read_to_the_end(&service, &gateway);
    assert!(service.stop().success());

    let as_of = ["--as-of", "2099-01-01T00:00:00Z"];
    let ran = service.report(&as_of).unwrap();
    let logs = [
        gateway.squid.access_log.as_path(),
        gateway.named.query_log.as_path(),
    ];
    let scanned = service.scan(&logs, &as_of);
    for part in ran.as_object().unwrap().keys() {
        let (ran, scanned) = (&ran[part], &scanned[part]);
        assert_eq!(ran, scanned, "{part} of run (left) and scan (right)");
    }
    assert_eq!(ran, scanned);
}
