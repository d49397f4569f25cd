#ifndef SQLITE_REBUILD_H
#define SQLITE_REBUILD_H

/*
 * migrate_rebuild(): what its files share.
 *
 *   sqlite_rebuild.c             the function: its transaction and its ways
 *   sqlite_rebuild_statement.c   running SQL under the sticky error
 *   sqlite_rebuild_definition.c  the parts of a CREATE TABLE, of an assignment
 *   sqlite_rebuild_table.c       what the engine knows of a table
 *   sqlite_rebuild_plan.c        what may be done, where values come from
 *   sqlite_rebuild_alter.c       the engine's own ALTER TABLE
 *   sqlite_rebuild_constraint.c  the same for constraints
 *   sqlite_rebuild_edit.c        the schema's text alone
 *   sqlite_rebuild_rows.c        rows that the new definition forbids
 *   sqlite_rebuild_compute.c     a mapping that holds queries
 *   sqlite_rebuild_copy.c        a new table, filled from the old one
 *   sqlite_rebuild_depend.c      indexes, triggers, views: before and after
 *   sqlite_rebuild_keys.c        foreign keys: before and after
 *   sqlite_rebuild_orphan.c      rows that refer to nothing, by an index
 *   sqlite_rebuild_back.c        the SQL of the way back
 */

#include "mig.h"
#include "sqlite_host.h"

#define NO_COLUMN ((size_t) -1)

/* A run of constraint text in a definition. */
typedef struct RebuildPart
{
    MigBytes text;
    bool is_column;
    MigBytes name_token;   /* of a column, as written */
    MigBytes name;         /* the same without quotes */
    MigBytes generated;    /* its expression with the parentheses, or absent */
    MigBytes default_text; /* its DEFAULT clause, or absent */
} RebuildPart;

/* A constraint with a name. */
typedef struct RebuildConstraint
{
    MigBytes name_token;
    size_t part; /* which it is, or stands in */
} RebuildConstraint;

/* A CREATE TABLE statement, taken apart by its tokens. */
typedef struct RebuildDefinition
{
    MigBytes name_token; /* as written, perhaps in quotes; empty: none given */
    MigBytes behind;     /* what follows the name, up to the last token */
    RebuildPart *parts;  /* between the outer parentheses */
    size_t part_count;
    MigBytes *checks; /* expressions of CHECK constraints, with parentheses */
    size_t check_count;
    RebuildConstraint *constraints;
    size_t constraint_count;
    size_t constraint_capacity;
    bool without_rowid;
    bool strict;
} RebuildDefinition;

typedef struct RebuildColumn
{
    MigBytes name;
    MigBytes type;
    MigBytes default_value; /* as written, or absent */
    MigBytes collation;
    bool not_null;
    int64_t key;    /* its place in the primary key, from 1 on; 0: none */
    int64_t hidden; /* 0 ordinary, 2 virtual, 3 stored */
    const RebuildPart *part;
} RebuildColumn;

/* A table as the engine sees it. */
typedef struct RebuildTable
{
    MigBytes sql;
    RebuildDefinition definition;
    RebuildColumn *columns;
    size_t count;
    MigBytes indexes; /* all about the automatic indexes, as one text */
    MigBytes keys;    /* all about its foreign keys, as one text */
    MigBytes order;   /* WITHOUT ROWID: " ORDER BY" the primary key */
    size_t alias;     /* the column that is the rowid, or NO_COLUMN */
    bool autoincrement;
} RebuildTable;

/* An assignment of the mapping. */
typedef struct RebuildAssignment
{
    MigBytes name;       /* of the new column */
    MigBytes expression; /* over the old row */
    MigBytes source; /* the old column, when it is nothing else; or absent */
    bool renames;
    bool queries; /* the expression holds a query */
} RebuildAssignment;

/* A view, or the statement of a table that fires triggers. */
typedef struct RebuildDependent
{
    const char *kind; /* "view" or "trigger" */
    MigBytes name;    /* of the view, or of the triggers: a list */
    MigBytes sql;     /* a statement that the engine compiles with it */
    bool compiles;
    bool compiles_strictly; /* also where "a" can only be a name */
} RebuildDependent;

/* A table that refers to the one rebuilt, or that one. */
typedef struct RebuildChild
{
    MigBytes name;
    bool checkable;     /* the engine can check its foreign keys */
    bool affected;      /* they can be violated by the rebuild */
    int64_t violations; /* that there were, if affected */
} RebuildChild;

/* An object that a copy has to make again. */
typedef struct RebuildObject
{
    MigBytes name;
    MigBytes sql;
    bool temporary;
    bool strictly; /* compiles where "a" can only be a name */
} RebuildObject;

/* What was done. */
typedef enum RebuildWay
{
    REBUILD_NOTHING,
    REBUILD_ALTER,
    REBUILD_EDIT,
    REBUILD_COPY
} RebuildWay;

/* One call of migrate_rebuild(). */
typedef struct Rebuild
{
    Mig *mig;
    SqliteHost *host;
    MigArena *arena;
    MigError *error;
    MigBytes name;      /* of the table, as the schema has it */
    const char *schema; /* where it is looked at: "main", or "temp" */
    const char *table;  /* its name in quotes, behind "main." */
    const char *aside;  /* name of the old table meanwhile, and in quotes */
    const char *aside_table;
    RebuildDefinition given;
    MigBytes wanted_sql; /* what the schema is to hold in the end */
    RebuildAssignment *assignments;
    size_t assignment_count;
    RebuildTable before; /* as it was found */
    RebuildTable old;    /* after the renames */
    RebuildTable now;    /* as it is at last */
    RebuildTable wanted; /* as it is to be */
    RebuildObject *indexes;
    size_t index_count;
    RebuildObject *triggers;
    size_t trigger_count;
    RebuildDependent *dependents;
    size_t dependent_count;
    RebuildChild *children; /* itself first */
    size_t child_count;
    int64_t sequence; /* of AUTOINCREMENT; -1: none */
    int64_t rows;     /* copied; -1: not counted */
    RebuildWay way;
    bool renamed;
    bool computed; /* the mapping was, before anything changed */
    bool altered;
    bool keeps_rowids;
    bool keys_enforced; /* PRAGMA foreign_keys is on, and cannot be changed */
    MigBytes back;      /* the SQL of the way back */
    const char *notice; /* for the log */
} Rebuild;

/* Whether a token is a key word, in either case. */
static inline bool
rebuild_is(MigBytes token, const char *word)
{
    return token.length == strlen(word) &&
           sqlite3_strnicmp(token.data, word, (int) token.length) == 0;
}

/* Whether two names are one to SQLite. */
static inline bool
rebuild_same(MigBytes a, MigBytes b)
{
    return a.length == b.length &&
           sqlite3_strnicmp(a.data, b.data, (int) a.length) == 0;
}

/* ---- sqlite_rebuild_statement.c ---- */

/*
 * Each of these does nothing once the error is set.
 *
 * Make a text as by sqlite3_mprintf(), in the arena; NULL after a failure.
 */
const char *rebuild_format(Rebuild *rebuild, const char *format, ...);

/* The same, as bytes; absent after a failure. */
MigBytes rebuild_bytes(Rebuild *rebuild, const char *format, ...);

/* What stands in front of a condition in a list of alternatives, which ends
 * with ")": in groups, for the library limits how deep an expression is. */
const char *rebuild_or(size_t index);

/* Execute a text that returns no rows that matter; accepts NULL. */
void rebuild_execute(Rebuild *rebuild, const char *sql);

/* Prepare a statement, its first parameters bound to texts; to be finalized by
 * the caller.  NULL after a failure. */
sqlite3_stmt *rebuild_prepare(Rebuild *rebuild, const char *sql,
                              const MigBytes *arguments, size_t count);

/* Step a statement, which may be NULL; whether it has a row. */
bool rebuild_step(Rebuild *rebuild, sqlite3_stmt *statement);

/* A copy of a column's text; absent for NULL. */
MigBytes rebuild_column(Rebuild *rebuild, sqlite3_stmt *statement, int column);

/* A query for one integer, with the table's name as first parameter. */
int64_t rebuild_integer(Rebuild *rebuild, const char *sql,
                        int64_t without_rows);

/* Set a pragma of the connection for the rest of the unit. */
void rebuild_set(Rebuild *rebuild, const char *pragma);

/* Savepoints within the unit: what fails between them may be undone alone. */
void rebuild_step_begin(Rebuild *rebuild);
void rebuild_step_keep(Rebuild *rebuild);
/* Undo also after a failure, unless that is one that ends the whole call;
 * returns whether the error was cleared and the rebuild can go on. */
bool rebuild_step_undo(Rebuild *rebuild);

/*
 * Have "a" stand for names alone, never for strings, as is not the default.
 *
 * strictly  whether to; else as it was, by what was returned
 */
typedef struct RebuildQuotes
{
    int in_queries;
    int in_definitions;
} RebuildQuotes;
RebuildQuotes rebuild_quotes_begin(Rebuild *rebuild);
void rebuild_quotes_end(Rebuild *rebuild, RebuildQuotes quotes);

/* ---- sqlite_rebuild_definition.c ---- */

/* Take a CREATE TABLE apart, or what stands behind its name. */
void rebuild_definition_read(Rebuild *rebuild, MigBytes text,
                             RebuildDefinition *definition);

/* Take the mapping apart; absent is none. */
void rebuild_mapping_read(Rebuild *rebuild, MigBytes text);

/* A name without its quotes. */
MigBytes rebuild_unquote(Rebuild *rebuild, MigBytes token);

/*
 * Find where a text has the table's name before a dot: "t" . a
 *
 * start  out: where the name starts
 * end    in/out: where to look from; behind the dot
 */
bool rebuild_next_qualifier(Rebuild *rebuild, MigBytes sql, size_t *start,
                            size_t *end);

/* Whether two texts consist of the same tokens. */
bool rebuild_same_tokens(MigBytes a, MigBytes b);

/* ---- sqlite_rebuild_table.c ---- */

/* Find the table, refusing what cannot be rebuilt; sets its names. */
void rebuild_find_table(Rebuild *rebuild, MigBytes name);

/* Read what the engine knows of the table now. */
void rebuild_table_read(Rebuild *rebuild, RebuildTable *table);

/* The column of a name, or NO_COLUMN. */
size_t rebuild_find_column(const RebuildTable *table, MigBytes name);

/* Whether two tables are the same but for their texts. */
bool rebuild_same_table(const RebuildTable *a, const RebuildTable *b);

/* Try the wanted definition for an instant, and read what the engine makes of
 * it. */
void rebuild_probe(Rebuild *rebuild);

/* Make a table by the given definition, in main or temp. */
void rebuild_create(Rebuild *rebuild, const char *schema);

/* ---- sqlite_rebuild_plan.c ---- */

/* Find out which assignments are renames. */
void rebuild_plan_renames(Rebuild *rebuild);

/* The assignment to a new column that is more than a rename, or NULL. */
const RebuildAssignment *rebuild_find_assignment(const Rebuild *rebuild,
                                                 MigBytes name);

/* Whether a column of the wanted table has the values, and their meaning, of
 * the one with its name in the old table. */
bool rebuild_column_stays(const Rebuild *rebuild, size_t wanted);

/* Whether two columns have the same default, letter by letter: DEFAULT abc is a
 * string. */
bool rebuild_same_default(const RebuildColumn *a, const RebuildColumn *b);

/* Whether stored rows and indexes of a table mean the same under the wanted
 * definition, but for defaults. */
bool rebuild_may_edit(const Rebuild *rebuild, const RebuildTable *table);

/*
 * Whether added columns at the end, and one dropped, are all that keeps the
 * columns from being the same.
 *
 * dropped  out: the old column, or NO_COLUMN
 * added    out: the first new column, or the number of columns
 */
bool rebuild_may_alter(const Rebuild *rebuild, size_t *dropped, size_t *added);

/* SQL of an affinity's storage: 'T' text, 'N' numeric, 'I' integer, 'R' real,
 * 'B' none. */
char rebuild_affinity(const RebuildTable *table, const RebuildColumn *column);

/* Where the migration that calls must not destroy rows, fail when columns are
 * left out or their values stored as another type. */
void rebuild_require_kept(Rebuild *rebuild);

/* ---- sqlite_rebuild_alter.c ---- */
void rebuild_rename_columns(Rebuild *rebuild);

/* Add and drop columns where that is enough; returns false, with nothing
 * changed, where it is not. */
bool rebuild_try_alter(Rebuild *rebuild);

/* ---- sqlite_rebuild_constraint.c ---- */

/* Add and drop constraints, where the library can, and the wanted text comes of
 * it; returns false, with nothing changed, where it does not.  True also after
 * a failure: a row that offends. */
bool rebuild_try_constraints(Rebuild *rebuild);

/* ---- sqlite_rebuild_edit.c ---- */

/* Whether this connection may edit its schema. */
bool rebuild_can_edit(Rebuild *rebuild);

/* Put another text in the schema for the table, and have it read. */
void rebuild_edit(Rebuild *rebuild, MigBytes sql);

/* The same for the wanted definition, unless rows are stored short that would
 * get another default: then returns false, with nothing changed. */
bool rebuild_try_edit(Rebuild *rebuild);

/* Take the table's name out of expressions of its own definition, where the
 * library's old way to rename it would not find it: CHECK (t.a > 0). */
void rebuild_unqualify(Rebuild *rebuild);

/* ---- sqlite_rebuild_rows.c ---- */

/*
 * Fail, naming a row that the wanted definition forbids.
 *
 * from   what to select from; has the new columns
 * label  SQL for what to call a row of it
 * nulls  look for NULLs alone, also where the old definition forbids them
 */
void rebuild_check_rows(Rebuild *rebuild, const char *from, const char *label,
                        bool nulls);

/* A name of a table's rowid that no column hides, or NULL. */
const char *rebuild_rowid_name(Rebuild *rebuild, const RebuildTable *table);

/* SQL for what to call a row of a table: "row 17", or by its key. */
const char *rebuild_row_label(Rebuild *rebuild, const RebuildTable *table);

/* ---- sqlite_rebuild_compute.c ---- */

/* Compute the mapping, if it holds queries, into a TEMP table: they must see
 * the table as it was. */
void rebuild_compute(Rebuild *rebuild);

/* Of that table: its name, and the column with the rowid, in quotes. */
const char *rebuild_computed_table(Rebuild *rebuild);
const char *rebuild_computed_rowid(Rebuild *rebuild);

/* The column with what an assignment gives, in quotes. */
const char *rebuild_computed_column(Rebuild *rebuild,
                                    const RebuildAssignment *assignment);

/* ---- sqlite_rebuild_copy.c ---- */
void rebuild_copy(Rebuild *rebuild);

/* ---- sqlite_rebuild_depend.c ---- */

/* Remember what depends on the table, and whether it works. */
void rebuild_depend_remember(Rebuild *rebuild);

/* Read indexes and triggers of the table, as renames have left them. */
void rebuild_depend_read_objects(Rebuild *rebuild);

/* Fail when an index or a trigger needs a column that there will not be. */
void rebuild_depend_require_columns(Rebuild *rebuild);

/* Drop the indexes whose expressions name their table, for the same reason as
 * with rebuild_unqualify(). */
void rebuild_depend_drop_qualified(Rebuild *rebuild);

/* Make the indexes, or the triggers, again. */
void rebuild_depend_create(Rebuild *rebuild, const RebuildObject *objects,
                           size_t count);

/* Fail when something does not work any more. */
void rebuild_depend_check(Rebuild *rebuild);

/* ---- sqlite_rebuild_keys.c ---- */

/* Remember how foreign keys from and to the table stand. */
void rebuild_keys_remember(Rebuild *rebuild);

/* Fail where the copy is unsafe in the transaction that is open. */
void rebuild_keys_require_copy(Rebuild *rebuild);

/* Count violations that there are, where the rebuild can make some. */
void rebuild_keys_count(Rebuild *rebuild);

/* Fail when there are more than before. */
void rebuild_keys_check(Rebuild *rebuild);

/* ---- sqlite_rebuild_orphan.c ---- */

/* Whether indexes show that no row of a table of main refers to nothing by its
 * foreign keys, which the engine must be able to check; false when some do, and
 * where no index helps. */
bool rebuild_has_no_orphans(Rebuild *rebuild, MigBytes child);

/* ---- sqlite_rebuild_back.c ---- */

/* The SQL of the way back. */
MigBytes rebuild_back(Rebuild *rebuild);

/* What was done, in some words. */
const char *rebuild_way_name(const Rebuild *rebuild);

#endif
