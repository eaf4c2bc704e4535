-- Who approved and who asked for a decision, and decisions for a group of users.
ALTER TABLE decision ADD COLUMN user_group TEXT;
ALTER TABLE decision ADD COLUMN approver TEXT;
ALTER TABLE decision ADD COLUMN requested_by TEXT;

-- What was pushed where so that a decision takes effect.
CREATE TABLE enforcement (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    service TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    place   TEXT    NOT NULL,
    rule    TEXT    NOT NULL,
    ticket  TEXT    NOT NULL,
    by      TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX enforcement_of_service ON enforcement (service, id);

-- What the traffic showed of duties, with the figures. A row is written when the answer
-- differs from the newest of its rule, or the figures do a week later.
CREATE TABLE observation (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    service     TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    finding     TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    from_time   INTEGER NOT NULL,
    until_time  INTEGER NOT NULL,
    coverage    INTEGER,                   -- percent
    numerator   INTEGER NOT NULL,
    denominator INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_of_rule ON observation (service, rule, id);

-- How applications stood. A row is written when state, tier or band differ from the newest.
CREATE TABLE standing (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    service  TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    tier     TEXT    NOT NULL,
    residual INTEGER NOT NULL,
    band     TEXT    NOT NULL
) STRICT;
CREATE INDEX standing_of_service ON standing (service, id);
