-- Write the statements that put rows into each table that has fewer than three:
-- two with values, one with NULL wherever that is allowed. A column that refers
-- to another table has a value that is there. What a constraint does not allow
-- is left out. The statements come three times, so that children find their
-- parents in the end.

CREATE TEMP VIEW plain AS
    SELECT name
    FROM main.sqlite_schema AS s
    WHERE type = 'table'
      AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'
      AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
      AND name NOT IN ('migrate_text', 'migrate_migration', 'migrate_applied',
                       'migrate_event', 'migrate_object', 'migrate_delta',
                       'migrate_setting')
      AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema AS virtual
                      WHERE virtual.sql LIKE 'CREATE VIRTUAL TABLE%'
                        AND substr(s.name, 1, length(virtual.name) + 1)
                            = virtual.name || '_');

CREATE TEMP TABLE cell AS
    SELECT plain.name, c.cid, c.name AS column_name, upper(c.type) AS type,
           c."notnull" OR c.pk AS required, f."table" AS parent,
           coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") AS p
                             WHERE p.pk = f.seq + 1)) AS parent_column
    FROM plain
    JOIN pragma_table_xinfo(plain.name) AS c ON c.hidden = 0
    LEFT JOIN pragma_foreign_key_list(plain.name) AS f
        ON f."from" = c.name COLLATE NOCASE
       AND f."table" <> plain.name COLLATE NOCASE
    GROUP BY plain.name, c.cid;

-- Text is in digits, which are JSON, too; hardly two columns have the same ones.
CREATE TEMP VIEW filled AS
    SELECT name, cid, column_name, n,
           CASE
               WHEN n = 3 AND NOT required THEN 'NULL'
               WHEN parent_column IS NOT NULL
                   THEN printf('(SELECT "%w" FROM "%w" ORDER BY 1 LIMIT 1 '
                               || 'OFFSET %d)', parent_column, parent, n - 1)
               WHEN type LIKE '%BOOL%' THEN n % 2
               WHEN type LIKE '%INT%' THEN 1000 + n
               WHEN type LIKE '%DATE%' OR type LIKE '%TIME%'
                   THEN quote('2024-01-01 10:00:0' || n)
               WHEN type LIKE '%BLOB%' THEN quote(CAST(1000 + n AS blob))
               WHEN type LIKE '%REAL%' OR type LIKE '%FLOA%'
                    OR type LIKE '%DOUB%' OR type LIKE '%NUM%'
                    OR type LIKE '%DEC%' THEN 1000 + n + 0.5
               ELSE quote(printf('%d%d%d%d', length(name) + 10, unicode(name),
                                 cid, 1000 + n))
           END AS value
    FROM cell, (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3);

SELECT 'PRAGMA foreign_keys = ON;';
SELECT printf('INSERT OR IGNORE INTO "%w" (%s) SELECT %s '
              || 'WHERE (SELECT count(*) FROM "%w") < %d;',
              name, columns, vals, name, n)
FROM (SELECT 1 AS pass UNION SELECT 2 UNION SELECT 3),
     (SELECT name, n, group_concat(printf('"%w"', column_name), ', ') AS columns,
             group_concat(value, ', ') AS vals
      FROM (SELECT * FROM filled ORDER BY name, n, cid)
      GROUP BY name, n)
ORDER BY pass, name, n;
