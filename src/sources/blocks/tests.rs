//! Lines of every length, NULs anywhere, blocks of every size.

use super::*;
use proptest::prelude::*;

fn cut(bytes: &[u8], block_bytes: usize, line_bytes: usize) -> (Vec<Block>, Skipped) {
    let mut blocks = Blocks::new(Place::START, 1);
    blocks.block_bytes = block_bytes;
    blocks.line_bytes = line_bytes;
    let mut reader = bytes;
    let mut out = Vec::new();
    while let Some(block) = blocks.next(&mut reader).unwrap() {
        out.push(block);
    }
    out.extend(blocks.rest());
    assert_eq!(blocks.place().offset, bytes.len() as u64);
    (out, blocks.skipped())
}

fn text(blocks: &[Block]) -> String {
    blocks
        .iter()
        .map(|b| String::from_utf8_lossy(&b.bytes).into_owned())
        .collect()
}

#[test]
fn long_line_is_skipped_counted_and_not_merged() {
    let long = "x".repeat(300 << 10);
    let input = format!("one\n{long}\ntwo\nthree");
    let (blocks, skipped) = cut(input.as_bytes(), BLOCK_BYTES, 256 << 10);
    assert_eq!(text(&blocks), "one\ntwo\nthree");
    assert_eq!((skipped.long_lines, skipped.long_line), (1, 2));
    assert_eq!(blocks.get(1).map(|b| b.line), Some(3));
    assert_eq!(blocks.get(1).map(|b| b.offset), Some(long.len() as u64 + 5));
}

#[test]
fn a_line_of_exactly_the_limit_is_read() {
    let (blocks, skipped) = cut(b"12345678\n123456789\n1\n", 64, 8);
    assert_eq!(text(&blocks), "12345678\n1\n");
    assert_eq!(skipped.long_lines, 1);
}

#[test]
fn long_last_line_without_end_is_dropped() {
    let (blocks, skipped) = cut(&[b"a\n".to_vec(), vec![b'x'; 500]].concat(), 64, 8);
    assert_eq!(text(&blocks), "a\n");
    assert_eq!(skipped.long_lines, 1);
}

#[test]
fn nul_runs_are_skipped_and_split_what_they_tear() {
    let input = [&[0; 100][..], b"one\ntw", &[0; 50], b"three\n", &[0; 7]].concat();
    for block_bytes in [64, 1024] {
        let (blocks, skipped) = cut(&input, block_bytes, 32);
        assert_eq!(text(&blocks), "one\ntw\nthree\n");
        assert_eq!(skipped.nul_bytes, 157);
        assert_eq!(blocks.first().map(|b| (b.offset, b.line)), Some((100, 1)));
        assert_eq!(blocks.last().map(|b| (b.offset, b.line)), Some((156, 2)));
    }
}

#[test]
fn byte_order_mark_goes_carriage_returns_stay() {
    let (blocks, _) = cut(b"\xef\xbb\xbfa\r\nb\r\n", 64, 32);
    assert_eq!(text(&blocks), "a\r\nb\r\n");
    assert_eq!(blocks.first().map(|b| b.offset), Some(3));
}

#[test]
fn rest_stays_at_its_place_until_asked_for() {
    let mut blocks = Blocks::new(Place::START, 100);
    let mut reader: &[u8] = b"whole\npart";
    assert_eq!(
        text(&[blocks.next(&mut reader).unwrap().unwrap()]),
        "whole\n"
    );
    assert_eq!(blocks.next(&mut reader).unwrap(), None);
    assert_eq!((blocks.place().offset, blocks.place().line), (6, 2));
}

proptest! {
    #[test]
    fn lines_offsets_and_numbers_agree_with_a_plain_split(
        lines in prop::collection::vec("[a-z]{0,40}", 0..60), block_bytes in 64usize..200, ended in any::<bool>(),
    ) {
        let mut input = lines.join("\n");
        if ended { input.push('\n'); }
        let (blocks, _) = cut(input.as_bytes(), block_bytes, 16);
        let mut offset = 0u64;
        let mut expected = Vec::new();
        for (index, line) in input.split_inclusive('\n').enumerate() {
            if line.trim_end_matches('\n').len() <= 16 {
                expected.push((offset, index as u64 + 1, line.to_owned()));
            }
            offset += line.len() as u64;
        }
        let mut found = Vec::new();
        for block in &blocks {
            let (mut at, mut number) = (block.offset, block.line);
            for line in block.bytes.split_inclusive(|b| *b == b'\n') {
                found.push((at, number, String::from_utf8(line.to_vec()).unwrap()));
                at += line.len() as u64;
                number += 1;
            }
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_bytes_are_cut_without_loss_of_place(bytes in prop::collection::vec(prop::sample::select(vec![0u8, b'\n', b'a', 0xef]), 0..600)) {
        let (blocks, skipped) = cut(&bytes, 64, 16);
        let handed: usize = blocks.iter().map(|b| b.bytes.len()).sum();
        prop_assert!(handed <= bytes.len());
        prop_assert!(skipped.nul_bytes as usize + handed <= bytes.len() + blocks.len());
    }
}
