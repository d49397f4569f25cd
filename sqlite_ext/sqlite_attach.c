#include "sqlite_host.h"
#include "sqlite_token.h"

/*
 * ATTACH in scripts
 *
 * An attached database cannot be detached while a transaction holds it, so it
 * is attached before the migration's transaction and detached behind it,
 * whatever becomes of that; a DETACH in the script is passed over.  Both files
 * are then written in one transaction, which the engine keeps together.
 *
 * While an interrupt is in force nothing can be detached.  The connection
 * remembers what is left, and its next call detaches that.
 */

/* A database that a migration has attached. */
struct SqliteAttached
{
    struct SqliteAttached *next;
    char *attach; /* what the statement says behind its key words */
    char *detach; /* the one that ends it */
    char *name;
    char *path; /* of the file; "" in memory */
};

MigBytes
sqlite_attach_name(MigBytes text, MigBytes *token)
{
    MigBytes none = {"", 0};
    MigBytes word;
    MigBytes name;
    size_t at = 0;
    size_t behind = 0; /* the last AS */

    while (sqlite_next_word(text, &at, &word) || word.length > 0)
    {
        if (sqlite_is_word(word, "as"))
            behind = at;
    }
    if (behind == 0)
        return none;
    at = behind;
    if (!sqlite_next_word(text, &at, token) &&
        (token->length < 2 || strchr("\"'`[", token->data[0]) == NULL))
        return none;
    (void) sqlite_next_word(text, &at, &word);
    if (word.length > 0 && !sqlite_is_word(word, "key"))
        return none;
    name = sqlite_next_name(text, &behind);
    return name;
}

/* What an ATTACH says behind its key words. */
static MigBytes
attach_operands(MigBytes text)
{
    size_t at = 0;
    size_t behind;
    MigBytes word;

    (void) sqlite_next_word(text, &at, &word);
    behind = at;
    if (sqlite_next_word(text, &behind, &word) &&
        sqlite_is_word(word, "database"))
        at = behind;
    return mig_trim(mig_part(text, at, text.length));
}

/* The file that a schema's database lies in; "" when it has none. */
static const char *
schema_path(SqliteHost *host, const char *name)
{
    const char *path = sqlite3_db_filename(host->db, name);

    return path == NULL ? "" : path;
}

static void
attached_free(struct SqliteAttached *attached)
{
    if (attached == NULL)
        return;
    sqlite3_free(attached->attach);
    sqlite3_free(attached->detach);
    sqlite3_free(attached->name);
    sqlite3_free(attached->path);
    sqlite3_free(attached);
}

/* All that is needed to end an ATTACH, allocated before it is run; NULL when
 * out of memory. */
static struct SqliteAttached *
attached_new(MigBytes text)
{
    struct SqliteAttached *attached = sqlite3_malloc64(sizeof(*attached));
    MigBytes token = {"", 0};
    MigBytes name = sqlite_attach_name(text, &token);

    if (attached == NULL)
        return NULL;
    memset(attached, 0, sizeof(*attached));
    text = attach_operands(text);
    attached->attach = sqlite3_mprintf("%.*s", (int) text.length, text.data);
    attached->detach =
        sqlite3_mprintf("DETACH %.*s", (int) token.length, token.data);
    attached->name = sqlite3_mprintf("%.*s", (int) name.length, name.data);
    if (attached->attach != NULL && attached->detach != NULL &&
        attached->name != NULL)
        return attached;
    attached_free(attached);
    return NULL;
}

/* Whether the same statement was run already: the way back and the way forward
 * of a redo may both have it. */
static bool
is_attached(const SqliteHost *host, const struct SqliteAttached *wanted)
{
    const struct SqliteAttached *attached = host->connection->attached;

    while (attached != NULL && strcmp(attached->attach, wanted->attach) != 0)
        attached = attached->next;
    return attached != NULL;
}

/*
 * Fail for a file that the connection has open under another name: to the
 * engine the two are strangers, and the transaction would wait for itself.
 */
static MigStatus
require_once(SqliteHost *host, const struct SqliteAttached *attached,
             MigError *error)
{
    sqlite3_stmt *statement = NULL;
    int code;

    if (attached->path[0] == '\0')
        return MIG_OK;
    code = sqlite3_prepare_v2(host->db,
                              "SELECT name FROM pragma_database_list "
                              "WHERE file = ?1 AND name <> ?2 COLLATE NOCASE",
                              -1, &statement, NULL);
    (void) sqlite3_bind_text(statement, 1, attached->path, -1, SQLITE_STATIC);
    (void) sqlite3_bind_text(statement, 2, attached->name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "the file is open already, as database \"%s\"",
                        (const char *) sqlite3_column_text(statement, 0));
    else if (code != SQLITE_DONE)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}

MigStatus
sqlite_attach(SqliteHost *host, const MigStatement *statement, size_t *offset,
              MigError *error)
{
    struct SqliteAttached *attached;

    if (!sqlite3_get_autocommit(host->db))
    {
        (void) mig_fail(error, MIG_UNSUPPORTED,
                        "a migration with ATTACH cannot run inside the "
                        "transaction that is open: that would keep the "
                        "database from being detached");
        mig_fail_hint(error, "Call the function outside of a transaction.");
        return error->status;
    }
    attached = attached_new(statement->text);
    if (attached == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    if (is_attached(host, attached) ||
        sqlite_run_raw(host, statement, offset, error) != MIG_OK)
    {
        attached_free(attached);
        return error->status;
    }
    attached->next = host->connection->attached;
    host->connection->attached = attached;
    host->databases_known = false;
    attached->path = sqlite3_mprintf("%s", schema_path(host, attached->name));
    if (attached->path == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    /* At once: what follows a failure takes a lock, on that file too. */
    if (require_once(host, attached, error) != MIG_OK)
        sqlite_detach_all(host);
    return error->status;
}

/* Detach one; returns whether it is gone. */
static bool
detach(SqliteHost *host, const struct SqliteAttached *attached)
{
    /* Somebody may have given the name to another one meanwhile. */
    if (attached->path != NULL &&
        strcmp(attached->path, schema_path(host, attached->name)) != 0)
        return true;
    return sqlite3_exec(host->db, attached->detach, NULL, NULL, NULL) ==
               SQLITE_OK ||
           (attached->path != NULL && attached->path[0] != '\0' &&
            sqlite3_db_filename(host->db, attached->name) == NULL);
}

void
sqlite_detach_all(SqliteHost *host)
{
    struct SqliteAttached **link = &host->connection->attached;

    while (*link != NULL)
    {
        struct SqliteAttached *attached = *link;

        if (!detach(host, attached))
        {
            link = &attached->next;
            continue;
        }
        *link = attached->next;
        attached_free(attached);
        host->databases_known = false;
    }
}

void
sqlite_attached_forget(SqliteConnection *connection)
{
    while (connection->attached != NULL)
    {
        struct SqliteAttached *attached = connection->attached;

        connection->attached = attached->next;
        attached_free(attached);
    }
}
