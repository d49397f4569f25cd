-- What somebody has put on the extension's tables: it is named and never run.
SET client_min_messages = error;
BEGIN;
SELECT no_plan();
CREATE EXTENSION migrate;
SELECT migrate_add('1', 'CREATE TABLE one (id integer)', 'DROP TABLE one');
SELECT migrate_add('2', 'CREATE TABLE two (id integer)', 'DROP TABLE two');
SELECT migrate_apply();
SELECT migrate_add('3', 'CREATE TABLE three (id integer)', 'DROP TABLE three');

CREATE TABLE hit (t text);
CREATE FUNCTION hit() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public.hit VALUES (TG_TABLE_NAME); RETURN NEW; END';
CREATE FUNCTION hit_with(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN $1; END';
CREATE TABLE parent (h text PRIMARY KEY);
INSERT INTO parent SELECT hash FROM migrate_text;

-- The message of an error, with its hint.
CREATE FUNCTION trouble(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN message || ' | ' || hint;
END $$;

-- Put something there; each call that writes refuses and names it, nothing is
-- written, what the hint says takes it away.
CREATE FUNCTION refused(sql text, what text, tab text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    call text;
    events bigint := (SELECT count(*) FROM migrate_event);
    remedy text;
    said text;
BEGIN
    EXECUTE sql;
    FOREACH call IN ARRAY ARRAY['migrate_apply()', 'migrate_rollback()',
        'migrate_redo()', 'migrate_stamp(''base'')',
        'migrate_add(''9'', ''SELECT 9'')', 'migrate_baseline(''2'')',
        'migrate_accept()', 'migrate_repair()',
        'migrate_record_backup(''x'')', 'migrate_config(''environment'', ''x'')']
    LOOP
        said := trouble('SELECT ' || call);
        IF said NOT LIKE format('somebody has put %s on table "%s" of the '
            'catalogue | Nothing is written while it is there.%%', what, tab)
        THEN
            RETURN NEXT fail(what || ': ' || call || ': ' || said);
        END IF;
    END LOOP;
    RETURN NEXT is((SELECT count(*) FROM migrate_event), events,
                   what || ' on ' || tab || ': nothing is written');
    RETURN NEXT is((SELECT count(*) FROM hit), 0::bigint, 'nor run');
    RETURN NEXT is((SELECT state FROM migrate_preflight()
                    WHERE name = 'catalogue'), 'error', 'preflight says so');
    SELECT v.problem, split_part(v.hint, 'take it away: ', 2)
        INTO said, remedy FROM migrate_verify() v
        WHERE v.kind = 'catalogue' AND v.object = tab;
    RETURN NEXT is(said, format('somebody has put %s on it', what),
                   'and verify');
    EXECUTE remedy;
    RETURN NEXT is_empty('SELECT * FROM migrate_verify() '
                         'WHERE kind = ''catalogue''', remedy);
END $$;

SELECT refused(format('CREATE TRIGGER "t t" %s %s ON %s FOR EACH STATEMENT '
                      'EXECUTE FUNCTION hit()', w, e, t),
               'trigger "t t"', t)
FROM unnest(ARRAY['migrate_event', 'migrate_applied', 'migrate_setting',
                  'migrate_text', 'migrate_migration', 'migrate_object',
                  'migrate_delta']) t,
    (VALUES ('BEFORE', 'INSERT'), ('AFTER', 'DELETE')) AS x (w, e);
SELECT refused('CREATE RULE r AS ON INSERT TO migrate_event DO ALSO '
               'INSERT INTO hit VALUES (1)', 'rule "r"', 'migrate_event');
SELECT refused('ALTER TABLE migrate_event FORCE ROW LEVEL SECURITY',
               'row level security', 'migrate_event');
SELECT refused('ALTER TABLE migrate_event ADD CONSTRAINT c CHECK '
               '(hit_with(action) IS NOT NULL)', 'check constraint "c"',
               'migrate_event');
SELECT refused('ALTER TABLE migrate_event ADD CONSTRAINT u UNIQUE (hash)',
               'unique constraint "u"', 'migrate_event');
SELECT refused('ALTER TABLE migrate_text ADD CONSTRAINT f FOREIGN KEY (hash) '
               'REFERENCES parent', 'foreign key "f"', 'migrate_text');
SELECT refused('CREATE TABLE child (a text, b text, c text, CONSTRAINT k '
               'FOREIGN KEY (a, b, c) REFERENCES migrate_applied '
               'ON DELETE CASCADE)', 'foreign key "k" of table "child"',
               'migrate_applied');
SELECT refused('CREATE UNIQUE INDEX i ON migrate_event (hash)',
               'unique index "i"', 'migrate_event');
SELECT refused('CREATE INDEX e ON migrate_event (hit_with(action))',
               'index "e"', 'migrate_event');
SELECT refused('CREATE INDEX p ON migrate_event (seq) WHERE '
               'hit_with(action) = ''x''', 'index "p"', 'migrate_event');
SELECT refused('ALTER TABLE migrate_event ALTER client SET DEFAULT '
               'hit_with(''x'')', 'a default for column "client"',
               'migrate_event');
SELECT refused('CREATE TABLE heir () INHERITS (migrate_event)',
               'child table "heir"', 'migrate_event');
CREATE DOMAIN checked AS text CHECK (hit_with(VALUE) IS NOT NULL);
SELECT refused('ALTER TABLE migrate_event ALTER detail TYPE checked',
               'type "checked" of column "detail"', 'migrate_event');

SELECT refused('ALTER TABLE migrate_event ADD more text DEFAULT '
               'hit_with(''x'')', 'column "more"', 'migrate_event');
SELECT refused('ALTER TABLE migrate_event ADD more text '
               'GENERATED ALWAYS AS (hit_with(action)) STORED',
               'column "more"', 'migrate_event');
SELECT refused('DELETE FROM migrate_setting; '
               'ALTER TABLE migrate_setting ADD "m m" integer NOT NULL',
               'column "m m"', 'migrate_setting');

-- In the place of an index of its own.
SAVEPOINT own;
ALTER TABLE migrate_migration
    DROP CONSTRAINT migrate_migration_project_position_key;
SELECT refused('CREATE INDEX sly ON migrate_migration (hit_with(name))',
               'index "sly"', 'migrate_migration');
ROLLBACK TO own;

-- What runs at no time is told, and stands in nobody's way.
CREATE INDEX plain ON migrate_event (at);
SELECT is((SELECT hint FROM migrate_verify() WHERE kind = 'catalogue'),
          'It does no harm, and is not ours.  Find out whose it is, then take '
          'it away: DROP INDEX public.plain', 'a plain index');
DROP INDEX plain;
CREATE UNIQUE INDEX copy ON migrate_event (project, target, seq);
SELECT is((SELECT hint FROM migrate_verify() WHERE kind = 'catalogue'),
          'It does no harm, and is not ours.  Find out whose it is, then take '
          'it away: DROP INDEX public.copy', 'what a REINDEX leaves');
SELECT refused('DROP INDEX copy; CREATE UNIQUE INDEX less ON migrate_event '
               '(seq, target)', 'unique index "less"', 'migrate_event');
CREATE INDEX plain ON migrate_event (at);
ALTER TABLE migrate_event ENABLE ROW LEVEL SECURITY;
CREATE TRIGGER off BEFORE INSERT ON migrate_event EXECUTE FUNCTION hit();
ALTER TABLE migrate_event DISABLE TRIGGER off;
SELECT is((SELECT count(*) FROM migrate_verify() WHERE kind = 'catalogue'),
          3::bigint, 'row security for others, and a disabled trigger');
ALTER TABLE migrate_event ADD note text;
SELECT is((SELECT hint FROM migrate_verify()
           WHERE problem = 'somebody has put column "note" on it'),
          'It does no harm, and is not ours.  Find out whose it is, then take '
          'it away: ALTER TABLE public.migrate_event DROP COLUMN note',
          'a column that may be empty');
SELECT is(migrate_apply(), 1, 'a run');
SELECT is((SELECT count(*) FROM hit), 0::bigint, 'and nothing ran');
SELECT finish();
ROLLBACK;
