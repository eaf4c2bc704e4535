//! What is around records: syslog headers, objects that carry lines, lists of objects. A record of squid stands behind
//! whatever is in front of it, and inside whatever carries it.

#![no_main]

use std::sync::{Arc, LazyLock};

use gnomon::formats::{Format, Formats, inside, parts};
use gnomon_fuzz::{context, read, take};
use libfuzzer_sys::fuzz_target;

const RECORD: &[u8] = b"1793614272.345 88 192.0.2.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 alice HIER_DIRECT/203.0.113.5 -";
/// One of each layout, and those that take their time from the header.
const NAMES: [&str; 8] = [
    "squid",
    "dnsmasq",
    "cisco-asa",
    "haproxy",
    "fortigate",
    "cef",
    "paloalto",
    "suricata",
];

static FORMATS: LazyLock<Vec<Arc<Format>>> = LazyLock::new(|| {
    let named = |name| Formats::embedded().named(name).expect("a format");
    NAMES.into_iter().map(named).collect()
});

fuzz_target!(|data: &[u8]| {
    let length: usize = parts(data).map(<[u8]>::len).sum();
    assert!(length <= data.len());
    // Each carrier is looked into twice at most, and what it holds is part of it.
    let held: usize = inside(data).iter().map(|inside| inside.len()).sum();
    assert!(held <= 3 * data.len());
    for format in &*FORMATS {
        read(format, data);
        take(
            format,
            format.open(&context()).as_mut(),
            &[data, RECORD].concat(),
        );
    }
    // A record with a hole, for what goes around it on both sides.
    if let Some((at, around)) = data.split_first()
        && let Some((before, behind)) = around.split_at_checked(usize::from(*at))
    {
        read(&FORMATS[0], &[before, RECORD, behind].concat());
    }
});
