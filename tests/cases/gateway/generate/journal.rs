//! What happened, as each daemon logs it, and the books on what of it is use of which service.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::chance::Chance;
use super::company::{Client, DAYS, MS_PER_DAY, PROXY};
use super::lines::{self, SquidRow, ZeekRow};
use super::planted::SERVICES;
use super::traps::{CANDIDATES, TRAPS, VISITED};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Log {
    Named,
    Squid,
    Unbound,
    Zeek,
}

impl Log {
    /// Its directory below `logs/`.
    const fn directory(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Squid => "squid",
            Self::Unbound => "unbound",
            Self::Zeek => "zeek",
        }
    }
}

/// How strong the evidence is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Resolved,
    Connected,
    Exchanged,
    Uploaded,
    Confirmed,
}

/// A tunnel that brought at least this much is more than a handshake.
const EXCHANGE_BYTES: u64 = 16 * 1024;
/// A browser or a resolver remembers a name for so long.
const CLIENT_REMEMBERS_MS: u64 = 600_000;
const PROXY_REMEMBERS_MS: u64 = 1_800_000;

/// What a request is to a service.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    /// The request is use of this service, with evidence of this grade.
    pub(super) used: Option<(&'static str, Grade)>,
    /// Asking for the name is already use of this service.
    pub(super) named: Option<&'static str>,
}

/// A request in the inspected network.
pub(super) struct Call<'c> {
    pub(super) moment: u64,
    pub(super) client: u8,
    pub(super) method: &'c str,
    pub(super) host: &'c str,
    pub(super) uri: &'c str,
    pub(super) referrer: &'c str,
    pub(super) agent: &'c str,
    pub(super) up: u64,
    pub(super) down: u64,
    pub(super) status: u16,
}

#[derive(Default)]
struct Account {
    uses: BTreeMap<Log, u64>,
    attempts: u64,
    clients: BTreeSet<u8>,
    grade: Option<Grade>,
}

type Lines = Vec<(u64, String)>;

#[derive(Default)]
pub(super) struct Journal {
    lines: BTreeMap<Log, Lines>,
    /// Names that the proxy has to ask for.
    proxied: BTreeSet<(u64, String)>,
    /// Names that clients of the inspected network have to ask for, and whose use that is.
    direct: BTreeMap<(u64, u8, String), (bool, Option<&'static str>)>,
    accounts: BTreeMap<&'static str, Account>,
}

impl Journal {
    /// A CONNECT that the proxy let through.
    pub(super) fn tunnel(
        &mut self,
        moment: u64,
        client: &Client,
        host: &str,
        down: u64,
        service: Option<&'static str>,
    ) {
        let elapsed_ms = 400 + down / 40 + Chance::of(&format!("{moment} {host}")).next() % 30_000;
        self.squid(&SquidRow {
            moment: moment + elapsed_ms,
            elapsed_ms,
            client: client.number,
            code: "TCP_TUNNEL/200",
            bytes: down,
            method: "CONNECT",
            url: &format!("{host}:443"),
            user: client.user,
            peer: &format!("HIER_DIRECT/{}", lines::server_of(host)),
            content_type: "-",
        });
        self.proxied.insert((moment, host.to_owned()));
        if let Some(service) = service {
            let grade = if down >= EXCHANGE_BYTES {
                Grade::Exchanged
            } else {
                Grade::Connected
            };
            self.used(service, Log::Squid, client.number, grade);
        }
    }

    /// A CONNECT that the proxy refused.
    pub(super) fn refused(
        &mut self,
        moment: u64,
        client: &Client,
        host: &str,
        service: Option<&'static str>,
    ) {
        self.squid(&SquidRow {
            moment,
            elapsed_ms: 0,
            client: client.number,
            code: "TCP_DENIED/403",
            bytes: 3_903 + host.len() as u64,
            method: "CONNECT",
            url: &format!("{host}:443"),
            user: client.user,
            peer: "HIER_NONE/-",
            content_type: "text/html",
        });
        if let Some(service) = service {
            let account = self.accounts.entry(service).or_default();
            account.attempts += 1;
            account.clients.insert(client.number);
        }
    }

    /// Any other row of the proxy's log.
    pub(super) fn squid(&mut self, row: &SquidRow<'_>) {
        self.line(Log::Squid, row.moment, lines::squid(row));
    }

    /// The proxy asks for a name.
    pub(super) fn proxied(&mut self, moment: u64, host: &str) {
        self.proxied.insert((moment, host.to_owned()));
    }

    /// A request in the inspected network.
    pub(super) fn call(&mut self, call: &Call<'_>, mark: Mark) {
        let mut chance = Chance::of(&format!("{} {} {}", call.moment, call.client, call.uri));
        let server = lines::server_of(call.host);
        let row = ZeekRow {
            moment: call.moment,
            client: call.client,
            server: &server,
            port: 443,
            method: call.method,
            host: call.host,
            uri: call.uri,
            referrer: call.referrer,
            agent: call.agent,
            up: call.up,
            down: call.down,
            status: call.status,
        };
        self.line(Log::Zeek, call.moment, lines::zeek(&row, &mut chance));
        let asked = call.moment.saturating_sub(40 + chance.next() % 60);
        let is_browser = call.agent.starts_with("Mozilla/");
        self.direct.insert(
            (asked, call.client, call.host.to_owned()),
            (is_browser, mark.named),
        );
        if let Some((service, grade)) = mark.used {
            self.used(service, Log::Zeek, call.client, grade);
        }
    }

    /// A client asks one of the resolvers itself.
    pub(super) fn ask(
        &mut self,
        log: Log,
        moment: u64,
        client: u8,
        name: &str,
        qtype: &str,
        service: Option<&'static str>,
    ) {
        let line = match log {
            Log::Named => {
                let mut chance = Chance::of(&format!("{moment} {client} {name} {qtype}"));
                let flags = if client == PROXY { "+E(0)" } else { "+" };
                lines::bind(moment, client, name, qtype, flags, &mut chance)
            }
            Log::Unbound => lines::unbound(moment, client, name, qtype),
            Log::Squid | Log::Zeek => panic!("{log:?} logs no questions"),
        };
        self.line(log, moment, line);
        if let Some(service) = service {
            self.used(service, log, client, Grade::Resolved);
        }
    }

    fn line(&mut self, log: Log, moment: u64, line: String) {
        self.lines.entry(log).or_default().push((moment, line));
    }

    fn used(&mut self, service: &'static str, log: Log, client: u8, grade: Grade) {
        let account = self.accounts.entry(service).or_default();
        *account.uses.entry(log).or_default() += 1;
        account.clients.insert(client);
        account.grade = account.grade.max(Some(grade));
    }

    /// Everything that is written, by path.
    pub(super) fn files(mut self) -> BTreeMap<String, Vec<u8>> {
        self.ask_for_the_proxy();
        self.ask_for_clients();
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (log, mut lines) in std::mem::take(&mut self.lines) {
            // Stable: what happened in the same millisecond stays in the order of writing.
            lines.sort_by_key(|(moment, _)| *moment);
            for (moment, line) in lines {
                let day = (moment / MS_PER_DAY).min(DAYS - 1);
                let path = format!("logs/{}/{}", log.directory(), file_of(log, day));
                let text = files.entry(path).or_insert_with(|| head_of(log, day));
                text.extend_from_slice(line.as_bytes());
                text.push(b'\n');
            }
        }
        for day in 0..DAYS - 1 {
            let path = format!("logs/zeek/{}", file_of(Log::Zeek, day));
            let foot = lines::zeek_foot(day);
            files
                .get_mut(&path)
                .expect("every day has requests")
                .extend_from_slice(foot.as_bytes());
        }
        files.insert("planted.toml".to_owned(), self.truth().into_bytes());
        files
    }

    fn ask_for_the_proxy(&mut self) {
        let mut known: BTreeMap<String, u64> = BTreeMap::new();
        for (moment, host) in std::mem::take(&mut self.proxied) {
            let fresh = known
                .get(&host)
                .is_some_and(|asked| moment - asked < PROXY_REMEMBERS_MS);
            if !fresh {
                self.ask(Log::Named, moment + 2, PROXY, &host, "A", None);
                self.ask(Log::Named, moment + 2, PROXY, &host, "AAAA", None);
                known.insert(host, moment);
            }
        }
    }

    fn ask_for_clients(&mut self) {
        let mut known: BTreeMap<(u8, String), u64> = BTreeMap::new();
        for ((moment, client, host), (is_browser, service)) in std::mem::take(&mut self.direct) {
            let fresh = known
                .get(&(client, host.clone()))
                .is_some_and(|asked| moment - asked < CLIENT_REMEMBERS_MS);
            if fresh {
                continue;
            }
            let second = if is_browser { "HTTPS" } else { "AAAA" };
            for qtype in ["A", second] {
                self.ask(Log::Unbound, moment, client, &host, qtype, service);
            }
            known.insert((client, host), moment);
        }
    }

    /// `planted.toml`.
    fn truth(&self) -> String {
        let mut text = String::from(
            "# What is in the logs, by the generator's own books; written by it, not by hand.\n\
             # uses: events that were neither blocked nor failed, per log. attempts: blocked ones.\n\n",
        );
        let quoted = |names: &[&str]| {
            let rows: Vec<String> = names
                .iter()
                .map(|name| format!("  \"{name}\",\n"))
                .collect();
            format!("[\n{}]", rows.concat())
        };
        let hosts = |list: &[(&'static str, &str)]| {
            quoted(&list.iter().map(|(host, _)| *host).collect::<Vec<_>>())
        };
        let _ = writeln!(text, "# Hosts in no signature that are worth a look.");
        let _ = writeln!(text, "candidates = {}\n", quoted(CANDIDATES));
        let _ = writeln!(text, "# Services of which only the site was visited.");
        let _ = writeln!(text, "visited = {}\n", quoted(VISITED));
        let _ = writeln!(
            text,
            "# Hosts that are no use of any service; why is in generate/traps.rs."
        );
        let _ = writeln!(text, "traps = {}", hosts(TRAPS));
        for service in SERVICES {
            let account = &self.accounts[service.id];
            let clients: Vec<String> = account
                .clients
                .iter()
                .map(|number| format!("\"192.0.2.{number}\""))
                .collect();
            let uses: Vec<String> = account
                .uses
                .iter()
                .map(|(log, events)| format!("{} = {events}", log.directory()))
                .collect();
            let _ = writeln!(text, "\n[[service]]\nid = \"{}\"", service.id);
            let _ = writeln!(text, "archetype = \"{}\"", service.archetype);
            let _ = writeln!(text, "tier = \"{}\"", service.tier);
            if let Some(grade) = account.grade {
                let grade = format!("{grade:?}").to_lowercase();
                let _ = writeln!(text, "grade = \"{grade}\"");
            }
            let _ = writeln!(text, "uses = {{ {} }}", uses.join(", "));
            let _ = writeln!(text, "attempts = {}", account.attempts);
            let _ = writeln!(text, "clients = [{}]", clients.join(", "));
        }
        text
    }
}

/// Which file of a log holds a day: what logrotate and the sensor leave behind on the evening of Sunday.
fn file_of(log: Log, day: u64) -> String {
    match (log, DAYS - 1 - day) {
        (Log::Squid, 0) => "access.log".to_owned(),
        (Log::Squid, 1) => "access.log.1".to_owned(),
        (Log::Squid, age) => format!("access.log.{age}.gz"),
        (Log::Named, 0..=2) => "queries.log".to_owned(),
        (Log::Named, 3..=4) => "queries.log.1.gz".to_owned(),
        (Log::Named, _) => "queries.log.2.gz".to_owned(),
        (Log::Unbound, 0..=3) => "unbound.log".to_owned(),
        (Log::Unbound, _) => "unbound.log.1.gz".to_owned(),
        (Log::Zeek, 0) => "current/http.log".to_owned(),
        (Log::Zeek, _) => format!("2026-11-{:02}/http.log.gz", 9 + day),
    }
}

fn head_of(log: Log, day: u64) -> Vec<u8> {
    match log {
        Log::Zeek => lines::zeek_head(day).into_bytes(),
        Log::Unbound if day == 0 => b"[1794182400] unbound[812:0] notice: init module 0: validator\n[1794182400] unbound[812:0] notice: init module 1: iterator\n[1794182400] unbound[812:0] info: start of service (unbound 1.17.1).\n".to_vec(),
        Log::Unbound | Log::Named | Log::Squid => Vec::new(),
    }
}
