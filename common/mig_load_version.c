#include <stdlib.h>

#include "mig_load_parts.h"
#include "mig_setting.h"
#include "mig_version.h"

/* Files that are read as another format than when they were applied. */

/* Order of migrations of the catalogue by file, for qsort() and bsearch(). */
static int
compare_files(const void *a, const void *b)
{
    const MigKnownOne *one = *(MigKnownOne *const *) a;
    const MigKnownOne *other = *(MigKnownOne *const *) b;

    return mig_position_compare(one->columns[MIG_KNOWN_FILE],
                                other->columns[MIG_KNOWN_FILE]);
}

static MigStatus
note_row(void *context, const MigValue *columns, size_t count, MigError *error)
{
    bool *found = context;

    (void) columns;
    (void) count;
    *found = true;
    return error->status;
}

/* Whether a migration of the catalogue is applied. */
static bool
is_applied(const Load *load, const MigKnownOne *known)
{
    Mig *mig = load->mig;
    MigValue arguments[] = {mig_text_value(mig->settings->project),
                            mig_text_value(mig->settings->target),
                            mig_text_value(known->version)};
    bool found = false;

    (void) mig->host->methods->query(mig->host, MIG_SQL_APPLIED_SECTIONS,
                                     arguments, 3, note_row, &found,
                                     mig->error);
    return found;
}

/* Fail when a file that is applied has become another version, since it is read
 * as another format than before: it would be run again. */
static void
require_version(const Load *load, const MigKnownOne *known,
                const MigMigration *migration)
{
    MigBytes format = known->columns[MIG_KNOWN_FORMAT];

    if (mig_bytes_equal(format, mig_bytes(migration->format)) ||
        !is_applied(load, known))
        return;
    (void) mig_fail(load->mig->error, MIG_DUPLICATE,
                    "\"%.*s\" is applied as version \"%.*s\", and is version "
                    "\"%.*s\" when it is read as \"%s\"",
                    (int) migration->file.length, migration->file.data,
                    (int) known->version.length, known->version.data,
                    (int) migration->version.length, migration->version.data,
                    migration->format);
    mig_fail_detail(load->mig->error,
                    "It was read as \"%.*s\"; a file that was added since, "
                    "or a setting, has changed the directory's format.",
                    (int) format.length, format.data);
    mig_fail_hint(load->mig->error,
                  "Keep it with migrate_config('format', '%.*s').",
                  (int) format.length, format.data);
}

void
mig_load_require_versions(Load *load)
{
    Mig *mig = load->mig;
    MigKnownOne **gone = mig_alloc_array(mig->arena, load->known.count,
                                         sizeof(MigKnownOne *), mig->error);
    size_t count = 0;

    for (size_t i = 0; i < load->known.count && mig_ok(mig); i++)
    {
        if (mig_load_has_vanished(load, &load->known.items[i]))
            gone[count++] = &load->known.items[i];
    }
    if (count > 1)
        qsort(gone, count, sizeof(MigKnownOne *), compare_files);
    for (size_t i = 0; i < load->source.count && mig_ok(mig); i++)
    {
        const MigMigration *migration = &load->source.migrations[i];
        MigKnownOne wanted;
        MigKnownOne *key = &wanted;
        MigKnownOne **found;

        wanted.columns[MIG_KNOWN_FILE] = migration->file;
        found =
            bsearch(&key, gone, count, sizeof(MigKnownOne *), compare_files);
        if (found != NULL &&
            mig_known_find(mig, &load->known, migration) == NULL)
            require_version(load, *found, migration);
    }
}
