-- The mark of a destructive migration in files of other formats.
--@ golang/1_one.up.sql
--| -- migrate:destructive
--| DELETE FROM a;
--@ golang/1_one.down.sql
--| INSERT INTO a VALUES (1);
--@ golang/2_two.up.sql
--| DELETE FROM a;
--| -- migrate:destructive
--@ golang/2_two.down.sql
--| SELECT 1;
--@ flyway/V1__one.sql
--| --
--|   -- migrate:destructive
--| DELETE FROM a;
--@ flyway/V2__two.sql
--| DELETE FROM a;
--@ liquibase/changes.sql
--| --liquibase formatted sql
--| -- migrate:destructive
--| --changeset me:one
--| DELETE FROM a;
--| --changeset me:two
--| INSERT INTO a VALUES (3);
--| DELETE FROM a;
CREATE TABLE a (first int);
INSERT INTO a VALUES (1);
SELECT migrate_config('environment', 'production');
SELECT migrate_load('@DIR@/golang');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('1');
INSERT INTO a VALUES (1);
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('2');
SELECT migrate_config('project', 'flyway');
SELECT migrate_load('@DIR@/flyway');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('1');
INSERT INTO a VALUES (1);
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply('2');
SELECT migrate_config('project', 'liquibase');
SELECT migrate_load('@DIR@/liquibase');
SELECT migrate_config('confirm', '@DATABASE@');
SELECT migrate_apply();
SELECT count(*) FROM a;
