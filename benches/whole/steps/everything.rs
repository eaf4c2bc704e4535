//! The same log with everything that detection knows beside the host name: leases, a directory, segments, accounts,
//! pseudonyms. What that costs, against the same scan without.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use gnomon::store::sqlite::SqliteStore;

use crate::answers;
use crate::bench::{Bench, two_places};
use crate::generate::{Truth, difference, found};
use crate::rounds::remove_database;
use crate::stock::{Generated, SQUID, Stock as _};

/// The people of a segment are those of one network, 250 at most.
const NETWORKS: usize = 20;
/// A lease holds for the whole of the log.
const LEASE_SECS: u64 = 10 * 86_400;

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let company = Generated::open(&bench.directory, crate::company())?;
    let log = company.log(SQUID, bench.sizes.squid)?;
    bench.table.headline(format!(
        "squid, {} lines: with leases, directory, segments, accounts and pseudonyms",
        log.lines
    ));
    let config = write_config(&company)?;
    let [plain, with_all] =
        ["plain", "all"].map(|what| bench.stock.scratch(&format!("everything-{what}.db")));
    let plainly = bench.scan("gnomon scan, 1 worker", &log.path, 1, &plain);
    let mut runners = vec![Bench::wc(&log.path), plainly];
    let what = "the same with everything on";
    runners.push(Bench::scan_with(&config, what, &log.path, 1, &with_all));
    let medians = bench.compare(log.bytes, &runners)?;

    answers::check(&plain, &log.truth)?;
    same_but_for_names(&plain, &with_all)?;
    let (without, with) = (&medians[1].usage, &medians[2].usage);
    let times = with.cores().as_secs_f64() / without.cores().as_secs_f64();
    let goals = &mut bench.goals;
    let ratio = two_places(medians[2].ratio);
    goals.add("P1", "the same with everything on, x wc -l", "<= 3", ratio);
    goals.add(
        "P1",
        "CPU with everything on, against without",
        "",
        two_places(times),
    );
    remove_database(&plain);
    remove_database(&with_all);
    Ok(())
}

/// The services, hours, counts and bytes must be the same, and as many people; their names must be hidden.
fn same_but_for_names(plain: &Path, with_all: &Path) -> anyhow::Result<()> {
    let plain = found(&SqliteStore::open_read_only(plain)?)?;
    let with_all = found(&SqliteStore::open_read_only(with_all)?)?;
    if let Some(difference) = difference(&plain.without_names().text(), &with_all.without_names()) {
        bail!("with everything on something else is found: {difference}");
    }
    ensure!(
        plain.applications() == with_all.applications(),
        "with everything on other numbers of people are found"
    );
    let is_name = |user: &str| !user.is_empty() && !user.starts_with("user-");
    let shows_a_name = |truth: &Truth| {
        let mut keys = truth.rows.keys();
        keys.any(|key| key.client.starts_with("198.18.") || is_name(&key.user))
    };
    ensure!(
        shows_a_name(&plain) && !shows_a_name(&with_all),
        "names are not hidden"
    );
    Ok(())
}

fn write_config(company: &Generated) -> anyhow::Result<PathBuf> {
    let file = |name: &str| company.scratch(&format!("everything-{name}"));
    let (config, key) = (file("gnomon.toml"), file("pseudonym.key"));
    let (leases, people) = (file("dnsmasq.leases"), file("people.csv"));
    let end = company.end().as_secs() + 86_400;
    let mut leased = String::new();
    let mut listed = "device,address,user,person,department,from,until\n".to_owned();
    for (number, person) in company.world().people.iter().enumerate() {
        let (high, low) = (number / 256, number % 256);
        let _ = writeln!(
            leased,
            "{end} 02:00:00:00:{high:02x}:{low:02x} {} device-{number} *",
            person.client
        );
        let department = number % NETWORKS;
        let _ = writeln!(
            listed,
            ",,{},Person {number},department-{department},,",
            person.user
        );
    }
    let plain = fs::read_to_string(company.config())?;
    let mut text = format!(
        "{plain}\n[identity]\npseudonyms = true\npseudonym_key_file = '{}'\ndirectory = '{}'\nshared = [\"198.18.255.0/24\"]\ninfrastructure = [\"198.18.254.0/24\"]\n\n\
         [[identity.leases]]\npath = '{}'\nformat = \"dnsmasq\"\nlease_secs = {LEASE_SECS}\n\n\
         [[detect.accounts]]\nname = \"Example\"\nservices = [\"openai.chatgpt\", \"microsoft\"]\nids = [\"example-prod\"]\n\n\
         [govern]\npopulation = 5000\nsensitive_groups = [\"part-3\"]\nserver_segments = [\"part-7\"]\n",
        key.display(),
        people.display(),
        leases.display()
    );
    for number in 0..NETWORKS {
        let _ = write!(
            text,
            "\n[[identity.segments]]\nname = \"part-{number}\"\nnetworks = [\"198.18.{number}.0/24\"]\n"
        );
    }
    for (file, text) in [
        (&config, text.as_str()),
        (&key, "a key that is no secret of anybody's"),
        (&leases, &leased),
        (&people, &listed),
    ] {
        fs::write(file, text).with_context(|| file.display().to_string())?;
    }
    Ok(config)
}
