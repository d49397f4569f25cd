#include <stdio.h>

#include "sqlite_rebuild.h"
#include "sqlite_scratch.h"

/*
 * The objects of a schema
 *
 * What SQLite keeps of a table is the text of its CREATE TABLE, which ALTER
 * TABLE edits.  No pragma tells all that it says: not a collation of a column,
 * a CHECK, ON CONFLICT, AUTOINCREMENT, DEFERRABLE, the name of a constraint.
 * So definitions are compared by their tokens, one for each column and
 * constraint; where in the text ALTER TABLE has put one then does not count,
 * nor do white space, comments, quotes around names, and upper or lower case
 * but in strings.
 */

/* A listing under way. */
typedef struct Listing
{
    SqliteHost *host;
    const MigScope *scope;
    MigObjectFunction object;
    void *context;
    MigError *error;
    MigArena arena; /* of one row */
} Listing;

/* Whether a token can be a name without its quotes. */
static bool
is_plain(MigBytes name)
{
    for (size_t i = 0; i < name.length; i++)
    {
        char c = name.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              (unsigned char) c >= 0x80 || (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return name.length > 0;
}

/* Append ASCII letters as lower-case ones, as SQLite compares names. */
static void
append_folded(MigText *text, MigBytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
    {
        char c = bytes.data[i];
        MigBytes one = {&c, 1};

        if (c >= 'A' && c <= 'Z')
            c = (char) (c - 'A' + 'a');
        mig_text_append(text, one);
    }
}

/* Append a token in its one form. */
static void
append_token(MigText *text, MigBytes token)
{
    bool quoted = token.length >= 2 && strchr("\"`[", token.data[0]) != NULL;
    MigBytes inner =
        quoted ? mig_part(token, 1, token.length - 1) : mig_bytes("");

    if (token.data[0] == '\'')
        mig_text_append(text, token);
    else if (!quoted)
        append_folded(text, token);
    else if (is_plain(inner))
        append_folded(text, inner);
    else
    {
        mig_text_append_string(text, "\"");
        append_folded(text, inner);
        mig_text_append_string(text, "\"");
    }
}

/* Whether a blank parts two tokens: two words, or what is behind a comma. */
static bool
is_parted(MigBytes before, bool word_before, bool word)
{
    if (before.length == 1 && (before.data[0] == ',' || before.data[0] == ')'))
        return word || before.data[0] == ',';
    return word_before && word;
}

/* The one form of a text of SQL, in the listing's arena. */
static MigBytes
normalise(Listing *listing, MigBytes sql)
{
    MigText text = {&listing->arena, listing->error, NULL, 0, 0};
    MigBytes before = {"(", 1};
    bool word_before = false;
    size_t at = 0;
    MigBytes token;

    for (;;)
    {
        bool word = sqlite_next_word(sql, &at, &token);

        if (token.length == 0)
            break;
        word = word || strchr("'\"`[", token.data[0]) != NULL;
        if (is_parted(before, word_before, word))
            mig_text_append_string(&text, " ");
        append_token(&text, token);
        before = token;
        word_before = word;
    }
    return mig_text_bytes(&text);
}

/* Hand on one object. */
static void
emit(Listing *listing, const char *kind, MigBytes identity, MigBytes table,
     MigBytes definition)
{
    MigObject object = {mig_bytes(kind), identity, table, definition};

    if (listing->error->status == MIG_OK)
        (void) listing->object(listing->context, &object, listing->error);
}

/* "table.part" */
static MigBytes
part_name(Listing *listing, MigBytes table, MigBytes part)
{
    MigText text = {&listing->arena, listing->error, NULL, 0, 0};

    mig_text_append(&text, table);
    mig_text_append_string(&text, ".");
    mig_text_append(&text, part);
    return mig_text_bytes(&text);
}

#define CONSTRAINT_NAME_MAX ((size_t) 80) /* bytes, of one without a name */

/* Hand on a constraint: known by its name, or by what it begins with. */
static void
emit_constraint(Listing *listing, Rebuild *reading, MigBytes table,
                MigBytes text)
{
    MigBytes definition = normalise(listing, text);
    MigBytes name = mig_cut(definition, CONSTRAINT_NAME_MAX);
    size_t at = 0;
    MigBytes word;

    if (sqlite_next_word(text, &at, &word) &&
        sqlite_is_word(word, "constraint"))
    {
        (void) sqlite_next_word(text, &at, &word);
        name = rebuild_unquote(reading, word);
    }
    emit(listing, "constraint", part_name(listing, table, name), table,
         definition);
}

/* Hand on a table as such: which columns it has, and its options. */
static void
emit_table(Listing *listing, MigBytes table,
           const RebuildDefinition *definition)
{
    MigText text = {&listing->arena, listing->error, NULL, 0, 0};
    bool first = true;

    mig_text_append_string(&text, "(");
    for (size_t i = 0; i < definition->part_count; i++)
    {
        if (!definition->parts[i].is_column)
            continue;
        mig_text_append_string(&text, first ? "" : ", ");
        mig_text_append(&text, definition->parts[i].name);
        first = false;
    }
    mig_text_append_string(&text, ")");
    mig_text_append_string(&text,
                           definition->without_rowid ? " without rowid" : "");
    mig_text_append_string(&text, definition->strict ? " strict" : "");
    emit(listing, "table", table, mig_bytes(NULL), mig_text_bytes(&text));
}

/* Hand on a table and its parts. */
static void
list_table(Listing *listing, MigBytes table, MigBytes sql)
{
    MigError failure = {MIG_OK, 0, "", "", ""};
    RebuildDefinition definition;
    Rebuild reading;

    memset(&reading, 0, sizeof(reading));
    reading.arena = &listing->arena;
    reading.error = &failure;
    rebuild_definition_read(&reading, sql, &definition);
    if (failure.status == MIG_NOMEM)
        (void) mig_fail(listing->error, MIG_NOMEM, "out of memory");
    else if (failure.status != MIG_OK) /* a virtual table */
    {
        emit(listing, "table", table, mig_bytes(NULL), normalise(listing, sql));
        return;
    }
    emit_table(listing, table, &definition);
    for (size_t i = 0; i < definition.part_count; i++)
    {
        const RebuildPart *part = &definition.parts[i];

        if (part->is_column)
            emit(
                listing, "column", part_name(listing, table, part->name), table,
                normalise(listing, mig_part(part->text, part->name_token.length,
                                            part->text.length)));
        else
            emit_constraint(listing, &reading, table, part->text);
    }
}

/* Whether a table is left out. */
static bool
is_left_out(const Listing *listing, const char *table)
{
    const MigScope *scope = listing->scope;
    size_t length = strlen(table);

    if (sqlite3_strnicmp(table, "sqlite_", 7) == 0 ||
        sqlite_is_catalogue_table(table))
        return true;
    for (size_t i = 0; i < scope->except_count; i++)
    {
        MigBytes schema = scope->except[i].schema;
        MigBytes name = scope->except[i].name;

        /* Attached databases are not looked at. */
        if ((schema.length == 0 || sqlite_is_word(schema, "main")) &&
            name.length == length &&
            sqlite3_strnicmp(name.data, table, (int) length) == 0)
            return true;
    }
    return false;
}

/* Hand on the object of a row of sqlite_schema. */
static void
list_row(Listing *listing, sqlite3_stmt *statement)
{
    const char *kind = (const char *) sqlite3_column_text(statement, 0);
    const char *name = (const char *) sqlite3_column_text(statement, 1);
    const char *table = (const char *) sqlite3_column_text(statement, 2);
    MigBytes sql = sqlite_value(sqlite3_column_value(statement, 3)).bytes;

    if (kind == NULL || name == NULL || table == NULL)
        (void) mig_fail(listing->error, MIG_NOMEM, "out of memory");
    else if (is_left_out(listing, table))
        return;
    else if (strcmp(kind, "table") == 0)
        list_table(listing, mig_bytes(name), sql);
    else if (strcmp(kind, "view") == 0)
        emit(listing, kind, mig_bytes(name), mig_bytes(NULL),
             normalise(listing, sql));
    else
        emit(listing, kind, mig_bytes(name), mig_bytes(table),
             normalise(listing, sql));
}

void
sqlite_canon(MigHost *host, char *text, size_t size)
{
    (void) host;
    (void) snprintf(text, size, "sqlite/1");
}

MigStatus
sqlite_list_objects(MigHost *base, const MigScope *scope,
                    MigObjectFunction object, void *context, MigError *error)
{
    SqliteHost *host = (SqliteHost *) base;
    Listing listing = {host, scope, object, context, error, {base, NULL}};
    sqlite3_stmt *statement = NULL;
    int code;

    /* What the engine has made by itself has no text. */
    code = sqlite3_prepare_v2(host->db,
                              "SELECT type, name, tbl_name, sql "
                              "FROM main.sqlite_schema WHERE sql IS NOT NULL",
                              -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite_step_patiently(host, statement, host->read_wait_ms);
    while (code == SQLITE_ROW && error->status == MIG_OK)
    {
        list_row(&listing, statement);
        mig_arena_release(&listing.arena);
        code = sqlite3_step(statement);
    }
    if (code != SQLITE_DONE && error->status == MIG_OK)
        (void) sqlite_fail(host, error);
    (void) sqlite3_finalize(statement);
    return error->status;
}
