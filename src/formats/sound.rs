//! What no event may say, whichever format read it.
//!
//! A number that does not fit its field is not known: port 0, status 3, more bytes than a register can add up. A time that
//! no calendar has makes a record bad, because an event without a moment cannot be tallied. Held here once, so
//! that a format is about its layout.

use crate::model::{Event, Parsed, Time};

/// The first moment of the year 1, and of the year 10000.
const FIRST: Time = Time::from_secs(-62_135_596_800);
const BEYOND: Time = Time::from_secs(253_402_300_800);

/// The same, held to what is possible.
pub(super) fn held(parsed: Parsed<'_>) -> Parsed<'_> {
    match parsed {
        Parsed::Event(event) if !is_time(event.time) => Parsed::Bad("no such day"),
        Parsed::Event(mut event) => {
            hold(&mut event);
            Parsed::Event(event)
        }
        other => other,
    }
}

/// Whether a calendar has this moment.
pub(super) fn is_time(time: Time) -> bool {
    (FIRST..BEYOND).contains(&time)
}

/// The events that are possible.
pub(super) fn all(events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let sound = |event| match held(Parsed::Event(event)) {
        Parsed::Event(event) => Some(event),
        _ => None,
    };
    events.into_iter().filter_map(sound).collect()
}

fn hold(event: &mut Event<'_>) {
    for port in [&mut event.port, &mut event.client_port] {
        *port = port.filter(|port| *port != 0);
    }
    event.status = event.status.filter(|status| (100..1000).contains(status));
    for count in [
        &mut event.bytes_up,
        &mut event.bytes_down,
        &mut event.duration_ms,
    ] {
        *count = count.filter(|count| i64::try_from(*count).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fields, Kind};

    fn event(time: Time) -> Event<'static> {
        Event::new(Kind::Proxy, time, Fields::NONE)
    }

    #[test]
    fn numbers_out_of_range_are_not_known() {
        let mut given = event(Time::from_secs(0));
        (given.port, given.client_port, given.status) = (Some(0), Some(1), Some(99));
        (given.bytes_up, given.bytes_down) = (Some(u64::MAX), Some(i64::MAX as u64));
        let Parsed::Event(held) = held(Parsed::Event(given)) else {
            panic!("is an event");
        };
        assert_eq!(
            (held.port, held.client_port, held.status),
            (None, Some(1), None)
        );
        assert_eq!(
            (held.bytes_up, held.bytes_down),
            (None, Some(i64::MAX as u64))
        );
    }

    #[test]
    fn a_time_that_no_calendar_has_is_bad() {
        for secs in [i64::MIN, FIRST.secs() - 1, BEYOND.secs(), i64::MAX] {
            let parsed = held(Parsed::Event(event(Time::from_secs(secs))));
            assert_eq!(parsed, Parsed::Bad("no such day"));
        }
        let last = event(Time::from_secs(BEYOND.secs() - 1));
        assert_eq!(held(Parsed::Event(last.clone())), Parsed::Event(last));
    }
}
