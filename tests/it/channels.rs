//! Every channel against a receiver on loopback that speaks its protocol.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml frees tests; their helpers here are tests too"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::thread::JoinHandle;
use std::time::Duration;

use gnomon::alerts::{self, Channel, ChannelSettings, Delivery};
use gnomon::model::{Alert, Severity, Time};

fn alert() -> Alert {
    Alert {
        id: "0123456789abcdef".into(),
        rule: "application_first_seen".into(),
        severity: Severity::High,
        at: Time::from_secs(1_793_614_272),
        title: "ChatGPT is in use\r\nBcc: everyone@example.org".into(),
        lines: vec!["2 events so far".into()],
        next: vec!["gnomon decide openai.chatgpt restricted".into()],
        service: "openai.chatgpt".into(),
        service_name: "ChatGPT".into(),
        segment: "finance".into(),
        tier: "unknown".into(),
        case: "c1".into(),
        state: "new".into(),
        transitions: vec!["t1".into()],
    }
}

fn open(text: &str) -> Box<dyn Channel> {
    alerts::open(&toml::from_str::<ChannelSettings>(text).unwrap()).unwrap()
}

/// Answers one request and returns it: head and body.
fn http(answer: &'static str) -> (SocketAddr, JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        let length = head
            .lines()
            .find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        (head, String::from_utf8(body).unwrap())
    });
    (address, thread)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

#[test]
fn a_webhook_is_signed_and_carries_the_alert() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let (address, receiver) = http(OK);
    let mut channel = open(&format!(
        "name = \"w\"\nkind = \"webhook\"\nurl = \"http://{address}/hook\"\nsecret_file = {:?}",
        secret.display().to_string()
    ));
    channel.send(&alert()).unwrap();
    let (head, body) = receiver.join().unwrap();
    let header = |name: &str| {
        head.lines()
            .find_map(|line| {
                line.to_lowercase()
                    .starts_with(&format!("{name}: "))
                    .then(|| line.split_once(": ").unwrap().1.to_owned())
            })
            .unwrap()
    };
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    assert_eq!(header("webhook-id"), "0123456789abcdef");
    let secret = [
        0x31, 0xf2, 0x90, 0xf6, 0xbf, 0x06, 0x29, 0x8a, 0xab, 0x4f, 0x08, 0xd4, 0x3c, 0x3f, 0x08,
        0x2c, 0xf6, 0x48, 0xa3, 0x62, 0xda, 0x2d, 0xa4, 0xb0,
    ];
    let timestamp = header("webhook-timestamp").parse().unwrap();
    let expected = alerts::signature(&secret, "0123456789abcdef", timestamp, &body).unwrap();
    assert_eq!(header("webhook-signature"), expected);
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(sent["type"], "gnomon.alert.application_first_seen");
    assert_eq!(sent["data"]["service"], "openai.chatgpt");
}

#[test]
fn a_busy_receiver_is_tried_again_when_it_says() {
    let (address, receiver) = http(
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 17\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let failure = open(&format!(
        "name = \"w\"\nkind = \"webhook\"\nurl = \"http://{address}/\""
    ))
    .send(&alert());
    receiver.join().unwrap();
    let Err(Delivery::Retry { after, why }) = failure else {
        panic!("{failure:?}")
    };
    assert_eq!(after, Some(Duration::from_secs(17)));
    assert!(why.contains("503"));
}

#[test]
fn a_receiver_that_sends_us_elsewhere_is_not_followed() {
    let (address, receiver) = http(
        "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let failure = open(&format!(
        "name = \"w\"\nkind = \"webhook\"\nurl = \"http://{address}/\""
    ))
    .send(&alert());
    receiver.join().unwrap();
    assert!(
        matches!(failure, Err(Delivery::GiveUp { .. })),
        "{failure:?}"
    );
}

#[test]
fn nobody_listening_is_no_reason_to_give_up() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let failure = open(&format!(
        "name = \"w\"\nkind = \"webhook\"\nurl = \"http://{free}/s3cret\""
    ))
    .send(&alert());
    let Err(Delivery::Retry { why, .. }) = failure else {
        panic!("{failure:?}")
    };
    assert!(
        why.contains("cannot connect") && !why.contains("s3cret"),
        "{why}"
    );
}

#[test]
fn slack_gets_its_blocks() {
    let (address, receiver) = http(OK);
    open(&format!(
        "name = \"s\"\nkind = \"slack\"\nurl = \"http://{address}/services/x\""
    ))
    .send(&alert())
    .unwrap();
    let (_, body) = receiver.join().unwrap();
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(sent["blocks"][0]["type"], "header");
}

#[test]
fn syslog_speaks_udp_tcp_and_the_local_socket() {
    let mut buffer = [0; 4096];
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = udp.local_addr().unwrap();
    open(&format!(
        "name = \"u\"\nkind = \"syslog\"\naddress = \"udp://{address}\""
    ))
    .send(&alert())
    .unwrap();
    let length = udp.recv(&mut buffer).unwrap();
    let frame = String::from_utf8_lossy(&buffer[..length]).into_owned();
    assert!(
        frame.starts_with("<131>1 ") && frame.contains("[gnomon@32473 id=\"0123456789abcdef\""),
        "{frame}"
    );

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let receiver = std::thread::spawn(move || {
        let mut frame = String::new();
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_to_string(&mut frame).unwrap();
        frame
    });
    open(&format!(
        "name = \"t\"\nkind = \"syslog\"\naddress = \"tcp://{address}\"\nformat = \"cef\""
    ))
    .send(&alert())
    .unwrap();
    let frame = receiver.join().unwrap();
    let (length, rest) = frame.split_once(' ').unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), rest.len());
    assert!(rest.contains("CEF:0|Gnomon|gnomon|"), "{rest}");

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let socket = UnixDatagram::bind(&path).unwrap();
    open(&format!(
        "name = \"l\"\nkind = \"syslog\"\naddress = \"unix://{}\"",
        path.display()
    ))
    .send(&alert())
    .unwrap();
    assert!(socket.recv(&mut buffer).unwrap() > 100);
}

/// A mail relay that takes one mail, or refuses its recipient.
fn relay(recipient_answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut said = String::new();
        let mut in_mail = false;
        let say = |stream: &mut TcpStream, text: &str| {
            stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
        };
        say(&mut stream, "220 relay.example.org");
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap() == 0 {
                return said;
            }
            said.push_str(&line);
            let command = line.trim_end();
            match command {
                "." if in_mail => {
                    in_mail = false;
                    say(&mut stream, "250 taken");
                }
                _ if in_mail => {}
                "DATA" => {
                    in_mail = true;
                    say(&mut stream, "354 go on");
                }
                "QUIT" => {
                    say(&mut stream, "221 bye");
                    return said;
                }
                _ if command.starts_with("RCPT") => say(&mut stream, recipient_answer),
                _ => say(&mut stream, "250 ok"),
            }
        }
    });
    (address, thread)
}

fn mail_to(address: SocketAddr) -> Box<dyn Channel> {
    open(&format!(
        "name = \"m\"\nkind = \"email\"\nrelay = \"{address}\"\ntls = \"none\"\nfrom = \"Gnomon <gnomon@example.org>\"\nto = [\"soc@example.org\"]"
    ))
}

#[test]
fn a_mail_has_a_stable_id_and_a_title_that_cannot_add_headers() {
    let (address, receiver) = relay("250 ok");
    mail_to(address).send(&alert()).unwrap();
    let said = receiver.join().unwrap();
    assert!(
        said.contains("Message-ID: <0123456789abcdef@gnomon.invalid>"),
        "{said}"
    );
    assert!(!said.to_lowercase().contains("\nbcc:"), "{said}");
    assert!(
        said.contains("gnomon decide openai.chatgpt restricted"),
        "{said}"
    );
}

#[test]
fn a_refused_mail_is_given_up_and_a_busy_relay_is_not() {
    let (address, receiver) = relay("550 no such user");
    assert!(matches!(
        mail_to(address).send(&alert()),
        Err(Delivery::GiveUp { .. })
    ));
    receiver.join().unwrap();
    let (address, receiver) = relay("451 try later");
    assert!(matches!(
        mail_to(address).send(&alert()),
        Err(Delivery::Retry { .. })
    ));
    receiver.join().unwrap();
}
