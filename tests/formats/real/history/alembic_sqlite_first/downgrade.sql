-- Running downgrade 6a0c00000006 -> 4a0c00000004, 5a0c00000005

DROP TRIGGER trim_name;;

INSERT INTO alembic_version (version_num) VALUES ('4a0c00000004');

UPDATE alembic_version SET version_num='5a0c00000005' WHERE alembic_version.version_num = '6a0c00000006';

-- Running downgrade 4a0c00000004 -> 3a0c00000003

DROP INDEX item_by_price;

DELETE FROM alembic_version WHERE alembic_version.version_num = '4a0c00000004';

-- Running downgrade 5a0c00000005 -> 3a0c00000003

DROP VIEW bought;;

UPDATE alembic_version SET version_num='3a0c00000003' WHERE alembic_version.version_num = '5a0c00000005';

-- Running downgrade 3a0c00000003 -> 2a0c00000002

DROP TABLE purchase;;

UPDATE alembic_version SET version_num='2a0c00000002' WHERE alembic_version.version_num = '3a0c00000003';

-- Running downgrade 2a0c00000002 -> 1a0c00000001

DROP TABLE item;;

UPDATE alembic_version SET version_num='1a0c00000001' WHERE alembic_version.version_num = '2a0c00000002';

-- Running downgrade 1a0c00000001 -> 

DROP TABLE customer;

DELETE FROM alembic_version WHERE alembic_version.version_num = '1a0c00000001';

DROP TABLE alembic_version;

