//! What becomes of one event, against the embedded catalogue.

mod machines;

use std::sync::Arc;

use super::*;
use crate::model::{Batch, Field, Fields, Time, Untrusted};

const NOON: Time = Time::from_secs(1_793_620_800);

fn detector() -> Detector {
    let identity = toml::from_str::<crate::identity::Settings>(
        "infrastructure = [\"192.0.2.2/32\"]\n[[segments]]\nname = \"lab\"\nnetworks = [\"192.0.2.0/24\"]",
    )
    .unwrap();
    Detector::new(
        Arc::new(Catalogue::embedded().unwrap()),
        Arc::new(Identity::new(&identity, None)),
        Settings::default(),
    )
}

fn event(kind: Kind, host: &str) -> Event<'_> {
    let mut event = Event::new(kind, NOON, Fields::of(&[Field::Host]));
    event.host = Some(Untrusted::from(host));
    event.client = "192.0.2.7".parse().ok();
    event
}

fn proxy<'a>(method: &'a str, host: &'a str, path: &'a str, status: u16) -> Event<'a> {
    let mut event = event(Kind::Proxy, host);
    event.method = Some(Untrusted::from(method));
    event.path = Some(Untrusted::from(path));
    event.status = Some(status);
    event.outcome = Outcome::Allowed;
    event
}

fn tallied(events: &[Event<'_>]) -> Batch {
    let mut detector = detector();
    for event in events {
        detector.observe(event, &"test".into());
    }
    let mut batch = Batch::default();
    detector.take().drain_into(&mut batch);
    batch
}

fn grade(event: &Event<'_>) -> Option<Grade> {
    detector().explain(event).map(|found| found.grade)
}

#[test]
fn the_grade_follows_what_the_log_can_prove() {
    assert_eq!(
        grade(&event(Kind::Dns, "chatgpt.com")),
        Some(Grade::Resolved)
    );
    let mut tunnel = event(Kind::Proxy, "chatgpt.com");
    tunnel.method = Some(Untrusted::from("CONNECT"));
    tunnel.bytes_down = Some(5_000);
    assert_eq!(grade(&tunnel), Some(Grade::Connected));
    tunnel.bytes_down = Some(50_000);
    assert_eq!(grade(&tunnel), Some(Grade::Exchanged));
    tunnel.bytes_up = Some(500_000);
    assert_eq!(grade(&tunnel), Some(Grade::Uploaded));
    assert_eq!(
        grade(&proxy(
            "POST",
            "chatgpt.com",
            "/backend-api/conversation",
            200
        )),
        Some(Grade::Confirmed)
    );
}

#[test]
fn look_alikes_and_forged_hosts_find_nothing() {
    for host in [
        "chatgpt.com.evil.example",
        "notchatgpt.com",
        "chatgpt.com@evil.example",
        "chatgpt.com.corp.local",
        "203.0.113.5",
        "",
    ] {
        assert_eq!(detector().explain(&event(Kind::Dns, host)), None, "{host}");
    }
}

#[test]
fn a_blocked_request_is_an_attempt_without_prompts() {
    let mut blocked = proxy("POST", "chatgpt.com", "/backend-api/conversation", 403);
    blocked.outcome = Outcome::Blocked;
    let batch = tallied(&[blocked]);
    assert_eq!(batch.sightings[0].key.outcome, Outcome::Blocked);
    assert_eq!(batch.sightings[0].tally.prompts, 0);
}

#[test]
fn one_hour_one_client_is_one_sighting() {
    let batch = tallied(&[
        event(Kind::Dns, "ChatGPT.com."),
        event(Kind::Dns, "chatgpt.com"),
    ]);
    assert_eq!(batch.sightings.len(), 1);
    assert_eq!(batch.sightings[0].tally.events, 2);
    assert_eq!(&*batch.sightings[0].key.segment, "lab");
    assert_eq!(batch.hosts.len(), 1);
}

#[test]
fn the_proxys_own_lookups_are_nobodys_use() {
    let mut own = event(Kind::Dns, "chatgpt.com");
    own.client = "192.0.2.2".parse().ok();
    let batch = tallied(&[own]);
    assert!(batch.sightings.is_empty());
    assert_eq!(batch.digest.len(), 1);
}

#[test]
fn the_proxys_own_lookups_do_not_multiply_the_hits_of_a_candidate() {
    let mut own = event(Kind::Dns, "lawgpt.example.net");
    own.client = "192.0.2.2".parse().ok();
    let tunnel = event(Kind::Proxy, "lawgpt.example.net");
    let batch = tallied(&[own, tunnel]);
    assert_eq!(batch.candidates[0].hits, 1);
    assert_eq!(batch.digest[0].hits, 2);
}

#[test]
fn a_failed_request_is_no_event_of_its_host() {
    let mut failed = event(Kind::Proxy, "claude.ai");
    failed.outcome = Outcome::Error;
    let mut refused = event(Kind::Proxy, "claude.ai");
    refused.outcome = Outcome::Blocked;
    let batch = tallied(&[failed, refused, event(Kind::Proxy, "claude.ai")]);
    assert_eq!(batch.hosts[0].events, 2);
}

#[test]
fn a_question_for_mail_or_text_is_no_use() {
    let mut mail = event(Kind::Dns, "chatgpt.com");
    mail.qtype = Some(Untrusted::from("MX"));
    assert!(tallied(&[mail]).sightings.is_empty());
}

#[test]
fn every_host_is_in_the_digest_and_odd_ones_are_candidates() {
    let batch = tallied(&[
        event(Kind::Dns, "www.example.org"),
        event(Kind::Dns, "lawgpt.example.net"),
        event(Kind::Dns, "7.2.0.192.in-addr.arpa"),
        proxy("POST", "llm7.example.org", "/v1/chat/completions", 200),
    ]);
    assert_eq!(batch.digest.len(), 3);
    let hosts: Vec<&str> = batch
        .candidates
        .iter()
        .map(|candidate| candidate.host.as_str())
        .collect();
    assert_eq!(hosts, ["lawgpt.example.net", "llm7.example.org"]);
    assert!(batch.candidates[1].reasons[0].contains("OpenAI chat completions"));
}

#[test]
fn a_name_that_somebody_judged_already_is_no_candidate_by_its_name() {
    let batch = tallied(&[
        event(Kind::Dns, "www.gpt-apps.com"),
        event(Kind::Dns, "gpt-apps.example"),
    ]);
    let hosts: Vec<&str> = batch.candidates.iter().map(|c| c.host.as_str()).collect();
    assert_eq!(hosts, ["gpt-apps.example"]);
}

#[test]
fn a_sdk_that_speaks_to_an_unknown_host_makes_a_candidate() {
    let mut call = event(Kind::Proxy, "models.example.org");
    call.user_agent = Some(Untrusted::from("OpenAI/Python 1.99.0"));
    let batch = tallied(&[call]);
    assert!(batch.candidates[0].reasons[0].ends_with("spoke to it"));
}

#[test]
fn the_sdks_of_aws_are_sdks() {
    for user_agent in ["Boto3/1.41.2 md/Botocore#1.41.2", "aws-sdk-js/3.940.0"] {
        let mut call = event(Kind::Proxy, "bedrock-runtime.eu-central-1.amazonaws.com");
        call.user_agent = Some(Untrusted::from(user_agent));
        let found = detector().explain(&call).unwrap();
        assert_eq!(found.channel, Channel::Sdk, "{user_agent}");
    }
}

#[test]
fn past_a_cap_counts_go_to_other_and_nothing_is_lost() {
    let mut detector = detector().with_limits(Limits {
        digest: 2,
        ..Limits::default()
    });
    for host in [
        "a.example",
        "b.example",
        "c.example",
        "d.example",
        "a.example",
    ] {
        detector.observe(&event(Kind::Dns, host), &"test".into());
    }
    let mut tables = detector.take();
    assert_eq!(tables.overflowed(), 2);
    let mut batch = Batch::default();
    tables.drain_into(&mut batch);
    assert_eq!(batch.digest.iter().map(|row| row.hits).sum::<u64>(), 5);
    assert!(batch.digest.iter().any(|row| &*row.host == OTHER));
}

#[test]
fn merging_tables_is_the_same_in_any_order() {
    let events = [
        event(Kind::Dns, "chatgpt.com"),
        proxy("POST", "chatgpt.com", "/backend-api/conversation", 200),
        event(Kind::Dns, "lawgpt.example.net"),
    ];
    let table_of = |events: &[Event<'_>]| {
        let mut detector = detector();
        for event in events {
            detector.observe(event, &"test".into());
        }
        detector.take()
    };
    let sorted = |mut batch: Batch| {
        batch.digest.sort_unstable();
        batch
    };
    let merged = |mut first: Tables, second: Tables| {
        first.merge(second);
        let mut batch = Batch::default();
        first.drain_into(&mut batch);
        sorted(batch)
    };
    let a = merged(table_of(&events[..1]), table_of(&events[1..]));
    let b = merged(table_of(&events[1..]), table_of(&events[..1]));
    assert_eq!(a, b);
    assert_eq!(a, sorted(tallied(&events)));
}

#[test]
fn a_blocked_lookup_is_one_attempt_and_no_use() {
    let mut block = event(Kind::Dns, "chatgpt.com");
    block.outcome = Outcome::Blocked;
    let question = || event(Kind::Dns, "chatgpt.com");
    let batch = tallied(&[question(), block.clone()]);
    assert_eq!(batch.sightings.len(), 1);
    assert_eq!(batch.sightings[0].key.outcome, Outcome::Blocked);
    let batch = tallied(&[question(), block, question()]);
    let events: Vec<u64> = batch
        .sightings
        .iter()
        .map(|sighting| sighting.tally.events)
        .collect();
    assert_eq!(events, [1, 1]);
}

#[test]
fn a_vendors_agent_on_its_vendors_api_is_the_agent() {
    let mut call = proxy("POST", "api.anthropic.com", "/v1/messages", 200);
    call.user_agent = Some(Untrusted::from("claude-cli/2.0.44 (external, cli)"));
    let found = detector().explain(&call).unwrap();
    assert_eq!(
        (&*found.service, found.channel),
        ("anthropic.claude-code", Channel::Cli)
    );
    call.user_agent = Some(Untrusted::from("Anthropic/Python 0.70.0"));
    assert_ne!(
        &*detector().explain(&call).unwrap().service,
        "anthropic.claude-code"
    );
    call.user_agent = Some(Untrusted::from("claude-cli/2.0.44 (external, cli)"));
    call.host = Some(Untrusted::from("api.openai.com"));
    assert_eq!(&*detector().explain(&call).unwrap().service, "openai.api");
}

/// `kind subject value events` of every mark.
fn marks(batch: &Batch) -> Vec<String> {
    let marks = batch.marks.iter();
    marks
        .map(|mark| {
            let (kind, events) = (mark.kind, mark.events);
            format!("{kind} {} {} {events}", mark.subject, mark.value)
        })
        .collect()
}

#[test]
fn an_agent_at_work_on_an_ordinary_host_is_marked_and_credited_to_nobody() {
    let mut call = proxy("POST", "gitlab.example.org", "/api/v4/projects", 201);
    call.user_agent = Some(Untrusted::from("glab/1.90 Coding-Agent/claude-code"));
    let mut tool = proxy("POST", "tracker.example.org", "/graphql", 200);
    tool.user_agent = Some(Untrusted::from("claude-cli/2.0.50 (external, cli)"));
    let mut stopped = call.clone();
    stopped.outcome = Outcome::Blocked;
    let batch = tallied(&[call, tool, stopped]);
    assert!(batch.sightings.is_empty() && batch.candidates.is_empty());
    assert_eq!(
        marks(&batch),
        [
            "agent gitlab.example.org claude-code 1",
            "agent tracker.example.org Claude Code 1"
        ]
    );
}

#[test]
fn a_shape_counts_towards_an_application_only_where_it_went_through_and_no_rule_knows_the_host() {
    let asked = |host, status| proxy("POST", host, "/v1/chat/completions", status);
    let mut blocked = asked("b.example.org", 200);
    blocked.outcome = Outcome::Blocked;
    let batch = tallied(&[
        asked("a.example.org", 200),
        asked("a.example.org", 404),
        asked("a.example.org", 503),
        blocked,
        asked("api.openai.com", 200),
        asked("192.0.2.77", 200),
    ]);
    let services: Vec<(&str, u64)> = batch
        .sightings
        .iter()
        .map(|sighting| (&*sighting.key.service, sighting.tally.events))
        .collect();
    assert_eq!(
        services,
        [
            ("openai.api", 1),
            ("unlisted:192.0.2.77", 1),
            ("unlisted:a.example.org", 1)
        ]
    );
}

#[test]
fn a_forged_user_agent_makes_a_row_of_its_own_and_changes_no_other() {
    let call = |agent: &'static str| {
        let mut call = proxy("POST", "shop.example.org", "/order", 200);
        call.user_agent = Some(Untrusted::from(agent));
        call
    };
    let honest = tallied(&[call("x agent/real")]);
    let both = tallied(&[
        call("x agent/forged\u{1b}[2J"),
        call("x agent/real"),
        call("Coding-Agent/"),
    ]);
    assert_eq!(marks(&honest), ["agent shop.example.org real 1"]);
    assert_eq!(
        marks(&both),
        [
            "agent shop.example.org forged 1",
            "agent shop.example.org real 1"
        ]
    );
}

#[test]
fn past_the_cap_on_marks_counts_go_to_other() {
    let mut detector = detector().with_limits(Limits {
        marks: 2,
        ..Limits::default()
    });
    let agents: Vec<String> = (0..5).map(|n| format!("x agent/a{n}")).collect();
    for agent in &agents {
        let mut call = proxy("POST", "shop.example.org", "/order", 200);
        call.user_agent = Some(Untrusted::from(agent.as_str()));
        detector.observe(&call, &"test".into());
    }
    let mut tables = detector.take();
    assert_eq!(tables.overflowed(), 3);
    let mut batch = Batch::default();
    tables.drain_into(&mut batch);
    assert_eq!(batch.marks.iter().map(|mark| mark.events).sum::<u64>(), 5);
}
