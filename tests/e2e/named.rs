//! A real BIND that knows every name: all of them are this machine, and a response policy denies one.

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::gateway::DENIED;
use crate::process::{Process, copy_of, free_port};
use crate::wait::{PATIENCE, until};

/// Types of questions that browsers ask.
pub(crate) const A: u16 = 1;
pub(crate) const AAAA: u16 = 28;
pub(crate) const HTTPS: u16 = 65;

const START_OF_ZONE: &str = "$TTL 60
@ SOA ns.invalid. admin.invalid. 1 60 60 60 60
@ NS ns.invalid.
";
/// In one root zone of our own: no question leaves the machine.
const EVERYTHING: &str = "ns.invalid. A 127.0.0.1
* A 127.0.0.1
* AAAA ::1
";

pub(crate) struct Named {
    port: u16,
    pub(crate) query_log: PathBuf,
    _process: Process,
}

impl Named {
    pub(crate) fn start(directory: &Path) -> Self {
        let directory = directory.join("named");
        fs::create_dir(&directory).unwrap();
        let port = free_port();
        let here = directory.display();
        let config = format!(
            r#"
options {{
    directory "{here}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    recursion no;
    dnssec-validation no;
    empty-zones-enable no;
    querylog yes;
    response-policy {{ zone "policy.invalid"; }} recursive-only no qname-wait-recurse no;
}};
controls {{ }};
logging {{
    channel queries {{ file "{here}/queries.log"; print-time iso8601-utc; print-category yes; print-severity yes; }};
    channel rest {{ file "{here}/named.log"; print-time iso8601-utc; }};
    category queries {{ queries; }};
    category rpz {{ queries; }};
    category default {{ rest; }};
}};
zone "." {{ type primary; file "root.zone"; }};
zone "policy.invalid" {{ type primary; file "policy.zone"; }};
"#
        );
        fs::write(directory.join("named.conf"), config).unwrap();
        fs::write(
            directory.join("root.zone"),
            format!("{START_OF_ZONE}{EVERYTHING}"),
        )
        .unwrap();
        let policy = format!("{START_OF_ZONE}{DENIED} CNAME .\n");
        fs::write(directory.join("policy.zone"), policy).unwrap();
        // Not -g: that would send the query log to stderr.
        let mut command = Command::new(copy_of("named", &directory));
        command.args(["-f", "-n", "1", "-c"]);
        command.arg(directory.join("named.conf"));
        let mut process = Process::start(&mut command, &directory.join("stderr.log"));
        until(PATIENCE, "BIND runs", || {
            let said = fs::read_to_string(directory.join("named.log")).unwrap_or_default();
            assert!(process.ended().is_none(), "BIND ended: {said}");
            said.contains(" running").then_some(())
        });
        Self {
            port,
            query_log: directory.join("queries.log"),
            _process: process,
        }
    }

    /// Asks once; BIND has written its log line when the answer is here.
    pub(crate) fn ask(&self, from: Ipv4Addr, name: &str, qtype: u16) {
        static ID: AtomicU16 = AtomicU16::new(1);
        let id = ID.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut question = vec![id[0], id[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            question.push(u8::try_from(label.len()).unwrap());
            question.extend(label.as_bytes());
        }
        question.push(0);
        question.extend(qtype.to_be_bytes());
        question.extend([0, 1]);
        let socket = UdpSocket::bind((from, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        socket.send(&question).unwrap();
        let mut answer = [0; 512];
        let length = socket
            .recv(&mut answer)
            .unwrap_or_else(|error| panic!("no answer for {name}: {error}"));
        assert!(
            length > 12 && answer[..2] == id,
            "not the answer for {name}"
        );
    }
}
