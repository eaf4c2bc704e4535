//! The generated logs, read with everything that detection knows beside the host name: leases, a directory, segments,
//! accounts, pseudonyms. Names are hidden then, and what is found must be the truth in all but them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Generated, Log, Stock};
use crate::answers;

/// The people of a segment are those of one network, 250 at most.
const NETWORKS: usize = 20;
/// A lease holds for the whole of the log.
const LEASE_SECS: u64 = 10 * 86_400;
/// The days of a log begin so long before its end, and a lease before them.
const DAY_SECS: u64 = 86_400;

pub(crate) struct Everything {
    generated: Generated,
    config: PathBuf,
}

impl Everything {
    /// Writes what is known of the people of these logs of so many days.
    pub(crate) fn of(generated: Generated, days: u32) -> anyhow::Result<Self> {
        let config = write_config(&generated, u64::from(days))?;
        Ok(Self { generated, config })
    }

    pub(crate) const fn generated(&self) -> &Generated {
        &self.generated
    }
}

impl Stock for Everything {
    fn label(&self) -> &'static str {
        "everything on: "
    }

    fn directory(&self) -> &Path {
        self.generated.directory()
    }

    fn products(&self) -> Vec<&'static str> {
        self.generated.products()
    }

    fn log(&self, product: &str, lines: u64) -> anyhow::Result<Log> {
        self.generated.log(product, lines)
    }

    fn check(&self, database: &Path, log: &Log) -> anyhow::Result<()> {
        answers::check_hidden(database, &log.truth)
    }

    fn visits(&self) -> anyhow::Result<Vec<(String, String)>> {
        self.generated.visits()
    }

    fn config(&self) -> PathBuf {
        self.config.clone()
    }
}

fn write_config(company: &Generated, days: u64) -> anyhow::Result<PathBuf> {
    let file = |name: &str| company.scratch(&format!("everything-{name}"));
    let (config, key) = (file("gnomon.toml"), file("pseudonym.key"));
    let (leases, people) = (file("dnsmasq.leases"), file("people.csv"));
    let end = company.end().as_secs() + days * DAY_SECS;
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
    let lease_secs = LEASE_SECS + days * DAY_SECS;
    let plain = fs::read_to_string(company.config())?;
    let mut text = format!(
        "{plain}\n[identity]\npseudonyms = true\npseudonym_key_file = '{}'\ndirectory = '{}'\nshared = [\"198.18.255.0/24\"]\ninfrastructure = [\"198.18.254.0/24\"]\n\n\
         [[identity.leases]]\npath = '{}'\nformat = \"dnsmasq\"\nlease_secs = {lease_secs}\n\n\
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
