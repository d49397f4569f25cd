ALTER TABLE shop ADD COLUMN name text;
