-- Write the queries that count the rows of each table, and hash each of its
-- columns (sorted, so that the order of rows does not matter).

CREATE TEMP VIEW other AS
    SELECT name
    FROM main.sqlite_schema
    WHERE type = 'table'
      AND name NOT IN ('migrate_text', 'migrate_migration', 'migrate_applied',
                       'migrate_event', 'migrate_object', 'migrate_delta',
                       'migrate_setting',
                       'sqlite_sequence')
    ORDER BY name;

SELECT printf('SELECT ''rows'', %Q, count(*) FROM "%w";', name, name)
FROM other;

SELECT printf('SELECT ''contents'', %Q, hex(sha3_query(%Q, 256));',
              t.name || '.' || c.name,
              printf('SELECT "%w" FROM "%w" ORDER BY 1', c.name, t.name))
FROM other AS t, pragma_table_xinfo(t.name) AS c
WHERE c.hidden <> 1
ORDER BY t.name, c.cid;
