#include "mig_addition.h"

MigStatus
mig_fail_addition(const MigAddition *addition, MigError *error)
{
    (void) mig_fail(error, MIG_CORRUPT,
                    "somebody has %s %s on table \"%s\" of the catalogue",
                    mig_addition_deed(addition), addition->what,
                    addition->table);
    mig_fail_hint(error, "%s while it is %s.  %s: %s",
                  addition->reads ? "The catalogue is neither read nor written"
                                  : "Nothing is written",
                  addition->is_right ? "so" : "there",
                  mig_addition_advice(addition), addition->remedy);
    return error->status;
}

MigStatus
mig_addition_refuse(void *context, const MigAddition *addition, MigError *error)
{
    (void) context;
    return addition->runs ? mig_fail_addition(addition, error) : error->status;
}

const char *
mig_addition_deed(const MigAddition *addition)
{
    return addition->is_right ? "given" : "put";
}

const char *
mig_addition_advice(const MigAddition *addition)
{
    return addition->is_right
               ? "Find out what was done with it, then take it away"
               : "Find out whose it is, then take it away";
}
