#include "mig_record_parts.h"

#include "mig_setting.h"

MigStatus
mig_record_fail_malformed(MigError *error)
{
    (void) mig_fail(error, MIG_CORRUPT,
                    "the fingerprint of the recorded schema is malformed");
    mig_fail_hint(error, "migrate_accept() records the schema anew.");
    return error->status;
}

void
mig_record_require_new(Mig *mig)
{
    if (!mig_recorded_once(mig))
        return;
    (void) mig_fail(mig->error, MIG_CORRUPT, "the recorded schema is gone");
    mig_fail_detail(mig->error, "migrate_object has no fingerprint of it, and "
                                "events say that something was recorded.");
    mig_fail_hint(mig->error,
                  "What another hand has changed cannot be told any more.  "
                  "SELECT * FROM migrate_verify() shows what else was edited; "
                  "migrate_accept() records what is there anew.");
}

void
mig_record_require_sum(Mig *mig, const MigFingerprint *sum,
                       const MigFingerprint *written)
{
    if (!mig_ok(mig) || memcmp(sum, written, sizeof(*sum)) == 0)
        return;
    (void) mig_fail(mig->error, MIG_CORRUPT,
                    "the recorded schema is not what was written");
    mig_fail_detail(mig->error, "The rows of migrate_object do not have the "
                                "fingerprint recorded with them.");
    mig_fail_hint(mig->error, "SELECT * FROM migrate_drift() shows it; "
                              "migrate_accept() records the schema anew.");
}

/* The rows of a record, being added up. */
typedef struct Rows
{
    Mig *mig;
    MigFingerprint sum;
    MigFingerprint written;
    bool begun;   /* there is a header, */
    bool foreign; /* of another way of writing */
} Rows;

/* A MigRowFunction: an object as it is recorded, or the header. */
static MigStatus
take_row(void *context, const MigValue *columns, size_t count, MigError *error)
{
    Rows *rows = context;
    MigHost *host = rows->mig->host;
    MigObject object = mig_record_object(columns);
    char canon[MIG_FINGERPRINT_SIZE];
    MigBytes written;

    (void) count;
    if (!mig_bytes_equal(object.kind, mig_bytes(MIG_RECORD_KIND)))
    {
        mig_record_sum(rows->mig, &rows->sum, &object, true);
        return error->status;
    }
    rows->begun = true;
    if (!mig_fingerprint_read(object.definition, &written, &rows->written))
        return mig_record_fail_malformed(error);
    host->methods->canon(host, canon, sizeof(canon));
    rows->foreign = !mig_bytes_equal(written, mig_bytes(canon));
    return error->status;
}

void
mig_record_require_sound(Mig *mig)
{
    Rows rows = {.mig = mig};
    MigValue target = mig_text_value(mig->settings->target);

    if (mig_ok(mig))
        (void) mig->host->methods->query(mig->host, MIG_SQL_OBJECT_LIST,
                                         &target, 1, take_row, &rows,
                                         mig->error);
    if (!rows.begun)
        mig_record_require_new(mig);
    else if (!rows.foreign)
        mig_record_require_sum(mig, &rows.sum, &rows.written);
}
