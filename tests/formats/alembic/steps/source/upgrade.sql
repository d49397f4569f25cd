CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> a1

CREATE TABLE users (
    id INTEGER NOT NULL, 
    PRIMARY KEY (id)
);

INSERT INTO alembic_version (version_num) VALUES ('a1');

-- Running upgrade  -> f6

CREATE TABLE o (
    id INTEGER
);

INSERT INTO alembic_version (version_num) VALUES ('f6');

-- Running upgrade a1 -> c3

CREATE TABLE r (
    id INTEGER
);

CREATE TRIGGER t AFTER INSERT ON r BEGIN SELECT 1; END;

UPDATE alembic_version SET version_num='c3' WHERE alembic_version.version_num = 'a1';

-- Running upgrade a1 -> b2

ALTER TABLE users ADD COLUMN l TEXT;

INSERT INTO alembic_version (version_num) VALUES ('b2');

-- Running upgrade b2, c3 -> d4

DELETE FROM alembic_version WHERE alembic_version.version_num = 'b2';

UPDATE alembic_version SET version_num='d4' WHERE alembic_version.version_num = 'c3';

-- Running upgrade d4 -> e5

INSERT INTO users (l) VALUES ('-- Running upgrade x -> y');

UPDATE alembic_version SET version_num='e5' WHERE alembic_version.version_num = 'd4';

