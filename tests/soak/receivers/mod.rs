//! Receivers that misbehave in every way that their protocol knows, with the service up, with the service killed while
//! a message is on its way, and with a wall clock that jumps by hours and days: nothing is lost, and there is at most
//! one message more per crash. `GNOMON_RECEIVER=text` runs those alone that have it in their name.

mod desk;
mod files;
mod http;
mod smtp;
mod syslog;
mod tls;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

use crate::service::{Service, gnomon, until};
use crate::shim::{self, Clock};
use crate::size::is_whole;
use desk::Ledger;

/// So many requests are answered badly; fewer than open the breaker.
const BAD_ANSWERS: usize = 2;
/// So many if there is to be one at every position of the clock.
const BAD_ANSWERS_AT_JUMPS: usize = 4;
/// From the first good answer to the message in it, whatever the clock says.
const SOON: Duration = Duration::from_secs(90);

/// What is to become of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Delivered,
    /// A dead letter, and delivered when it is replayed.
    Dead,
}

/// What happens to the service meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Up,
    /// Killed in the middle of the first try.
    Killed,
    /// After the first try, its wall clock is set back and forth.
    ClockJumps,
}

/// Seconds that the clock is ahead, for half a second each; the last one stays. A message that was tried in the far future
/// must not wait for it, and a lease that ran out in an instant sends nothing twice.
const JUMPS: [i64; 4] = [-86_400, 3 * 3_600, 40 * 86_400, -2 * 3_600];
const POLLS_PER_JUMP: usize = 25;

/// A receiver of messages, and what it takes.
trait Receiver {
    /// The keys of its channel, without the name.
    fn channel(&self) -> String;

    fn ledger(&self) -> &Ledger;

    /// Whether nobody is there at first.
    fn is_away(&self) -> bool {
        false
    }

    fn come_back(&self) {}

    /// How many messages it has.
    fn taken(&self) -> usize {
        self.ledger().taken()
    }

    /// Under how many ids.
    fn ids(&self) -> usize {
        self.ledger().ids()
    }
}

/// A way to misbehave for the first requests, before behaving.
struct Behaviour {
    what: String,
    end: End,
    /// Takes messages and says that it did not.
    denies: bool,
    /// Takes long: for the whole form only.
    is_slow: bool,
    receiver: Maker,
}

/// Makes a receiver with a directory of its own; `None` where there can be none.
type Maker = Box<dyn Fn(&Path) -> Option<Box<dyn Receiver>> + Sync + Send>;

#[test]
fn receivers_that_misbehave_get_every_message_in_the_end() {
    let only = std::env::var("GNOMON_RECEIVER").unwrap_or_default();
    let behaviours: Vec<Behaviour> = [
        http::behaviours(),
        smtp::behaviours(),
        syslog::behaviours(),
        files::behaviours(),
    ]
    .into_iter()
    .flatten()
    .filter(|behaviour| is_whole() || !behaviour.is_slow)
    .filter(|behaviour| behaviour.what.contains(&only))
    .collect();
    let mut modes = vec![Mode::Up, Mode::Killed];
    if shim::compiled().is_some() {
        modes.push(Mode::ClockJumps);
    }
    // The quick form takes each way to misbehave in one mode, and each mode with many.
    let in_mode = |at: usize, mode: usize| is_whole() || at % modes.len() == mode;
    let mut cells: Vec<(&Behaviour, Mode)> = Vec::new();
    for (at, behaviour) in behaviours.iter().enumerate() {
        let of_it = modes.iter().enumerate();
        cells.extend(
            of_it
                .filter(|(mode, _)| in_mode(at, *mode))
                .map(|(_, mode)| (behaviour, *mode)),
        );
    }
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (more, denied) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((behaviour, mode)) = cells.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let came_out = catch_unwind(AssertUnwindSafe(|| cell(behaviour, *mode)));
                    match came_out.unwrap_or_else(|_| Err("see above".to_owned())) {
                        Ok(Some(count)) => {
                            done.fetch_add(1, Ordering::Relaxed);
                            let to = if behaviour.denies { &denied } else { &more };
                            to.fetch_add(count, Ordering::Relaxed);
                        }
                        Ok(None) => {}
                        Err(why) => {
                            let why = format!("{}, {mode:?}: {why}", behaviour.what);
                            failed.lock().unwrap().push(why);
                        }
                    }
                }
            });
        }
    });
    println!(
        "{} cells ({} behaviours), nothing lost, {} messages more than needed, and {} to receivers that denied what they took",
        done.into_inner(),
        behaviours.len(),
        more.into_inner(),
        denied.into_inner()
    );
    let failed = failed.into_inner().unwrap();
    assert!(
        failed.is_empty(),
        "{} cells:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// One message to one receiver; how many times more than once it was taken. `None` where there can be no such receiver.
fn cell(behaviour: &Behaviour, mode: Mode) -> Result<Option<usize>, String> {
    let root = tempfile::tempdir().unwrap();
    let Some(receiver) = (behaviour.receiver)(root.path()) else {
        return Ok(None);
    };
    let log = root.path().join("access.log");
    let channel = format!(
        "[[alerts.channels]]\nname = \"out\"\n{}",
        receiver.channel()
    );
    let mut service = Service::with(root.path(), &log, &root.path().join("gnomon.db"), &channel);
    let clock = Clock::at(&root.path().join("clock"));
    if mode == Mode::ClockJumps {
        let shim = shim::compiled().unwrap();
        receiver.ledger().misbehave_longer();
        service = service.with_environment(clock.environment(shim));
    }
    fs::write(&log, row()).unwrap();
    service.start();
    if mode != Mode::Up || receiver.is_away() {
        until("a first try", || {
            let tried = receiver.ledger().requests() > 0 || service.said().contains("delivered");
            tried.then_some(())
        });
    }
    if mode == Mode::Killed {
        service.kill();
        service.start();
    }
    if receiver.is_away() {
        until("a try that failed", || {
            service.said().contains("alert not delivered").then_some(())
        });
        receiver.come_back();
    }
    let store = service.store().to_path_buf();
    let state = || SqliteStore::open_read_only(&store).ok()?.outbox(None).ok();
    let (mut polls, mut good_since) = (0, None);
    let settled = until(&behaviour.what, || {
        if mode == Mode::ClockJumps && polls % POLLS_PER_JUMP == 0 {
            JUMPS
                .get(polls / POLLS_PER_JUMP)
                .inspect(|secs| clock.set_ahead(**secs));
        }
        polls += 1;
        if receiver.ledger().behaves() {
            good_since.get_or_insert_with(Instant::now);
        }
        state().filter(|state| state.pending == 0 && state.sent + state.dead > 0)
    });
    let waited = good_since.map_or(Duration::ZERO, |since: Instant| since.elapsed());
    if waited > SOON {
        return Err(format!("delivered {waited:?} after it could be"));
    }
    if behaviour.end == End::Dead {
        if (settled.sent, settled.dead, receiver.taken()) != (0, 1, 0) {
            return Err(format!("{settled:?}, {} taken", receiver.taken()));
        }
        // A receiver that is gone for good is asked again after the next start only.
        assert!(service.stop().success());
        receiver.ledger().behave();
        replay(root.path())?;
        service.start();
        until(&behaviour.what, || (receiver.taken() > 0).then_some(()));
        until(&behaviour.what, || state().filter(|state| state.sent == 1));
    }
    if !service.stop().success() {
        return Err(service.said());
    }
    let (taken, said) = (receiver.taken(), service.said());
    let bad_answers = match mode {
        Mode::ClockJumps => BAD_ANSWERS_AT_JUMPS,
        Mode::Up | Mode::Killed => BAD_ANSWERS,
    };
    let denied = if behaviour.denies { bad_answers } else { 0 };
    let most = 1 + denied + usize::from(mode == Mode::Killed);
    if taken == 0 {
        return Err(format!("lost\n{said}"));
    }
    if taken > most {
        return Err(format!("taken {taken} times\n{said}"));
    }
    if receiver.ids() != 1 {
        return Err(format!("{} ids\n{said}", receiver.ids()));
    }
    let requests = receiver.ledger().requests();
    if requests > bad_answers + 3 {
        return Err(format!("asked {requests} times\n{said}"));
    }
    Ok(Some(taken - 1))
}

/// A line of a log that makes one alert.
fn row() -> String {
    format!(
        "{}.000 88 198.51.100.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 v.rossi HIER_DIRECT/203.0.113.5 -\n",
        jiff::Timestamp::now().as_second() - 60
    )
}

fn replay(directory: &Path) -> Result<(), String> {
    let replayed = gnomon()
        .args(["doctor", "--replay-dead-letters", "--config"])
        .arg(directory.join("gnomon.toml"))
        .output()
        .unwrap();
    if replayed.status.success() {
        return Ok(());
    }
    Err(format!("{replayed:?}"))
}

/// A relay that does not offer what protects the connection gets nothing, however long it is tried; and what waits for
/// it is sent when the operator says that the connection needs no protection.
#[test]
fn a_relay_without_starttls_gets_nothing_and_nothing_is_lost() {
    let root = tempfile::tempdir().unwrap();
    let receiver = smtp::relay();
    let log = root.path().join("access.log");
    fs::write(&log, row()).unwrap();
    let store = root.path().join("gnomon.db");
    let channel = |tls: &str| {
        format!(
            "[[alerts.channels]]\nname = \"out\"\n{}",
            receiver.channel().replace("\"none\"", tls)
        )
    };
    let mut service = Service::with(root.path(), &log, &store, &channel("\"starttls\""));
    service.start();
    until("two tries", || {
        (service.said().matches("alert not delivered").count() > 1).then_some(())
    });
    assert!(service.said().contains("STARTTLS"), "{}", service.said());
    assert!(service.stop().success());
    assert_eq!(receiver.taken(), 0);
    let mut service = Service::with(root.path(), &log, &store, &channel("\"none\""));
    service.start();
    until("the mail", || (receiver.taken() == 1).then_some(()));
    assert!(service.stop().success());
    assert_eq!(receiver.taken(), 1);
}
