//! The forty ways in which a log is rotated, replaced, torn and taken away.
//!
//! A case says what the writer does. What cannot be read by anyone any more is marked: there, and nowhere else, may
//! lines be lost, and the loss must be told unless nobody can know of it: a file that came and went between two looks.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, SystemTime};

use super::scene::{Allowed, Mode, Scene};
use super::stand::Stand;
use crate::size::quick_or_whole;

pub(super) struct Case {
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) pattern: &'static str,
    /// What is there before the reader begins.
    pub(super) before: fn(&mut Stand),
    pub(super) body: fn(&mut Scene),
    pub(super) allowed: fn(Mode) -> Allowed,
}

const LIVE: &str = "access.log";

const fn case(number: u32, name: &'static str, body: fn(&mut Scene)) -> Case {
    Case {
        number,
        name,
        pattern: LIVE,
        before: twenty_lines,
        body,
        allowed: exact,
    }
}

impl Case {
    const fn of(self, pattern: &'static str) -> Self {
        Self { pattern, ..self }
    }

    const fn after(self, before: fn(&mut Stand)) -> Self {
        Self { before, ..self }
    }

    const fn marked(self, allowed: fn(Mode) -> Allowed) -> Self {
        Self { allowed, ..self }
    }
}

fn twenty_lines(stand: &mut Stand) {
    stand.append(LIVE, 20);
}

fn nothing(_: &mut Stand) {}

fn exact(_: Mode) -> Allowed {
    Allowed::default()
}

/// The bytes are destroyed before a reader that does not run, or lags, can have them.
fn out_of_reach(mode: Mode) -> Allowed {
    Allowed {
        loses: matches!(mode, Mode::Down | Mode::Killed | Mode::Lagging),
        // Between two looks a whole file came and went.
        untold: mode == Mode::Lagging,
        doubles: false,
    }
}

/// The same where one rotation takes nothing that was not read.
fn out_of_reach_if_lagging(mode: Mode) -> Allowed {
    let lagging = mode == Mode::Lagging;
    Allowed {
        loses: lagging,
        untold: lagging,
        doubles: false,
    }
}

/// What was appended since the last look is destroyed in place.
fn destroyed_in_place(mode: Mode) -> Allowed {
    Allowed {
        loses: true,
        untold: mode == Mode::Lagging,
        doubles: false,
    }
}

fn read_again(mode: Mode) -> Allowed {
    Allowed {
        doubles: true,
        ..out_of_reach_if_lagging(mode)
    }
}

pub(super) const CASES: [Case; 40] = [
    case(1, "renamed, made anew, in pattern", |s| {
        s.append(LIVE, 5);
        s.act(|w| w.rotate_numbered(LIVE, 9));
        s.look();
        s.append(LIVE, 5);
    }),
    case(2, "renamed out of pattern", |s| {
        s.append(LIVE, 5);
        s.perishes(LIVE);
        s.rename(LIVE, "kept elsewhere");
        s.look();
        s.append(LIVE, 5);
    })
    .marked(out_of_reach),
    case(3, "renamed into another directory (olddir)", |s| {
        s.append(LIVE, 5);
        let to = format!("../old/{}", s.dated());
        s.rename(LIVE, &to);
        s.look();
        s.append(LIVE, 5);
    })
    .after(|w| {
        fs::create_dir(w.path("../old")).unwrap();
        twenty_lines(w);
    }),
    case(4, "moved to another file system", |s| {
        s.append(LIVE, 5);
        let name = s.dated();
        let to = s.stand().path(&format!("../old/{name}"));
        let all = fs::read(s.stand().path(LIVE)).unwrap();
        let half = all.len() / 2;
        s.act(|_| fs::write(&to, &all[..half]).unwrap());
        s.look();
        s.act(|_| fs::write(&to, &all).unwrap());
        s.remove(LIVE);
        s.append(LIVE, 5);
    })
    .after(|w| {
        let far = other_file_system(w);
        std::os::unix::fs::symlink(far, w.path("../old")).unwrap();
        twenty_lines(w);
    }),
    case(5, "copytruncate, appending writer", |s| {
        s.append(LIVE, 5);
        let to = s.dated();
        s.act(|w| w.copytruncate(LIVE, &to));
        s.append(LIVE, 5);
        s.look();
    }),
    case(6, "copytruncate, writer that does not append", |s| {
        let at = fs::metadata(s.stand().path(LIVE)).unwrap().len();
        let to = s.dated();
        s.act(|w| w.copytruncate(LIVE, &to));
        s.act(|w| {
            let line = format!("behind a hole of {at} bytes");
            let file = File::options().write(true).open(w.path(LIVE)).unwrap();
            file.write_all_at(format!("{line}\n").as_bytes(), at)
                .unwrap();
            w.wrote(&line);
        });
        s.look();
    }),
    case(7, "copytruncate, regrown beyond the offset", |s| {
        s.append(LIVE, 5);
        let to = s.dated();
        s.act(|w| {
            w.copytruncate(LIVE, &to);
            w.append(LIVE, 60);
        });
        s.look();
    }),
    case(8, "another file of the same size and head", |s| {
        s.perishes(LIVE);
        s.act(|w| {
            let all = fs::read_to_string(w.path(LIVE)).unwrap();
            let last = char::from(all.bytes().nth_back(1).unwrap());
            let next = char::from(u8::try_from(last).unwrap() + 1);
            let text = format!("{}{next}\n", &all[..all.len() - 2]);
            fs::write(w.path(LIVE), &text).unwrap();
            text.lines().for_each(|line| w.wrote(line));
        });
        s.look();
    })
    .after(|w| {
        let header = "#Fields: date time c-ip cs-host\n".repeat(40);
        w.write_lines(LIVE, &format!("{header}the last line a\n"));
    })
    .marked(out_of_reach_if_lagging),
    case(9, "truncated to nothing", |s| {
        s.append(LIVE, 5);
        s.perishes(LIVE);
        s.act(|w| fs::write(w.path(LIVE), b"").unwrap());
        s.append(LIVE, 3);
        s.look();
    })
    .marked(destroyed_in_place),
    case(10, "rewritten in place, shorter", |s| {
        s.append(LIVE, 5);
        s.perishes(LIVE);
        s.act(|w| {
            fs::write(w.path(LIVE), b"").unwrap();
            w.append(LIVE, 2);
        });
        s.look();
    })
    .marked(destroyed_in_place),
    case(11, "renamed and packed at once", |s| {
        s.append(LIVE, 5);
        let to = s.dated();
        s.rename(LIVE, &to);
        s.act(|w| w.gzip(&to, &format!("{to}.gz")));
        s.append(LIVE, 5);
        s.look();
    }),
    case(12, "packed one rotation later", |s| {
        for _ in 0..3 {
            s.append(LIVE, 5);
            if let Some(before) = s.last_dated() {
                s.act(|w| w.gzip(&before, &format!("{before}.gz")));
            }
            let to = s.dated();
            s.rename(LIVE, &to);
            s.append(LIVE, 2);
            s.look();
        }
    }),
    case(13, "packed by zstd, xz and bzip2", |s| {
        type Pack = fn(&mut Stand, &str, &str);
        let packers: [(Pack, &str); 3] = [
            (Stand::zstd, "zst"),
            (Stand::xz, "xz"),
            (Stand::bzip2, "bz2"),
        ];
        for (pack, ending) in packers {
            s.append(LIVE, 5);
            let to = s.dated();
            s.rename(LIVE, &to);
            s.act(|w| pack(w, &to, &format!("{to}.{ending}")));
            s.append(LIVE, 2);
            s.look();
        }
    }),
    case(14, "archives half written and of many members", |s| {
        s.append(LIVE, 5);
        let to = s.dated();
        s.rename(LIVE, &to);
        s.append(LIVE, 2);
        let mut packed = s.stand().gzipped(&to);
        let half = packed.len() / 2;
        let archive = format!("{to}.gz");
        s.act(|w| fs::write(w.path(&archive), &packed[..half]).unwrap());
        s.look();
        s.act(|w| fs::write(w.path(&archive), &packed).unwrap());
        s.remove(&to);
        s.look();
        let next = s.dated();
        s.rename(LIVE, &next);
        packed = s.stand().gzipped(&next);
        s.act(|w| {
            w.append(LIVE, 3);
            packed.extend(w.gzipped(LIVE));
            fs::write(w.path(&format!("{next}.gz")), &packed).unwrap();
            w.remove(&next);
            w.remove(LIVE);
        });
        s.append(LIVE, 2);
    }),
    case(15, "dates in rotated and in live names", |s| {
        s.append(LIVE, 3);
        let to = s.dated();
        s.rename(LIVE, &to);
        s.append(LIVE, 3);
        s.append("day-20261101.log", 3);
        s.look();
        s.append("day-20261102.log", 3);
        s.append("day-20261101.log", 1);
        s.look();
        s.append("day-20261102.log", 1);
    })
    .of("*.log"),
    case(16, "symlink to the file of the day", |s| {
        let (old, new) = (s.last_dated().unwrap_or_default(), s.dated());
        if !old.is_empty() {
            s.append(&old, 3);
        }
        s.append(&new, 3);
        s.act(|w| {
            w.remove(LIVE);
            std::os::unix::fs::symlink(&new, w.path(LIVE)).unwrap();
        });
        s.look();
        s.append(&new, 2);
    })
    .after(|w| {
        w.append("access.log-20250101", 20);
        std::os::unix::fs::symlink("access.log-20250101", w.path(LIVE)).unwrap();
    }),
    case(17, "two and ten rotations between two looks", |s| {
        for rotations in [2, 10] {
            s.act(|w| {
                for _ in 0..rotations {
                    w.append(LIVE, 3);
                    w.rotate_numbered(LIVE, 60);
                }
            });
            s.append(LIVE, 2);
            s.look();
        }
    }),
    case(18, "a hundred rotations in a row", |s| {
        for _ in 0..100 {
            s.append(LIVE, 2);
            let to = s.dated();
            s.rename(LIVE, &to);
        }
        s.append(LIVE, 2);
    }),
    case(19, "a gap before the new file", |s| {
        s.append(LIVE, 3);
        let to = s.dated();
        s.rename(LIVE, &to);
        s.look();
        s.look();
        s.append(LIVE, 3);
    }),
    case(20, "a writer that keeps the old file", |s| {
        let to = s.dated();
        s.rename(LIVE, &to);
        for _ in 0..4 {
            s.append(LIVE, 1);
            s.append(&to, 2);
            s.look();
        }
    }),
    case(21, "removed and made anew, the inode used again", |s| {
        s.append(LIVE, 3);
        s.perishes(LIVE);
        s.act(|w| {
            w.remove(LIVE);
            w.append(LIVE, 4);
        });
        s.look();
    })
    .marked(out_of_reach),
    case(22, "the inode used again by a longer file", |s| {
        s.perishes(LIVE);
        s.act(|w| {
            w.remove(LIVE);
            w.append(LIVE, 60);
        });
        s.look();
    })
    .marked(out_of_reach_if_lagging),
    case(23, "replaced by a file with the same header", |s| {
        s.perishes(LIVE);
        s.act(|w| {
            w.remove(LIVE);
            w.write_lines(LIVE, &"#Fields: date time c-ip cs-host\n".repeat(40));
            w.append(LIVE, 9);
        });
        s.look();
    })
    .after(|w| {
        w.write_lines(LIVE, &"#Fields: date time c-ip cs-host\n".repeat(40));
        w.append(LIVE, 3);
    })
    .marked(out_of_reach_if_lagging),
    case(24, "files of every odd size that grow", |s| {
        for size in [0, 1, 63, 64, 1023, 1024, 1025] {
            let name = format!("of{size}bytes.log");
            let text = "x".repeat(size);
            s.act(|w| w.write(&name, text.as_bytes()));
            s.look();
            s.act(|w| {
                w.write(&name, b"\n");
                w.wrote(&text);
            });
            s.append(&name, 1);
        }
        s.look();
    })
    .of("*.log"),
    case(25, "torn lines: the rest before, after and never", |s| {
        for turn in 0..3 {
            let half = format!("torn {turn} in {}", s.dated());
            s.append(LIVE, 1);
            s.act(|w| w.write(LIVE, half.as_bytes()));
            s.look();
            let to = s.last_dated().unwrap_or_default();
            let rest = |w: &mut Stand, name: &str| {
                w.write(name, b", and its rest\n");
                w.wrote(&format!("{half}, and its rest"));
            };
            if turn == 0 {
                s.act(|w| rest(w, LIVE));
            }
            s.rename(LIVE, &to);
            s.look();
            match turn {
                0 => {}
                1 => s.act(|w| rest(w, &to)),
                _ => s.stand().wrote(&half),
            }
            s.append(LIVE, 1);
            s.look();
        }
    }),
    case(26, "line ends and letters cut at a block's edge", |s| {
        for number in 0..6 {
            let mut text = String::new();
            for line in 0..700 {
                text.push_str(&format!(
                    "{number}.{line} {}\r\n",
                    "é".repeat(200 + line % 7)
                ));
            }
            s.act(|w| w.write_lines(LIVE, &text));
        }
        let to = s.dated();
        s.rename(LIVE, &to);
        s.append(LIVE, 1);
    }),
    case(27, "a tail of NULs", |s| {
        s.append(LIVE, 3);
        s.act(|w| w.write(LIVE, &[0; 4096]));
        s.look();
        s.append(LIVE, 3);
        s.look();
        let to = s.dated();
        s.rename(LIVE, &to);
        s.append(LIVE, 3);
    }),
    case(28, "a line without end", |s| {
        let megabytes = match s.mode {
            Mode::Polling => quick_or_whole(3, 256),
            _ => quick_or_whole(2, 32),
        };
        let part = vec![b'x'; 1 << 20];
        for _ in 0..megabytes {
            s.act(|w| w.write(LIVE, &part));
        }
        s.look();
        s.act(|w| w.write(LIVE, b"\n"));
        s.append(LIVE, 3);
    }),
    case(29, "hard links, two names, equal twins", |s| {
        s.append(LIVE, 3);
        let link = s.dated();
        s.act(|w| fs::hard_link(w.path(LIVE), w.path(&link)).unwrap());
        s.look();
        s.act(|w| {
            let all = fs::read_to_string(w.path(LIVE)).unwrap();
            w.write_lines("twin.log", &all);
        });
        s.look();
        s.append(LIVE, 2);
        s.append("twin.log", 2);
    })
    .of("*.log"),
    // For root, who may read everything, this is no obstacle.
    case(30, "unreadable for a while", |s| {
        let allow = |w: &mut Stand, mode: u32| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            fs::set_permissions(w.path(LIVE), mode).unwrap();
        };
        s.append(LIVE, 3);
        s.act(|w| allow(w, 0o000));
        s.look();
        s.look();
        s.act(|w| allow(w, 0o644));
        s.append(LIVE, 3);
    }),
    case(31, "the directory removed and made anew", |s| {
        s.append(LIVE, 3);
        s.perishes(LIVE);
        s.act(|w| fs::remove_dir_all(w.dir()).unwrap());
        s.look();
        s.act(|w| fs::create_dir(w.dir()).unwrap());
        s.append(LIVE, 3);
        s.look();
    })
    .marked(out_of_reach),
    case(32, "a file system that is away for a while", |s| {
        s.append(LIVE, 3);
        let away = s.act(Stand::away);
        s.look();
        s.look();
        s.act(|w| w.back(&away));
        s.append(LIVE, 3);
        s.look();
    }),
    case(33, "something unreadable in the log's place", |s| {
        s.append(LIVE, 3);
        s.act(|w| {
            fs::rename(w.path(LIVE), w.outside("aside")).unwrap();
            fs::create_dir(w.path(LIVE)).unwrap();
        });
        s.look();
        s.look();
        s.act(|w| {
            fs::remove_dir(w.path(LIVE)).unwrap();
            fs::rename(w.outside("aside"), w.path(LIVE)).unwrap();
        });
        s.append(LIVE, 3);
    }),
    case(34, "a burst of new files", |s| {
        for number in 0..120 {
            s.act(|w| w.append(&format!("host{number}x.log"), 1));
        }
        s.look();
        for number in 0..120 {
            s.act(|w| w.append(&format!("host{number}x.log"), 1));
        }
    })
    .of("*.log"),
    case(35, "unlinked and still written", |s| {
        s.append(LIVE, 3);
        let mut open = File::options()
            .append(true)
            .open(s.stand().path(LIVE))
            .unwrap();
        s.perishes(LIVE);
        s.remove(LIVE);
        s.look();
        let line = format!("written after the name was gone, {}", s.dated());
        s.perished(&line);
        s.act(|w| {
            writeln!(open, "{line}").unwrap();
            w.wrote(&line);
        });
        s.look();
        drop(open);
        s.append(LIVE, 3);
    })
    .marked(out_of_reach),
    case(36, "clocks that jump", |s| {
        for days in [9_000, 0, 40_000] {
            s.append(LIVE, 3);
            s.act(|w| {
                let file = File::options().append(true).open(w.path(LIVE)).unwrap();
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400);
                file.set_modified(time).unwrap();
            });
            s.look();
        }
        let to = s.dated();
        s.rename(LIVE, &to);
        s.append(LIVE, 3);
    }),
    case(37, "an older copy put back", |s| {
        s.perishes(LIVE);
        s.act(|w| {
            let all = fs::read_to_string(w.path(LIVE)).unwrap();
            let half: String = all.split_inclusive('\n').take(10).collect();
            fs::write(w.outside("copy"), half).unwrap();
            fs::rename(w.outside("copy"), w.path(LIVE)).unwrap();
        });
        s.look();
        s.append(LIVE, 5);
    })
    .marked(read_again),
    case(38, "an offset beyond 4 GiB", |s| {
        let hole = match s.mode {
            Mode::Polling => quick_or_whole(64 << 20, 4_200 << 20),
            _ => 8 << 20,
        };
        s.act(|w| {
            let file = File::options().append(true).open(w.path(LIVE)).unwrap();
            let size = file.metadata().unwrap().len();
            file.set_len(size + hole).unwrap();
        });
        s.append(LIVE, 3);
        s.look();
        s.append(LIVE, 3);
    }),
    case(39, "very many files", |s| {
        let files = quick_or_whole(300, 1_000);
        s.act(|w| (0..files).for_each(|n| w.append(&format!("host{n}x.log"), 1)));
        s.look();
        s.act(|w| (0..files).for_each(|n| w.append(&format!("host{n}x.log"), 1)));
    })
    .of("*.log")
    .after(nothing),
    case(40, "the log's own file system full", |s| {
        s.append(LIVE, 3);
        s.act(|w| w.write(LIVE, b"as much as there was ro"));
        s.look();
        s.look();
        s.act(|w| {
            w.write(LIVE, b"om for\n");
            w.wrote("as much as there was room for");
        });
        s.append(LIVE, 3);
    }),
];

/// A directory on another file system than the logs, where there is one.
fn other_file_system(stand: &Stand) -> std::path::PathBuf {
    let far = tempfile::tempdir_in("/dev/shm").map(tempfile::TempDir::keep);
    far.unwrap_or_else(|_| {
        let near = stand.outside("near");
        fs::create_dir(&near).unwrap();
        near
    })
}
