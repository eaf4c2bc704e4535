//! A webhook receiver that writes down what comes and answers as its script says.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::wait::until;

/// The secret that sender and receiver share, without the `whsec_` in front.
pub(crate) const SECRET: &str = "Z25vbW9uIGVuZCB0byBlbmQgdGVzdHM=";

/// How a delivery is answered; `Taken` when the script has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken,
    /// 503, with the seconds to wait.
    Busy(u32),
    /// The connection is closed without a word.
    Drop,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) at: Instant,
    pub(crate) id: String,
    pub(crate) body: Value,
    pub(crate) is_signed: bool,
    pub(crate) answer: Answer,
}

impl Delivery {
    pub(crate) fn alert(&self) -> &Value {
        &self.body["data"]
    }
}

#[derive(Clone)]
pub(crate) struct Receiver {
    port: u16,
    script: Arc<Mutex<VecDeque<Answer>>>,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        Self::listen(0, &[])
    }

    /// Listens on this port and answers the first requests after the script.
    pub(crate) fn listen(port: u16, script: &[Answer]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            script: Arc::new(Mutex::new(script.iter().copied().collect())),
            deliveries: Arc::default(),
        };
        let clerk = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A sender that was killed leaves half a request; that is no delivery.
                let _ = clerk.take(stream);
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        url_of(self.port)
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().unwrap().clone()
    }

    /// Deliveries that were taken of alerts about this service.
    pub(crate) fn taken_about(&self, service: &str) -> Vec<Delivery> {
        let mut taken = self.deliveries();
        taken.retain(|one| one.answer == Answer::Taken && one.alert()["service"] == service);
        taken
    }

    /// Waits for the first delivery about a service that is taken.
    pub(crate) fn first_about(&self, service: &str, within: Duration) -> Delivery {
        until(within, &format!("an alert about {service}"), || {
            self.taken_about(service).into_iter().next()
        })
    }

    /// Ids of the alerts that were taken.
    pub(crate) fn ids(&self) -> BTreeSet<String> {
        let deliveries = self.deliveries();
        let taken = deliveries.iter().filter(|one| one.answer == Answer::Taken);
        taken.map(|one| one.id.clone()).collect()
    }

    fn take(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_lowercase(), value.trim().to_owned()));
            }
        }
        let header = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let Ok(body) = String::from_utf8(body) else {
            return Ok(());
        };
        let Ok(json) = serde_json::from_str(&body) else {
            return Ok(());
        };
        let answer = self
            .script
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Answer::Taken);
        let id = header("webhook-id");
        let signed = format!("{id}.{}.{body}", header("webhook-timestamp"));
        self.deliveries.lock().unwrap().push(Delivery {
            at: Instant::now(),
            is_signed: header("webhook-signature") == signature(&signed),
            id,
            body: json,
            answer,
        });
        let text = match answer {
            Answer::Taken => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
            Answer::Busy(secs) => format!(
                "HTTP/1.1 503 Busy\r\nRetry-After: {secs}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ),
            Answer::Drop => return Ok(()),
        };
        reader.get_mut().write_all(text.as_bytes())
    }
}

pub(crate) fn url_of(port: u16) -> String {
    format!("http://127.0.0.1:{port}/hook")
}

/// As the Standard Webhooks specification has it, by our own reading.
fn signature(signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64.decode(SECRET).unwrap()).unwrap();
    mac.update(signed.as_bytes());
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}
