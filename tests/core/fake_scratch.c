#include "fake_parts.h"

#include <stdio.h>

#include "mig_replay.h"

/* Another host, with objects that the test has given. */
struct MigScratch
{
    FakeHost host;
};

/* Hand on the objects of an array whose names are not left out. */
static MigStatus
list(const MigObject *objects, size_t count, const MigScope *scope,
     MigObjectFunction object, void *context, MigError *error)
{
    /* Backwards, since the order is any. */
    for (size_t i = count; i-- > 0 && error->status == MIG_OK;)
    {
        bool left_out = false;

        for (size_t j = 0; j < scope->except_count; j++)
            left_out = left_out || mig_bytes_equal(scope->except[j].name,
                                                   objects[i].identity);
        if (!left_out)
            (void) object(context, &objects[i], error);
    }
    return error->status;
}

void
fake_canon(MigHost *host, char *text, size_t size)
{
    (void) host;
    (void) snprintf(text, size, "fake/1");
}

MigStatus
fake_list_objects(MigHost *host, const MigScope *scope,
                  MigObjectFunction object, void *context, MigError *error)
{
    FakeHost *fake = (FakeHost *) host;

    assert_int_equal(error->status, MIG_OK);
    if (host->records)
        return fake_record_list(fake, object, context, error);
    return list(fake->objects, fake->object_count, scope, object, context,
                error);
}

MigStatus
fake_scratch_open(struct Mig *mig, MigScratch **scratch)
{
    FakeHost *fake = (FakeHost *) mig->host;

    assert_int_equal(mig->error->status, MIG_OK);
    if (fake->no_scratch)
        return mig_fail(mig->error, MIG_DENIED, "may not create databases");
    *scratch = malloc(sizeof(MigScratch));
    assert_non_null(*scratch);
    fake_begin(&(*scratch)->host);
    if (fake->procedure)
        fake_procedure(&(*scratch)->host);
    fake->scratches++;
    return MIG_OK;
}

MigStatus
fake_scratch_run(struct Mig *mig, MigScratch *scratch, struct MigWork *work,
                 bool each)
{
    FakeHost *fake = (FakeHost *) mig->host;
    FakeHost *host = &scratch->host;
    Mig there;

    assert_int_equal(mig->error->status, MIG_OK);
    memset(&there, 0, sizeof(there));
    there.host = &host->host;
    there.arena = &host->arena;
    there.error = mig->error;
    host->asked = fake->asked;
    host->refuse = fake->refuse;
    host->refuse_rest = fake->refuse_rest;
    mig_replay(&there, work, each);
    fake->asked = host->asked;
    fake->refused = fake->refused || host->refused;
    return mig->error->status;
}

MigStatus
fake_scratch_list(struct Mig *mig, MigScratch *scratch, const MigScope *scope,
                  MigObjectFunction object, void *context)
{
    FakeHost *fake = (FakeHost *) mig->host;

    (void) scratch;
    return list(fake->scratch_objects, fake->scratch_count, scope, object,
                context, mig->error);
}

void
fake_scratch_close(struct Mig *mig, MigScratch *scratch)
{
    FakeHost *fake = (FakeHost *) mig->host;

    if (scratch == NULL)
        return;
    (void) snprintf(fake->tried, sizeof(fake->tried), "%s",
                    scratch->host.data.done);
    fake_end(&scratch->host);
    free(scratch);
    fake->scratches--;
}
