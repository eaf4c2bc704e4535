//! A receiver over TCP, and the ledger of what receivers have taken.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{BAD_ANSWERS, BAD_ANSWERS_AT_JUMPS, Receiver};

/// What a receiver was asked and has taken; clones are the same ledger.
#[derive(Clone)]
pub(super) struct Ledger(Arc<Mutex<Seen>>);

struct Seen {
    bad_answers: usize,
    requests: usize,
    taken: usize,
    ids: BTreeSet<String>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Seen {
            bad_answers: BAD_ANSWERS,
            requests: 0,
            taken: 0,
            ids: BTreeSet::new(),
        })))
    }

    /// A request begins; whether it is one of those that are answered badly.
    pub(super) fn begins_badly(&self) -> bool {
        let mut seen = self.0.lock().unwrap();
        seen.requests += 1;
        let is_bad = seen.bad_answers > 0;
        seen.bad_answers = seen.bad_answers.saturating_sub(1);
        is_bad
    }

    pub(super) fn takes(&self, id: &str) {
        let mut seen = self.0.lock().unwrap();
        seen.taken += 1;
        seen.ids.insert(id.to_owned());
    }

    /// Where the first answers are bad, more are.
    pub(super) fn misbehave_longer(&self) {
        let mut seen = self.0.lock().unwrap();
        if seen.bad_answers > 0 {
            seen.bad_answers = BAD_ANSWERS_AT_JUMPS;
        }
    }

    /// From now on every answer is good.
    pub(super) fn behave(&self) {
        self.0.lock().unwrap().bad_answers = 0;
    }

    pub(super) fn behaves(&self) -> bool {
        self.0.lock().unwrap().bad_answers == 0
    }

    pub(super) fn requests(&self) -> usize {
        self.0.lock().unwrap().requests
    }

    pub(super) fn taken(&self) -> usize {
        self.0.lock().unwrap().taken
    }

    pub(super) fn ids(&self) -> usize {
        self.0.lock().unwrap().ids.len()
    }
}

/// Speaks a protocol over one connection; the connection ends when it returns.
pub(super) type Clerk = Arc<dyn Fn(TcpStream, &Ledger) -> io::Result<()> + Send + Sync>;

/// Listens on a port, or will.
pub(super) struct Desk {
    port: u16,
    ledger: Ledger,
    clerk: Clerk,
    is_away: bool,
    /// Keys of the channel, with `PORT` where the port belongs.
    channel: &'static str,
}

impl Desk {
    pub(super) fn new(channel: &'static str, is_away: bool, clerk: Clerk) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let desk = Self {
            port: listener.local_addr().unwrap().port(),
            ledger: Ledger::new(),
            clerk,
            is_away,
            channel,
        };
        if is_away {
            desk.ledger.behave();
        } else {
            desk.serve(listener);
        }
        desk
    }

    fn serve(&self, listener: TcpListener) {
        let (ledger, clerk) = (self.ledger.clone(), Arc::clone(&self.clerk));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (ledger, clerk) = (ledger.clone(), Arc::clone(&clerk));
                // A sender that was killed leaves half a request.
                thread::spawn(move || clerk(stream, &ledger));
            }
        });
    }
}

impl Receiver for Desk {
    fn channel(&self) -> String {
        self.channel.replace("PORT", &self.port.to_string())
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn is_away(&self) -> bool {
        self.is_away
    }

    fn come_back(&self) {
        self.serve(TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).unwrap());
    }
}
