//! A mail relay behind TLS, from the first byte or after STARTTLS, with a certificate that the machine trusts or not.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::desk::{Desk, Ledger};
use super::{Receiver as _, row};
use crate::service::{Service, until};

#[test]
fn a_mail_goes_to_who_can_prove_to_be_the_relay_and_to_nobody_else() {
    let root = tempfile::tempdir().unwrap();
    let Some(config) = certificate(root.path()) else {
        return;
    };
    for how in ["implicit", "starttls"] {
        let config = Arc::clone(&config);
        let clerk = move |stream: TcpStream, ledger: &Ledger| {
            serve(stream, ledger, &config, how == "starttls")
        };
        let desk = Desk::new(CHANNEL, false, Arc::new(clerk));
        let channel = desk.channel().replace("HOW", how);
        let directory = root.path().join(how);
        let log = directory.join("access.log");
        let store = directory.join("gnomon.db");
        let channel = format!("[[alerts.channels]]\nname = \"out\"\n{channel}");
        let mut service = Service::with(&directory, &log, &store, &channel);
        fs::write(&log, row()).unwrap();
        // Trusted by nobody, and then by the machine.
        service.start();
        until("a try that failed", || {
            service.said().contains("alert not delivered").then_some(())
        });
        assert!(service.stop().success());
        assert_eq!(desk.taken(), 0, "{how}: {}", service.said());
        let trusted = vec![("SSL_CERT_FILE", root.path().join("cert.pem"))];
        let mut service = service.with_environment(trusted);
        service.start();
        until("the mail", || (desk.taken() > 0).then_some(()));
        assert!(service.stop().success());
        assert_eq!((desk.taken(), desk.ids()), (1, 1), "{how}");
    }
}

const CHANNEL: &str = "kind = \"email\"\nrelay = \"localhost:PORT\"\ntls = \"HOW\"\nfrom = \"gnomon@example.org\"\nto = [\"soc@example.org\"]\n";

/// A key and a certificate for this machine's loopback; `None` without openssl, said on stderr.
fn certificate(directory: &Path) -> Option<Arc<ServerConfig>> {
    let (key, certificate) = (directory.join("key.pem"), directory.join("cert.pem"));
    let arguments = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
                     -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE";
    let made = Command::new("openssl")
        .args(arguments.split_whitespace())
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    let Ok(made) = made else {
        eprintln!("skipped: soak: openssl is not installed");
        return None;
    };
    assert!(made.status.success(), "{made:?}");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(key).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    Some(Arc::new(config.with_single_cert(chain, key).unwrap()))
}

fn serve(
    mut stream: TcpStream,
    ledger: &Ledger,
    config: &Arc<ServerConfig>,
    starts_clear: bool,
) -> io::Result<()> {
    if starts_clear {
        let mut reader = BufReader::new(stream.try_clone()?);
        stream.write_all(b"220 relay.example.org\r\n")?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.starts_with("STARTTLS") {
                stream.write_all(b"220 go on\r\n")?;
                break;
            }
            stream.write_all(b"250-relay.example.org\r\n250 STARTTLS\r\n")?;
        }
    }
    let protected = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let protected = StreamOwned::new(protected, stream);
    take(protected, ledger, !starts_clear)
}

/// Takes a mail over whatever protects it.
fn take(stream: impl Read + Write, ledger: &Ledger, greets: bool) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    if greets {
        stream.get_mut().write_all(b"220 relay.example.org\r\n")?;
    }
    let (mut id, mut in_mail) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        if in_mail && line != "." {
            if let Some(rest) = line.strip_prefix("Message-ID: ") {
                id = rest.to_owned();
            }
            continue;
        }
        if in_mail {
            ledger.takes(&id);
        }
        in_mail = line == "DATA";
        let answer = if in_mail { "354 go on" } else { "250 ok" };
        stream
            .get_mut()
            .write_all(format!("{answer}\r\n").as_bytes())?;
    }
}
