#include "pg_touched.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_description.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/*
 * Functions, types and comments
 *
 * The server says of a function or type that it was changed, but not of which
 * one, so their catalogs are read whole for rows that this transaction has
 * written, where some were not found by the relations.  They are listed as
 * relations are, unless that changes the texts of others: those have the names
 * of functions and types in them, and the labels of enums; what a function does
 * is in none.
 */

/* As many functions, or types, as are looked for by their oids. */
#define MAX_FEW 500

/* Called for each row that this transaction has written. */
typedef void (*RowFunction)(PgSearch *search, HeapTuple row, bool inserted,
                            bool deleted);

/* Read a catalog whole, unless all that was written to it is known. */
static void
catalog_scan(PgSearch *search, Oid catalog_oid, RowFunction take)
{
    Relation catalog;
    SysScanDesc scan;
    HeapTuple row;

    if (pg_search_is_complete(search, pg_search_catalog(search, catalog_oid)))
        return;
    catalog = table_open(catalog_oid, AccessShareLock);
    scan = systable_beginscan(catalog, InvalidOid, false, SnapshotAny, 0, NULL);
    while (HeapTupleIsValid(row = systable_getnext(scan)))
    {
        bool inserted = pg_search_is_inserted(search, row->t_data);
        bool deleted = pg_search_is_deleted(search, row->t_data);

        if (inserted || deleted)
            take(search, row, inserted, deleted);
    }
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
}

/* A RowFunction for pg_proc. */
static void
add_routine(PgSearch *search, HeapTuple row, bool inserted, bool deleted)
{
    (void) pg_search_add(search, ProcedureRelationId,
                         ((Form_pg_proc) GETSTRUCT(row))->oid);
}

/* A RowFunction for pg_type. */
static void
add_type(PgSearch *search, HeapTuple row, bool inserted, bool deleted)
{
    (void) pg_search_add(search, TypeRelationId,
                         ((Form_pg_type) GETSTRUCT(row))->oid);
}

/* A RowFunction for pg_enum: a new label leaves the row of its type alone. */
static void
add_label(PgSearch *search, HeapTuple row, bool inserted, bool deleted)
{
    (void) pg_search_add(search, TypeRelationId,
                         ((Form_pg_enum) GETSTRUCT(row))->enumtypid);
}

/* A RowFunction for pg_constraint, likewise. */
static void
add_constraint(PgSearch *search, HeapTuple row, bool inserted, bool deleted)
{
    Oid type = ((Form_pg_constraint) GETSTRUCT(row))->contypid;

    if (OidIsValid(type))
        (void) pg_search_add(search, TypeRelationId, type);
}

void
pg_search_objects(PgSearch *search)
{
    catalog_scan(search, ProcedureRelationId, add_routine);
    catalog_scan(search, TypeRelationId, add_type);
    catalog_scan(search, EnumRelationId, add_label);
    catalog_scan(search, ConstraintRelationId, add_constraint);
}

/* Whether calls of both are written in the same way. */
static bool
is_called_alike(HeapTuple one, HeapTuple other)
{
    Form_pg_proc a = (Form_pg_proc) GETSTRUCT(one);
    Form_pg_proc b = (Form_pg_proc) GETSTRUCT(other);

    return a->prokind == b->prokind && a->prorettype == b->prorettype &&
           a->proretset == b->proretset && a->provariadic == b->provariadic &&
           a->pronargs == b->pronargs &&
           memcmp(a->proargtypes.values, b->proargtypes.values,
                  sizeof(Oid) * (size_t) a->pronargs) == 0;
}

void
pg_search_routine(PgSearch *search, PgThing *thing, HeapTuple row)
{
    Form_pg_proc form = (Form_pg_proc) GETSTRUCT(row);

    pg_search_name(search, thing, &form->proname, form->pronamespace);
    if (thing->version == NULL)
        thing->version = heap_copytuple(row);
    /* One in pg_catalog hides others. */
    if (form->pronamespace == PG_CATALOG_NAMESPACE ||
        !is_called_alike(thing->version, row))
        search->lost = true;
}

/* Whether types of a kind are listed here. */
static bool
is_own_kind(char kind)
{
    return kind == TYPTYPE_ENUM || kind == TYPTYPE_DOMAIN;
}

void
pg_search_type(PgSearch *search, PgThing *thing, HeapTuple row)
{
    Form_pg_type form = (Form_pg_type) GETSTRUCT(row);
    bool is_array = form->typtype == TYPTYPE_BASE &&
                    OidIsValid(form->typelem) && !OidIsValid(form->typarray);

    if (is_own_kind(form->typtype))
    {
        pg_search_name(search, thing, &form->typname, form->typnamespace);
        if (thing->version == NULL)
            thing->version = heap_copytuple(row);
        if (form->typnamespace == PG_CATALOG_NAMESPACE)
            search->lost = true;
    }
    else if (form->typtype == TYPTYPE_COMPOSITE)
        search->lost = search->lost || get_rel_relkind(form->typrelid) ==
                                           RELKIND_COMPOSITE_TYPE;
    else if (!is_array)
        search->lost = true;
}

void
pg_search_label(PgSearch *search, const PgThing *thing, bool deleted)
{
    /* Renamed, or moved: constants have labels in them. */
    if (deleted && SearchSysCacheExists1(
                       TYPEOID, ObjectIdGetDatum(thing->address.objectId)))
        search->lost = true;
}

/* A RowFunction for pg_description.  Nothing is said of what comments are
 * about, so that all are looked at. */
static void
take_comment(PgSearch *search, HeapTuple row, bool inserted, bool deleted)
{
    Form_pg_description form = (Form_pg_description) GETSTRUCT(row);
    PgWrites *found =
        &search->found[pg_search_catalog(search, DescriptionRelationId)];
    ObjectAddress address;

    found->inserted += inserted;
    found->deleted += deleted;
    ObjectAddressSet(address, form->classoid, form->objoid);
    if (form->classoid == RelationRelationId)
        pg_search_touch(search, form->objoid);
    else if (form->classoid == ProcedureRelationId ||
             (form->classoid == TypeRelationId &&
              is_own_kind(get_typtype(form->objoid))))
        pg_search_add(search, form->classoid, form->objoid)->touched = true;
    /* One on a part of a relation that is known to be written to. */
    else if (hash_search(search->things, &address, HASH_FIND, NULL) == NULL)
        search->lost = true;
}

/* The row of a thing, of which there is no version when but its comment or a
 * label was written; NULL when it is gone. */
static HeapTuple
thing_row(const PgThing *thing)
{
    if (thing->version != NULL)
        return thing->version;
    return SearchSysCacheCopy1(
        thing->address.classId == TypeRelationId ? TYPEOID : PROCOID,
        ObjectIdGetDatum(thing->address.objectId));
}

/* Tell of a function: its name is made of its arguments' types. */
static void
tell_routine(PgSearch *search, Oid oid, HeapTuple row)
{
    Form_pg_proc form = (Form_pg_proc) GETSTRUCT(row);
    PgTouchedRoutine *routine = palloc(sizeof(*routine));

    routine->schema = get_namespace_name(form->pronamespace);
    routine->name = pstrdup(NameStr(form->proname));
    routine->arguments =
        buildoidvector(form->proargtypes.values, form->pronargs);
    for (int i = 0; i < form->pronargs; i++)
        if (!SearchSysCacheExists1(
                TYPEOID, ObjectIdGetDatum(form->proargtypes.values[i])))
            search->lost = true;
    if (routine->schema == NULL)
        search->lost = true;
    search->touched->routines = lappend_oid(search->touched->routines, oid);
    search->touched->routine_names =
        lappend(search->touched->routine_names, routine);
}

/* Tell of a type; those of another kind come with what they are of. */
static void
tell_type(PgSearch *search, const PgThing *thing, HeapTuple row)
{
    Form_pg_type form = (Form_pg_type) GETSTRUCT(row);
    PgTouchedName *name;

    if (!is_own_kind(form->typtype))
        return;
    name = palloc(sizeof(*name));
    name->schema = get_namespace_name(form->typnamespace);
    name->name = pstrdup(NameStr(form->typname));
    if (name->schema == NULL)
        search->lost = true;
    search->touched->types =
        lappend_oid(search->touched->types, thing->address.objectId);
    search->touched->type_names = lappend(search->touched->type_names, name);
}

void
pg_search_end(PgSearch *search)
{
    ListCell *cell;

    catalog_scan(search, DescriptionRelationId, take_comment);
    foreach (cell, search->queue)
    {
        PgThing *thing = lfirst(cell);
        HeapTuple row = NULL;

        if (list_length(search->touched->routines) > MAX_FEW ||
            list_length(search->touched->types) > MAX_FEW)
            search->lost = true;
        if (search->lost)
            break;
        if (thing->touched && (thing->address.classId == TypeRelationId ||
                               thing->address.classId == ProcedureRelationId))
            row = thing_row(thing);
        if (!HeapTupleIsValid(row))
            continue;
        if (thing->address.classId == ProcedureRelationId)
            tell_routine(search, thing->address.objectId, row);
        else
            tell_type(search, thing, row);
    }
}
