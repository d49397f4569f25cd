--! Previous: sha1:f443338ca7ad3c6a4616fa0191e3528781a6fe0a
--! Hash: sha1:0007bfa5bd22f6f543aa5d399b74afa6f9e37c92
--! Message: items

CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);
INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100);
