//! A gateway as an enterprise has it: a resolver, a proxy, and behind them everything that its people visit.

use std::env;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::ledger::{Ledger, Used};
use crate::named::Named;
use crate::origin::Origin;
use crate::process::program;
use crate::squid::Squid;

/// Hosts and the services of the catalogue that they belong to.
pub(crate) const HOSTS: &[(&str, &str)] = &[
    ("chatgpt.com", "openai.chatgpt"),
    ("api.openai.com", "openai.api"),
    ("claude.ai", "anthropic.claude"),
    ("gemini.google.com", "google.gemini"),
    (DENIED, "deepseek.chat"),
    ("www.perplexity.ai", "perplexity.perplexity"),
    ("copilot.microsoft.com", "microsoft.copilot"),
    ("chat.mistral.ai", "mistral.le-chat"),
    ("grok.com", "xai.grok"),
    ("huggingface.co", "huggingface.hub"),
    ("character.ai", "character-ai.character"),
    ("api.anthropic.com", "anthropic.api"),
    ("api.groq.com", "groq.groq"),
    ("openrouter.ai", "openrouter.openrouter"),
    ("poe.com", "quora.poe"),
    ("suno.com", "suno.suno"),
    ("www.midjourney.com", "midjourney.midjourney"),
    ("v0.dev", "vercel.v0"),
    ("api2.cursor.sh", "cursor.cursor"),
    ("elevenlabs.io", "elevenlabs.elevenlabs"),
    ("gamma.app", "gamma.gamma"),
    ("chat.qwen.ai", "alibaba.qwen"),
    ("kimi.com", "moonshot.kimi"),
    ("notebooklm.google.com", "google.notebooklm"),
    ("replicate.com", "replicate.replicate"),
];

/// A query string, of which nothing may be stored.
pub(crate) const QUERY: &str = "q=quarterly-figures";

/// The host that both Squid and BIND refuse.
pub(crate) const DENIED: &str = "chat.deepseek.com";

/// Hosts that are in no signature.
pub(crate) const ORDINARY: &[&str] = &[
    "www.example.org",
    "intranet.example.net",
    "news.example.com",
];

/// A host in no signature that looks like GenAI.
pub(crate) const UNKNOWN: &str = "llm.example.org";

pub(crate) struct Gateway {
    pub(crate) squid: Squid,
    pub(crate) named: Named,
    origin: Origin,
    /// Requests through the proxy and questions to the resolver, of whatever host.
    proxied: AtomicUsize,
    asked: AtomicUsize,
    /// Last: the daemons end before their files do.
    directory: TempDir,
}

impl Gateway {
    /// Starts everything. `None`, with a word about it, where a daemon is not installed; in CI nothing is skipped.
    pub(crate) fn start() -> Option<Self> {
        if !installed("squid") || !installed("named") {
            return None;
        }
        let directory = tempfile::Builder::new()
            .prefix("gnomon-e2e-")
            .tempdir()
            .unwrap();
        // Squid is another user when we are root.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(directory.path(), open).unwrap();
        let genai = HOSTS.iter().map(|(host, _)| *host);
        let hosts = genai.chain(ORDINARY.iter().copied()).chain([UNKNOWN]);
        Some(Self {
            squid: Squid::start(directory.path(), hosts),
            named: Named::start(directory.path()),
            origin: Origin::start(),
            proxied: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            directory,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A page through the proxy.
    pub(crate) fn visit(&self, from: Ipv4Addr, host: &str, made: &mut Ledger) {
        let url = format!("http://{host}:{}/c/7?{QUERY}", self.origin.web_port);
        let status = self.squid.get(from, &url);
        assert_eq!(status, if host == DENIED { 403 } else { 200 }, "{url}");
        self.proxied.fetch_add(1, Ordering::Relaxed);
        made.add(from, host, Used::Proxy);
    }

    /// A tunnel through the proxy.
    pub(crate) fn tunnel(&self, from: Ipv4Addr, host: &str, made: &mut Ledger) {
        let authority = format!("{host}:{}", self.origin.echo_port);
        self.squid.tunnel(from, &authority);
        self.proxied.fetch_add(1, Ordering::Relaxed);
        made.add(from, host, Used::Proxy);
    }

    /// A question to the resolver.
    pub(crate) fn ask(&self, from: Ipv4Addr, host: &str, qtype: u16, made: &mut Ledger) {
        self.named.ask(from, host, qtype);
        self.asked.fetch_add(1, Ordering::Relaxed);
        made.add(from, host, Used::Dns);
    }

    /// The logs, and the least number of lines that each will have once its daemon has written everything.
    pub(crate) fn logs(&self) -> [(&Path, usize); 2] {
        [
            (&self.squid.access_log, self.proxied.load(Ordering::Relaxed)),
            (&self.named.query_log, self.asked.load(Ordering::Relaxed)),
        ]
    }
}

/// Whether a program is there; says so and, in CI, fails if it is not.
pub(crate) fn installed(name: &str) -> bool {
    if program(name).is_some() {
        return true;
    }
    let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    assert!(!is_ci, "e2e: {name} is not installed, and CI skips nothing");
    eprintln!("skipped: e2e: {name} is not installed");
    false
}

/// Client number so-and-so.
pub(crate) const fn client(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, number)
}
