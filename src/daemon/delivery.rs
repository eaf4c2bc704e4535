//! Delivers the outbox: one thread per channel, so that a dead channel never delays another.
//!
//! A message is leased, sent, settled. A crash in between leaves a lease that runs out: the message goes again with
//! the same id. Five failures in a row open the breaker: one probe a minute until something is taken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::alerts::{Channel, ChannelSettings, Delivery};
use crate::model::{Outgoing, Time};
use crate::pipeline::Stop;
use crate::store::{Settled, Store, StoreError};

use super::backoff;

const LEASE_SECS: i64 = 120;
const BATCH: usize = 10;
const POLL: Duration = Duration::from_millis(250);
const BREAKER_AFTER: u32 = 5;
const BREAKER_WAIT: Duration = Duration::from_secs(60);
/// How often settling is tried while another process writes. Not settled, the lease runs out and the message is sent
/// once more: the receiver knows the id.
const SETTLE_TRIES: u32 = 20;

/// Carries the messages of one channel.
pub(super) struct Courier<'c> {
    pub(super) store: &'c dyn Store,
    pub(super) settings: &'c ChannelSettings,
    pub(super) clock: &'c (dyn Fn() -> Time + Sync),
    pub(super) stop: &'c Stop,
}

/// What the courier does after a message.
enum After {
    GoOn,
    Failed,
    /// The receiver is gone for good.
    Leave,
}

impl Courier<'_> {
    /// Sends what is due until told to stop.
    ///
    /// # Errors
    /// When the store fails; nothing that was not settled is lost.
    pub(super) fn deliver(&self, channel: &mut dyn Channel) -> Result<(), StoreError> {
        let mut pace = Pace::new(self.settings.per_minute);
        let mut failures = 0;
        while !self.stop.is_set() {
            let due = self.due(if failures >= BREAKER_AFTER { 1 } else { BATCH })?;
            if due.is_empty() {
                self.stop.wait(POLL);
                continue;
            }
            for outgoing in due {
                if self.stop.wait(pace.next()) {
                    self.put_back(&outgoing)?;
                    continue;
                }
                match self.send(channel, &outgoing)? {
                    After::GoOn => failures = 0,
                    After::Failed => failures += 1,
                    After::Leave => return Ok(()),
                }
            }
            if failures >= BREAKER_AFTER {
                self.stop.wait(BREAKER_WAIT);
            }
        }
        Ok(())
    }

    fn due(&self, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        let now = (self.clock)();
        match self
            .store
            .lease(&self.settings.name, now, now.plus_secs(LEASE_SECS), limit)
        {
            // Another process is writing, or there is no room to note what was sent; messages are patient.
            Err(StoreError::Busy(_) | StoreError::Full(_)) => Ok(Vec::new()),
            answer => answer,
        }
    }

    fn send(&self, channel: &mut dyn Channel, outgoing: &Outgoing) -> Result<After, StoreError> {
        let (name, alert) = (&self.settings.name, &outgoing.alert.id);
        // A channel that panics must not take its courier along, and with it every later alert.
        let sent = catch_unwind(AssertUnwindSafe(|| channel.send(&outgoing.alert)));
        let broken = || Delivery::Retry {
            after: None,
            why: "the channel failed in itself; please report it".to_owned(),
        };
        let failure = match sent.unwrap_or_else(|_| Err(broken())) {
            Ok(receipt) => {
                tracing::info!(
                    channel = name,
                    alert,
                    said = receipt.said,
                    "alert delivered"
                );
                self.settle(outgoing.id, &Settled::Sent)?;
                return Ok(After::GoOn);
            }
            Err(failure) => failure,
        };
        tracing::warn!(channel = name, alert, attempt = outgoing.attempts + 1, why = %failure, "alert not delivered");
        self.settle(
            outgoing.id,
            &backoff::settle(outgoing, &failure, (self.clock)(), random()),
        )?;
        if matches!(failure, Delivery::Off { .. }) {
            tracing::error!(
                channel = name,
                "the receiver is gone for good; the channel is off until the next start"
            );
            return Ok(After::Leave);
        }
        Ok(After::Failed)
    }

    /// Leased and not sent: due again at once after the next start.
    fn put_back(&self, outgoing: &Outgoing) -> Result<(), StoreError> {
        let settled = Settled::Retry {
            at: (self.clock)(),
            why: "the service stopped".to_owned(),
        };
        self.settle(outgoing.id, &settled)
    }

    fn settle(&self, id: i64, settled: &Settled) -> Result<(), StoreError> {
        for _ in 0..SETTLE_TRIES {
            match self.store.settle(id, settled, (self.clock)()) {
                Err(StoreError::Busy(_) | StoreError::Full(_)) => self.stop.wait(POLL),
                answer => return answer,
            };
        }
        Ok(())
    }
}

/// Messages that may go out at once after a quiet time.
const BURST: u32 = 10;

/// At most so many messages a minute, evenly after a first burst.
struct Pace {
    every: Duration,
    allowed_at: Instant,
}

impl Pace {
    fn new(per_minute: u32) -> Self {
        Self {
            every: Duration::from_secs(60) / per_minute.max(1),
            allowed_at: Instant::now(),
        }
    }

    /// How long the next message has to wait; counts it as sent.
    fn next(&mut self) -> Duration {
        let now = Instant::now();
        let wait = self.allowed_at.saturating_duration_since(now);
        let earliest = now.checked_sub(self.every * (BURST - 1)).unwrap_or(now);
        self.allowed_at = self.allowed_at.max(earliest) + self.every;
        wait
    }
}

/// A random number in 0.0..1.0; one half when the system has none, which only costs jitter.
fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::alerts::Receipt;
    use crate::model::{Alert, Batch, Consequences, Severity};
    use crate::store::sqlite::SqliteStore;

    /// Answers as it is told; stops the courier when it has said everything.
    struct Scripted<'s> {
        answers: Vec<Result<Receipt, Delivery>>,
        taken: Vec<String>,
        stop: &'s Stop,
    }

    impl Channel for Scripted<'_> {
        fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery> {
            let answer = self.answers.remove(0);
            if answer.is_ok() {
                self.taken.push(alert.id.clone());
            }
            if self.answers.is_empty() {
                self.stop.set();
            }
            answer
        }
    }

    fn store_with_an_alert() -> SqliteStore {
        let store = SqliteStore::open_in_memory().unwrap();
        let alert = Alert {
            id: "a1".into(),
            rule: "application_first_seen".into(),
            severity: Severity::Low,
            at: Time::from_secs(0),
            title: String::new(),
            lines: Vec::new(),
            next: Vec::new(),
            service: "openai.chatgpt".into(),
            service_name: "ChatGPT".into(),
            segment: String::new(),
            tier: String::new(),
            case: String::new(),
            state: String::new(),
            transitions: Vec::new(),
        };
        let consequences = Consequences {
            alerts: vec![(alert, vec!["soc".into()])],
            ..Consequences::default()
        };
        store
            .commit(&Batch::default(), Time::from_secs(0), &mut |_| {
                consequences.clone()
            })
            .unwrap();
        store
    }

    fn deliver(store: &SqliteStore, answers: Vec<Result<Receipt, Delivery>>) -> Vec<String> {
        let settings: ChannelSettings =
            toml::from_str("name = \"soc\"\nkind = \"file\"\nper_minute = 6000").unwrap();
        let stop = Stop::default();
        // An hour passes with every look at the clock: no back-off is waited for.
        let hours = AtomicI64::new(0);
        let clock = || Time::from_secs(hours.fetch_add(1, Ordering::Relaxed) * 3_600);
        let mut channel = Scripted {
            answers,
            taken: Vec::new(),
            stop: &stop,
        };
        let courier = Courier {
            store,
            settings: &settings,
            clock: &clock,
            stop: &stop,
        };
        courier.deliver(&mut channel).unwrap();
        channel.taken
    }

    fn taken() -> Result<Receipt, Delivery> {
        Ok(Receipt { said: "200".into() })
    }

    fn busy() -> Result<Receipt, Delivery> {
        Err(Delivery::Retry {
            after: None,
            why: "503".into(),
        })
    }

    #[test]
    fn a_message_is_tried_until_it_is_taken_and_then_never_again() {
        let store = store_with_an_alert();
        assert_eq!(deliver(&store, vec![busy(), busy(), taken()]), ["a1"]);
        let state = store.outbox(None).unwrap();
        assert_eq!((state.pending, state.sent, state.dead), (0, 1, 0));
    }

    #[test]
    fn a_refused_message_is_a_dead_letter_that_can_be_replayed() {
        let store = store_with_an_alert();
        assert!(deliver(&store, vec![Err(Delivery::GiveUp { why: "404".into() })]).is_empty());
        assert_eq!(store.dead_letters().unwrap()[0].1, "404");
        assert_eq!(
            store.replay_dead_letters(Time::from_secs(7_200)).unwrap(),
            1
        );
        assert_eq!(deliver(&store, vec![taken()]), ["a1"]);
    }

    #[test]
    fn a_receiver_that_is_gone_switches_the_channel_off() {
        let store = store_with_an_alert();
        let off = Err(Delivery::Off { why: "410".into() });
        assert!(deliver(&store, vec![off, taken()]).is_empty());
        assert_eq!(store.outbox(None).unwrap().dead, 1);
    }
}
