/* A licence. */
-- +migrate Up
-- People.
CREATE TABLE people (id int);

-- +migrate StatementBegin
CREATE TABLE pets (
    id int
)
-- +migrate StatementEnd
INSERT INTO people VALUES (1);

-- +migrate Down
DROP TABLE people;
-- +migrate Up
CREATE TABLE more (id int);
-- +migrate Down
DROP TABLE more;
