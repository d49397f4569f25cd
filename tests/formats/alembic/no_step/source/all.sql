BEGIN;

CREATE TABLE app.versions (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT versions_pkc PRIMARY KEY (version_num)
);

COMMIT;

BEGIN;

-- Running upgrade  -> 1975ea83b712

CREATE TABLE account (
    id INTEGER NOT NULL, 
    PRIMARY KEY (id)
);

INSERT INTO app.versions (version_num) VALUES ('1975ea83b712') RETURNING app.versions.version_num;

COMMIT;

BEGIN;

-- Running upgrade 1975ea83b712 -> ae1027a6acf

ALTER TABLE account ADD COLUMN last_transaction_date TEXT;

UPDATE app.versions SET version_num='ae1027a6acf' WHERE app.versions.version_num = '1975ea83b712';

COMMIT;

BEGIN;

-- Running downgrade ae1027a6acf -> 1975ea83b712

ALTER TABLE account DROP COLUMN last_transaction_date;

UPDATE app.versions SET version_num='1975ea83b712' WHERE app.versions.version_num = 'ae1027a6acf';

COMMIT;
