//! The register and everything beside it, behind one trait.
//!
//! The trait speaks in whole batches: what was read, how far, and what follows from it are one transaction,
//! so that a crash can only replay and never skew. `sqlite/` is the store of one machine; the story test in
//! `tests/it/store.rs` is what every store must pass.

pub mod sqlite;

use std::collections::BTreeMap;

use crate::model::{
    Batch, Candidate, Case, Changes, Consequences, Coverage, Day, DayUse, Decision, DigestRow,
    DutyRecord, Earlier, Enforcement, HostRow, Hour, Mark, Observation, Outgoing, Position,
    Profile, Sighting, Standing, Time, Transition, Unmasking, Verdict,
};

/// Which rows are wanted. An empty filter wants all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// From this instant on.
    pub from: Option<Time>,
    /// Before this instant.
    pub until: Option<Time>,
    /// Of this service only.
    pub service: Option<String>,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// Transitions that were new.
    pub transitions: usize,
    /// Messages that were queued.
    pub queued: usize,
}

/// What became of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The channel took it.
    Sent,
    /// To be tried again at this time, for this reason.
    Retry { at: Time, why: String },
    /// Given up; kept as a dead letter that can be replayed.
    Dead { why: String },
}

/// How the outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxState {
    pub pending: u64,
    pub sent: u64,
    pub dead: u64,
    /// When the oldest undelivered message was written.
    pub oldest_pending: Option<Time>,
}

/// The room that a store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// Bytes that are free where it lies; `None` in memory.
    pub free_bytes: Option<u64>,
    /// Bytes in the write-ahead log.
    pub wal_bytes: u64,
}

/// What can go wrong with a store, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it, or it is busy: try again.
    #[error("{0}")]
    Busy(String),
    /// There is no room: nothing was written; try again when there is.
    #[error("{0}")]
    Full(String),
    /// The disk failed, so that nobody knows what is on it: stop, exit 74.
    #[error("{0}")]
    Untrusted(String),
    /// The file is not as it was written: stop, exit 74. It has to be replaced.
    #[error("{0}")]
    Damaged(String),
    /// Everything else.
    #[error("{0}")]
    Failed(String),
}

/// One page of a long answer is handed to a visitor row by row.
pub type Visit<'v, T> = &'v mut dyn FnMut(T);

/// A register and what belongs to it. All writing goes through one writer; times are arguments.
pub trait Store: Send + Sync {
    /// Adds a batch, asks what follows from it, writes both in one transaction.
    ///
    /// `follow` sees the changes inside the transaction and answers purely; it must not call the store. A batch
    /// without sightings shows the profiles of all services, so that time alone can have consequences. Of a batch that is
    /// history it is not asked.
    fn commit(
        &self,
        batch: &Batch,
        now: Time,
        follow: &mut dyn FnMut(&Changes) -> Consequences,
    ) -> Result<Committed, StoreError>;

    /// Positions of every stream, sorted by key.
    fn positions(&self) -> Result<Vec<Position>, StoreError>;

    /// Profiles of one service or all, sorted by service, segment, tier.
    fn profiles(&self, service: Option<&str>) -> Result<Vec<Profile>, StoreError>;

    /// Use of every service by day, sorted by service, day.
    fn day_use(&self) -> Result<Vec<DayUse>, StoreError>;

    /// What was told beside the sightings, sorted by subject, kind, value.
    fn marks(&self) -> Result<Vec<Mark>, StoreError>;

    /// Sightings, hour after hour; within an hour in an order of the store's own. An hour is wanted whole if any instant
    /// of it is. The visitor may call the store; a batch committed meanwhile shows in the hours still to come.
    fn sightings(
        &self,
        filter: &Filter,
        visit: &mut dyn FnMut(&Sighting),
    ) -> Result<(), StoreError>;

    /// Hosts per service, sorted. A day is wanted whole if any instant of it is.
    fn hosts(&self, filter: &Filter) -> Result<Vec<HostRow>, StoreError>;

    /// Every host per day, sorted; days and pages as above. A filter's service means nothing here.
    fn digest(&self, filter: &Filter, visit: Visit<'_, DigestRow>) -> Result<(), StoreError>;

    /// Days of which any record is in the digest, sorted.
    fn days(&self, filter: &Filter) -> Result<Vec<Day>, StoreError>;

    /// The services whose signatures this store was matched against, each with a digest of its rules.
    fn signatures(&self) -> Result<BTreeMap<String, String>, StoreError>;

    /// Notes which services are known from now on, and what was found of the new ones; both or nothing.
    fn know(
        &self,
        signatures: &BTreeMap<String, String>,
        found: &[Earlier],
    ) -> Result<(), StoreError>;

    /// Moves what was counted of an application in no signature to the service that its host belongs to now: sums are
    /// neither made nor lost, and what people said of it holds for the service unless they said something of that.
    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError>;

    /// What was seen of one service or all before its signature was known, sorted by service.
    fn earlier(&self, service: Option<&str>) -> Result<Vec<Earlier>, StoreError>;

    /// Appends that a pseudonym was asked about.
    fn unmask(&self, asked: &Unmasking) -> Result<(), StoreError>;

    /// Who asked for the names behind pseudonyms, oldest first.
    fn unmaskings(&self) -> Result<Vec<Unmasking>, StoreError>;

    /// Candidates, sorted by host.
    fn candidates(&self) -> Result<Vec<Candidate>, StoreError>;

    /// Appends what people said of a candidate.
    fn judge(&self, verdict: &Verdict) -> Result<(), StoreError>;

    /// The newest verdict of every judged host.
    fn verdicts(&self) -> Result<Vec<Verdict>, StoreError>;

    /// Coverage of every source, sorted by source.
    fn coverage(&self) -> Result<Vec<Coverage>, StoreError>;

    /// Appends a decision (its `id` is ignored) and returns it with its id.
    fn decide(&self, decision: &Decision) -> Result<Decision, StoreError>;

    /// Decisions about one service or all, oldest first: in the order they were appended, whatever the clocks said.
    fn decisions(&self, service: Option<&str>) -> Result<Vec<Decision>, StoreError>;

    /// Appends decisions and enforcements, all of them or none (their `id` is ignored), and returns the decisions with
    /// their ids.
    fn apply(
        &self,
        decisions: &[Decision],
        enforcements: &[Enforcement],
    ) -> Result<Vec<Decision>, StoreError>;

    /// What was pushed where for one service or all, oldest first.
    fn enforcements(&self, service: Option<&str>) -> Result<Vec<Enforcement>, StoreError>;

    /// Appends observations and standings that are news after the newest of their kind; returns how many were.
    fn note(&self, observations: &[Observation], standings: &[Standing])
    -> Result<u64, StoreError>;

    /// What was observed of one service or all, oldest first.
    fn observations(&self, service: Option<&str>) -> Result<Vec<Observation>, StoreError>;

    /// How one service or all stood, oldest first.
    fn standings(&self, service: Option<&str>) -> Result<Vec<Standing>, StoreError>;

    /// The latest moment at which people wrote anything down; a clock that shows less was set back.
    fn newest_moment(&self) -> Result<Option<Time>, StoreError>;

    /// Appends a step of a duty.
    fn record_duty(&self, record: &DutyRecord) -> Result<(), StoreError>;

    /// Steps of duties of one service or all, oldest first.
    fn duty_records(&self, service: Option<&str>) -> Result<Vec<DutyRecord>, StoreError>;

    /// Transitions that happened in the period, sorted by time, then id.
    fn transitions(&self, filter: &Filter) -> Result<Vec<Transition>, StoreError>;

    /// Cases, the most recently updated first.
    fn cases(&self, open_only: bool) -> Result<Vec<Case>, StoreError>;

    /// Acknowledges, silences or closes a case; `false` when there is no such case.
    fn update_case(&self, id: &str, change: &CaseChange, now: Time) -> Result<bool, StoreError>;

    /// Takes messages that are due for one channel, so that no one else sends them before `lease_until`.
    /// A lease that has run out is taken again: a crash loses no message.
    fn lease(
        &self,
        channel: &str,
        now: Time,
        lease_until: Time,
        limit: usize,
    ) -> Result<Vec<Outgoing>, StoreError>;

    /// Says what became of a leased message.
    fn settle(&self, id: i64, settled: &Settled, now: Time) -> Result<(), StoreError>;

    /// How the outbox stands, for one channel or all.
    fn outbox(&self, channel: Option<&str>) -> Result<OutboxState, StoreError>;

    /// Dead letters, oldest first, with the reason each was given up for.
    fn dead_letters(&self) -> Result<Vec<(Outgoing, String)>, StoreError>;

    /// Makes every dead letter pending again; returns how many.
    fn replay_dead_letters(&self, now: Time) -> Result<u64, StoreError>;

    /// Deletes sightings, hosts and the digest of hours and days before this one and gives the space back; returns how
    /// many rows. What they added up to stays in the register.
    fn forget_before(&self, until: Hour) -> Result<u64, StoreError>;

    /// Checks the storage and the accounts that must balance; returns what is wrong, in sentences.
    fn check(&self) -> Result<Vec<String>, StoreError>;

    /// Of the accounts the ones that can be asked at any time: what was read against what became of it, and the outbox.
    fn check_accounts(&self) -> Result<Vec<String>, StoreError>;

    /// Makes the copy of the day that a damaged store is restored from, and checks it; `false` if there is nothing to
    /// copy.
    fn back_up(&self) -> Result<bool, StoreError>;

    /// How much room there is and what waits.
    fn room(&self) -> Room;
}

/// What people do with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseChange {
    Acknowledge { by: String },
    Silence { by: String, until: Time },
    Close { by: String },
}
