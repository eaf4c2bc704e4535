//! The traffic of twelve weeks: who asks for what, by the calendar and by nothing else.

use std::fmt::Write as _;

use gnomon::model::Time;

/// `%>st` is what the client sent; the native format has no such field.
pub(super) const FORMAT: &str =
    "squid: %ts.%03tu %6tr %>a %Ss/%03>Hs %>st %<st %rm %ru %[un %Sh/%<a %mt";

/// Name and last part of the address, by segment.
pub(super) const PEOPLE: [(&str, &str, u8); 12] = [
    ("r.one", "research", 11),
    ("r.two", "research", 12),
    ("r.three", "research", 13),
    ("r.four", "research", 14),
    ("l.one", "legal", 71),
    ("l.two", "legal", 72),
    ("l.three", "legal", 73),
    ("l.four", "legal", 74),
    ("s.one", "sales", 131),
    ("s.two", "sales", 132),
    ("s.three", "sales", 133),
    ("s.four", "sales", 134),
];

struct Request<'a> {
    /// Minutes after midnight.
    minute: i64,
    who: &'a str,
    client: String,
    host: &'a str,
    blocked: bool,
    sent: u64,
}

/// The log of one week, counted from 1; `monday` is its first instant.
pub(super) fn week(number: i64, monday: Time) -> String {
    let mut text = String::new();
    for weekday in 0..7 {
        let midnight = monday.plus_days(weekday);
        let mut requests = servers(number);
        if weekday < 5 {
            for (at, (who, segment, last)) in PEOPLE.iter().enumerate() {
                let at = i64::try_from(at).unwrap();
                person(number, weekday, at, (who, segment, *last), &mut requests);
            }
        }
        requests.sort_by_key(|request| request.minute);
        for (order, request) in requests.iter().enumerate() {
            line(midnight, order, request, &mut text);
        }
    }
    text
}

fn line(midnight: Time, order: usize, request: &Request<'_>, text: &mut String) {
    let order = i64::try_from(order % 60).unwrap();
    let at = midnight.plus_secs(request.minute * 60 + order);
    let (code, received) = if request.blocked {
        ("TCP_DENIED/403", 3900)
    } else {
        ("TCP_TUNNEL/200", 24_000)
    };
    let _ = writeln!(
        text,
        "{}.000    250 {} {code} {} {received} CONNECT {}:443 {} HIER_DIRECT/203.0.113.9 -",
        at.secs(),
        request.client,
        request.sent,
        request.host,
        request.who,
    );
}

fn person(
    week: i64,
    weekday: i64,
    at: i64,
    (who, segment, last): (&'static str, &'static str, u8),
    requests: &mut Vec<Request<'static>>,
) {
    let mut ask = |host: &'static str, times: i64, sent: u64, blocked: bool| {
        for time in 0..times {
            requests.push(Request {
                minute: 8 * 60 + at * 7 + time * 45,
                who,
                client: format!("192.0.2.{last}"),
                host,
                blocked,
                sent,
            });
        }
    };
    // Everybody knows ChatGPT. The warning page of week 4 makes everyone but the legal department, which has an
    // exception, ask less and send little.
    match (week, segment) {
        (1..=3, _) | (4..=6, "legal") => ask("chatgpt.com", 3, 20_000, false),
        (7.., "legal") => ask("chatgpt.com", 2, 12_000, false),
        _ => ask("chatgpt.com", 1, 2_000, false),
    }
    // Six use DeepSeek until the block of week 3; a forgotten proxy lets one through in week 9.
    if segment == "research" || (segment == "sales" && at < 10) {
        match week {
            1..=2 => ask("chat.deepseek.com", 4, 30_000, false),
            3..=4 => ask("chat.deepseek.com", 2, 400, true),
            9 if who == "r.two" && weekday >= 2 => ask("chat.deepseek.com", 5, 30_000, false),
            _ if (week + weekday + at) % 6 == 0 => ask("chat.deepseek.com", 1, 400, true),
            _ => {}
        }
        if week >= 3 {
            ask("claude.ai", 2, 8_000, false);
        }
    }
    if matches!(who, "l.one" | "l.two") {
        ask("claude.ai", 2, 8_000, false);
    }
    // Sales bring their own accounts of Doors Chat; in week 6 the contract comes, and its own host.
    match (week, segment) {
        (1..=5, "sales") => ask("personal.doors.example", 3, 6_000, false),
        (6.., "sales") | (7.., "research") => ask("workspace.doors.example", 3, 6_000, false),
        _ => {}
    }
    if week == 10 && who == "r.three" {
        ask("personal.doors.example", 1, 90_000, false);
    }
    // The AI inside the approved office suite is switched on in week 8.
    if week >= 8 && segment == "legal" {
        ask("copilot.cloud.microsoft", 2, 3_000, false);
    }
    if week <= 6 && who == "s.three" {
        ask("www.perplexity.ai", 2, 1_500, false);
    }
    // A key on a laptop.
    if week == 8 && who == "r.one" {
        ask("api.openai.com", 4, 5_000, false);
    }
}

/// The server that builds calls the model by the hour, day and night, and through the gateway from week 9 on.
fn servers(week: i64) -> Vec<Request<'static>> {
    (0..24)
        .map(|hour| Request {
            minute: hour * 60 + 5,
            who: "-",
            client: "198.51.100.5".to_owned(),
            host: if week < 9 {
                "api.openai.com"
            } else {
                "models.corp.example"
            },
            blocked: false,
            sent: 4_000,
        })
        .collect()
}
