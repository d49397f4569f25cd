-- Why somebody did something, in the history.
CREATE TABLE log (what text);
SELECT migrate_add('1', 'INSERT INTO log VALUES (''up 1'')',
                   'INSERT INTO log VALUES (''down 1'')');
SELECT migrate_add('2', 'INSERT INTO log VALUES (''up 2'')',
                   'INSERT INTO log VALUES (''down 2'')');
SELECT migrate_stamp('1', 'made by hand on 3 May');
SELECT migrate_stamp('1', NULL);
SELECT migrate_apply();
SELECT migrate_redo('another try');
SELECT migrate_redo(NULL);
-- A version is no reason: whoever gives one means that very migration.
SELECT migrate_redo('1');
SELECT migrate_redo('002');
SELECT migrate_rollback('1', 'wrong names');
SELECT migrate_rollback('base', NULL);
SELECT migrate_stamp('base', 'nothing to take away: nothing is written');
SELECT action, version, detail FROM migrate_history()
WHERE action <> 'add' ORDER BY seq;
SELECT what FROM log ORDER BY what;

-- One line of text, and nothing is done for any other.
SELECT migrate_stamp('head', '');
SELECT migrate_stamp('head', '  ');
SELECT migrate_stamp('head', 'two
lines');
SELECT migrate_stamp('head', 'a	tab');
SELECT migrate_stamp('base');
SELECT migrate_redo('a
line break');
SELECT migrate_rollback('base', '');
SELECT migrate_rollback(NULL, 'because');
SELECT migrate_stamp('head', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx');
SELECT migrate_stamp('9', 'an unknown version');
SELECT version, state FROM migrate_status();
