//! One HTTP POST, and what its answer means for the queue.
//!
//! No redirects (a receiver cannot send us elsewhere), short timeouts, and the body of the answer is not read.
//! The client is built at the first use: without a CA bundle on the machine, building fails even for plain HTTP,
//! and that must not keep the service from starting.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::{Delivery, Receipt};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// A client for one URL, with its own small runtime: each channel has its own thread.
pub(super) struct Poster {
    url: reqwest::Url,
    shown: String,
    made: Option<(tokio::runtime::Runtime, reqwest::Client)>,
}

impl Poster {
    /// A poster to this URL; a reason when it is none.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let parsed = reqwest::Url::parse(url).map_err(|error| format!("url is no URL: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!(
                "url must begin with https:// or http://, not {}://",
                parsed.scheme()
            ));
        }
        // Paths of webhooks are secrets: only scheme and host are ever shown.
        let shown = format!(
            "{}://{}",
            parsed.scheme(),
            parsed.host_str().unwrap_or_default()
        );
        Ok(Self {
            url: parsed,
            shown,
            made: None,
        })
    }

    /// Posts a JSON body.
    pub(super) fn post(&mut self, body: String, headers: HeaderMap) -> Result<Receipt, Delivery> {
        let shown = self.shown.clone();
        let url = self.url.clone();
        let (runtime, client) = self.ready()?;
        let request = client
            .post(url)
            .headers(headers)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body);
        // Sent from inside the runtime: the timers of the request belong to it.
        let answer = runtime.block_on(async { request.send().await });
        match answer {
            Ok(answer) => judge(&shown, answer.status().as_u16(), answer.headers()),
            // The error may hold the URL: only its kind is told.
            Err(error) => Err(Delivery::Retry {
                after: None,
                why: format!("{shown}: {}", kind_of(&error)),
            }),
        }
    }

    fn ready(&mut self) -> Result<&(tokio::runtime::Runtime, reqwest::Client), Delivery> {
        if self.made.is_none() {
            self.made = Some(self.make()?);
        }
        self.made.as_ref().ok_or_else(|| Delivery::GiveUp {
            why: "no HTTP client".to_owned(),
        })
    }

    fn make(&self) -> Result<(tokio::runtime::Runtime, reqwest::Client), Delivery> {
        // One provider of cryptography for the process; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = |why: String| Delivery::Retry { after: None, why };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| retry(format!("no runtime for HTTP: {error}")))?;
        let builder = || {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TOTAL_TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("gnomon/", env!("CARGO_PKG_VERSION")))
        };
        let client = match builder().build() {
            Ok(client) => client,
            Err(_) if self.url.scheme() == "http" => builder()
                .tls_certs_only([])
                .build()
                .map_err(|error| retry(format!("no HTTP client: {error}")))?,
            Err(error) => {
                return Err(retry(format!(
                    "no HTTPS client (are CA certificates installed?): {error}"
                )));
            }
        };
        Ok((runtime, client))
    }
}

fn kind_of(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "the connection broke"
    }
}

/// What a status says about trying again.
fn judge(shown: &str, status: u16, headers: &HeaderMap) -> Result<Receipt, Delivery> {
    let why = format!("{shown} answered {status}");
    match status {
        200..=299 => Ok(Receipt {
            said: format!("{status}"),
        }),
        410 => Err(Delivery::Off { why }),
        408 | 425 | 429 | 500..=599 => Err(Delivery::Retry {
            after: retry_after(headers),
            why,
        }),
        _ => Err(Delivery::GiveUp { why }),
    }
}

/// Seconds or a date; capped, because a receiver must not park our queue for ever.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(secs) => Duration::from_secs(secs),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            let secs = at.as_second() - jiff::Timestamp::now().as_second();
            Duration::from_secs(u64::try_from(secs).unwrap_or(0))
        }
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        headers
    }

    #[test]
    fn the_status_decides_what_happens_next() {
        let judged = |status| judge("https://hooks.example.org", status, &HeaderMap::new());
        assert!(judged(204).is_ok());
        assert!(matches!(judged(302), Err(Delivery::GiveUp { .. })));
        assert!(matches!(judged(404), Err(Delivery::GiveUp { .. })));
        assert!(matches!(judged(410), Err(Delivery::Off { .. })));
        assert!(matches!(judged(429), Err(Delivery::Retry { .. })));
        assert!(matches!(judged(503), Err(Delivery::Retry { .. })));
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        assert_eq!(retry_after(&headers("7")), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after(&headers("1000000000")),
            Some(LONGEST_RETRY_AFTER)
        );
        assert_eq!(
            retry_after(&headers("Mon, 02 Nov 1998 10:11:12 GMT")),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after(&headers("soon")), None);
    }

    #[test]
    fn a_secret_path_is_not_shown() {
        let poster = Poster::new("https://hooks.example.org/services/T00/B00/secret").unwrap();
        assert_eq!(poster.shown, "https://hooks.example.org");
        assert!(Poster::new("ftp://example.org").is_err());
    }
}
