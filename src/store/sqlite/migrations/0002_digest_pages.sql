-- A day of the digest in pages of many hosts: see digest_page.rs. The rows of version 1 are packed by digest.rs.
ALTER TABLE digest RENAME TO digest_row;

CREATE TABLE digest (
    day    INTEGER NOT NULL,
    page   INTEGER NOT NULL,               -- number of a host (name) / 1024
    hosts  INTEGER NOT NULL,               -- how many are in the page
    packed BLOB    NOT NULL,
    PRIMARY KEY (day, page)
) STRICT;
