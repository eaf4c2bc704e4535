//! The catalogue as the rest of the house uses it: questions in, answers out.

use gnomon::catalogue::{Catalogue, Finding, LintSettings, Question, RuleVerdict, Weight};
use gnomon::govern::DutyModel;
use gnomon::model::{Activity, Channel, Day, Evidence, Role, Tier};

const TRAPS: &str = include_str!("traps.txt");

fn traps() -> Vec<&'static str> {
    let lines = TRAPS.lines().map(str::trim);
    lines
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect()
}

fn today() -> Day {
    "2026-11-23".parse().expect("a date")
}

fn lint(catalogue: &Catalogue, traps: &[&str]) -> Vec<Finding> {
    catalogue.lint(LintSettings {
        today: today(),
        traps,
    })
}

fn errors(findings: Vec<Finding>) -> Vec<String> {
    let errors = findings.into_iter().filter(|f| f.weight == Weight::Error);
    errors.map(|f| f.to_string()).collect()
}

#[test]
fn the_embedded_catalogue_loads_and_lints_clean() {
    let catalogue = Catalogue::embedded().unwrap();
    assert!(catalogue.service("openai.chatgpt").is_some());
    let traps = traps();
    assert!(traps.len() > 50);
    let errors = errors(lint(&catalogue, &traps));
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn a_services_model_is_one_that_its_archetype_comes_as() {
    let duties = DutyModel::embedded().unwrap();
    for service in Catalogue::embedded().unwrap().services() {
        let guide = duties
            .archetype(service.archetype)
            .expect("every archetype has a guide");
        assert!(
            guide.models.contains(&service.model),
            "{}: {} as {}",
            service.id,
            service.archetype,
            service.model
        );
    }
}

/// A catalogue of one file with these services, under a vendor `acme`.
fn acme(services: &str) -> Result<Catalogue, String> {
    let text = format!(
        "vendor = {{ name = \"Acme\", country = \"DE\", homepage = \"https://example.com\" }}\n{services}"
    );
    Catalogue::from_files(&[("acme.toml".to_owned(), text)]).map_err(|e| e.to_string())
}

const HEAD: &str = r#"[[service]]
id = "acme.chat"
name = "Acme Chat"
category = "chatbot"
archetype = "consumer-chat"
model = "saas"
description = "An invented assistant."
"#;

fn domain(key: &str, name: &str, role: &str) -> String {
    format!(
        "[[service.domain]]\n{key} = \"{name}\"\nrole = \"{role}\"\nevidence = \"definite\"\nsource = \"vendor docs: x\"\nverified = \"2026-11-01\"\n"
    )
}

fn url(host: &str, path: &str, more: &str) -> String {
    format!(
        "[[service.url]]\nhost = \"{host}\"\npath = \"{path}\"\nsource = \"vendor docs: x\"\nverified = \"2026-11-01\"\n{more}\n"
    )
}

fn example(input: &str, expect: &str) -> String {
    format!("[[service.example]]\ninput = \"{input}\"\nexpect = \"{expect}\"\n")
}

fn near_miss(input: &str) -> String {
    format!("[[service.near_miss]]\ninput = \"{input}\"\n")
}

#[test]
fn names_that_only_hold_a_known_name_are_not_it() {
    let catalogue = Catalogue::embedded().unwrap();
    for host in [
        "chat.openai.com.cdn.cloudflare.net",
        "chatgpt.com.corp.local",
        "notchatgpt.com",
        "chatgpt.com.evil.example",
        "com",
        "chatgpt",
        "gpt.com",
    ] {
        assert!(catalogue.match_host(host).is_none(), "{host}");
    }
    for host in ["chatgpt.com", "www.chatgpt.com", "a.b.c.d.e.f.chatgpt.com"] {
        let found = catalogue.match_host(host).expect(host);
        assert_eq!(
            (&*found.service.id, found.rule.role),
            ("openai.chatgpt", Role::Ui)
        );
        assert_eq!(found.rule.text(), "suffix chatgpt.com");
    }
}

#[test]
fn the_most_specific_rule_wins_whatever_its_kind() {
    let services = [
        HEAD,
        &domain("suffix", "acme.example.com", "site"),
        &domain("suffix", "chat.acme.example.com", "ui"),
        &domain("host", "chat.acme.example.com", "auth"),
        &domain("pattern", "{tenant}.chat.acme.example.com", "api"),
        &domain("pattern", "{tenant}-cdn.chat.acme.example.com", "cdn"),
    ]
    .concat();
    let catalogue = acme(&services).unwrap();
    let role = |host: &str| catalogue.match_host(host).map(|found| found.rule.role);
    assert_eq!(role("chat.acme.example.com"), Some(Role::Auth));
    assert_eq!(role("north.chat.acme.example.com"), Some(Role::Api));
    assert_eq!(role("north-cdn.chat.acme.example.com"), Some(Role::Cdn));
    assert_eq!(role("a.b.chat.acme.example.com"), Some(Role::Ui));
    assert_eq!(role("www.acme.example.com"), Some(Role::Site));
    assert_eq!(role("example.com"), None);
}

#[test]
fn placeholders_and_named_groups_are_captured() {
    let regex = r#"
[[service.domain]]
regex = "(?P<pod>pod[0-9]+)-eu\\.gpu\\.example\\.net"
within = "gpu.example.net"
excuse = "pods are numbered"
role = "api"
evidence = "definite"
source = "vendor docs: x"
verified = "2026-11-01"
"#;
    let services = [
        HEAD,
        &domain("pattern", "run.{region}.acme.example.com", "api"),
        regex,
        &url(
            "{tenant}.acme.example.com",
            "/t/{team}/chat",
            "activity = \"prompt\"",
        ),
    ]
    .concat();
    let catalogue = acme(&services).unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let found = catalogue
        .match_host("run.eu-west-1.acme.example.com")
        .unwrap();
    assert_eq!(found.captures, [pair("region", "eu-west-1")]);
    let found = catalogue.match_host("pod12-eu.gpu.example.net").unwrap();
    assert_eq!(found.captures, [pair("pod", "pod12")]);
    assert!(catalogue.match_host("x.pod12-eu.gpu.example.net").is_none());
    let found = catalogue
        .match_url("north.acme.example.com", b"/t/red/chat/9", None)
        .unwrap();
    assert_eq!(
        found.captures,
        [pair("tenant", "north"), pair("team", "red")]
    );
}

#[test]
fn a_url_shows_what_somebody_did_and_as_whom() {
    let catalogue = Catalogue::embedded().unwrap();
    let find = |path: &str, method: Option<&str>| {
        catalogue
            .match_url("chatgpt.com", path.as_bytes(), method.map(str::as_bytes))
            .map(|found| (found.rule.activity, found.rule.tier, found.rule.signed_in))
    };
    let prompt = "/backend-api/conversation";
    assert_eq!(
        find(prompt, Some("POST")),
        Some((Activity::Prompt, None, true))
    );
    assert_eq!(find(prompt, None), Some((Activity::Prompt, None, true)));
    assert_eq!(
        find(prompt, Some("GET")),
        Some((Activity::Visit, None, true))
    );
    assert_eq!(
        find("//backend-api//conversation?x=/y", Some("POST")),
        Some((Activity::Prompt, None, true))
    );
    let list = "/backend-api/conversations";
    assert_eq!(find(list, None), Some((Activity::Visit, None, true)));
    let anonymous = find("/backend-anon/conversation", Some("POST"));
    assert_eq!(
        anonymous,
        Some((Activity::Prompt, Some(Tier::Consumer), false))
    );
    assert_eq!(find("/Backend-Api/Conversation", Some("POST")), None);
    assert!(
        catalogue
            .match_url("evil.example", prompt.as_bytes(), None)
            .is_none()
    );
    let codex = catalogue.match_url(
        "chatgpt.com",
        b"/backend-api/codex/responses",
        Some(b"POST"),
    );
    assert_eq!(&*codex.unwrap().service.id, "openai.codex");
}

#[test]
fn hosts_below_a_name_are_not_the_name_itself() {
    let services = [
        HEAD,
        &url("*.tenant.example.com", "/ai/", "activity = \"prompt\""),
    ]
    .concat();
    let catalogue = acme(&services).unwrap();
    assert!(
        catalogue
            .match_url("north.tenant.example.com", b"/ai/x", None)
            .is_some()
    );
    assert!(
        catalogue
            .match_url("a.b.tenant.example.com", b"/ai/x", None)
            .is_some()
    );
    assert!(
        catalogue
            .match_url("tenant.example.com", b"/ai/x", None)
            .is_none()
    );
    assert!(
        catalogue
            .match_url("north.tenant.example.com", b"/ai", None)
            .is_none()
    );
}

#[test]
fn a_program_is_known_by_its_longest_prefix() {
    let catalogue = Catalogue::embedded().unwrap();
    let codex = catalogue
        .match_user_agent(b"codex_cli_rs/0.38.0 (Ubuntu)")
        .unwrap();
    assert_eq!(codex.rule.channel, Channel::Cli);
    assert_eq!(codex.service.map(|s| &*s.id), Some("openai.codex"));
    let sdk = catalogue.match_user_agent(b"OpenAI/Python 2.8.1").unwrap();
    assert!(sdk.service.is_none() && sdk.rule.channel == Channel::Sdk);
    assert!(
        catalogue
            .match_user_agent(b"Mozilla/5.0 codex_cli_rs/1")
            .is_none()
    );
    assert!(catalogue.match_user_agent(b"\xff\x00").is_none());
    assert!(catalogue.match_user_agent(b"").is_none());
}

#[test]
fn a_prefix_and_a_part_must_both_hold() {
    let agent = "[[service.user_agent]]\nprefix = \"Mozilla/5.0\"\ncontains = \" AcmeChat/\"\nchannel = \"browser\"\n";
    let catalogue = acme(&[HEAD, agent].concat()).unwrap();
    assert!(
        catalogue
            .match_user_agent(b"Mozilla/5.0 (X11) AcmeChat/2")
            .is_some()
    );
    assert!(catalogue.match_user_agent(b"curl/8 AcmeChat/2").is_none());
    assert!(catalogue.match_user_agent(b"Mozilla/5.0 (X11)").is_none());
}

#[test]
fn a_mistake_is_named_with_its_place_and_a_suggestion() {
    let bad_key = [
        HEAD,
        &domain("suffix", "acme.example", "ui").replace("role", "rol"),
    ]
    .concat();
    assert_eq!(
        acme(&bad_key).unwrap_err(),
        "acme.toml:11:1: unknown key \"rol\", did you mean \"role\"?"
    );
    let cases = [
        (
            domain("suffix", "acme.example", "gui"),
            "acme.toml:11:8: unknown role \"gui\", did you mean \"ui\"?",
        ),
        (
            domain("suffix", "co.uk", "ui"),
            "acme.toml:10:10: \"co.uk\" is a public suffix",
        ),
        (
            domain("suffix", "a b", "ui"),
            "acme.toml:10:10: \"a b\" is no host name",
        ),
        (
            domain("pattern", "{x}.com", "ui"),
            "must end in at least two literal labels",
        ),
        (domain("regex", "a.*", "ui"), "a regex needs \\\"within\\\""),
        (
            domain("regex", "a.*", "ui") + "within = \"example.com\"\n",
            "a regex needs an \\\"excuse\\\"",
        ),
        (
            domain("suffix", "x.example", "ui") + "host = \"y.example\"\n",
            "exactly one of: host, suffix, pattern, regex",
        ),
        (
            domain("suffix", "x.example", "ui").replace("source = \"vendor docs: x\"\n", ""),
            "the key \"source\" is missing",
        ),
        (
            domain("suffix", "x.example", "ui").replace("2026-11-01", "yesterday"),
            "\"yesterday\" is no time",
        ),
        (
            url("x.example", "v1", "activity = \"api\""),
            "a path begins with",
        ),
        (
            url("x.example", "/v1", "activity = \"chat\""),
            "unknown activity \"chat\"",
        ),
        (
            url(
                "x.example",
                "/v1",
                "activity = \"api\"\nmethod = [\"post\"]",
            ),
            "write it in capitals",
        ),
        (
            url("x.example", "/v1", "activity = \"api\"\ntier = \"free\""),
            "unknown tier \"free\"",
        ),
        (
            "[[service.user_agent]]\nchannel = \"cli\"\n".to_owned(),
            "needs a prefix, contains or both",
        ),
        (
            "[[service.fact]]\nfield = \"soc\"\n".to_owned(),
            "unknown fact field \"soc\", did you mean \"soc2\"?",
        ),
    ];
    for (rule, expected) in cases {
        let error = acme(&[HEAD, &rule].concat()).unwrap_err();
        let expected = expected.replace("\\\"", "\"");
        assert!(error.contains(&expected), "{error}\n  lacks {expected}");
    }
    let category = HEAD.replace("\"chatbot\"", "\"chatbott\"");
    assert!(
        acme(&category)
            .unwrap_err()
            .contains("unknown category \"chatbott\", did you mean \"chatbot\"?")
    );
    let id = HEAD.replace("acme.chat", "Acme");
    assert!(
        acme(&id)
            .unwrap_err()
            .contains("is no id; write vendor.product")
    );
    let nameless = HEAD.replace("name = \"Acme Chat\"\n", "");
    assert!(
        acme(&nameless)
            .unwrap_err()
            .contains("the key \"name\" is missing in service \"acme.chat\"")
    );
    assert!(
        acme("[[service]\n")
            .unwrap_err()
            .starts_with("acme.toml:2:")
    );
}

#[test]
fn an_overlay_adds_replaces_and_retires_or_is_refused_as_a_whole() {
    let vendor = "vendor = { name = \"Acme\", country = \"DE\" }\n";
    let overlay = |text: &str| {
        Catalogue::with_overlay(&[("local.toml".to_owned(), format!("{vendor}{text}"))])
    };
    let embedded = Catalogue::embedded().unwrap();

    let added = overlay(&[HEAD, &domain("suffix", "chat.example.net", "ui")].concat()).unwrap();
    assert_eq!(added.services().len(), embedded.services().len() + 1);
    assert_eq!(
        &*added.match_host("chat.example.net").unwrap().service.id,
        "acme.chat"
    );
    assert_ne!(added.version(), embedded.version());

    let own = HEAD.replace("acme.chat", "openai.sora");
    let replaced = overlay(&[&*own, &domain("host", "sora.example.net", "ui")].concat()).unwrap();
    assert_eq!(replaced.services().len(), embedded.services().len());
    assert!(replaced.match_host("sora.com").is_none());
    assert!(replaced.match_host("sora.example.net").is_some());

    let retired = overlay("[[service]]\nid = \"openai.sora\"\nretire = true\n").unwrap();
    assert!(retired.service("openai.sora").is_none() && retired.match_host("sora.com").is_none());

    let refused = |text: &str| overlay(text).unwrap_err().to_string();
    assert_eq!(
        refused("[[service]]\nid = \"openai.sorra\"\nretire = true\n"),
        "local.toml:3:6: there is no service \"openai.sorra\" to retire, did you mean \"openai.sora\"?"
    );
    let stolen = refused(&[HEAD, &domain("suffix", "chatgpt.com", "ui")].concat());
    assert_eq!(
        stolen,
        "local.toml:9:1: suffix chatgpt.com belongs to \"openai.chatgpt\" already; replace or retire that service, or write a narrower rule"
    );
    let stolen = refused(
        &[
            HEAD,
            &url(
                "api.openai.com",
                "/v1/responses",
                "activity = \"prompt\"\nmethod = [\"POST\"]",
            ),
        ]
        .concat(),
    );
    assert!(
        stolen.starts_with(
            "local.toml:9:1: POST api.openai.com/v1/responses belongs to \"openai.api\" already"
        ),
        "{stolen}"
    );
    assert!(refused(&[HEAD, HEAD].concat()).contains("stands in the overlay twice"));
}

#[test]
fn an_overlay_says_what_it_takes_over() {
    let vendor = "vendor = { name = \"Acme\", country = \"DE\" }\n";
    let told = |text: &str| {
        let files = [("local.toml".to_owned(), format!("{vendor}{text}"))];
        let laid = Catalogue::with_overlay(&files).unwrap();
        let taken = laid.takeovers().iter();
        taken.map(ToString::to_string).collect::<Vec<_>>()
    };
    let adding = [HEAD, &domain("suffix", "chat.example.net", "ui")].concat();
    assert!(told(&adding).is_empty());
    assert!(Catalogue::embedded().unwrap().takeovers().is_empty());

    let narrower = [HEAD, &domain("host", "our.chatgpt.com", "ui")].concat();
    assert_eq!(
        told(&narrower),
        [
            "local.toml:9: host our.chatgpt.com now gives acme.chat what openai.chatgpt found with suffix chatgpt.com"
        ]
    );
    let pattern = [HEAD, &domain("pattern", "acme-{x}.openai.azure.com", "api")].concat();
    assert!(told(&pattern)[0].contains("now gives acme.chat what microsoft."));
    let wider = [HEAD, &domain("suffix", "prod.chatgpt.com", "ui")].concat();
    assert_eq!(told(&wider).len(), 1);
    let path = [
        HEAD,
        &url(
            "api.openai.com",
            "/v1/responses/acme",
            "activity = \"prompt\"",
        ),
    ]
    .concat();
    assert_eq!(
        told(&path),
        [
            "local.toml:9: api.openai.com/v1/responses/acme now gives acme.chat what openai.api found with POST api.openai.com/v1/responses"
        ]
    );

    let agent = "[[service.user_agent]]\nprefix = \"claude-cli/2\"\nchannel = \"cli\"\nsource = \"x\"\nverified = \"2026-11-01\"\n";
    let taken = told(&[HEAD, agent].concat());
    assert_eq!(taken.len(), 1);
    assert!(
        taken[0].contains(
            "user agent claude-cli/2… now gives acme.chat what anthropic.claude-code found"
        ),
        "{taken:?}"
    );

    let replaced = told(
        &[
            &*HEAD.replace("acme.chat", "openai.sora"),
            &domain("host", "sora.example.net", "ui"),
        ]
        .concat(),
    );
    assert!(
        replaced[0].starts_with("local.toml:2: replaces openai.sora: 1 rule instead of "),
        "{replaced:?}"
    );
    assert_eq!(
        told("[[service]]\nid = \"openai.sora\"\nretire = true\n"),
        ["local.toml:3: retires openai.sora: Sora, 2 rules"]
    );
}

#[test]
fn only_an_overlay_can_retire() {
    let error = acme("[[service]]\nid = \"acme.chat\"\nretire = true\n").unwrap_err();
    assert!(error.contains("only an overlay can retire"), "{error}");
}

/// A service without any finding, to break in one way at a time.
fn clean() -> String {
    [
        HEAD,
        &domain("suffix", "acme.example", "ui"),
        &url("acme.example", "/chat", "activity = \"prompt\""),
        "[[service.user_agent]]\nprefix = \"acme/\"\nchannel = \"cli\"\nsource = \"vendor docs: x\"\nverified = \"2026-11-01\"\n",
        "[[service.fact]]\nfield = \"soc2\"\nvalue = \"yes\"\nsource = \"https://example.com\"\nchecked = \"2026-11-01\"\nconfidence = \"high\"\n",
        &example("acme.example", "ui"),
        &example("https://acme.example/chat", "prompt"),
        &example("User-Agent: acme/1", "cli"),
        &near_miss("acme.example.org"),
    ]
    .concat()
}

#[test]
fn the_lint_catches_each_kind_of_mistake() {
    assert_eq!(lint(&acme(&clean()).unwrap(), &[]), []);
    let second = HEAD.replace("acme.chat", "acme.bot");
    let two_rules = [&*clean(), &domain("suffix", "other.example", "ui")].concat();
    let cases = [
        (
            clean().replace("acme.chat", "other.chat"),
            "belongs in other.toml",
        ),
        (
            clean().replace("\"ui\"\n[", "\"api\"\n["),
            "expected api, got ui",
        ),
        (
            clean().replace("expect = \"prompt\"", "expect = \"promt\""),
            "is no role, activity, channel",
        ),
        (
            clean().replace("expect = \"ui\"", "expect = \"none\""),
            "expected none, suffix acme.example finds it",
        ),
        (two_rules.clone(), "no example hits suffix other.example"),
        (
            two_rules + &near_miss("www.other.example"),
            "near miss \"www.other.example\" is hit by suffix other.example",
        ),
        (
            clean() + &near_miss("https://acme.example/"),
            "near miss \"https://acme.example/\" is hit by suffix",
        ),
        (
            clean().replace("\"acme.example\"\nrole", "\"google.com\"\nrole"),
            "google.com carries much that is no AI",
        ),
        (
            clean().replace("source = \"vendor docs: x\"", "source = \" \""),
            "the source is empty",
        ),
        (
            clean().replace("verified = \"2026-11-01\"", "verified = \"2027-01-01\""),
            "verified 2027-01-01 lies in the future",
        ),
        (
            clean().replace(
                "source = \"vendor docs: x\"",
                "source = \"list: awesome-eudk\"",
            ),
            "\"list: awesome-eudk\" alone carries weak evidence only",
        ),
        (
            clean().replace("source = \"vendor docs: x\"", "source = \"list: nobody\""),
            "signatures/lists.toml knows no list \"nobody\"",
        ),
        (
            clean().replace("source = \"vendor docs: x\"", "source = \"knowledge\""),
            "\"knowledge\" does not carry definite evidence",
        ),
        (
            clean().replace("checked = \"2026-11-01\"", "checked = \"2026-01-01\""),
            "the fact soc2 is stale",
        ),
        (
            clean()
                + "[[service.fact]]\nfield = \"soc2\"\nvalue = \"no\"\nsource = \"x\"\nchecked = \"2026-11-01\"\nconfidence = \"low\"\n",
            "twice for one tier",
        ),
        (
            clean().replace("consumer-chat", "embedded"),
            "is embedded, but no `host_app` says in what",
        ),
        (HEAD.to_owned(), "has neither a rule nor a `no_signature`"),
        (
            HEAD.to_owned() + "retired = \"2026-01\"\n",
            "a retired service keeps its rules",
        ),
        (
            clean().replace(
                "name = \"Acme Chat\"",
                "name = \"Acme Chat\"\nno_signature = \"why\"",
            ),
            "one of them is wrong",
        ),
        (
            clean().replace(&near_miss("acme.example.org"), ""),
            "has no near miss",
        ),
        (
            clean() + &second + &domain("suffix", "acme.example", "ui"),
            "suffix acme.example is claimed by acme.bot too",
        ),
        (
            clean() + &second + "no_signature = \"why\"\n",
            "stands after acme.chat; services are sorted by id",
        ),
        (
            clean()
                + &domain("pattern", "{a}-b.x.acme.example", "ui")
                + &domain("pattern", "b-{a}.x.acme.example", "api")
                + &example("b-b.x.acme.example", "ui"),
            "fit equally well",
        ),
        (
            clean().replace(
                "prefix = \"acme/\"\nchannel = \"cli\"\nsource = \"vendor docs: x\"\n",
                "prefix = \"acme/\"\nchannel = \"cli\"\n",
            ),
            "user agent acme/… has no source",
        ),
    ];
    for (services, expected) in cases {
        let catalogue = acme(&services).expect(expected);
        let findings: Vec<String> = lint(&catalogue, &[])
            .iter()
            .map(Finding::to_string)
            .collect();
        assert!(
            findings.iter().any(|text| text.contains(expected)),
            "no finding says {expected:?}:\n{}",
            findings.join("\n")
        );
    }
}

#[test]
fn a_trap_springs_for_hosts_and_urls_but_not_for_weak_evidence() {
    let traps = ["www.acme.example", "https://acme.example/chat"];
    let sure = errors(lint(&acme(&clean()).unwrap(), &traps));
    assert!(
        sure.iter()
            .any(|text| text.contains("suffix acme.example finds the trap www.acme.example"))
    );
    assert!(
        sure.iter()
            .any(|text| text.contains("finds the trap https://acme.example/chat"))
    );
    let weak = clean()
        .replace("evidence = \"definite\"", "evidence = \"weak\"")
        .replace(
            "activity = \"prompt\"",
            "activity = \"prompt\"\nevidence = \"weak\"",
        );
    assert!(errors(lint(&acme(&weak).unwrap(), &traps)).is_empty());
}

#[test]
fn one_broken_file_does_not_hide_the_findings_of_another() {
    let vendor = "vendor = { name = \"Acme\", country = \"DE\" }\n";
    let files = [
        ("acme.toml".to_owned(), format!("{vendor}{HEAD}")),
        ("broken.toml".to_owned(), "vendor = 1\n".to_owned()),
    ];
    let settings = LintSettings {
        today: today(),
        traps: &[],
    };
    let findings: Vec<String> = Catalogue::lint_files(&files, settings)
        .iter()
        .map(Finding::to_string)
        .collect();
    assert!(
        findings
            .iter()
            .any(|f| f.starts_with("acme.toml:2: error: acme.chat: has neither")),
        "{findings:?}"
    );
    assert!(
        findings
            .iter()
            .any(|f| f.starts_with("broken.toml:1: error:")),
        "{findings:?}"
    );
}

#[test]
fn an_explanation_names_the_winner_the_losers_and_the_lookalikes() {
    let catalogue = Catalogue::embedded().unwrap();
    let question = Question::parse("GET https://auth.openai.com/x").unwrap();
    let explained = catalogue.explain(question);
    let told: Vec<_> = explained
        .considered
        .iter()
        .map(|c| (c.rule.to_string(), c.verdict, c.because.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "suffix auth.openai.com".to_owned(),
                RuleVerdict::Won,
                "the most specific rule for this host"
            ),
            (
                "suffix openai.com".to_owned(),
                RuleVerdict::Outranked,
                "fits too, but suffix auth.openai.com is more specific"
            ),
        ]
    );
    let lookalike = catalogue.explain(Question::parse("chatgpt.com.evil.example").unwrap());
    assert!(lookalike.considered.is_empty());
    assert_eq!(
        lookalike.resembles,
        ["holds chatgpt.com (ChatGPT), but ends in evil.example"]
    );
    let glued = catalogue.explain(Question::parse("notchatgpt.com").unwrap());
    assert_eq!(
        glued.resembles,
        ["ends in the letters of chatgpt.com (ChatGPT), but not at a label"]
    );
    let get =
        catalogue.explain(Question::parse("GET https://api.openai.com/v1/responses").unwrap());
    assert!(
        get.considered
            .iter()
            .any(|c| c.because == "the path fits, the method does not")
    );
}

#[test]
fn a_search_finds_names_aliases_vendors_and_hosts() {
    let catalogue = Catalogue::embedded().unwrap();
    let first = |text: &str| {
        catalogue
            .search(text)
            .first()
            .map(|hit| hit.service.id.to_string())
    };
    assert_eq!(first("chatgpt").as_deref(), Some("openai.chatgpt"));
    assert_eq!(first("Chat GPT").as_deref(), Some("openai.chatgpt"));
    assert_eq!(first("openai.sora").as_deref(), Some("openai.sora"));
    assert_eq!(
        first("files.oaiusercontent.com").as_deref(),
        Some("openai.chatgpt")
    );
    assert!(catalogue.search("OpenAI").len() >= 5);
    assert!(catalogue.search("  ").is_empty());
    assert!(catalogue.search("no such thing at all").is_empty());
}

#[test]
fn the_counts_add_up() {
    let catalogue = Catalogue::embedded().unwrap();
    let stats = catalogue.stats(today()).unwrap();
    assert_eq!(stats.rules, catalogue.rule_count());
    let on_names = stats.domain_rules + stats.url_rules;
    assert_eq!(stats.by_age.values().sum::<usize>(), on_names);
    assert_eq!(stats.by_evidence.values().sum::<usize>(), on_names);
    assert!(stats.two_witnesses_beside_knowledge <= stats.two_witnesses);
    assert_eq!(stats.without_source_or_date, 0);
    assert_eq!(
        stats.rules,
        stats.domain_rules + stats.url_rules + stats.agent_rules
    );
    assert_eq!(stats.by_role.values().sum::<usize>(), stats.domain_rules);
    assert_eq!(stats.by_category.values().sum::<usize>(), stats.services);
    let (date, digest) = catalogue.version().split_once('+').unwrap();
    assert!(
        date.starts_with("20") && digest.len() == 12,
        "{}",
        catalogue.version()
    );
}

#[test]
fn hostile_names_are_answered_like_any_other() {
    let catalogue = Catalogue::embedded().unwrap();
    let deep = format!("{}chatgpt.com", "a.".repeat(120));
    assert_eq!(
        catalogue.match_host(&deep).map(|f| f.rule.evidence),
        Some(Evidence::Definite)
    );
    for host in ["", ".", "..", "chatgpt.com.", ".chatgpt.com.x", "é.com"] {
        assert!(catalogue.match_host(host).is_none(), "{host:?}");
    }
    let long = vec![b'/'; 100_000];
    let _ = catalogue.match_url("chatgpt.com", &long, None);
}

#[test]
fn a_name_in_another_script_is_matched_in_its_ascii_form() {
    let catalogue = acme(&[HEAD, &domain("suffix", "bücher.example", "ui")].concat()).unwrap();
    assert!(catalogue.match_host("chat.xn--bcher-kva.example").is_some());
}

#[test]
fn a_platform_of_the_private_list_can_be_a_service() {
    let catalogue = acme(&[HEAD, &domain("suffix", "hf.space", "ui")].concat()).unwrap();
    assert!(catalogue.match_host("demo.hf.space").is_some());
    assert!(acme(&[HEAD, &domain("suffix", "ai", "ui")].concat()).is_err());
}

#[test]
fn a_diff_tells_what_came_went_and_changed() {
    let older = acme(&clean()).unwrap();
    assert!(older.diff(&older).is_empty());
    let changed = clean()
        .replace("suffix = \"acme.example\"", "host = \"acme.example\"")
        .replace("Acme Chat", "Acme One")
        .replace(
            "activity = \"prompt\"",
            "activity = \"prompt\"\ntier = \"enterprise\"",
        )
        .replace("value = \"yes\"", "value = \"no\"");
    let diff = older.diff(&acme(&changed).unwrap());
    assert!(diff.gone.is_empty() && diff.new.is_empty() && diff.moved.is_empty());
    assert_eq!(
        diff.changed[0].sentences,
        [
            "name: was Acme Chat; now Acme One",
            "acme.example/chat: was prompt, definite; now prompt enterprise, definite",
            "no longer suffix acme.example (ui, definite)",
            "new host acme.example (ui, definite)",
            "fact soc2: was yes; now no",
        ]
    );
    let diff = older.diff(&acme(&clean().replace("acme.chat", "acme.bot")).unwrap());
    assert_eq!(diff.gone[0].id, "acme.chat");
    assert_eq!(
        (&*diff.new[0].id, &*diff.new[0].what),
        ("acme.bot", "chatbot, consumer-chat, 3 rules")
    );
    assert_eq!(
        diff.moved,
        [
            "acme.example/chat goes from acme.chat to acme.bot",
            "suffix acme.example goes from acme.chat to acme.bot",
        ]
    );
}

#[test]
fn the_longer_user_agent_rule_wins_in_whatever_order_they_stand() {
    let agent = |prefix: &str, channel: &str| {
        format!("[[service.user_agent]]\nprefix = \"{prefix}\"\nchannel = \"{channel}\"\n")
    };
    for order in [
        [("acme", "cli"), ("acme-ide/", "ide")],
        [("acme-ide/", "ide"), ("acme", "cli")],
    ] {
        let rules: String = order
            .iter()
            .map(|(prefix, channel)| agent(prefix, channel))
            .collect();
        let catalogue = acme(&[HEAD, &*rules].concat()).unwrap();
        let channel = |text: &[u8]| catalogue.match_user_agent(text).map(|f| f.rule.channel);
        assert_eq!(channel(b"acme-ide/1"), Some(Channel::Ide));
        assert_eq!(channel(b"acme/1"), Some(Channel::Cli));
    }
}
