#include "pg_objects.h"

/*
 * The oids of objects, which they keep when they are renamed
 *
 * The lists of all objects have them.  Of these queries all else is left out,
 * so that no definition is made.
 */

static const PgObjectsQuery *const lists[] = {
    pg_objects_globals, pg_objects_types, pg_objects_others,
    pg_objects_relations, pg_objects_parts};

/* Oid and number of a column stand in the place of the definition. */
static const char numbers[] =
    "SELECT kind, schema, relation, identity, NULL::text AS root, "
    "format('%s.%s', oid, sub) AS definition FROM a WHERE oid IS NOT NULL";

/* Run the queries whose objects have an oid. */
static void
numbers_run(PgObjectsListing *listing)
{
    int number = PG_OBJECTS_NUMBER_PLANS;

    for (size_t i = 0; i < lengthof(lists); i++)
        for (const PgObjectsQuery *query = lists[i]; query->select != NULL;
             query++, number++)
        {
            StringInfoData sql;

            if ((query->notes & (PG_NOTE_COMMENT | PG_NOTE_NUMBER)) == 0)
                continue;
            initStringInfo(&sql);
            if (!pg_objects_is_planned(number))
            {
                pg_objects_compose_tables(&sql, query, PG_OBJECTS_ALL);
                appendStringInfoString(&sql, "a AS (");
                pg_objects_append(&sql, query->select, PG_OBJECTS_ALL);
                appendStringInfo(&sql, ") %s", numbers);
            }
            listing->tables = lappend(
                listing->tables, pg_objects_query(listing, number, sql.data));
        }
    listing->hides = pg_objects_hides(listing);
}

MigStatus
pg_list_numbers(MigHost *base, const MigScope *scope, bool *renamed,
                MigObjectFunction object, void *context, MigError *error)
{
    PgHost *host = (PgHost *) base;
    PgObjectsListing listing = {.host = host,
                                .scope = scope,
                                .object = object,
                                .context = context,
                                .error = error,
                                .run = numbers_run};

    *renamed = true;
    if (pg_is_doomed(host, error))
        return error->status;
    return pg_objects_list(&listing);
}
