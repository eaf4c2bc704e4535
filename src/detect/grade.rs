//! How strong the evidence of one event is.
//!
//! A look-up is the weakest: browsers prefetch. A tunnel that carried less than a TLS handshake proves a
//! connection only. Byte counts decide between connected, exchanged and uploaded; a URL confirms.

use crate::model::{Activity, Event, Grade, Kind};

use super::Settings;

/// The grade of an event, given what its URL shows.
pub(super) fn of(event: &Event<'_>, activity: Option<Activity>, settings: &Settings) -> Grade {
    if event.kind == Kind::Dns {
        return Grade::Resolved;
    }
    if activity.is_some_and(Activity::is_use) {
        return Grade::Confirmed;
    }
    if event
        .bytes_up
        .is_some_and(|bytes| bytes >= settings.upload_bytes)
    {
        return Grade::Uploaded;
    }
    if is_request_inside(event)
        || event
            .bytes_down
            .is_some_and(|bytes| bytes >= settings.exchange_bytes)
    {
        return Grade::Exchanged;
    }
    Grade::Connected
}

/// Whether the log shows a request with its path: the proxy saw inside the connection.
fn is_request_inside(event: &Event<'_>) -> bool {
    event.kind == Kind::Proxy
        && event.path.is_some()
        && event
            .method
            .as_ref()
            .is_some_and(|method| method.bytes() != b"CONNECT")
        && event
            .status
            .is_some_and(|status| (200..400).contains(&status))
}
