-- Whether a source shows look-ups in DNS, and whether it shows connections: only where connections were watched can it be
-- said that there was none.
ALTER TABLE coverage ADD COLUMN lookups INTEGER NOT NULL DEFAULT 0 CHECK (lookups IN (0, 1));
ALTER TABLE coverage ADD COLUMN connections INTEGER NOT NULL DEFAULT 0 CHECK (connections IN (0, 1));

-- The services that were known when this store was last matched, each with a digest of its rules.
CREATE TABLE signature (
    service TEXT NOT NULL PRIMARY KEY,
    rules   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the digest of hosts knew of a service before its signature was known here.
CREATE TABLE earlier (
    service TEXT    NOT NULL PRIMARY KEY,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    days    INTEGER NOT NULL,
    hits    INTEGER NOT NULL,
    hosts   TEXT    NOT NULL               -- JSON list, the busiest first
) STRICT, WITHOUT ROWID;

-- Who was told which name is behind a pseudonym, and why. The name itself is not here.
CREATE TABLE unmasking (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    pseudonym TEXT    NOT NULL,
    found     INTEGER NOT NULL CHECK (found IN (0, 1)),
    reason    TEXT    NOT NULL,
    by        TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
CREATE TRIGGER unmasking_kept_as_said BEFORE UPDATE ON unmasking
BEGIN SELECT RAISE(ABORT, 'what was unmasked is never changed'); END;
CREATE TRIGGER unmasking_kept BEFORE DELETE ON unmasking
BEGIN SELECT RAISE(ABORT, 'what was unmasked is never deleted'); END;
