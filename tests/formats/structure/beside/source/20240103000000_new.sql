-- migrate:up
CREATE TABLE new (id integer);
-- migrate:down
DROP TABLE new;
