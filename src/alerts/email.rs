//! E-mail over SMTP, plain text.
//!
//! The Message-ID follows from the alert's id, so that a mail sent twice after a crash is one mail to most
//! readers. Addresses and subject go through the mail library, which encodes what would break a header.

use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport as _};

use crate::model::{Alert, Untrusted};

use super::settings::{ChannelSettings, MailTls, SettingsError};
use super::{Channel, Delivery, Receipt, one_line};

const TIMEOUT: Duration = Duration::from_secs(30);
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

    fn transport(&self) -> Result<SmtpTransport, lettre::transport::smtp::Error> {
        let tls = match self.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(TlsParameters::new(self.relay.clone())?),
            MailTls::Implicit => Tls::Wrapper(TlsParameters::new(self.relay.clone())?),
        };
        let mut builder = SmtpTransport::builder_dangerous(&self.relay)
            .port(self.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let Some(credentials) = &self.credentials {
            builder = builder.credentials(credentials.clone());
        }
        Ok(builder.build())
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
        let message = self
            .message(alert)
            .map_err(|error| give_up(format!("mail: {error}")))?;
        let transport = self.transport().map_err(|error| Delivery::Retry {
            after: None,
            why: format!("mail: {error}"),
        })?;
        match transport.send(&message) {
            Ok(answer) => Ok(Receipt {
                said: answer.code().to_string(),
            }),
            Err(error) if error.is_permanent() => Err(give_up(format!("mail: {error}"))),
            Err(error) => Err(Delivery::Retry {
                after: None,
                why: format!("mail: {error}"),
            }),
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
