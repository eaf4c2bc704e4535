//! What no event may say, whichever format read it.
//!
//! A number that does not fit its field is not known: port 0, status 3, more bytes than a register can add up. A time that
//! no calendar has makes a record bad, because an event without a moment cannot be tallied. Held here once, so
//! that a format is about its layout.

use crate::model::{Event, Parsed, Time};

/// The first moment of the year 1, and of the year 10000.
const FIRST: Time = Time::from_secs(-62_135_596_800);
const BEYOND: Time = Time::from_secs(253_402_300_800);

/// Holds it to what is possible, where it stands: an event is large.
pub(super) fn hold(parsed: &mut Parsed<'_>) {
    let Parsed::Event(event) = parsed else { return };
    if is_time(event.time) {
        hold_numbers(event);
    } else {
        *parsed = Parsed::Bad("no such day");
    }
}

/// Whether a calendar has this moment.
pub(super) fn is_time(time: Time) -> bool {
    (FIRST..BEYOND).contains(&time)
}

/// The events that are possible.
pub(super) fn all(mut events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    events.retain(|event| is_time(event.time));
    events.iter_mut().for_each(hold_numbers);
    events
}

fn hold_numbers(event: &mut Event<'_>) {
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

    fn held(event: Event<'static>) -> Parsed<'static> {
        let mut parsed = Parsed::Event(event);
        hold(&mut parsed);
        parsed
    }

    #[test]
    fn numbers_out_of_range_are_not_known() {
        let mut given = event(Time::from_secs(0));
        (given.port, given.client_port, given.status) = (Some(0), Some(1), Some(99));
        (given.bytes_up, given.bytes_down) = (Some(u64::MAX), Some(i64::MAX as u64));
        let Parsed::Event(held) = held(given) else {
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
            let parsed = held(event(Time::from_secs(secs)));
            assert_eq!(parsed, Parsed::Bad("no such day"));
        }
        let last = event(Time::from_secs(BEYOND.secs() - 1));
        assert_eq!(held(last.clone()), Parsed::Event(last));
    }
}
