-- migrate:up
CREATE TABLE later (id integer);
-- migrate:down
DROP TABLE later;
