#include "mig_adopt_parts.h"

#include "mig_setting.h"

/*
 * Which other tools' histories are in this database: by the columns of their
 * tables, and where those are not enough by a table's name too.
 */

/* Tables beside the histories that have a meaning for one. */
typedef struct Beside
{
    MigBytes schema;
    MigBytes table;
    MigBytes column; /* the one that lock_column names, or absent */
} Beside;

/* What is gathered while tables are listed. */
typedef struct Finder
{
    Mig *mig;
    MigBytes wanted; /* name of a tool, or absent */
    MigHistories *found;
    Beside *beside;
    size_t count;
    size_t capacity;
} Finder;

/* Rails keeps settings in a table of this name beside its history. */
#define RAILS_TABLE "ar_internal_metadata"

static char
lower(char byte)
{
    return (char) (byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

/* Whether two names are one but for upper and lower case of ASCII. */
static bool
is_same_name(MigBytes a, MigBytes b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
    {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

/* A table's column as it is written there, or absent bytes. */
static MigBytes
find_column(const MigTable *table, MigBytes name)
{
    MigBytes absent = {NULL, 0};

    for (size_t i = 0; i < table->count; i++)
    {
        if (is_same_name(table->columns[i], name))
            return table->columns[i];
    }
    return absent;
}

/* Whether a table has one of the names that a tool gives. */
static bool
has_name(const MigTable *table, const MigOtherTool *tool)
{
    MigBytes name;
    size_t at = 0;

    if (tool->schema != NULL &&
        !mig_bytes_equal(table->schema, mig_bytes(tool->schema)))
        return false;
    while (mig_next_word(mig_bytes(tool->tables), &at, " ", &name))
    {
        if (is_same_name(table->name, name))
            return true;
    }
    return false;
}

/* Whether a table has the columns of a tool's history. */
static bool
has_columns(const MigTable *table, const MigOtherTool *tool)
{
    MigBytes name;
    size_t at = 0;
    size_t count = 0;

    while (mig_next_word(mig_bytes(tool->needs), &at, " ", &name))
    {
        if (find_column(table, name).data == NULL)
            return false;
        count++;
    }
    return !tool->only || count == table->count;
}

/* Whether a table is a tool's history. */
static bool
is_history(const MigTable *table, const MigOtherTool *tool)
{
    if (tool->rule == MIG_RULE_NUMBER || !has_columns(table, tool))
        return false;
    /* Of the tools, Sqitch alone keeps its history in another file. */
    if (table->attached && tool->rule != MIG_RULE_NTH)
        return false;
    return tool->any_name || has_name(table, tool);
}

/* Add a history that was found. */
static void
add_history(Finder *finder, const MigTable *table, const MigOtherTool *tool,
            MigError *error)
{
    MigArena *arena = finder->mig->arena;
    MigHistories *found = finder->found;
    MigHistory *history;

    history = mig_array_reserve(arena, found->items, found->count,
                                &found->capacity, sizeof(MigHistory), error);
    if (history == NULL)
        return;
    found->items = history;
    history += found->count++;
    memset(history, 0, sizeof(*history));
    history->tool = tool;
    history->schema = mig_copy(arena, table->schema, error);
    history->table = mig_copy(arena, table->name, error);
    history->readable = table->readable;
    history->by_name = tool->tables != NULL && has_name(table, tool);
    for (size_t i = 0; i < MIG_OTHER_COLUMNS; i++)
    {
        if (tool->columns[i] != NULL)
            history->columns[i] = mig_copy(
                arena, find_column(table, mig_bytes(tool->columns[i])), error);
    }
}

/* Keep a table that may be one of those beside a history. */
static void
add_beside(Finder *finder, const MigTable *table, MigError *error)
{
    MigArena *arena = finder->mig->arena;
    MigBytes tail = table->name;
    Beside *beside;

    if (tail.length > 4)
        tail = mig_part(tail, tail.length - 4, tail.length);
    if (!is_same_name(tail, mig_bytes("lock")) &&
        !mig_bytes_equal(table->name, mig_bytes(RAILS_TABLE)))
        return;
    beside = mig_array_reserve(arena, finder->beside, finder->count,
                               &finder->capacity, sizeof(Beside), error);
    if (beside == NULL)
        return;
    finder->beside = beside;
    beside += finder->count++;
    beside->schema = mig_copy(arena, table->schema, error);
    beside->table = mig_copy(arena, table->name, error);
    beside->column = find_column(table, mig_bytes("locked"));
    if (beside->column.data == NULL)
        beside->column = find_column(table, mig_bytes("is_locked"));
    beside->column = mig_copy(arena, beside->column, error);
}

/* Take one table of the database. */
static MigStatus
collect_table(void *context, const MigTable *table, MigError *error)
{
    Finder *finder = context;

    for (const MigOtherTool *tool = mig_other_tools; tool->name != NULL; tool++)
    {
        if (finder->wanted.data != NULL &&
            !mig_bytes_equal(finder->wanted, mig_bytes(tool->name)))
            continue;
        if (is_history(table, tool))
            add_history(finder, table, tool, error);
    }
    add_beside(finder, table, error);
    return error->status;
}

/* The table of a name beside a history, or NULL. */
static const Beside *
find_beside(const Finder *finder, const MigHistory *history, MigBytes name)
{
    for (size_t i = 0; i < finder->count; i++)
    {
        if (mig_bytes_equal(finder->beside[i].schema, history->schema) &&
            is_same_name(finder->beside[i].table, name))
            return &finder->beside[i];
    }
    return NULL;
}

/* Find the table in which a history's tool keeps its lock. */
static void
find_lock(const Finder *finder, MigHistory *history)
{
    const char *name = history->tool->lock_table;
    const Beside *beside;

    if (name == NULL)
        return;
    if (name[0] == '_')
        name = mig_format_string(finder->mig->arena, finder->mig->error, "%s%s",
                                 history->table.data, name);
    beside = mig_ok(finder->mig) ? find_beside(finder, history, mig_bytes(name))
                                 : NULL;
    if (beside == NULL)
        return;
    history->lock_table = beside->table;
    history->lock_column = beside->column;
}

/*
 * Whether a history that was found is one after all.  The tables of Rails and
 * dbmate are the same, but for what is beside them; Supabase's older one is
 * like them too.
 */
static bool
is_meant(const Finder *finder, const MigHistory *history)
{
    bool rails;

    if (finder->wanted.data != NULL)
        return true;
    rails = find_beside(finder, history, mig_bytes(RAILS_TABLE)) != NULL;
    if (strcmp(history->tool->name, "rails") == 0)
        return rails;
    if (strcmp(history->tool->name, "dbmate") == 0)
        return !rails && !mig_bytes_equal(history->schema,
                                          mig_bytes("supabase_migrations"));
    return true;
}

/* Where a tool keeps its history in a number alone: take that for one. */
static void
find_number(Finder *finder)
{
    const MigOtherTool *tool = mig_other_tools;
    const MigTable none = {
        mig_bytes(""), mig_bytes("user_version"), NULL, 0, true, false};
    Mig *mig = finder->mig;
    int64_t number = 0;

    while (tool->name != NULL && tool->rule != MIG_RULE_NUMBER)
        tool++;
    if (!mig_ok(mig) || mig->host->methods->user_version == NULL ||
        tool->name == NULL)
        return;
    if (finder->wanted.data == NULL
            ? finder->found->count > 0
            : !mig_bytes_equal(finder->wanted, mig_bytes(tool->name)))
        return;
    (void) mig->host->methods->user_version(mig->host, &number, mig->error);
    if (mig_ok(mig) && number != 0)
        add_history(finder, &none, tool, mig->error);
}

/* All tools' names, or the columns of one, as a list for a message. */
static const char *
list_words(Mig *mig, const MigOtherTool *only)
{
    MigText text = {mig->arena, mig->error, NULL, 0, 0};
    const MigOtherTool *tool = mig_other_tools;
    MigBytes word;
    size_t at = 0;

    while (only == NULL && tool->name != NULL)
    {
        mig_text_append_string(&text, text.length == 0 ? "" : ", ");
        mig_text_append_string(&text, (tool++)->name);
    }
    while (only != NULL && only->needs != NULL &&
           mig_next_word(mig_bytes(only->needs), &at, " ", &word))
    {
        mig_text_append_string(&text, text.length == 0 ? "" : ", ");
        mig_text_append(&text, word);
    }
    return mig_text_bytes(&text).data;
}

static const MigOtherTool *
find_tool(MigBytes name)
{
    for (const MigOtherTool *tool = mig_other_tools; tool->name != NULL; tool++)
    {
        if (mig_bytes_equal(name, mig_bytes(tool->name)))
            return tool;
    }
    return NULL;
}

/* Fail for a tool that nobody here knows. */
static void
require_tool(Mig *mig, MigBytes name)
{
    const char *names;

    if (!mig_ok(mig) || name.data == NULL || find_tool(name) != NULL)
        return;
    names = list_words(mig, NULL);
    (void) mig_fail(mig->error, MIG_UNKNOWN,
                    "there is no tool \"%.*s\" whose history can be adopted",
                    (int) mig_cut(name, 200).length, name.data);
    mig_fail_hint(mig->error, "Known are: %s.", names);
}

/* Fail for want of any history. */
static void
fail_nothing(Mig *mig)
{
    const char *names = list_words(mig, NULL);

    (void) mig_fail(mig->error, MIG_UNKNOWN,
                    "no other tool's history is found in this database");
    mig_fail_detail(mig->error,
                    "Looked for the tables of %s, by their columns.", names);
    mig_fail_hint(mig->error,
                  mig->host->methods->user_version == NULL
                      ? "Is this the database that the tool has migrated?"
                      : "Is this the file that the tool has migrated?  Sqitch "
                        "keeps its history in a file of its own: ATTACH "
                        "'sqitch.db' AS sqitch.");
}

/* Fail for want of the history of the tool that is asked for. */
static void
fail_no_such(Mig *mig, const MigOtherTool *tool)
{
    const char *columns = list_words(mig, tool);

    (void) mig_fail(mig->error, MIG_UNKNOWN,
                    "no history of \"%s\" is found in this database",
                    tool->name);
    if (tool->needs == NULL)
        mig_fail_hint(mig->error,
                      mig->host->methods->user_version == NULL
                          ? "Only a SQLite database has a user_version."
                          : "PRAGMA user_version is 0.");
    else
        mig_fail_detail(mig->error,
                        "Looked for a table%s%s with the columns %s.",
                        tool->any_name ? ", of any name," : " ",
                        tool->any_name ? "" : tool->tables, columns);
    if (tool->rule == MIG_RULE_NTH && mig->host->methods->user_version != NULL)
        mig_fail_hint(mig->error, "On SQLite it is in a file of its own: "
                                  "ATTACH 'sqitch.db' AS sqitch.");
}

void
mig_adopt_find(Mig *mig, MigBytes tool, MigHistories *found)
{
    Finder finder = {mig, tool, found, NULL, 0, 0};
    size_t kept = 0;

    memset(found, 0, sizeof(*found));
    require_tool(mig, tool);
    if (!mig_ok(mig) || mig->host->methods->list_tables(
                            mig->host, collect_table, &finder, mig->error))
        return;
    find_number(&finder);
    for (size_t i = 0; i < found->count && mig_ok(mig); i++)
    {
        find_lock(&finder, &found->items[i]);
        if (is_meant(&finder, &found->items[i]))
            found->items[kept++] = found->items[i];
    }
    found->count = kept;
    if (!mig_ok(mig) || kept > 0)
        return;
    if (tool.data == NULL)
        fail_nothing(mig);
    else
        fail_no_such(mig, find_tool(tool));
}

const char *
mig_history_place(Mig *mig, const MigHistory *history)
{
    const char *place;

    if (history->schema.length == 0)
        return history->table.data;
    place = mig_format_string(mig->arena, mig->error, "%s.%s",
                              history->schema.data, history->table.data);
    return place == NULL ? "" : place;
}

/*
 * The only history that suits best: in the schema that migrations run in,
 * and of a name that its tool gives by itself; NULL when several do.
 */
static MigHistory *
best_history(const Mig *mig, const MigHistories *found)
{
    MigHistory *best = NULL;
    int most = -1;

    for (size_t i = 0; found->items != NULL && i < found->count; i++)
    {
        MigHistory *history = &found->items[i];
        bool there = mig->settings->target.length > 0 &&
                     mig_bytes_equal(mig->settings->target, history->schema);
        bool named = history->by_name && history->tool == found->items[0].tool;
        int points = (there ? 2 : 0) + (named ? 1 : 0);

        if (points == most)
            best = NULL;
        if (points <= most)
            continue;
        best = history;
        most = points;
    }
    return best;
}

/* Whether all histories are of one tool. */
static bool
is_one_tool(const MigHistories *found)
{
    for (size_t i = 1; i < found->count; i++)
    {
        if (found->items[i].tool != found->items[0].tool)
            return false;
    }
    return true;
}

MigHistory *
mig_adopt_choose(Mig *mig, const MigHistories *found)
{
    MigText list = {mig->arena, mig->error, NULL, 0, 0};
    bool one_tool = is_one_tool(found);
    MigHistory *best;

    if (!mig_ok(mig) || found->items == NULL)
        return NULL;
    best = found->count == 1 ? &found->items[0] : NULL;
    if (best == NULL && (one_tool || mig->settings->target.length > 0))
        best = best_history(mig, found);
    if (best != NULL)
        return best;
    for (size_t i = 0; i < found->count && i < 10; i++)
    {
        mig_text_append_string(&list, i == 0 ? "" : ", ");
        mig_text_append_string(&list, found->items[i].tool->name);
        mig_text_append_string(&list, " in ");
        mig_text_append_string(&list, mig_history_place(mig, &found->items[i]));
    }
    (void) mig_fail(mig->error, MIG_STATE,
                    "this database has several other tools' histories");
    mig_fail_detail(mig->error, "Found: %s%s.", mig_text_bytes(&list).data,
                    found->count > 10 ? ", ..." : "");
    if (one_tool)
        mig_fail_hint(mig->error, "The setting \"target_schema\" says in which "
                                  "schema the one is that is meant.");
    else
        mig_fail_hint(mig->error,
                      "Name the one that is meant: migrate_adopt('%s').",
                      found->items[0].tool->name);
    return NULL;
}
