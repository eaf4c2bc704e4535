//! A mapping as an operator writes it, and what it then reads: a few lines of every layout, or those behind a line of
//! four dashes. A mapping is refused with a place in its file, or it reads.

#![no_main]

use std::sync::Arc;

use gnomon::formats::Formats;
use gnomon_fuzz::read;
use libfuzzer_sys::fuzz_target;

const LINES: &str = concat!(
    "{\"time\":\"2026-11-02T10:11:12Z\",\"src\":\"192.0.2.7\",\"host\":\"chatgpt.com\",\"a\":{\"b\":[1,\"{\\\"c\\\":2}\"]}}\n",
    "time=\"2026-11-02 10:11:12\" src=192.0.2.7 host=chatgpt.com url=\"https://a.example/x\" status=200\n",
    "time,src,host,url,status\n2026-11-02 10:11:12,192.0.2.7,chatgpt.com,\"https://a.example/\"\"x\",200\n",
    "#Fields: date time c-ip cs-host\n2026-11-02 10:11:12 192.0.2.7 chatgpt.com\n",
    "CEF:0|V|P|1|id|name|3|src=192.0.2.7 request=https://a.example/ cs1Label=x cs1=y\n",
    "LEEF:1.0|V|P|1|id|src=192.0.2.7\turl=https://a.example/\n",
    "<14>Nov  2 10:11:12 gw x[1]: 192.0.2.7 - - [02/Nov/2026:10:11:12 +0000] \"GET http://a.example/ HTTP/1.1\" 200 5\n",
);

fuzz_target!(|text: &str| {
    let (mapping, lines) = text.split_once("\n----\n").unwrap_or((text, LINES));
    match Formats::check("config/my.toml", mapping) {
        Ok(format) => read(&Arc::new(format), lines.as_bytes()),
        Err(error) => assert!(error.to_string().starts_with("config/my.toml:"), "{error}"),
    }
});
