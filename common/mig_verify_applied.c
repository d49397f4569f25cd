#include "mig_verify_parts.h"

#include "mig_setting.h"
#include "mig_version.h"

/* What helps a record. */
typedef enum Remedy
{
    RECORD_ANEW,
    LOAD_AGAIN,
    DELETE_ROW
} Remedy;

/* The same in words. */
static const char *
remedy_hint(Mig *mig, Remedy remedy, MigBytes version)
{
    int length = (int) version.length;
    const char *data = version.data == NULL ? "" : version.data;

    if (remedy == DELETE_ROW)
        return mig_format_string(
            mig->arena, mig->error,
            "Somebody has written it by hand: delete the row of \"%.*s\".  If "
            "it was applied, take the history from a backup.",
            length, data);
    if (remedy == LOAD_AGAIN)
        return mig_format_string(
            mig->arena, mig->error,
            "Load the directory of \"%.*s\" again with migrate_load(), or add "
            "it again where it came by migrate_add(); or take the row of "
            "migrate_migration from a backup.",
            length, data);
    return mig_format_string(
        mig->arena, mig->error,
        "Take the row of \"%.*s\" from a backup; or record it anew from its "
        "file, with migrate_stamp() to the version before it, or 'base', and "
        "back.",
        length, data);
}

/* Tell something of the record of a migration. */
static void
tell(MigVerify *verify, MigBytes target, MigBytes version, const char *problem,
     Remedy remedy)
{
    Mig *mig = verify->mig;
    MigProblem finding = {.kind = "record",
                          .version = version,
                          .object = mig_bytes("migrate_applied"),
                          .problem = problem};

    if (target.length > 0)
        finding.object = mig_bytes(
            mig_format_string(mig->arena, mig->error, "migrate_applied of %.*s",
                              (int) target.length, target.data));
    finding.hint = remedy_hint(mig, remedy, version);
    mig_verify_emit(verify, &finding);
}

/* Whether an event is one of a migration in a target. */
static bool
is_of(const MigVerifyEvent *event, MigBytes target, MigBytes version)
{
    return mig_bytes_equal(event->version, version) &&
           mig_bytes_equal(event->target, target);
}

/* Whether an event is of another migration, or target, than the next. */
static bool
is_last(const MigVerify *verify, size_t index)
{
    const MigVerifyEvent *event = &verify->events[index];

    return index + 1 == verify->event_count ||
           !is_of(&event[1], event->target, event->version);
}

/* The last event of a migration, by binary search. */
static MigVerifyEvent *
search_event(const MigVerify *verify, MigBytes target, MigBytes version)
{
    size_t low = 0;
    size_t high = verify->event_count;

    /* The first event behind those of this migration. */
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        const MigVerifyEvent *event = &verify->events[middle];
        int order = mig_position_compare(event->target, target);

        if (order == 0)
            order = mig_position_compare(event->version, version);
        if (order <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && is_of(&verify->events[low - 1], target, version)
               ? &verify->events[low - 1]
               : NULL;
}

MigVerifyEvent *
mig_verify_last_event(MigVerify *verify, MigBytes target, MigBytes version)
{
    size_t next = verify->event_next;
    MigVerifyEvent *event =
        next < verify->event_count && is_last(verify, next) &&
                is_of(&verify->events[next], target, version)
            ? &verify->events[next]
            : search_event(verify, target, version);

    if (event != NULL)
        verify->event_next = (size_t) (event - verify->events) + 1;
    return event;
}

/* Whether every column of a row holds what can be there. */
static bool
is_typed(const MigValue *columns)
{
    for (size_t i = 0; i < MIG_APPLIED_COLUMNS; i++)
    {
        bool number = i == MIG_APPLIED_ORDINAL || i == MIG_APPLIED_AT ||
                      i == MIG_APPLIED_DURATION;

        if (columns[i].type != MIG_NULL &&
            columns[i].type != (number ? MIG_INTEGER : MIG_TEXT))
            return false;
    }
    return true;
}

/* Whether one of a migration's events has a number. */
static bool
has_number(const MigVerify *verify, const MigVerifyEvent *last, int64_t seq)
{
    for (const MigVerifyEvent *event = last;
         event >= verify->events &&
         mig_bytes_equal(event->version, last->version) &&
         mig_bytes_equal(event->target, last->target);
         event--)
    {
        if (event->seq == seq)
            return true;
    }
    return false;
}

/*
 * The first column of a row that is not what the history says, or NULL.  What
 * the event has no hash of can only be told in part.
 */
static const char *
differing_column(const MigVerify *verify, const MigVerifyEvent *event,
                 const MigValue *columns)
{
    if (!mig_bytes_equal(columns[MIG_APPLIED_NAME].bytes, event->name))
        return "name";
    if (!mig_bytes_equal(columns[MIG_APPLIED_CHECKSUM].bytes, event->checksum))
        return "checksum";
    if (!mig_bytes_equal(columns[MIG_APPLIED_ACTOR].bytes, event->actor))
        return "actor";
    if (event->duration_us >= 0 &&
        columns[MIG_APPLIED_DURATION].integer != event->duration_us)
        return "duration_us";
    if (!has_number(verify, event, columns[MIG_APPLIED_ORDINAL].integer))
        return "ordinal";
    return NULL;
}

/* Compare a row with the event that made it. */
static void
compare_row(MigVerify *verify, const MigVerifyEvent *event,
            const MigValue *columns)
{
    Mig *mig = verify->mig;
    const char *column = differing_column(verify, event, columns);
    char hash[MIG_HASH_LENGTH + 1] = "";

    if (is_typed(columns))
        mig_applied_hash(mig->host, columns, hash);
    if (event->record.data != NULL &&
        mig_bytes_equal(event->record, mig_bytes(hash)))
        return;
    if (event->record.data == NULL && column == NULL && hash[0] != '\0')
        return;
    tell(verify, columns[MIG_APPLIED_TARGET].bytes,
         columns[MIG_APPLIED_VERSION].bytes,
         column == NULL
             ? mig_format_string(mig->arena, mig->error,
                                 "its row was edited since event %lld, which "
                                 "has made it",
                                 (long long) event->seq)
             : mig_format_string(mig->arena, mig->error,
                                 "its row was edited since event %lld, which "
                                 "has made it: %s is another",
                                 (long long) event->seq, column),
         RECORD_ANEW);
}

/* Compare a row with the migration as it was last loaded. */
static void
compare_loaded(MigVerify *verify, const MigVerifyLoaded *loaded,
               const MigValue *columns)
{
    const MigValue *position = &columns[MIG_APPLIED_POSITION];
    MigBytes target = columns[MIG_APPLIED_TARGET].bytes;
    MigBytes version = columns[MIG_APPLIED_VERSION].bytes;

    if (loaded == NULL)
        tell(verify, target, version,
             "is recorded as applied, and is not in migrate_migration",
             LOAD_AGAIN);
    else if (position->type != MIG_TEXT || loaded->position.data == NULL ||
             !mig_bytes_equal(position->bytes, loaded->position))
        tell(verify, target, version,
             "its row was edited: position is not that of the migration",
             RECORD_ANEW);
}

/* Look at the sections of a row.  Most are those of the migration as it was
 * loaded, which have been looked at. */
static void
check_sections(MigVerify *verify, const MigVerifyLoaded *loaded,
               const MigValue *columns)
{
    static const char *const names[] = {"up", "down", "verify"};
    MigBytes version = columns[MIG_APPLIED_VERSION].bytes;

    for (size_t i = 0; i < MIG_VERIFY_SECTIONS; i++)
    {
        const MigValue *column = &columns[MIG_APPLIED_UP + i];

        if (loaded == NULL || !loaded->sound[i] ||
            !mig_bytes_equal(column->bytes, loaded->sections[i]))
            (void) mig_verify_section(verify, version, names[i], column);
    }
}

/* Note a migration that is applied in the call's target, and has a verify
 * section. */
static void
note_asked(MigVerify *verify, const MigValue *columns)
{
    Mig *mig = verify->mig;
    MigBytes *asked;

    if (columns[MIG_APPLIED_VERIFY].type == MIG_NULL ||
        !mig_bytes_equal(columns[MIG_APPLIED_TARGET].bytes,
                         mig->settings->target))
        return;
    asked =
        mig_array_reserve(mig->arena, verify->asked, verify->asked_count,
                          &verify->asked_capacity, sizeof(*asked), mig->error);
    if (asked == NULL)
        return;
    verify->asked = asked;
    asked[verify->asked_count++] =
        mig_copy(mig->arena, columns[MIG_APPLIED_VERSION].bytes, mig->error);
}

/* Take a row of MIG_SQL_APPLIED_LIST. */
static MigStatus
take_row(void *context, const MigValue *columns, size_t count, MigError *error)
{
    MigVerify *verify = context;
    MigBytes target = columns[MIG_APPLIED_TARGET].bytes;
    MigBytes version = columns[MIG_APPLIED_VERSION].bytes;
    MigVerifyEvent *event = mig_verify_last_event(verify, target, version);
    const MigVerifyLoaded *loaded = NULL;

    (void) count;
    if (event != NULL)
        event->met = true;
    if (event == NULL || !event->applies)
        tell(verify, target, version,
             "has a row that says it is applied, and no event of the history "
             "says so",
             DELETE_ROW);
    else
        compare_row(verify, event, columns);
    if (columns[MIG_APPLIED_VERSION].type == MIG_TEXT)
        loaded = mig_verify_find_loaded(verify, version);
    if (verify->loaded_known)
        compare_loaded(verify, loaded, columns);
    check_sections(verify, loaded, columns);
    if (loaded != NULL && columns[MIG_APPLIED_TARGET].type == MIG_TEXT &&
        mig_bytes_equal(target, verify->mig->settings->target))
        mig_state_set_applied(verify->mig,
                              &verify->state.entries[loaded->entry], columns);
    note_asked(verify, columns);
    return error->status;
}

void
mig_verify_applied(MigVerify *verify)
{
    Mig *mig = verify->mig;
    MigValue arguments[1];

    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    arguments[0] = mig_text_value(mig->settings->project);
    (void) mig->host->methods->query(mig->host, MIG_SQL_APPLIED_LIST, arguments,
                                     1, take_row, verify, mig->error);
    verify->applied_known = mig_ok(mig);
    for (size_t i = 0; i < verify->event_count && mig_ok(mig); i++)
    {
        const MigVerifyEvent *event = &verify->events[i];

        if (is_last(verify, i) && event->applies && !event->met)
            tell(verify, event->target, event->version,
                 mig_format_string(mig->arena, mig->error,
                                   "is applied, as event %lld says, and has no "
                                   "row that says so",
                                   (long long) event->seq),
                 RECORD_ANEW);
    }
}
