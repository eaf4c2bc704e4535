//! Names of client addresses, asked of DNS (PTR). The one thing here that asks the network, and only when told to.
//!
//! A name is what the resolver says now, not what it was when the log was written; so it stands beside the address in a
//! report and never in the register. Look-ups run side by side, each with a short limit: a dead resolver costs a
//! second, not a minute.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use crate::model::Host;

/// The most addresses that are asked for at once.
const MAX_ADDRESSES: usize = 500;
const LIMIT: Duration = Duration::from_millis(800);

/// A resolver that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error(
    "no resolver for client names: {0}; name one with identity.resolver = \"192.0.2.53:53\" or leave identity.resolve_names off"
)]
pub struct NoResolver(String);

/// Asks for the names of addresses; an address without one is absent. Asks `server`, or the system's resolver.
///
/// # Errors
/// When there is no resolver to ask. An answer that does not come is no error.
pub fn reverse_names(
    addresses: &[IpAddr],
    server: Option<SocketAddr>,
) -> Result<BTreeMap<IpAddr, String>, NoResolver> {
    let wrong = |error: &dyn std::fmt::Display| NoResolver(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| wrong(&error))?;
    runtime.block_on(async {
        let resolver = resolver(server)?;
        let mut asked = tokio::task::JoinSet::new();
        for address in addresses.iter().take(MAX_ADDRESSES).copied() {
            let resolver = resolver.clone();
            asked.spawn(async move { (address, name_of(&resolver, address).await) });
        }
        let mut names = BTreeMap::new();
        while let Some(answer) = asked.join_next().await {
            if let Ok((address, Some(name))) = answer {
                names.insert(address, name);
            }
        }
        Ok(names)
    })
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NoResolver> {
    let wrong = |error: &dyn std::fmt::Display| NoResolver(error.to_string());
    let mut builder = match server {
        None => TokioResolver::builder_tokio().map_err(|error| wrong(&error))?,
        Some(server) => {
            let mut udp = ConnectionConfig::udp();
            udp.port = server.port();
            let mut tcp = ConnectionConfig::tcp();
            tcp.port = server.port();
            let server = NameServerConfig::new(server.ip(), true, vec![udp, tcp]);
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    let options = builder.options_mut();
    options.timeout = LIMIT;
    options.attempts = 1;
    builder.build().map_err(|error| wrong(&error))
}

/// The first name that is a host name: whoever runs the reverse zone can write anything there.
async fn name_of(resolver: &TokioResolver, address: IpAddr) -> Option<String> {
    let lookup = tokio::time::timeout(LIMIT * 2, resolver.reverse_lookup(address))
        .await
        .ok()?
        .ok()?;
    lookup
        .answers()
        .iter()
        .find_map(|record| match &record.data {
            RData::PTR(name) => {
                Host::parse(name.0.to_string().as_bytes()).map(|host| host.to_string())
            }
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    /// Answers every question with one PTR record, or not at all.
    fn server(name: Option<&'static [u8]>) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, asker)) = socket.recv_from(&mut question) {
                let Some(name) = name else { continue };
                let end = question[12..length]
                    .iter()
                    .position(|byte| *byte == 0)
                    .unwrap()
                    + 12
                    + 5;
                let mut answer = question[..end].to_vec();
                answer[2..4].copy_from_slice(&[0x85, 0x80]);
                answer[6..12].copy_from_slice(&[0, 1, 0, 0, 0, 0]);
                answer.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]);
                answer.extend(u16::try_from(name.len()).unwrap().to_be_bytes());
                answer.extend(name);
                let _ = socket.send_to(&answer, asker);
            }
        });
        address
    }

    #[test]
    fn an_address_gets_the_name_that_dns_gives_it() {
        let address: IpAddr = "192.0.2.7".parse().unwrap();
        let server = server(Some(b"\x05pc-07\x07example\x03org\x00"));
        let names = reverse_names(&[address], Some(server)).unwrap();
        assert_eq!(
            names.get(&address).map(String::as_str),
            Some("pc-07.example.org")
        );
    }

    #[test]
    fn a_silent_resolver_and_a_hostile_name_give_none() {
        let address: IpAddr = "2001:db8::7".parse().unwrap();
        assert!(
            reverse_names(&[address], Some(server(None)))
                .unwrap()
                .is_empty()
        );
        let hostile = server(Some(b"\x08<script>\x07example\x00"));
        assert!(reverse_names(&[address], Some(hostile)).unwrap().is_empty());
    }
}
