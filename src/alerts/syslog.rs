//! Syslog after RFC 5424, over UDP, TCP (octet-counted, RFC 6587) or the local socket; optionally with a CEF message.
//!
//! Facility is `local0`, the severity follows the alert. The structured-data id carries enterprise number 32473,
//! which IANA keeps for documentation: the project has none of its own. TLS is not spoken here; a local relay does it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Alert, Severity};

use super::settings::{ChannelSettings, SettingsError, SyslogFormat};
use super::{Channel, Delivery, Receipt, one_line};

const FACILITY_LOCAL0: u8 = 16;
const TIMEOUT: Duration = Duration::from_secs(10);
const VALUE_CHARS: usize = 400;

pub(super) struct Syslog {
    address: Address,
    format: SyslogFormat,
    host: String,
}

enum Address {
    Udp(String),
    Tcp(String),
    Unix(PathBuf),
}

impl Syslog {
    pub(super) fn new(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let text = settings.needed(settings.address.as_ref(), "address")?;
        let address = match text.split_once("://") {
            Some(("udp", rest)) => Address::Udp(rest.to_owned()),
            Some(("tcp", rest)) => Address::Tcp(rest.to_owned()),
            Some(("unix", rest)) => Address::Unix(rest.into()),
            _ => {
                return Err(settings.wrong(format!(
                    "address {text:?} must be udp://host:514, tcp://host:601 or unix:///dev/log"
                )));
            }
        };
        let name = rustix::system::uname();
        let host = one_line(&name.nodename().to_string_lossy(), 255).replace(' ', "-");
        Ok(Self {
            address,
            format: settings.format.unwrap_or_default(),
            host,
        })
    }
}

impl Channel for Syslog {
    fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery> {
        let frame = frame(alert, self.format, &self.host, std::process::id());
        let sent = match &self.address {
            Address::Udp(address) => send_udp(address, &frame),
            Address::Tcp(address) => send_tcp(address, &frame),
            Address::Unix(path) => UnixDatagram::unbound()
                .and_then(|socket| socket.send_to(frame.as_bytes(), path))
                .map(|_| ()),
        };
        sent.map(|()| Receipt {
            said: "sent".to_owned(),
        })
        .map_err(|error| Delivery::Retry {
            after: None,
            why: format!("syslog: {error}"),
        })
    }
}

fn send_udp(address: &str, frame: &str) -> std::io::Result<()> {
    let target = resolve(address)?;
    let any = if target.is_ipv6() {
        "[::]:0"
    } else {
        "0.0.0.0:0"
    };
    UdpSocket::bind(any)?
        .send_to(frame.as_bytes(), target)
        .map(|_| ())
}

fn send_tcp(address: &str, frame: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&resolve(address)?, TIMEOUT)?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "{} {frame}", frame.len())?;
    stream.flush()
}

fn resolve(address: &str) -> std::io::Result<std::net::SocketAddr> {
    address
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| std::io::Error::other(format!("{address} has no address")))
}

/// One message without framing.
pub(super) fn frame(alert: &Alert, format: SyslogFormat, host: &str, pid: u32) -> String {
    let priority = FACILITY_LOCAL0 * 8 + syslog_severity(alert.severity);
    let head = format!(
        "<{priority}>1 {} {host} gnomon {pid} {}",
        alert.at,
        one_line(&alert.rule, 32)
    );
    match format {
        SyslogFormat::Rfc5424 => {
            format!(
                "{head} {} \u{feff}{}",
                structured_data(alert),
                one_line(&alert.title, VALUE_CHARS)
            )
        }
        SyslogFormat::Cef => format!("{head} - {}", cef(alert)),
    }
}

fn structured_data(alert: &Alert) -> String {
    let mut data = String::from("[gnomon@32473");
    for (name, value) in [
        ("id", &alert.id),
        ("rule", &alert.rule),
        ("service", &alert.service),
        ("name", &alert.service_name),
        ("segment", &alert.segment),
        ("tier", &alert.tier),
        ("state", &alert.state),
        ("case", &alert.case),
    ] {
        let value = one_line(value, VALUE_CHARS)
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace(']', "\\]");
        // Writing to a String cannot fail.
        let _ = write!(data, " {name}=\"{value}\"");
    }
    data.push(']');
    data
}

/// Common Event Format 0; keys and severities after ArcSight's implementation standard.
fn cef(alert: &Alert) -> String {
    let header = |text: &str| {
        one_line(text, VALUE_CHARS)
            .replace('\\', "\\\\")
            .replace('|', "\\|")
    };
    let value = |text: &str| {
        one_line(text, VALUE_CHARS)
            .replace('\\', "\\\\")
            .replace('=', "\\=")
    };
    let lines: Vec<String> = alert
        .lines
        .iter()
        .map(|line| one_line(line, VALUE_CHARS))
        .collect();
    format!(
        "CEF:0|Gnomon|gnomon|{}|{}|{}|{}|externalId={} rt={} deviceExternalId={} cs1Label=service cs1={} cs2Label=segment cs2={} cs3Label=state cs3={} msg={}",
        env!("CARGO_PKG_VERSION"),
        header(&alert.rule),
        header(&alert.title),
        cef_severity(alert.severity),
        value(&alert.id),
        alert.at.micros() / 1000,
        value(&alert.case),
        value(&alert.service),
        value(&alert.segment),
        value(&alert.state),
        value(&lines.join("; ")),
    )
}

const fn syslog_severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 2,
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Info => 6,
    }
}

const fn cef_severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 10,
        Severity::High => 8,
        Severity::Medium => 6,
        Severity::Low => 3,
        Severity::Info => 1,
    }
}
