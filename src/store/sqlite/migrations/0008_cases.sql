-- Cases and transitions are meant by number, so that recording thousands of them appends to few pages. What makes a
-- transition the same is its service and its id.
DROP TRIGGER transition_kept_as_found;
DROP TRIGGER transition_kept;
DROP INDEX transition_by_time;
DROP INDEX transition_of_service;
DROP INDEX transition_of_case;
DROP INDEX transition_untold;
ALTER TABLE case_note RENAME TO case_note_before;
ALTER TABLE transition RENAME TO transition_before;
ALTER TABLE cases RENAME TO cases_before;

CREATE TABLE cases (
    number          INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL,      -- follows from service, segment and tier
    service         TEXT    NOT NULL,
    segment         TEXT    NOT NULL,
    tier            TEXT    NOT NULL,
    open            INTEGER NOT NULL CHECK (open IN (0, 1)),
    opened          INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    acknowledged_by TEXT,
    silenced_until  INTEGER,
    UNIQUE (service, segment, tier)
) STRICT;
CREATE INDEX case_silenced ON cases (silenced_until) WHERE silenced_until IS NOT NULL;

-- Who did what with a case.
CREATE TABLE case_note (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    case_number INTEGER NOT NULL REFERENCES cases (number),
    what        TEXT    NOT NULL CHECK (what IN ('acknowledged', 'silenced', 'closed')),
    by          TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    until       INTEGER
) STRICT;

CREATE TABLE transition (
    number      INTEGER PRIMARY KEY,
    case_number INTEGER NOT NULL REFERENCES cases (number),
    id          TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    detail      TEXT    NOT NULL,
    noticed_at  INTEGER NOT NULL,          -- by the clock of this machine
    UNIQUE (case_number, id)
) STRICT;
CREATE INDEX transition_by_time ON transition (at);

-- Transitions that nobody was told of yet.
CREATE TABLE untold (
    transition INTEGER PRIMARY KEY REFERENCES transition (number)
) STRICT;

INSERT INTO cases (id, service, segment, tier, open, opened, updated, acknowledged_by, silenced_until)
SELECT id, service, segment, tier, open, opened, updated, acknowledged_by, silenced_until
FROM cases_before ORDER BY service, segment, tier;

INSERT INTO case_note (id, case_number, what, by, at, until)
SELECT note.id, cases.number, what, by, at, until
FROM case_note_before AS note
JOIN cases_before ON cases_before.id = case_id
JOIN cases USING (service, segment, tier)
ORDER BY note.id;

INSERT INTO transition (case_number, id, kind, at, detail, noticed_at)
SELECT cases.number, told.id, kind, at, detail, noticed_at
FROM transition_before AS told
JOIN cases_before ON cases_before.id = case_id
JOIN cases ON (cases.service, cases.segment, cases.tier) = (cases_before.service, cases_before.segment, cases_before.tier)
ORDER BY cases.number, at, told.id;

INSERT INTO untold (transition)
SELECT transition.number
FROM transition_before AS told
JOIN cases_before ON cases_before.id = case_id
JOIN cases ON (cases.service, cases.segment, cases.tier) = (cases_before.service, cases_before.segment, cases_before.tier)
JOIN transition ON transition.case_number = cases.number AND transition.id = told.id
WHERE told.announced = 0;

DROP TABLE case_note_before;
DROP TABLE transition_before;
DROP TABLE cases_before;

CREATE TRIGGER transition_kept_as_found BEFORE UPDATE ON transition
BEGIN SELECT RAISE(ABORT, 'a transition is never changed'); END;
CREATE TRIGGER transition_kept BEFORE DELETE ON transition
BEGIN SELECT RAISE(ABORT, 'a transition is never deleted'); END;
