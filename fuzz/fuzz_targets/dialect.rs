//! A product's own format string, and lines behind it: the first byte picks the product. A string is refused with a
//! sentence, or it makes a mapping that reads.

#![no_main]

use gnomon::formats::Formats;
use gnomon_fuzz::read;
use libfuzzer_sys::fuzz_target;

const DIALECTS: [&str; 5] = ["apache", "envoy", "haproxy", "nginx", "squid"];
const LINES: &[u8] = b"192.0.2.7 - alice [02/Nov/2026:10:11:12 +0000] \"GET http://a.example/ HTTP/1.1\" 200 5 \"-\" \"x\"\n\
1793614272.345 88 192.0.2.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 alice HIER_DIRECT/203.0.113.5 -\n";

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let dialect = DIALECTS[usize::from(*first) % DIALECTS.len()];
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (string, lines) = end.map_or((rest, LINES), |end| rest.split_at(end));
    let Ok(string) = std::str::from_utf8(string) else {
        return;
    };
    match Formats::embedded().named(&format!("{dialect}: {string}")) {
        Ok(format) => read(&format, lines),
        // What is translated must be a sound mapping, whatever stood in the string.
        Err(why) => assert!(!why.is_empty() && !why.starts_with("its mapping:"), "{why}"),
    }
});
