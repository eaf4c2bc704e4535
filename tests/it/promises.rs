//! What the program promises whatever it reads, looked at from outside: the command, its store and its system calls.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use gnomon::store::Store as _;
use gnomon::store::sqlite::SqliteStore;

/// A secret in a query string, a person and an address, as a proxy writes them down.
const SECRET: &str = "tok3n-in-the-query";
const PERSON: &str = "v.rossi";
const ADDRESS: &str = "198.51.100.77";

fn log_in(directory: &Path) -> String {
    let path = directory.join("access.log");
    let rows: String = (0..20)
        .map(|second| {
            format!(
                "17936142{second:02}.123     88 {ADDRESS} TCP_MISS/200 5678 POST \
                 http://chatgpt.com/backend-api/conversation?key={SECRET} {PERSON} HIER_DIRECT/203.0.113.5 application/json\n"
            )
        })
        .collect();
    // A record that no format understands is kept as a sample; its query string is not.
    let odd =
        format!("1793614299.123 88 {ADDRESS} ODD http://chatgpt.com/?key={SECRET} {PERSON}\n");
    fs::write(&path, rows + &odd).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A command with nothing of ours in its environment, in a home that holds no configuration.
fn bare(program: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_STATE_HOME", home);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn bytes_below(directory: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            all.extend(fs::read(path).unwrap());
        }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_scan_needs_no_configuration_and_opens_no_socket() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(directory.path());
    let trace = directory.path().join("trace");
    let traced = bare("strace", directory.path())
        .args(["-f", "-qq", "-e", "trace=%network", "-o"])
        .arg(&trace)
        .args([env!("CARGO_BIN_EXE_gnomon"), "scan", &log])
        .output();
    let Ok(output) = traced else {
        eprintln!("skipped: it: strace is not installed");
        return;
    };
    let text = said(&output);
    if text.contains("PTRACE") || text.contains("ptrace") {
        eprintln!("skipped: it: strace may not trace here");
        return;
    }
    assert!(
        output.status.success() && text.contains("ChatGPT"),
        "{text}"
    );
    let calls = fs::read_to_string(&trace).unwrap();
    assert!(
        !calls.contains("socket(") && !calls.contains("connect("),
        "{calls}"
    );
}

#[test]
fn no_query_string_reaches_the_store_or_the_screen() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(directory.path());
    let kept = tempfile::tempdir().unwrap();
    for output in ["", "json", "html"] {
        // A store takes the same log once.
        let store = kept.path().join(format!("{output}.db"));
        let mut scan = bare(env!("CARGO_BIN_EXE_gnomon"), directory.path());
        scan.args(["scan", &log, "--edition", "soc", "--store"])
            .arg(store);
        if !output.is_empty() {
            scan.args(["--output", output]);
        }
        let text = said(&scan.output().unwrap());
        assert!(text.contains("ChatGPT"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    let bytes = bytes_below(kept.path());
    assert!(
        holds(&bytes, PERSON),
        "without pseudonyms the name is kept, so the search works"
    );
    assert!(!holds(&bytes, SECRET));
}

#[test]
fn with_pseudonyms_no_name_and_no_address_reaches_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(directory.path());
    let key = directory.path().join("pseudonym.key");
    fs::write(&key, [7; 32]).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let output = bare(env!("CARGO_BIN_EXE_gnomon"), directory.path())
        .env("GNOMON_IDENTITY__PSEUDONYMS", "true")
        .env("GNOMON_IDENTITY__PSEUDONYM_KEY_FILE", &key)
        .args([
            "scan",
            &log,
            "--edition",
            "soc",
            "--output",
            "json",
            "--store",
        ])
        .arg(kept.path().join("gnomon.db"))
        .output()
        .unwrap();
    let text = said(&output);
    assert!(
        output.status.success() && text.contains("ChatGPT"),
        "{text}"
    );
    for name in [PERSON, ADDRESS] {
        assert!(!text.contains(name), "{name} is shown:\n{text}");
        assert!(
            !holds(&bytes_below(kept.path()), name),
            "{name} is in the store"
        );
    }
}

#[test]
fn a_log_that_was_scanned_and_renamed_is_not_counted_twice() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(directory.path());
    let kept = tempfile::tempdir().unwrap();
    let store = kept.path().join("register.db");
    let scan = |path: &str| {
        bare(env!("CARGO_BIN_EXE_gnomon"), kept.path())
            .args(["scan", "--quiet", "--store"])
            .arg(&store)
            .arg(path)
            .output()
            .unwrap()
    };
    assert!(scan(&log).status.success());
    let copy = directory.path().join("copy.log");
    let copied = Command::new("cp").arg("-p").arg(&log).arg(&copy).status();
    assert!(copied.unwrap().success());
    let both = scan(directory.path().to_str().unwrap());
    assert!(
        both.status.success(),
        "a copy is a log of its own: {both:?}"
    );
    fs::rename(&log, directory.path().join("access.log.1")).unwrap();
    let again = scan(&format!("{log}.1"));
    let text = said(&again);
    assert!(!again.status.success(), "{text}");
    let reason = format!("already, as {log}, and would be counted twice");
    assert!(text.contains(&reason), "{text}");
    // Rotated: the name is another log's now.
    fs::write(&log, "1793614300.000 88 198.51.100.7 ODD\n").unwrap();
    let rotated = said(&scan(&format!("{log}.1")));
    assert!(rotated.contains(&reason), "{rotated}");
}

#[test]
fn a_log_that_was_scanned_and_went_on_under_rotation_is_read_on() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(directory.path());
    let kept = tempfile::tempdir().unwrap();
    let store = kept.path().join("register.db");
    let scan = || {
        let output = bare(env!("CARGO_BIN_EXE_gnomon"), kept.path())
            .args(["scan", "--quiet", "--store"])
            .arg(&store)
            .arg(directory.path())
            .output()
            .unwrap();
        (output.status.success(), said(&output))
    };
    let rows = || -> Vec<(String, u64)> {
        let store = SqliteStore::open_read_only(&store).unwrap();
        let coverage = store.coverage().unwrap().into_iter();
        coverage.map(|one| (one.source, one.read)).collect()
    };
    let row = "1793614260.123     88 198.51.100.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 - HIER_DIRECT/203.0.113.5 -\n";
    let append = |rows: usize| {
        let file = fs::File::options().create(true).append(true).open(&log);
        std::io::Write::write_all(&mut file.unwrap(), row.repeat(rows).as_bytes()).unwrap();
    };
    assert!(scan().0);
    assert_eq!(rows(), [(log.clone(), 21)]);
    append(2);
    assert!(scan().0);
    append(3);
    fs::rename(&log, format!("{log}.1")).unwrap();
    append(5);
    assert!(scan().0);
    let packed = Command::new("gzip").arg(format!("{log}.1")).status();
    assert!(packed.unwrap().success());
    let (is_fine, text) = scan();
    assert!(
        !is_fine && text.contains("would be counted twice"),
        "{text}"
    );
    append(7);
    assert!(scan().0);
    assert_eq!(rows(), [(log.clone(), 21 + 2 + 3 + 5 + 7)]);
    let (is_fine, text) = scan();
    assert!(
        !is_fine && text.contains("would be counted twice"),
        "{text}"
    );
}

#[test]
fn a_name_is_found_behind_its_pseudonym_for_a_reason_that_is_written_down_and_is_stored_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let log = log_in(directory.path());
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let key = file("pseudonym.key", "a key that nobody else has");
    let people = file(
        "people.csv",
        &format!("address,person\n{ADDRESS},Ada Example\n"),
    );
    let kept = tempfile::tempdir().unwrap();
    let store = kept.path().join("gnomon.db");
    let config = file(
        "gnomon.toml",
        &format!(
            "[identity]\npseudonyms = true\npseudonym_key_file = {key:?}\ndirectory = {people:?}\n\
             [store]\npath = {store:?}\n"
        ),
    );
    let run = |args: &[&str]| {
        let mut command = bare(env!("CARGO_BIN_EXE_gnomon"), directory.path());
        let output = command.args(args).arg("--config").arg(&config);
        let output = output.output().unwrap();
        (output.status.code(), said(&output))
    };
    let kept_at = store.to_str().unwrap();
    let (code, report) = run(&[
        "scan",
        &log,
        "--edition",
        "soc",
        "--output",
        "json",
        "--store",
        kept_at,
    ]);
    assert_eq!(code, Some(0), "{report}");
    let mask = |kind: &str| {
        let at = report.find(&format!("\"{kind}-")).unwrap() + 1;
        report[at..at + kind.len() + 17].to_owned()
    };
    let unmask = |mask: &str, more: &[&str]| {
        let args = [
            "unmask",
            mask,
            "--reason",
            "incident INC-77",
            "--by",
            "Sam Example",
        ];
        run(&[&args[..], more].concat())
    };
    let (code, text) = unmask(&mask("user"), &[]);
    assert!(code == Some(1) && text.contains("Give the logs"), "{text}");
    let (code, text) = unmask(&mask("user"), &[&log]);
    assert!(code == Some(0) && text.contains(PERSON), "{text}");
    let (code, text) = unmask(&mask("client"), &[]);
    assert!(code == Some(0) && text.contains(ADDRESS), "{text}");
    assert_eq!(
        run(&["unmask", &mask("user")]).0,
        Some(2),
        "no reason, no answer"
    );
    assert_eq!(unmask("m.rossi", &[]).0, Some(1));

    let (_, listed) = run(&["unmask", "--list"]);
    assert_eq!(listed.matches("INC-77").count(), 3, "{listed}");
    assert_eq!(listed.matches("not found").count(), 1, "{listed}");
    for name in [PERSON, ADDRESS, "Ada Example"] {
        assert!(
            !holds(&bytes_below(kept.path()), name),
            "{name} is in the store"
        );
        assert!(!listed.contains(name), "{listed}");
    }
}
