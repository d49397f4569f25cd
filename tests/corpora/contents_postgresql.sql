-- The number of rows of each table, and a hash of each of its columns (sorted,
-- so that the order of rows does not matter), without the tables of extensions.

CREATE TEMP VIEW other AS
    SELECT c.oid, c.relkind, n.nspname, c.relname
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'S')
      AND (c.relkind <> 'm' OR c.relispopulated)
      AND n.nspname NOT LIKE 'pg\_%'
      AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass
                        AND d.objid = c.oid
                        AND d.deptype = 'e');

SELECT format('SELECT %L, %L, count(*) FROM %I.%I',
              'rows', nspname || '.' || relname, nspname, relname)
FROM other
WHERE relkind <> 'S'
ORDER BY nspname, relname
\gexec

SELECT format('SELECT %L, %L, md5(string_agg(md5(%I::text), %L '
              'ORDER BY md5(%3$I::text))) FROM %5$I.%6$I',
              'contents', nspname || '.' || relname || '.' || attname,
              attname, '', nspname, relname)
FROM other
JOIN pg_catalog.pg_attribute ON attrelid = other.oid
WHERE relkind <> 'S' AND attnum > 0 AND NOT attisdropped
ORDER BY nspname, relname, attnum
\gexec

SELECT format('SELECT %L, %L, (last_value, is_called) FROM %I.%I',
              'contents', nspname || '.' || relname, nspname, relname)
FROM other
WHERE relkind = 'S'
ORDER BY nspname, relname
\gexec
