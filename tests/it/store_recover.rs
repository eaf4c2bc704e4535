//! A store that is damaged is replaced, and what happened is said.

use std::fs;
use std::path::Path;

use gnomon::model::{Batch, Position, State};
use gnomon::store::sqlite::SqliteStore;
use gnomon::store::{Store as _, StoreError};

use crate::store::{all_sightings, batch_of, decide, nothing, now, sighting};

fn add(store: &SqliteStore, user: &str, place: &str) {
    let mut batch = batch_of(vec![sighting(
        "openai.chatgpt",
        user,
        "2026-11-20T10:00:00Z",
    )]);
    batch.positions = vec![Position {
        key: "file /var/log/a.log 1".to_owned(),
        state: place.to_owned(),
    }];
    store.commit(&batch, now(), &mut nothing).unwrap();
}

fn overwrite(path: &Path, what: &[u8], with: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(what.len()).position(|window| window == what);
    bytes.splice(at.unwrap()..at.unwrap() + what.len(), with.iter().copied());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_store_is_set_aside_and_its_backup_takes_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "100");
    let copy = store.back_up().unwrap().unwrap();
    let epoch = store.epoch().unwrap();
    add(&store, "bert", "200");
    drop(store);
    fs::write(&path, b"this is no database, whatever it was").unwrap();

    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    let recovered = recovered.unwrap();
    assert_eq!(recovered.from.as_deref(), Some(&*copy));
    let aside = fs::read(&recovered.set_aside).unwrap();
    assert!(aside.starts_with(b"this is no database"));
    // Tallies and positions are of the same moment: what came after it is read again.
    assert_eq!(all_sightings(&store).len(), 1);
    assert_eq!(store.positions().unwrap()[0].state, "100");
    assert_ne!(
        store.epoch().unwrap(),
        epoch,
        "it must not number its batches as before"
    );
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    drop(store);
    let (_, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert_eq!(recovered, None, "once is enough");
}

#[test]
fn a_damaged_backup_is_passed_over_and_without_any_the_store_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "100");
    store.back_up().unwrap();
    add(&store, "bert", "200");
    let newest = store.back_up().unwrap().unwrap();
    drop(store);
    fs::write(&newest, b"damaged as well").unwrap();
    fs::write(&path, b"no database").unwrap();
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert_ne!(recovered.unwrap().from, Some(newest.clone()));
    assert_eq!(all_sightings(&store).len(), 1, "the copy before");
    drop(store);
    for name in ["gnomon.db.backup", "gnomon.db.backup.1"] {
        fs::remove_file(directory.path().join(name)).unwrap();
    }
    fs::write(&path, b"no database").unwrap();
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert_eq!(recovered.unwrap().from, None);
    assert!(all_sightings(&store).is_empty());
}

#[test]
fn a_changed_position_is_damage_and_never_a_place_to_read_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "at byte 7100");
    store.back_up().unwrap();
    drop(store);
    overwrite(&path, b"at byte 7100", b"at byte 9100");
    let store = SqliteStore::open(&path).unwrap();
    let error = store.positions().unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    drop(store);
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert!(recovered.is_some());
    assert_eq!(store.positions().unwrap()[0].state, "at byte 7100");
}

/// To SQLite any bytes are a text, so a start that fails at one must not fail at it for ever.
#[test]
fn a_text_that_is_none_is_damage_at_the_next_start_whatever_table_it_is_in() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "100");
    let known = [("example.service".to_owned(), "digest".to_owned())].into();
    store.know(&known, &[]).unwrap();
    store.back_up().unwrap();
    drop(store);
    overwrite(&path, b"example.service", b"example.serv\xefce");
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert_eq!(recovered, None, "nothing has looked at it yet");
    let error = store.signatures().unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    drop(store);
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    let why = recovered.unwrap().why;
    assert!(why.contains("a service of the table signature"), "{why}");
    assert_eq!(store.signatures().unwrap(), known);
}

/// A bit can turn one letter into another: the text is one, the word is none of ours.
#[test]
fn a_changed_word_is_damage_at_the_next_start_whatever_table_it_is_in() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "100");
    decide(&store, "openai.chatgpt", State::Sanctioned);
    let decided = store.decisions(None).unwrap();
    store.back_up().unwrap();
    drop(store);
    overwrite(&path, b"sanctioned", b"sanctioneb");
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert_eq!(recovered, None, "nothing has looked at it yet");
    let error = store.decisions(None).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    drop(store);
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    let why = recovered.unwrap().why;
    assert!(why.contains("sanctioneb"), "{why}");
    assert_eq!(store.decisions(None).unwrap(), decided);
}

/// The index still names the message, under a channel that the table does not.
#[test]
fn a_row_that_its_index_does_not_find_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    decide(&store, "openai.chatgpt", State::Sanctioned);
    store.back_up().unwrap();
    drop(store);
    // The index is written behind the table or before it: whichever comes first, the two differ.
    overwrite(&path, b"openai.chatgpt", b"openai.chatgqt");
    fs::write(directory.path().join("gnomon.db.suspect"), "").unwrap();
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    let why = recovered.unwrap().why;
    assert!(why.contains("decision_of_service"), "{why}");
    assert_eq!(store.decisions(Some("openai.chatgpt")).unwrap().len(), 1);
}

/// Names are too many for SQLite's own look at their index.
#[test]
fn a_name_that_its_index_does_not_find_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna.without.surname", "100");
    store.back_up().unwrap();
    drop(store);
    overwrite(&path, b"anna.without.surname", b"anna.without.surnamf");
    fs::write(directory.path().join("gnomon.db.suspect"), "").unwrap();
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    let why = recovered.unwrap().why;
    assert!(why.contains("names and their index differ"), "{why}");
    assert_eq!(all_sightings(&store).len(), 1);
}

#[test]
fn a_store_that_is_damaged_again_after_it_looked_whole_is_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "100");
    decide(&store, "openai.chatgpt", State::Sanctioned);
    store.back_up().unwrap();
    drop(store);
    let fails_once = |is_cleared: bool| {
        overwrite(&path, b"sanctioned", b"sanctioneb");
        let store = SqliteStore::open(&path).unwrap();
        store.decisions(None).unwrap_err();
        drop(store);
        // As a read that went wrong and goes right the next time.
        overwrite(&path, b"sanctioneb", b"sanctioned");
        let cleared = directory.path().join("gnomon.db.cleared");
        assert_eq!(cleared.exists(), is_cleared);
        SqliteStore::open_or_recover(&path).unwrap()
    };
    let (store, recovered) = fails_once(false);
    assert_eq!(recovered, None, "it looks whole");
    store.end().unwrap();
    drop(store);
    let (store, recovered) = fails_once(false);
    assert_eq!(recovered, None, "it was used to a clean end in between");
    drop(store);
    let (_, recovered) = fails_once(true);
    let why = recovered.unwrap().why;
    assert!(why.contains("damaged twice"), "{why}");
}

/// The file still opens and looks whole to SQLite; only the mark says that it failed.
#[test]
fn a_store_that_failed_must_prove_that_it_adds_up_before_it_is_used_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("gnomon.db");
    let store = SqliteStore::open(&path).unwrap();
    add(&store, "anna", "100");
    store.back_up().unwrap();
    drop(store);
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute("UPDATE ledger SET added = added + 7", [])
        .unwrap();
    drop(other);
    let mark = directory.path().join("gnomon.db.suspect");
    fs::write(&mark, "").unwrap();
    let (store, recovered) = SqliteStore::open_or_recover(&path).unwrap();
    assert!(recovered.is_some());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    assert!(!mark.exists());
    store
        .commit(&Batch::default(), now(), &mut nothing)
        .unwrap();
}
