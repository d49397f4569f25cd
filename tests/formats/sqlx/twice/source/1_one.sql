-- no-transaction
CREATE TABLE one (id integer);
