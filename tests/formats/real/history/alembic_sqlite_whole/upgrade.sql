CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 1a0c00000001

CREATE TABLE customer (
    id INTEGER NOT NULL, 
    name TEXT NOT NULL, 
    PRIMARY KEY (id)
);

INSERT INTO alembic_version (version_num) VALUES ('1a0c00000001');

-- Running upgrade 1a0c00000001 -> 2a0c00000002

CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);;

INSERT INTO item VALUES (1, 'a label with ; and ''quotes''', 100);;

UPDATE alembic_version SET version_num='2a0c00000002' WHERE alembic_version.version_num = '1a0c00000001';

-- Running upgrade 2a0c00000002 -> 3a0c00000003

CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
);;

CREATE INDEX purchase_by_customer ON purchase (customer);;

UPDATE alembic_version SET version_num='3a0c00000003' WHERE alembic_version.version_num = '2a0c00000002';

-- Running upgrade 3a0c00000003 -> 5a0c00000005

CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;;

UPDATE alembic_version SET version_num='5a0c00000005' WHERE alembic_version.version_num = '3a0c00000003';

-- Running upgrade 3a0c00000003 -> 4a0c00000004

CREATE INDEX item_by_price ON item (price);

INSERT INTO alembic_version (version_num) VALUES ('4a0c00000004');

-- Running upgrade 4a0c00000004, 5a0c00000005 -> 6a0c00000006

CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END;;

DELETE FROM alembic_version WHERE alembic_version.version_num = '4a0c00000004';

UPDATE alembic_version SET version_num='6a0c00000006' WHERE alembic_version.version_num = '5a0c00000005';

