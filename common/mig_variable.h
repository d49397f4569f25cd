#ifndef MIG_VARIABLE_H
#define MIG_VARIABLE_H

/*
 * Variables in texts: what is put in their place, in the style of the tool that
 * the texts were written for.  A value is that of the setting var.<name>.
 *
 * A style is known by a word, which a migration with such texts has as its
 * option "variables":
 *
 *     true       our own: ${name} where name is set; all else stays as it is
 *     flyway     ${name}, in upper or lower case; a name that is not set is an
 *                error.  Built in are flyway:defaultSchema, user, database,
 *                timestamp, filename, table and environment
 *     liquibase  our own, and ${name} where the migration's options have a
 *                property of that name, in upper or lower case
 *     graphile   :NAME; see mig_colon.h
 *     envsub     goose's; see mig_envsub.h
 */

#include "mig.h"

#define MIG_VARIABLES_NATIVE "true"
#define MIG_VARIABLES_FLYWAY "flyway"
#define MIG_VARIABLES_LIQUIBASE "liquibase"
#define MIG_VARIABLES_GRAPHILE "graphile"
#define MIG_VARIABLES_ENVSUB "envsub"

/* The value of the option in a migration whose texts are to stay as they are,
 * whatever they mention. */
#define MIG_VARIABLES_NONE "false"

/* How a text is to be expanded. */
typedef struct MigExpansion
{
    MigBytes style;   /* value of the option; absent: nothing is replaced */
    MigBytes authors; /* in/out: those who have set the variables, a line each,
                         where the host has a notion of trust */
    MigBytes file;    /* of the text, for styles that can name it; or absent */
    size_t offset;    /* out, when mig_expand() fails: where in the text */
    MigBytes options; /* of the migration, for styles that have values there */
    unsigned depth;   /* of values in values; 0 at first */
} MigExpansion;

/*
 * Read a "${name}" at the start of a text, whatever the name.
 *
 * name  out: without blanks around it
 *
 * Returns its length in bytes with the braces; 0 when another thing stands
 * there.
 */
size_t mig_variable_mention(MigBytes text, MigBytes *name);

/* Whether a text may mention variables of a style. */
bool mig_variables_in(const char *style, MigBytes text);

/*
 * Put values in a text.  Fails with MIG_INVALID for a name that must be set,
 * in styles that say so.
 *
 * Returns the text itself when nothing is to be replaced.
 */
MigBytes mig_expand(Mig *mig, MigArena *arena, MigBytes text,
                    MigExpansion *expansion);

/* Fail when a text with values in it gets too long; length in bytes. */
void mig_expanded_check(Mig *mig, size_t length);

/*
 * The value of a variable, for a style: absent bytes when it is not set.  Who
 * has set it is added to the expansion's authors.
 *
 * name  of 1 to MIG_VARIABLE_MAX bytes, without the prefix
 */
MigBytes mig_variable_value(Mig *mig, MigArena *arena, MigBytes name,
                            MigExpansion *expansion);

#endif
