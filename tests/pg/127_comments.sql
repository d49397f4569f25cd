-- Comments and layout, which do not count in an applied migration's text.
BEGIN;
SELECT plan(45);
SET client_min_messages = notice;
CREATE EXTENSION migrate;

-- What status says when one text was applied and the other is loaded.
CREATE FUNCTION difference(before text, after text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM migrate_stamp('base');
    PERFORM migrate_add('1', before);
    PERFORM migrate_stamp('1');
    PERFORM migrate_add('1', after);
    SELECT CASE WHEN state = 'applied' THEN detail ELSE state END INTO answer
    FROM migrate_status();
    RETURN answer;
END $$;

SELECT is(difference(before, after), 'comment changed', after)
FROM (VALUES
    ('SELECT 1', 'SELECT 1 -- one'),
    ('SELECT 1', E'SELECT--\n1'),
    ('SELECT 1', 'SELECT /* a /* b */ c */ 1'),
    ('SELECT a, (b)', 'SELECT a,( b )'),
    ('SELECT a<=b', 'SELECT a <= b'),
    ('SELECT a::int', 'SELECT a :: int'),
    ('SELECT a - -1', 'SELECT a- -1'),
    ('SELECT 1.5e+3+2', 'SELECT 1.5e+3 + 2'),
    ('SELECT $$a$$, E''\n'', U&''a'', B''0'', "b"',
     'SELECT $$a$$,E''\n'',U&''a'',B''0'',"b"'),
    (E'SELECT ''a''\n''b''', E'SELECT ''a''\n''b'' -- ab'),
    ('SELECT ${name} FROM t', 'SELECT ${name} FROM t -- the name'),
    ('SELECT ''\''', 'SELECT ''\'' --'),
    ('SELECT "' || repeat('x', 70) || '"', 'SELECT   "' || repeat('x', 70) || '"'),
    (E'COPY t FROM stdin;\n1\ta -- b\n\\.\nSELECT 1',
     E'COPY t  -- t\nFROM stdin;\n1\ta -- b\n\\.\n\n SELECT  1'),
    (E'\\echo a\nSELECT 1', E'\\echo a\nSELECT   1'),
    (E'\\echo a\nSELECT 1', E'-- \\echo\n\\echo a\n\nSELECT 1 -- one'),
    ('SELECT 1', 'SELECT 1 -- 日本')) AS pair (before, after);

SELECT is(difference(before, after), 'changed', after)
FROM (VALUES
    ('SELECT 1', 'select 1'),
    ('SELECT 1', 'SELECT 1;'),
    ('SELECT ''a b''', 'SELECT ''a  b'''),
    ('SELECT ''a--b''', 'SELECT ''a--c'''),
    ('SELECT $$a -- b$$', 'SELECT $$a -- c$$'),
    ('SELECT $$a /* b */$$', 'SELECT $$a$$'),
    ('SELECT $x$ a $x$', 'SELECT $y$ a $y$'),
    ('SELECT "a/*b*/"', 'SELECT "a/**/"'),
    ('SELECT ''a''''b''', 'SELECT ''a'' ''b'''),
    ('SELECT E''a''', 'SELECT E ''a'''),
    ('SELECT 1 e5', 'SELECT 1e5'),
    ('SELECT 1.5', 'SELECT 1 .5'),
    ('SELECT a<=b', 'SELECT a< =b'),
    ('SELECT a - -1', 'SELECT a --1'),
    ('SELECT ab', 'SELECT a b'),
    ('SELECT "' || repeat('x', 70) || '"', 'SELECT "' || repeat('x', 71) || '"'),
    (E'COPY t FROM stdin;\n1\ta -- b\n\\.\n',
     E'COPY t FROM stdin;\n1\ta -- c\n\\.\n'),
    (E'COPY t FROM stdin;\n1\ta\n\\.\n', E'COPY t FROM stdin;\n1\ta \n\\.\n'),
    (E'COPY t FROM stdin;\n1\ta\n2\tb\n\\.\n', E'COPY t FROM stdin;\n1\ta\n\\.\n'),
    (E'\\echo a\nSELECT 1', E'\\echo b\nSELECT 1'),
    (E'\\echo a\nSELECT 1', 'SELECT 1'),
    ('SELECT 1', E'SELECT 1\n\\timing'),
    (E'SELECT ''a''\n\\echo b\n''c''', E'SELECT ''a''\n\\echo x\n''c'''),
    -- What cannot be read.
    ('SELECT 1', 'SELECT 1 /* one'),
    ('SELECT ''a', 'SELECT ''a '),
    (E'\\i a.sql\nSELECT 1', E'\\i a.sql\nSELECT 1 --')) AS pair (before, after);

-- Where a text is gone, it counts as changed.
SELECT difference('SELECT 1', 'SELECT 1 -- lost');
DELETE FROM migrate_text WHERE body = 'SELECT 1 -- lost';
SELECT is(state, 'changed', 'a lost text') FROM migrate_status();
SELECT migrate_stamp('base');
SELECT difference('SELECT 12', 'SELECT 12 -- lost');
DELETE FROM migrate_text WHERE body = 'SELECT 12';
SELECT is(state, 'changed', 'a lost applied text') FROM migrate_status();

SELECT * FROM finish();
ROLLBACK;
