#include "pg_objects.h"

#include "access/table.h"
#include "catalog/pg_attribute_d.h"
#include "catalog/pg_depend_d.h"
#include "catalog/pg_type_d.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/* Plans of all queries, kept for good: planning them takes longer than running
 * them.  They do not depend on what is asked for. */
#define PLANS (PG_OBJECTS_NUMBER_PLANS + 50)
static SPIPlanPtr plans[PLANS];

void
pg_objects_plans_refresh(void)
{
    static BlockNumber planned_for; /* blocks of both */
    const Oid grow[] = {AttributeRelationId, DependRelationId};
    BlockNumber blocks = 0;

    for (int i = 0; i < lengthof(grow); i++)
    {
        Relation catalog = table_open(grow[i], AccessShareLock);

        blocks += RelationGetNumberOfBlocks(catalog);
        table_close(catalog, AccessShareLock);
    }
    if (blocks / 2 <= planned_for)
        return;
    if (planned_for != 0)
        elog(DEBUG1, "the catalogs have grown: lists are planned anew");
    planned_for = blocks;
    for (int i = 0; i < PLANS; i++)
        if (plans[i] != NULL)
        {
            (void) SPI_freeplan(plans[i]);
            plans[i] = NULL;
        }
}

SPIPlanPtr
pg_objects_plan(int number, const char *query)
{
    Oid types[] = {TEXTOID,      TEXTOID,     OIDOID,     OIDARRAYOID,
                   TEXTARRAYOID, OIDARRAYOID, OIDARRAYOID};

    if (number >= PLANS)
        elog(ERROR, "there are more queries than plans");
    if (plans[number] == NULL)
    {
        SPIPlanPtr plan = SPI_prepare_cursor(query, lengthof(types), types,
                                             CURSOR_OPT_GENERIC_PLAN);

        if (plan == NULL || SPI_keepplan(plan) != 0)
            elog(ERROR, "could not prepare a list of objects: %s",
                 SPI_result_code_string(SPI_result));
        plans[number] = plan;
    }
    return plans[number];
}

bool
pg_objects_is_planned(int number)
{
    return plans[number] != NULL;
}
