//! Short commands from a process that has just started (P9).

use super::speed::Large;
use crate::bench::{Bench, GNOMON, runner};
use crate::rounds::{Median, remove_database};

pub(super) fn measure(bench: &mut Bench, large: &Large) -> anyhow::Result<()> {
    bench.headline("from a cold process");
    let database = large.database.display().to_string();
    let config = bench.stock.config().display().to_string();
    let line = "1789344000.123     88 198.18.0.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 - HIER_DIRECT/198.19.0.5 -";
    let register = ["--store", &database, "--config", &config];
    let with = |words: &[&'static str]| -> Vec<String> {
        let words = [GNOMON].iter().chain(words).chain(&register);
        words.map(|word| (*word).to_owned()).collect()
    };
    let mut runners = vec![
        runner("gnomon --version", &[GNOMON, "--version"]),
        runner(
            "gnomon explain chatgpt.com",
            &[GNOMON, "explain", "chatgpt.com"],
        ),
        runner("gnomon explain LINE", &[GNOMON, "explain", line]),
    ];
    for (what, words) in [
        (
            "gnomon explain chatgpt.com, configured",
            &["explain", "chatgpt.com"][..],
        ),
        ("gnomon apps, configured", &["apps"]),
        ("gnomon report, configured", &["report"]),
    ] {
        runners.push(crate::rounds::Runner {
            what: what.to_owned(),
            command: with(words),
            fresh: None,
        });
    }
    let medians = bench.compare(0, &runners)?;
    for (runner, median) in runners.iter().zip(&medians).skip(1) {
        bench.goal("P9", &runner.what, "<= 50 ms", millis(median));
    }
    remove_database(&large.database);
    Ok(())
}

pub(super) fn millis(median: &Median) -> String {
    format!("{:.0} ms", median.usage.wall.as_secs_f64() * 1e3)
}
