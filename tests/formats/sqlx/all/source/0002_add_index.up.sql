-- no-transaction
CREATE INDEX first_index ON first_table (id);
