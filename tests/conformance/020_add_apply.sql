-- Add, look, apply, look again.
SELECT migrate_add('0001', 'CREATE TABLE one (id integer)',
                   'DROP TABLE one', 'first');
SELECT migrate_add('0002', 'CREATE TABLE two (id integer); INSERT INTO two VALUES (7)');
SELECT version, name, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END,
       CASE WHEN applied_at IS NULL THEN 'never' ELSE 'once' END, detail
FROM migrate_status();
SELECT migrate_current();
SELECT migrate_pending();

SELECT migrate_apply();
SELECT id FROM two;
SELECT count(*) FROM one;
SELECT version, name, state, CASE WHEN reversible THEN 'yes' ELSE 'no' END,
       CASE WHEN applied_at IS NULL THEN 'never' ELSE 'once' END, detail
FROM migrate_status();
SELECT count(*) FROM migrate_status()
WHERE applied_by <> '' AND duration_ms >= 0 AND duration_ms < 60000;
SELECT migrate_current();
SELECT migrate_pending();

-- Nothing is left to do.
SELECT migrate_apply();
SELECT migrate_apply(NULL);
SELECT migrate_apply('head');
SELECT count(*) FROM migrate_history() WHERE action = 'apply';

-- The same once more changes nothing; another text does, while it is pending.
SELECT migrate_add('0001', 'CREATE TABLE one (id integer)',
                   'DROP TABLE one', 'first');
SELECT migrate_add('0003', 'INSERT INTO two VALUES (8)');
SELECT migrate_add('0003', 'INSERT INTO two VALUES (8)');
SELECT migrate_add('0003', 'INSERT INTO two VALUES (9)');
SELECT migrate_apply();
SELECT id FROM two ORDER BY id;
SELECT seq, action, version, outcome FROM migrate_history() ORDER BY seq;
