//! When to try a delivery again.
//!
//! Full jitter (a random wait between nothing and the doubled step) keeps many senders from knocking in step.
//! Pure: the random number is an argument.

use std::time::Duration;

use crate::alerts::Delivery;
use crate::model::{Outgoing, Time};
use crate::store::Settled;

const BASE_SECS: u64 = 2;
const CAP_SECS: u64 = 3_600;
const GIVE_UP_SECS: i64 = 72 * 3_600;
/// Some hours of tries. A replayed dead letter is old at once, and so is every message when the clock is set forward by
/// days: each is given a new round.
const GIVE_UP_ATTEMPTS: u32 = 24;

/// What a failed delivery becomes. `random` is anywhere in 0.0..1.0.
pub(super) fn settle(outgoing: &Outgoing, failure: &Delivery, now: Time, random: f64) -> Settled {
    let (after, why) = match failure {
        Delivery::GiveUp { why } | Delivery::Off { why } => {
            return Settled::Dead { why: why.clone() };
        }
        Delivery::Retry { after, why } => (*after, why.clone()),
    };
    let tried_enough = outgoing.attempts >= GIVE_UP_ATTEMPTS;
    if tried_enough && now.secs() - outgoing.created.secs() >= GIVE_UP_SECS {
        return Settled::Dead {
            why: format!("given up after 72 hours: {why}"),
        };
    }
    let step = BASE_SECS
        .saturating_mul(1 << outgoing.attempts.min(16))
        .min(CAP_SECS);
    let jittered = Duration::from_secs(step).mul_f64(random.clamp(0.0, 1.0));
    let wait = jittered
        .max(after.unwrap_or_default())
        .max(Duration::from_millis(200));
    let micros = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
    Settled::Retry {
        at: Time::from_micros(now.micros().saturating_add(micros)),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Alert, Severity};

    fn outgoing(attempts: u32) -> Outgoing {
        Outgoing {
            id: 1,
            channel: "soc".into(),
            attempts,
            created: Time::from_secs(0),
            alert: Alert {
                id: "a".into(),
                rule: "r".into(),
                severity: Severity::Low,
                at: Time::from_secs(0),
                title: String::new(),
                lines: Vec::new(),
                next: Vec::new(),
                service: String::new(),
                service_name: String::new(),
                segment: String::new(),
                tier: String::new(),
                case: String::new(),
                state: String::new(),
                transitions: Vec::new(),
            },
        }
    }

    fn retry(after: Option<u64>) -> Delivery {
        Delivery::Retry {
            after: after.map(Duration::from_secs),
            why: "busy".into(),
        }
    }

    fn wait_secs(settled: &Settled, now: i64) -> i64 {
        match settled {
            Settled::Retry { at, .. } => at.secs() - now,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_wait_doubles_is_jittered_and_capped_at_an_hour() {
        let now = Time::from_secs(100);
        assert_eq!(
            wait_secs(&settle(&outgoing(0), &retry(None), now, 1.0), 100),
            2
        );
        assert_eq!(
            wait_secs(&settle(&outgoing(3), &retry(None), now, 1.0), 100),
            16
        );
        assert_eq!(
            wait_secs(&settle(&outgoing(3), &retry(None), now, 0.5), 100),
            8
        );
        assert_eq!(
            wait_secs(&settle(&outgoing(40), &retry(None), now, 1.0), 100),
            3_600
        );
    }

    #[test]
    fn the_receiver_may_ask_for_more_patience() {
        let now = Time::from_secs(100);
        assert_eq!(
            wait_secs(&settle(&outgoing(0), &retry(Some(60)), now, 0.0), 100),
            60
        );
    }

    #[test]
    fn after_three_days_or_a_refusal_it_is_a_dead_letter() {
        let late = Time::from_secs(GIVE_UP_SECS);
        assert!(matches!(
            settle(&outgoing(24), &retry(None), late, 0.5),
            Settled::Dead { .. }
        ));
        // Minutes of trying, and a clock that was set forward.
        assert!(matches!(
            settle(&outgoing(9), &retry(None), late, 0.5),
            Settled::Retry { .. }
        ));
        assert!(matches!(
            settle(&outgoing(0), &retry(None), late, 0.5),
            Settled::Retry { .. }
        ));
        let refused = Delivery::GiveUp { why: "404".into() };
        assert!(matches!(
            settle(&outgoing(0), &refused, Time::from_secs(1), 0.5),
            Settled::Dead { .. }
        ));
    }
}
