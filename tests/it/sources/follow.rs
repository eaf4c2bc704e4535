//! Following across rotation and restart, case by case.

use std::fs;

use crate::sources::stand::Stand;

#[test]
fn appended_lines_arrive_once() {
    let mut stand = Stand::new();
    stand.append("access.log", 3);
    stand.expect_all();
    for _ in 0..5 {
        stand.append("access.log", 2);
        stand.poll(1);
    }
    stand.expect_all();
    assert!(stand.troubles.is_empty(), "{:?}", stand.troubles);
    let head = stand.chunks.first().unwrap().head.clone().unwrap();
    assert!(head.starts_with(b"1 "));
    assert_eq!(stand.chunks.iter().filter(|c| c.head.is_some()).count(), 1);
}

#[test]
fn partial_line_waits_for_its_end() {
    let mut stand = Stand::new();
    stand.append("access.log", 1);
    stand.write("access.log", b"half");
    stand.poll(5);
    assert_eq!(stand.read_lines().len(), 1);
    stand.write("access.log", b" and half\n");
    stand.wrote("half and half");
    stand.expect_all();
}

#[test]
fn rename_and_create_live_and_across_a_restart() {
    let mut stand = Stand::new();
    stand.append("access.log", 3);
    stand.poll(1);
    stand.append("access.log", 2);
    stand.rename("access.log", "access.log.1");
    stand.append("access.log", 4);
    stand.expect_all();
    stand.append("access.log", 2);
    stand.rename("access.log.1", "access.log.2");
    stand.rename("access.log", "access.log.1");
    stand.append("access.log", 1);
    stand.restart();
    stand.expect_all();
}

#[test]
fn writer_that_keeps_the_old_file_is_read_on() {
    let mut stand = Stand::new();
    stand.append("access.log", 2);
    stand.poll(1);
    stand.rename("access.log", "access.log.1");
    stand.append("access.log", 1);
    stand.poll(6);
    stand.append("access.log.1", 3);
    stand.poll(2);
    stand.append("access.log.1", 1);
    stand.expect_all();
}

#[test]
fn line_that_is_finished_after_the_rename_stays_whole() {
    let mut stand = Stand::new();
    stand.settle_secs(3_600);
    stand.append("access.log", 1);
    stand.write("access.log", b"half");
    stand.poll(2);
    stand.rename("access.log", "access.log.1");
    stand.append("access.log", 1);
    stand.poll(9);
    stand.write("access.log.1", b" and half\n");
    stand.wrote("half and half");
    stand.expect_all();
}

#[test]
fn thousands_of_files_are_looked_at_without_opening_them() {
    let mut stand = Stand::of("*.log");
    for n in 0..2_000 {
        stand.append(&format!("client-a{n}b.log"), 1);
    }
    stand.expect_all();
    let open = fs::read_dir("/proc/self/fd").unwrap().count();
    assert!(open < 1_000, "{open} files are open");
    stand.restart();
    stand.append("client-a7b.log", 1);
    stand.expect_all();
}

#[test]
fn rotated_symlink_target_is_drained_and_the_new_one_read() {
    let mut stand = Stand::new();
    stand.append("day-one", 2);
    std::os::unix::fs::symlink("day-one", stand.path("access.log")).unwrap();
    stand.poll(2);
    stand.append("day-one", 2);
    stand.append("day-two", 2);
    stand.remove("access.log");
    std::os::unix::fs::symlink("day-two", stand.path("access.log")).unwrap();
    stand.expect_all();
}

#[test]
fn file_that_an_editor_saved_anew_is_not_read_again() {
    let mut stand = Stand::new();
    stand.append("access.log", 50);
    stand.poll(2);
    fs::copy(stand.path("access.log"), stand.path("access.log~")).unwrap();
    stand.rename("access.log~", "access.log");
    stand.append("access.log", 1);
    stand.expect_all();
}

#[test]
fn unterminated_rest_of_a_rotated_file_is_emitted_once() {
    let mut stand = Stand::new();
    stand.append("access.log", 1);
    stand.write("access.log", b"rest");
    stand.wrote("rest");
    stand.poll(1);
    stand.rename("access.log", "access.log.1");
    stand.append("access.log", 1);
    stand.expect_all();
    let last = stand
        .chunks
        .iter()
        .find(|c| c.bytes.ends_with(b"rest"))
        .unwrap();
    assert!(last.last);
    stand.restart();
    stand.expect_all();
}

#[test]
fn copytruncate_drains_the_copy_and_starts_anew() {
    let mut stand = Stand::new();
    stand.append("access.log", 30);
    stand.poll(1);
    stand.append("access.log", 5);
    stand.copytruncate("access.log", "access.log.1");
    stand.append("access.log", 3);
    stand.expect_all();
    assert!(stand.troubles.is_empty(), "{:?}", stand.troubles);
}

#[test]
fn copytruncate_regrown_beyond_the_offset_is_noticed() {
    let mut stand = Stand::new();
    stand.append("access.log", 3);
    stand.poll(1);
    stand.append("access.log", 2);
    stand.copytruncate("access.log", "access.log.1");
    stand.append("access.log", 50);
    stand.expect_all();
    stand.copytruncate("access.log", "access.log.1");
    stand.append("access.log", 90);
    stand.restart();
    stand.expect_all();
}

#[test]
fn copytruncate_with_the_copy_compressed_while_down() {
    let mut stand = Stand::new();
    stand.append("access.log", 40);
    stand.poll(1);
    stand.append("access.log", 10);
    stand.copytruncate("access.log", "access.log.1");
    stand.gzip("access.log.1", "access.log.1.gz");
    stand.append("access.log", 5);
    stand.restart();
    stand.expect_all();
}

#[test]
fn copytruncate_without_a_copy_says_how_much_is_lost() {
    let mut stand = Stand::new();
    stand.append("access.log", 2);
    stand.poll(1);
    let lost = "this line is written and seen but cannot be read any more";
    stand.write("access.log", lost.as_bytes());
    stand.poll(1);
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(stand.path("access.log"))
        .unwrap();
    stand.append("access.log", 1);
    stand.expect_all();
    let note = format!("at least {} bytes are lost", lost.len());
    assert!(
        stand.troubles.iter().any(|t| t.contains(&note)),
        "{:?}",
        stand.troubles
    );
}

#[test]
fn a_directory_that_cannot_be_listed_is_told_and_read_when_it_can() {
    let mut stand = Stand::of("host/*.log");
    std::os::unix::fs::symlink("host", stand.path("host")).unwrap();
    stand.poll(3);
    let told: Vec<_> = stand
        .troubles
        .iter()
        .filter(|note| note.contains("cannot be listed"))
        .collect();
    assert_eq!(told.len(), 1, "{:?}", stand.troubles);
    fs::remove_file(stand.path("host")).unwrap();
    fs::create_dir(stand.path("host")).unwrap();
    stand.append("host/access.log", 3);
    stand.expect_all();
}

#[test]
fn copy_in_the_making_is_not_read_as_a_new_file() {
    let mut stand = Stand::new();
    stand.append("access.log", 100);
    stand.poll(1);
    let all = fs::read(stand.path("access.log")).unwrap();
    for part in [1, 500, all.len() - 7, all.len()] {
        fs::write(stand.path("access.log.1"), &all[..part]).unwrap();
        stand.poll(1);
    }
    stand.poll(6);
    stand.expect_all();
    stand.copytruncate("access.log", "access.log.1");
    stand.append("access.log", 1);
    stand.expect_all();
}

#[test]
fn rotation_with_compression_at_once() {
    for (pack, name) in [
        (Stand::gzip as fn(&mut Stand, &str, &str), "access.log.1.gz"),
        (Stand::zstd, "access.log.1.zst"),
        (Stand::xz, "access.log.1.xz"),
        (Stand::bzip2, "access.log.1.bz2"),
    ] {
        let mut stand = Stand::new();
        stand.append("access.log", 60);
        stand.poll(1);
        stand.append("access.log", 5);
        stand.rename("access.log", "access.log.1");
        pack(&mut stand, "access.log.1", name);
        stand.append("access.log", 5);
        stand.expect_all();
        // And while down.
        stand.append("access.log", 7);
        stand.remove(name);
        stand.rename("access.log", "access.log.1");
        pack(&mut stand, "access.log.1", name);
        stand.append("access.log", 2);
        stand.restart();
        stand.expect_all();
    }
}

#[test]
fn compression_is_seen_half_done() {
    let mut stand = Stand::new();
    stand.append("access.log", 2_000);
    stand.poll(1);
    stand.append("access.log", 5);
    stand.rename("access.log", "access.log.1");
    stand.append("access.log", 5);
    let packed = stand.gzipped("access.log.1");
    for part in [3, packed.len() / 2, packed.len() - 4, packed.len()] {
        fs::write(stand.path("access.log.1.gz"), &packed[..part]).unwrap();
        stand.poll(1);
    }
    stand.remove("access.log.1");
    stand.expect_all();
    assert!(stand.troubles.is_empty(), "{:?}", stand.troubles);
}

#[test]
fn compression_and_copy_half_done_at_the_first_look() {
    let mut stand = Stand::new();
    stand.append("access.log.1", 40);
    stand.append("access.log", 40);
    let packed = stand.gzipped("access.log.1");
    stand.write("access.log.1.gz", packed.get(..60).unwrap());
    fs::copy(stand.path("access.log"), stand.path("access.log.0")).unwrap();
    stand.poll(8);
    stand.write("access.log.1.gz", packed.get(60..).unwrap());
    stand.poll(8);
    stand.remove("access.log.1");
    fs::write(stand.path("access.log"), b"").unwrap();
    stand.append("access.log", 3);
    stand.expect_all();
}

#[test]
fn delayed_compression_is_not_read_again() {
    let mut stand = Stand::new();
    for _ in 0..4 {
        stand.append("access.log", 20);
        stand.poll(3);
        if stand.exists("access.log.1") {
            stand.gzip("access.log.1", "access.log.2.gz");
        }
        stand.rename("access.log", "access.log.1");
        stand.append("access.log", 1);
        stand.expect_all();
        stand.restart();
        stand.expect_all();
    }
}

#[test]
fn several_rotations_between_two_looks() {
    let mut stand = Stand::new();
    stand.append("access.log", 5);
    stand.poll(1);
    for _ in 0..4 {
        stand.append("access.log", 5);
        stand.rotate_numbered("access.log", 9);
    }
    stand.append("access.log", 5);
    stand.expect_all();
    for _ in 0..3 {
        stand.append("access.log", 5);
        stand.rotate_numbered("access.log", 9);
    }
    stand.append("access.log", 1);
    stand.restart();
    stand.expect_all();
}

#[test]
fn inode_reused_with_an_equal_header_is_a_new_file() {
    let mut stand = Stand::new();
    let header = "#Fields: date time c-ip cs-host\n".repeat(40);
    for _ in 0..3 {
        stand.write_lines("access.log", &header);
        stand.append("access.log", 3);
        stand.expect_all();
        stand.remove("access.log");
        stand.restart();
    }
    stand.write_lines("access.log", &header);
    stand.append("access.log", 9);
    stand.expect_all();
}

#[test]
fn same_size_and_same_head_replaced_in_place_is_a_new_file() {
    let mut stand = Stand::new();
    let header = "#Fields: date time c-ip cs-host\n".repeat(40);
    stand.write_lines("access.log", &format!("{header}the last line a\n"));
    stand.expect_all();
    let other = format!("{header}the last line b\n");
    fs::write(stand.path("access.log"), &other).unwrap();
    for line in other.lines() {
        stand.wrote(line);
    }
    stand.expect_all();
}

#[test]
fn files_of_every_odd_size_grow_without_loss() {
    for size in [0, 1, 63, 64, 1023, 1024, 1025] {
        let mut stand = Stand::new();
        let text = "x".repeat(size);
        stand.write("access.log", text.as_bytes());
        stand.poll(2);
        stand.restart();
        stand.write("access.log", b"\n");
        stand.wrote(&text);
        stand.expect_all();
        stand.append("access.log", 1);
        stand.copytruncate("access.log", "access.log.1");
        stand.append("access.log", 2);
        stand.expect_all();
        stand.restart();
        stand.expect_all();
    }
}

#[test]
fn carriage_returns_are_handed_on() {
    let mut stand = Stand::new();
    stand.write_lines("access.log", "a\r\nb\r\n");
    stand.poll(2);
    assert_eq!(stand.chunks.first().unwrap().bytes, b"a\r\nb\r\n");
}

#[test]
fn nul_head_of_a_writer_that_does_not_append_is_skipped() {
    let mut stand = Stand::new();
    stand.append("access.log", 50);
    stand.poll(1);
    let size = fs::metadata(stand.path("access.log")).unwrap().len();
    stand.copytruncate("access.log", "access.log.1");
    let file = fs::File::options()
        .write(true)
        .open(stand.path("access.log"))
        .unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"after the hole\n", size).unwrap();
    stand.wrote("after the hole");
    stand.expect_all();
    let note = format!("{size} NUL bytes skipped");
    assert!(
        stand.troubles.iter().any(|t| t.contains(&note)),
        "{:?}",
        stand.troubles
    );
}

#[test]
fn pattern_picks_up_new_files_and_their_rotations() {
    let mut stand = Stand::of("*.log");
    stand.append("a.log", 3);
    stand.poll(2);
    stand.append("b.log", 3);
    stand.expect_all();
    stand.append("b.log", 2);
    stand.rename("b.log", "b.log.1");
    stand.append("b.log", 1);
    stand.append("a-20261122.log", 2);
    stand.expect_all();
    let mut sources: Vec<String> = stand.chunks.iter().map(|c| c.source.to_string()).collect();
    sources.sort();
    sources.dedup();
    assert_eq!(sources, [stand.name("a.log"), stand.name("b.log")]);
}

#[test]
fn history_is_read_oldest_first_or_not_at_all() {
    for backfill in [true, false] {
        let mut stand = Stand::new();
        stand.append("access.log.2", 30);
        stand.gzip("access.log.2", "access.log.2.gz");
        stand.append("access.log.1", 30);
        if !backfill {
            stand.forget_written();
        }
        stand.append("access.log", 3);
        stand.backfill(backfill);
        stand.expect_in_order();
        stand.restart();
        // Renames and compression do not bring unwanted history back.
        stand.rename("access.log.2.gz", "access.log.3.gz");
        stand.gzip("access.log.1", "access.log.2.gz");
        stand.rename("access.log", "access.log.1");
        stand.append("access.log", 2);
        stand.expect_all();
        stand.restart();
        stand.expect_all();
    }
}

#[test]
fn unreadable_things_are_told_once_and_read_when_they_come() {
    let mut stand = Stand::new();
    stand.poll(3);
    assert_eq!(stand.troubles.len(), 1, "{:?}", stand.troubles);
    fs::create_dir(stand.path("access.log")).unwrap();
    stand.poll(3);
    assert_eq!(stand.troubles.len(), 2, "{:?}", stand.troubles);
    fs::remove_dir(stand.path("access.log")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(stand.path("access.log.1"))
        .status()
        .unwrap();
    assert!(made.success());
    stand.append("access.log", 2);
    stand.expect_all();
}

#[test]
fn overlong_line_is_skipped_across_polls() {
    let mut stand = Stand::new();
    stand.append("access.log", 1);
    for _ in 0..3 {
        stand.write("access.log", "x".repeat(200 << 10).as_bytes());
        stand.poll(1);
    }
    stand.restart();
    stand.write("access.log", b"\n");
    stand.append("access.log", 1);
    stand.expect_all();
    assert!(
        stand
            .troubles
            .iter()
            .any(|t| t.contains("1 overlong line skipped (the last is line 2;")),
        "{:?}",
        stand.troubles
    );
    assert_eq!(stand.chunks.last().unwrap().line, 3);
}

#[test]
fn sixteen_bit_text_is_refused_once() {
    let mut stand = Stand::new();
    for _ in 0..3 {
        stand.write("access.log", b"\xff\xfea\0\n\0");
        stand.poll(2);
    }
    assert_eq!(stand.troubles.len(), 1, "{:?}", stand.troubles);
    assert!(stand.troubles.iter().all(|t| t.contains("iconv")));
    assert!(stand.chunks.is_empty());
}

#[test]
fn positions_are_forgotten_when_files_are_gone() {
    let mut stand = Stand::new();
    for _ in 0..30 {
        stand.append("access.log", 3);
        stand.rotate_numbered("access.log", 3);
        stand.append("access.log", 1);
        stand.poll(6);
    }
    stand.expect_all();
    assert!(stand.position_count() <= 6, "{}", stand.position_count());
    assert!(stand.troubles.is_empty(), "{:?}", stand.troubles);
}

#[test]
fn a_flood_in_one_file_does_not_starve_another() {
    let mut stand = Stand::of("*.log");
    stand.write_lines("a.log", &"a line of the flood\n".repeat(300_000));
    stand.append("b.log", 1);
    stand.poll(1);
    let sources: Vec<&str> = stand.chunks.iter().map(|c| &*c.source).take(2).collect();
    assert_eq!(sources, [stand.name("a.log"), stand.name("b.log")]);
    stand.expect_all();
}

#[test]
fn a_missing_directory_forgets_nothing() {
    let mut stand = Stand::new();
    stand.append("access.log", 3);
    stand.rotate_numbered("access.log", 5);
    stand.append("access.log", 3);
    stand.poll(5);
    let away = stand.away();
    stand.restart();
    stand.poll(9);
    stand.back(away);
    stand.append("access.log", 1);
    stand.expect_all();
}
