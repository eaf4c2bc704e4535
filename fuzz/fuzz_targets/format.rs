//! A log of one format: the one that `GNOMON_FORMAT` names, else the one that the first byte picks.

#![no_main]

use std::sync::{Arc, LazyLock};

use gnomon::formats::{Format, Formats};
use gnomon_fuzz::read;
use libfuzzer_sys::fuzz_target;

static NAMED: LazyLock<Option<Arc<Format>>> = LazyLock::new(|| {
    let name = std::env::var("GNOMON_FORMAT").ok()?;
    Some(
        Formats::embedded()
            .named(&name)
            .expect("GNOMON_FORMAT names a format"),
    )
});
static ALL: LazyLock<Vec<Arc<Format>>> =
    LazyLock::new(|| Formats::embedded().iter().cloned().collect());

fuzz_target!(|data: &[u8]| {
    match (&*NAMED, data.split_first()) {
        (Some(format), _) => read(format, data),
        (None, Some((first, log))) => read(&ALL[usize::from(*first) % ALL.len()], log),
        (None, None) => {}
    }
});
