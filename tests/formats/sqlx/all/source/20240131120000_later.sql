-- -- no-transaction is only a mark at the start
CREATE TABLE later (id integer);
-- a ${variable} is none here
