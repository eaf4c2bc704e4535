//! One walk through the sightings of a report's period: what each application's add up to, and what all sources together
//! say of each client.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::govern::reconcile::{Around, Clients, Skew};
use crate::model::{Symbol, Symbols, Time, Watched};
use crate::store::{Filter, StoreError};

use super::ask::Ask;
use super::tally::{AppTally, Known, OfHour};

const SECS_30_DAYS: i64 = 30 * 86_400;

/// What all sightings add up to.
pub(super) struct Tallies {
    pub(super) of: BTreeMap<Arc<str>, AppTally>,
    pub(super) clients: Clients,
    pub(super) symbols: Symbols,
    pub(super) skews: Vec<Skew>,
}

/// Walks through the sightings of a period once.
pub(super) fn tallies(
    ask: &Ask<'_>,
    filter: &Filter,
    as_of: Time,
    watched: &Watched,
    shared: &[Arc<str>],
) -> Result<Tallies, StoreError> {
    let mut known = Known::default();
    // Sightings of a service follow one another, and hours do too.
    let mut places: HashMap<Arc<str>, usize> = HashMap::new();
    let mut tallies: Vec<(Arc<str>, AppTally)> = Vec::new();
    let mut at = usize::MAX;
    let mut of_hour: Option<OfHour> = None;
    let recent_from = as_of.plus_secs(-SECS_30_DAYS);
    let week_from = as_of.plus_days(-7);
    ask.store.sightings(filter, &mut |sighting| {
        let (hour, service) = (sighting.key.hour, &sighting.key.service);
        let of_hour = match of_hour {
            Some(same) if same.hour == hour => same,
            _ => {
                let start = hour.start();
                *of_hour.insert(OfHour {
                    hour,
                    is_recent: start >= recent_from,
                    is_last_week: start >= week_from,
                    is_off: ask.settings.office_hours.is_off(start, ask.zone),
                })
            }
        };
        if tallies.get(at).is_none_or(|(of, _)| of != service) {
            at = *places.entry_ref(service).or_insert_with(|| {
                tallies.push((service.clone(), AppTally::default()));
                tallies.len() - 1
            });
        }
        if let Some((_, tally)) = tallies.get_mut(at) {
            tally.add(sighting, of_hour, &mut known);
        }
    })?;
    let shared: Vec<Symbol> = shared.iter().map(|name| known.symbols.of(name)).collect();
    let (mut clients, symbols) = (Clients::default(), known.symbols);
    for (client, of_client) in tallies.iter_mut().flat_map(|(_, tally)| &mut tally.clients) {
        clients.end(*client, &mut of_client.trail, &symbols, &mut known.skews);
    }
    shared.into_iter().for_each(|client| clients.share(client));
    let around = Around {
        symbols: &symbols,
        clients: &clients,
        watched,
        behind_proxies: &clients.behind_proxies(),
    };
    for (_, tally) in &mut tallies {
        let trails = tally.clients.iter();
        let trails = trails.map(|(client, of_client)| (*client, &of_client.trail));
        tally.ladder.finish(trails, &around);
        tally.end();
        tally.unname_shared(&clients);
    }
    Ok(Tallies {
        of: tallies.into_iter().collect(),
        clients,
        skews: known.skews.found(&symbols),
        symbols,
    })
}
