-- Running upgrade  -> a

CREATE TABLE x (id integer);
