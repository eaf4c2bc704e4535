//! Clients that fetch models: a machine that answers like a model has fetched one before.
//!
//! Only what shows the weights counts: the name of a file on a hub, a blob of Ollama's registry, or so much from a host
//! that models are fetched from that it can hardly be anything else. A look-up, a page of the hub and an installer do
//! not. Counted by client, so that what it serves later can be held against it (`govern::unlisted`).

use crate::catalogue::Catalogue;
use crate::identity::Identity;
use crate::model::{CLIENT, Event, Kind, Mark, MarkKind, Outcome, Role};

use super::Found;
use super::tables::Tables;

/// What files of weights end in, lower case.
const WEIGHTS: &[&[u8]] = &[
    b".safetensors",
    b".gguf",
    b".ggml",
    b".ckpt",
    b".onnx",
    b".pt",
    b".pth",
];

/// The files of older models whose ending others have too.
const OLDER: (&[u8], &[u8]) = (b"pytorch_model", b".bin");

/// Small models have tens of megabytes; what else hubs hand out has mostly less.
const LEAST_BYTES: u64 = 64 << 20;

/// Notes the client of an event that fetched a model.
pub(super) fn mark(
    tables: &mut Tables,
    (catalogue, identity): (&Catalogue, &Identity),
    event: &Event<'_>,
    found: &Found,
) {
    if found.role != Role::Download || !went_through(event) || !shows_weights(event) {
        return;
    }
    let hub = catalogue.service(&found.service);
    let Some(hub) = hub.filter(|service| service.offers_models()) else {
        return;
    };
    let client = event.client;
    if let Some(client) = client.and_then(|address| identity.machine(address, event.time)) {
        let subject = format!("{CLIENT}{client}");
        let value = format!("{}{}", Mark::FETCHED, hub.name);
        tables.mark(event.time, (&subject, MarkKind::Shape, &value), &client);
    }
}

/// A hub answers a request for a file by naming the place of it: that is an answer too.
fn went_through(event: &Event<'_>) -> bool {
    event.kind != Kind::Dns
        && matches!(event.outcome, Outcome::Allowed | Outcome::Unknown)
        && event
            .status
            .is_none_or(|status| (200..400).contains(&status))
}

fn shows_weights(event: &Event<'_>) -> bool {
    let is_large = event.bytes_down.is_some_and(|bytes| bytes >= LEAST_BYTES);
    let Some(path) = &event.path else {
        return is_large;
    };
    let mut segments = path.bytes().rsplit(|byte| *byte == b'/');
    let file = segments.next().unwrap_or_default().to_ascii_lowercase();
    if file.starts_with(b"sha256") && segments.next() == Some(b"blobs") {
        return true;
    }
    let (start, end) = OLDER;
    // A name without an ending is a digest, as the hosts behind the hubs have them.
    WEIGHTS.iter().any(|ending| file.ends_with(ending))
        || file.starts_with(start) && file.ends_with(end)
        || is_large && !file.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fields, Time, Untrusted};

    fn shows(path: Option<&str>, bytes_down: u64) -> bool {
        let mut event = Event::new(Kind::Proxy, Time::from_secs(0), Fields::default());
        event.path = path.map(Untrusted::from);
        event.bytes_down = Some(bytes_down);
        shows_weights(&event)
    }

    #[test]
    fn weights_are_told_by_their_name_and_else_by_their_size() {
        for path in [
            "/example/model/resolve/main/model-00001-of-00003.safetensors",
            "/example/model/resolve/main/Model-Q4_K_M.GGUF",
            "/example/model/resolve/main/pytorch_model-00001-of-00002.bin",
            "/v2/library/llama3/blobs/sha256:0123",
        ] {
            assert!(shows(Some(path), 400), "{path}");
        }
        for path in [
            "/example/model/resolve/main/config.json",
            "/datasets/example/cars/resolve/main/cars.bin",
            "/v2/library/llama3/manifests/latest",
            "/download/OllamaSetup.exe",
            "/",
        ] {
            assert!(!shows(Some(path), 400), "{path}");
        }
        assert!(shows(Some("/xet-bridge-us/0123/4567"), 4_000_000_000));
        assert!(shows(None, 4_000_000_000) && !shows(None, 400_000));
        assert!(!shows(Some("/download/OllamaSetup.exe"), 700_000_000));
    }
}
