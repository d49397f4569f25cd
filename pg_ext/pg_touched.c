#include "pg_touched.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_description_d.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_sequence.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * Which relations, functions and types a transaction has changed
 *
 * Whatever changes a relation, or a part of one, makes the server tell its own
 * caches so; we are told as well, and note which relations that were.  That is
 * only where to look: for each of them the rows of the catalogs that are about
 * it are read, with those that are deleted, and the ones that this transaction
 * has written are counted.  The server counts how many rows it has written for
 * each catalog.  Functions and types, of which nothing is said, are found by
 * reading their catalogs whole (pg_touched_object.c).  Only when both numbers
 * are the same for all catalogs is it known that nothing else has changed; a
 * change of another kind, a cast or a schema, leaves a difference, and then all
 * is listed.  What was undone with a subtransaction is in the server's count
 * alone, and so does the same.
 *
 * Then the texts of other objects: they have names of relations, columns and
 * constraints in them.  A changed name makes the list of all necessary.
 */

#define SLOTS 1024 /* a power of two */

/* The relations that something was said of; a backend has them for good.  They
 * are noted while caches are made invalid: nothing may fail there. */
static struct
{
    Oid oids[SLOTS];
    int count;
    bool too_many;
    bool registered;
} told;

/* Called by the server for each relation that something is said of, by
 * ourselves or by others; 0: of all, which no transaction does by itself. */
static void
note_relation(Datum unused, Oid relation)
{
    uint32 at = relation * 2654435761U % SLOTS;

    if (relation < FirstNormalObjectId || told.too_many)
        return;
    while (told.oids[at] != InvalidOid && told.oids[at] != relation)
        at = (at + 1) % SLOTS;
    if (told.oids[at] == relation)
        return;
    told.too_many = told.count >= SLOTS / 2;
    if (!told.too_many)
    {
        told.oids[at] = relation;
        told.count++;
    }
}

void
pg_touched_begin(void)
{
    if (!told.registered)
        CacheRegisterRelcacheCallback(note_relation, (Datum) 0);
    memset(&told, 0, sizeof(told));
    told.registered = true;
}

/* How the rows of a catalog are about things of a class. */
typedef struct Rule
{
    Oid of;
    Oid catalog;
    Oid index;         /* on key, or on the class and then key */
    AttrNumber key;    /* with the thing's oid */
    AttrNumber class;  /* with the thing's class, or 0 */
    AttrNumber member; /* with the oid of one more thing, or 0 */
    Oid member_class;  /* and its class */
} Rule;

/* The catalog pg_depend stands at the end: it is about all things. */
static const Rule rules[] = {
    {RelationRelationId, RelationRelationId, ClassOidIndexId, Anum_pg_class_oid,
     0, Anum_pg_class_reltype, TypeRelationId},
    {RelationRelationId, AttributeRelationId, AttributeRelidNumIndexId,
     Anum_pg_attribute_attrelid, 0, 0, InvalidOid},
    {RelationRelationId, AttrDefaultRelationId, AttrDefaultIndexId,
     Anum_pg_attrdef_adrelid, 0, Anum_pg_attrdef_oid, AttrDefaultRelationId},
    {RelationRelationId, IndexRelationId, IndexRelidIndexId,
     Anum_pg_index_indexrelid, 0, 0, InvalidOid},
    {RelationRelationId, ConstraintRelationId, ConstraintRelidTypidNameIndexId,
     Anum_pg_constraint_conrelid, 0, Anum_pg_constraint_oid,
     ConstraintRelationId},
    {RelationRelationId, TriggerRelationId, TriggerRelidNameIndexId,
     Anum_pg_trigger_tgrelid, 0, Anum_pg_trigger_oid, TriggerRelationId},
    {RelationRelationId, RewriteRelationId, RewriteRelRulenameIndexId,
     Anum_pg_rewrite_ev_class, 0, Anum_pg_rewrite_oid, RewriteRelationId},
    {RelationRelationId, PolicyRelationId, PolicyPolrelidPolnameIndexId,
     Anum_pg_policy_polrelid, 0, Anum_pg_policy_oid, PolicyRelationId},
    {RelationRelationId, SequenceRelationId, SequenceRelidIndexId,
     Anum_pg_sequence_seqrelid, 0, 0, InvalidOid},
    {RelationRelationId, InheritsRelationId, InheritsRelidSeqnoIndexId,
     Anum_pg_inherits_inhrelid, 0, 0, InvalidOid},
    {TypeRelationId, TypeRelationId, TypeOidIndexId, Anum_pg_type_oid, 0,
     Anum_pg_type_typarray, TypeRelationId},
    {TypeRelationId, EnumRelationId, EnumTypIdLabelIndexId,
     Anum_pg_enum_enumtypid, 0, 0, InvalidOid},
    {TypeRelationId, ConstraintRelationId, ConstraintTypidIndexId,
     Anum_pg_constraint_contypid, 0, Anum_pg_constraint_oid,
     ConstraintRelationId},
    {ProcedureRelationId, ProcedureRelationId, ProcedureOidIndexId,
     Anum_pg_proc_oid, 0, 0, InvalidOid},
    {ProcedureRelationId, AggregateRelationId, AggregateFnoidIndexId,
     Anum_pg_aggregate_aggfnoid, 0, 0, InvalidOid},
    {InvalidOid, DependRelationId, DependDependerIndexId, Anum_pg_depend_objid,
     Anum_pg_depend_classid, 0, InvalidOid}};

int
pg_search_catalog(const PgSearch *search, Oid catalog)
{
    for (int i = 0; i < search->count; i++)
        if (search->catalogs[i] == catalog)
            return i;
    return -1;
}

bool
pg_search_is_written(const PgSearch *search, Oid catalog)
{
    int i = pg_search_catalog(search, catalog);

    return i >= 0 &&
           (search->writes[i].inserted != 0 || search->writes[i].updated != 0 ||
            search->writes[i].deleted != 0);
}

PgThing *
pg_search_add(PgSearch *search, Oid class, Oid oid)
{
    ObjectAddress address;
    PgThing *thing;
    bool found;

    ObjectAddressSet(address, class, oid);
    thing = hash_search(search->things, &address, HASH_ENTER, &found);
    if (!found)
    {
        thing->named = false;
        thing->touched = false;
        thing->version = NULL;
        search->queue = lappend(search->queue, thing);
    }
    return thing;
}

void
pg_search_touch(PgSearch *search, Oid relation)
{
    if (OidIsValid(relation))
        search->touched->relations =
            list_append_unique_oid(search->touched->relations, relation);
}

bool
pg_search_is_inserted(const PgSearch *search, HeapTupleHeader row)
{
    return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row)) &&
           HeapTupleHeaderGetCmin(row) >= search->since;
}

bool
pg_search_is_deleted(const PgSearch *search, HeapTupleHeader row)
{
    return (row->t_infomask & HEAP_XMAX_INVALID) == 0 &&
           !HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask) &&
           TransactionIdIsCurrentTransactionId(
               HeapTupleHeaderGetUpdateXid(row)) &&
           HeapTupleHeaderGetCmax(row) >= search->since;
}

void
pg_search_name(PgSearch *search, PgThing *thing, const NameData *name,
               Oid schema)
{
    if (thing->named && (thing->schema != schema ||
                         strcmp(NameStr(thing->name), NameStr(*name)) != 0))
        search->lost = true;
    thing->named = true;
    thing->name = *name;
    thing->schema = schema;
}

/* A relation: those of partitions and composite types show in the texts of
 * others. */
static void
take_relation(PgSearch *search, PgThing *thing, Form_pg_class row, bool deleted)
{
    PgTouchedName *name;

    if (row->relispartition || row->relkind == RELKIND_PARTITIONED_TABLE ||
        row->relkind == RELKIND_PARTITIONED_INDEX ||
        row->relkind == RELKIND_COMPOSITE_TYPE)
        search->lost = true;
    pg_search_name(search, thing, &row->relname, row->relnamespace);
    if (!deleted || row->relkind == RELKIND_INDEX ||
        row->relkind == RELKIND_TOASTVALUE)
        return;
    name = palloc(sizeof(*name));
    name->schema = get_namespace_name(row->relnamespace);
    name->name = pstrdup(NameStr(row->relname));
    if (name->schema == NULL)
        search->lost = true;
    else
        search->touched->names = lappend(search->touched->names, name);
}

/* A column; versions of one come one after the other. */
static void
take_column(PgSearch *search, const FormData_pg_attribute *row)
{
    if (row->attisdropped)
        return;
    if (search->attnum == row->attnum &&
        strcmp(NameStr(search->column), NameStr(row->attname)) != 0)
        search->lost = true;
    search->attnum = row->attnum;
    search->column = row->attname;
}

/* What a row says besides that it was written. */
static void
take_row(PgSearch *search, PgThing *thing, Oid catalog, HeapTuple row,
         bool deleted)
{
    if (catalog == RelationRelationId)
        take_relation(search, thing, (Form_pg_class) GETSTRUCT(row), deleted);
    else if (catalog == AttributeRelationId)
        take_column(search, (Form_pg_attribute) GETSTRUCT(row));
    else if (catalog == ProcedureRelationId)
        pg_search_routine(search, thing, row);
    else if (catalog == TypeRelationId)
        pg_search_type(search, thing, row);
    else if (catalog == EnumRelationId)
        pg_search_label(search, thing, deleted);
    else if (catalog == ConstraintRelationId)
    {
        Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(row);

        pg_search_name(search, pg_search_add(search, catalog, form->oid),
                       &form->conname, InvalidOid);
    }
    else if (catalog == IndexRelationId)
        pg_search_touch(search, ((Form_pg_index) GETSTRUCT(row))->indrelid);
    /* The text of a foreign key says whether its triggers on the other table
     * are enabled. */
    else if (catalog == TriggerRelationId)
        pg_search_touch(search,
                        ((Form_pg_trigger) GETSTRUCT(row))->tgconstrrelid);
    else if (catalog == DependRelationId)
    {
        Form_pg_depend form = (Form_pg_depend) GETSTRUCT(row);

        if (form->classid == RelationRelationId &&
            form->refclassid == RelationRelationId)
            pg_search_touch(search, form->refobjid);
    }
}

/* Look at one version of a row that is about a thing. */
static void
take_version(PgSearch *search, const Rule *rule, PgThing *thing,
             Relation catalog, HeapTuple row)
{
    PgWrites *found = &search->found[pg_search_catalog(search, rule->catalog)];
    bool inserted = pg_search_is_inserted(search, row->t_data);
    bool deleted = pg_search_is_deleted(search, row->t_data);
    bool is_null = true;
    Datum member = (Datum) 0;

    if (!inserted && !deleted)
        return;
    found->inserted += inserted;
    found->deleted += deleted;
    thing->touched = true;
    if (thing->address.classId == RelationRelationId)
        pg_search_touch(search, thing->address.objectId);
    if (rule->member != 0)
        member = heap_getattr(row, rule->member, RelationGetDescr(catalog),
                              &is_null);
    if (!is_null && OidIsValid(DatumGetObjectId(member)))
        (void) pg_search_add(search, rule->member_class,
                             DatumGetObjectId(member));
    take_row(search, thing, rule->catalog, row, deleted);
}

/* Read all rows of one catalog that are about a thing, in every version. */
static void
rows_read(PgSearch *search, const Rule *rule, PgThing *thing)
{
    Relation catalog = table_open(rule->catalog, AccessShareLock);
    ScanKeyData keys[2];
    SysScanDesc scan;
    HeapTuple row;
    int count = 0;

    if (rule->class != 0)
        ScanKeyInit(&keys[count++], rule->class, BTEqualStrategyNumber, F_OIDEQ,
                    ObjectIdGetDatum(thing->address.classId));
    ScanKeyInit(&keys[count++], rule->key, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(thing->address.objectId));
    search->attnum = InvalidAttrNumber;
    scan = systable_beginscan(catalog, rule->index, true, SnapshotAny, count,
                              keys);
    while (HeapTupleIsValid(row = systable_getnext(scan)))
        take_version(search, rule, thing, catalog, row);
    systable_endscan(scan);
    table_close(catalog, AccessShareLock);
}

/* Read what is about all things that are known, and those found by that. */
static void
things_read(PgSearch *search)
{
    /* The list grows meanwhile. */
    while (search->read < list_length(search->queue) && !search->lost)
    {
        PgThing *thing = list_nth(search->queue, search->read++);

        for (int j = 0; j < lengthof(rules); j++)
            if ((rules[j].of == thing->address.classId ||
                 rules[j].of == InvalidOid) &&
                pg_search_is_written(search, rules[j].catalog))
                rows_read(search, &rules[j], thing);
    }
}

bool
pg_search_is_complete(const PgSearch *search, int i)
{
    const PgWrites *written = &search->writes[i];
    const PgWrites *found = &search->found[i];

    return found->inserted == written->inserted + written->updated &&
           found->deleted == written->updated + written->deleted;
}

/* Whether the rows found are all that were written. */
static bool
is_complete(const PgSearch *search)
{
    for (int i = 0; i < search->count; i++)
        if (!pg_search_is_complete(search, i))
            return false;
    return true;
}

/* Begin with the relations that something was said of. */
static void
search_begin(PgSearch *search)
{
    HASHCTL control;

    memset(&control, 0, sizeof(control));
    control.keysize = sizeof(ObjectAddress);
    control.entrysize = sizeof(PgThing);
    control.hcxt = CurrentMemoryContext;
    search->things = hash_create("migrate things", 256, &control,
                                 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    search->found = palloc0(sizeof(PgWrites) * (Size) search->count);
    for (int i = 0; i < SLOTS; i++)
        if (OidIsValid(told.oids[i]))
            (void) pg_search_add(search, RelationRelationId, told.oids[i]);
}

bool
pg_touched_find(CommandId since, const Oid *catalogs, const PgWrites *writes,
                int count, PgTouched *touched)
{
    PgSearch search;

    memset(&search, 0, sizeof(search));
    search.since = since;
    search.catalogs = catalogs;
    search.writes = writes;
    search.count = count;
    search.touched = touched;
    if (told.too_many)
        return false;
    search_begin(&search);
    things_read(&search);
    if (!search.lost)
        pg_search_objects(&search);
    things_read(&search);
    if (!search.lost)
        pg_search_end(&search);
    return !search.lost && is_complete(&search);
}
