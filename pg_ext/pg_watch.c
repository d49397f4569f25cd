#include "pg_watch.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_database.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "mig_watch.h"

/*
 * The event triggers are there, and disabled, from CREATE EXTENSION on.  The
 * setting "watch" enables them, and tells their function what to do.
 *
 * That function stands in the way of everybody's DDL, so it must not fail for
 * what the extension's tables are like, and asks for no right.  It reads the
 * setting's row as the server reads its catalogs.
 */

#define SETTINGS_TABLE "migrate_setting"
#define SETTING "watch"

static const char *const trigger_names[] = {
    "migrate_watch_start", "migrate_watch_end", "migrate_watch_drop"};

typedef enum PgWatchMode
{
    PG_WATCH_OFF,
    PG_WATCH_LOG,
    PG_WATCH_BLOCK
} PgWatchMode;

/* ---- The setting ---- */

void
pg_place(MigHost *base, char *place, size_t size)
{
    snprintf(place, size, UINT64_FORMAT "/%u", GetSystemIdentifier(),
             MyDatabaseId);
}

/* What the setting's row says. */
static PgWatchMode
mode_parse(MigBytes stored)
{
    char place[MIG_PLACE_SIZE];
    MigBytes value;

    pg_place(NULL, place, sizeof(place));
    if (!mig_watch_is_here(stored, mig_bytes(place), &value))
        return PG_WATCH_OFF;
    if (mig_bytes_equal(value, mig_bytes("log")))
        return PG_WATCH_LOG;
    return mig_bytes_equal(value, mig_bytes("block")) ? PG_WATCH_BLOCK
                                                      : PG_WATCH_OFF;
}

/* Find the setting's row in its table. */
static PgWatchMode
mode_scan(Relation table, AttrNumber name, AttrNumber value)
{
    PgWatchMode mode = PG_WATCH_OFF;
    SysScanDesc scan;
    HeapTuple tuple;
    ScanKeyData key;

    ScanKeyInit(&key, name, BTEqualStrategyNumber, F_TEXTEQ,
                CStringGetTextDatum(SETTING));
    /* It has few rows, and an index might not be what it was. */
    scan = systable_beginscan(table, InvalidOid, false, NULL, 1, &key);
    tuple = systable_getnext(scan);
    if (HeapTupleIsValid(tuple))
    {
        bool is_null;
        Datum datum =
            heap_getattr(tuple, value, RelationGetDescr(table), &is_null);

        if (!is_null)
            mode = mode_parse(mig_bytes(TextDatumGetCString(datum)));
    }
    systable_endscan(scan);
    return mode;
}

/* Number of a column of type text, or InvalidAttrNumber. */
static AttrNumber
text_column(Oid table, const char *name)
{
    AttrNumber column = get_attnum(table, name);

    if (column == InvalidAttrNumber || get_atttype(table, column) != TEXTOID)
        return InvalidAttrNumber;
    return column;
}

/* Read the setting; off, with a warning, where that cannot be done. */
static PgWatchMode
mode_read(Oid schema)
{
    Oid id = get_relname_relid(SETTINGS_TABLE, schema);
    Relation table =
        OidIsValid(id) ? try_relation_open(id, AccessShareLock) : NULL;
    AttrNumber name = text_column(id, "name");
    AttrNumber value = text_column(id, "value");
    bool readable = table != NULL && name != InvalidAttrNumber &&
                    value != InvalidAttrNumber &&
                    table->rd_rel->relkind == RELKIND_RELATION &&
                    table->rd_rel->relam == HEAP_TABLE_AM_OID;
    PgWatchMode mode = readable ? mode_scan(table, name, value) : PG_WATCH_OFF;

    if (table != NULL)
        relation_close(table, AccessShareLock);
    if (!readable)
        ereport(WARNING,
                (errmsg("changes of the schema are not watched: the table "
                        "\"%s\" is not as the extension \"migrate\" made it",
                        SETTINGS_TABLE)));
    return mode;
}

/* ---- Turning it on and off ---- */

/* Whether the caller answers for all of the database. */
static bool
answers_for_database(const PgHost *host)
{
    HeapTuple tuple =
        SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
    Oid owner = InvalidOid;

    if (HeapTupleIsValid(tuple))
    {
        owner = ((Form_pg_database) GETSTRUCT(tuple))->datdba;
        ReleaseSysCache(tuple);
    }
    return superuser_arg(host->caller) ||
           (OidIsValid(owner) && has_privs_of_role(host->caller, owner));
}

/* An event trigger, if it is the extension's, or InvalidOid. */
static Oid
trigger_find(const PgHost *host, const char *name)
{
    Oid id = get_event_trigger_oid(name, true);

    if (!OidIsValid(id) ||
        getExtensionOfObject(EventTriggerRelationId, id) != host->extension)
        return InvalidOid;
    return id;
}

bool
pg_watching(MigHost *base)
{
    for (int i = 0; i < lengthof(trigger_names); i++)
    {
        Oid id = trigger_find((PgHost *) base, trigger_names[i]);
        HeapTuple tuple =
            SearchSysCache1(EVENTTRIGGEROID, ObjectIdGetDatum(id));
        bool enabled;

        if (!HeapTupleIsValid(tuple))
            return false;
        enabled = ((Form_pg_event_trigger) GETSTRUCT(tuple))->evtenabled ==
                  TRIGGER_FIRES_ALWAYS;
        ReleaseSysCache(tuple);
        if (!enabled)
            return false;
    }
    return true;
}

/* Enable or disable an event trigger with the rights that this takes. */
static void
trigger_enable(const char *name, bool enable)
{
    AlterEventTrigStmt *statement = makeNode(AlterEventTrigStmt);
    Oid user;
    int security;

    statement->trigname = pstrdup(name);
    /* Also in sessions that let no other triggers fire. */
    statement->tgenabled = enable ? TRIGGER_FIRES_ALWAYS : TRIGGER_DISABLED;
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID,
                           security | SECURITY_LOCAL_USERID_CHANGE |
                               SECURITY_RESTRICTED_OPERATION);
    (void) AlterEventTrigger(statement);
    SetUserIdAndSecContext(user, security);
    CommandCounterIncrement();
}

MigStatus
pg_watch(MigHost *base, bool enable, MigError *error)
{
    const PgHost *host = (PgHost *) base;

    if (!answers_for_database(host))
    {
        mig_fail(error, MIG_DENIED, "permission denied to set watch");
        mig_fail_hint(error, "It is about what everybody does here: a "
                             "superuser, or the owner of the database, can.");
        return error->status;
    }
    for (int i = 0; i < lengthof(trigger_names) && error->status == MIG_OK; i++)
    {
        if (OidIsValid(trigger_find(host, trigger_names[i])))
            trigger_enable(trigger_names[i], enable);
        else if (enable)
        {
            mig_fail(error, MIG_STATE,
                     "the extension has no event trigger \"%s\"",
                     trigger_names[i]);
            mig_fail_hint(error, "It comes with version 0.2.0: ALTER EXTENSION "
                                 "migrate UPDATE.  Was it dropped: drop the "
                                 "extension and create it again.");
        }
    }
    return error->status;
}

/* ---- The event triggers ---- */

/* Whether one of the roles that a command can act as is a superuser. */
static bool
is_superusers(void)
{
    return superuser_arg(GetUserId()) || superuser_arg(GetSessionUserId()) ||
           superuser_arg(GetAuthenticatedUserId());
}

/* Whether a relation is a temporary one, or none. */
static bool
is_temporary(const RangeVar *relation)
{
    Oid id = relation == NULL ? InvalidOid
                              : RangeVarGetRelid(relation, NoLock, true);

    return !OidIsValid(id) || get_rel_persistence(id) == RELPERSISTENCE_TEMP;
}

/* Whether a command does what raising an error behind it would not undo. */
static bool
cannot_be_undone(const Node *command)
{
    ListCell *cell;

    switch (nodeTag(command))
    {
        case T_IndexStmt:
            return ((const IndexStmt *) command)->concurrent &&
                   !is_temporary(((const IndexStmt *) command)->relation);
        case T_DropStmt:
            return ((const DropStmt *) command)->concurrent;
        case T_AlterTableStmt:
            foreach (cell, ((const AlterTableStmt *) command)->cmds)
            {
                const AlterTableCmd *part = lfirst_node(AlterTableCmd, cell);

                if (part->subtype == AT_DetachPartition &&
                    compat_detach_concurrently((PartitionCmd *) part->def))
                    return true;
            }
            return false;
        case T_RenameStmt:
        case T_AlterObjectSchemaStmt:
            return false; /* they have the tag of an ALTER TABLE */
        default:
            return true; /* subscriptions have a part on another server */
    }
}

/* Refuse a command. */
static void
refuse(const EventTriggerData *event, Oid schema, const PgTouched *touched)
{
    const char *name = get_namespace_name(schema);

    ereport(ERROR,
            (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
             errmsg("%s is refused: the setting \"watch\" of the extension "
                    "\"migrate\" is \"block\"",
                    GetCommandTagName(event->tag)),
             touched == NULL || touched->identity == NULL
                 ? 0
                 : errdetail("It is about the %s %s.", touched->kind,
                             touched->identity),
             errhint("Make it a migration, or have a superuser or the "
                     "database's owner call %s.migrate_config('watch', "
                     "'off').",
                     quote_identifier(name == NULL ? "?" : name))));
}

/* Whether a command is about this extension, or parts of it, alone: who may use
 * it has to be said, and it is the way out of trouble. */
static bool
is_about_extension(const List *touched, Oid extension)
{
    ListCell *cell;

    foreach (cell, touched)
    {
        const PgTouched *found = lfirst(cell);

        if (!OidIsValid(found->catalog) ||
            ((found->catalog != ExtensionRelationId ||
              found->id != extension) &&
             getExtensionOfObject(found->catalog, found->id) != extension))
            return false;
    }
    return true;
}

/* Record what a command has done, or refuse it. */
static void
look_at_command(const EventTriggerData *event, Oid function, Oid schema)
{
    PgWatchMode mode = mode_read(schema);
    bool passes = is_superusers();
    List *touched;

    if (mode == PG_WATCH_OFF)
        return;
    if (strcmp(event->event, "ddl_command_start") == 0)
    {
        if (mode == PG_WATCH_BLOCK && !passes &&
            cannot_be_undone(event->parsetree))
            refuse(event, schema, NULL);
        return;
    }
    touched = pg_watch_list(event);
    if (touched == NIL)
        return;
    if (mode == PG_WATCH_BLOCK && !passes &&
        !is_about_extension(
            touched, getExtensionOfObject(ProcedureRelationId, function)))
        refuse(event, schema, linitial(touched));
    pg_watch_write(schema, touched, passes ? "superuser" : "logged");
}

void
pg_watch_event(const EventTriggerData *event, Oid function)
{
    MemoryContext memory;
    MemoryContext before;
    bool pushed = false;

    if (pg_session_runs() || creating_extension || IsBinaryUpgrade)
        return;
    memory = AllocSetContextCreate(CurrentMemoryContext, "migrate watch",
                                   PG_CONTEXT_SIZES);
    before = MemoryContextSwitchTo(memory);
    /* What has ended its transaction has none: CREATE INDEX CONCURRENTLY. */
    if (!ActiveSnapshotSet())
    {
        PushActiveSnapshot(GetTransactionSnapshot());
        pushed = true;
    }
    look_at_command(event, function, get_func_namespace(function));
    if (pushed)
        PopActiveSnapshot();
    MemoryContextSwitchTo(before);
    MemoryContextDelete(memory);
}
