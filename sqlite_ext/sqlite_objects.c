#include "sqlite_canon.h"
#include "sqlite_catalogue.h"
#include "sqlite_parts.h"
#include "sqlite_schema.h"
#include "sqlite_token.h"

#include <stdio.h>

/*
 * The objects of a schema
 *
 * What SQLite keeps of a table is the text of its CREATE TABLE, which ALTER
 * TABLE edits.  No pragma tells all that it says: not a collation of a column,
 * a CHECK, ON CONFLICT, AUTOINCREMENT, DEFERRABLE, the name of a constraint.
 * So definitions are texts, each in one form (sqlite_canon.h), one for each
 * column and constraint; where in the text ALTER TABLE has put one then does
 * not count.
 *
 * A column has its constraints with it.  A constraint of a table is known by
 * its name, or else by what it is about: its columns, or the CHECK itself.
 * Where several are known by the same, the second is "... #2".
 *
 * What cannot be read, as somebody has written to sqlite_schema, is listed as
 * it stands there.
 */

/* A listing under way. */
typedef struct Listing
{
    SqliteHost *host;
    const SqliteSchemaRows *rows;
    const MigScope *scope;
    MigObjectFunction object;
    void *context;
    MigError *error;
    MigArena arena; /* of one row */
} Listing;

/* Hand on one object. */
static void
emit(Listing *listing, const char *kind, MigBytes identity, MigBytes table,
     MigBytes definition)
{
    MigObject object = {mig_bytes(kind), identity, table, definition};

    if (listing->error->status == MIG_OK)
        (void) listing->object(listing->context, &object, listing->error);
}

/* A text to be built in the listing's arena, for a name in a table at first. */
static MigText
begin_identity(Listing *listing, MigBytes table)
{
    MigText text = {&listing->arena, listing->error, NULL, 0, 0};

    sqlite_canon_name(&text, table);
    mig_text_append_string(&text, ".");
    return text;
}

/* Hand on a table as such: which columns it has, and its options. */
static void
emit_table(Listing *listing, const SqliteCanon *canon, MigBytes table,
           const SqliteParts *parts)
{
    MigText text = {&listing->arena, listing->error, NULL, 0, 0};
    bool first = true;

    mig_text_append_string(&text, "(");
    for (size_t i = 0; i < parts->count; i++)
    {
        if (parts->items[i].name.data == NULL)
            continue;
        mig_text_append_string(&text, first ? "" : ", ");
        sqlite_canon_name(&text,
                          sqlite_canon_unquote(canon, parts->items[i].name));
        first = false;
    }
    mig_text_append_string(&text, ")");
    mig_text_append_string(&text, parts->without_rowid ? " without rowid" : "");
    mig_text_append_string(&text, parts->strict ? " strict" : "");
    emit(listing, "table", table, mig_bytes(NULL), mig_text_bytes(&text));
}

static void
emit_column(Listing *listing, const SqliteCanon *canon, MigBytes table,
            const SqlitePart *part)
{
    MigText identity = begin_identity(listing, table);
    MigBytes rest = mig_part(part->text, part->name.length, part->text.length);

    sqlite_canon_name(&identity, sqlite_canon_unquote(canon, part->name));
    emit(listing, "column", mig_text_bytes(&identity), table,
         sqlite_canon_text(canon, FORM_COLUMN, rest));
}

#define CHECK_NAME_MAX ((size_t) 80) /* bytes, of one without a name */

/* What a constraint without a name is known by. */
static MigBytes
constraint_key(MigBytes definition)
{
    const char *end = memchr(definition.data, ')', definition.length);

    if (mig_starts_with(definition, "check"))
        return mig_cut(definition, CHECK_NAME_MAX);
    if (mig_starts_with(definition, "primary key"))
        return mig_part(definition, 0, strlen("primary key"));
    return end == NULL
               ? mig_cut(definition, CHECK_NAME_MAX)
               : mig_part(definition, 0, (size_t) (end - definition.data) + 1);
}

/* What the constraints of a table are known by, so far. */
typedef struct Known
{
    SqliteHash hash;
    struct Identity
    {
        MigBytes text;
        size_t count;
    } * items;
} Known;

/* How often a text was known, with this time; 0 when out of memory. */
static size_t
count_known(Known *known, MigBytes text)
{
    uint32_t hash = sqlite_hash_name(text.data);
    size_t i = sqlite_hash_first(&known->hash, hash);
    struct Identity *items;

    while (i != SQLITE_HASH_END && !mig_bytes_equal(known->items[i].text, text))
        i = sqlite_hash_next(&known->hash, i);
    if (i != SQLITE_HASH_END)
        return ++known->items[i].count;
    items = sqlite_hash_reserve(&known->hash, known->items, sizeof(*items));
    if (items == NULL)
        return 0;
    known->items = items;
    items[known->hash.count].text = text;
    items[known->hash.count].count = 1;
    return sqlite_hash_add(&known->hash, hash) ? 1 : 0;
}

static void
emit_constraint(Listing *listing, const SqliteCanon *canon, MigBytes table,
                MigBytes text, Known *known)
{
    MigText identity = begin_identity(listing, table);
    MigBytes definition = sqlite_canon_text(canon, FORM_CONSTRAINT, text);
    MigBytes word;
    size_t at = 0;
    size_t count;

    if (sqlite_next_word(text, &at, &word) &&
        sqlite_is_word(word, "constraint"))
    {
        (void) sqlite_next_token(text, &at, &word);
        sqlite_canon_name(&identity, sqlite_canon_unquote(canon, word));
    }
    else
        mig_text_append(&identity, constraint_key(definition));
    if (listing->error->status != MIG_OK)
        return;
    count = count_known(known, mig_text_bytes(&identity));
    if (count == 0)
        (void) mig_fail(listing->error, MIG_NOMEM, "out of memory");
    if (count > 1)
        mig_text_append_format(&identity, " #%zu", count);
    emit(listing, "constraint", mig_text_bytes(&identity), table, definition);
}

/* Append the arguments of a virtual table, which begin at a place.  They stay
 * as they are: only the module knows what they mean. */
static void
append_arguments(MigText *text, MigBytes sql, size_t at)
{
    size_t start = SIZE_MAX; /* of an argument */
    size_t end = 0;
    int depth = 0;
    MigBytes token;

    for (; sqlite_next_token(sql, &at, &token) != TOKEN_END; end = at)
    {
        bool comma = depth == 1 && token.length == 1 && token.data[0] == ',';

        if (token.length == 1 && token.data[0] == ')')
            depth--;
        if (start == SIZE_MAX && depth > 0 && !comma)
            start = at - token.length;
        if (comma || depth == 0)
        {
            if (start != SIZE_MAX)
                mig_text_append(text, mig_part(sql, start, end));
            start = SIZE_MAX;
            mig_text_append(text, token);
            mig_text_append_string(text, comma ? " " : "");
        }
        if (token.length == 1 && token.data[0] == '(')
            depth++;
    }
}

/* The definition of a virtual table. */
static MigBytes
virtual_definition(Listing *listing, const SqliteCanon *canon, MigBytes sql)
{
    MigText text = {&listing->arena, listing->error, NULL, 0, 0};
    size_t at = 0;
    MigBytes token;

    do
        (void) sqlite_next_token(sql, &at, &token);
    while (token.length > 0 && !sqlite_is_word(token, "using"));
    mig_text_append_string(&text, "virtual using ");
    (void) sqlite_next_token(sql, &at, &token);
    mig_text_append(&text, sqlite_canon_text(canon, FORM_INDEX, token));
    append_arguments(&text, sql, at);
    return mig_text_bytes(&text);
}

/* Whether a text is a CREATE VIRTUAL TABLE. */
static bool
is_virtual(MigBytes sql)
{
    MigBytes token;
    size_t at = 0;

    (void) sqlite_next_token(sql, &at, &token);
    (void) sqlite_next_token(sql, &at, &token);
    return sqlite_is_word(token, "virtual");
}

/* Hand on a table and its parts. */
static void
list_table(Listing *listing, const SqliteCanon *canon, MigBytes table,
           MigBytes sql)
{
    Known known;
    SqliteParts parts;

    memset(&known, 0, sizeof(known));
    if (!sqlite_parts_read(&listing->arena, sql, &parts, listing->error))
    {
        emit(listing, "table", table, mig_bytes(NULL),
             is_virtual(sql) ? virtual_definition(listing, canon, sql) : sql);
        return;
    }
    emit_table(listing, canon, table, &parts);
    for (size_t i = 0; i < parts.count; i++)
    {
        if (parts.items[i].name.data != NULL)
            emit_column(listing, canon, table, &parts.items[i]);
        else
            emit_constraint(listing, canon, table, parts.items[i].text, &known);
    }
    sqlite_hash_free(&known.hash);
    sqlite3_free(known.items);
}

/* Hand on what a row of an unknown type holds. */
static void
list_unknown(Listing *listing, const SqliteSchemaRow *row)
{
    const char *identity = mig_format_string(&listing->arena, listing->error,
                                             "%s %s", row->type, row->name);

    if (identity != NULL)
        emit(listing, "row", mig_bytes(identity), mig_bytes(NULL),
             mig_bytes(row->sql));
}

/* Hand on the object of a row. */
static void
list_row(Listing *listing, const SqliteSchemaRow *row)
{
    MigBytes root = mig_bytes(listing->rows->roots[row->root].name);
    MigBytes name = mig_bytes(row->name);
    MigBytes sql = mig_bytes(row->sql);
    SqliteCanon canon = {listing->host, &listing->arena, listing->error,
                         root.data};

    if (strcmp(row->type, "table") == 0)
        list_table(listing, &canon, name, sql);
    else if (strcmp(row->type, "view") == 0)
        emit(listing, "view", name, mig_bytes(NULL),
             sqlite_canon_text(&canon, FORM_QUERY, sql));
    else if (strcmp(row->type, "trigger") == 0)
        emit(listing, "trigger", name, root,
             sqlite_canon_text(&canon, FORM_QUERY, sql));
    else if (strcmp(row->type, "index") != 0)
        list_unknown(listing, row);
    else if (sql.length > 0) /* else it belongs to a constraint */
        emit(listing, "index", name, root,
             sqlite_canon_text(&canon, FORM_INDEX, sql));
}

/* Whether a table or view is left out. */
static bool
is_left_out(const Listing *listing, const char *table)
{
    const MigScope *scope = listing->scope;
    size_t length = strlen(table);

    if (sqlite3_strnicmp(table, "sqlite_", 7) == 0 ||
        sqlite_is_catalogue_table(table) ||
        sqlite_is_shadow(listing->host, table, listing->error))
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

/* Hand on a table or view with all that belongs to it. */
static void
list_root(Listing *listing, const SqliteSchemaRoot *root)
{
    size_t i = root->first;

    if (is_left_out(listing, root->name))
        return;
    while (i != SQLITE_HASH_END && listing->error->status == MIG_OK)
    {
        const SqliteSchemaRow *row = &listing->rows->items[i];

        i = row->next;
        list_row(listing, row);
        mig_arena_release(&listing->arena);
    }
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
    Listing listing = {host, NULL, scope, object, context, error, {base, NULL}};

    if (sqlite_schema_read(host, error) != MIG_OK)
        return error->status;
    listing.rows = &host->schema->rows;
    for (size_t i = 0;
         error->status == MIG_OK && i < listing.rows->root_hash.count; i++)
        list_root(&listing, &listing.rows->roots[i]);
    mig_arena_release(&listing.arena);
    return error->status;
}

MigStatus
sqlite_objects_changed(SqliteHost *host, const MigScope *scope,
                       MigRootFunction root, MigObjectFunction object,
                       void *context, MigError *error)
{
    SqliteSchema *schema = host->schema;
    const SqliteSchemaRows *rows = &schema->rows;
    Listing listing = {
        host, rows, scope, object, context, error, {&host->host, NULL}};
    size_t count = schema->changed_hash.count;

    for (size_t i = 0; i < count && error->status == MIG_OK; i++)
    {
        if (!is_left_out(&listing, schema->changed[i]) &&
            error->status == MIG_OK)
            (void) root(context, mig_bytes(schema->changed[i]), error);
    }
    for (size_t i = 0; i < count && error->status == MIG_OK; i++)
    {
        size_t found = sqlite_schema_find(rows, schema->changed[i]);

        if (found != SQLITE_HASH_END &&
            strcmp(rows->roots[found].name, schema->changed[i]) == 0)
            list_root(&listing, &rows->roots[found]);
    }
    mig_arena_release(&listing.arena);
    return error->status;
}
