-- +migrate Up
SELECT 2;
-- +migrate Down
-- nothing to go back to
