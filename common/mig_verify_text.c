#include "mig_verify_parts.h"

#include <stdlib.h>

#include "mig_setting.h"
#include "mig_version.h"

#define TEXT_HINT                                                              \
    "It is not run.  Take the row of migrate_text from a backup; or delete "   \
    "it, and load the directory again with migrate_load(), or add it again "   \
    "where it came by migrate_add()."

#define SECTION_HINT                                                           \
    "Load the directory again with migrate_load(), or add it again where it "  \
    "came by migrate_add(); or take the row from a backup."

/* Take a row of MIG_SQL_TEXT_LIST: hash the text. */
static MigStatus
take_text(void *context, const MigValue *columns, size_t count, MigError *error)
{
    MigVerify *verify = context;
    Mig *mig = verify->mig;
    MigProblem finding = {.kind = "text", .hint = TEXT_HINT};
    char hash[MIG_HASH_LENGTH + 1];
    const MigKeptText *text =
        mig_texts_add(mig->arena, &verify->texts, columns[0].bytes,
                      columns[1].bytes.length, error);

    (void) count;
    if (text == NULL)
        return error->status;
    mig_hash(mig->host, &columns[1].bytes, 1, hash);
    if (columns[0].type != MIG_TEXT || columns[1].type != MIG_BYTES ||
        !mig_bytes_equal(columns[0].bytes, mig_bytes(hash)))
    {
        finding.object = text->hash;
        finding.problem = "was edited: its bytes do not have its hash";
        mig_verify_emit(verify, &finding);
    }
    return error->status;
}

void
mig_verify_texts(MigVerify *verify)
{
    Mig *mig = verify->mig;

    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    (void) mig->host->methods->query(mig->host, MIG_SQL_TEXT_LIST, NULL, 0,
                                     take_text, verify, mig->error);
    verify->texts_known = mig_ok(mig);
}

bool
mig_verify_section(MigVerify *verify, MigBytes version, const char *object,
                   const MigValue *column)
{
    Mig *mig = verify->mig;
    MigProblem finding = {.kind = "text",
                          .version = version,
                          .object = mig_bytes(object),
                          .hint = SECTION_HINT};
    MigSlice *slices = NULL;
    size_t count;

    if (column->type == MIG_NULL || !verify->texts_known || !mig_ok(mig))
        return true;
    count = mig_slices_read(mig, &verify->row, column->bytes, &slices);
    if (mig->error->status == MIG_CORRUPT)
    {
        mig_error_clear(mig->error);
        finding.problem = "is malformed";
    }
    for (size_t i = 0; i < count && finding.problem == NULL; i++)
        finding.problem = mig_texts_problem(&verify->texts, &slices[i]);
    mig_arena_release(&verify->row);
    if (finding.problem != NULL)
        mig_verify_emit(verify, &finding);
    return finding.problem == NULL;
}

/* Take a row of MIG_SQL_STATE_LOADED. */
static MigStatus
take_loaded(void *context, const MigValue *columns, size_t count,
            MigError *error)
{
    static const char *const names[] = {"loaded up", "loaded down",
                                        "loaded verify"};
    static const size_t places[] = {9, 8, 10};
    MigVerify *verify = context;
    MigArena *arena = verify->mig->arena;
    MigVerifyLoaded *loaded;

    (void) count;
    loaded =
        mig_array_reserve(arena, verify->loaded, verify->loaded_count,
                          &verify->loaded_capacity, sizeof(*loaded), error);
    if (loaded == NULL)
        return error->status;
    verify->loaded = loaded;
    loaded += verify->loaded_count;
    memset(loaded, 0, sizeof(*loaded));
    loaded->entry = verify->state.count;
    loaded->version = mig_copy(arena, columns[0].bytes, error);
    if (columns[1].type == MIG_TEXT)
        loaded->position = mig_copy(arena, columns[1].bytes, error);
    for (size_t i = 0; i < MIG_VERIFY_SECTIONS; i++)
    {
        const MigValue *column = &columns[places[i]];

        loaded->sections[i] = mig_copy(arena, column->bytes, error);
        loaded->sound[i] =
            mig_verify_section(verify, loaded->version, names[i], column);
    }
    /* What is no text is the version of no record. */
    if (columns[0].type == MIG_TEXT)
        verify->loaded_count++;
    return error->status;
}

static int
compare_loaded(const void *a, const void *b)
{
    return mig_position_compare(((const MigVerifyLoaded *) a)->version,
                                ((const MigVerifyLoaded *) b)->version);
}

void
mig_verify_loaded(MigVerify *verify)
{
    Mig *mig = verify->mig;

    mig_state_read_loaded(mig, &verify->state, take_loaded, verify);
    if (!mig_ok(mig) || !mig->has_catalogue)
        return;
    mig_array_sort(verify->loaded, verify->loaded_count,
                   sizeof(MigVerifyLoaded), compare_loaded);
    verify->loaded_known = true;
}

const MigVerifyLoaded *
mig_verify_find_loaded(MigVerify *verify, MigBytes version)
{
    MigVerifyLoaded key = {.version = version};
    const MigVerifyLoaded *found = NULL;
    size_t next = verify->loaded_next;

    if (next < verify->loaded_count &&
        mig_bytes_equal(verify->loaded[next].version, version))
        found = &verify->loaded[next];
    else if (verify->loaded_count > 0)
        found = bsearch(&key, verify->loaded, verify->loaded_count,
                        sizeof(MigVerifyLoaded), compare_loaded);
    if (found != NULL)
        verify->loaded_next = (size_t) (found - verify->loaded) + 1;
    return found;
}
