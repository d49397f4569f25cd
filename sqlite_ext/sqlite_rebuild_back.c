#include "sqlite_rebuild.h"

const char *
rebuild_way_name(const Rebuild *rebuild)
{
    switch (rebuild->way)
    {
        case REBUILD_NOTHING:
            return rebuild->renamed ? "renamed columns" : "nothing to do";
        case REBUILD_ALTER:
            return "ALTER TABLE";
        case REBUILD_EDIT:
            return rebuild->altered ? "ALTER TABLE, then an edit of the schema"
                                    : "an edit of the schema";
        case REBUILD_COPY:
            break;
    }
    return "a copy";
}

/* Append "-- text", where the text is a format's with one name. */
static void
add_remark(Rebuild *rebuild, MigText *text, const char *format,
           const RebuildColumn *column)
{
    const char *remark = rebuild_format(rebuild, format, column->name.data);

    mig_text_append_string(text, "-- ");
    /* A line break in a name would end the comment. */
    for (const char *at = remark; at != NULL && *at != '\0'; at++)
        mig_text_append(text,
                        mig_part(mig_bytes(*at == '\n' ? " " : at), 0, 1));
    mig_text_append_string(text, "\n");
}

/* The assignment that takes values from a column of the old table by a rename,
 * or NULL. */
static const RebuildAssignment *
find_rename(const Rebuild *rebuild, MigBytes source)
{
    for (size_t i = 0; i < rebuild->assignment_count; i++)
    {
        if (rebuild->assignments[i].renames &&
            rebuild_same(rebuild->assignments[i].source, source))
            return &rebuild->assignments[i];
    }
    return NULL;
}

/* What stands in for a lost value that must not be NULL. */
static const char *
stand_in(const Rebuild *rebuild, const RebuildColumn *column)
{
    switch (rebuild_affinity(&rebuild->before, column))
    {
        case 'T':
            return "''";
        case 'B':
            return "x''";
        default:
            return "0";
    }
}

/* What of a column's values cannot come back, and its part of the mapping. */
static void
add_column(Rebuild *rebuild, MigText *remarks, MigText *mapping, size_t column)
{
    const RebuildColumn *before = &rebuild->before.columns[column];
    const RebuildAssignment *rename = find_rename(rebuild, before->name);
    MigBytes name = rename == NULL ? before->name : rename->name;
    size_t at = rebuild_find_column(&rebuild->wanted, name);
    const char *from = NULL;

    if (before->hidden != 0)
        return;
    if (rename != NULL)
        from = rebuild_format(
            rebuild, "\"%w\"",
            rebuild_bytes(rebuild, "%.*s", (int) name.length, name.data).data);
    else if (at == NO_COLUMN)
    {
        add_remark(
            rebuild, remarks,
            "not restored: the values of column \"%w\", which is dropped",
            before);
        if (before->not_null && before->default_value.data == NULL)
            from = stand_in(rebuild, before);
    }
    else if (rebuild_find_assignment(rebuild, name) != NULL ||
             rebuild->wanted.columns[at].hidden != 0)
        add_remark(rebuild, remarks,
                   "not restored: the values of column \"%w\", which are "
                   "computed anew",
                   before);
    if (at != NO_COLUMN && rebuild_find_assignment(rebuild, name) == NULL &&
        rebuild_affinity(&rebuild->before, before) !=
            rebuild_affinity(&rebuild->wanted, &rebuild->wanted.columns[at]))
        add_remark(rebuild, remarks,
                   "not restored: values of column \"%w\" that the new type "
                   "has converted",
                   before);
    if (from == NULL)
        return;
    mig_text_append_string(mapping, mapping->length > 0 ? ", " : "");
    mig_text_append_string(mapping, rebuild_format(rebuild, "\"%w\" = %s",
                                                   before->name.data, from));
}

/* Foreign keys that were not met, and are to be again. */
static void
add_children(Rebuild *rebuild, MigText *remarks)
{
    for (size_t i = 0; i < rebuild->child_count; i++)
    {
        const RebuildChild *child = &rebuild->children[i];
        RebuildColumn table;

        memset(&table, 0, sizeof(table));
        table.name = child->name;
        if (child->violations > 0)
            add_remark(rebuild, remarks,
                       "refused as long as rows of table \"%w\" refer to "
                       "nothing, as some did",
                       &table);
        else if (!child->checkable)
            add_remark(rebuild, remarks,
                       "refused as long as table \"%w\" is there, whose "
                       "foreign keys did not work",
                       &table);
    }
}

/* Have the sequence of AUTOINCREMENT go on from where it was. */
static void
add_sequence(Rebuild *rebuild, MigText *text)
{
    if (rebuild->sequence < 0 || rebuild->wanted.autoincrement)
        return;
    mig_text_append_string(
        text,
        rebuild_format(rebuild,
                       "INSERT INTO sqlite_sequence (name, seq) SELECT %Q, 0 "
                       "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE "
                       "name = %Q);\nUPDATE sqlite_sequence SET seq = "
                       "max(seq, %lld) WHERE name = %Q;\n",
                       rebuild->name.data, rebuild->name.data,
                       (long long) rebuild->sequence, rebuild->name.data));
}

MigBytes
rebuild_back(Rebuild *rebuild)
{
    MigText remarks = {rebuild->arena, rebuild->error, NULL, 0, 0};
    MigText mapping = {rebuild->arena, rebuild->error, NULL, 0, 0};
    MigText text = {rebuild->arena, rebuild->error, NULL, 0, 0};
    RebuildColumn table;

    memset(&table, 0, sizeof(table));
    table.name = rebuild->name;
    add_remark(rebuild, &text,
               rebuild_format(rebuild,
                              "the way back for table \"%%w\", changed by %s",
                              rebuild_way_name(rebuild)),
               &table);
    if (rebuild->rows >= 0)
        mig_text_append_string(&text,
                               rebuild_format(rebuild, "-- rows copied: %lld\n",
                                              (long long) rebuild->rows));
    for (size_t i = 0; i < rebuild->before.count; i++)
        add_column(rebuild, &remarks, &mapping, i);
    if (!rebuild->before.definition.without_rowid &&
        rebuild->before.alias == NO_COLUMN && rebuild->way == REBUILD_COPY &&
        rebuild_rowid_name(rebuild, &rebuild->wanted) == NULL)
        mig_text_append_string(&remarks, "-- not restored: the rowids\n");
    add_children(rebuild, &remarks);
    mig_text_append(&text, mig_text_bytes(&remarks));
    if (rebuild->way == REBUILD_NOTHING && !rebuild->renamed)
        return mig_text_bytes(&text);
    mig_text_append_string(
        &text, rebuild_format(rebuild, "SELECT migrate_rebuild(%Q, %Q",
                              rebuild->name.data, rebuild->before.sql.data));
    if (mapping.length > 0)
        mig_text_append_string(
            &text,
            rebuild_format(rebuild, ", %Q", mig_text_bytes(&mapping).data));
    mig_text_append_string(&text, ");\n");
    add_sequence(rebuild, &text);
    return mig_text_bytes(&text);
}
