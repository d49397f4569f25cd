#include "mig_verify_parts.h"

#include "mig_drift.h"
#include "mig_record.h"
#include "mig_setting.h"

/* A MigDifferenceFunction: a row for a difference. */
static MigStatus
take_difference(void *context, const MigDifference *difference, MigError *error)
{
    MigVerify *verify = context;
    MigProblem finding = {
        .kind = "drift",
        .hint = "migrate_drift() has both texts.  Change it back, or "
                "migrate_accept() takes what is there as expected."};
    MigArena arena = {verify->mig->host, NULL};

    finding.object = mig_bytes(mig_format_string(
        &arena, error, "%.*s %.*s", (int) difference->kind.length,
        difference->kind.data, (int) difference->object.length,
        difference->object.data));
    finding.problem = mig_format_string(&arena, error, "was %s by another hand",
                                        difference->change);
    mig_verify_emit(verify, &finding);
    mig_arena_release(&arena);
    return error->status;
}

void
mig_verify_drift(MigVerify *verify)
{
    Mig *mig = verify->mig;
    const char *unknown;

    (void) mig_drift_each(mig, take_difference, verify, &unknown);
    if (unknown != NULL && mig_ok(mig))
        mig->host->methods->notice(mig->host, MIG_NOTICE, unknown);
}

/* The rows of the recorded schema, being added up. */
typedef struct Sum
{
    Mig *mig;
    MigFingerprint sum;
    MigBytes header; /* the fingerprint that is written, or absent */
    int64_t count;   /* of objects */
    bool moved;      /* a row has another key than its object's */
} Sum;

/* Take a row of MIG_SQL_OBJECT_LIST. */
static MigStatus
take_object(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    Sum *sum = context;
    MigObject object = {columns[0].bytes, columns[1].bytes, columns[2].bytes,
                        columns[3].bytes};
    MigFingerprint part;
    char key[65];

    (void) count;
    mig_object_key(sum->mig->host, object.kind, object.identity, key);
    sum->moved =
        sum->moved || !mig_bytes_equal(columns[4].bytes, mig_bytes(key));
    if (mig_bytes_equal(object.kind, mig_bytes(MIG_RECORD_KIND)))
    {
        sum->header = mig_copy(sum->mig->arena, object.definition, error);
        return error->status;
    }
    mig_fingerprint_of(sum->mig->host, &object, &part);
    mig_fingerprint_add(&sum->sum, &part);
    sum->count++;
    return error->status;
}

/* A MigRowFunction: there is another target. */
static MigStatus
take_target(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    bool *found = context;

    (void) columns;
    (void) count;
    *found = true;
    return error->status;
}

/*
 * Whether the history says what the record is: not while a migration in several
 * transactions is half done; nor where a schema can have become a target of its
 * own, since its objects are then taken out without an event.
 */
static bool
is_told(const MigVerify *verify)
{
    Mig *mig = verify->mig;
    MigValue target = mig_text_value(mig->settings->target);
    bool others = false;

    for (size_t i = 0; i < verify->schema_count; i++)
    {
        if (verify->schemas[i].data == NULL)
            return false;
    }
    if (mig->settings->target.length == 0)
        (void) mig->host->methods->query(mig->host, MIG_SQL_RECORDED_TARGETS,
                                         &target, 1, take_target, &others,
                                         mig->error);
    return verify->schema_count > 0 && !others;
}

/* Whether the newest event of any project, all of which share the record, says
 * that it is this one. */
static bool
is_believed(const MigVerify *verify, MigBytes header)
{
    for (size_t i = 0; i < verify->schema_count; i++)
    {
        if (mig_bytes_equal(verify->schemas[i], header))
            return true;
    }
    return false;
}

/* What is wrong with the recorded schema itself, or NULL. */
static const char *
sum_problem(const MigVerify *verify, const Sum *sum)
{
    MigFingerprint written;
    MigBytes canon;
    bool told = is_told(verify);

    if (sum->header.data == NULL && sum->count > 0)
        return "was edited: its fingerprint is missing";
    if (sum->header.data == NULL)
        return told ? "is gone: nothing is recorded, and events say that "
                      "something was"
                    : NULL;
    if (!mig_fingerprint_read(sum->header, &canon, &written))
        return "was edited: its fingerprint is malformed";
    if (memcmp(written.sum, sum->sum.sum, sizeof(written.sum)) != 0)
        return "was edited: its objects do not have its fingerprint";
    if (sum->moved)
        return "was edited: a row does not have its object's key";
    return told && !is_believed(verify, sum->header)
               ? "was replaced: its fingerprint is not the one that the newest "
                 "event has"
               : NULL;
}

void
mig_verify_schema(MigVerify *verify)
{
    Mig *mig = verify->mig;
    MigProblem finding = {.kind = "schema",
                          .object = mig_bytes("migrate_object"),
                          .hint = "migrate_accept() records what is there "
                                  "anew."};
    Sum sum = {.mig = mig};
    MigValue target;

    if (!mig_ok(mig) || !mig_records(mig))
        return;
    target = mig_text_value(mig->settings->target);
    (void) mig->host->methods->query(mig->host, MIG_SQL_OBJECT_LIST, &target, 1,
                                     take_object, &sum, mig->error);
    if (mig_ok(mig))
        finding.problem = sum_problem(verify, &sum);
    if (mig_ok(mig) && finding.problem != NULL)
        mig_verify_emit(verify, &finding);
}
