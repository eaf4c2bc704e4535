//! Receivers that misbehave in every way, with the service up and with the service killed while a message is on its
//! way: nothing is lost, and at most one message more per crash. And a storm, of which people get a few messages.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::service::{Service, gnomon, until};
use crate::size::quick_or_whole;

/// What a receiver does with its first requests, before it behaves.
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
    /// Takes the message and says that it did not.
    TakeAnd(&'static str),
}

/// What is to become of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Delivered,
    /// A dead letter, and delivered when it is replayed.
    Dead,
}

const BEHAVIOURS: [(Doing, End); 22] = [
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

/// Of these the quick form makes do with the ones that need no time.
const QUICK: usize = 19;
/// So many requests are answered badly.
const BAD_ANSWERS: usize = 2;

#[test]
fn receivers_that_misbehave_get_every_message_in_the_end() {
    let kinds = ["webhook", "slack"];
    let behaviours = &BEHAVIOURS[..quick_or_whole(QUICK, BEHAVIOURS.len())];
    let cells: Vec<(&str, &(Doing, End), bool)> = kinds
        .iter()
        .flat_map(|kind| behaviours.iter().map(move |behaviour| (*kind, behaviour)))
        .flat_map(|(kind, behaviour)| [false, true].map(|killed| (kind, behaviour, killed)))
        .collect();
    let (next, doubled) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((kind, (doing, end), killed)) =
                    cells.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let more = cell(kind, *doing, *end, *killed);
                    doubled.fetch_add(more, Ordering::Relaxed);
                }
            });
        }
    });
    println!(
        "{} cells, nothing lost, {} messages more than needed",
        cells.len(),
        doubled.into_inner()
    );
}

/// One message to one receiver; how many times more than once it was taken.
fn cell(kind: &str, doing: Doing, end: End, killed: bool) -> usize {
    let what = format!("{kind} {doing:?} killed: {killed}");
    let root = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(doing);
    let log = root.path().join("access.log");
    let channel = format!(
        "[[alerts.channels]]\nname = \"out\"\nkind = \"{kind}\"\nurl = \"http://127.0.0.1:{}/hook\"\n",
        receiver.port
    );
    let mut service = Service::with(root.path(), &log, &root.path().join("gnomon.db"), &channel);
    let row = format!(
        "{}.000 88 198.51.100.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 v.rossi HIER_DIRECT/203.0.113.5 -\n",
        jiff::Timestamp::now().as_second() - 60
    );
    fs::write(&log, row).unwrap();
    service.start();
    if killed {
        // In the middle of the first try, where there is one to see.
        until("a first try", || {
            let tried = receiver.requests() > 0 || service.said().contains("alert not delivered");
            tried.then_some(())
        });
        service.kill();
        service.start();
    }
    if matches!(doing, Doing::Away) {
        until("a try that failed", || {
            service.said().contains("alert not delivered").then_some(())
        });
        receiver.listen();
    }
    let store = service.store().to_path_buf();
    let state = || SqliteStore::open_read_only(&store).ok()?.outbox(None).ok();
    let settled = until(&what, || {
        state().filter(|state| state.pending == 0 && state.sent + state.dead > 0)
    });
    if end == End::Dead {
        assert_eq!((settled.sent, settled.dead), (0, 1), "{what}");
        assert_eq!(receiver.taken(), 0, "{what}");
        // A receiver that is gone for good is asked again after the next start only.
        assert!(service.stop().success());
        receiver.behave();
        let replayed = gnomon()
            .args(["doctor", "--replay-dead-letters", "--config"])
            .arg(root.path().join("gnomon.toml"))
            .output()
            .unwrap();
        assert!(replayed.status.success(), "{replayed:?}");
        service.start();
        until(&what, || (receiver.taken() > 0).then_some(()));
        until(&what, || state().filter(|state| state.sent == 1));
    }
    assert!(service.stop().success(), "{what}: {}", service.said());
    let taken = receiver.taken();
    let by_itself = if matches!(doing, Doing::TakeAnd(text) if text.contains("429")) {
        BAD_ANSWERS
    } else {
        0
    };
    assert!(taken >= 1, "{what}: lost\n{}", service.said());
    assert!(
        taken <= 1 + by_itself + usize::from(killed),
        "{what}: taken {taken} times"
    );
    assert!(receiver.ids() <= 1, "{what}: under several ids");
    taken - 1
}

/// A receiver that misbehaves for its first requests.
#[derive(Clone)]
struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    doing: Doing,
    bad_answers: usize,
    requests: usize,
    taken: usize,
    ids: std::collections::BTreeSet<String>,
}

impl Receiver {
    fn start(doing: Doing) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(Mutex::new(State {
                doing,
                bad_answers: BAD_ANSWERS,
                requests: 0,
                taken: 0,
                ids: std::collections::BTreeSet::new(),
            })),
        };
        if matches!(doing, Doing::Away) {
            receiver.behave();
        } else {
            receiver.serve(listener);
        }
        receiver
    }

    /// Somebody is there at last.
    fn listen(&self) {
        self.serve(TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).unwrap());
    }

    fn serve(&self, listener: TcpListener) {
        let clerk = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let clerk = clerk.clone();
                // A sender that was killed leaves half a request.
                thread::spawn(move || clerk.take(stream));
            }
        });
    }

    fn behave(&self) {
        self.state.lock().unwrap().bad_answers = 0;
    }

    fn requests(&self) -> usize {
        self.state.lock().unwrap().requests
    }

    fn taken(&self) -> usize {
        self.state.lock().unwrap().taken
    }

    fn ids(&self) -> usize {
        self.state.lock().unwrap().ids.len()
    }

    fn take(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let (mut length, mut id) = (0, None);
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
                id = Some(value.to_owned());
            }
            if lower.is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length])?;
        let doing = {
            let mut state = self.state.lock().unwrap();
            state.requests += 1;
            state.ids.extend(id);
            let is_bad = state.bad_answers > 0;
            state.bad_answers = state.bad_answers.saturating_sub(1);
            let doing = is_bad.then_some(state.doing);
            state.taken += usize::from(matches!(doing, None | Some(Doing::TakeAnd(_))));
            doing
        };
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
}

const SERVICES: u64 = 400;

#[test]
fn a_storm_of_detections_is_a_few_messages() {
    let detections = quick_or_whole(60_000, 1_000_000);
    let root = tempfile::tempdir().unwrap();
    let overlay = root.path().join("overlay");
    fs::create_dir(&overlay).unwrap();
    fs::write(overlay.join("storm.toml"), services()).unwrap();
    let (log, told) = (
        root.path().join("access.log"),
        root.path().join("alerts.jsonl"),
    );
    let more = format!(
        "[catalogue]\noverlay = \"{}\"\n[[alerts.channels]]\nname = \"one\"\nkind = \"file\"\npath = \"{}\"\nper_minute = 6000\n",
        overlay.display(),
        told.display()
    );
    let mut service = Service::with(root.path(), &log, &root.path().join("gnomon.db"), &more);
    append(&log, 0..1);
    service.start();
    service.wait_for(1);
    // The whole minute, in sixty parts.
    let begun = Instant::now();
    let part = detections / 60;
    for second in 0..60 {
        append(&log, 1 + second * part..1 + (second + 1) * part);
        let due =
            Duration::from_millis(quick_or_whole(200, 1_000)) * u32::try_from(second + 1).unwrap();
        thread::sleep(due.saturating_sub(begun.elapsed()));
    }
    service.wait_for(60 * part);
    thread::sleep(Duration::from_secs(3));
    let messages = fs::read_to_string(&told)
        .unwrap_or_default()
        .lines()
        .count();
    assert!(service.stop().success());
    println!(
        "{} detections of {SERVICES} services, {messages} messages",
        60 * part
    );
    assert!((1..=10).contains(&messages), "{messages} messages");
    let store = SqliteStore::open_read_only(service.store()).unwrap();
    let known = store.profiles(None).unwrap().len();
    assert!(
        known as u64 > SERVICES * 9 / 10,
        "{known} services in the register"
    );
}

/// Rows of which some go to a service that was never seen before, up to the end.
fn append(log: &Path, numbers: std::ops::Range<u64>) {
    let now = jiff::Timestamp::now().as_second();
    let mut text = String::new();
    for number in numbers.clone() {
        // The farther on, the more services; a half of them at once.
        let reach = (SERVICES / 2 + number * SERVICES / 2 / 50_000).clamp(1, SERVICES);
        let service = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % reach;
        let _ = writeln!(
            text,
            "{now}.{:03} 88 198.51.100.{} TCP_TUNNEL/200 5678 CONNECT app{service}.storm.example:443 user{} HIER_DIRECT/203.0.113.5 -",
            number % 1_000,
            number % 200,
            number % 90
        );
    }
    let mut file = fs::File::options()
        .create(true)
        .append(true)
        .open(log)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn services() -> String {
    let mut text = String::from(
        "vendor = { name = \"Storm\", country = \"IT\", homepage = \"https://storm.test\" }\n",
    );
    for number in 0..SERVICES {
        let _ = write!(
            text,
            "\n[[service]]\nid = \"storm.app{number}\"\nname = \"App {number}\"\ncategory = \"chatbot\"\narchetype = \"consumer-chat\"\nmodel = \"saas\"\nintroduced = \"2024-05\"\ndescription = \"Invented to storm.\"\n\n[[service.domain]]\nsuffix = \"app{number}.storm.example\"\nrole = \"ui\"\nevidence = \"definite\"\nsource = \"vendor docs: invented\"\nverified = \"2026-09-01\"\n\n[[service.example]]\ninput = \"app{number}.storm.example\"\nexpect = \"ui\"\n\n[[service.near_miss]]\ninput = \"no-app{number}.example\"\n"
        );
    }
    text
}
