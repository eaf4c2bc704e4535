//! What everybody does all day, none of it GenAI.

use super::chance::Chance;
use super::company::{Client, Kind, of_kind};
use super::habits::When;
use super::journal::{Call, Journal, Log, Mark};
use super::lines::{self, SquidRow};

/// Visited in the office, the more often the earlier in the list.
const OFFICE_HOSTS: [&str; 36] = [
    "outlook.office365.com",
    "teams.microsoft.com",
    "erp.example.com",
    "www.google.com",
    "login.microsoftonline.com",
    "crm.example.net",
    "fonts.gstatic.com",
    "substrate.office.com",
    "www.example.com",
    "graph.microsoft.com",
    "www.linkedin.com",
    "news.example.org",
    "edge.microsoft.com",
    "maps.google.com",
    "bank.example.org",
    "www.wikipedia.org",
    "shop.example.com",
    "travel.example.net",
    "cdn.example.net",
    "en.wikipedia.org",
    "www.youtube.com",
    "fonts.googleapis.com",
    "weather.example.org",
    "clients4.google.com",
    "law.example.org",
    "www.bing.com",
    "tax.example.net",
    "signup.example.com",
    "static.example.org",
    "settings-win.data.microsoft.com",
    "zoom.us",
    "img.example.net",
    "payroll.example.com",
    "jobs.example.org",
    "www.example.org",
    "video.example.net",
];

/// (host, path) in the inspected network, the more often the earlier in the list.
const WORKSHOP_PAGES: [(&str, &str); 22] = [
    ("github.com", "/meridian-parts/controller/pulls"),
    ("git.corp.example", "/firmware/-/merge_requests"),
    ("www.google.com", "/search"),
    ("stackoverflow.com", "/questions/77412345/borrowed-value"),
    (
        "api.github.com",
        "/repos/meridian-parts/controller/actions/runs",
    ),
    ("ci.corp.example", "/job/controller/lastBuild/api/json"),
    ("docs.rs", "/tokio/latest/tokio/"),
    ("wiki.corp.example", "/display/RD/Board+bring-up"),
    ("www.notion.so", "/api/v3/syncRecordValues"),
    ("fonts.gstatic.com", "/s/inter/v18/regular.woff2"),
    ("news.example.org", "/technology/"),
    ("www.example.com", "/catalogue/sensors"),
    ("static.crates.io", "/crates/serde/serde-1.0.228.crate"),
    (
        "files.pythonhosted.org",
        "/packages/py3/r/requests/requests-2.32.5-py3-none-any.whl",
    ),
    ("registry.npmjs.org", "/typescript"),
    ("datasheets.example.net", "/mcu/stm32h7.pdf"),
    ("cdn.example.net", "/js/app.3f9d.js"),
    ("en.wikipedia.org", "/wiki/Kalman_filter"),
    (
        "marketplace.visualstudio.com",
        "/_apis/public/gallery/extensionquery",
    ),
    ("video.example.net", "/watch"),
    ("deb.example.org", "/debian/dists/stable/InRelease"),
    ("mail.corp.example", "/ews/exchange.asmx"),
];

pub(super) const FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
pub(super) const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

pub(super) fn write(journal: &mut Journal) {
    of_kind(Kind::Office).for_each(|client| office(journal, client));
    of_kind(Kind::Workstation).for_each(|client| workstation(journal, client));
    of_kind(Kind::Server).for_each(|client| server(journal, client));
    of_kind(Kind::Device).for_each(|client| device(journal, client));
}

fn office(journal: &mut Journal, client: &Client) {
    let mut chance = Chance::of(&format!("office {}", client.number));
    for moment in When::Office(48, 92).moments(&mut chance) {
        let host = *favourite(&mut chance, &OFFICE_HOSTS);
        let down = size(&mut chance);
        journal.tunnel(moment, client, host, down, None);
    }
    // Each morning the proxy asks who is there.
    for moment in When::Office(1, 1).moments(&mut chance) {
        challenge(journal, moment, client.number, "outlook.office365.com");
    }
    for moment in When::Office(2, 5).moments(&mut chance) {
        plain(journal, moment, client, &mut chance);
    }
    // What Windows fetches, also when nobody is there.
    for moment in When::Always(3).moments(&mut chance) {
        plain(journal, moment, client, &mut chance);
    }
    // What Windows asks for although there is a proxy.
    const NAMES: [&str; 5] = [
        "wpad.corp.example",
        "dc1.corp.example",
        "proxy.corp.example",
        "time.windows.com",
        "dns.msftncsi.com",
    ];
    for moment in When::Office(14, 26).moments(&mut chance) {
        let name = *favourite(&mut chance, &NAMES);
        journal.ask(Log::Named, moment, client.number, name, "A", None);
    }
}

/// `407`: a request without a user, answered with a question.
pub(super) fn challenge(journal: &mut Journal, moment: u64, client: u8, host: &str) {
    journal.squid(&SquidRow {
        moment,
        elapsed_ms: 0,
        client,
        code: "TCP_DENIED/407",
        bytes: 4_021 + host.len() as u64,
        method: "CONNECT",
        url: &format!("{host}:443"),
        user: "",
        peer: "HIER_NONE/-",
        content_type: "text/html",
    });
}

fn plain(journal: &mut Journal, moment: u64, client: &Client, chance: &mut Chance) {
    const PAGES: [(&str, &str, &str); 4] = [
        (
            "ctldl.windowsupdate.com",
            "/msdownload/update/v3/static/trustedr/en/disallowedcertstl.cab?",
            "application/octet-stream",
        ),
        (
            "ocsp.digicert.com",
            "/MFEwTzBNMEswSTAJBgUrDgMCGgUABBQ",
            "application/ocsp-response",
        ),
        ("www.msftconnecttest.com", "/connecttest.txt", "text/plain"),
        ("intranet.corp.example", "/phonebook", "text/html"),
    ];
    let (host, path, content_type) = *favourite(chance, &PAGES);
    let hit = chance.one_in(3);
    let peer = if hit {
        "HIER_NONE/-".to_owned()
    } else {
        format!("HIER_DIRECT/{}", lines::server_of(host))
    };
    journal.squid(&SquidRow {
        moment,
        elapsed_ms: if hit { 0 } else { 18 + chance.next() % 90 },
        client: client.number,
        code: if hit {
            "TCP_MEM_HIT/200"
        } else {
            "TCP_MISS/200"
        },
        bytes: 380 + chance.next() % 9_000,
        method: "GET",
        url: &format!("http://{host}{path}"),
        user: client.user,
        peer: &peer,
        content_type,
    });
    if !hit {
        journal.proxied(moment, host);
    }
}

fn workstation(journal: &mut Journal, client: &Client) {
    let mut chance = Chance::of(&format!("workstation {}", client.number));
    let agent = if client.number.is_multiple_of(2) {
        FIREFOX
    } else {
        CHROME
    };
    for moment in When::Office(34, 66).moments(&mut chance) {
        let (host, path) = *favourite(&mut chance, &WORKSHOP_PAGES);
        let missing = chance.one_in(40);
        let posts = path.contains("/api/v3/") || path.ends_with("query");
        let call = Call {
            moment,
            client: client.number,
            method: if posts { "POST" } else { "GET" },
            host,
            uri: path,
            referrer: "-",
            agent,
            up: if posts {
                300 + chance.next() % 4_000
            } else {
                0
            },
            down: size(&mut chance),
            status: if missing { 404 } else { 200 },
        };
        journal.call(&call, Mark::default());
    }
}

fn server(journal: &mut Journal, server: &Client) {
    let mut chance = Chance::of(&format!("server {}", server.number));
    for moment in When::Always(9).moments(&mut chance) {
        let call = Call {
            moment,
            client: server.number,
            method: "GET",
            host: "deb.example.org",
            uri: "/debian/dists/stable/InRelease",
            referrer: "-",
            agent: "Debian APT-HTTP/1.3 (2.6.1)",
            up: 0,
            down: 151_000,
            status: 200,
        };
        journal.call(&call, Mark::default());
        journal.ask(
            Log::Unbound,
            moment + 900,
            server.number,
            "ntp.example.net",
            "A",
            None,
        );
    }
}

fn device(journal: &mut Journal, device: &Client) {
    const NAMES: [&str; 6] = [
        "gateway.icloud.com",
        "time.apple.com",
        "gs-loc.apple.com",
        "captive.apple.com",
        "mail.corp.example",
        "connectivitycheck.gstatic.com",
    ];
    let mut chance = Chance::of(&format!("device {}", device.number));
    for moment in When::Always(24).moments(&mut chance) {
        let name = *favourite(&mut chance, &NAMES);
        journal.ask(Log::Named, moment, device.number, name, "A", None);
    }
}

/// One of a list, the first ones more often.
fn favourite<'t, T>(chance: &mut Chance, things: &'t [T]) -> &'t T {
    let until = chance.within(&(1..=things.len() as u64));
    chance.pick(&things[..usize::try_from(until).expect("small enough")])
}

/// Mostly small, now and then large.
fn size(chance: &mut Chance) -> u64 {
    let scale = chance.within(&(10..=19));
    (1 << scale) + chance.within(&(0..=1 << scale))
}
