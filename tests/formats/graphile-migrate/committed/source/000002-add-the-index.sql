--! Previous: sha1:04c16633da7904c37cb5f6e2ec0a8942f3ca0b4d
--! Hash: sha1:67483f3a16299da5a928ce23cb4722ae94949420
--! Message: Add the index

--! no-transaction
CREATE INDEX first_id ON first (id);
