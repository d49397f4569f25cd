-- ${TableName} and ${flyway:filename}, ${flyway:defaultSchema} are put in.
CREATE TABLE ${tablename} (id integer);
