-- Deploy shop:audit to sqlite

CREATE TABLE audit (at text);
