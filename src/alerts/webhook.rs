//! A generic webhook after the Standard Webhooks specification (standardwebhooks.com).
//!
//! The id is the alert's, the same over retries and restarts: receivers drop repeats by it. With a secret the
//! body is signed (`v1`, HMAC-SHA-256), so that a receiver knows who speaks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use sha2::Sha256;

use crate::model::Alert;

use super::http::Poster;
use super::settings::{ChannelSettings, SettingsError};
use super::{Channel, Delivery, Receipt};

pub(super) struct Webhook {
    poster: Poster,
    secret: Option<Vec<u8>>,
}

impl Webhook {
    pub(super) fn new(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let url = settings.needed(settings.url.as_ref(), "url")?;
        let poster = Poster::new(url).map_err(|reason| settings.wrong(reason))?;
        let secret = match &settings.secret_file {
            None => None,
            Some(path) => {
                let text = settings.secret(path, "secret_file")?;
                let key = key_of(&text).ok_or_else(|| {
                    settings.wrong(
                        "secret_file must hold `whsec_` and base64, as the receiver shows it",
                    )
                })?;
                Some(key)
            }
        };
        Ok(Self { poster, secret })
    }
}

impl Channel for Webhook {
    fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery> {
        let body = json!({
            "type": format!("gnomon.alert.{}", alert.rule),
            "timestamp": alert.at,
            "data": alert,
        })
        .to_string();
        let now_secs = jiff::Timestamp::now().as_second();
        let mut headers = HeaderMap::new();
        insert(&mut headers, "webhook-id", &alert.id);
        insert(&mut headers, "webhook-timestamp", &now_secs.to_string());
        if let Some(secret) = &self.secret
            && let Some(signature) = signature(secret, &alert.id, now_secs, &body)
        {
            insert(&mut headers, "webhook-signature", &signature);
        }
        self.poster.post(body, headers)
    }
}

/// `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`.
#[must_use]
pub fn signature(secret: &[u8], id: &str, timestamp_secs: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(format!("{id}.{timestamp_secs}.{body}").as_bytes());
    Some(format!("v1,{}", BASE64.encode(mac.finalize().into_bytes())))
}

fn key_of(text: &str) -> Option<Vec<u8>> {
    BASE64
        .decode(text.strip_prefix("whsec_")?)
        .ok()
        .filter(|key| !key.is_empty())
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_specification() {
        // Example of the specification's reference libraries.
        let secret = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signature.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
        assert!(key_of("plain").is_none());
    }
}
