//! Lines as the servers write them, wrong ones among them.

use super::*;

fn at(text: &str) -> Time {
    text.parse().expect("written by hand")
}

fn read_as(format: LeaseFormat, text: &str) -> (Vec<(String, String, String, String)>, u64) {
    let file = LeaseFile {
        path: "leases".into(),
        format,
        lease_secs: 3_600,
    };
    let found = read(text.as_bytes(), &file, at("2026-11-12T08:00:00Z"));
    let minute = |time: Time| time.to_string().get(..16).unwrap_or("").to_owned();
    let rows = found.leases.iter().map(|lease| {
        (
            lease.address.to_string(),
            lease.device.label(),
            minute(lease.from),
            minute(lease.until),
        )
    });
    (rows.collect(), found.bad)
}

fn row(address: &str, device: &str, from: &str, until: &str) -> (String, String, String, String) {
    (
        address.to_owned(),
        device.to_owned(),
        format!("2026-11-12T{from}"),
        format!("2026-11-12T{until}"),
    )
}

#[test]
fn dnsmasq_leases_begin_a_lease_time_before_their_end() {
    let (rows, bad) = read_as(
        LeaseFormat::Dnsmasq,
        "1794481200 00:00:5E:00:53:01 192.0.2.10 laptop-7 01:00:00:5e:00:53:01\n\
         1794484800 00:00:5e:00:53:02 192.0.2.11 * *\n\
         duid 00:01:00:01:2c:aa:bb:cc:00:00:5e:00:53:01\n\
         1794484800 72623859790382856 2001:db8::10 laptop-7 00:01\n\
         no lease at all\n\
         -5 00:00:5e:00:53:02 192.0.2.11 * *\n\
         1794484800 00:00:5e:00:53:02 192.0.2.300 * *\n",
    );
    assert_eq!(bad, 3);
    assert_eq!(
        rows,
        [
            row("192.0.2.10", "laptop-7/00:00:5e:00:53:01", "10:00", "11:00"),
            row("192.0.2.11", "00:00:5e:00:53:02", "11:00", "12:00"),
            row(
                "2001:db8::10",
                "laptop-7/72623859790382856",
                "11:00",
                "12:00"
            ),
        ]
    );
}

#[test]
fn isc_leases_end_when_they_are_given_up_and_when_the_next_begins() {
    let lease = |starts: &str, ends: &str, state: &str, last: &str| {
        format!(
            "lease 192.0.2.10 {{\n  starts 4 2026/11/12 {starts}:00;\n  ends 4 2026/11/12 {ends}:00;\n  cltt 4 2026/11/12 \
             {starts}:00;\n  binding state {state};\n  next binding state free;\n  hardware ethernet \
             00:00:5e:00:53:0{last};\n  client-hostname \"laptop-{last}\";\n}}\n"
        )
    };
    let text = format!(
        "# The format of this file is documented in the dhcpd.leases(5) manual page.\nauthoring-byte-order little-endian;\n{}{}{}{}{}lease 192.0.2.99 {{\n  starts nonsense",
        lease("01:00", "02:00", "active", "1"),
        lease("01:30", "03:00", "active", "1"),
        lease("01:30", "02:10", "free", "1"),
        lease("04:00", "08:00", "active", "2"),
        lease("06:00", "09:00", "active", "3"),
    );
    let (rows, bad) = read_as(LeaseFormat::Isc, &text);
    assert_eq!(
        rows,
        [
            row("192.0.2.10", "laptop-1/00:00:5e:00:53:01", "01:00", "02:10"),
            row("192.0.2.10", "laptop-2/00:00:5e:00:53:02", "04:00", "06:00"),
            row("192.0.2.10", "laptop-3/00:00:5e:00:53:03", "06:00", "09:00"),
        ]
    );
    assert_eq!(bad, 2, "a block without an end, with a moment that is none");
}

#[test]
fn isc_moments_are_read_in_their_three_forms_and_a_lease_that_ends_before_it_begins_is_bad() {
    let block = |starts: &str, ends: &str| {
        format!(
            "lease 192.0.2.10 {{\n starts {starts};\n ends {ends};\n hardware ethernet 00:00:5e:00:53:01;\n}}\n"
        )
    };
    let (rows, bad) = read_as(
        LeaseFormat::Isc,
        &block(
            "epoch 1794474000; # Thu Nov 12 10:00:00 2026",
            "epoch 1794477600",
        ),
    );
    assert_eq!(
        rows,
        [row("192.0.2.10", "00:00:5e:00:53:01", "09:00", "10:00")]
    );
    assert_eq!(bad, 0);
    let (rows, bad) = read_as(LeaseFormat::Isc, &block("4 2026/11/12 09:00:00", "never"));
    assert_eq!((rows[0].2.as_str(), bad), ("2026-11-12T09:00", 0));
    let wrong = block("4 2026/11/12 09:00:00", "4 2026/11/12 08:00:00");
    assert_eq!(read_as(LeaseFormat::Isc, &wrong), (Vec::new(), 1));
}

#[test]
fn kea_rows_are_found_by_their_headings_and_a_declined_address_is_nobodys() {
    let (rows, bad) = read_as(
        LeaseFormat::Kea,
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n\
         192.0.2.10,00:00:5e:00:53:01,01:00,3600,1794477600,1,0,0,laptop-7.example.org.,0,,0\n\
         192.0.2.10,00:00:5e:00:53:01,01:00,3600,1794479400,1,0,0,laptop-7.example.org.,0,,0\n\
         192.0.2.10,00:00:5e:00:53:01,01:00,0,1794475800,1,0,0,laptop-7.example.org.,2,,0\n\
         192.0.2.11,00:00:5e:00:53:02,,3600,1794477600,1,0,0,a&#x2cb,0,,0\n\
         192.0.2.11,,,3600,1794479400,1,0,0,,1,,0\n\
         192.0.2.12,,,3600,1794479400,1,0,0,,0,,0\n\
         nonsense\n",
    );
    assert_eq!(bad, 2);
    assert_eq!(
        rows,
        [
            row(
                "192.0.2.10",
                "laptop-7.example.org/00:00:5e:00:53:01",
                "09:00",
                "10:30"
            ),
            row("192.0.2.11", "a,b/00:00:5e:00:53:02", "09:00", "09:30"),
        ]
    );
}

#[test]
fn a_file_of_another_server_holds_nothing_but_bad_lines() {
    let dnsmasq = "1794481200 00:00:5e:00:53:01 192.0.2.10 laptop-7 *\n";
    assert_eq!(read_as(LeaseFormat::Kea, dnsmasq), (Vec::new(), 1));
    let (rows, bad) = read_as(
        LeaseFormat::Dnsmasq,
        "lease 192.0.2.10 {\n  starts 4 x;\n}\n",
    );
    assert!(rows.is_empty() && bad == 3);
}

#[test]
fn any_bytes_are_read_to_their_end() {
    let mut state = 7_u64;
    for format in [LeaseFormat::Dnsmasq, LeaseFormat::Isc, LeaseFormat::Kea] {
        for _ in 0..200 {
            let bytes: Vec<u8> = (0..300)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    b"lease 192.0.2.1 {};\nstarts ends epoch,99:\xff\""[(state >> 33) as usize % 42]
                })
                .collect();
            let file = LeaseFile {
                path: "leases".into(),
                format,
                lease_secs: u32::MAX,
            };
            for lease in read(&bytes, &file, Time::default()).leases {
                assert!(lease.from < lease.until);
            }
        }
    }
}
