PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "yoyo_lock" (locked INT DEFAULT 1, ctime TIMESTAMP,pid INT NOT NULL,PRIMARY KEY (locked));
CREATE TABLE IF NOT EXISTS "_yoyo_log" ( id VARCHAR(36), migration_hash VARCHAR(64), migration_id VARCHAR(255), operation VARCHAR(10), username VARCHAR(255), hostname VARCHAR(255), comment VARCHAR(255), created_at_utc TIMESTAMP, PRIMARY KEY (id));
INSERT INTO _yoyo_log VALUES('977374ce-e5c4-11f1-8515-02fc00000001','2a133fbb3ff19ec67ef74f76602a9832a5e82a71569b0909cf27f029003fc19d','0001.customers','apply','root','localhost',NULL,'2026-11-21 15:59:54.248705');
INSERT INTO _yoyo_log VALUES('9774e57a-e5c4-11f1-8515-02fc00000001','c9bd4bdf74afd80bfc829dac5e30dd0c51f4d2ccdd801fea4918b6c3cd8628a5','0002.items','apply','root','localhost',NULL,'2026-11-21 15:59:54.256901');
INSERT INTO _yoyo_log VALUES('9775c378-e5c4-11f1-8515-02fc00000001','4e512626837b311690cc03990e61dbb2e3fef422c0ad5243ef79b7362128fd71','0003.purchases','apply','root','localhost',NULL,'2026-11-21 15:59:54.262571');
CREATE TABLE IF NOT EXISTS "_yoyo_version" (version INT NOT NULL PRIMARY KEY, installed_at_utc TIMESTAMP);
INSERT INTO _yoyo_version VALUES(2,'2026-11-21 15:59:54.239763');
CREATE TABLE IF NOT EXISTS "_yoyo_migration" ( migration_hash VARCHAR(64), migration_id VARCHAR(255), applied_at_utc TIMESTAMP, PRIMARY KEY (migration_hash));
INSERT INTO _yoyo_migration VALUES('2a133fbb3ff19ec67ef74f76602a9832a5e82a71569b0909cf27f029003fc19d','0001.customers','2026-11-21 15:59:54.252955');
INSERT INTO _yoyo_migration VALUES('c9bd4bdf74afd80bfc829dac5e30dd0c51f4d2ccdd801fea4918b6c3cd8628a5','0002.items','2026-11-21 15:59:54.258597');
INSERT INTO _yoyo_migration VALUES('4e512626837b311690cc03990e61dbb2e3fef422c0ad5243ef79b7362128fd71','0003.purchases','2026-11-21 15:59:54.264042');
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
COMMIT;
