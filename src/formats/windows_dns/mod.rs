//! Windows DNS Server's debug log (`dns.log`).
//!
//! `DATE TIME THREAD PACKET [POINTER] UDP|TCP Rcv|Snd CLIENT XID [R] OPCODE [FLAGS CHARS RCODE] TYPE NAME`, the
//! sixteen columns that the log's own banner names, seen the same from Windows Server 2003 (eight-digit dates, shorter
//! thread numbers) to 2022. A question that the server received (`Rcv` without `R`) is the event; what it
//! sends, forwards and is answered repeats the name with somebody else's address and is skipped, as are the
//! banner, which comes again after every wrap, and the indented blocks of the option "Details". The log has
//! neither zone nor a fixed notation of dates: see [`date`].

mod date;
mod packet;

use memchr::memmem;

use crate::model::{Event, Field, Fields, Kind, Parsed, Time};

use super::clock::Clock;
use super::cursor::ip;
use super::{Coded, Context, Parser, envelope};

use date::Dates;
use packet::{Packet, name, type_text};

pub(super) static WINDOWS_DNS: Coded = Coded {
    name: "windows-dns",
    title: "Windows DNS Server debug log",
    kind: Kind::Dns,
    tells: TELLS,
    advice: &[(
        Field::Host,
        "log the questions: DNS Manager > the server > Properties > Debug Logging > Log packets for debugging, with Incoming, UDP, TCP, Queries/Transfers and Request",
    )],
    sniff,
    open,
};

const TELLS: Fields = Fields::of(&[Field::Client, Field::Host, Field::Qtype]);

const PACKET: &[u8] = b" PACKET ";
/// Date, time and thread stand in front of the context; longer is another program's line.
const HEAD_BYTES: usize = 64;

/// Lines of the banner that begin at the margin; the first two have a date.
const BANNER: [&[u8]; 3] = [
    b"DNS Server log file creation at ",
    b"Log file wrap at ",
    b"Message logging key",
];
/// How a block of the option "Details" begins; what follows is indented.
const DETAILS: [&[u8]; 4] = [
    b"UDP question info at ",
    b"UDP response info at ",
    b"TCP question info at ",
    b"TCP response info at ",
];

fn sniff(record: &[u8]) -> u8 {
    let body = body(record);
    match Packet::split(body) {
        Some((_, packet)) if Packet::read(packet).is_some() => 95,
        Some(_) => 60,
        None if begins(body, &BANNER) || begins(body, &DETAILS) => 90,
        None => 0,
    }
}

fn open(context: &Context) -> Box<dyn Parser> {
    Box::new(WindowsDns {
        clock: Clock::new(context),
        dates: Dates::default(),
    })
}

struct WindowsDns {
    clock: Clock,
    dates: Dates,
}

impl Parser for WindowsDns {
    fn parse<'a>(&mut self, record: &'a [u8]) -> Parsed<'a> {
        let body = body(record);
        if body.trim_ascii().is_empty() {
            return Parsed::Skip("empty line");
        }
        let Some((head, packet)) = Packet::split(body) else {
            return self.other_line(body);
        };
        // Every line teaches the order of day and month, whether it counts or not.
        let stamp = if head.is_empty() {
            envelope::open(record).stamp
        } else {
            self.dates.stamp(head, &mut self.clock)
        };
        let Some(packet) = Packet::read(packet) else {
            return Parsed::Bad("unreadable packet");
        };
        if let Some(why) = packet.no_question() {
            return Parsed::Skip(why);
        }
        let Some(time) = stamp.and_then(|stamp| self.clock.time(Some(stamp))) else {
            return Parsed::Bad("no such time");
        };
        let Some(client) = ip(packet.client) else {
            return Parsed::Bad("no client address");
        };
        let mut event = Event::new(Kind::Dns, time, TELLS);
        event.client = Some(client);
        event.host = name(packet.name);
        event.qtype = packet.qtype.map(type_text);
        Parsed::Event(event)
    }

    fn written_by(&mut self, modified: Time) {
        self.clock.written_by(modified);
    }
}

impl WindowsDns {
    fn other_line(&mut self, body: &[u8]) -> Parsed<'static> {
        if begins(body, &BANNER) {
            if let Some(at) = memmem::find(body, b" at ") {
                let stamp = body.get(at + 4..).unwrap_or_default();
                self.dates.stamp(stamp, &mut self.clock);
            }
            return Parsed::Skip("banner");
        }
        if begins(body, &DETAILS) || body.starts_with(b" ") || body.starts_with(b"\t") {
            return Parsed::Skip("detail of a packet");
        }
        match self.dates.stamp_of_line(body, &mut self.clock) {
            Some(_) => Parsed::Skip("not a packet"),
            None => Parsed::Bad("not a windows dns record"),
        }
    }
}

/// The record without syslog headers and without what a preallocated file has at its end.
fn body(record: &[u8]) -> &[u8] {
    let is_padding = |b: &&u8| matches!(b, 0 | b'\r');
    let front = record.iter().take_while(|b| **b == 0).count();
    let record = record.get(front..).unwrap_or_default();
    let back = record.iter().rev().take_while(is_padding).count();
    let record = record.get(..record.len() - back).unwrap_or_default();
    // A time in the ISO notation is taken for a header and stays in its stamp.
    let body = envelope::open(record).body;
    if memmem::find(body, PACKET.trim_ascii()).is_some() {
        body
    } else {
        record
    }
}

fn begins(body: &[u8], with: &[&[u8]]) -> bool {
    with.iter().any(|start| body.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Box<dyn Parser> {
        open(&Context {
            zone: jiff::tz::TimeZone::UTC,
            modified: "2026-11-24T00:00:00Z".parse().unwrap(),
        })
    }

    fn shown(parser: &mut dyn Parser, record: &[u8]) -> String {
        match parser.parse(record) {
            Parsed::Event(e) => format!(
                "{} {} {} {}",
                e.time,
                e.client.unwrap(),
                e.qtype.map_or("-".into(), |t| t.lossy().into_owned()),
                e.host.map_or("-".into(), |h| h.lossy().into_owned()),
            ),
            Parsed::Skip(why) => format!("skip {why}"),
            Parsed::Bad(why) => format!("bad {why}"),
        }
    }

    fn line(date: &str) -> String {
        format!(
            "{date} 0E70 PACKET  00000000033397A0 UDP Rcv 192.0.2.7       5b47   Q [0001   D   NOERROR] A      (3)API(6)openai(3)com(0)"
        )
    }

    fn time(parser: &mut dyn Parser, date: &str) -> String {
        let shown = shown(parser, line(date).as_bytes());
        shown
            .split_once(" 192.0.2.7")
            .map_or(shown.clone(), |(time, _)| time.to_owned())
    }

    #[test]
    fn every_locale_gives_the_same_time() {
        for date in [
            "11/2/2026 3:04:05 PM",
            "11/2/2026 3:04:05\u{202f}PM",
            "02/11/2026 15:04:05",
            "2/11/2026 15:04:05",
            "2/11/26 15:04:05",
            "02.11.2026 15:04:05",
            "2. 11. 2026 15:04:05",
            "02-11-2026 15:04:05",
            "02/11/2026 15.04.05",
            "2026/11/2 15:04:05",
            "2026/11/02 15:04:05",
            "2026-11-02 15:04:05",
            "2026-11-02 오후 3:04:05",
            "2026/11/2 下午 03:04:05",
            "20261102 15:04:05",
            "<13>Nov  2 15:04:09 dc1 dns[7]: 11/2/2026 3:04:05 PM",
        ] {
            let mut parser = opened();
            assert_eq!(
                time(&mut *parser, date),
                "2026-11-02T15:04:05.000Z",
                "{date}"
            );
        }
        let mut parser = opened();
        let midnight = time(&mut *parser, "11/2/2026 12:00:05 AM");
        assert_eq!(midnight, "2026-11-02T00:00:05.000Z");
    }

    #[test]
    fn day_and_month_are_told_by_what_came_before() {
        let mut parser = opened();
        // Australia: a 12-hour clock with the day in front.
        assert_eq!(
            time(&mut *parser, "13/11/2026 1:00:00 AM"),
            "2026-11-13T01:00:00.000Z"
        );
        assert_eq!(
            time(&mut *parser, "2/11/2026 1:00:00 AM"),
            "2026-11-02T01:00:00.000Z"
        );
        let mut parser = opened();
        // A United States server with a 24-hour clock; the banner says the order.
        let banner = b"DNS Server log file creation at 10/31/2026 07:00:00\r";
        assert_eq!(shown(&mut *parser, banner), "skip banner");
        assert_eq!(
            time(&mut *parser, "11/02/2026 01:00:00"),
            "2026-11-02T01:00:00.000Z"
        );
    }

    #[test]
    fn a_date_after_the_last_write_is_the_other_way_round() {
        let mut parser = opened();
        assert_eq!(
            time(&mut *parser, "10/12/2026 10:00:00"),
            "2026-10-12T10:00:00.000Z"
        );
    }

    #[test]
    fn only_questions_of_clients_count() {
        let packet = |text: &str| {
            let record = format!("11/2/2026 3:04:05 PM 0E70 PACKET  00000000033397A0 {text}");
            shown(&mut *opened(), record.as_bytes())
        };
        for (text, expected) in [
            (
                "UDP Rcv 2001:db8::7 5b47   Q [0001   D   NOERROR] HTTPS  (6)claude(2)ai(0)",
                "2026-11-02T15:04:05.000Z 2001:db8::7 HTTPS claude.ai",
            ),
            (
                "TCP Rcv 192.0.2.7 5b47   Q [0000       NOERROR] 65     (6)claude(2)ai(0)\r",
                "2026-11-02T15:04:05.000Z 192.0.2.7 TYPE65 claude.ai",
            ),
            (
                "UDP Snd 192.0.2.7 5b47 R Q [8081   DR  NOERROR] A      (6)claude(2)ai(0)",
                "skip dns answer",
            ),
            (
                "UDP Snd 203.0.113.9 5b47   Q [0001   D   NOERROR] A      (6)claude(2)ai(0)",
                "skip question to another server",
            ),
            (
                "UDP Rcv 203.0.113.9 5b47 R Q [8081   DR  NOERROR] A      (6)claude(2)ai(0)",
                "skip answer of another server",
            ),
            (
                "UDP Rcv 192.0.2.7 5b47   U [0028       NOERROR] SOA    (7)example(3)org(0)",
                "skip dynamic update",
            ),
            (
                "UDP Rcv 192.0.2.7 5b47   Q [0001   D",
                "bad unreadable packet",
            ),
        ] {
            assert_eq!(packet(text), expected, "{text}");
        }
    }
}
