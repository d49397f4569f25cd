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
    (void) mig_drift_each(verify->mig, take_difference, verify);
}

/* The rows of the recorded schema, being added up. */
typedef struct Sum
{
    Mig *mig;
    MigFingerprint sum;
    MigBytes header; /* the fingerprint that is written, or absent */
    int64_t count;   /* of objects */
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

    (void) count;
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

/* What is wrong with the recorded schema itself, or NULL. */
static const char *
sum_problem(const Sum *sum)
{
    MigFingerprint written;
    MigBytes canon;

    if (sum->header.data == NULL)
        return sum->count == 0 ? NULL
                               : "was edited: its fingerprint is missing";
    if (!mig_fingerprint_read(sum->header, &canon, &written))
        return "was edited: its fingerprint is malformed";
    return memcmp(written.sum, sum->sum.sum, sizeof(written.sum)) == 0
               ? NULL
               : "was edited: its objects do not have its fingerprint";
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
    finding.problem = sum_problem(&sum);
    if (mig_ok(mig) && finding.problem != NULL)
        mig_verify_emit(verify, &finding);
}
