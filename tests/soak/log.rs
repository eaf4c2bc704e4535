//! A Squid log of which the n-th line is always the same.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Hosts of services, and of none.
const HOSTS: [&str; 12] = [
    "chatgpt.com",
    "www.example.org",
    "claude.ai",
    "gemini.google.com",
    "cdn.example.net",
    "api.openai.com",
    "intranet.example.com",
    "huggingface.co",
    "chat.deepseek.com",
    "mail.example.com",
    "perplexity.ai",
    "updates.example.org",
];

/// Lines of a log that ends about when the test runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
    begin_ms: u64,
}

impl Lines {
    pub(crate) fn new() -> Self {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        let whole_hours = since.as_secs() / 3_600;
        Self {
            begin_ms: (whole_hours - 5) * 3_600_000,
        }
    }

    pub(crate) fn write(self, number: u64, out: &mut impl io::Write) {
        let ms = self.begin_ms + number * 4;
        // The golden ratio spreads hosts, clients and people evenly and in no order.
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let host = HOSTS[usize::try_from(mixed % 12).unwrap()];
        let (client, person) = (mixed / 12 % 200 + 1, mixed / 2_400 % 90);
        writeln!(
            out,
            "{}.{:03} 88 198.51.100.{client} TCP_TUNNEL/200 {} CONNECT {host}:443 user{person} HIER_DIRECT/203.0.113.5 -",
            ms / 1_000,
            ms % 1_000,
            mixed % 40_000
        )
        .unwrap();
    }

    /// Appends lines to a file.
    pub(crate) fn append(self, path: &Path, numbers: std::ops::Range<u64>) {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        let mut out = BufWriter::with_capacity(64 << 10, file);
        numbers.for_each(|number| self.write(number, &mut out));
        out.flush().unwrap();
    }
}

/// Compresses a file as `gzip` does, in sight of everybody, and removes it.
pub(crate) fn gzip(path: &Path) {
    let to = File::create(format!("{}.gz", path.display())).unwrap();
    let mut writer = flate2::write::GzEncoder::new(to, flate2::Compression::fast());
    io::copy(&mut File::open(path).unwrap(), &mut writer).unwrap();
    writer.finish().unwrap();
    std::fs::remove_file(path).unwrap();
}
