-- One change in any column of any row of the history, by a superuser: found.
SET client_min_messages = error;
BEGIN;
SELECT no_plan();
CREATE EXTENSION migrate;
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one', 'one');
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two');
SELECT migrate_apply();
SELECT migrate_rollback();
SELECT migrate_apply();
SELECT migrate_stamp('1');
SELECT migrate_config('project', 'second');
SELECT migrate_add('1', 'CREATE TABLE three (id integer)');
SELECT migrate_apply();
SELECT migrate_config('project', NULL);
SELECT migrate_export_history() AS head \gset

-- How many rows verify has after a statement, which is undone; -1: the table
-- itself refuses it.
CREATE FUNCTION found(statement text, head text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE rows bigint;
BEGIN
    BEGIN
        EXECUTE statement;
        IF head IS NULL THEN
            SELECT count(*) INTO rows FROM migrate_verify() v
            WHERE v.kind IN ('history', 'record');
        ELSE
            SELECT count(*) INTO rows FROM migrate_verify(head) v
            WHERE v.kind = 'history';
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
        RETURN rows;
    WHEN integrity_constraint_violation OR not_null_violation THEN
        RETURN -1;
    END;
END $$;
SELECT is(found('SELECT 1'), 0::bigint, 'nothing is wrong');

CREATE TABLE tried AS
SELECT e.project, e.seq, a.attname, x.value, found(format(
    'UPDATE migrate_event SET %I = %s WHERE project = %L AND target = %L '
    'AND seq = %s', a.attname, x.value, e.project, e.target, e.seq)) AS rows
FROM migrate_event e, pg_attribute a, LATERAL (VALUES
    (CASE WHEN a.atttypid = 'bigint'::regtype
          THEN format('coalesce(%I, 0) # 1', a.attname)
          ELSE format('coalesce(%I, '''') || ''x''', a.attname) END),
    (CASE WHEN a.atttypid = 'bigint'::regtype
          THEN format('coalesce(%I, 0) + 4611686018427387904', a.attname)
          ELSE format('overlay(%I placing chr(ascii(%I) # 1) from 1 for 1)',
                      a.attname, a.attname) END),
    (CASE WHEN to_jsonb(e) -> a.attname::text = 'null' THEN NULL
          ELSE 'NULL' END)) AS x (value)
WHERE a.attrelid = 'migrate_event'::regclass AND a.attnum > 0
    AND NOT a.attisdropped AND x.value IS NOT NULL
    -- What is NULL, or empty, stays so.
    AND NOT (x.value LIKE 'overlay%'
             AND coalesce(to_jsonb(e) ->> a.attname::text, '') = '');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE rows > 0), '>', 300::bigint,
              'many were tried');
SELECT is((SELECT count(DISTINCT attname) FROM tried WHERE rows > 0),
          15::bigint, 'of every column');
SELECT is((SELECT count(DISTINCT (project, seq)) FROM tried WHERE rows > 0),
          (SELECT count(*) FROM migrate_event), 'of every row');
SELECT is_empty('SELECT project, seq, attname, value FROM tried '
                'WHERE rows = 0', 'each is found');

-- Rows that are taken away, doubled and exchanged.
SELECT cmp_ok(found(format('DELETE FROM migrate_event WHERE project = %L '
    'AND seq = %s', project, seq), :'head'), '>', 0::bigint,
    format('event %s of %s is gone', seq, project))
FROM migrate_event WHERE project = 'default';
SELECT cmp_ok(found(format('DELETE FROM migrate_event WHERE project = %L '
    'AND seq >= %s', project, seq), :'head'), '>', 0::bigint,
    format('the end from event %s on is gone', seq))
FROM migrate_event WHERE project = 'default';
SELECT cmp_ok(found(format('INSERT INTO migrate_event SELECT project, target, '
    '%s, at, action, version, name, outcome, duration_us, actor, client, '
    'checksum, detail, previous_hash, hash FROM migrate_event '
    'WHERE project = %L AND seq = %s', (SELECT max(seq) + 1 FROM migrate_event),
    project, seq)), '>', 0::bigint, format('event %s once more', seq))
FROM migrate_event WHERE project = 'default';
SELECT cmp_ok(found(format('UPDATE migrate_event SET seq = CASE seq WHEN %s '
    'THEN %s WHEN %s THEN %s END + 1000 WHERE project = ''default'' '
    'AND seq IN (%s, %s); UPDATE migrate_event SET seq = seq - 1000 '
    'WHERE seq > 1000', a.seq, b.seq, b.seq, a.seq, a.seq, b.seq)), '>',
    0::bigint, format('events %s and %s exchanged', a.seq, b.seq))
FROM migrate_event a JOIN migrate_event b ON b.project = a.project
    AND b.seq > a.seq WHERE a.project = 'default';
SELECT finish();
ROLLBACK;
