-- Names are written once and meant by number, so that a sighting is a row of small integers.
-- AUTOINCREMENT: a number is never given twice, so a reader may remember what it means.
CREATE TABLE name (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    dimension INTEGER NOT NULL,            -- 0 word (service, segment, source), 1 client, 2 user, 3 host
    text      TEXT    NOT NULL,
    UNIQUE (dimension, text)
) STRICT;

-- The closed words of a sighting, as one number.
CREATE TABLE facet (
    id      INTEGER PRIMARY KEY,
    role    TEXT NOT NULL,
    tier    TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind    TEXT NOT NULL,
    outcome TEXT NOT NULL,
    UNIQUE (role, tier, channel, kind, outcome)
) STRICT;

CREATE TABLE sighting (
    hour       INTEGER NOT NULL,           -- hours since 1970
    service    INTEGER NOT NULL,           -- name
    facet      INTEGER NOT NULL,
    client     INTEGER NOT NULL,           -- name
    user       INTEGER NOT NULL,           -- name
    segment    INTEGER NOT NULL,           -- name
    source     INTEGER NOT NULL,           -- name
    events     INTEGER NOT NULL,
    prompts    INTEGER NOT NULL,
    uploads    INTEGER NOT NULL,
    bytes_up   INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL,
    first      INTEGER NOT NULL,           -- microseconds since 1970, like every time below
    last       INTEGER NOT NULL,
    grade      INTEGER NOT NULL,           -- rank; see register.rs
    PRIMARY KEY (hour, service, facet, client, user, segment, source)
) STRICT, WITHOUT ROWID;

-- What is known of (service, segment, tier): sums over every defining sighting ever committed.
CREATE TABLE profile (
    service    TEXT    NOT NULL,
    segment    TEXT    NOT NULL,
    tier       TEXT    NOT NULL,
    events     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    bytes_up   INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    first_use  INTEGER,
    last_use   INTEGER,
    last_contact INTEGER,
    grade      INTEGER,
    PRIMARY KEY (service, segment, tier)
) STRICT, WITHOUT ROWID;

-- The share of each profile whose sightings retention has deleted: profile = live sightings + forgotten.
CREATE TABLE forgotten_profile (
    service    TEXT    NOT NULL,
    segment    TEXT    NOT NULL,
    tier       TEXT    NOT NULL,
    events     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    bytes_up   INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    first_use  INTEGER,
    last_use   INTEGER,
    last_contact INTEGER,
    grade      INTEGER,
    PRIMARY KEY (service, segment, tier)
) STRICT, WITHOUT ROWID;

-- Counts that must balance: what was ever added = what is still there + what retention deleted.
CREATE TABLE ledger (
    account   TEXT    NOT NULL PRIMARY KEY, -- sightings, hosts, digest
    added     INTEGER NOT NULL,
    forgotten INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events that went to __other__ because a cap was reached.
CREATE TABLE overflow (
    what   TEXT    NOT NULL PRIMARY KEY,
    events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE host (
    day     INTEGER NOT NULL,              -- days since 1970
    service INTEGER NOT NULL,              -- name
    host    INTEGER NOT NULL,              -- name
    role    TEXT    NOT NULL,
    events  INTEGER NOT NULL,
    PRIMARY KEY (day, service, host, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE digest (
    day   INTEGER NOT NULL,
    host  INTEGER NOT NULL,                -- name
    hits  INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    PRIMARY KEY (day, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE candidate (
    host    TEXT    NOT NULL PRIMARY KEY,
    reasons TEXT    NOT NULL,              -- JSON list
    hits    INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    host     TEXT    NOT NULL,
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
    reason   TEXT    NOT NULL,
    by       TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_of_host ON verdict (host, id);

CREATE TABLE coverage (
    source      TEXT    NOT NULL PRIMARY KEY,
    format      TEXT    NOT NULL,
    read        INTEGER NOT NULL,
    events      INTEGER NOT NULL,
    skipped     INTEGER NOT NULL,
    bad         INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    first       INTEGER,
    last        INTEGER,
    reasons     TEXT    NOT NULL,          -- JSON object
    notes       TEXT    NOT NULL,          -- JSON list
    cannot_tell TEXT    NOT NULL           -- JSON list
) STRICT, WITHOUT ROWID;

-- Rejected records, kept as the bytes they were.
CREATE TABLE bad_sample (
    source  TEXT    NOT NULL REFERENCES coverage (source),
    ordinal INTEGER NOT NULL,
    line    INTEGER NOT NULL,
    why     TEXT    NOT NULL,
    text    BLOB    NOT NULL,
    PRIMARY KEY (source, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE position (
    key   TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE decision (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    service TEXT    NOT NULL,
    state   TEXT    NOT NULL,
    segment TEXT,                          -- NULL: the whole organisation
    owner   TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    by      TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    until   INTEGER
) STRICT;
CREATE INDEX decision_of_service ON decision (service, id);

CREATE TABLE duty_record (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    service  TEXT    NOT NULL,
    duty     TEXT    NOT NULL,
    step     TEXT    NOT NULL,
    evidence TEXT    NOT NULL,
    by       TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    until    INTEGER
) STRICT;
CREATE INDEX duty_record_of_service ON duty_record (service, id);

CREATE TABLE cases (
    id              TEXT    NOT NULL PRIMARY KEY,
    service         TEXT    NOT NULL,
    segment         TEXT    NOT NULL,
    tier            TEXT    NOT NULL,
    open            INTEGER NOT NULL CHECK (open IN (0, 1)),
    opened          INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    acknowledged_by TEXT,
    silenced_until  INTEGER,
    UNIQUE (service, segment, tier)
) STRICT, WITHOUT ROWID;

-- Who did what with a case.
CREATE TABLE case_note (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT    NOT NULL REFERENCES cases (id),
    what    TEXT    NOT NULL CHECK (what IN ('acknowledged', 'silenced', 'closed')),
    by      TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    until   INTEGER
) STRICT;

CREATE TABLE transition (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    service    TEXT    NOT NULL,
    segment    TEXT    NOT NULL,
    tier       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    detail     TEXT    NOT NULL,
    case_id    TEXT    NOT NULL REFERENCES cases (id),
    noticed_at INTEGER NOT NULL,           -- by the clock of this machine
    announced  INTEGER NOT NULL DEFAULT 0 CHECK (announced IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX transition_by_time ON transition (at, id);
CREATE INDEX transition_of_service ON transition (service);
CREATE INDEX transition_of_case ON transition (case_id);
CREATE INDEX transition_untold ON transition (at, id) WHERE announced = 0;

CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    channel     TEXT    NOT NULL,
    alert_id    TEXT    NOT NULL,
    alert       TEXT    NOT NULL,          -- JSON
    alert_at    INTEGER NOT NULL,          -- JSON holds milliseconds only
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'leased', 'sent', 'dead')),
    attempts    INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    due         INTEGER NOT NULL,
    leased      INTEGER,
    lease_until INTEGER,
    settled     INTEGER,
    last_error  TEXT,
    UNIQUE (channel, alert_id)
) STRICT;
CREATE INDEX outbox_by_state ON outbox (state, channel, due);

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What people said stays as they said it, whichever program asks for a change.
CREATE TRIGGER decision_kept_as_said BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is never changed, a newer one is appended'); END;
CREATE TRIGGER decision_kept BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;
CREATE TRIGGER duty_record_kept_as_said BEFORE UPDATE ON duty_record
BEGIN SELECT RAISE(ABORT, 'a duty record is never changed, a newer one is appended'); END;
CREATE TRIGGER duty_record_kept BEFORE DELETE ON duty_record
BEGIN SELECT RAISE(ABORT, 'a duty record is never deleted'); END;
CREATE TRIGGER verdict_kept_as_said BEFORE UPDATE ON verdict
BEGIN SELECT RAISE(ABORT, 'a verdict is never changed, a newer one is appended'); END;
CREATE TRIGGER verdict_kept BEFORE DELETE ON verdict
BEGIN SELECT RAISE(ABORT, 'a verdict is never deleted'); END;
CREATE TRIGGER transition_kept_as_found BEFORE UPDATE OF id, kind, service, segment, tier, at, detail, case_id, noticed_at ON transition
BEGIN SELECT RAISE(ABORT, 'a transition is never changed'); END;
CREATE TRIGGER transition_kept BEFORE DELETE ON transition
BEGIN SELECT RAISE(ABORT, 'a transition is never deleted'); END;
