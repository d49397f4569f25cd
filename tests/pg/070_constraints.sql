-- Deferred constraints are checked where their migration ends.
BEGIN;
SELECT plan(17);
SET client_min_messages = warning;

CREATE EXTENSION migrate;

SELECT migrate_add('1', $$
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE child (id int PRIMARY KEY, parent_id int NOT NULL
        REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE calm (id int CONSTRAINT calm_once UNIQUE DEFERRABLE)$$);
SELECT migrate_add('2', $$
    INSERT INTO child VALUES (1, 10);
    INSERT INTO parent VALUES (10)$$);
SELECT migrate_add('3', $$
    -- has pending events to wait for, unless they were seen to
    ALTER TABLE child ADD note text;
    INSERT INTO child VALUES (2, 20);
    INSERT INTO parent VALUES (20)$$);
SELECT is(migrate_apply(), 3,
          'constraints stay deferred from one migration to the next');

SELECT migrate_add('4', $$INSERT INTO child VALUES (3, 30)$$);
SELECT migrate_add('5', $$INSERT INTO parent VALUES (30)$$);
SELECT throws_like('SELECT migrate_apply()', 'migration "4" failed at its end%',
                   'what does not hold at the end of its migration fails it');
SELECT throws_ok('SELECT migrate_apply()', '23503', NULL, 'with its SQLSTATE');
SELECT is(migrate_current(), '3', 'and is undone');

SELECT migrate_add('4', $$
    CREATE TABLE left_ (id int PRIMARY KEY, r int);
    CREATE TABLE right_ (id int PRIMARY KEY,
        l int REFERENCES left_ DEFERRABLE INITIALLY DEFERRED);
    ALTER TABLE left_ ADD FOREIGN KEY (r) REFERENCES right_
        DEFERRABLE INITIALLY DEFERRED;
    INSERT INTO left_ VALUES (1, 1);
    INSERT INTO right_ VALUES (1, 1)$$);
SELECT is(migrate_apply('4'), 1, 'a constraint made later is deferred, too');

SELECT migrate_add('5', $m$DO $x$ BEGIN INSERT INTO child VALUES (4, 40);
                          END $x$ $m$);
SELECT throws_ok('SELECT migrate_apply()', '23503', NULL,
                 'also what a function has written');
SELECT migrate_add('5', $$DELETE FROM parent WHERE id = 10$$);
SELECT throws_ok('SELECT migrate_apply()', '23503', NULL,
                 'also from the other side');

SELECT migrate_add('5', $$SET CONSTRAINTS calm_once DEFERRED;
    INSERT INTO calm VALUES (1), (1)$$);
SELECT throws_ok('SELECT migrate_apply()', '23505', NULL,
                 'also a constraint that the migration has deferred');
SELECT migrate_add('5', $$SET CONSTRAINTS calm_once DEFERRED;
    INSERT INTO calm VALUES (1), (1); DELETE FROM calm;
    INSERT INTO calm VALUES (1)$$);
SELECT migrate_add('6', $$INSERT INTO calm VALUES (1), (2); DELETE FROM calm$$);
SELECT is(migrate_apply('5'), 1, 'which may be late');
SELECT throws_ok('SELECT migrate_apply()', '23505', NULL,
                 'but is not in the next migration');

-- A constraint trigger that is deferred.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'XY001'; END $$;
CREATE CONSTRAINT TRIGGER refusal AFTER INSERT ON calm
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT migrate_add('6', $$INSERT INTO calm VALUES (7)$$);
SELECT throws_ok('SELECT migrate_apply()', 'XY001', NULL,
                 'also a constraint trigger');

-- A partition may have constraints that the whole has not.
SELECT migrate_config('project', 'partitions');
SELECT migrate_add('1', $$
    CREATE TABLE goal (i int PRIMARY KEY);
    CREATE TABLE whole (i int) PARTITION BY RANGE (i);
    CREATE TABLE leaf PARTITION OF whole FOR VALUES FROM (0) TO (10);
    ALTER TABLE leaf ADD FOREIGN KEY (i) REFERENCES goal
        DEFERRABLE INITIALLY DEFERRED$$);
SELECT migrate_add('2', $$COPY whole FROM PROGRAM 'echo 1'$$);
SELECT is(migrate_apply('1'), 1, 'a partition with a constraint of its own');
SELECT throws_like('SELECT migrate_apply()', 'migration "2" failed at its end%',
                   'what COPY brings into the whole is checked');

-- A deferred trigger is its migration's, too.
SELECT migrate_config('project', 'nested');
SELECT migrate_add('1', $$
    CREATE TABLE late (i int);
    CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM migrate_apply(); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER again AFTER INSERT ON late
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again();
    INSERT INTO late VALUES (1)$$);
SELECT migrate_add('2', 'CREATE TABLE later (i int)');
SELECT throws_like('SELECT migrate_apply(''1'')',
    'migration "1" failed at its end: a migration cannot call migrate_apply%',
    'a deferred trigger cannot migrate');
SELECT hasnt_table('late', 'and fails its migration');
SELECT hasnt_table('later', 'before anything else is done');
SELECT is(migrate_pending(), 2, 'which the state shows');

SELECT * FROM finish();
ROLLBACK;
