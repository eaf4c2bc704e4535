-- What a position said when it was written: a changed byte in one would count a log twice or lose some of it. NULL in
-- rows of earlier versions, until they are written again.
ALTER TABLE position ADD COLUMN checksum INTEGER;
