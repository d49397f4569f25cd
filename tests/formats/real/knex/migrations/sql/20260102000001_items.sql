-- migrate:up
CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);
INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100);

-- migrate:down
DROP TABLE item;
