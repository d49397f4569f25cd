-- // items of a shop
-- Migration SQL that makes the change goes here.
CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);
INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100);

-- //@UNDO
-- SQL to undo the change goes here.
DROP TABLE item;
