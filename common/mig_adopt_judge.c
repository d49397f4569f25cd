#include "mig_adopt_parts.h"

/*
 * What a row says, by each tool's own rule.  A judge is called for one row at
 * a time, in the order of application.
 */

bool
mig_other_is_true(const MigValue *value)
{
    switch (value->type)
    {
        case MIG_BOOLEAN:
        case MIG_INTEGER:
        case MIG_TIME:
            return value->integer != 0;
        case MIG_FLOAT:
            return value->real != 0;
        case MIG_TEXT:
            return value->bytes.length > 0 &&
                   strchr("tTyY1", value->bytes.data[0]) != NULL;
        case MIG_NULL:
        case MIG_BYTES:
            break;
    }
    return false;
}

/* Whether a column is a text that begins with another. */
static bool
begins_with(const MigValue *value, const char *beginning)
{
    return value->type == MIG_TEXT && mig_starts_with(value->bytes, beginning);
}

/* An integer, also where the engine keeps it as text; 0 for anything else. */
static int64_t
integer_of(const MigValue *value)
{
    int64_t number = 0;

    if (value->type == MIG_INTEGER || value->type == MIG_BOOLEAN)
        return value->integer;
    if (value->type == MIG_TEXT)
        (void) mig_parse_digits(value->bytes, &number);
    return number;
}

static void
judge_success(MigOtherRow *row)
{
    if (mig_other_is_true(&row->columns[MIG_OTHER_STATE]))
        return;
    row->state = MIG_OTHER_FAILED;
    row->problem = "it has failed";
}

/*
 * The type's bits are 1 for a baseline, 2 for one that was executed, 4 for one
 * that somebody has declared to be done (Atlas, sql/migrate/migrate.go).
 */
void
mig_judge_atlas(MigOtherRow *row)
{
    int64_t type = integer_of(&row->columns[MIG_OTHER_KIND]);

    if (mig_starts_with(row->texts[MIG_OTHER_KEY], "."))
    {
        row->state = MIG_OTHER_NOTHING;
        row->problem = "it is the tool's own";
    }
    else if ((type & 4) == 0 && integer_of(&row->columns[MIG_OTHER_STATE]) <
                                    integer_of(&row->columns[MIG_OTHER_MORE]))
    {
        row->state = MIG_OTHER_FAILED;
        row->problem = "only a part of its statements was run";
    }
    else if ((type & 1) != 0)
        row->state = MIG_OTHER_BASELINE;
}

/* The types are 0 a version, 1 and 2 a schema, 3 the version that Evolve began
 * with, which it ran itself (GetAllPendingMigration() in Evolve.cs), 4 a
 * repeatable one (MetadataType.cs). */
void
mig_judge_evolve(MigOtherRow *row)
{
    int64_t type = integer_of(&row->columns[MIG_OTHER_KIND]);

    judge_success(row);
    if (row->state == MIG_OTHER_FAILED)
        return;
    if (type == 1 || type == 2)
    {
        row->state = MIG_OTHER_NOTHING;
        row->problem = "it is about a schema";
    }
    else if (type == 3)
    {
        row->state = MIG_OTHER_BASELINE;
        row->below = true;
    }
}

/* Types: Flyway's CoreMigrationType and BaselineMigrationType. */
void
mig_judge_flyway(MigOtherRow *row)
{
    const MigValue *type = &row->columns[MIG_OTHER_KIND];

    judge_success(row);
    if (row->state == MIG_OTHER_FAILED)
        return;
    if (begins_with(type, "SCHEMA"))
    {
        row->state = MIG_OTHER_NOTHING;
        row->problem = "it is about a schema";
    }
    else if (begins_with(type, "UNDO"))
        row->state = MIG_OTHER_UNDONE;
    else if (begins_with(type, "DELETE"))
    {
        row->state = MIG_OTHER_UNDONE;
        row->problem = "the tool has struck it from its history";
    }
    else if (type->type == MIG_TEXT &&
             (begins_with(type, "BASELINE") ||
              mig_ends_with(type->bytes, "_BASELINE")))
        row->state = MIG_OTHER_BASELINE;
}

void
mig_judge_golang(MigOtherRow *row)
{
    if (!mig_other_is_true(&row->columns[MIG_OTHER_STATE]))
        return;
    row->state = MIG_OTHER_FAILED;
    row->problem = "it is marked dirty: it was begun, and has failed or was "
                   "interrupted";
}

/* Version 0 is that of the table itself. */
void
mig_judge_goose(MigOtherRow *row)
{
    if (mig_bytes_equal(row->texts[MIG_OTHER_KEY], mig_bytes("0")))
    {
        row->state = MIG_OTHER_NOTHING;
        row->problem = "it is the tool's own";
    }
    else if (!mig_other_is_true(&row->columns[MIG_OTHER_STATE]))
        row->state = MIG_OTHER_UNDONE;
}

void
mig_judge_liquibase(MigOtherRow *row)
{
    if (begins_with(&row->columns[MIG_OTHER_STATE], "FAILED"))
    {
        row->state = MIG_OTHER_FAILED;
        row->problem = "it has failed";
    }
    else if (begins_with(&row->columns[MIG_OTHER_STATE], "SKIPPED"))
        row->state = MIG_OTHER_UNDONE;
    else if (begins_with(&row->columns[MIG_OTHER_STATE], "MARK_RAN"))
        row->problem = "it was marked as run without being run";
}

void
mig_judge_prisma(MigOtherRow *row)
{
    if (row->columns[MIG_OTHER_STATE].type != MIG_NULL)
        row->state = MIG_OTHER_UNDONE;
    else if (row->columns[MIG_OTHER_AT].type == MIG_NULL)
    {
        row->state = MIG_OTHER_FAILED;
        row->problem = "it was begun and not finished";
    }
}

void
mig_judge_sqlx(MigOtherRow *row)
{
    judge_success(row);
}
