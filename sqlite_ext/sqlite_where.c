#include "sqlite_where.h"
#include "sqlite_token.h"

#include <limits.h>

/*
 * Whether a DELETE or an UPDATE has a condition that chooses rows.
 *
 * By its tokens: a condition with a name in it that can be a column's does.
 * Names of functions, types and collations are none, nor is what the engine
 * takes for a text though it is in double quotes.  What stands in a subquery
 * can be a column of the subquery's own tables; whether it is one of the
 * statement's is told by the engine alone, and so only once all that stands in
 * front of the statement has run: a condition that can be prepared without the
 * table has none of its columns.  The same goes for the tables of an UPDATE ...
 * FROM.
 */

/* A token of a condition, and whether it is a word in no quotes. */
typedef struct Token
{
    MigBytes text;
    bool word;
} Token;

/* Read the token behind an offset; its text is empty at the end. */
static Token
next_token(MigBytes text, size_t *at)
{
    Token token;

    token.word = sqlite_next_word(text, at, &token.text);
    return token;
}

/* Whether a token is that one byte. */
static bool
is_sign(Token token, char sign)
{
    return token.text.length == 1 && token.text.data[0] == sign;
}

/* Whether a token is one of the key words in a list, a blank between. */
static bool
is_one_of(Token token, const char *words)
{
    MigBytes word;
    size_t at = 0;

    if (!token.word)
        return false;
    while (mig_next_word(mig_bytes(words), &at, " ", &word))
    {
        if (mig_same_letters(word, token.text))
            return true;
    }
    return false;
}

/* Move behind the parenthesis that closes what an offset lies in. */
static void
skip_parentheses(MigBytes text, size_t *at)
{
    int depth = 1;
    Token token;

    while (depth > 0 && (token = next_token(text, at)).text.length > 0)
        depth += is_sign(token, '(') - is_sign(token, ')');
}

/* The parts of a statement that choose rows; absent where there are none. */
typedef struct Choice
{
    MigBytes condition;
    MigBytes others; /* what stands behind the FROM of an UPDATE */
} Choice;

/* Find the parts of a statement, from an offset behind its table on. */
static Choice
find_choice(MigBytes text, size_t at, bool updates)
{
    Choice choice = {{NULL, 0}, {NULL, 0}};
    size_t condition = 0;
    size_t others = 0;
    bool distinct = false; /* IS DISTINCT FROM is an operator */
    Token token;

    while ((token = next_token(text, &at)).text.length > 0)
    {
        size_t before = (size_t) (token.text.data - text.data);

        if (is_sign(token, '('))
            skip_parentheses(text, &at);
        else if (updates && others == 0 && condition == 0 && !distinct &&
                 is_one_of(token, "from"))
            others = at;
        else if (condition == 0 && is_one_of(token, "where"))
        {
            condition = at;
            choice.others =
                others > 0 ? mig_part(text, others, before) : choice.others;
        }
        else if (condition > 0 && is_one_of(token, "returning order limit"))
        {
            choice.condition = mig_part(text, condition, before);
            return choice;
        }
        distinct = is_one_of(token, "distinct");
    }
    if (condition > 0)
        choice.condition = mig_part(text, condition, text.length);
    return choice;
}

/* Whether a token that no parenthesis follows can be a column's name. */
static bool
is_name(MigBytes text, Token token)
{
    const char *end = token.text.data + token.text.length;
    char first = token.text.data[0];

    if (!token.word)
        return strchr("\"`[:@$#?", first) != NULL;
    if (first >= '0' && first <= '9')
        return false;
    /* x'00' */
    if (mig_same_letters(token.text, mig_bytes("x")) &&
        end < text.data + text.length && *end == '\'')
        return false;
    return !is_one_of(token, "and or not is null isnull notnull true false "
                             "between in like glob regexp match escape exists "
                             "case when then else end distinct from "
                             "current_date current_time current_timestamp");
}

/* Have a module say which columns its table has: nothing tells them before it
 * was asked once. */
static void
load_columns(SqliteHost *host, const char *schema, const char *table)
{
    sqlite3_stmt *statement = NULL;
    char *sql = schema == NULL ? sqlite3_mprintf("SELECT 1 FROM \"%w\"", table)
                               : sqlite3_mprintf("SELECT 1 FROM \"%w\".\"%w\"",
                                                 schema, table);

    if (sql != NULL)
        (void) sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL);
    (void) sqlite3_finalize(statement);
    sqlite3_free(sql);
}

/* Whether the statement's table is there and has no column of that name: then
 * the engine takes what is in double quotes for a text. */
static bool
has_no_column(SqliteHost *host, const SqliteDestruction *found, MigBytes token)
{
    bool placed = found->schema.length > 0 || found->place != NULL;
    char *database = found->schema.length > 0 ? sqlite_unquote(found->schema)
                     : placed ? sqlite3_mprintf("%s", found->place)
                              : NULL;
    char *name = sqlite_unquote(found->table);
    char *column = sqlite_unquote(token);
    bool none = name != NULL && column != NULL && (database != NULL || !placed);

    if (none)
        load_columns(host, database, name);
    none =
        none &&
        sqlite3_table_column_metadata(host->db, database, name, NULL, NULL,
                                      NULL, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_table_column_metadata(host->db, database, name, column, NULL,
                                      NULL, NULL, NULL, NULL) == SQLITE_ERROR;

    sqlite3_free(database);
    sqlite3_free(name);
    sqlite3_free(column);
    return none;
}

/* What a look at a condition's tokens has found. */
typedef struct Look
{
    SqliteHost *host;
    const SqliteDestruction *found; /* the statement */
    bool names;                     /* outside of subqueries: of columns */
    bool subquery;                  /* there is one */
} Look;

/* Whether the parenthesis at an offset holds a query. */
static bool
holds_query(MigBytes text, size_t at)
{
    return is_one_of(next_token(text, &at), "select with values");
}

/* Whether a name is in fact a text in double quotes.  To look at a plan asks
 * for no columns: those in front of the statement can add some. */
static bool
is_text(const Look *look, Token token, bool qualified)
{
    return look->host->unit && token.text.data[0] == '"' && !qualified &&
           has_no_column(look->host, look->found, token.text);
}

/* Whether a name is that of the row for which a trigger is fired: its columns
 * are none of the statement's table. */
static bool
is_row(const Look *look, Token token, Token next)
{
    if (!token.word && strchr("\"`['", token.text.data[0]) != NULL &&
        token.text.length == 5)
    {
        token.text = mig_part(token.text, 1, 4);
        token.word = true;
    }
    return look->found->fired && is_sign(next, '.') &&
           is_one_of(token, "new old") &&
           !mig_same_letters(token.text, look->found->table);
}

/* Look at the tokens of a condition. */
static void
look_at(MigBytes text, Look *look)
{
    size_t at = 0;
    bool dotted = false;
    Token token;

    while ((token = next_token(text, &at)).text.length > 0)
    {
        size_t behind = at;
        Token next = next_token(text, &behind);
        bool called = is_sign(next, '(');

        if (is_sign(token, '(') && holds_query(text, at))
        {
            look->subquery = true;
            skip_parentheses(text, &at);
        }
        else if (is_one_of(token, "as")) /* in a CAST */
            skip_parentheses(text, &at);
        else if (is_one_of(token, "collate"))
            (void) next_token(text, &at);
        else if (is_row(look, token, next))
        {
            at = behind;
            token = next_token(text, &at);
        }
        else if (!called && is_name(text, token) &&
                 !is_text(look, token, dotted || is_sign(next, '.')))
            look->names = true;
        dotted = is_sign(token, '.');
    }
}

/* Whether something in double quotes is in a condition: what is no column that
 * the engine knows there it takes for a text. */
static bool
is_doubtful(MigBytes text)
{
    size_t at = 0;
    Token token;

    while ((token = next_token(text, &at)).text.length > 0)
    {
        if (token.text.data[0] == '"')
            return true;
    }
    return false;
}

/* Whether a condition can be prepared without the statement's table. */
static bool
stands_alone(SqliteHost *host, MigBytes with, const Choice *choice)
{
    sqlite3_stmt *statement = NULL;
    bool joined = choice->others.length > 0;
    char *sql = sqlite3_mprintf(
        "%.*s SELECT 1 %s %.*s WHERE %.*s", (int) with.length,
        with.length > 0 ? with.data : "", joined ? "FROM" : "",
        (int) choice->others.length, joined ? choice->others.data : "",
        (int) choice->condition.length, choice->condition.data);
    bool alone =
        sql != NULL &&
        sqlite3_prepare_v2(host->db, sql, -1, &statement, NULL) == SQLITE_OK;

    (void) sqlite3_finalize(statement);
    sqlite3_free(sql);
    return alone;
}

bool
sqlite_chooses_rows(SqliteHost *host, MigBytes text, size_t begin, size_t at,
                    const SqliteDestruction *found)
{
    size_t behind = begin;
    Choice choice =
        find_choice(text, at, is_one_of(next_token(text, &behind), "update"));
    Look look = {host, found, false, false};

    if (choice.condition.data == NULL)
        return false;
    look_at(choice.condition, &look);
    if (!look.names && !look.subquery)
        return false;
    if (look.names && choice.others.length == 0)
        return true;
    /* To look at a plan prepares nothing of it. */
    return !host->unit || is_doubtful(choice.condition) ||
           text.length > INT_MAX ||
           !stands_alone(host, mig_part(text, 0, begin), &choice);
}
