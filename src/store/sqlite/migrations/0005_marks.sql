-- What requests told beside the sightings: see model/mark.rs. Sums over all that was ever committed, until retention
-- deletes what was not told again.
CREATE TABLE mark (
    subject TEXT    NOT NULL,              -- id of a service, or a host
    kind    TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    events  INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    clients INTEGER NOT NULL,              -- a set in 64 bits
    PRIMARY KEY (subject, kind, value)
) STRICT, WITHOUT ROWID;

-- Use of a service by day, so that a rise is seen without reading every hour.
CREATE TABLE day_use (
    service TEXT    NOT NULL,
    day     INTEGER NOT NULL,              -- days since 1970
    events  INTEGER NOT NULL,
    PRIMARY KEY (service, day)
) STRICT, WITHOUT ROWID;
