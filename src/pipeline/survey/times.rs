//! What the times of a log leave out: the zone, the year, or everything.
//!
//! Formats do not say, so they are asked: the same records are read once more as if the machine stood in another zone, and
//! as if the file had been written a year earlier. A time that moves with either was not all there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};

use crate::formats::{Context, Format, parts};
use crate::model::{Parsed, Time};

use super::super::walk::records;

/// Records asked about.
const RECORDS: usize = 200;
const ELSEWHERE: Offset = Offset::constant(7);
/// More than a year and no whole number of days, so that nothing but a time of writing moves by it.
const EARLIER_SECS: i64 = 366 * 86_400 + 3_601;

/// What the times lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lacking {
    pub(super) zone: bool,
    pub(super) year: bool,
    /// There is no time at all.
    pub(super) time: bool,
}

/// What the times of the first records lack.
pub(super) fn lacking(format: &Arc<Format>, head: &[u8], modified: Time) -> Lacking {
    let read = |zone: TimeZone, modified: Time| {
        let context = Context { zone, modified };
        // A parser that fails says so in the reading that counts.
        catch_unwind(AssertUnwindSafe(|| times(format, head, &context))).unwrap_or_default()
    };
    let here = read(TimeZone::UTC, modified);
    let elsewhere = read(TimeZone::fixed(ELSEWHERE), modified);
    let earlier = read(TimeZone::UTC, modified.plus_secs(-EARLIER_SECS));
    let time = most(&here, &earlier, |a, b| b == a.plus_secs(-EARLIER_SECS));
    Lacking {
        zone: !time && most(&here, &elsewhere, |a, b| a != b),
        year: !time && most(&here, &earlier, |a, b| a != b),
        time,
    }
}

/// Whether this holds for most records that are events in both readings.
fn most(here: &[Option<Time>], there: &[Option<Time>], moved: impl Fn(Time, Time) -> bool) -> bool {
    let pairs = here.iter().zip(there).filter_map(|(a, b)| a.zip(*b));
    let (moved, all) = pairs.fold((0, 0), |(some, all), (a, b)| {
        (some + usize::from(moved(a, b)), all + 1)
    });
    moved * 2 > all
}

fn times(format: &Arc<Format>, head: &[u8], context: &Context) -> Vec<Option<Time>> {
    let mut parser = format.open(context);
    records(head)
        .flat_map(parts)
        .take(RECORDS)
        .map(|record| match parser.parse(record) {
            Parsed::Event(event) => Some(event.time),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Formats;

    fn lacks(format: &str, log: &str) -> (bool, bool, bool) {
        let format = Formats::embedded().named(format).unwrap();
        let lacking = lacking(&format, log.as_bytes(), "2026-11-29".parse().unwrap());
        (lacking.zone, lacking.year, lacking.time)
    }

    #[test]
    fn what_moves_with_the_zone_or_the_time_of_writing_was_not_there() {
        let squid = "1793614272.345     88 192.0.2.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 alice HIER_DIRECT/203.0.113.5 -\n";
        assert_eq!(lacks("squid", squid), (false, false, false));
        let dnsmasq = "Nov  2 10:11:12 dnsmasq[77]: query[A] chatgpt.com from 192.0.2.7\n";
        assert_eq!(lacks("dnsmasq", dnsmasq), (true, true, false));
        let query =
            "client @0x7f 192.0.2.7#4711 (chatgpt.com): query: chatgpt.com IN A + (192.0.2.53)\n";
        let dated = format!("02-Nov-2026 10:11:12.345 {query}");
        assert_eq!(lacks("bind", &dated), (true, false, false));
        assert_eq!(lacks("bind", query), (false, false, true));
        assert_eq!(lacks("bind", ""), (false, false, false));
    }
}
