//! Syslog after RFC 5424, over UDP, TCP (octet-counted, RFC 6587) or the local socket; optionally with a CEF message.
//!
//! Facility is `local0`, the severity follows the alert. The structured-data id carries enterprise number 32473,
//! which IANA keeps for documentation: the project has none of its own. TLS is not spoken here; a local relay does it.
//!
//! Syslog has no answers. Over TCP the receiver's end of the connection is one: a receiver that ends in peace after
//! ours has read what came before. Over UDP the system may say that nobody listens.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::model::{Alert, Severity};

use super::settings::{ChannelSettings, SettingsError, SyslogFormat};
use super::{Channel, Delivery, Receipt, one_line};

const FACILITY_LOCAL0: u8 = 16;
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it takes until the network says that nobody listens, or that what was sent came too late.
const REFUSAL_TIMEOUT: Duration = Duration::from_millis(200);
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
            Address::Unix(path) => send_unix(path, &frame),
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
    let socket = UdpSocket::bind(any)?;
    socket.connect(target)?;
    socket.send(frame.as_bytes())?;
    socket.set_read_timeout(Some(REFUSAL_TIMEOUT))?;
    match socket.recv(&mut [0]) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Err(error),
        _ => Ok(()),
    }
}

fn send_tcp(address: &str, frame: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&resolve(address)?, TIMEOUT)?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(format!("{} {frame}", frame.len()).as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    wait_for_its_end(&mut stream)?;
    // One that ended before it could read everything refuses the rest.
    std::thread::sleep(REFUSAL_TIMEOUT);
    stream.take_error()?.map_or(Ok(()), Err)
}

/// Waits until the receiver ends the connection; syslog has no answers, so nothing that it says is looked at.
fn wait_for_its_end(stream: &mut TcpStream) -> std::io::Result<()> {
    let begun = Instant::now();
    let mut ignored = [0; 1024];
    while begun.elapsed() < TIMEOUT {
        match stream.read(&mut ignored) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
    let why = format!(
        "the receiver did not end the connection within {} s and may not have read",
        TIMEOUT.as_secs()
    );
    Err(std::io::Error::new(ErrorKind::TimedOut, why))
}

fn send_unix(path: &Path, frame: &str) -> std::io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    // Where nobody reads, there is no room at some point, and waiting for it would hold up the whole channel.
    socket.set_nonblocking(true)?;
    socket.send_to(frame.as_bytes(), path).map(|_| ())
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
