//! Whether the clocks of the sources agree, measured from the last weeks of sightings: for whoever checks the set-up and
//! wants no report.

use hashbrown::HashMap;

use crate::detect::OTHER;
use crate::govern::reconcile::{Clients, Clocks, Skews, Trail};
use crate::model::{Coverage, Outcome, Symbol, Symbols};
use crate::store::{Filter, Store, StoreError};

/// A clock that was set right is of no interest for long.
const DAYS: i64 = 14;

/// What look-ups and the connections that follow them say of the clocks of every pair of sources.
///
/// # Errors
/// When the store cannot be read.
pub fn clocks(store: &dyn Store) -> Result<Vec<Clocks>, StoreError> {
    let coverage = store.coverage()?;
    let last = |shows: fn(&Coverage) -> bool| {
        let sources = coverage.iter().filter(|source| shows(source));
        sources.filter_map(|source| source.last).max()
    };
    // A clock that is years ahead must not hide what the others did lately.
    let lookups = last(|source| source.shows_lookups);
    let connections = last(|source| source.shows_connections);
    let Some((lookups, connections)) = lookups.zip(connections) else {
        return Ok(Vec::new());
    };
    let last = lookups.min(connections);
    let recent = Filter {
        from: Some(last.plus_days(-DAYS)),
        ..Filter::default()
    };
    let (mut symbols, mut skews) = (Symbols::default(), Skews::default());
    let mut trails: HashMap<(Symbol, Symbol), Trail> = HashMap::new();
    store.sightings(&recent, &mut |sighting| {
        let key = &sighting.key;
        // What many clients did together has no trail.
        let is_of_one = !key.client.is_empty() && *key.client != *OTHER;
        if key.role.is_defining() && key.outcome != Outcome::Error && is_of_one {
            let of = (symbols.of(&key.service), symbols.of(&key.client));
            let trail = trails.entry(of).or_default();
            trail.add(sighting, &mut symbols, &mut skews);
        }
    })?;
    let mut clients = Clients::default();
    for ((_, client), mut trail) in trails {
        clients.end(client, &mut trail, &symbols, &mut skews);
    }
    Ok(skews.measured(&symbols))
}
