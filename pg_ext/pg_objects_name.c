#include "pg_objects.h"

/*
 * Names that the server qualifies although their schema is in the path, because
 * something in pg_catalog has the same name: without more the text would be
 * another one in a schema of another name.  The dot is kept, as in ".text", for
 * it tells them from those of pg_catalog.
 */

/* Whether the schema $1 has such a name.  Once it has one, all texts are gone
 * through; it does not matter that most are then left as they are. */
const char pg_objects_hidden[] =
    "WITH n AS (SELECT oid FROM pg_namespace WHERE nspname = $1), "
    "c AS (SELECT oid FROM pg_namespace WHERE nspname = 'pg_catalog') "
    "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace IN (TABLE n) "
    "AND relname IN (SELECT relname FROM pg_class "
    "WHERE relnamespace IN (TABLE c))) "
    "OR EXISTS (SELECT FROM pg_type WHERE typnamespace IN (TABLE n) "
    "AND typname IN (SELECT typname FROM pg_type "
    "WHERE typnamespace IN (TABLE c))) "
    "OR EXISTS (SELECT FROM pg_proc WHERE pronamespace IN (TABLE n) "
    "AND proname IN (SELECT proname FROM pg_proc "
    "WHERE pronamespace IN (TABLE c))) "
    "OR EXISTS (SELECT FROM pg_operator WHERE oprnamespace IN (TABLE n) "
    "AND oprname IN (SELECT oprname FROM pg_operator "
    "WHERE oprnamespace IN (TABLE c))) "
    "OR EXISTS (SELECT FROM pg_collation WHERE collnamespace IN (TABLE n) "
    "AND collname IN (SELECT collname FROM pg_collation "
    "WHERE collnamespace IN (TABLE c))) "
    "OR EXISTS (SELECT FROM pg_opclass WHERE opcnamespace IN (TABLE n) "
    "AND opcname IN (SELECT opcname FROM pg_opclass "
    "WHERE opcnamespace IN (TABLE c)))";

/* A text that is gone through. */
typedef struct Stripping
{
    MigBytes schema;  /* as the server writes it */
    MigBytes before;  /* the last token */
    bool follows;     /* whether that is the schema's name, and no column's */
    const char *kept; /* what is kept is copied up to here */
    StringInfoData copy;
} Stripping;

/* A MigTokenFunction: leave out the schema's name in front of a dot. */
static MigStatus
take_token(void *context, MigBytes token, MigError *error)
{
    Stripping *stripping = context;
    bool is_dot = mig_bytes_equal(token, mig_bytes("."));

    if (is_dot && stripping->follows)
    {
        appendBinaryStringInfo(
            &stripping->copy, stripping->kept,
            (int) (stripping->before.data - stripping->kept));
        stripping->kept = token.data;
    }
    stripping->follows = mig_bytes_equal(token, stripping->schema) &&
                         !mig_bytes_equal(stripping->before, mig_bytes("."));
    stripping->before = token;
    return error->status;
}

MigBytes
pg_objects_unqualify(PgHost *host, MigBytes sql, const char *schema,
                     MigError *error)
{
    Stripping stripping = {mig_bytes(schema), {"", 0}, false, sql.data, {0}};
    MigBytes result = sql;
    bool readable = false;

    if (sql.length == 0)
        return sql;
    initStringInfo(&stripping.copy);
    (void) pg_script_tokens(&host->base, sql, take_token, &stripping, &readable,
                            error);
    if (!readable || stripping.kept == sql.data)
        return sql;
    appendBinaryStringInfo(&stripping.copy, stripping.kept,
                           (int) (sql.data + sql.length - stripping.kept));
    result.data = stripping.copy.data;
    result.length = (size_t) stripping.copy.len;
    return result;
}
