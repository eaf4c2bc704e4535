-- Pages of the digest say about how many clients asked for a host; the program packs them anew.
ALTER TABLE earlier ADD COLUMN clients INTEGER NOT NULL DEFAULT 0; -- 64 places as bits
