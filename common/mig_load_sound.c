#include "mig_load_parts.h"

void
mig_load_read_texts(Load *load)
{
    if (load->mends && load->only.data == NULL)
        mig_texts_read(load->mig, &load->texts);
}

bool
mig_load_has_text(Load *load, const char *hash)
{
    if (!load->mends || !load->mig->has_catalogue)
        return true;
    return load->only.data == NULL ? mig_texts_have(&load->texts, hash)
                                   : mig_text_is_kept(load->mig, hash);
}

/* Whether a section can be read, and points to what is there. */
static bool
is_sound(Load *load, MigArena *arena, MigBytes column)
{
    Mig *mig = load->mig;
    MigSlice *slices = NULL;
    size_t count = mig_slices_read(mig, arena, column, &slices);
    bool sound = mig->error->status != MIG_CORRUPT;

    if (!sound)
        mig_error_clear(mig->error);
    for (size_t i = 0; sound && i < count; i++)
        sound = load->only.data == NULL
                    ? mig_texts_problem(&load->texts, &slices[i]) == NULL
                    : slices[i].length == 0 ||
                          mig_load_has_text(load, slices[i].hash);
    return sound;
}

bool
mig_load_is_sound(Load *load, const MigKnownOne *known)
{
    static const MigKnownColumn sections[] = {MIG_KNOWN_UP, MIG_KNOWN_DOWN,
                                              MIG_KNOWN_VERIFY};
    MigArena arena = {load->mig->host, NULL};
    bool sound = true;

    if (!load->mends || !mig_ok(load->mig))
        return true;
    for (size_t i = 0; sound && i < 3; i++)
        sound = is_sound(load, &arena, known->columns[sections[i]]);
    mig_arena_release(&arena);
    return sound;
}
