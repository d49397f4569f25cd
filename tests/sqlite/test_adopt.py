"""Other tools' histories in SQLite's own dialect, in attached files, and in
files that were made to be read."""

from tools import column, connect, fails, one, rows, same

# The tables as the tools make them, a row in each, and what the report says.
TOOLS = {
    "golang-migrate": (
        "CREATE TABLE schema_migrations (version uint64,dirty bool);"
        "CREATE UNIQUE INDEX version_unique ON schema_migrations (version);"
        "INSERT INTO schema_migrations VALUES (1, 0)",
        ("1", "1", "matched", None)),
    "flyway": (
        'CREATE TABLE "flyway_schema_history" ("installed_rank" INT NOT NULL '
        'PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT '
        'NULL, "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, '
        '"checksum" INT, "installed_by" VARCHAR(100) NOT NULL, "installed_on" '
        "TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), "
        '"execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL);'
        "INSERT INTO flyway_schema_history VALUES (1, '1', 'one', 'SQL', "
        "'V1__one.sql', NULL, '', '2024-01-02 03:04:05.678', 3, 1)",
        ("1", "1", "matched", "2024-01-02T03:04:05.678Z")),
    "goose": (
        "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp "
        "TIMESTAMP DEFAULT (datetime('now')));"
        "INSERT INTO goose_db_version VALUES (1, 1, 1, '2024-01-02 03:04:05')",
        ("1", "1", "matched", "2024-01-02T03:04:05.000Z")),
    "atlas": (
        "CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL, "
        "`description` text NOT NULL, `type` integer NOT NULL DEFAULT (2), "
        "`applied` integer NOT NULL DEFAULT (0), `total` integer NOT NULL "
        "DEFAULT (0), `executed_at` datetime NOT NULL, `execution_time` "
        "integer NOT NULL, `error` text NULL, `error_stmt` text NULL, `hash` "
        "text NOT NULL, `partial_hashes` json NULL, `operator_version` text "
        "NOT NULL, PRIMARY KEY (`version`));"
        "INSERT INTO atlas_schema_revisions VALUES ('1', 'one', 2, 1, 1, "
        "'2024-01-02 03:04:05.678901234+01:00', 5, '', '', '', NULL, 'v')",
        ("1", "1", "matched", "2024-01-02T02:04:05.678Z")),
    "prisma": (
        'CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, '
        '"checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" '
        'TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME, "started_at" '
        'DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" '
        "INTEGER UNSIGNED NOT NULL DEFAULT 0);"
        "INSERT INTO _prisma_migrations VALUES ('a', '', 1704164645678, "
        "'1_one', NULL, NULL, 1704164645000, 1)",
        ("1_one", "1", "matched", "2024-01-02T03:04:05.678Z")),
    "drizzle": (
        'CREATE TABLE "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text '
        "NOT NULL, created_at numeric, name text, applied_at TEXT);"
        "INSERT INTO __drizzle_migrations VALUES (NULL, '', 1704164645678, "
        "'1_one', '2024-01-02T03:04:05.678Z')",
        ("1_one", "1", "matched", "2024-01-02T03:04:05.678Z")),
    "ecto": (
        'CREATE TABLE "schema_migrations" ("version" INTEGER PRIMARY KEY, '
        '"inserted_at" TEXT);'
        "INSERT INTO schema_migrations VALUES (1, '2024-01-02T03:04:05')",
        ("1", "1", "matched", "2024-01-02T03:04:05.000Z")),
    "liquibase": (
        "CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR "
        "VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED "
        "TEXT NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) "
        "NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS "
        "VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS "
        "VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));"
        "CREATE TABLE DATABASECHANGELOGLOCK (ID INTEGER NOT NULL, LOCKED "
        "BOOLEAN NOT NULL, LOCKGRANTED TEXT, LOCKEDBY VARCHAR(255));"
        "INSERT INTO DATABASECHANGELOGLOCK VALUES (1, 0, NULL, NULL);"
        "INSERT INTO DATABASECHANGELOG VALUES ('1', 'bob', 'c.sql', "
        "'2024-01-02 03:04:05', 1, 'FAILED', '9:x', '', '', NULL, '4', NULL, "
        "NULL, '1')",
        ("c.sql::1::bob", None, "failed", "2024-01-02T03:04:05.000Z")),
    "mybatis": (
        "CREATE TABLE CHANGELOG (ID NUMERIC(20,0) NOT NULL, APPLIED_AT "
        "VARCHAR(25) NOT NULL, DESCRIPTION VARCHAR(255) NOT NULL, CONSTRAINT "
        "PK_CHANGELOG PRIMARY KEY (ID));"
        "INSERT INTO CHANGELOG VALUES (1, '2024-01-02 03:04:05', 'one')",
        ("1", "1", "matched", "2024-01-02T03:04:05.000Z")),
    "sqlx": (
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, "
        "description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT "
        "CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, "
        "execution_time BIGINT NOT NULL);"
        "INSERT INTO _sqlx_migrations VALUES (1, 'one', '2024-01-02 03:04:05', "
        "1, x'00', 5)",
        ("1", "1", "matched", "2024-01-02T03:04:05.000Z")),
}

GOOSE = TOOLS["goose"][0]
REPORT = "SELECT recorded, version, state, applied_at " \
    "FROM migrate_adopt_report() WHERE recorded IS NOT NULL"

SQITCH = """
CREATE TABLE {schema}.changes (change_id TEXT PRIMARY KEY, script_hash TEXT,
    change TEXT NOT NULL, project TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
    committed_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    committer_name TEXT NOT NULL, committer_email TEXT NOT NULL,
    planned_at DATETIME NOT NULL, planner_name TEXT NOT NULL,
    planner_email TEXT NOT NULL);
INSERT INTO {schema}.changes VALUES ('a', NULL, '1', 'p', '',
    '2024-01-02 03:04:05.678', 'Bob', 'b@x', '2024-01-01 00:00:00', 'P', 'p@x');
"""


def load(db, number, name):
    db.execute("SELECT migrate_add(?, ?, ?, ?)",
               (number, f"CREATE TABLE {name} (id integer)",
                f"DROP TABLE {name}", name)).fetchall()


def loaded(path=":memory:"):
    db = connect(path)
    load(db, "1", "one")
    load(db, "2", "two")
    return db


def test_tables_as_the_tools_make_them(place):
    for tool, (script, expected) in TOOLS.items():
        db = loaded()
        db.executescript(script)
        same(column(db, "SELECT DISTINCT history FROM migrate_adopt_report()"),
             [tool])
        same(rows(db, REPORT), [expected])


def test_sqitch_is_in_a_file_of_its_own(place):
    db = loaded()
    error = fails(db, "SELECT migrate_adopt('sqitch')", "^no history of")
    assert "ATTACH 'sqitch.db' AS sqitch" in str(error), error
    db.execute("ATTACH ? AS sqitch", (str(place / "sqitch.db"),))
    db.executescript(SQITCH.format(schema="sqitch"))
    same(one(db, "SELECT migrate_adopt()"), 1)
    same(rows(db, "SELECT applied_by, applied_at FROM migrate_status() "
              "WHERE version = '1'"), [("Bob", "2024-01-02T03:04:05.678Z")])


def test_other_tools_histories_in_attached_files_are_not_ours(place):
    db = loaded()
    db.execute("ATTACH ? AS other", (str(place / "other.db"),))
    db.executescript(GOOSE.replace("goose_db_version (id",
                                   "other.goose_db_version (id")
                     .replace("INTO goose", "INTO other.goose"))
    fails(db, "SELECT migrate_adopt()", "^no other tool's history")
    # But for an attached database that is the one to be migrated.
    one(db, "SELECT migrate_config('target_schema', 'other')")
    load(db, "1", "one")
    same(one(db, "SELECT migrate_adopt()"), 1)
    same(column(db, "SELECT version FROM other.migrate_applied"), ["1"])


def test_user_version(place):
    db = loaded()
    fails(db, "SELECT migrate_adopt('user_version')", "^no history of")
    db.execute("PRAGMA user_version = 1")
    same(rows(db, REPORT), [("1", "1", "matched", None)])
    # A tool's table comes first.
    db.executescript(GOOSE)
    same(column(db, "SELECT DISTINCT history FROM migrate_adopt_report()"),
         ["goose"])
    same(one(db, "SELECT migrate_adopt('user_version')"), 1)
    same(one(db, "PRAGMA user_version"), 1)


def test_user_version_counts_no_checkpoint(place):
    for name in ("V20240101__a", "V20240102__b", "B20240102__ab",
                 "V20240103__c"):
        (place / f"{name}.sql").write_text("SELECT 1;\n", encoding="utf-8")
    db = connect(":memory:")
    one(db, "SELECT migrate_load(?)", str(place))
    db.execute("PRAGMA user_version = 3")
    same(one(db, "SELECT migrate_adopt()"), 3)
    same(column(db, "SELECT version FROM migrate_applied ORDER BY 1"),
         ["20240101", "20240102", "20240103"])


def test_nothing_of_the_file_is_run(place):
    db = loaded()
    ran = []
    db.create_function("caught", 0, lambda: ran.append(1))
    db.executescript("""
        CREATE VIEW alembic_version AS SELECT caught() AS version_num;
        CREATE TEMP TABLE schema_migrations (version uint64, dirty bool);
        CREATE VIRTUAL TABLE pgmigrations USING fts5(id, name, run_on);
        """ if has_fts(db) else """
        CREATE VIEW alembic_version AS SELECT caught() AS version_num;
        CREATE TEMP TABLE schema_migrations (version uint64, dirty bool);
        """)
    fails(db, "SELECT migrate_adopt()", "^no other tool's history")
    same(ran, [])
    # What a table is called, and how a table function is shadowed.
    db.executescript("""
        CREATE TABLE "pragma_table_info" (name, version_num);
        DROP TABLE pragma_table_info;
        CREATE TABLE "odd ""]' table" (version_num);
        INSERT INTO "odd ""]' table" VALUES ('1');
        """)
    same(rows(db, REPORT), [("1", "1", "matched", None)])


def has_fts(db):
    return one(db, "SELECT count(*) FROM pragma_module_list "
               "WHERE name = 'fts5'") > 0


def test_a_computed_column_does_not_count(place):
    db = loaded()
    db.execute("CREATE TABLE alembic_version (a, version_num GENERATED ALWAYS "
               "AS ('1') VIRTUAL)")
    fails(db, "SELECT migrate_adopt()", "^no other tool's history")


def test_values_of_any_kind(place):
    db = loaded()
    db.execute("CREATE TABLE alembic_version (version_num)")
    for value, expected in ((1, "1"), (1.0, "1"), (b"1", "1"), (None, None),
                            ("\u00e4" * 200, "\u00e4" * 100), ("a\nb", "a\nb"),
                            ("", None)):
        db.execute("DELETE FROM alembic_version")
        db.execute("INSERT INTO alembic_version VALUES (?)", (value,))
        found = rows(db, "SELECT recorded, state FROM migrate_adopt_report() "
                     "WHERE state IN ('matched', 'unmatched')")
        assert found[0][0] == expected or (expected is None and not found[0][0]
                                           ), (value, found)
    db.execute("DELETE FROM alembic_version")
    db.execute("INSERT INTO alembic_version VALUES (CAST(x'31ff00' AS text))")
    fails(db, "SELECT migrate_adopt()", "^1 row of the history")


def test_a_transaction_of_the_callers(place):
    path = place / "app.db"
    db = loaded(path)
    db.executescript(GOOSE)
    db.execute("BEGIN")
    same(one(db, "SELECT migrate_adopt()"), 1)
    db.execute("ROLLBACK")
    same(column(db, "SELECT version FROM migrate_applied"), [])
    same(one(db, "SELECT migrate_adopt()"), 1)
    same(column(connect(path), "SELECT version FROM migrate_applied"), ["1"])


def test_ten_thousand(place):
    directory = place / "m"
    directory.mkdir()
    for number in range(10000):
        (directory / f"{number + 1}_m.sql").write_text("SELECT 1;\n")
    db = connect(":memory:")
    same(one(db, f"SELECT migrate_load('{directory}')"), 10000)
    db.executescript(GOOSE + ";DELETE FROM goose_db_version")
    db.executemany("INSERT INTO goose_db_version (version_id, is_applied) "
                   "VALUES (?, 1)", ((n + 1,) for n in range(10000)))
    same(one(db, "SELECT migrate_adopt()"), 10000)
    same(one(db, "SELECT migrate_adopt()"), 0)
    same(one(db, "SELECT migrate_pending()"), 0)
