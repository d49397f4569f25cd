#include "pg_watch.h"

#include "access/htup_details.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_language.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/execnodes.h"
#include "tcop/deparse_utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"

/*
 * The server's own functions for event triggers tell what a command has done.
 * They are called without SQL, so that it takes no right to do so and no
 * snapshot, which some commands do not leave behind.
 */

/* Columns of pg_event_trigger_ddl_commands(). */
enum
{
    DONE_CATALOG = 1,
    DONE_ID,
    DONE_PART,
    DONE_COMMAND,
    DONE_KIND,
    DONE_SCHEMA,
    DONE_IDENTITY,
    DONE_IN_EXTENSION,
    DONE_DETAILS
};

/* Columns of pg_event_trigger_dropped_objects(). */
enum
{
    DROPPED_CATALOG = 1,
    DROPPED_ID,
    DROPPED_PART,
    DROPPED_ORIGINAL,
    DROPPED_NORMAL,
    DROPPED_TEMPORARY,
    DROPPED_KIND,
    DROPPED_SCHEMA,
    DROPPED_NAME,
    DROPPED_IDENTITY,
    DROPPED_NAMES,
    DROPPED_ARGUMENTS
};

/* Commands that leave the schema as it is. */
static const char *const harmless[] = {"REFRESH MATERIALIZED VIEW", "REINDEX"};

#define TEMPORARY_SCHEMA "pg_temp"
#define CATALOG_PREFIX "pg_catalog."

/* A list being made of a row's columns. */
typedef struct Listing
{
    List *touched;
    TupleTableSlot *row;
    const char *command; /* that of the event */
} Listing;

/* A column of the row as text, or NULL. */
static const char *
row_text(const Listing *listing, int column)
{
    bool is_null;
    Datum datum = slot_getattr(listing->row, column, &is_null);

    return is_null ? NULL : TextDatumGetCString(datum);
}

/* A column of a type that is passed by value; 0 for NULL. */
static Datum
row_value(const Listing *listing, int column)
{
    bool is_null;
    Datum datum = slot_getattr(listing->row, column, &is_null);

    return is_null ? (Datum) 0 : datum;
}

/* Call one of the server's functions, and then a function for each row. */
static void
each_row(Oid function, Listing *listing, void (*take)(Listing *))
{
    LOCAL_FCINFO(fcinfo, 0);
    ReturnSetInfo result;
    FmgrInfo call;

    memset(&result, 0, sizeof(result));
    result.type = T_ReturnSetInfo;
    result.econtext = CreateStandaloneExprContext();
    result.allowedModes = (int) SFRM_Materialize;
    result.returnMode = SFRM_ValuePerCall;
    fmgr_info(function, &call);
    InitFunctionCallInfoData(*fcinfo, &call, 0, InvalidOid, NULL,
                             (Node *) &result);
    (void) FunctionCallInvoke(fcinfo);
    if (result.returnMode != SFRM_Materialize || result.setResult == NULL)
        return;
    listing->row =
        MakeSingleTupleTableSlot(result.setDesc, &TTSOpsMinimalTuple);
    while (tuplestore_gettupleslot(result.setResult, true, false, listing->row))
        take(listing);
    ExecDropSingleTupleTableSlot(listing->row);
    tuplestore_end(result.setResult);
}

/* Names with dots between, each quoted where it has to be. */
static const char *
names_joined(List *names)
{
    StringInfoData joined;
    ListCell *cell;

    initStringInfo(&joined);
    foreach (cell, names)
    {
        if (joined.len > 0)
            appendStringInfoChar(&joined, '.');
        appendStringInfoString(&joined, quote_identifier(lfirst(cell)));
    }
    return joined.data;
}

/* Whether objects of a catalog are named by their table's name and their own,
 * where the server writes "own on table"; a default by that of its column. */
static bool
is_part_of_table(Oid catalog, List *names)
{
    return (catalog == TriggerRelationId || catalog == PolicyRelationId ||
            catalog == RewriteRelationId || catalog == ConstraintRelationId ||
            catalog == AttrDefaultRelationId) &&
           list_length(names) == 3;
}

/* A function with the types of its arguments as list_objects() writes them:
 * what is in pg_catalog is not qualified. */
static const char *
function_identity(List *names, List *arguments)
{
    StringInfoData identity;
    ListCell *cell;

    initStringInfo(&identity);
    appendStringInfo(&identity, "%s(", names_joined(names));
    foreach (cell, arguments)
    {
        const char *type = lfirst(cell);

        if (strncmp(type, CATALOG_PREFIX, strlen(CATALOG_PREFIX)) == 0)
            type += strlen(CATALOG_PREFIX);
        appendStringInfo(&identity, "%s%s",
                         cell == list_head(arguments) ? "" : ", ", type);
    }
    appendStringInfoChar(&identity, ')');
    return identity.data;
}

/* Add an object, unless it is a temporary one; its names and arguments are as
 * the server parts them. */
static void
touched_add(Listing *listing, const PgTouched *found, List *names,
            List *arguments)
{
    PgTouched *touched;

    /* That which makes a view of a relation. */
    if (found->catalog == RewriteRelationId && names != NIL &&
        strcmp(llast(names), "_RETURN") == 0)
        return;
    if ((names != NIL && strcmp(linitial(names), TEMPORARY_SCHEMA) == 0) ||
        (found->schema != NULL && strcmp(found->schema, TEMPORARY_SCHEMA) == 0))
        return;
    touched = palloc(sizeof(PgTouched));
    *touched = *found;
    if (is_part_of_table(touched->catalog, names))
        touched->identity = names_joined(names);
    if (touched->catalog == ProcedureRelationId)
        touched->identity = function_identity(names, arguments);
    if (touched->kind == NULL)
        touched->kind = "";
    listing->touched = lappend(listing->touched, touched);
}

/* What an object was called that is renamed, or NULL. */
static const char *
name_before(const RenameStmt *rename)
{
    const Node *object = rename->object;

    switch ((int) rename->renameType)
    {
        case OBJECT_FOREIGN_TABLE:
        case OBJECT_INDEX:
        case OBJECT_MATVIEW:
        case OBJECT_SEQUENCE:
        case OBJECT_TABLE:
        case OBJECT_VIEW:
            return rename->relation->relname;
        case OBJECT_AGGREGATE:
        case OBJECT_FUNCTION:
        case OBJECT_PROCEDURE:
        case OBJECT_ROUTINE:
            return strVal(llast(((const ObjectWithArgs *) object)->objname));
        case OBJECT_DOMAIN:
        case OBJECT_TYPE:
            return strVal(llast((const List *) object));
        default:
            return rename->subname;
    }
}

/* The name of a type without its schema. */
static const char *
type_name(Oid type)
{
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    char *name;

    if (!HeapTupleIsValid(tuple))
        return "";
    name = pstrdup(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname));
    ReleaseSysCache(tuple);
    return name;
}

/* Add what an object was before a command gave it another name or schema: that
 * is gone. */
static void
touched_add_before(Listing *listing, const PgTouched *found,
                   const ObjectAddress *address,
                   const CollectedCommand *details)
{
    PgTouched before = *found;
    List *names = NIL;
    List *arguments = NIL;
    const char *name = NULL;

    if (details == NULL || details->type != SCT_Simple ||
        compat_object_identity(address, &names, &arguments) == NULL ||
        names == NIL)
        return;
    /* The server does not part the name of a type. */
    if (address->classId == TypeRelationId && found->schema != NULL)
        names = list_make2((void *) found->schema,
                           (void *) type_name(address->objectId));
    if (IsA(details->parsetree, RenameStmt))
    {
        name = name_before((const RenameStmt *) details->parsetree);
        lfirst(list_tail(names)) = (void *) name;
    }
    else if (IsA(details->parsetree, AlterObjectSchemaStmt))
    {
        name = get_namespace_name(details->d.simple.secondaryObject.objectId);
        linitial(names) = (void *) name;
    }
    if (name == NULL)
        return;
    before.identity = names_joined(names);
    touched_add(listing, &before, names, arguments);
}

/* Add an object that is there, by its address. */
static void
touched_add_address(Listing *listing, const PgTouched *found,
                    const ObjectAddress *address)
{
    PgTouched touched = *found;
    List *names = NIL;
    List *arguments = NIL;
    char *identity = compat_object_identity(address, &names, &arguments);

    if (identity == NULL)
        return; /* dropped again by a part of the same command */
    touched.catalog = address->classId;
    touched.id = address->objectId;
    touched.identity = identity;
    touched_add(listing, &touched, names, arguments);
}

/* The catalog of the objects that a GRANT names. */
static Oid
granted_catalog(ObjectType type)
{
    switch ((int) type)
    {
        case OBJECT_FUNCTION:
        case OBJECT_PROCEDURE:
        case OBJECT_ROUTINE:
            return ProcedureRelationId;
        case OBJECT_SCHEMA:
            return NamespaceRelationId;
        case OBJECT_TYPE:
        case OBJECT_DOMAIN:
            return TypeRelationId;
        case OBJECT_LANGUAGE:
            return LanguageRelationId;
        case OBJECT_FDW:
            return ForeignDataWrapperRelationId;
        case OBJECT_FOREIGN_SERVER:
            return ForeignServerRelationId;
        case OBJECT_TABLE:
        case OBJECT_SEQUENCE:
        case OBJECT_COLUMN:
            return RelationRelationId;
        default:
            return InvalidOid;
    }
}

/* Add the objects of a GRANT, which the server does not tell one by one. */
static void
take_granted(Listing *listing, const PgTouched *found,
             const InternalGrant *grant)
{
    Oid catalog = granted_catalog(grant->objtype);
    ListCell *cell;

    if (!OidIsValid(catalog))
    {
        touched_add(listing, found, NIL, NIL);
        return;
    }
    foreach (cell, grant->objects)
    {
        PgTouched touched = *found;
        ObjectAddress address;

        ObjectAddressSet(address, catalog, lfirst_oid(cell));
        touched.kind = compat_object_kind(&address);
        touched_add_address(listing, &touched, &address);
    }
}

/* Whether a command does nothing to the schema. */
static bool
is_harmless(const char *command)
{
    for (int i = 0; i < lengthof(harmless); i++)
        if (command != NULL && strcmp(harmless[i], command) == 0)
            return true;
    return false;
}

/* Take a row of what a command has made or changed. */
static void
take_done(Listing *listing)
{
    const CollectedCommand *details =
        (CollectedCommand *) DatumGetPointer(row_value(listing, DONE_DETAILS));
    PgTouched found = {.catalog =
                           DatumGetObjectId(row_value(listing, DONE_CATALOG)),
                       .id = DatumGetObjectId(row_value(listing, DONE_ID)),
                       .command = row_text(listing, DONE_COMMAND),
                       .kind = row_text(listing, DONE_KIND),
                       .schema = row_text(listing, DONE_SCHEMA),
                       .identity = row_text(listing, DONE_IDENTITY)};
    ObjectAddress address;

    if (DatumGetBool(row_value(listing, DONE_IN_EXTENSION)) ||
        is_harmless(found.command))
        return;
    if (details != NULL && details->type == SCT_Grant)
    {
        take_granted(listing, &found, details->d.grant.istmt);
        return;
    }
    if (details != NULL && details->type == SCT_AlterDefaultPrivileges)
        found.kind = "default privileges";
    if (!OidIsValid(found.catalog))
    {
        touched_add(listing, &found, NIL, NIL);
        return;
    }
    ObjectAddressSubSet(address, found.catalog, found.id,
                        DatumGetInt32(row_value(listing, DONE_PART)));
    touched_add_before(listing, &found, &address, details);
    touched_add_address(listing, &found, &address);
}

/* The texts of an array. */
static List *
array_names(Datum array)
{
    List *names = NIL;
    Datum *items;
    bool *nulls;
    int count;

    if (array == (Datum) 0)
        return NIL;
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false,
                      TYPALIGN_INT, &items, &nulls, &count);
    for (int i = 0; i < count; i++)
        names = lappend(names, nulls[i] ? "" : TextDatumGetCString(items[i]));
    return names;
}

/* Whether what goes with another object is no part of that: a partition, or the
 * statistics of a column. */
static bool
is_of_its_own(const PgTouched *touched)
{
    static const char *const kinds[] = {"table", "foreign table",
                                        "statistics object"};

    for (int i = 0; touched->kind != NULL && i < lengthof(kinds); i++)
        if (strcmp(touched->kind, kinds[i]) == 0)
            return true;
    return false;
}

/* Take a row of what a command has dropped: what it names and what hung from
 * that, but not the parts that an object takes along. */
static void
take_dropped(Listing *listing)
{
    PgTouched found = {
        .catalog = DatumGetObjectId(row_value(listing, DROPPED_CATALOG)),
        .id = DatumGetObjectId(row_value(listing, DROPPED_ID)),
        .command = listing->command,
        .kind = row_text(listing, DROPPED_KIND),
        .schema = row_text(listing, DROPPED_SCHEMA),
        .identity = row_text(listing, DROPPED_IDENTITY)};

    if (DatumGetBool(row_value(listing, DROPPED_TEMPORARY)) ||
        !(DatumGetBool(row_value(listing, DROPPED_ORIGINAL)) ||
          DatumGetBool(row_value(listing, DROPPED_NORMAL)) ||
          is_of_its_own(&found)))
        return;
    touched_add(listing, &found, array_names(row_value(listing, DROPPED_NAMES)),
                array_names(row_value(listing, DROPPED_ARGUMENTS)));
}

List *
pg_watch_list(const EventTriggerData *event)
{
    Listing listing = {NIL, NULL, GetCommandTagName(event->tag)};

    if (is_harmless(listing.command))
        return NIL;
    if (strcmp(event->event, "sql_drop") == 0)
        each_row(F_PG_EVENT_TRIGGER_DROPPED_OBJECTS, &listing, take_dropped);
    else
        each_row(F_PG_EVENT_TRIGGER_DDL_COMMANDS, &listing, take_done);
    return listing.touched;
}
