-- migrate:up
CREATE TABLE later (id integer DEFAULT ${start});
-- migrate:down
DROP TABLE later;
