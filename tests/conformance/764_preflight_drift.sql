-- Drift is among what a run depends on.
SELECT migrate_add('1', 'CREATE TABLE mine (id integer PRIMARY KEY)');
SELECT migrate_add('2', 'CREATE TABLE more (id integer PRIMARY KEY)');
SELECT name, state, replace(detail, 'public.', '') FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_apply('1');
SELECT name, state, replace(detail, 'public.', '') FROM migrate_preflight() WHERE name = 'drift';
-- By hand
CREATE TABLE a1 (id integer PRIMARY KEY);
CREATE TABLE a2 (id integer PRIMARY KEY);
CREATE TABLE a3 (id integer PRIMARY KEY);
CREATE TABLE a4 (id integer PRIMARY KEY);
SELECT name, state, replace(detail, 'public.', '') FROM migrate_preflight() WHERE name = 'drift';
-- What refuses a run is an error.
SELECT migrate_config('on_drift', 'error');
SELECT state, hint FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_config('on_drift', 'ignore');
SELECT state, replace(detail, 'public.', '') FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_config('on_drift', 'error');
DROP TABLE a1;
DROP TABLE a2;
DROP TABLE a3;
SELECT state, replace(detail, 'public.', '') FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_accept();
SELECT state, replace(detail, 'public.', '') FROM migrate_preflight() WHERE name = 'drift';
SELECT migrate_apply();
