#ifndef SQLITE_TRIAL_MIGRATIONS_H
#define SQLITE_TRIAL_MIGRATIONS_H

/* The migrations of the trials; see sqlite_trial.h. */

/* A migration's file, and how to tell that it is there or not at all. */
static const struct
{
    const char *file;
    const char *text;
    const char *version;
    const char *there;  /* a query for 1 when all of it is there */
    const char *absent; /* and for 1 when nothing of it is */
} trial_migrations[] = {
    {"0001_tables.sql",
     "-- migrate:up\n"
     "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
     "CREATE TABLE book (id INTEGER PRIMARY KEY,\n"
     "    author INTEGER REFERENCES author (id), title TEXT);\n"
     "INSERT INTO author VALUES (1, 'Ada'), (2, 'Grace');\n"
     "INSERT INTO book VALUES (1, 1, 'Notes'), (2, 2, 'Manual');\n"
     "-- migrate:down\n"
     "DROP TABLE book;\n"
     "DROP TABLE author;\n",
     "0001",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM author) = 2 "
     "AND (SELECT count(*) FROM book) = 2 FROM sqlite_schema "
     "WHERE name IN ('author', 'book')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('author', 'book')"},
    {"0002_trigger.sql",
     "-- migrate:up\n"
     "CREATE TABLE log (what TEXT);\n"
     "CREATE TRIGGER book_log AFTER UPDATE ON book\n"
     "BEGIN\n"
     "    INSERT INTO log VALUES (new.title);\n"
     "    INSERT INTO log VALUES (CASE WHEN 1 THEN 'x' END);\n"
     "END;\n"
     "UPDATE book SET title = title || '!';\n"
     "-- migrate:down\n"
     "UPDATE book SET title = rtrim(title, '!');\n"
     "DROP TRIGGER book_log;\n"
     "DROP TABLE log;\n",
     "0002",
     "SELECT count(*) > 0 AND (SELECT count(*) FROM log) = 4 "
     "AND (SELECT count(*) FROM book WHERE title LIKE '%!') = 2 "
     "FROM sqlite_schema WHERE name = 'log'",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('log', 'book_log')"},
    {"0003_rebuild.sql",
     "-- migrate:up\n"
     "PRAGMA foreign_keys = OFF;\n"
     "CREATE TABLE author_new (id INTEGER PRIMARY KEY,\n"
     "    name TEXT NOT NULL, born INTEGER);\n"
     "INSERT INTO author_new (id, name) SELECT id, name FROM author;\n"
     "DROP TABLE author;\n"
     "ALTER TABLE author_new RENAME TO author;\n"
     "-- migrate:down\n"
     "PRAGMA foreign_keys = OFF;\n"
     "CREATE TABLE author_new (id INTEGER PRIMARY KEY,\n"
     "    name TEXT NOT NULL);\n"
     "INSERT INTO author_new SELECT id, name FROM author;\n"
     "DROP TABLE author;\n"
     "ALTER TABLE author_new RENAME TO author;\n",
     "0003",
     "SELECT count(*) = 1 AND (SELECT count(*) FROM author) = 2 "
     "AND (SELECT count(*) FROM sqlite_schema WHERE name = 'author_new') = 0 "
     "FROM pragma_table_info('author') WHERE name = 'born'",
     "SELECT count(*) = 0 AND (SELECT count(*) FROM sqlite_schema "
     "WHERE name = 'author_new') = 0 "
     "FROM pragma_table_info('author') WHERE name = 'born'"},
    {"0004_checked.sql",
     "-- migrate:up\n"
     "CREATE INDEX book_title ON book (title);\n"
     "CREATE TABLE tag (book INTEGER, word TEXT);\n"
     "INSERT INTO tag SELECT id, 'new' FROM book;\n"
     "-- migrate:verify\n"
     "SELECT count(*) = 2 FROM tag;\n"
     "SELECT count(*) = (SELECT count(*) FROM book) FROM tag;\n"
     "-- migrate:down\n"
     "DROP TABLE tag;\n"
     "DROP INDEX book_title;\n",
     "0004",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM tag) = 2 "
     "FROM sqlite_schema WHERE name IN ('tag', 'book_title')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('tag', 'book_title')"},
    {"0005_deferred.sql",
     "-- migrate:up\n"
     "CREATE TABLE shelf (id INTEGER PRIMARY KEY);\n"
     "CREATE TABLE place (book INTEGER, shelf INTEGER REFERENCES shelf (id)\n"
     "    DEFERRABLE INITIALLY DEFERRED);\n"
     "INSERT INTO place SELECT id, id + 10 FROM book;\n"
     "INSERT INTO shelf SELECT id + 10 FROM book;\n"
     "-- migrate:down\n"
     "DELETE FROM shelf;\n"
     "DELETE FROM place;\n"
     "DROP TABLE place;\n"
     "DROP TABLE shelf;\n",
     "0005",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM place JOIN shelf "
     "ON shelf.id = place.shelf) = 2 FROM sqlite_schema "
     "WHERE name IN ('shelf', 'place')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('shelf', 'place')"},
    {"0006_words.sql",
     "-- migrate:up\n"
     "CREATE TABLE word (word TEXT PRIMARY KEY) WITHOUT ROWID;\n"
     "CREATE TRIGGER word_refused BEFORE INSERT ON word\n"
     "WHEN new.word = 'refused'\n"
     "BEGIN\n"
     "    SELECT RAISE(ROLLBACK, 'this word is refused');\n"
     "END;\n"
     "INSERT OR ROLLBACK INTO word VALUES ('a'), ('b');\n"
     "-- migrate:down\n"
     "DROP TABLE word;\n",
     "0006",
     "SELECT count(*) = 2 AND (SELECT count(*) FROM word) = 2 "
     "FROM sqlite_schema WHERE name IN ('word', 'word_refused')",
     "SELECT count(*) = 0 FROM sqlite_schema "
     "WHERE name IN ('word', 'word_refused')"},
    /* It always fails, and the engine ends the transaction for it. */
    {"0007_refused.sql",
     "-- migrate:up\n"
     "CREATE TABLE never (id INTEGER);\n"
     "INSERT INTO word VALUES ('c'), ('refused');\n"
     "-- migrate:down\n"
     "DROP TABLE never;\n",
     "0007", "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'never'",
     "SELECT count(*) = 0 FROM sqlite_schema WHERE name = 'never'"},
};
#define TRIAL_MIGRATIONS                                                       \
    (sizeof(trial_migrations) / sizeof(trial_migrations[0]))

#endif
