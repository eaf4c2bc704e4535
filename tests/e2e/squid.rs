//! A real Squid, for which every host it may visit is the local origin, and its clients.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::gateway::DENIED;
use crate::process::{Process, copy_of, free_port};
use crate::wait::{PATIENCE, until};

pub(crate) struct Squid {
    port: u16,
    pub(crate) access_log: PathBuf,
    /// Whose files the logs are, as logrotate wants it: `user group`; empty when it is ourselves.
    pub(crate) owner: String,
    process: Process,
}

impl Squid {
    /// Starts Squid with the hosts that it may know.
    pub(crate) fn start<'h>(directory: &Path, hosts: impl Iterator<Item = &'h str>) -> Self {
        let directory = directory.join("squid");
        fs::create_dir(&directory).unwrap();
        let hosts: String = hosts.fold(String::new(), |mut text, host| {
            writeln!(text, "127.0.0.1 {host}").unwrap();
            text
        });
        fs::write(directory.join("hosts"), hosts).unwrap();
        let port = free_port();
        let here = directory.display();
        let mut config = format!(
            "http_port 127.0.0.1:{port}
visible_hostname gw.example.net
access_log daemon:{here}/access.log squid
cache_log {here}/cache.log
coredump_dir {here}
pid_filename none
netdb_filename none
pinger_enable off
cache deny all
cache_mem 8 MB
memory_pools off
hosts_file {here}/hosts
dns_nameservers 127.0.0.1
strip_query_terms off
shutdown_lifetime 0 seconds
logfile_rotate 0
acl denied dstdomain {DENIED}
http_access deny denied
http_access allow all
"
        );
        // Squid refuses to work as root.
        let account = rustix::process::geteuid().is_root().then(account);
        if let Some(account) = &account {
            writeln!(config, "cache_effective_user {}", account.name).unwrap();
            chown(&directory, Some(account.user), Some(account.group)).unwrap();
        }
        fs::write(directory.join("squid.conf"), config).unwrap();
        let mut command = Command::new(copy_of("squid", &directory));
        command
            .arg("-N")
            .args(["-n", &name_of(port)])
            .arg("-f")
            .arg(directory.join("squid.conf"));
        let mut process = Process::start(&mut command, &directory.join("stderr.log"));
        // To connect would leave a line in the access log.
        until(PATIENCE, "Squid listens", || {
            let ended = process.ended();
            let [said, stderr] = ["cache.log", "stderr.log"]
                .map(|name| fs::read_to_string(directory.join(name)).unwrap_or_default());
            assert!(ended.is_none(), "{ended:?}: {stderr}{said}");
            said.contains("Accepting HTTP Socket").then_some(())
        });
        Self {
            port,
            access_log: directory.join("access.log"),
            owner: account.map_or_else(String::new, |account| {
                format!("{} {}", account.name, account.group)
            }),
            process,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks for a page; gives the status. Squid writes its log line about now.
    pub(crate) fn get(&self, from: Ipv4Addr, url: &str) -> u16 {
        let host = url.split('/').nth(2).unwrap();
        let mut stream = self.connect(from);
        write!(
            stream,
            "GET {url} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        status_of(&answer)
    }

    /// Opens a tunnel, sends a few bytes through it, waits for them to come back, and closes it.
    pub(crate) fn tunnel(&self, from: Ipv4Addr, authority: &str) {
        let mut stream = self.connect(from);
        write!(
            stream,
            "CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n"
        )
        .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert_eq!(status_of(&head), 200, "{authority}");
        stream.write_all(b"hello").unwrap();
        let mut echo = [0; 5];
        stream.read_exact(&mut echo).unwrap();
        assert_eq!(&echo, b"hello");
    }

    fn connect(&self, from: Ipv4Addr) -> TcpStream {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = connect_from(from, to).unwrap_or_else(|error| panic!("{from}: {error}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Drop for Squid {
    fn drop(&mut self) {
        self.process.kill();
        // Killed, it leaves its shared memory behind.
        let prefix = format!("{}-", name_of(self.port));
        for segment in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            if segment.file_name().to_string_lossy().starts_with(&prefix) {
                let _ = fs::remove_file(segment.path());
            }
        }
    }
}

/// Shared memory is named after the service: two Squids of one name trip over each other's.
fn name_of(port: u16) -> String {
    format!("e2e{port}")
}

/// The standard library cannot choose the address that a connection comes from.
fn connect_from(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        socket.connect(to).await
    })?;
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn status_of(answer: &[u8]) -> u16 {
    let text = String::from_utf8_lossy(answer);
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    status.unwrap_or_else(|| panic!("no HTTP answer: {text:?}"))
}

struct Account {
    name: String,
    user: u32,
    group: u32,
}

/// The account that the distribution made for Squid.
fn account() -> Account {
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    let named = |wanted: &str| {
        let line = accounts
            .lines()
            .find(|line| line.split(':').next() == Some(wanted))?;
        let mut ids = line.split(':').skip(2).map(|word| word.parse().unwrap());
        Some(Account {
            name: wanted.to_owned(),
            user: ids.next()?,
            group: ids.next()?,
        })
    };
    named("proxy")
        .or_else(|| named("squid"))
        .expect("an account for Squid")
}
