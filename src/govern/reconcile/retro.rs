//! What a signature that came late says of the past.

use crate::model::{Earlier, Transition, TransitionKind};

/// Adds to every first appearance that its hosts were there before, so that it does not read as if the application began
/// with its signature.
pub fn tell_since_when(found: &mut [Transition], earlier: &[Earlier]) {
    let first = found
        .iter_mut()
        .filter(|one| one.kind == TransitionKind::FirstSeen);
    for transition in first {
        let before = earlier
            .iter()
            .find(|before| before.service == transition.service && before.first < transition.at);
        if let Some(before) = before {
            transition.detail.push_str("; ");
            transition.detail.push_str(&seen_before(before));
        }
    }
}

/// `its hosts are in the logs since 2026-11-03, before it was known here (12 records by about 3 clients on 4 days)`.
#[must_use]
pub fn seen_before(before: &Earlier) -> String {
    let clients = before.clients.shown();
    format!(
        "its hosts are in the logs since {}, before its signature was known here ({} record{}{} on {} day{})",
        before.first.day(),
        before.hits,
        if before.hits == 1 { "" } else { "s" },
        clients
            .map(|clients| format!(" by {clients}"))
            .unwrap_or_default(),
        before.days,
        if before.days == 1 { "" } else { "s" },
    )
}
