#include "sqlite_destroy.h"
#include "sqlite_token.h"

/*
 * Which names mean another table behind a statement, or none: it renames or
 * drops what they stand for, or makes something, which may stand in front of
 * others of its name: what is temporary in front of all, what is in main in
 * front of attached files.
 */

/* A name as it is written, without the quotes around it. */
static MigBytes
bare_name(MigBytes token)
{
    if (token.length >= 2 && strchr("\"`['", token.data[0]) != NULL)
        return mig_part(token, 1, token.length - 1);
    return token;
}

/* What ALTER TABLE name RENAME TO name does to names; not that of a column. */
static size_t
moves_alter(MigBytes text, size_t at, MigBytes names[2])
{
    SqliteDestruction found = {.words = NULL};
    MigBytes word;

    (void) sqlite_next_word(text, &at, &word); /* TABLE */
    sqlite_read_target(text, &at, &found);
    (void) sqlite_next_word(text, &at, &word);
    if (!sqlite_is_word(word, "rename"))
        return 0;
    (void) sqlite_next_word(text, &at, &word);
    if (!sqlite_is_word(word, "to"))
        return 0;
    (void) sqlite_next_word(text, &at, &word);
    names[0] = bare_name(found.table);
    names[1] = bare_name(word);
    return 2;
}

/*
 * Likewise DROP and CREATE of a TABLE or a VIEW, from that word on.  What IF
 * NOT EXISTS makes does not count, unless it is temporary: most often it is
 * there, and its name means the same behind that.
 */
static size_t
moves_object(MigBytes text, size_t at, bool lasting, MigBytes names[2])
{
    SqliteDestruction found = {.words = NULL};
    MigBytes word;
    bool unless = false; /* IF NOT EXISTS */
    size_t before;

    (void) sqlite_next_word(text, &at, &word);
    if (sqlite_is_word(word, "virtual"))
        (void) sqlite_next_word(text, &at, &word);
    if (!sqlite_is_word(word, "table") && !sqlite_is_word(word, "view"))
        return 0;
    before = at;
    (void) sqlite_next_word(text, &at, &word);
    while (sqlite_is_word(word, "if") || sqlite_is_word(word, "not") ||
           sqlite_is_word(word, "exists"))
    {
        unless = unless || sqlite_is_word(word, "not");
        before = at;
        (void) sqlite_next_word(text, &at, &word);
    }
    sqlite_read_target(text, &before, &found);
    if (lasting && unless &&
        !mig_same_letters(bare_name(found.schema), mig_bytes("temp")))
        return 0;
    names[0] = bare_name(found.table);
    return 1;
}

size_t
sqlite_moves(MigBytes text, MigBytes names[2], bool *makes)
{
    MigBytes word;
    size_t at = 0;
    size_t behind;

    (void) sqlite_next_word(text, &at, &word);
    *makes = sqlite_is_word(word, "create");
    if (sqlite_is_word(word, "alter"))
        return moves_alter(text, at, names);
    if (!*makes && !sqlite_is_word(word, "drop"))
        return 0;
    behind = at;
    (void) sqlite_next_word(text, &behind, &word);
    if (sqlite_is_word(word, "temp") || sqlite_is_word(word, "temporary"))
        return moves_object(text, behind, false, names);
    return moves_object(text, at, true, names);
}

bool
sqlite_leads(MigHost *base, MigBytes name)
{
    SqliteHost *host = (SqliteHost *) base;
    char *table = sqlite3_mprintf("%.*s", (int) name.length, name.data);
    /* Where a quote is doubled, that is not the name itself. */
    bool leads =
        table == NULL || strpbrk(table, "\"'`") != NULL ||
        sqlite3_table_column_metadata(host->db, NULL, table, NULL, NULL, NULL,
                                      NULL, NULL, NULL) != SQLITE_ERROR;

    sqlite3_free(table);
    return leads;
}
