//! Every form, whole, packed, cut off and damaged.

use super::super::fill::fill_up;
use super::*;
use std::io::Write;

fn read(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
    let mut recode =
        Recode::new(Box::new(io::Cursor::new(bytes.to_vec())), Limits::default()).unwrap();
    let (mut out, mut length) = (Vec::new(), 0);
    while !fill_up(&mut out, length, &mut recode).unwrap() {
        length += 1_000;
    }
    (out, recode.fault().map(|fault| fault.to_string()))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn control(kind: u32, content: &[u8]) -> Vec<u8> {
    let mut fields = kind.to_be_bytes().to_vec();
    if !content.is_empty() {
        fields.extend(1_u32.to_be_bytes());
        fields.extend((content.len() as u32).to_be_bytes());
        fields.extend(content);
    }
    let mut frame = 0_u32.to_be_bytes().to_vec();
    frame.extend((fields.len() as u32).to_be_bytes());
    frame.extend(fields);
    frame
}

fn data(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn stream(frames: &[&[u8]]) -> Vec<u8> {
    let mut stream = control(2, CONTENT_TYPE);
    frames.iter().for_each(|frame| stream.extend(data(frame)));
    stream
}

#[test]
fn text_stays_as_it_is() {
    for text in [&b""[..], b"a", b"line\n\xff\n", &[b'x'; 200_000]] {
        assert_eq!(read(text), (text.to_vec(), None));
    }
}

#[test]
fn frames_become_lines_gzip_and_appended_streams_included() {
    let mut log = stream(&[b"one", b"two"]);
    log.extend(control(3, b""));
    log.extend(stream(&[b"three"]));
    let lines = b"dnstap b25l\ndnstap dHdv\ndnstap dGhyZWU=\n".to_vec();
    assert_eq!(read(&log), (lines.clone(), None));
    assert_eq!(read(&gzip(&log)), (lines, None));
    // A writer that is still at work.
    assert_eq!(read(&stream(&[])), (Vec::new(), None));
}

#[test]
fn a_file_that_breaks_off_keeps_what_stood_before() {
    let whole = stream(&[b"one", b"two"]);
    for (cut, lines) in [(1, &b"dnstap b25l\n"[..]), (5, b"dnstap b25l\n"), (8, b"")] {
        let (out, fault) = read(&whole[..whole.len() - cut]);
        assert_eq!(out, lines, "{cut}");
        let fault = fault.expect("a cut is a fault");
        assert!(fault.starts_with("dnstap data ends early after"), "{fault}");
    }
    let packed = gzip(&whole);
    let (_, fault) = read(&packed[..packed.len() - 12]);
    assert!(fault.is_some_and(|f| f.starts_with("gzip data ends early")));
}

#[test]
fn hostile_lengths_are_refused_and_not_allocated() {
    for (bytes, why) in [
        (
            u32::MAX.to_be_bytes().to_vec(),
            "a frame of 4294967295 bytes",
        ),
        (
            [0_u32.to_be_bytes(), u32::MAX.to_be_bytes()].concat(),
            "a control frame of 4294967295 bytes",
        ),
        (control(2, b"protobuf:other"), "frames of another kind"),
    ] {
        let mut log = stream(&[b"one"]);
        log.extend(bytes);
        log.extend(data(b"two"));
        let (out, fault) = read(&log);
        assert_eq!(out, b"dnstap b25l\n");
        assert!(fault.is_some_and(|f| f.contains(why)), "{why}");
    }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(unit).collect()
}

#[test]
fn utf_16_becomes_utf_8_wherever_it_is_cut_into_steps() {
    let text = "grüße 例え 🦀\r\n".repeat(9_000);
    for bytes in [
        utf16(&text, u16::to_le_bytes),
        utf16(&text, u16::to_be_bytes),
    ] {
        assert!(read(&bytes) == (text.clone().into_bytes(), None));
        assert!(read(&gzip(&bytes)) == (text.clone().into_bytes(), None));
    }
}

#[test]
fn half_a_letter_does_not_take_the_rest_with_it() {
    let mut bytes = b"\xff\xfea\0\x3d\xd8b\0\x00\xdc\n\0".to_vec();
    assert_eq!(read(&bytes), ("a\u{fffd}b\u{fffd}\n".into(), None));
    bytes.extend(b"\x3d\xd8");
    assert_eq!(read(&bytes), ("a\u{fffd}b\u{fffd}\n\u{fffd}".into(), None));
    bytes.push(b'x');
    let (_, fault) = read(&bytes);
    assert!(fault.is_some_and(|f| f.starts_with("UTF-16 data ends early")));
}

#[test]
fn json_over_several_lines_becomes_lines_however_it_is_written() {
    let list: String = (0..9_000)
        .map(|n| {
            format!(
                "  {{\n    \"name\": \"grüße {n} \\\\\",\n    \"of\": [\n      {n}\n    ]\n  }},\n"
            )
        })
        .collect();
    let list = format!("[\n{}\n]\n", list.trim_end_matches(",\n"));
    let lines: String = (0..9_000)
        .map(|n| format!("{{\"name\":\"grüße {n} \\\\\",\"of\":[{n}]}}\n"))
        .collect();
    let windows = list.replace('\n', "\r\n");
    let with_mark = format!("\u{feff}{windows}");
    for bytes in [
        list.clone().into_bytes(),
        gzip(list.as_bytes()),
        with_mark.into_bytes(),
        utf16(&windows, u16::to_le_bytes),
    ] {
        let (out, fault) = read(&bytes);
        assert!(out == lines.as_bytes() && fault.is_none(), "{fault:?}");
    }
    assert!(read(lines.as_bytes()) == (lines.clone().into_bytes(), None));
    let cut = list.get(..list.len() / 2).unwrap();
    let (out, fault) = read(cut.as_bytes());
    assert!(lines.as_bytes().starts_with(&out) && out.len() > lines.len() / 3);
    let early = format!("JSON data ends early after {} bytes", cut.len());
    assert!(fault.is_some_and(|f| f.starts_with(&early)));
    let torn = list.replacen("8999", "\n", 1);
    let at = torn.find("grüße \n").unwrap() + "grüße ".len();
    let (_, fault) = read(torn.as_bytes());
    let damaged = format!("JSON data is damaged after {at} bytes (a line end inside of a string)");
    assert!(
        fault.clone().is_some_and(|f| f.starts_with(&damaged)),
        "{fault:?} {at}"
    );
}

#[test]
fn other_frames_and_wider_letters_are_left_for_the_refusal() {
    let other = control(2, b"protobuf:other");
    assert_eq!(read(&other).0, other);
    let utf32 = b"\xff\xfe\0\0a\0\0\0";
    assert_eq!(read(utf32).0, utf32);
}
