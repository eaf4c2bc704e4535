//! `gnomon catalogue match`: hosts and URLs through, line by line, with what the catalogue says of each.
//!
//! One row out per line in, whatever the line holds, so that `paste` puts them side by side. Bare hosts take a
//! way that allocates nothing; memory does not grow with the input. The role of a URL is asked of `detect`, which
//! tallies by it.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::sync::Arc;

use hashbrown::HashMap;

use super::naming;
use crate::catalogue::{Catalogue, HostMatch, Question, Service};
use crate::cli::Exit;
use crate::cli::screen::Screen;
use crate::cli::table::shown;
use crate::detect::{Detector, Settings};
use crate::identity::Identity;
use crate::model::{Event, Fields, HostBuf, Kind, Outcome, Time, Untrusted};

/// A longer line holds no host and no URL worth matching; the rest of it is passed over.
const MAX_LINE: u64 = 64 * 1024;
const NOTHING: &[u8] = b"\t-\t-\t-\t-\n";

pub(super) fn run(catalogue: Arc<Catalogue>, screen: &mut Screen) -> anyhow::Result<Exit> {
    let identity = Arc::new(Identity::new(&crate::identity::Settings::default(), None));
    // A shared host is printed as what it is; what the configuration makes of it is not asked here.
    let settings = Settings {
        shared_hosts: true,
        ..Settings::default()
    };
    let mut matching = Matching {
        catalogue: &catalogue,
        detector: Detector::new(catalogue.clone(), identity, settings),
        host: HostBuf::default(),
        rows: HashMap::new(),
    };
    let mut input = BufReader::with_capacity(1 << 18, io::stdin().lock());
    let mut line = Vec::new();
    loop {
        // Whoever feeds us host by host waits for each answer.
        if input.buffer().is_empty() {
            screen.flush()?;
        }
        line.clear();
        if (&mut input).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(Exit::Fine);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 == MAX_LINE {
            input.skip_until(b'\n')?;
            echo(&line, screen)?;
            screen.write_all(NOTHING)?;
            continue;
        }
        let text = line.strip_suffix(b"\r").unwrap_or(&line);
        echo(text, screen)?;
        matching.answer(text.trim_ascii(), screen)?;
    }
}

struct Matching<'c> {
    catalogue: &'c Catalogue,
    detector: Detector,
    host: HostBuf,
    /// What is printed for a rule on hosts, by the rule's place in memory: as many rows as there are rules.
    rows: HashMap<usize, Box<[u8]>>,
}

impl Matching<'_> {
    fn answer(&mut self, text: &[u8], screen: &mut Screen) -> io::Result<()> {
        if !text.iter().any(|b| b" /:?#".contains(b)) {
            let found = self
                .host
                .parse(text)
                .and_then(|host| self.catalogue.match_host(host));
            return self.print_host(found, screen);
        }
        match std::str::from_utf8(text).ok().and_then(naming::alone) {
            Some(Question::Host(host)) => {
                let found = self.catalogue.match_host(host.as_str());
                self.print_host(found, screen)
            }
            Some(Question::Url { method, host, path }) => {
                self.answer_url(method.as_deref(), host.as_str(), &path, screen)
            }
            Some(Question::UserAgent(_)) | None => screen.write_all(NOTHING),
        }
    }

    fn answer_url(
        &mut self,
        method: Option<&str>,
        host: &str,
        path: &str,
        screen: &mut Screen,
    ) -> io::Result<()> {
        let bytes = method.map(str::as_bytes);
        let Some(url) = self.catalogue.match_url(host, path.as_bytes(), bytes) else {
            let found = self.catalogue.match_host(host);
            return self.print_host(found, screen);
        };
        let mut event = Event::new(Kind::Proxy, Time::default(), Fields::NONE);
        event.host = Some(Untrusted::from(host));
        event.path = Some(Untrusted::from(path));
        event.method = method.map(Untrusted::from);
        event.outcome = Outcome::Allowed;
        let role = self.detector.explain(&event).map(|found| found.role);
        let role = role.map_or("-", crate::model::Role::as_str);
        screen.write_all(&row(url.service, role, &url.rule.text()))
    }

    fn print_host(&mut self, found: Option<HostMatch<'_>>, screen: &mut Screen) -> io::Result<()> {
        let Some(HostMatch { service, rule, .. }) = found else {
            return screen.write_all(NOTHING);
        };
        let row = self
            .rows
            .entry(std::ptr::from_ref(rule).addr())
            .or_insert_with(|| row(service, rule.role.as_str(), &rule.text()).into());
        screen.write_all(row)
    }
}

/// What follows the input.
fn row(service: &Service, role: &str, rule: &str) -> Vec<u8> {
    let rule = shown(rule, 1_000);
    format!("\t{}\t{role}\t{}\t{rule}\n", service.id, service.archetype).into_bytes()
}

/// The input as it was, or as it can be shown when it could steer a terminal or break a row.
fn echo(text: &[u8], screen: &mut Screen) -> io::Result<()> {
    if text.len() <= 4_096 && text.iter().all(|b| matches!(b, b' '..=b'~')) {
        return screen.write_all(text);
    }
    screen.write_all(shown(&String::from_utf8_lossy(text), 4_096).as_bytes())
}
