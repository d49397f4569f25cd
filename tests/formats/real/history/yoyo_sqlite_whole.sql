PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "yoyo_lock" (locked INT DEFAULT 1, ctime TIMESTAMP,pid INT NOT NULL,PRIMARY KEY (locked));
CREATE TABLE IF NOT EXISTS "_yoyo_log" ( id VARCHAR(36), migration_hash VARCHAR(64), migration_id VARCHAR(255), operation VARCHAR(10), username VARCHAR(255), hostname VARCHAR(255), comment VARCHAR(255), created_at_utc TIMESTAMP, PRIMARY KEY (id));
INSERT INTO _yoyo_log VALUES('97338620-e5c4-11f1-b152-02fc00000001','2a133fbb3ff19ec67ef74f76602a9832a5e82a71569b0909cf27f029003fc19d','0001.customers','apply','root','localhost',NULL,'2026-11-21 15:59:53.830583');
INSERT INTO _yoyo_log VALUES('973557d4-e5c4-11f1-b152-02fc00000001','c9bd4bdf74afd80bfc829dac5e30dd0c51f4d2ccdd801fea4918b6c3cd8628a5','0002.items','apply','root','localhost',NULL,'2026-11-21 15:59:53.840421');
INSERT INTO _yoyo_log VALUES('973691e4-e5c4-11f1-b152-02fc00000001','4e512626837b311690cc03990e61dbb2e3fef422c0ad5243ef79b7362128fd71','0003.purchases','apply','root','localhost',NULL,'2026-11-21 15:59:53.848454');
INSERT INTO _yoyo_log VALUES('9737f0a2-e5c4-11f1-b152-02fc00000001','7a46f5f1fc30ca2726d4c68a64b3caa13b8b2d0f7c08ead2fc6ea58ab0ebc49b','0004.index_item','apply','root','localhost',NULL,'2026-11-21 15:59:53.857441');
INSERT INTO _yoyo_log VALUES('97392d0a-e5c4-11f1-b152-02fc00000001','8d289fecc1f400f039a67140cd7033cbdd30e247107c72cd55a393f10de2914b','0005.bought','apply','root','localhost',NULL,'2026-11-21 15:59:53.865529');
INSERT INTO _yoyo_log VALUES('973a4e24-e5c4-11f1-b152-02fc00000001','4dec9dfb07b76a7bdd5142cf18e8a6bb40bfca378192b7ef882eb42d8874d10f','0006.trim_name','apply','root','localhost',NULL,'2026-11-21 15:59:53.872922');
CREATE TABLE IF NOT EXISTS "_yoyo_version" (version INT NOT NULL PRIMARY KEY, installed_at_utc TIMESTAMP);
INSERT INTO _yoyo_version VALUES(2,'2026-11-21 15:59:53.818771');
CREATE TABLE IF NOT EXISTS "_yoyo_migration" ( migration_hash VARCHAR(64), migration_id VARCHAR(255), applied_at_utc TIMESTAMP, PRIMARY KEY (migration_hash));
INSERT INTO _yoyo_migration VALUES('2a133fbb3ff19ec67ef74f76602a9832a5e82a71569b0909cf27f029003fc19d','0001.customers','2026-11-21 15:59:53.832580');
INSERT INTO _yoyo_migration VALUES('c9bd4bdf74afd80bfc829dac5e30dd0c51f4d2ccdd801fea4918b6c3cd8628a5','0002.items','2026-11-21 15:59:53.842342');
INSERT INTO _yoyo_migration VALUES('4e512626837b311690cc03990e61dbb2e3fef422c0ad5243ef79b7362128fd71','0003.purchases','2026-11-21 15:59:53.851470');
INSERT INTO _yoyo_migration VALUES('7a46f5f1fc30ca2726d4c68a64b3caa13b8b2d0f7c08ead2fc6ea58ab0ebc49b','0004.index_item','2026-11-21 15:59:53.859398');
INSERT INTO _yoyo_migration VALUES('8d289fecc1f400f039a67140cd7033cbdd30e247107c72cd55a393f10de2914b','0005.bought','2026-11-21 15:59:53.867292');
INSERT INTO _yoyo_migration VALUES('4dec9dfb07b76a7bdd5142cf18e8a6bb40bfca378192b7ef882eb42d8874d10f','0006.trim_name','2026-11-21 15:59:53.875593');
CREATE TABLE customer (
    id integer PRIMARY KEY,
    name text NOT NULL
);
CREATE TABLE item (
    id integer PRIMARY KEY,
    label text NOT NULL UNIQUE,
    price integer NOT NULL DEFAULT 0 CHECK (price >= 0)
);
INSERT INTO item VALUES(1,'a label with ; and ''quotes''',100);
CREATE TABLE purchase (
    id integer PRIMARY KEY,
    customer integer NOT NULL REFERENCES customer,
    item integer NOT NULL REFERENCES item
);
CREATE INDEX purchase_by_customer ON purchase (customer);
CREATE INDEX item_by_price ON item (price);
CREATE VIEW bought AS
SELECT c.name, i.label
FROM purchase AS p
JOIN customer AS c ON c.id = p.customer
JOIN item AS i ON i.id = p.item;
CREATE TRIGGER trim_name AFTER INSERT ON customer
BEGIN
    UPDATE customer SET name = trim(new.name) WHERE id = new.id;
    SELECT 'a ; in a body';
END;
COMMIT;
