-- Accounts, and what they may do.
-- +goose Up
-- +goose StatementBegin
CREATE TABLE account (
    id integer PRIMARY KEY, -- a comment; with a semicolon
    name text NOT NULL
)
-- +goose StatementEnd
CREATE INDEX account_name ON account (name);

-- +goose StatementBegin
INSERT INTO account VALUES (1, 'a;
b');
-- +goose StatementEnd
-- +goose Down
DROP TABLE account;
