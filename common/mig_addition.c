#include "mig_addition.h"

MigStatus
mig_fail_addition(const MigAddition *addition, MigError *error)
{
    (void) mig_fail(error, MIG_CORRUPT,
                    "somebody has put %s on table \"%s\" of the catalogue",
                    addition->what, addition->table);
    mig_fail_hint(error,
                  "Nothing is written while it is there.  Find out whose it "
                  "is, then take it away: %s",
                  addition->remedy);
    return error->status;
}

MigStatus
mig_addition_refuse(void *context, const MigAddition *addition, MigError *error)
{
    (void) context;
    return addition->runs ? mig_fail_addition(addition, error) : error->status;
}
