//! Receivers of webhooks, Slack's among them.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::desk::{Desk, Ledger};
use super::{Behaviour, End};

/// What it does with its first requests, before it behaves.
#[derive(Debug, Clone, Copy)]
enum Doing {
    /// Nobody listens.
    Away,
    /// Closes the connection without a word.
    HangUp,
    /// Takes the request and says nothing, for longer than anybody waits.
    Silent,
    /// Says its answer a byte at a time, for longer than anybody waits.
    Dribble,
    /// Answers with this text, once the request is read.
    Say(&'static str),
    /// The same, after some seconds.
    SayLate(&'static str, u64),
    /// Takes the message and says that it did not, or says nothing that can be read.
    TakeAnd(&'static str),
}

const DOINGS: [(Doing, End); 22] = [
    (Doing::Away, End::Delivered),
    (Doing::HangUp, End::Delivered),
    (Doing::Say("HTTP/1.1 500 Broken\r\n\r\n"), End::Delivered),
    (Doing::Say("HTTP/1.1 502 Broken\r\n\r\n"), End::Delivered),
    (
        Doing::Say("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\n"),
        End::Delivered,
    ),
    (Doing::Say("HTTP/1.1 408 Late\r\n\r\n"), End::Delivered),
    (Doing::Say("HTTP/1.1 425 Early\r\n\r\n"), End::Delivered),
    (Doing::Say("HTTP/1.1 429 Slow\r\n\r\n"), End::Delivered),
    (
        Doing::Say("HTTP/1.1 429 Slow\r\nRetry-After: 0\r\n\r\n"),
        End::Delivered,
    ),
    (
        Doing::Say("HTTP/1.1 429 Slow\r\nRetry-After: soon, perhaps\r\n\r\n"),
        End::Delivered,
    ),
    (
        Doing::Say("HTTP/1.1 429 Slow\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n"),
        End::Delivered,
    ),
    (Doing::TakeAnd("HTTP/1.1 429 Slow\r\n\r\n"), End::Delivered),
    (Doing::Say("this is no HTTP at all\r\n\r\n"), End::Delivered),
    (Doing::Say("HTTP/1.1 400 No\r\n\r\n"), End::Dead),
    (Doing::Say("HTTP/1.1 404 Nothing\r\n\r\n"), End::Dead),
    (
        Doing::Say("HTTP/1.1 301 There\r\nLocation: http://169.254.169.254/latest\r\n\r\n"),
        End::Dead,
    ),
    (Doing::Say("HTTP/1.1 410 Gone\r\n\r\n"), End::Dead),
    (
        Doing::TakeAnd("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Sign in</html>"),
        End::Delivered,
    ),
    (
        Doing::TakeAnd("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nendless"),
        End::Delivered,
    ),
    (
        Doing::SayLate("HTTP/1.1 500 Broken\r\n\r\n", 5),
        End::Delivered,
    ),
    (Doing::Silent, End::Delivered),
    (Doing::Dribble, End::Delivered),
];

const CHANNELS: [&str; 2] = [
    "kind = \"webhook\"\nurl = \"http://127.0.0.1:PORT/hook\"\n",
    "kind = \"slack\"\nurl = \"http://127.0.0.1:PORT/hook\"\n",
];

pub(super) fn behaviours() -> Vec<Behaviour> {
    let all = CHANNELS
        .iter()
        .flat_map(|channel| DOINGS.iter().map(move |doing| (*channel, doing)));
    all.map(|(channel, (doing, end))| {
        let doing = *doing;
        Behaviour {
            what: format!("{channel} {doing:?}"),
            end: *end,
            denies: matches!(doing, Doing::TakeAnd(text) if text.contains("429")),
            is_slow: matches!(doing, Doing::SayLate(..) | Doing::Silent | Doing::Dribble),
            receiver: Box::new(move |_| {
                let is_away = matches!(doing, Doing::Away);
                let clerk = move |stream: TcpStream, ledger: &Ledger| take(stream, ledger, doing);
                Some(Box::new(Desk::new(channel, is_away, Arc::new(clerk))))
            }),
        }
    })
    .collect()
}

fn take(stream: TcpStream, ledger: &Ledger, doing: Doing) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    // Slack gets no id; there its text is the message.
    let (mut length, mut id) = (0, "slack".to_owned());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.trim().to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if let Some(value) = lower.strip_prefix("webhook-id: ") {
            id = value.to_owned();
        }
        if lower.is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let doing = ledger.begins_badly().then_some(doing);
    if matches!(doing, None | Some(Doing::TakeAnd(_))) {
        ledger.takes(&id);
    }
    let stream = reader.get_mut();
    match doing {
        None => stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
        Some(Doing::Say(text) | Doing::TakeAnd(text)) => stream.write_all(text.as_bytes()),
        Some(Doing::SayLate(text, secs)) => {
            thread::sleep(Duration::from_secs(secs));
            stream.write_all(text.as_bytes())
        }
        Some(Doing::Silent) => {
            thread::sleep(Duration::from_secs(45));
            Ok(())
        }
        Some(Doing::Dribble) => {
            for byte in b"HTTP/1.1 200 OK and a very long way to say so\r\n" {
                stream.write_all(&[*byte])?;
                thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        }
        Some(Doing::Away | Doing::HangUp) => Ok(()),
    }
}
