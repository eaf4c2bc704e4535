//! Who is who, from settings and from files.

use super::*;

const AT: Time = Time::from_secs(1_795_400_000);

fn settings() -> Settings {
    toml::from_str(
        r#"
        infrastructure = ["192.0.2.2/32"]
        [[segments]]
        name = "legal"
        users = ["m.rossi", "EXAMPLE\\j.doe"]
        [[segments]]
        name = "finance"
        networks = ["192.0.2.0/25", "2001:db8:1::/48"]
        "#,
    )
    .unwrap()
}

#[test]
fn the_first_fitting_segment_wins_and_users_ignore_case() {
    let identity = Identity::new(&settings(), None);
    let who = |ip: &str, user: &str| {
        identity
            .who(ip.parse().ok(), None, Some(&Untrusted::from(user)), AT)
            .0
            .segment
            .to_string()
    };
    assert_eq!(who("192.0.2.7", "M.Rossi"), "legal");
    assert_eq!(who("192.0.2.7", "a.b"), "finance");
    assert_eq!(who("::ffff:192.0.2.7", "a.b"), "finance");
    assert_eq!(who("192.0.2.200", "a.b"), "");
}

#[test]
fn pseudonyms_hide_names_and_keep_segments() {
    let key = PseudonymKey::new(&[7; 32]).unwrap();
    let identity = Identity::new(&settings(), Some(key));
    let (who, _) = identity.who(
        "192.0.2.7".parse().ok(),
        None,
        Some(&Untrusted::from("a.b")),
        AT,
    );
    assert_eq!(&*who.segment, "finance");
    assert!(who.client.starts_with("client-") && who.user.starts_with("user-"));
    assert!(!who.client.contains("192") && !who.user.contains("a.b"));
    let (again, _) = identity.who(
        "192.0.2.7".parse().ok(),
        None,
        Some(&Untrusted::from("a.b")),
        AT,
    );
    assert_eq!(who, again);
}

#[test]
fn a_proxy_that_asks_for_others_is_marked() {
    let identity = Identity::new(&settings(), None);
    assert!(
        identity
            .who("192.0.2.2".parse().ok(), None, None, AT)
            .0
            .infrastructure
    );
    assert!(
        !identity
            .who("192.0.2.3".parse().ok(), None, None, AT)
            .0
            .infrastructure
    );
}

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

/// Identity with a lease of 192.0.2.10 from 09:00 to 10:00 and a directory, in files.
fn with_files(directory: &str, key: Option<PseudonymKey>) -> (Identity, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    let leases = place.path().join("kea-leases4.csv");
    let people = place.path().join("people.csv");
    std::fs::write(
        &leases,
        "address,hwaddr,valid_lifetime,expire,hostname,state\n\
         192.0.2.10,00:00:5e:00:53:01,3600,1794477600,laptop-7,0\n",
    )
    .unwrap();
    std::fs::write(&people, directory).unwrap();
    let settings = Settings {
        leases: vec![LeaseFile {
            path: leases,
            format: LeaseFormat::Kea,
            lease_secs: 3_600,
        }],
        directory: Some(people),
        shared: vec!["192.0.2.20/32".parse().unwrap()],
        ..settings()
    };
    (Identity::open(&settings, key).unwrap(), place)
}

const PEOPLE: &str = "address,device,user,person,department,from,until\n\
    ,laptop-7,,Ada Example,research,,\n\
    192.0.2.11,,,\"Bo \"\"B\"\" Example\",workshop,2026-11-10,2026-11-12\n\
    192.0.2.10,,,Nobody Example,nowhere,,\n\
    192.0.2.20,,,Terminal Example,hall,,\n\
    ,,c.d,,archive,,\n\
    ,,,Lost Example,,,\n\
    192.0.2.300,,,Lost Example,,,\n";

fn said(identity: &Identity, ip: &str, user: &str, time: &str) -> [String; 3] {
    let user = Untrusted::from(user);
    let (who, holds) = identity.who(ip.parse().ok(), None, Some(&user), at(time));
    assert!(holds.at(at(time)));
    [&who.client, &who.user, &who.segment].map(ToString::to_string)
}

#[test]
fn a_lease_names_a_device_from_its_start_to_its_end_and_at_no_other_moment() {
    let (identity, _place) = with_files(PEOPLE, None);
    let said = |time: &str| said(&identity, "198.51.100.10", "", time);
    assert_eq!(said("2026-11-12T09:30:00Z"), ["198.51.100.10", "", ""]);
    let said = |time: &str| self::said(&identity, "192.0.2.10", "", time);
    let leased = ["laptop-7/00:00:5e:00:53:01", "Ada Example (directory)"];
    for inside in ["2026-11-12T09:00:00Z", "2026-11-12T09:59:59Z"] {
        assert_eq!(said(inside)[..2], leased, "{inside}");
    }
    for outside in ["2026-11-12T08:59:59Z", "2026-11-12T10:00:00Z"] {
        assert_eq!(said(outside)[..2], ["192.0.2.10", ""], "{outside}");
    }
    let ip = "192.0.2.10".parse().ok();
    let (_, holds) = identity.who(ip, None, None, at("2026-11-12T09:30:00Z"));
    assert!(!holds.at(at("2026-11-12T08:59:59Z")) && !holds.at(at("2026-11-12T10:00:00Z")));
}

#[test]
fn the_proxys_user_comes_before_the_directory_and_rows_hold_for_their_time() {
    let (identity, _place) = with_files(PEOPLE, None);
    let [_, user, _] = said(&identity, "192.0.2.10", "a.b", "2026-11-12T09:30:00Z");
    assert_eq!(user, "a.b");
    let bo = |time: &str| said(&identity, "192.0.2.11", "", time)[1].clone();
    assert_eq!(bo("2026-11-12T23:59:00Z"), "Bo \"B\" Example (directory)");
    assert_eq!(bo("2026-11-13T00:00:01Z"), "");
    assert_eq!(bo("2026-11-09T23:59:59Z"), "");
    let [_, user, segment] = said(&identity, "198.51.100.1", "C.D", "2026-11-12");
    assert_eq!([user, segment], ["C.D", "archive"]);
    let bad: u64 = identity.bad_lines().iter().map(|(_, bad)| bad).sum();
    assert_eq!(bad, 2);
}

#[test]
fn nobody_is_named_after_an_address_that_many_share() {
    let (identity, _place) = with_files(PEOPLE, None);
    let [client, user, segment] = said(&identity, "192.0.2.20", "", "2026-11-12");
    assert_eq!([client, user, segment], ["192.0.2.20", "", "finance"]);
}

#[test]
fn leases_of_two_servers_that_contradict_one_another_name_nobody() {
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, hardware: &str| {
        let path = place.path().join(name);
        let row = format!("1794481200 00:00:5e:00:53:{hardware} 192.0.2.10 * *\n");
        std::fs::write(&path, row).unwrap();
        LeaseFile {
            path,
            format: LeaseFormat::Dnsmasq,
            lease_secs: 3_600,
        }
    };
    let settings = Settings {
        leases: vec![file("one", "01"), file("two", "02")],
        ..Settings::default()
    };
    let identity = Identity::open(&settings, None).unwrap();
    let [client, ..] = said(&identity, "192.0.2.10", "", "2026-11-12T10:30:00Z");
    assert_eq!(client, "192.0.2.10");
}

#[test]
fn files_that_change_are_read_again_and_what_a_lease_was_stays() {
    let (identity, place) = with_files(PEOPLE, None);
    assert!(!identity.refresh());
    let leases = place.path().join("kea-leases4.csv");
    std::fs::write(
        &leases,
        "address,hwaddr,valid_lifetime,expire,hostname,state\n\
         192.0.2.10,00:00:5e:00:53:02,3600,1794481200,laptop-8,0\n",
    )
    .unwrap();
    let version = identity.version();
    assert!(identity.refresh() && identity.version() != version);
    let client = |time: &str| said(&identity, "192.0.2.10", "", time)[0].clone();
    assert_eq!(client("2026-11-12T09:30:00Z"), "laptop-7/00:00:5e:00:53:01");
    assert_eq!(client("2026-11-12T10:30:00Z"), "laptop-8/00:00:5e:00:53:02");
    std::fs::remove_file(&leases).unwrap();
    assert!(
        !identity.refresh(),
        "what cannot be read keeps what it said"
    );
    assert_eq!(client("2026-11-12T10:30:00Z"), "laptop-8/00:00:5e:00:53:02");
}

#[test]
fn a_file_that_is_not_there_is_told_by_its_key() {
    let settings = Settings {
        directory: Some("/nonexistent/people.csv".into()),
        ..Settings::default()
    };
    let error = Identity::open(&settings, None).unwrap_err().to_string();
    assert!(
        error.starts_with("identity.directory: /nonexistent/people.csv: "),
        "{error}"
    );
}

#[test]
fn a_pseudonym_is_found_again_among_the_names_that_are_known() {
    let key = || PseudonymKey::new(&[7; 32]);
    let (identity, _place) = with_files(PEOPLE, key());
    let inside = said(&identity, "192.0.2.10", "", "2026-11-12T09:30:00Z");
    assert!(inside[0].starts_with("device-") && inside[1].starts_with("person-"));
    let unmask = |mask: &str| identity.unmask(mask, std::iter::once("e.f".to_owned()));
    assert_eq!(
        unmask(&inside[0]).as_deref(),
        Some("laptop-7/00:00:5e:00:53:01")
    );
    assert_eq!(
        unmask(&inside[1]).as_deref(),
        Some("Ada Example (directory)")
    );
    let [client, user, _] = said(&identity, "192.0.2.77", "e.f", "2026-11-12");
    assert_eq!(
        unmask(&client).as_deref(),
        Some("192.0.2.77"),
        "of a segment's network"
    );
    assert_eq!(unmask(&user).as_deref(), Some("e.f"));
    let [unknown, ..] = said(&identity, "198.51.100.1", "", "2026-11-12");
    assert_eq!(unmask(&unknown), None);
    assert!(!is_pseudonym("user-x") && !is_pseudonym("other-0123456789abcdef"));
}

#[test]
fn a_name_says_on_what_basis_it_is_said() {
    let clients = [
        "192.0.2.1",
        "laptop-7/00:00:5e:00:53:01",
        "laptop-7",
        "device-00",
    ];
    assert_eq!(
        clients.map(Basis::of_client),
        [Basis::Address, Basis::Lease, Basis::Name, Basis::Lease]
    );
    let users = ["a.b", "Ada Example (directory)", "person-00"];
    assert_eq!(
        users.map(Basis::of_user),
        [Basis::User, Basis::Directory, Basis::Directory]
    );
}
