-- +migrate Up notransaction
CREATE INDEX people_id ON people (id);
-- +migrate Down notransaction
DROP INDEX people_id;
