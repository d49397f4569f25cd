#include "mig_record_parts.h"

#include "mig_setting.h"
#include "mig_slice.h"

/* Other targets, whose schemas are left out. */
typedef struct Targets
{
    MigArena *arena;
    MigTableName *items;
    size_t count;
    size_t capacity;
} Targets;

static MigStatus
take_target(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Targets *targets = context;
    MigTableName *items =
        mig_array_reserve(targets->arena, targets->items, targets->count,
                          &targets->capacity, sizeof(MigTableName), error);

    (void) count;
    if (items == NULL)
        return error->status;
    targets->items = items;
    memset(&items[targets->count], 0, sizeof(MigTableName));
    items[targets->count].schema =
        mig_copy(targets->arena, columns[0].bytes, error);
    if (columns[0].bytes.length > 0)
        targets->count++;
    return error->status;
}

void
mig_record_scope(Mig *mig, MigArena *arena, MigScope *scope)
{
    Targets targets = {arena, NULL, 0, 0};
    MigValue target = mig_text_value(mig->settings->target);

    memset(scope, 0, sizeof(*scope));
    scope->schema = mig->settings->target;
    if (!mig_ok(mig) || scope->schema.length > 0)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_RECORDED_TARGETS,
                                     &target, 1, take_target, &targets,
                                     mig->error);
    scope->except = targets.items;
    scope->except_count = targets.count;
}

/* The rest of a name behind a schema's, quoted or not; absent when it begins
 * otherwise. */
static MigBytes
behind_schema(MigBytes name, MigBytes schema)
{
    MigBytes absent = {NULL, 0};
    size_t quote = name.length > 0 && name.data[0] == '"' ? 1 : 0;
    size_t at = quote;

    for (size_t i = 0; i < schema.length; i++, at++)
    {
        if (at >= name.length || name.data[at] != schema.data[i])
            return absent;
        /* Quotes in a quoted name stand there twice. */
        at += quote == 1 && schema.data[i] == '"';
    }
    if (quote == 1 && (at >= name.length || name.data[at++] != '"'))
        return absent;
    return mig_part(name, at, name.length);
}

/* Whether an object is a schema, or a part of one; and not of an extension,
 * say, of the same name. */
static bool
is_schema(const MigObject *object)
{
    return mig_bytes_equal(object->kind, mig_bytes("schema")) ||
           (object->table.data != NULL &&
            mig_starts_with(object->identity, "schema "));
}

/* What a schema's name is looked for in: that of what an object is a part of,
 * or its own; of default privileges the schema that they are for. */
static MigBytes
place_of(const MigObject *object, bool defaults)
{
    static const char mark[] = " IN SCHEMA ";
    MigBytes name =
        object->table.data == NULL ? object->identity : object->table;

    for (size_t at = 0; at < name.length && defaults; at++)
    {
        MigBytes rest = mig_part(name, at, name.length);

        if (mig_starts_with(rest, mark))
            return mig_part(rest, strlen(mark), rest.length);
    }
    return name;
}

bool
mig_record_left(const MigScope *scope, const MigObject *object)
{
    bool defaults =
        mig_bytes_equal(object->kind, mig_bytes("default privileges"));
    MigBytes place = place_of(object, defaults);

    for (size_t i = 0; i < scope->except_count; i++)
    {
        MigBytes rest = behind_schema(place, scope->except[i].schema);

        if (scope->except[i].name.length > 0 || rest.data == NULL)
            continue;
        if (rest.length > 0 ? rest.data[0] == (defaults ? ' ' : '.')
                            : is_schema(object))
            return true;
    }
    return false;
}
