#ifndef PG_WATCH_H
#define PG_WATCH_H

/*
 * Watching for other hands: the event triggers that the setting "watch" turns
 * on.
 *
 *     pg_watch.c       the setting, and what is done with a command
 *     pg_watch_list.c  what a command has done to which objects
 *     pg_watch_row.c   the table in which that is kept
 */

#include "pg_migrate.h"

#include "commands/event_trigger.h"

/* An object that a command has made, changed or dropped. */
typedef struct PgTouched
{
    Oid catalog;          /* InvalidOid where it has no address */
    Oid id;               /* in that catalog */
    const char *command;  /* as "ALTER TABLE" */
    const char *kind;     /* as the server says: "table", "table column" */
    const char *schema;   /* or NULL */
    const char *identity; /* with its schema, quoted; spelled as by
                             list_objects() where that has such objects, or
                             NULL */
} PgTouched;

/*
 * Look at the command of an event: record it, refuse it, or let it pass.  What
 * this extension runs for a migration passes, as do the scripts of extensions
 * and pg_upgrade.
 *
 * function  that the event trigger has called
 *
 * Raises the error of a command that is refused.
 */
void pg_watch_event(const EventTriggerData *event, Oid function);

/*
 * What the command of an event has done to the schema: PgTouched, in order;
 * NIL for nothing that counts.  Temporary objects do not, nor those of
 * extensions.
 */
List *pg_watch_list(const EventTriggerData *event);

/*
 * Keep that in the table, running nothing that others have put on it.  Warns
 * when the table is not as it was made, and then keeps nothing.
 *
 * schema   of the extension
 * outcome  a constant
 */
void pg_watch_write(Oid schema, List *touched, const char *outcome);

#endif
