//! What of a survey deserves a look, what makes a source useless, and which fields are worth asking for.

use std::net::IpAddr;

use crate::model::Field;

use super::Survey;

/// Percent of bad records from which on a source deserves a look, and beyond which it is of no use.
const BAD_PERCENT: u64 = 1;
const TOO_BAD_PERCENT: u64 = 10;
/// Percent of the events under which a field counts as empty.
const EMPTY_PERCENT: u64 = 5;
/// Percent of the events that have to agree before anything is said of all.
const NEARLY_ALL_PERCENT: u64 = 95;
/// Fewer events than this do not show who asks and for what.
const FEW_EVENTS: u64 = 20;

/// One thing that deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The records do not add up: our own fault.
    Unbalanced,
    NotRecognised,
    NoEvent,
    /// No event names a host, and without one no service is found.
    NoHost,
    /// More than a few records are bad.
    Bad,
    /// So many events lie in the future.
    Ahead(u64),
    /// So many events lie more than ten years back.
    Old(u64),
    /// So many events are of this one client.
    OneClient(IpAddr, u64),
    /// So many events have an address for a host.
    AddressHosts(u64),
    /// Records have no time.
    NoTime,
    /// Times have no zone.
    NoZone,
    /// Times have no year.
    NoYear,
}

impl Doubt {
    /// Its name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unbalanced => "unbalanced",
            Self::NotRecognised => "not_recognised",
            Self::NoEvent => "no_event",
            Self::NoHost => "no_host",
            Self::Bad => "bad",
            Self::Ahead(_) => "ahead",
            Self::Old(_) => "old",
            Self::OneClient(..) => "one_client",
            Self::AddressHosts(_) => "address_hosts",
            Self::NoTime => "no_time",
            Self::NoZone => "no_zone",
            Self::NoYear => "no_year",
        }
    }

    /// Whether it is how such logs are and no sign of a mistake.
    #[must_use]
    pub fn is_usual(self) -> bool {
        matches!(self, Self::NoZone | Self::NoYear)
    }
}

impl Survey {
    /// Whether a scan could rest on this source.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let coverage = &self.coverage;
        self.format.is_some()
            && coverage.events > 0
            && coverage.bad * 100 <= coverage.read * TOO_BAD_PERCENT
            && self.is_balanced()
    }

    /// Whether every record is accounted for, and every event was seen.
    fn is_balanced(&self) -> bool {
        let coverage = &self.coverage;
        coverage.read == coverage.events + coverage.skipped + coverage.bad
            && coverage.events == self.tally.events()
            && coverage.skipped == self.skipped.values().sum::<u64>()
    }

    /// What deserves a look, most important first.
    #[must_use]
    pub fn doubts(&self) -> Vec<Doubt> {
        let (coverage, tally) = (&self.coverage, &self.tally);
        let mut doubts = Vec::new();
        let mut add = |holds: bool, doubt: Doubt| {
            if holds {
                doubts.push(doubt);
            }
        };
        add(!self.is_balanced(), Doubt::Unbalanced);
        if self.format.is_none() {
            add(coverage.read > 0, Doubt::NotRecognised);
            return doubts;
        }
        add(coverage.events == 0, Doubt::NoEvent);
        let hosts = self.count(Field::Host).present;
        add(coverage.events > 0 && hosts == 0, Doubt::NoHost);
        add(coverage.bad * 100 > coverage.read * BAD_PERCENT, Doubt::Bad);
        add(tally.ahead > 0, Doubt::Ahead(tally.ahead));
        add(tally.old > 0, Doubt::Old(tally.old));
        if let Some((client, count)) = tally.most {
            add(self.are_nearly_all(count), Doubt::OneClient(client, count));
        }
        let addresses = tally.address_hosts;
        add(
            self.are_nearly_all(addresses),
            Doubt::AddressHosts(addresses),
        );
        add(self.times.time, Doubt::NoTime);
        add(self.times.zone, Doubt::NoZone);
        add(self.times.year, Doubt::NoYear);
        doubts
    }

    fn are_nearly_all(&self, part: u64) -> bool {
        let events = self.coverage.events;
        events >= FEW_EVENTS && part * 100 >= events * NEARLY_ALL_PERCENT
    }

    /// The fields that this source cannot tell or hardly ever has. Without any event it is the host that is missing.
    #[must_use]
    pub fn lacking(&self) -> Vec<Field> {
        let events = self.coverage.events;
        if events == 0 {
            return vec![Field::Host];
        }
        let hosts_are_addresses = self.are_nearly_all(self.tally.address_hosts);
        let is_lacking = |field: Field| {
            self.count(field).present * 100 < events * EMPTY_PERCENT
                || (field == Field::Host && hosts_are_addresses)
        };
        let fields = Field::ALL.iter().copied();
        fields.filter(|field| is_lacking(*field)).collect()
    }
}
