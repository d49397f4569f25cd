#include "sqlite_canon.h"

#include "sqlite_words.h"
#include "sqlite_token.h"

/*
 * A text is gone through once, token by token, each of which plays a role.
 *
 * What a quoted token is depends on where it stands, and follows the engine's
 * grammar (src/parse.y).  "a" is a name where one must stand.  Where an
 * expression can, it is a name if there is such a column, else a string
 * (https://sqlite.org/quirks.html).  Of a table's own texts and of its indexes
 * the engine is asked; in a view or trigger the answer would depend on other
 * tables, so there it stays as it is written.  'a' is a name where no string
 * can stand.  Behind DEFAULT a name is a string.
 *
 * The case of a name does not count where it refers to something.  Where it is
 * given, as that of a column of a view, or of a constraint, results and
 * messages show it; there it stays.
 */

typedef enum Role
{
    ROLE_PLAIN,    /* key word, name, number, sign: in lower case */
    ROLE_NAME,     /* name in quotes, that refers to something */
    ROLE_DECLARED, /* name that is given here, perhaps in quotes */
    ROLE_STRING,   /* name that stands for a string */
    ROLE_EXACT     /* as it is written */
} Role;

typedef struct Token
{
    MigBytes text; /* empty at the end, and before the start */
    SqliteToken kind;
} Token;

typedef struct Reading
{
    const SqliteCanon *canon;
    SqliteForm form;
    MigBytes sql;
    size_t at; /* behind next */
    Token before2;
    Token before;
    Token token;
    Token next;
    int depth;      /* of parentheses around the token */
    bool names;     /* it is in parentheses that hold names only */
    bool type;      /* the column's type can go on here */
    bool head;      /* it is before what an index, view or trigger does */
    bool named;     /* the name of these was read */
    uint64_t casts; /* depths whose parenthesis follows CAST, a bit each */
    int raise;      /* tokens of "RAISE ( word ," that are right before it */
    MigText text;
} Reading;

/* The first byte of a token; NUL when there is none. */
static char
first_of(const Token *token)
{
    if (token->text.length == 0)
        return '\0';
    return token->text.data[0];
}

static bool
is_sign(const Token *token, char sign)
{
    return token->text.length == 1 && token->text.data[0] == sign;
}

/* Whether a token is a word in no quotes, and this one, in lower case. */
static bool
is_word(const Token *token, const char *word)
{
    /* Most are not, and the first letter tells. */
    return token->kind == TOKEN_WORD && (token->text.data[0] | 0x20) == *word &&
           sqlite_is_word(token->text, word);
}

static bool
is_any_word(const Token *token, const char *const *words)
{
    for (; *words != NULL; words++)
    {
        if (is_word(token, *words))
            return true;
    }
    return false;
}

/* Whether a token is a name or key word in no quotes, neither number nor blob.
 */
static bool
is_bare(const Token *token)
{
    char first = first_of(token);

    return token->kind == TOKEN_WORD && !(first >= '0' && first <= '9') &&
           token->text.data[token->text.length - 1] != '\'';
}

/* Whether a token stands in quotes of any kind. */
static bool
is_quoted(const Token *token)
{
    char first = first_of(token);

    return first == '"' || first == '\'' || first == '`' || first == '[';
}

/* Append a name that had, or may have had, quotes.  Where "a" may be a string,
 * other quotes say that this is none. */
static void
append_name(Reading *reading, MigBytes token, bool folded)
{
    MigBytes name = sqlite_canon_unquote(reading->canon, token);
    bool query = reading->form == FORM_QUERY;

    if (!sqlite_canon_is_plain(name) || sqlite_word_is_reserved(name, query))
        sqlite_canon_quoted(&reading->text, name, query ? '`' : '"', folded);
    else if (folded)
        sqlite_canon_folded(&reading->text, name);
    else
        mig_text_append(&reading->text, name);
}

/* Whether the table has a column, or a rowid, of the token's name. */
static bool
is_column(const Reading *reading)
{
    const SqliteCanon *canon = reading->canon;
    char *name = sqlite_unquote(reading->token.text);
    int code = SQLITE_NOMEM;

    if (name != NULL)
        code =
            sqlite3_table_column_metadata(canon->host->db, "main", canon->table,
                                          name, NULL, NULL, NULL, NULL, NULL);
    sqlite3_free(name);
    if (sqlite_is(code, SQLITE_NOMEM))
        (void) mig_fail(canon->error, MIG_NOMEM, "out of memory");
    return code == SQLITE_OK;
}

/* The role of a quoted token where an expression can stand. */
static Role
role_in_expression(const Reading *reading)
{
    bool qualified =
        is_sign(&reading->before, '.') || is_sign(&reading->next, '.');

    switch (first_of(&reading->token))
    {
        case '\'':
            return qualified ? ROLE_NAME : ROLE_EXACT;
        case '"':
            if (qualified || is_sign(&reading->next, '('))
                return ROLE_NAME;
            if (reading->form == FORM_QUERY)
                return ROLE_EXACT;
            return is_column(reading) ? ROLE_NAME : ROLE_STRING;
        default:
            return ROLE_NAME;
    }
}

/* The role of the token behind DEFAULT. */
static Role
role_of_default(const Token *token)
{
    static const char *const words[] = {"null",
                                        "true",
                                        "false",
                                        "current_date",
                                        "current_time",
                                        "current_timestamp",
                                        NULL};

    if (is_quoted(token))
        return first_of(token) == '\'' ? ROLE_EXACT : ROLE_STRING;
    return is_bare(token) && !is_any_word(token, words) ? ROLE_STRING
                                                        : ROLE_PLAIN;
}

/* The role of a token of a column or constraint. */
static Role
role_in_table(Reading *reading)
{
    static const char *const ends[] = {
        "constraint", "primary", "not", "null",       "unique",    "check",
        "default",    "collate", "as",  "references", "generated", NULL};
    const Token *token = &reading->token;
    const Token *before = &reading->before;

    if (reading->type && is_any_word(token, ends))
        reading->type = false;
    if (is_word(before, "constraint"))
        return ROLE_DECLARED;
    if (reading->depth == 0 && is_word(before, "default") &&
        !is_word(&reading->before2, "set"))
        return role_of_default(token);
    if (!is_quoted(token))
        return ROLE_PLAIN;
    if (reading->type)
        return ROLE_EXACT;
    if (reading->names || is_word(before, "collate") ||
        is_word(before, "references"))
        return ROLE_NAME;
    return role_in_expression(reading);
}

/* Whether the token is all that an index has at this place. */
static bool
is_item(const Reading *reading)
{
    static const char *const behind[] = {"collate", "asc", "desc", NULL};
    const Token *before = &reading->before;
    const Token *next = &reading->next;

    return reading->depth == 1 && !reading->head &&
           (is_sign(before, '(') || is_sign(before, ',')) &&
           (is_sign(next, ',') || is_sign(next, ')') ||
            is_any_word(next, behind));
}

/* Whether the token is the name of what is created. */
static bool
is_own_name(Reading *reading, const char *const *kinds)
{
    if (reading->named || !is_any_word(&reading->before, kinds))
        return false;
    reading->named = true;
    return true;
}

/* The role of a token of a CREATE INDEX. */
static Role
role_in_index(Reading *reading)
{
    static const char *const kinds[] = {"index", NULL};
    const Token *token = &reading->token;

    if (is_own_name(reading, kinds))
        return ROLE_DECLARED;
    if (is_sign(token, '('))
        reading->head = false;
    if (!is_quoted(token))
        return ROLE_PLAIN;
    if (reading->head || is_word(&reading->before, "collate"))
        return ROLE_NAME;
    if (first_of(token) == '\'' && is_item(reading))
        return ROLE_NAME;
    return role_in_expression(reading);
}

/* Whether a token can end an operand of an expression, or a table. */
static bool
ends_operand(const Token *token)
{
    static const char *const words[] = {
        "end", "null", "current_date", "current_time", "current_timestamp",
        NULL};
    char first = first_of(token);

    if (is_bare(token))
        return !sqlite_word_is_key(token->text) || is_any_word(token, words);
    return is_quoted(token) || token->kind == TOKEN_WORD || first == ')' ||
           (first == '.' && token->text.length > 1);
}

/* Whether the token is in the parentheses of a CAST. */
static bool
is_in_cast(const Reading *reading)
{
    return reading->depth < 64 && (reading->casts >> reading->depth & 1) != 0;
}

/* The role of a token before what a view or trigger does. */
static Role
role_in_head(Reading *reading)
{
    static const char *const kinds[] = {"view", "trigger", NULL};
    static const char *const ends[] = {"as", "begin", "when", NULL};
    const Token *token = &reading->token;

    if (is_own_name(reading, kinds))
        return ROLE_DECLARED;
    if (reading->depth > 0 && (is_bare(token) || is_quoted(token)))
        return ROLE_DECLARED; /* a column of the view */
    if (is_any_word(token, ends))
        reading->head = false;
    return is_quoted(token) ? ROLE_NAME : ROLE_PLAIN;
}

/* The role of a token of a view or trigger. */
static Role
role_in_query(Reading *reading)
{
    static const char *const bodies[] = {"select", "values",       "with",
                                         "not",    "materialized", NULL};
    static const char *const tables[] = {"from",   "join",    "into",
                                         "update", "collate", NULL};
    const Token *token = &reading->token;
    const Token *before = &reading->before;
    bool named = is_bare(token) || is_quoted(token);

    if (reading->head)
        return role_in_head(reading);
    if (reading->raise == 4)
        return named ? ROLE_EXACT : ROLE_PLAIN;
    if (named && is_in_cast(reading) && !is_quoted(token))
        return ROLE_PLAIN;
    if (named && is_word(before, "as"))
    {
        if (is_any_word(token, bodies))
            return ROLE_PLAIN;
        return is_in_cast(reading) ? ROLE_EXACT : ROLE_DECLARED;
    }
    if (is_bare(token))
        return !is_sign(&reading->next, '.') && ends_operand(before) &&
                       !sqlite_word_is_key(token->text)
                   ? ROLE_DECLARED
                   : ROLE_PLAIN;
    if (!is_quoted(token))
        return ROLE_PLAIN;
    if (is_any_word(before, tables) && !is_word(&reading->before2, "distinct"))
        return ROLE_NAME;
    if (first_of(token) != '"' && first_of(token) != '\'' &&
        ends_operand(before) && !is_sign(before, '.'))
        return ROLE_DECLARED;
    return role_in_expression(reading);
}

static Role
role_of(Reading *reading)
{
    switch (reading->form)
    {
        case FORM_INDEX:
            return role_in_index(reading);
        case FORM_QUERY:
            return role_in_query(reading);
        case FORM_COLUMN:
        case FORM_CONSTRAINT:
            break;
    }
    return role_in_table(reading);
}

/* Note how far "RAISE ( word ," has been read with this token: what follows is
 * a text, in quotes or not. */
static void
follow_raise(Reading *reading)
{
    const Token *token = &reading->token;

    if (is_word(token, "raise"))
        reading->raise = 1;
    else if ((reading->raise == 1 && is_sign(token, '(')) ||
             (reading->raise == 2 && is_bare(token)) ||
             (reading->raise == 3 && is_sign(token, ',')))
        reading->raise++;
    else
        reading->raise = 0;
}

/* Note what a parenthesis opens or closes. */
static void
follow_depth(Reading *reading)
{
    const Token *before = &reading->before;

    if (is_sign(&reading->token, ')'))
    {
        reading->depth--;
        reading->names = reading->names && reading->depth > 0;
        return;
    }
    if (!is_sign(&reading->token, '('))
        return;
    if (reading->depth == 0)
        reading->names = is_word(before, "key") || is_word(before, "unique") ||
                         is_word(&reading->before2, "references");
    reading->depth++;
    if (reading->depth > 0 && reading->depth < 64)
    {
        reading->casts &= ~((uint64_t) 1 << reading->depth);
        if (is_word(before, "cast"))
            reading->casts |= (uint64_t) 1 << reading->depth;
    }
}

/* Whether a token consists of letters or stands in quotes, so that a blank has
 * to part two of them. */
static bool
is_wordy(const Token *token)
{
    return token->kind == TOKEN_WORD || is_quoted(token) ||
           (first_of(token) == '.' && token->text.length > 1);
}

/* Append the blank before a token, if there is to be one. */
static void
append_blank(Reading *reading)
{
    const Token *before = &reading->before;
    bool wordy = is_wordy(&reading->token);

    if (is_sign(before, ',') || is_word(before, "default") ||
        (wordy && (is_wordy(before) || is_sign(before, ')'))))
        mig_text_append_string(&reading->text, " ");
}

static void
append_token(Reading *reading, Role role)
{
    MigBytes token = reading->token.text;

    switch (role)
    {
        case ROLE_PLAIN:
            sqlite_canon_folded(&reading->text, token);
            break;
        case ROLE_NAME:
            append_name(reading, token, true);
            break;
        case ROLE_DECLARED:
            append_name(reading, token, false);
            break;
        case ROLE_STRING:
            sqlite_canon_quoted(&reading->text,
                                sqlite_canon_unquote(reading->canon, token),
                                '\'', false);
            break;
        case ROLE_EXACT:
            mig_text_append(&reading->text, token);
            break;
    }
}

/* Whether a comment has what gives a type its affinity
 * (sqlite3AffinityType() in src/build.c). */
static bool
has_affinity(MigBytes comment)
{
    static const char *const parts[] = {"char", "clob", "text", "blob", "real",
                                        "floa", "doub", "int",  NULL};

    for (size_t at = 0; at < comment.length; at++)
    {
        for (size_t i = 0; parts[i] != NULL; i++)
        {
            size_t length = strlen(parts[i]);

            if (length <= comment.length - at &&
                sqlite3_strnicmp(comment.data + at, parts[i], (int) length) ==
                    0)
                return true;
        }
    }
    return false;
}

/* Append a comment between two tokens of a column's type that is a part of the
 * type: the engine looks for "INT" and the like in all of its text (typetoken
 * in src/parse.y). */
static void
append_comment(Reading *reading)
{
    MigBytes before = reading->before.text;
    size_t start;
    MigBytes gap;

    if (before.length == 0)
        return;
    start = (size_t) (before.data - reading->sql.data) + before.length;
    gap = mig_trim(
        mig_part(reading->sql, start,
                 (size_t) (reading->token.text.data - reading->sql.data)));
    if (!has_affinity(gap))
        return;
    mig_text_append_string(&reading->text, " ");
    mig_text_append(&reading->text, gap);
}

/* Go on by one token; returns whether there is one. */
static bool
advance(Reading *reading)
{
    reading->before2 = reading->before;
    reading->before = reading->token;
    reading->token = reading->next;
    reading->next.kind =
        sqlite_next_token(reading->sql, &reading->at, &reading->next.text);
    return reading->token.text.length > 0 &&
           reading->canon->error->status == MIG_OK;
}

MigBytes
sqlite_canon_text(const SqliteCanon *canon, SqliteForm form, MigBytes sql)
{
    Reading reading;

    memset(&reading, 0, sizeof(reading));
    reading.canon = canon;
    reading.form = form;
    reading.sql = sql;
    reading.type = form == FORM_COLUMN;
    reading.head = true;
    reading.text.arena = canon->arena;
    reading.text.error = canon->error;
    reading.token.kind = TOKEN_END;
    (void) advance(&reading);
    reading.before.kind = TOKEN_END;
    while (advance(&reading))
    {
        Role role = role_of(&reading);

        if (reading.type)
            append_comment(&reading);
        append_blank(&reading);
        append_token(&reading, role);
        follow_raise(&reading);
        follow_depth(&reading);
    }
    return mig_text_bytes(&reading.text);
}
