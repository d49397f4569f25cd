#include "fake_parts.h"

#include <stdio.h>

struct MigScript
{
    MigBytes text;
    size_t at;
};

/* ---- Transactions ---- */

MigStatus
fake_require_writable(MigHost *host, const char *function, MigError *error)
{
    if (!((FakeHost *) host)->read_only)
        return MIG_OK;
    return mig_fail(error, MIG_READ_ONLY,
                    "%s cannot run: the database is read-only", function);
}

bool
fake_trusts(MigHost *host, MigBytes actor, MigBytes *whom)
{
    const char *distrusted = ((FakeHost *) host)->distrusted;

    *whom = actor;
    return distrusted == NULL || !mig_bytes_equal(actor, mig_bytes(distrusted));
}

bool
fake_commits(MigHost *host)
{
    return !((FakeHost *) host)->callers;
}

/* Add an event as another connection would. */
static void
write_as_other(FakeHost *fake)
{
    MigValue row[15];

    fake->others--;
    for (size_t i = 0; i < COUNT_OF(row); i++)
        row[i] = mig_null();
    row[0] = mig_string("default");
    row[1] = mig_string("");
    row[2] = mig_integer((int64_t) fake->data.events.count + 1);
    row[14] = mig_string("0123456789abcdef0123456789abcdef"
                         "0123456789abcdef0123456789abcdef");
    (void) fake_append(fake, &fake->data.events, row, COUNT_OF(row));
}

MigStatus
fake_lock(MigHost *host, int64_t wait_ms, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_int_equal(error->status, MIG_OK);
    assert_false(fake->locked);
    assert_true(wait_ms >= 0);
    if (fake->others > 0)
        write_as_other(fake);
    fake->locked = true;
    fake->end = MIG_HELD;
    fake->at_lock = fake->data;
    return MIG_OK;
}

MigStatus
fake_release(MigHost *host, int64_t wait_ms, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_int_equal(error->status, MIG_OK);
    assert_true(fake->locked);
    assert_false(fake->unit);
    assert_true(wait_ms >= 0);
    fake->locked = false;
    if (fake->data.spoilt)
    {
        fake->data = fake->at_lock;
        return mig_fail(error, MIG_ENGINE, "cannot commit");
    }
    fake->commits++;
    return MIG_OK;
}

void
fake_abandon(MigHost *host)
{
    FakeHost *fake = (FakeHost *) host;

    if (fake->locked && !fake->callers)
        fake->data = fake->at_lock;
    fake->locked = false;
    fake->unit = false;
}

MigStatus
fake_unit_begin(MigHost *host, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_int_equal(error->status, MIG_OK);
    assert_true(fake->locked || fake->procedure);
    assert_false(fake->unit);
    fake->unit = true;
    fake->at_unit = fake->data;
    return MIG_OK;
}

MigStatus
fake_unit_keep(MigHost *host, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_int_equal(error->status, MIG_OK);
    assert_true(fake->unit);
    fake->unit = false;
    return MIG_OK;
}

void
fake_unit_undo(MigHost *host)
{
    FakeHost *fake = (FakeHost *) host;

    if (fake->unit)
        fake->data = fake->at_unit;
    fake->unit = false;
}

MigTransactionEnd
fake_transaction_end(MigHost *host)
{
    return ((FakeHost *) host)->end;
}

bool
fake_outlives_failure(MigHost *host)
{
    (void) host;
    return true;
}

/* ---- Scripts ---- */

MigStatus
fake_script_open(MigHost *host, MigBytes text, MigScript **script,
                 size_t *offset, MigError *error)
{
    MigScript *made = fake_resize(host, NULL, 0, sizeof(MigScript));

    (void) offset;
    if (made == NULL)
        return mig_fail(error, MIG_NOMEM, "out of memory");
    made->text = text;
    made->at = 0;
    *script = made;
    return MIG_OK;
}

void
fake_script_rewind(MigHost *host, MigScript *script)
{
    (void) host;
    script->at = 0;
}

/* The kind of a statement, by its text. */
static void
classify(MigStatement *statement)
{
    static const struct
    {
        const char *text;
        MigStatementKind kind;
        const char *reason;
    } kinds[] = {
        {"begin", MIG_BRACKET, NULL},
        {"commit", MIG_BRACKET, NULL},
        {"vacuum", MIG_OUTSIDE, "VACUUM"},
        {"index", MIG_OUTSIDE, "CREATE INDEX CONCURRENTLY"},
        {"rollback", MIG_NOT_ALLOWED, "ROLLBACK"},
        {"pragma", MIG_AROUND, NULL},
    };

    statement->kind = MIG_ORDINARY;
    statement->reason = NULL;
    statement->session = mig_starts_with(statement->text, "set ");
    statement->renames = false;
    statement->moved = NULL;
    statement->moved_count = 0;
    statement->makes = false;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
    {
        if (!mig_bytes_equal(statement->text, mig_bytes(kinds[i].text)))
            continue;
        statement->kind = kinds[i].kind;
        statement->reason = kinds[i].reason;
    }
}

bool
fake_script_next(MigHost *host, MigScript *script, MigStatement *statement)
{
    MigBytes text;

    (void) host;
    while (mig_next_word(script->text, &script->at, ";", &text))
    {
        text = mig_trim(text);
        if (text.length == 0)
            continue;
        statement->text = text;
        statement->offset = (size_t) (text.data - script->text.data);
        statement->node = NULL;
        statement->data = mig_bytes("");
        statement->data.data = NULL;
        statement->may_commit = false;
        classify(statement);
        return true;
    }
    return false;
}

void
fake_script_close(MigHost *host, MigScript *script)
{
    (void) fake_resize(host, script, sizeof(MigScript), 0);
}

MigStatus
fake_script_tokens(MigHost *host, MigBytes text, MigTokenFunction token,
                   void *context, bool *readable, MigError *error)
{
    MigBytes line;
    size_t at = 0;

    (void) host;
    *readable = true;
    while (mig_next_line(text, &at, &line))
    {
        MigBytes word;
        size_t place = 0;

        while (error->status == MIG_OK &&
               mig_next_word(line, &place, " \t", &word) &&
               !mig_starts_with(word, "--"))
        {
            *readable = *readable && !mig_bytes_equal(word, mig_bytes("'"));
            (void) token(context, word, error);
        }
    }
    return error->status;
}

MigStatus
fake_surround(MigHost *host, const MigStatement *statement, size_t *offset,
              MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    (void) offset;
    assert_int_equal(statement->kind, MIG_AROUND);
    assert_true(fake->callers || !fake->locked);
    fake->surrounded = true;
    return error->status;
}

void
fake_surround_end(MigHost *host)
{
    ((FakeHost *) host)->surrounded = false;
}

/* Fail as if the engine had ended the transaction. */
static void
lose_transaction(FakeHost *fake, MigError *error)
{
    fake_abandon(&fake->host);
    fake->end = MIG_ROLLED_BACK;
    fake->lost_once = true;
    (void) mig_fail(error, MIG_ENGINE, "all is lost");
}

/* Fail as if a function had committed the transaction. */
static void
leave_transaction(FakeHost *fake, MigError *error)
{
    fake->locked = false;
    fake->unit = false;
    fake->end = MIG_COMMITTED;
    (void) mig_fail(error, MIG_STATE, "it is committed");
}

/* Note that a statement has done its work. */
static void
note_done(FakeHost *fake, MigBytes text)
{
    size_t length = strlen(fake->data.done);

    (void) snprintf(fake->data.done + length, sizeof(fake->data.done) - length,
                    "%.*s;", (int) text.length, text.data);
}

MigStatus
fake_run(MigHost *host, const MigStatement *statement, size_t *offset,
         MigError *error)
{
    FakeHost *fake = (FakeHost *) host;
    MigBytes text = statement->text;

    assert_int_equal(error->status, MIG_OK);
    assert_true(fake->unit);
    assert_true(fake->session.running);
    if (mig_bytes_equal(text, mig_bytes("fail")))
    {
        *offset = 2;
        (void) mig_fail(error, MIG_ENGINE, "it fails");
        error->engine_code = 1;
    }
    else if (mig_bytes_equal(text, mig_bytes("busy")) && fake->busy > 0)
    {
        fake->busy--;
        (void) mig_fail(error, MIG_LOCKED, "others hold a lock");
    }
    else if (mig_bytes_equal(text, mig_bytes("interrupt")))
        (void) mig_fail(error, MIG_INTERRUPTED, "interrupted");
    else if (mig_bytes_equal(text, mig_bytes("lose")) ||
             (mig_bytes_equal(text, mig_bytes("lose once")) &&
              !fake->lost_once))
        lose_transaction(fake, error);
    else if (mig_bytes_equal(text, mig_bytes("leave")))
        leave_transaction(fake, error);
    else if (mig_bytes_equal(text, mig_bytes("spoil")))
        fake->data.spoilt = true;
    else if (mig_bytes_equal(text, mig_bytes("drop")))
        fake->data.dropped = true;
    else if (fake_record_run(fake, text))
        note_done(fake, text);
    else if (!mig_bytes_equal(text, mig_bytes("lose once")))
        note_done(fake, text);
    return error->status;
}

MigStatus
fake_check(MigHost *host, const MigStatement *statement, bool *holds,
           size_t *offset, MigError *error)
{
    (void) host;
    (void) offset;
    if (holds != NULL)
        *holds = !mig_bytes_equal(statement->text, mig_bytes("false"));
    return error->status;
}

/* ---- Procedures ---- */

MigStatus
fake_run_outside(MigHost *host, const MigStatement *statement, size_t *offset,
                 MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    (void) offset;
    assert_int_equal(statement->kind, MIG_OUTSIDE);
    assert_false(fake->locked);
    assert_true(fake->unit);
    assert_false(fake->broken);
    if (mig_bytes_equal(statement->text, mig_bytes("index")) &&
        fake->index_fails > 0)
    {
        fake->index_fails--;
        fake->broken = true;
        return mig_fail(error, MIG_ENGINE, "it is not unique");
    }
    note_done(fake, statement->text);
    /* No transaction can undo it. */
    fake->at_unit = fake->data;
    return MIG_OK;
}

MigStatus
fake_resume_outside(MigHost *host, const MigStatement *statement,
                    MigResume *resume, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;
    char text[100];

    assert_false(fake->locked);
    fake_expect_bytes(resume->mark, "as it was");
    fake->broken = false;
    (void) snprintf(text, sizeof(text), "%.*s;", (int) statement->text.length,
                    statement->text.data);
    /* Each is in a script once. */
    resume->done = !resume->failed && strstr(fake->data.done, text) != NULL;
    return error->status;
}

MigStatus
fake_mark_outside(MigHost *host, const MigStatement *statement, char *mark,
                  size_t size, MigError *error)
{
    (void) host;
    assert_int_equal(statement->kind, MIG_OUTSIDE);
    (void) snprintf(mark, size, "as it was");
    return error->status;
}

MigStatus
fake_pause(MigHost *host, int64_t wait_ms, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_false(fake->locked);
    assert_false(fake->unit);
    assert_true(wait_ms > 0);
    fake->paused_ms += wait_ms;
    return error->status;
}

const char *
fake_blockers(MigHost *host)
{
    (void) host;
    return "blocked by somebody";
}
