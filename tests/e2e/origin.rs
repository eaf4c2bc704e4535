//! What Squid finds behind every name: a web server, and a server for tunnels that sends back what it gets.
//!
//! Both live in threads that end with the test process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

pub(crate) struct Origin {
    pub(crate) web_port: u16,
    pub(crate) echo_port: u16,
}

impl Origin {
    pub(crate) fn start() -> Self {
        Self {
            web_port: serve(answer),
            echo_port: serve(echo),
        }
    }
}

fn serve(talk: fn(TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Clients may go away whenever they like.
            thread::spawn(move || talk(stream));
        }
    });
    port
}

fn answer(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut body_bytes = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(length) = line.to_lowercase().strip_prefix("content-length:") {
            body_bytes = length.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    std::io::copy(&mut reader.by_ref().take(body_bytes), &mut std::io::sink())?;
    let page = "<p>Good morning.</p>\n";
    let length = page.len();
    reader.get_mut().write_all(
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}")
            .as_bytes(),
    )
}

fn echo(stream: TcpStream) -> std::io::Result<()> {
    let mut back = stream.try_clone()?;
    std::io::copy(&mut &stream, &mut back)?;
    Ok(())
}
