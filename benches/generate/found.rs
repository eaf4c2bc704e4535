//! What a store holds, in the terms of the truth.

use gnomon::model::{DigestRow, Outcome, Sighting};
use gnomon::store::{Filter, Store, StoreError};

use super::truth::{Fate, Key, Truth};

pub(crate) fn found(store: &dyn Store) -> Result<Truth, StoreError> {
    let mut truth = Truth::default();
    for source in store.coverage()? {
        truth.lines += source.read;
        truth.events += source.events;
    }
    let everything = Filter::default();
    store.sightings(&everything, &mut |Sighting { key, tally }| {
        let fate = match key.outcome {
            Outcome::Allowed | Outcome::Unknown => Fate::Used,
            Outcome::Blocked => Fate::Denied,
            Outcome::Error => Fate::Failed,
        };
        let mine = Key {
            service: key.service.clone(),
            client: key.client.clone(),
            user: key.user.clone(),
            hour: i64::from(key.hour.0),
        };
        truth.rows.entry(mine).or_default().add(
            fate,
            tally.events,
            tally.bytes_down,
            tally.first.micros(),
            tally.last.micros(),
        );
    })?;
    store.digest(&everything, &mut |DigestRow {
                                         day, host, hits, ..
                                     }| {
        *truth.hosts.entry((i64::from(day.0), host)).or_default() += hits;
    })?;
    Ok(truth)
}
