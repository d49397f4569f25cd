-- +goose NO TRANSACTION
-- +goose UP
CREATE INDEX account_id ON account (id);

-- +goose down
