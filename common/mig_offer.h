#ifndef MIG_OFFER_H
#define MIG_OFFER_H

/*
 * Offers: the migrations of one catalogue, to be brought into others.
 *
 * An offer is read once, with its texts, and only read from then on, so that
 * many databases, in many threads, can be given it at once.  What happens to
 * each is what a load of the same directory would do there, by the same rules.
 */

#include "mig_load.h"
#include "mig_setting.h"

typedef struct MigOffer
{
    MigSet *sets; /* one for each label */
    size_t count;
    size_t capacity;
    const MigSettings *settings; /* of the catalogue that it was read from */
} MigOffer;

/* What a database is, beside an offer. */
typedef struct MigOfferView
{
    MigBytes version;  /* the last applied one in order, or absent */
    int64_t applied;   /* how many are */
    int64_t pending;   /* how many mig_offer_apply() would run, to head */
    const char *state; /* "new", "current", "pending", "changed", "failed" or
                          "ahead"; a constant */
    MigBytes failure;  /* of the last attempt, in state "failed"; or absent */
} MigOfferView;

/*
 * Read the migrations of mig's project with their texts into mig->arena.
 * Without any the offer is empty: then each database has but its own.
 */
void mig_offer_read(Mig *mig, MigOffer *offer);

/*
 * Whether a database has all of an offer, and nothing is left to be applied.
 * Reads only, and no texts.
 */
bool mig_offer_is_there(Mig *mig, const MigOffer *offer);

/*
 * Bring an offer into mig's catalogue, and apply it up to a target.  Where the
 * offer is that of an older release nothing is changed.
 *
 * function  SQL name of the caller, for messages
 *
 * Returns how many migrations were applied.
 */
int64_t mig_offer_apply(Mig *mig, const MigOffer *offer, const char *function,
                        MigBytes target);

/* Look what a database is.  Reads only; the view's texts are in mig->arena. */
void mig_offer_look(Mig *mig, const MigOffer *offer, MigOfferView *view);

/* How many migrations are applied. */
int64_t mig_offer_count_applied(Mig *mig);

#endif
