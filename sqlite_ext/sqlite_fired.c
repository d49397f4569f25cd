#include "sqlite_destroy.h"
#include "sqlite_token.h"

#include <limits.h>
#include <stdio.h>

/*
 * What the triggers that a statement fires would destroy.
 *
 * Which they are the engine tells: each is a program inside the statement's
 * own, also one that another trigger fires or a foreign key's action does, and
 * begins with the trigger's name.  What it does is read from its text in the
 * schema. So it is known once all that stands in front of the statement has
 * run.
 *
 * To ask costs as much as a short statement, so that it is first found out
 * whether there is any trigger, where several are to be run.
 */

#define ASKED_MOST 8 /* statements, before it is looked for any trigger */
#define NO_TRIGGERS (-1)

/* What begins a trigger's program, in front of its name. */
#define MARK "-- TRIGGER "

/* A statement's triggers being looked at. */
typedef struct Fired
{
    SqliteHost *host;
    const SqliteDestruction *cause; /* what the statement does itself */
    char *schema;  /* that its table is in, once it is needed; or NULL */
    bool anywhere; /* a temporary trigger can reach tables of every schema */
    MigLoss *loss;
    MigError *error;
} Fired;

/* ---- The text of a trigger ---- */

/* Move behind the next word of a text that is that one; whether there is. */
static bool
seek_word(MigBytes text, size_t *at, const char *expected)
{
    MigBytes word;

    while (sqlite_next_word(text, at, &word) || word.length > 0)
    {
        if (sqlite_is_word(word, expected))
            return true;
    }
    return false;
}

/* Whether the token at an offset begins a statement that changes rows, or a
 * query. */
static bool
begins_statement(MigBytes text, size_t at)
{
    static const char *const verbs[] = {"insert", "replace", "update",
                                        "delete", "select",  "with"};
    MigBytes word;

    (void) sqlite_next_word(text, &at, &word);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
    {
        if (sqlite_is_word(word, verbs[i]))
            return true;
    }
    return false;
}

/* The statements of a trigger, with its END; empty when they are not found.
 * ON is never a name without quotes, BEGIN may be one. */
static MigBytes
body_of(MigBytes sql)
{
    MigBytes table;
    size_t at = 0;

    if (!seek_word(sql, &at, "on"))
        return mig_bytes("");
    (void) sqlite_next_word(sql, &at, &table);
    while (seek_word(sql, &at, "begin"))
    {
        if (begins_statement(sql, at))
            return mig_part(sql, at, sql.length);
    }
    return mig_bytes("");
}

/* The statement at an offset, up to its semicolon; at is moved behind that. */
static MigBytes
next_statement(MigBytes body, size_t *at)
{
    size_t start = *at;
    size_t end;
    size_t length;
    SqliteToken kind;

    do
    {
        end = *at;
        kind = sqlite_read_token(mig_part(body, end, body.length), &length);
        *at += length;
    } while (kind != TOKEN_SEMICOLON && kind != TOKEN_END);
    return mig_part(body, start, end);
}

/* ---- What it does ---- */

/* Look at the statements of a trigger. */
static void
look_at_body(Fired *fired, const char *schema, const char *name, MigBytes sql)
{
    MigBytes body = body_of(sql);
    MigBytes shown = mig_cut(mig_bytes(name), 200);
    const char *place = sqlite3_stricmp(schema, "temp") == 0 ? NULL : schema;
    size_t at = 0;

    while (at < body.length && fired->loss->text[0] == '\0' &&
           fired->error->status == MIG_OK)
    {
        SqliteDestruction found = sqlite_read_destruction(
            fired->host, next_statement(body, &at), true, place);
        MigLoss loss;

        if (sqlite_tell_loss(fired->host, &found, place, &loss, fired->error) !=
                MIG_OK ||
            loss.text[0] == '\0')
            continue;
        *fired->loss = loss;
        (void) snprintf(fired->loss->text, sizeof(fired->loss->text),
                        "fires trigger \"%.*s\", which %.650s",
                        (int) shown.length, shown.data, loss.text);
    }
}

/* Prepare a query made as by sqlite3_mprintf(); NULL when it cannot be. */
static sqlite3_stmt *
prepare(Fired *fired, char *sql)
{
    sqlite3_stmt *statement = NULL;

    if (sql == NULL)
        (void) mig_fail(fired->error, MIG_NOMEM, "out of memory");
    else if (sqlite3_prepare_v2(fired->host->db, sql, -1, &statement, NULL) !=
             SQLITE_OK)
        (void) sqlite_fail(fired->host, fired->error);
    sqlite3_free(sql);
    return statement;
}

/* End a query, whose failure is one of the look. */
static void
finish(Fired *fired, sqlite3_stmt *statement)
{
    if (sqlite3_finalize(statement) != SQLITE_OK)
        (void) sqlite_fail(fired->host, fired->error);
}

/*
 * Look at the triggers of a schema.
 *
 * name  of one; NULL: whether there is any
 *
 * Returns whether there is one.
 */
static bool
look_in(Fired *fired, const char *schema, const char *name)
{
    sqlite3_stmt *statement = prepare(
        fired, sqlite3_mprintf("SELECT sql FROM \"%w\".sqlite_master WHERE "
                               "type = 'trigger' AND (%Q IS NULL OR name = %Q) "
                               "LIMIT 1",
                               schema, name, name));
    bool found = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;

    if (found && name != NULL)
        look_at_body(
            fired, schema, name,
            mig_bytes((const char *) sqlite3_column_text(statement, 0)));
    finish(fired, statement);
    return found;
}

/* The same in every schema but temp, up to the first that has one where any is
 * looked for. */
static bool
look_everywhere(Fired *fired, const char *name)
{
    sqlite3_stmt *list =
        prepare(fired, sqlite3_mprintf("PRAGMA database_list"));
    bool found = false;

    while (list != NULL && (name != NULL || !found) &&
           fired->error->status == MIG_OK && sqlite3_step(list) == SQLITE_ROW)
    {
        const char *schema = (const char *) sqlite3_column_text(list, 1);

        if (schema != NULL && sqlite3_stricmp(schema, "temp") != 0)
            found = look_in(fired, schema, name) || found;
    }
    finish(fired, list);
    return found;
}

/* Look at a trigger that is fired.  Only a temporary one is in another schema
 * than its table, and changes tables of others. */
static void
look_at_trigger(Fired *fired, const char *name)
{
    fired->anywhere = look_in(fired, "temp", name) || fired->anywhere;
    if (fired->schema == NULL && fired->error->status == MIG_OK)
        fired->schema = sqlite_schema_of(fired->host, fired->cause);
    if (fired->anywhere || fired->schema == NULL)
        (void) look_everywhere(fired, name);
    else if (sqlite3_stricmp(fired->schema, "temp") != 0)
        (void) look_in(fired, fired->schema, name);
}

/* Look at the programs of a statement.  One that cannot be prepared has none:
 * that comes out when it is run. */
static void
look_at_programs(Fired *fired, MigBytes text)
{
    sqlite3_stmt *plan = NULL;
    char *sql = sqlite3_mprintf("EXPLAIN %.*s", (int) text.length, text.data);
    int code = sql == NULL
                   ? SQLITE_NOMEM
                   : sqlite3_prepare_v2(fired->host->db, sql, -1, &plan, NULL);

    sqlite3_free(sql);
    if (sqlite_is(code, SQLITE_NOMEM))
        (void) mig_fail(fired->error, MIG_NOMEM, "out of memory");
    if (plan == NULL)
        return;
    while (fired->loss->text[0] == '\0' && fired->error->status == MIG_OK &&
           sqlite3_step(plan) == SQLITE_ROW)
    {
        const char *note = (const char *) sqlite3_column_text(plan, 5);

        if (note != NULL && strncmp(note, MARK, strlen(MARK)) == 0)
            look_at_trigger(fired, note + strlen(MARK));
    }
    finish(fired, plan);
}

/* Whether there is no trigger at all, once enough statements were asked. */
static bool
are_none(Fired *fired)
{
    SqliteHost *host = fired->host;

    if (host->triggers_asked == ASKED_MOST && !look_in(fired, "temp", NULL) &&
        !look_everywhere(fired, NULL) && fired->error->status == MIG_OK)
        host->triggers_asked = NO_TRIGGERS;
    else if (host->triggers_asked >= 0 && host->triggers_asked <= ASKED_MOST)
        host->triggers_asked++;
    return host->triggers_asked == NO_TRIGGERS;
}

MigStatus
sqlite_fired_destroys(SqliteHost *host, MigBytes text,
                      const SqliteDestruction *cause, MigLoss *loss,
                      MigError *error)
{
    Fired fired = {host, cause, NULL, false, loss, error};

    if (!host->unit || text.length > INT_MAX - 20 || are_none(&fired) ||
        error->status != MIG_OK)
        return error->status;
    look_at_programs(&fired, text);
    sqlite3_free(fired.schema);
    return error->status;
}

void
sqlite_fired_expect(SqliteHost *host, MigBytes text)
{
    MigBytes word;
    size_t at = 0;

    if (begins_statement(text, 0))
    {
        /* A function can make one. */
        (void) sqlite_next_word(text, &at, &word);
        if (!sqlite_is_word(word, "select"))
            return;
    }
    host->triggers_asked = 0;
}
