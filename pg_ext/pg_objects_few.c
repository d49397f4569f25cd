#include "pg_changes.h"
#include "pg_objects.h"

#include "catalog/pg_type_d.h"
#include "utils/builtins.h"

/*
 * The objects of some relations, functions and types
 *
 * A list of all objects has several for one table: the table itself, columns,
 * constraints, indexes, and so on.  Whoever has an older list takes them for
 * one root with its parts: what is told for a root is all that there is now.
 * So when one part was touched all of them are listed.
 */

/*
 * From the relations that were touched ($4) to those that are to be listed:
 *
 *   t  they themselves, and what indexes, sequences and TOAST tables belong to
 *   d  what depends on those but is no part of them
 *   u  they, and the views, rules and policies that name their columns: the
 *      server renames columns there when a new one has the name of another
 *   v  they, and what belongs to them
 *
 * Columns: oid; identity of a root, else NULL; name; whether all objects are to
 * be listed, since this cannot be followed.
 */
static const char touched_query[] =
    "t AS (SELECT unnest($4) AS oid "
    "UNION SELECT indrelid FROM pg_index WHERE indexrelid = ANY ($4) "
    "UNION SELECT refobjid FROM pg_depend WHERE classid = "
    "'pg_catalog.pg_class'::regclass AND objid = ANY ($4) AND refclassid = "
    "'pg_catalog.pg_class'::regclass AND deptype IN ('a', 'i')), "
    "d AS (SELECT d.classid, d.objid FROM t JOIN pg_depend d ON d.refclassid "
    "= 'pg_catalog.pg_class'::regclass AND d.refobjid = t.oid WHERE d.classid "
    "IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass, "
    "'pg_catalog.pg_proc'::regclass)), "
    "u AS (SELECT oid FROM t "
    "UNION SELECT w.ev_class FROM d JOIN pg_rewrite w ON w.oid = d.objid "
    "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass "
    "UNION SELECT p.polrelid FROM d JOIN pg_policy p ON p.oid = d.objid WHERE "
    "d.classid = 'pg_catalog.pg_policy'::regclass), "
    "v AS (SELECT oid FROM u "
    "UNION SELECT d.objid FROM u JOIN pg_depend d ON d.refclassid = "
    "'pg_catalog.pg_class'::regclass AND d.refobjid = u.oid WHERE d.classid = "
    "'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')) "
    "SELECT c.oid, CASE WHEN c.oid IN (SELECT oid FROM t) AND c.relkind IN "
    "('r', 'f', 'v', 'm', 'S') THEN n.prefix || quote_ident(c.relname) END, "
    "c.relname::text, c.relkind IN ('p', 'I', 'c') OR c.relispartition OR "
    "EXISTS (SELECT FROM d WHERE d.classid = 'pg_catalog.pg_proc'::regclass) "
    "FROM v JOIN pg_class c ON c.oid = v.oid LEFT JOIN n ON n.oid = "
    "c.relnamespace";

/* Columns of it. */
enum
{
    OID = 1,
    IDENTITY,
    NAME,
    WHOLE
};

/* Whether something that is no relation has one of the names $5: roots are told
 * by their names alone. */
static const char same_name_query[] =
    "SELECT EXISTS (SELECT FROM pg_type WHERE typname = ANY ($5) "
    "AND typtype <> 'c' AND typnamespace <> "
    "'pg_catalog'::regnamespace) "
    "OR EXISTS (SELECT FROM pg_collation WHERE collname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_conversion WHERE conname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_parser WHERE prsname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_template WHERE tmplname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_dict WHERE dictname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_config WHERE cfgname = ANY ($5))";

/* Whether something that is no type has one of the names of types $5. */
static const char same_type_query[] =
    "SELECT EXISTS (SELECT FROM pg_class WHERE relname = ANY ($5) "
    "AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S')) "
    "OR EXISTS (SELECT FROM pg_collation WHERE collname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_conversion WHERE conname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_parser WHERE prsname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_template WHERE tmplname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_dict WHERE dictname = ANY ($5)) "
    "OR EXISTS (SELECT FROM pg_ts_config WHERE cfgname = ANY ($5))";

/*
 * Whether another function has one of the names of functions $5, where the
 * wanted schema is in the path: a call of that one is written with the schema,
 * or without it, as the server would find it without (generate_function_name()
 * in utils/adt/ruleutils.c).  In no path nothing of the users' is.
 */
static const char same_routine_query[] =
    "SELECT $1 <> '' AND (EXISTS (SELECT FROM pg_proc WHERE proname = ANY ($5) "
    "AND oid <> ALL ($6)) OR EXISTS (SELECT FROM pg_proc "
    "WHERE proname = ANY ($5) GROUP BY proname HAVING count(*) > 1))";

/* Numbers of plans; those of the lists follow. */
enum
{
    PLAN_TOUCHED,
    PLAN_SAME_NAME,
    PLAN_SAME_TYPE,
    PLAN_SAME_ROUTINE,
    PLAN_LISTS
};

/* The lists of relations and of their parts, and of functions and types. */
static const PgObjectsQuery *const lists[] = {
    pg_objects_relations, pg_objects_parts, pg_objects_types};

/* A list of few under way. */
typedef struct Few
{
    PgObjectsListing listing; /* must be first */
    const PgTouched *touched;
    MigRootFunction root;
    List *roots; /* identities of roots, char * */
    bool whole;  /* the list of all is needed */
} Few;

/* An array of values, each an oid or a text. */
static ArrayType *
array_of(const List *values, Oid type)
{
    Datum *datums = palloc(sizeof(Datum) * (Size) (list_length(values) + 1));
    ListCell *cell;
    int count = 0;

    foreach (cell, values)
        datums[count++] = type == OIDOID ? ObjectIdGetDatum(lfirst_oid(cell))
                                         : CStringGetTextDatum(lfirst(cell));
    return construct_array(datums, count, type, type == OIDOID ? 4 : -1,
                           type == OIDOID, TYPALIGN_INT);
}

/* Whether a schema is one of those that are wanted. */
static bool
is_wanted(const Few *few, const char *schema)
{
    MigBytes wanted = few->listing.scope->schema;

    return wanted.length == 0 || mig_bytes_equal(wanted, mig_bytes(schema));
}

/* Tell of a root: what is behind its name is a part of that, too. */
static void
root_add(Few *few, const char *schema, const char *name, const char *rest)
{
    bool is_only = few->listing.scope->schema.length > 0;

    few->roots =
        lappend(few->roots,
                psprintf("%s%s%s%s", is_only ? "" : quote_identifier(schema),
                         is_only ? "" : ".", quote_identifier(name), rest));
}

/* Tell of roots by their names; returns the names of those that are wanted. */
static List *
names_add(Few *few, const List *touched, List *names)
{
    ListCell *cell;

    foreach (cell, touched)
    {
        const PgTouchedName *name = lfirst(cell);

        if (!is_wanted(few, name->schema))
            continue;
        names = lappend(names, unconstify(char *, name->name));
        root_add(few, name->schema, name->name, "");
    }
    return names;
}

/* Run a query that says whether what a list of names stands for can be told
 * from the rest. */
static bool
is_ambiguous(Few *few, int number, const char *query, const List *names)
{
    SPITupleTable *table;
    bool is_null;

    if (names == NIL)
        return false;
    few->listing.names = array_of(names, TEXTOID);
    table = pg_objects_query(&few->listing, number, query);
    return DatumGetBool(
        SPI_getbinval(table->vals[0], table->tupdesc, 1, &is_null));
}

/* Find which relations are to be listed: $4 of the queries to come. */
static void
relations_find(Few *few)
{
    PgObjectsListing *listing = &few->listing;
    StringInfoData query;
    SPITupleTable *table;
    List *oids = NIL;
    List *names = names_add(few, few->touched->names, NIL);

    initStringInfo(&query);
    appendStringInfo(&query, "%s%s", pg_objects_schemas, touched_query);
    listing->few = array_of(few->touched->relations, OIDOID);
    table = pg_objects_query(listing, PLAN_TOUCHED, query.data);
    for (uint64 i = 0; i < table->numvals; i++)
    {
        HeapTuple row = table->vals[i];
        bool is_null;
        char *identity = SPI_getvalue(row, table->tupdesc, IDENTITY);

        few->whole =
            few->whole ||
            DatumGetBool(SPI_getbinval(row, table->tupdesc, WHOLE, &is_null));
        oids = lappend_oid(oids, DatumGetObjectId(SPI_getbinval(
                                     row, table->tupdesc, OID, &is_null)));
        if (identity == NULL)
            continue;
        few->roots = lappend(few->roots, identity);
        names = lappend(names, SPI_getvalue(row, table->tupdesc, NAME));
    }
    listing->few = array_of(oids, OIDOID);
    few->whole =
        few->whole || is_ambiguous(few, PLAN_SAME_NAME, same_name_query, names);
}

/* The same for functions, $6. */
static void
routines_find(Few *few)
{
    List *names = NIL;
    ListCell *cell;

    few->listing.routines = array_of(few->touched->routines, OIDOID);
    foreach (cell, few->touched->routine_names)
    {
        const PgTouchedRoutine *routine = lfirst(cell);
        Datum arguments;

        if (!is_wanted(few, routine->schema))
            continue;
        arguments = DirectFunctionCall1(oidvectortypes,
                                        PointerGetDatum(routine->arguments));
        names = lappend(names, unconstify(char *, routine->name));
        root_add(few, routine->schema, routine->name,
                 psprintf("(%s)", TextDatumGetCString(arguments)));
    }
    few->whole = few->whole || is_ambiguous(few, PLAN_SAME_ROUTINE,
                                            same_routine_query, names);
}

/* And for types, $7. */
static void
types_find(Few *few)
{
    List *names = names_add(few, few->touched->type_names, NIL);

    few->listing.types = array_of(few->touched->types, OIDOID);
    few->whole =
        few->whole || is_ambiguous(few, PLAN_SAME_TYPE, same_type_query, names);
}

/* Whether there is anything that a query lists. */
static bool
is_asked_for(const Few *few, const PgObjectsQuery *query)
{
    if (strcmp(query->members, "pg_class") == 0)
        return few->touched->relations != NIL;
    if (strcmp(query->members, "pg_proc") == 0)
        return few->touched->routines != NIL;
    return strcmp(query->members, "pg_type") == 0 && few->touched->types != NIL;
}

/* Run the lists. */
static void
lists_run(Few *few)
{
    int number = PLAN_LISTS;

    for (size_t i = 0; i < lengthof(lists); i++)
        for (const PgObjectsQuery *query = lists[i]; query->select != NULL;
             query++, number++)
        {
            /* The next number is another list's. */
            Assert(number < PG_OBJECTS_FEW_PLANS);
            if (is_asked_for(few, query))
                pg_objects_run(&few->listing, number, query, PG_OBJECTS_FEW);
        }
    elog(DEBUG1,
         "the objects of %d changed relations, %d functions and %d types are "
         "listed",
         list_length(few->touched->relations),
         list_length(few->touched->routines), list_length(few->touched->types));
}

/* Run the queries.  They are planned once, when the catalogs may still be small
 * enough to be read whole; for few of their rows that is never right.  Where
 * something of the wanted schema is hidden now and was not before, or the other
 * way round, all texts may differ. */
static void
few_run(PgObjectsListing *listing)
{
    Few *few = (Few *) listing;

    pg_objects_setting("enable_seqscan", "off");
    pg_objects_setting("enable_hashjoin", "off");
    pg_objects_setting("enable_mergejoin", "off");
    few->roots = NIL;
    few->whole = false;
    if (few->touched->relations != NIL)
        relations_find(few);
    routines_find(few);
    types_find(few);
    listing->hides = pg_objects_hides(listing);
    few->whole = few->whole || listing->hides != listing->host->hides;
    if (!few->whole)
        lists_run(few);
}

/* Tell the roots. */
static void
roots_deliver(PgObjectsListing *listing)
{
    const Few *few = (const Few *) listing;
    ListCell *cell;

    foreach (cell, few->roots)
        if (!few->whole && listing->error->status == MIG_OK)
            (void) few->root(listing->context, mig_bytes(lfirst(cell)),
                             listing->error);
}

MigStatus
pg_list_few(PgHost *host, const MigScope *scope, const PgTouched *touched,
            bool *all, const PgListing *listing, MigError *error)
{
    Few few = {.listing = {.host = host,
                           .scope = scope,
                           .object = listing->object,
                           .context = listing->context,
                           .error = error,
                           .run = few_run,
                           .deliver = roots_deliver},
               .touched = touched,
               .root = listing->root};

    (void) pg_objects_list(&few.listing);
    *all = few.whole;
    return error->status;
}
