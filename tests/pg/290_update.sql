-- ALTER EXTENSION migrate UPDATE, from every version that is installed here:
-- afterwards everything is as if the newest had been created, but for the rows.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;

CREATE ROLE "Up Dater";
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO "Up Dater"',
                           current_database()); END $$;
GRANT ALL ON SCHEMA public TO "Up Dater";
SET migrate.trusted_roles = '"Up Dater"';

-- Rights, each in a line of its own, whoever comes first
CREATE FUNCTION sorted(acl aclitem[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C")
    FROM unnest(acl) AS a $$;

CREATE VIEW extension AS
    SELECT e.*, d.classid, d.objid FROM pg_extension e
    LEFT JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass
     AND d.refobjid = e.oid AND d.deptype = 'e'
    WHERE extname = 'migrate';

-- All that the catalogue knows of the extension, a line for each object
CREATE VIEW described AS
    SELECT concat_ws(' | ', 'extension', extversion, extrelocatable,
                     extowner::regrole, extnamespace::regnamespace) AS line
    FROM pg_extension WHERE extname = 'migrate'
UNION ALL
    SELECT concat_ws(' | ', 'dumped', t::regclass, c) FROM pg_extension,
        unnest(extconfig, extcondition) AS u(t, c) WHERE extname = 'migrate'
UNION ALL
    SELECT concat_ws(' | ', 'member', pg_describe_object(classid, objid, 0))
    FROM extension
UNION ALL
    SELECT concat_ws(' | ', 'function', p.oid::regprocedure, prokind,
        pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
        'volatile', provolatile, 'parallel', proparallel,
        'strict', proisstrict, 'definer', prosecdef, proleakproof,
        l.lanname, prosrc, probin, procost, prorows, proconfig,
        proowner::regrole, sorted(proacl),
        obj_description(p.oid, 'pg_proc'))
    FROM extension JOIN pg_proc p ON p.oid = objid
    JOIN pg_language l ON l.oid = prolang
    WHERE classid = 'pg_proc'::regclass
UNION ALL
    SELECT concat_ws(' | ', 'relation', c.oid::regclass, relkind,
        relpersistence, relrowsecurity, relforcerowsecurity, reloptions,
        relowner::regrole, sorted(relacl), obj_description(c.oid, 'pg_class'))
    FROM extension JOIN pg_class c ON c.oid = objid
    WHERE classid = 'pg_class'::regclass
UNION ALL
    SELECT concat_ws(' | ', 'column', attrelid::regclass,
        row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname,
        format_type(atttypid, atttypmod), attnotnull, attstorage,
        nullif(attcollation, 0)::regcollation, attidentity,
        pg_get_expr(adbin, adrelid), sorted(attacl),
        col_description(attrelid, attnum))
    FROM extension JOIN pg_attribute ON attrelid = objid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE classid = 'pg_class'::regclass AND attnum > 0 AND NOT attisdropped
UNION ALL
    SELECT concat_ws(' | ', 'constraint', conrelid::regclass, conname,
        pg_get_constraintdef(c.oid), convalidated)
    FROM extension JOIN pg_constraint c ON conrelid = objid
    WHERE classid = 'pg_class'::regclass
UNION ALL
    SELECT concat_ws(' | ', 'index', pg_get_indexdef(indexrelid))
    FROM extension JOIN pg_index ON indrelid = objid
    WHERE classid = 'pg_class'::regclass
UNION ALL
    SELECT concat_ws(' | ', 'trigger', pg_get_triggerdef(t.oid))
    FROM extension JOIN pg_trigger t ON tgrelid = objid
    WHERE classid = 'pg_class'::regclass
UNION ALL
    SELECT concat_ws(' | ', 'rule', pg_get_ruledef(r.oid))
    FROM extension JOIN pg_rewrite r ON ev_class = objid
    WHERE classid = 'pg_class'::regclass
UNION ALL
    SELECT concat_ws(' | ', 'first rights',
        pg_describe_object(i.classoid, i.objoid, i.objsubid),
        sorted(initprivs))
    FROM extension JOIN pg_init_privs i
        ON i.classoid = classid AND i.objoid = objid;

-- The rows of all tables that a dump carries
CREATE FUNCTION contents() RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
DECLARE t regclass;
BEGIN
    FOR t IN SELECT unnest(extconfig) FROM pg_extension
             WHERE extname = 'migrate' LOOP
        RETURN QUERY EXECUTE format(
            'SELECT jsonb_build_object(%L::text, jsonb_strip_nulls(to_jsonb(t)))
             FROM %s AS t', t, t);
    END LOOP;
END $$;

-- What is in use: applied, pending, changed, settings, a history
CREATE FUNCTION make_rows() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM "Up Date".migrate_config('environment', 'test');
    PERFORM "Up Date".migrate_config('var.n', 'seven');
    PERFORM "Up Date".migrate_add('1', 'CREATE TABLE "Up Date".one (id int)',
                                 'DROP TABLE "Up Date".one', 'first');
    PERFORM "Up Date".migrate_add('2', 'CREATE TABLE "Up Date".${n} (id int)',
                                 'DROP TABLE "Up Date".${n}');
    PERFORM "Up Date".migrate_apply();
    PERFORM "Up Date".migrate_rollback();
    PERFORM "Up Date".migrate_apply();
    PERFORM "Up Date".migrate_add('3', 'CREATE TABLE "Up Date".three (id int)',
                                 'DROP TABLE "Up Date".three');
END $$;

CREATE FUNCTION as_role(role text, command text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE command;
    RESET ROLE;
END $$;

CREATE FUNCTION test_update(version text, role text) RETURNS SETOF text
    LANGUAGE plpgsql AS $$
DECLARE
    what text := format(' (%s, as %s)', version, role);
    before jsonb[];
    updated text[];
    fresh text[];
BEGIN
    PERFORM as_role(role, 'CREATE SCHEMA "Up Date"');
    PERFORM as_role(role, format(
        'CREATE EXTENSION migrate SCHEMA "Up Date" VERSION %L', version));
    RETURN NEXT lives_ok(format('SELECT as_role(%L, ''SELECT make_rows()'')',
                                role),
                         'the module works with the older script' || what);
    before := array(SELECT contents());
    RETURN NEXT cmp_ok(cardinality(before), '>', 10, 'there are rows' || what);
    PERFORM as_role(role, 'ALTER EXTENSION migrate UPDATE');
    updated := array(SELECT line FROM described);
    RETURN NEXT is_empty(
        format('SELECT b FROM unnest(%L::jsonb[]) AS b WHERE NOT EXISTS
                (SELECT FROM contents() AS a WHERE a @> b)', before),
        'all rows are as they were' || what);
    RETURN NEXT is((SELECT string_agg(format('%s %s', s.version, state), ', ')
                    FROM "Up Date".migrate_status() s),
                   '1 applied, 2 applied, 3 pending',
                   'and so is the state' || what);
    PERFORM as_role(role, 'SELECT "Up Date".migrate_apply()');
    RETURN NEXT is("Up Date".migrate_current(), '3', 'it goes on' || what);
    PERFORM as_role(role, 'SELECT "Up Date".migrate_rollback(''base'')');
    RETURN NEXT is(to_regclass('"Up Date".one'), NULL, 'and back' || what);
    PERFORM as_role(role, 'DROP EXTENSION migrate');

    PERFORM as_role(role, 'CREATE EXTENSION migrate SCHEMA "Up Date"');
    fresh := array(SELECT line FROM described);
    RETURN NEXT is_empty(
        format('(SELECT unnest(%L::text[]) EXCEPT SELECT unnest(%L::text[]))
                ORDER BY 1', updated, fresh),
        'nothing is left of the older version' || what);
    RETURN NEXT is_empty(
        format('(SELECT unnest(%L::text[]) EXCEPT SELECT unnest(%L::text[]))
                ORDER BY 1', fresh, updated),
        'and nothing of the newest is missing' || what);
    PERFORM as_role(role, 'DROP EXTENSION migrate');
    PERFORM as_role(role, 'DROP SCHEMA "Up Date" CASCADE');
END $$;

CREATE VIEW older AS
    SELECT v.version FROM pg_available_extension_versions v
    JOIN pg_available_extensions e USING (name)
    WHERE name = 'migrate' AND version <> default_version;

SELECT is_empty(
    $$SELECT source FROM pg_extension_update_paths('migrate') p
      JOIN pg_available_extensions e ON e.name = 'migrate'
       AND p.target = e.default_version
      WHERE path IS NULL AND source IN (SELECT version FROM older)$$,
    'a way leads from each version to the newest');
SELECT test_update(version, role)
FROM older, (VALUES (current_user::text), ('Up Dater')) AS r(role);
SELECT pass('there is but one version: nothing to update from')
WHERE NOT EXISTS (SELECT FROM older);

-- The view above sees what there is to see.
CREATE SCHEMA "Up Date";
CREATE EXTENSION migrate SCHEMA "Up Date";
SELECT cmp_ok(count(*), '>', 80::bigint, 'much is compared') FROM described;
SELECT is_empty(
    $$SELECT kind FROM unnest(ARRAY['extension', 'dumped', 'member',
          'function', 'relation', 'column', 'constraint', 'index',
          'first rights']) AS kind
      WHERE NOT EXISTS (SELECT FROM described
                        WHERE line LIKE kind || ' | %')$$,
    'of every kind');
SELECT lives_ok('ALTER EXTENSION migrate UPDATE',
                'an update to the same version does nothing');

SELECT * FROM finish();
ROLLBACK;
