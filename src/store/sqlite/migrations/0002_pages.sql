-- A day of the digest in pages of many hosts: see digest_page.rs. The rows of version 1 are packed by digest.rs.
ALTER TABLE digest RENAME TO digest_row;

CREATE TABLE digest (
    day    INTEGER NOT NULL,
    page   INTEGER NOT NULL,               -- number of a host (name) / 512
    hosts  INTEGER NOT NULL,               -- how many are in the page
    packed BLOB    NOT NULL,
    PRIMARY KEY (day, page)
) STRICT;

-- The sightings of an hour in one page: see sighting_page.rs. Those of small batches wait as rows in the table
-- `sighting` until there are many of them; what an hour adds up to is both.
CREATE TABLE sighting_page (
    hour   INTEGER PRIMARY KEY,            -- hours since 1970
    rows   INTEGER NOT NULL,               -- how many sightings are in the page
    packed BLOB    NOT NULL
) STRICT;
