//! The store trait, method by method: which file does the work, in a reading or a writing transaction.

use std::collections::BTreeMap;

use super::hosts;
use super::names::Numbering;
use super::texts::Texts;
use super::transitions;
use super::{SqliteStore, candidates, cases, check, commit, coverage, decisions, digest, earlier};
use super::{
    day_use, marks, observed, outbox, positions, register, renamed, sightings, unmaskings,
};
use crate::model::{
    Batch, Candidate, Case, Changes, Consequences, Coverage, Day, DayUse, Decision, DigestRow,
    DutyRecord, Earlier, Enforcement, HostRow, Hour, Mark, Observation, Outgoing, Position,
    Profile, Sighting, Standing, Time, Transition, Unmasking, Verdict,
};
use crate::store::{
    CaseChange, Committed, Filter, OutboxState, Room, Settled, Store, StoreError, Visit,
};

impl Store for SqliteStore {
    fn commit(
        &self,
        batch: &Batch,
        now: Time,
        follow: &mut dyn FnMut(&Changes) -> Consequences,
    ) -> Result<Committed, StoreError> {
        self.must_be_whole("adds batches")?;
        self.change(|conn, numbers, _| {
            commit::commit(conn, numbers, self.limits, batch, now, follow)
        })
    }

    fn positions(&self) -> Result<Vec<Position>, StoreError> {
        self.read(|conn, _| positions::read(conn))
    }

    fn profiles(&self, service: Option<&str>) -> Result<Vec<Profile>, StoreError> {
        self.read(|conn, _| register::read(conn, register::Book::Register, service))
    }

    fn day_use(&self) -> Result<Vec<DayUse>, StoreError> {
        self.read(|conn, _| day_use::read(conn))
    }

    fn marks(&self) -> Result<Vec<Mark>, StoreError> {
        self.read(|conn, _| marks::read(conn))
    }

    fn sightings(
        &self,
        filter: &Filter,
        visit: &mut dyn FnMut(&Sighting),
    ) -> Result<(), StoreError> {
        let mut from = filter.from.map_or(Hour(i32::MIN), Time::hour);
        let last = last_instant(filter).map_or(Hour(i32::MAX), Time::hour);
        let service = match filter.service.as_deref() {
            Some(name) => match self.read(|conn, _| sightings::service_number(conn, name))? {
                None => return Ok(()),
                number => number,
            },
            None => None,
        };
        // Of this answer alone: the visitor may call the store.
        let mut texts = Texts::default();
        loop {
            let page = self.read(|conn, _| {
                match sightings::next_hour(conn, from)?.filter(|hour| *hour <= last) {
                    Some(hour) => {
                        let rows = sightings::of_hour(conn, hour, service)?;
                        texts.learn(conn, &rows)?;
                        Ok(Some((hour, rows)))
                    }
                    None => Ok(None),
                }
            })?;
            let Some((hour, rows)) = page else {
                return Ok(());
            };
            sightings::show(hour, &rows, &texts, visit).map_err(|error| self.explain(&error))?;
            let Some(next) = hour.0.checked_add(1) else {
                return Ok(());
            };
            from = Hour(next);
        }
    }

    fn hosts(&self, filter: &Filter) -> Result<Vec<HostRow>, StoreError> {
        let days = days(filter);
        self.read(|conn, texts| hosts::read(conn, texts, days, filter.service.as_deref()))
    }

    fn digest(&self, filter: &Filter, visit: Visit<'_, DigestRow>) -> Result<(), StoreError> {
        let (mut from, last) = days(filter);
        loop {
            let page = self.read(|conn, texts| {
                match digest::next_day(conn, from)?.filter(|day| *day <= last) {
                    Some(day) => Ok(Some((day, digest::of_day(conn, texts, day)?))),
                    None => Ok(None),
                }
            })?;
            let Some((day, rows)) = page else {
                return Ok(());
            };
            rows.into_iter().for_each(&mut *visit);
            let Some(next) = day.0.checked_add(1) else {
                return Ok(());
            };
            from = Day(next);
        }
    }

    fn days(&self, filter: &Filter) -> Result<Vec<Day>, StoreError> {
        let (mut from, last) = days(filter);
        self.read(|conn, _| {
            let mut found = Vec::new();
            while let Some(day) = digest::next_day(conn, from)?.filter(|day| *day <= last) {
                found.push(day);
                from = day.plus(1);
            }
            Ok(found)
        })
    }

    fn signatures(&self) -> Result<BTreeMap<String, String>, StoreError> {
        self.read(|conn, _| earlier::signatures(conn))
    }

    fn know(
        &self,
        signatures: &BTreeMap<String, String>,
        found: &[Earlier],
    ) -> Result<(), StoreError> {
        self.write(|conn| earlier::know(conn, signatures, found))
    }

    fn earlier(&self, service: Option<&str>) -> Result<Vec<Earlier>, StoreError> {
        self.read(|conn, _| earlier::read(conn, service))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.must_be_whole("moves what was counted")?;
        self.change(|conn, numbers, _| {
            let mut numbering = Numbering::new(conn, numbers, self.limits);
            renamed::rename(conn, &mut numbering, from, to)?;
            numbering.finish()
        })
    }

    fn unmask(&self, asked: &Unmasking) -> Result<(), StoreError> {
        self.write(|conn| unmaskings::write(conn, asked))
    }

    fn unmaskings(&self) -> Result<Vec<Unmasking>, StoreError> {
        self.read(|conn, _| unmaskings::read(conn))
    }

    fn candidates(&self) -> Result<Vec<Candidate>, StoreError> {
        self.read(|conn, _| candidates::read(conn))
    }

    fn judge(&self, verdict: &Verdict) -> Result<(), StoreError> {
        self.write(|conn| candidates::judge(conn, verdict))
    }

    fn verdicts(&self) -> Result<Vec<Verdict>, StoreError> {
        self.read(|conn, _| candidates::verdicts(conn))
    }

    fn coverage(&self) -> Result<Vec<Coverage>, StoreError> {
        self.read(|conn, _| coverage::read(conn))
    }

    fn decide(&self, decision: &Decision) -> Result<Decision, StoreError> {
        self.write(|conn| decisions::decide(conn, decision))
    }

    fn decisions(&self, service: Option<&str>) -> Result<Vec<Decision>, StoreError> {
        self.read(|conn, _| decisions::decisions(conn, service))
    }

    fn apply(
        &self,
        decisions: &[Decision],
        enforcements: &[Enforcement],
    ) -> Result<Vec<Decision>, StoreError> {
        self.write(|conn| {
            for made in enforcements {
                observed::enforce(conn, made)?;
            }
            let decided = decisions.iter();
            decided
                .map(|decision| decisions::decide(conn, decision))
                .collect()
        })
    }

    fn enforcements(&self, service: Option<&str>) -> Result<Vec<Enforcement>, StoreError> {
        self.read(|conn, _| observed::enforcements(conn, service))
    }

    fn note(
        &self,
        observations: &[Observation],
        standings: &[Standing],
    ) -> Result<u64, StoreError> {
        self.write(|conn| observed::note(conn, observations, standings))
    }

    fn observations(&self, service: Option<&str>) -> Result<Vec<Observation>, StoreError> {
        self.read(|conn, _| observed::observations(conn, service))
    }

    fn standings(&self, service: Option<&str>) -> Result<Vec<Standing>, StoreError> {
        self.read(|conn, _| observed::standings(conn, service))
    }

    fn newest_moment(&self) -> Result<Option<Time>, StoreError> {
        self.read(|conn, _| observed::newest_moment(conn))
    }

    fn record_duty(&self, record: &DutyRecord) -> Result<(), StoreError> {
        self.write(|conn| decisions::record_duty(conn, record))
    }

    fn duty_records(&self, service: Option<&str>) -> Result<Vec<DutyRecord>, StoreError> {
        self.read(|conn, _| decisions::duty_records(conn, service))
    }

    fn transitions(&self, filter: &Filter) -> Result<Vec<Transition>, StoreError> {
        let (from, until, service) = (filter.from, filter.until, filter.service.as_deref());
        self.read(|conn, _| transitions::read(conn, from, until, service))
    }

    fn cases(&self, open_only: bool) -> Result<Vec<Case>, StoreError> {
        self.read(|conn, _| cases::read(conn, open_only))
    }

    fn update_case(&self, id: &str, change: &CaseChange, now: Time) -> Result<bool, StoreError> {
        self.write(|conn| cases::update(conn, id, change, now))
    }

    fn lease(
        &self,
        channel: &str,
        now: Time,
        lease_until: Time,
        limit: usize,
    ) -> Result<Vec<Outgoing>, StoreError> {
        self.may_write()?;
        // Mostly nothing waits, and that is found out without keeping others from writing.
        if !self.read(|conn, _| outbox::waits(conn, channel))? {
            return Ok(Vec::new());
        }
        self.write(|conn| outbox::lease(conn, channel, now, lease_until, limit))
    }

    fn settle(&self, id: i64, settled: &Settled, now: Time) -> Result<(), StoreError> {
        if self.write(|conn| outbox::settle(conn, id, settled, now))? {
            return Ok(());
        }
        Err(StoreError::Failed(format!(
            "{} has no message {id} in its outbox",
            self.name
        )))
    }

    fn outbox(&self, channel: Option<&str>) -> Result<OutboxState, StoreError> {
        self.read(|conn, _| outbox::state(conn, channel))
    }

    fn dead_letters(&self) -> Result<Vec<(Outgoing, String)>, StoreError> {
        self.read(|conn, _| outbox::dead_letters(conn))
    }

    fn replay_dead_letters(&self, now: Time) -> Result<u64, StoreError> {
        let replayed = self.write(|conn| outbox::replay(conn, now))?;
        Ok(u64::try_from(replayed).unwrap_or(u64::MAX))
    }

    fn forget_before(&self, until: Hour) -> Result<u64, StoreError> {
        Self::forget_before(self, until)
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.read(check::check)
    }

    fn check_accounts(&self) -> Result<Vec<String>, StoreError> {
        self.read(|conn, _| check::accounts(conn))
    }

    fn back_up(&self) -> Result<bool, StoreError> {
        Self::back_up(self).map(|copy| copy.is_some())
    }

    fn room(&self) -> Room {
        Room {
            free_bytes: self.free_bytes(),
            wal_bytes: self.wal_bytes(),
        }
    }
}

/// The last instant that the filter wants: what happened in its hour or day is wanted whole.
fn last_instant(filter: &Filter) -> Option<Time> {
    let until = filter.until?;
    Some(Time::from_micros(until.micros().saturating_sub(1)))
}

fn days(filter: &Filter) -> (Day, Day) {
    (
        filter.from.map_or(Day(i32::MIN), Time::day),
        last_instant(filter).map_or(Day(i32::MAX), Time::day),
    )
}
