#include "mig_listing.h"
#include "mig_variable.h"
#include "mig_version.h"

/*
 * refinery: V<number>__<name>.sql and U<number>__<name>.sql in the folder and
 * all that are in it (refinery_core's util.rs).  U is no way back, but a
 * version that may be applied below others: "unversioned".  A name is letters,
 * digits and '_'; .rs is a program.
 */

#define UNIT_FREE "U"
#define PATH_BYTES 4200 /* longer paths have no twin */

/* The part of a file's name before its ending; absent: no file of refinery's.
 */
static MigBytes
stem_of(MigBytes base, bool *is_sql)
{
    MigBytes absent = {NULL, 0};

    *is_sql = mig_ends_with(base, ".sql");
    if (*is_sql)
        return mig_part(base, 0, base.length - strlen(".sql"));
    return mig_ends_with(base, ".rs")
               ? mig_part(base, 0, base.length - strlen(".rs"))
               : absent;
}

static bool
is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Whether a byte may stand in a name; those above ASCII are taken for letters.
 */
static bool
is_name_byte(char byte)
{
    return is_digit(byte) || byte == '_' || (unsigned char) byte > 0x7F ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool
refinery_match(MigBytes path, MigFileName *name)
{
    bool is_sql;
    MigBytes stem = stem_of(mig_base_name(path), &is_sql);
    size_t digits = 1;

    if (stem.length == 0 || (stem.data[0] != 'V' && stem.data[0] != 'U'))
        return false;
    while (digits < stem.length && is_digit(stem.data[digits]))
        digits++;
    name->version = mig_part(stem, 1, digits);
    stem = mig_part(stem, digits, stem.length);
    if (name->version.length == 0 || stem.length < 3 ||
        !mig_starts_with(stem, "__"))
        return false;
    name->name = mig_part(stem, 2, stem.length);
    for (size_t i = 0; i < name->name.length; i++)
    {
        if (!is_name_byte(name->name.data[i]))
            return false;
    }
    name->role = is_sql ? MIG_FILE_WHOLE : MIG_FILE_FOREIGN;
    if (mig_base_name(path).data[0] == 'U')
        name->unit = mig_bytes(UNIT_FREE);
    return true;
}

/* A number, as the tool keeps it: 01 is 1. */
static void
refinery_identify(Mig *mig, MigFileName *name, MigBytes *position)
{
    while (name->version.length > 1 && name->version.data[0] == '0')
        name->version = mig_part(name->version, 1, name->version.length);
    *position = mig_version_position(mig, name->version);
}

/* The first file whose path is not below a text; files are in their order. */
static size_t
lower_bound(const MigListing *listing, MigBytes text)
{
    size_t low = 0;
    size_t high = listing->count;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;

        if (mig_position_compare(listing->files[middle].path, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The folder of a path, with its last '/'. */
static MigBytes
folder_of(MigBytes path)
{
    return mig_part(path, 0, path.length - mig_base_name(path).length);
}

/* The V file of a number in a folder, or NULL. */
static const MigListed *
find_in_folder(const MigListing *listing, MigBytes folder, MigBytes number)
{
    char wanted[PATH_BYTES];
    size_t at;

    if (folder.length + number.length + 4 > sizeof(wanted))
        return NULL;
    if (folder.length > 0)
        memcpy(wanted, folder.data, folder.length);
    wanted[folder.length] = 'V';
    memcpy(wanted + folder.length + 1, number.data, number.length);
    memcpy(wanted + folder.length + 1 + number.length, "__", 3);
    at = lower_bound(listing, mig_bytes(wanted));
    return at < listing->count &&
                   mig_starts_with(listing->files[at].path, wanted)
               ? &listing->files[at]
               : NULL;
}

/*
 * The V file of a U file's number, or NULL.
 *
 * path   of the U file
 * guess  in/out: a folder in which it may be, as that of the last one was
 */
static const MigListed *
find_twin(const MigListing *listing, MigBytes path, MigBytes *guess)
{
    MigFileName name = {.role = MIG_FILE_NONE};
    const MigListed *twin;

    if (!refinery_match(path, &name) || name.unit.length == 0)
        return NULL;
    twin = find_in_folder(listing, folder_of(path), name.version);
    if (twin == NULL)
        twin = find_in_folder(listing, *guess, name.version);
    for (size_t i = 0; i < listing->count && twin == NULL; i++)
    {
        MigFileName other = {.role = MIG_FILE_NONE};

        if (refinery_match(listing->files[i].path, &other) &&
            other.unit.length == 0 &&
            mig_bytes_equal(other.version, name.version))
            twin = &listing->files[i];
    }
    if (twin != NULL)
        *guess = folder_of(twin->path);
    return twin;
}

/* The number in a file's name. */
static MigBytes
number_of(MigBytes path)
{
    MigFileName name = {.role = MIG_FILE_NONE};

    (void) refinery_match(path, &name);
    return name.version;
}

/* Whether a file is a U. */
static bool
is_free(MigBytes path)
{
    MigFileName name = {.role = MIG_FILE_NONE};

    return refinery_match(path, &name) && name.unit.length > 0;
}

/* A U without a V of its number is no way back, as it is in Flyway's. */
static bool
refinery_is_hinted(const MigListing *listing)
{
    MigBytes guess = {"", 0};

    for (size_t i = 0; i < listing->count; i++)
    {
        MigBytes path = listing->files[i].path;

        if (is_free(path) && find_twin(listing, path, &guess) == NULL)
            return true;
    }
    return false;
}

/* Fail for a V and a U of one number, which would be Flyway's. */
static void
refinery_arrange(Mig *mig, MigListing *listing)
{
    for (size_t i = 0; i < listing->count && mig_ok(mig); i++)
    {
        MigBytes path = listing->files[i].path;
        const MigListed *twin;

        if (!is_free(path))
            continue;
        twin = find_in_folder(listing, folder_of(path), number_of(path));
        if (twin == NULL)
            continue;
        (void) mig_fail(mig->error, MIG_INVALID,
                        "\"%.*s\" and \"%.*s\" have one version, as the way "
                        "back has in Flyway's files, but other U files have "
                        "none",
                        (int) path.length, path.data, (int) twin->path.length,
                        twin->path.data);
        mig_fail_hint(mig->error,
                      "If the files are refinery's, give one another number; "
                      "migrate_config('format', 'flyway') reads them as "
                      "Flyway's.");
    }
}

static void
refinery_read(Mig *mig, const MigFile *file, const MigFileName *name,
              MigMigration *migration)
{
    if (mig_bytes_equal(name->unit, mig_bytes(UNIT_FREE)))
        mig_option_add(mig, migration, "order", mig_bytes("free"));
    mig_read_direction(mig, file, name, migration);
}

const MigFormat mig_format_refinery = {
    .name = "refinery",
    .order = MIG_ORDER_STRICT,
    .variables = MIG_VARIABLES_NATIVE,
    .match = refinery_match,
    .is_hinted = refinery_is_hinted,
    .identify = refinery_identify,
    .arrange = refinery_arrange,
    .read = refinery_read,
};
