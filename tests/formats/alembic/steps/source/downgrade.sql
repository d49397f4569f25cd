-- Running downgrade e5 -> d4

DELETE FROM users;

UPDATE alembic_version SET version_num='d4' WHERE alembic_version.version_num = 'e5';

-- Running downgrade d4 -> b2, c3

INSERT INTO alembic_version (version_num) VALUES ('b2');

UPDATE alembic_version SET version_num='c3' WHERE alembic_version.version_num = 'd4';

-- Running downgrade b2 -> a1

ALTER TABLE users DROP COLUMN l;

DELETE FROM alembic_version WHERE alembic_version.version_num = 'b2';

-- Running downgrade c3 -> a1

DROP TABLE r;

UPDATE alembic_version SET version_num='a1' WHERE alembic_version.version_num = 'c3';

-- Running downgrade a1 -> 

DROP TABLE users;

DELETE FROM alembic_version WHERE alembic_version.version_num = 'a1';

DROP TABLE alembic_version;

