//! Receivers of syslog over TCP, UDP and the local socket. There are no answers that a receiver could misuse; it can be
//! away, read nothing, read half, read late and end too early.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::desk::{Desk, Ledger};
use super::{Behaviour, End, Receiver};

const CHANNEL: &str = "kind = \"syslog\"\naddress = \"tcp://127.0.0.1:PORT\"\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Away,
    /// Ends the connection before it reads anything.
    HangUp,
    /// Reads the beginning of a message and dies.
    ReadHalf,
    /// Reads after some seconds.
    Late(u64),
    /// A few bytes at a time.
    Dribble,
    /// Says something, though syslog has no answers.
    Talk,
    /// Neither reads nor ends.
    Silent,
    /// Reads everything and keeps the connection.
    Keep,
}

const DOINGS: [Doing; 8] = [
    Doing::Away,
    Doing::HangUp,
    Doing::ReadHalf,
    Doing::Late(2),
    Doing::Dribble,
    Doing::Talk,
    Doing::Silent,
    Doing::Keep,
];

pub(super) fn behaviours() -> Vec<Behaviour> {
    let over_tcp = DOINGS.map(|doing| Behaviour {
        what: format!("syslog over TCP {doing:?}"),
        end: End::Delivered,
        denies: doing == Doing::Keep,
        is_slow: matches!(doing, Doing::Silent | Doing::Keep),
        receiver: Box::new(move |_| {
            let clerk = move |stream: TcpStream, ledger: &Ledger| take(stream, ledger, doing);
            Some(Box::new(Desk::new(
                CHANNEL,
                doing == Doing::Away,
                Arc::new(clerk),
            )))
        }),
    });
    let over = |what: &str, receiver: fn(&Path) -> Box<dyn Receiver>| Behaviour {
        what: format!("syslog {what}"),
        end: End::Delivered,
        denies: false,
        is_slow: false,
        receiver: Box::new(move |root| Some(receiver(root))),
    };
    let mut all = Vec::from(over_tcp);
    all.push(over("over UDP, nobody there", |_| Box::new(Udp::new())));
    all.push(over("to the local socket, nobody there", |root| {
        Box::new(Local::new(&root.join("log"), false))
    }));
    all.push(over("to a local socket that is full", |root| {
        Box::new(Local::new(&root.join("log"), true))
    }));
    all
}

fn take(mut stream: TcpStream, ledger: &Ledger, doing: Doing) -> io::Result<()> {
    let doing = ledger.begins_badly().then_some(doing);
    let mut read = Vec::new();
    match doing {
        Some(Doing::HangUp | Doing::Away) => return Ok(()),
        Some(Doing::ReadHalf) => {
            return stream.read_exact(&mut [0; 20]);
        }
        Some(Doing::Silent) => {
            thread::sleep(Duration::from_secs(20));
            return Ok(());
        }
        Some(Doing::Late(secs)) => thread::sleep(Duration::from_secs(secs)),
        Some(Doing::Talk) => stream.write_all(b"220 I am no mail relay\r\n")?,
        Some(Doing::Dribble) => {
            for _ in 0..20 {
                let mut few = [0; 5];
                stream.read_exact(&mut few)?;
                read.extend(few);
                thread::sleep(Duration::from_millis(50));
            }
        }
        None | Some(Doing::Keep) => {}
    }
    stream.read_to_end(&mut read)?;
    let text = String::from_utf8_lossy(&read);
    let (length, frame) = text.split_once(' ').unwrap_or_default();
    if length.parse() == Ok(frame.len()) {
        ledger.takes(id(frame));
    }
    if doing == Some(Doing::Keep) {
        thread::sleep(Duration::from_secs(20));
    }
    Ok(())
}

/// The id in the structured data of a message.
fn id(frame: &str) -> &str {
    let id = frame
        .split_once(" id=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    id.map_or("", |(id, _)| id)
}

/// Takes datagrams until the test is over.
fn collect(ledger: Ledger, receive: impl Fn(&mut [u8]) -> io::Result<usize> + Send + 'static) {
    thread::spawn(move || {
        let mut frame = [0; 8192];
        while let Ok(length) = receive(&mut frame) {
            let text = String::from_utf8_lossy(&frame[..length]);
            if text.contains("[gnomon@32473 ") {
                ledger.begins_badly();
                ledger.takes(id(&text));
            }
        }
    });
}

/// A port on which nobody listens yet.
struct Udp {
    port: u16,
    ledger: Ledger,
}

impl Udp {
    fn new() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ledger = Ledger::new();
        ledger.behave();
        let port = socket.local_addr().unwrap().port();
        Self { port, ledger }
    }
}

impl Receiver for Udp {
    fn channel(&self) -> String {
        format!(
            "kind = \"syslog\"\naddress = \"udp://127.0.0.1:{}\"\n",
            self.port
        )
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn is_away(&self) -> bool {
        true
    }

    fn come_back(&self) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        collect(self.ledger.clone(), move |frame| socket.recv(frame));
    }
}

/// A socket as that of the system's log.
struct Local {
    path: PathBuf,
    ledger: Ledger,
    /// Bound and full of what nobody reads.
    full: Option<UnixDatagram>,
}

impl Local {
    fn new(path: &Path, is_full: bool) -> Self {
        let ledger = Ledger::new();
        ledger.behave();
        let full = is_full.then(|| {
            let socket = UnixDatagram::bind(path).unwrap();
            let sender = UnixDatagram::unbound().unwrap();
            sender.set_nonblocking(true).unwrap();
            while sender.send_to(b"<30>1 of somebody else", path).is_ok() {}
            socket
        });
        Self {
            path: path.to_path_buf(),
            ledger,
            full,
        }
    }
}

impl Receiver for Local {
    fn channel(&self) -> String {
        format!(
            "kind = \"syslog\"\naddress = \"unix://{}\"\n",
            self.path.display()
        )
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn is_away(&self) -> bool {
        true
    }

    fn come_back(&self) {
        let socket = match &self.full {
            Some(socket) => socket.try_clone().unwrap(),
            None => UnixDatagram::bind(&self.path).unwrap(),
        };
        collect(self.ledger.clone(), move |frame| socket.recv(frame));
    }
}
