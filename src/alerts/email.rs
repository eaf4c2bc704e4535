//! E-mail over SMTP, plain text.
//!
//! The Message-ID follows from the alert's id, so that a mail sent twice after a crash is one mail to most
//! readers. Addresses and subject go through the mail library, which encodes what would break a header. The whole
//! conversation has a limit of time, so that a relay that says a letter a second holds up nobody for long; what it
//! says after it took the mail does not matter.

use std::time::Duration;

use lettre::Message;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, response::Response};
use tokio::time::timeout;

use crate::model::{Alert, Untrusted};

use super::settings::{ChannelSettings, MailTls, SettingsError};
use super::{Channel, Delivery, Receipt, one_line};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
const SUBJECT_CHARS: usize = 180;

pub(super) struct Email {
    relay: String,
    port: u16,
    tls: MailTls,
    credentials: Option<Credentials>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Email {
    pub(super) fn new(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let tls = settings.tls.unwrap_or_default();
        let (relay, port) = relay_of(settings, tls)?;
        let mailbox = |text: &String| {
            text.parse::<Mailbox>()
                .map_err(|error| settings.wrong(format!("{text:?} is no mail address: {error}")))
        };
        let from = mailbox(settings.needed(settings.from.as_ref(), "from")?)?;
        let to = settings
            .to
            .iter()
            .map(mailbox)
            .collect::<Result<Vec<_>, _>>()?;
        if to.is_empty() {
            return Err(settings.wrong("kind \"email\" needs at least one address in `to`"));
        }
        let credentials = match (&settings.user, &settings.password_file) {
            (None, None) => None,
            (Some(user), Some(path)) => Some(Credentials::new(
                user.clone(),
                settings.secret(path, "password_file")?,
            )),
            _ => return Err(settings.wrong("`user` and `password_file` belong together")),
        };
        Ok(Self {
            relay,
            port,
            tls,
            credentials,
            from,
            to,
        })
    }

    /// Hands one mail to the relay.
    async fn hand_over(&self, message: &Message) -> Result<Response, SmtpError> {
        let hello = ClientId::default();
        let tls = || TlsParameters::new(self.relay.clone());
        let wrapped = (self.tls == MailTls::Implicit).then(tls).transpose()?;
        let server = (self.relay.as_str(), self.port);
        let connect = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(CONNECT_TIMEOUT),
            &hello,
            wrapped,
            None,
        );
        let mut relay = connect.await?;
        if self.tls == MailTls::Starttls {
            relay.starttls(tls()?, &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            relay.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        let answer = relay.send(message.envelope(), &message.formatted()).await?;
        // It has taken the mail; how it takes leave is its own affair.
        let _ = timeout(GOODBYE_TIMEOUT, relay.quit()).await;
        Ok(answer)
    }

    fn message(&self, alert: &Alert) -> Result<Message, lettre::error::Error> {
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(format!(
                "[gnomon] {}",
                one_line(&alert.title, SUBJECT_CHARS)
            ))
            .message_id(Some(format!("<{}@gnomon.invalid>", alert.id)));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        builder.header(ContentType::TEXT_PLAIN).body(body(alert))
    }
}

impl Channel for Email {
    fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery> {
        let give_up = |why: String| Delivery::GiveUp { why };
        let retry = |why: String| Delivery::Retry { after: None, why };
        let message = self
            .message(alert)
            .map_err(|error| give_up(format!("mail: {error}")))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| retry(format!("mail: no runtime: {error}")))?;
        let sent =
            runtime.block_on(async { timeout(TOTAL_TIMEOUT, self.hand_over(&message)).await });
        // Who still looks up the relay's name is not waited for.
        runtime.shutdown_background();
        match sent {
            Ok(Ok(answer)) => Ok(Receipt {
                said: answer.code().to_string(),
            }),
            Ok(Err(error)) if error.is_permanent() => Err(give_up(format!("mail: {error}"))),
            Ok(Err(error)) => Err(retry(format!("mail: {error}"))),
            Err(_) => Err(retry(format!(
                "mail: the relay took longer than {} s",
                TOTAL_TIMEOUT.as_secs()
            ))),
        }
    }
}

/// The body of the mail.
pub(super) fn body(alert: &Alert) -> String {
    let shown = |text: &String| Untrusted::from(text.as_str()).shown();
    let mut body = format!("{}\n\n", shown(&alert.title));
    for line in &alert.lines {
        body.push_str(&format!("  {}\n", shown(line)));
    }
    if !alert.next.is_empty() {
        body.push_str("\nWhat to do:\n");
        for line in &alert.next {
            body.push_str(&format!("  - {}\n", shown(line)));
        }
    }
    body.push_str(&format!(
        "\nSeverity {}, rule {}",
        alert.severity, alert.rule
    ));
    if !alert.case.is_empty() {
        body.push_str(&format!(", case {}", alert.case));
    }
    body.push('\n');
    body
}

fn relay_of(settings: &ChannelSettings, tls: MailTls) -> Result<(String, u16), SettingsError> {
    let text = settings.needed(settings.relay.as_ref(), "relay")?;
    let usual_port = match tls {
        MailTls::Starttls => 587,
        MailTls::Implicit => 465,
        MailTls::None => 25,
    };
    match text.rsplit_once(':') {
        None => Ok((text.clone(), usual_port)),
        Some((host, port)) => {
            let port = port
                .parse()
                .map_err(|_| settings.wrong(format!("relay {text:?}: {port:?} is no port")))?;
            Ok((host.to_owned(), port))
        }
    }
}
