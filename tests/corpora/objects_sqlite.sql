-- Everything in a SQLite database but the extension's own tables and the
-- engine's table of sequences: one row for each object, with its kind, name and
-- definition on one line. CR LF is taken as LF, for the shell drops the CR of
-- what it reads.

CREATE TEMP VIEW own AS
    SELECT column1 AS name
    FROM (VALUES ('migrate_text'), ('migrate_migration'), ('migrate_applied'),
                 ('migrate_event'), ('migrate_object'), ('migrate_delta'),
                 ('migrate_setting'),
                 ('sqlite_sequence'));

CREATE TEMP VIEW other AS
    SELECT type, name, tbl_name, sql
    FROM main.sqlite_schema
    WHERE tbl_name NOT IN (SELECT name FROM own);

SELECT type, name,
       'on ' || tbl_name || ': ' ||
       replace(replace(replace(replace(replace(coalesce(sql, '(automatic)'),
               '\', '\\'), char(9), '\t'), char(13, 10), char(10)),
               char(10), '\n'), char(13), '\r')
FROM other
ORDER BY type, name;

SELECT 'column', t.name || '.' || c.name,
       printf('number %d, type "%s", not null %d, default %s, key %d, ' ||
              'hidden %d',
              c.cid, c.type, c."notnull",
              replace(replace(replace(coalesce(c.dflt_value, '(none)'),
                      '\', '\\'), char(9), '\t'), char(10), '\n'),
              c.pk, c.hidden)
FROM other AS t, pragma_table_xinfo(t.name) AS c
WHERE t.type = 'table'
ORDER BY t.name, c.cid;

SELECT 'foreign key', t.name || ' ' || f.id || '.' || f.seq,
       printf('%s to %s.%s, on update %s, on delete %s, match %s',
              f."from", f."table", coalesce(f."to", '(primary key)'),
              f.on_update, f.on_delete, f."match")
FROM other AS t, pragma_foreign_key_list(t.name) AS f
WHERE t.type = 'table'
ORDER BY t.name, f.id, f.seq;

SELECT 'key of index', t.name || ' ' || i.name || ' ' || k.seqno,
       printf('column %s, descending %d, collation %s, unique %d, from %s, ' ||
              'partial %d',
              coalesce(k.name, '(expression)'), k."desc", k.coll, i."unique",
              i.origin, i.partial)
FROM other AS t, pragma_index_list(t.name) AS i, pragma_index_xinfo(i.name) AS k
WHERE t.type = 'table' AND k.key
ORDER BY t.name, i.name, k.seqno;

SELECT 'pragma', 'user_version', user_version FROM pragma_user_version
UNION ALL
SELECT 'pragma', 'application_id', application_id FROM pragma_application_id
UNION ALL
SELECT 'pragma', 'encoding', encoding FROM pragma_encoding
UNION ALL
SELECT 'pragma', 'journal_mode', journal_mode FROM pragma_journal_mode
UNION ALL
SELECT 'pragma', 'auto_vacuum', auto_vacuum FROM pragma_auto_vacuum;
