//! What logs like these cannot show. Printed in every report: not seen is not the same as not used.

use crate::govern::reconcile::Skew;
use crate::model::{Coverage, Field, Kind};

use super::figures::counted;
use super::{Application, evidence};

/// Sentences, the ones about these very sources first.
pub(super) fn of(
    coverage: &[Coverage],
    applications: &[Application],
    skews: &[Skew],
    shared_clients: usize,
) -> Vec<String> {
    let readable: Vec<&Coverage> = coverage.iter().filter(|source| source.events > 0).collect();
    let none_tells = |field: Field| {
        !readable.is_empty()
            && readable
                .iter()
                .all(|source| source.cannot_tell.iter().any(|name| name == field.as_str()))
    };
    let mut spots = Vec::new();
    if readable.is_empty() {
        spots.push("No record could be read: nothing here says that nothing is used.".to_owned());
    }
    if none_tells(Field::Path) {
        spots.push(
            "No source shows paths: AI inside approved applications (Notion AI, Slack AI, Copilot in Office …) and \
             personal accounts on shared hosts cannot be told apart."
                .to_owned(),
        );
    }
    if none_tells(Field::BytesUp) {
        spots.push(
            "No source counts the bytes that clients sent: how much data left is unknown, not zero.".to_owned(),
        );
    }
    if none_tells(Field::User) {
        spots.push("No source names users: addresses stand in for people.".to_owned());
    }
    if shared_clients > 0 {
        let stand = counted(shared_clients as u64, "client stands", "clients stand");
        spots.push(format!(
            "{stand} for several people or machines (a terminal server, NAT, another proxy): who of them used what the \
             address does not say."
        ));
    }
    spots.extend(skews.iter().map(evidence::of_clock));
    let looked_up_only = || {
        let dns = Kind::Dns.as_str();
        let apps = applications.iter();
        apps.filter(move |app| app.evidence.keys().all(|kind| *kind == dns))
    };
    let never_connected = looked_up_only()
        .filter(|app| app.ladder.is_prefetch_only())
        .count();
    let looked_up_only = looked_up_only().count() - never_connected;
    if never_connected > 0 {
        spots.push(format!(
            "{never_connected} of {} applications were resolved and never connected, where a log was read that would have \
             shown it: prefetch. Should some clients have another way out, their use would look the same.",
            applications.len()
        ));
    }
    if looked_up_only > 0 {
        spots.push(format!(
            "{looked_up_only} of {} applications were only looked up in DNS: a browser's prefetch does that too, and a \
             look-up shows the device, not the user.",
            applications.len()
        ));
    }
    let sensor = |source: &&Coverage| {
        source.format.starts_with("zeek") || source.format.starts_with("suricata")
    };
    if readable.iter().any(sensor) {
        spots.push(
            "Encrypted Client Hello and QUIC hide server names from sensors that read TLS handshakes.".to_owned(),
        );
    }
    spots.extend(
        [
            "Devices outside this network, mobile data and DNS over HTTPS to foreign resolvers pass these logs by.",
            "Prompts, files and answers are not in the logs; neither are tools that run on a device without the network \
             (local models, stdio MCP servers).",
        ]
        .map(str::to_owned),
    );
    spots
}
