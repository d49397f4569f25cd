#include "mig_work_place.h"

#include "mig_guard.h"

/* Take apart the text of one slice. */
static void
part_open(Mig *mig, MigWork *work, MigPart *part)
{
    MigWorkPlace place = {work, part, NULL, 0, false};
    size_t offset = 0;
    MigStatement statement;

    if (!mig_ok(mig))
        return;
    if (mig->host->methods->script_open(mig->host, part->text, &part->script,
                                        &offset, mig->error) != MIG_OK)
    {
        part->script = NULL;
        mig_work_fail_at(mig, &place, offset);
        return;
    }
    while (mig->host->methods->script_next(mig->host, part->script, &statement))
    {
        work->around = work->around || statement.kind == MIG_AROUND;
        work->outside = work->outside || statement.kind == MIG_OUTSIDE;
    }
}

/* The text of a part with the values of its variables. */
static MigBytes
part_expand(Mig *mig, MigArena *arena, const MigWork *work, const MigPart *part,
            MigExpansion *expansion)
{
    MigWorkPlace place = {work, part, NULL, 0, false};
    MigBytes text;

    expansion->file = part->slice->file;
    text = mig_expand(mig, arena, part->text, expansion);
    if (!mig_ok(mig))
        mig_work_fail_at(mig, &place, expansion->offset);
    return text;
}

/* Set up a work and fetch its texts; returns how many there are. */
static size_t
work_fetch(Mig *mig, MigArena *arena, const MigWorkText *text, MigWork *work)
{
    MigSlice *slices;
    size_t count;

    memset(work, 0, sizeof(*work));
    work->version = text->version;
    work->section = text->section;
    count = mig_slices_read(mig, arena, text->column, &slices);
    work->parts = mig_alloc_array(arena, count, sizeof(MigPart), mig->error);
    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        work->parts[i].slice = &slices[i];
        work->parts[i].text = mig_slice_fetch_sound(mig, arena, &slices[i]);
    }
    return mig_ok(mig) ? count : 0;
}

void
mig_work_fetch(Mig *mig, MigArena *arena, const MigWorkText *text,
               MigWork *work)
{
    size_t count = work_fetch(mig, arena, text, work);
    MigExpansion expansion = {.style = text->variables,
                              .options = text->options};

    for (size_t i = 0; i < count && mig_ok(mig); i++)
    {
        work->parts[i].text =
            part_expand(mig, arena, work, &work->parts[i], &expansion);
        work->authors = expansion.authors;
        work->count++;
    }
}

void
mig_work_take_apart(Mig *mig, MigWork *work)
{
    for (size_t i = 0; i < work->count && mig_ok(mig); i++)
        part_open(mig, work, &work->parts[i]);
}

void
mig_work_open(Mig *mig, MigArena *arena, const MigWorkText *text, MigWork *work)
{
    mig_work_fetch(mig, arena, text, work);
    mig_work_take_apart(mig, work);
}

void
mig_work_close(Mig *mig, MigWork *work)
{
    for (size_t i = 0; i < work->count; i++)
        mig->host->methods->script_close(mig->host, work->parts[i].script);
    work->count = 0;
}

void
mig_work_renew(Mig *mig, MigWork *work)
{
    for (size_t i = 0; i < work->count && mig_ok(mig); i++)
    {
        MigPart *part = &work->parts[i];
        MigScript *old = part->script;

        part_open(mig, work, part);
        if (part->script == NULL)
            part->script = old;
        else
            mig->host->methods->script_close(mig->host, old);
    }
}

void
mig_work_visit(Mig *mig, const MigWork *work, MigWorkFunction function,
               void *context)
{
    const MigHostMethods *methods = mig->host->methods;
    int64_t number = 0;

    for (size_t i = 0; i < work->count; i++)
    {
        const MigPart *part = &work->parts[i];
        MigStatement statement;
        size_t counted = 0;
        int64_t line = part->slice->line;

        methods->script_rewind(mig->host, part->script);
        while (mig_ok(mig) &&
               methods->script_next(mig->host, part->script, &statement))
        {
            MigBytes between = mig_part(part->text, counted, statement.offset);

            line += mig_count_lines(between, between.length);
            counted = statement.offset;
            function(context, &statement, ++number, line);
        }
    }
}

/* A walk over a work's statements, each handed to a method of the host. */
typedef struct Walk
{
    Mig *mig;
    MigWorkPlace place;
    int64_t first; /* numbers of those that are handed on */
    int64_t last;
    MigResume *resume;
    char *new_mark; /* MIG_MARK_SIZE bytes */
    MigAhead *ahead;
    bool certain; /* its statements are run if the run begins */
} Walk;

/* Say how to get past a migration that cannot be run here. */
static void
hint_by_hand(Walk *walk)
{
    const MigHostMethods *methods = walk->mig->host->methods;
    const MigWork *work = walk->place.work;
    bool back = strcmp(work->section, "down") == 0;
    const char *call =
        back ? methods->outside_rollback : methods->outside_apply;

    if (mig_work_is_hook(work) && call == NULL)
        mig_fail_hint(walk->mig->error,
                      "Nothing of this hook was run.  Run its statements by "
                      "hand, and take the file away.");
    else if (call != NULL)
        mig_fail_hint(walk->mig->error,
                      "Nothing of this migration was %s.  %s, outside of a "
                      "transaction, can run it.",
                      back ? "undone" : "run", call);
    else if (methods->run_outside != NULL)
        mig_fail_hint(walk->mig->error,
                      "Nothing of this migration was %s.  Call the function "
                      "outside of a transaction.",
                      back ? "undone" : "run");
    else if (back)
        mig_fail_hint(walk->mig->error,
                      "Nothing of it was undone.  Run its statements by hand, "
                      "then record the version before it with "
                      "migrate_stamp().");
    else
        mig_fail_hint(walk->mig->error,
                      "Nothing of this migration was run.  Run its statements "
                      "by hand, then record it with migrate_stamp('%.*s').",
                      (int) work->version.length, work->version.data);
}

/* Fail when a statement is of a kind that cannot be run here. */
static void
require_runnable(Walk *walk, const MigStatement *statement)
{
    Mig *mig = walk->mig;

    switch (statement->kind)
    {
        case MIG_ORDINARY:
        case MIG_BRACKET:
        case MIG_AROUND:
            return;
        case MIG_OUTSIDE:
            if (mig_can_run_outside(mig))
            {
                if (mig->host->methods->require_outside != NULL)
                    (void) mig->host->methods->require_outside(
                        mig->host, statement, mig->error);
                return;
            }
            (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                            "%s cannot run inside a transaction",
                            statement->reason);
            hint_by_hand(walk);
            return;
        case MIG_NOT_ALLOWED:
            (void) mig_fail(mig->error, MIG_UNSUPPORTED,
                            "%s cannot stand in a migration",
                            statement->reason);
            mig_fail_hint(mig->error,
                          "A migration is one transaction, which is made for "
                          "it; nothing of it was run.");
    }
}

static void
run_statement(Walk *walk, const MigStatement *statement, size_t *offset)
{
    Mig *mig = walk->mig;

    require_runnable(walk, statement);
    mig_guard_statement(mig, walk->place.work, statement);
    if (!mig_ok(mig) || statement->kind != MIG_ORDINARY)
        return;
    mig->host->session->guarded = walk->place.work->guarded;
    (void) mig->host->methods->run(mig->host, statement, offset, mig->error);
    mig->host->session->guarded = false;
}

static void
look_ahead(Walk *walk, const MigStatement *statement, size_t *offset)
{
    (void) offset;
    if (walk->certain)
        mig_guard_ahead(walk->mig, walk->place.work, statement, walk->ahead);
    mig_ahead_pass(walk->mig, walk->ahead, statement);
}

static void
check_runnable(Walk *walk, const MigStatement *statement, size_t *offset)
{
    (void) offset;
    require_runnable(walk, statement);
}

static void
verify_statement(Walk *walk, const MigStatement *statement, size_t *offset)
{
    Mig *mig = walk->mig;
    bool lenient = walk->place.work->lenient;
    bool holds = true;

    /* Its own BEGIN and ROLLBACK say what we do anyway. */
    if (lenient && (statement->kind == MIG_BRACKET ||
                    (statement->kind == MIG_NOT_ALLOWED &&
                     strcmp(statement->reason, "ROLLBACK") == 0)))
        return;
    if (lenient && statement->session)
        (void) mig->host->methods->run(mig->host, statement, offset,
                                       mig->error);
    else if (statement->kind != MIG_ORDINARY)
        (void) mig_fail(mig->error, MIG_INVALID,
                        "a verify section holds queries only");
    else
        (void) mig->host->methods->check(
            mig->host, statement, lenient ? NULL : &holds, offset, mig->error);
    if (mig_ok(mig) && !holds)
    {
        (void) mig_fail(mig->error, MIG_STATE,
                        "a check of its verify section is not true");
        mig_fail_hint(mig->error, "Nothing of it is kept.  Mend it or the "
                                  "data, migrate_load() it, and apply again.");
    }
}

typedef void (*WalkFunction)(Walk *walk, const MigStatement *statement,
                             size_t *offset);

/* Hand one statement to a function, naming the place of a failure. */
static void
walk_statement(Walk *walk, const MigStatement *statement, WalkFunction handle)
{
    size_t offset = (size_t) -1;

    walk->place.number++;
    if (walk->place.number < walk->first || walk->place.number > walk->last)
        return;
    walk->place.statement = statement;
    handle(walk, statement, &offset);
    if (!mig_ok(walk->mig))
        mig_work_fail_at(walk->mig, &walk->place,
                         statement->offset +
                             (offset != (size_t) -1 ? offset : 0));
    walk->place.statement = NULL;
}

/* Hand the statements of a walk to a function. */
static void
walk_range(Walk *walk, WalkFunction handle)
{
    Mig *mig = walk->mig;
    const MigHostMethods *methods = mig->host->methods;
    const MigWork *work = walk->place.work;

    for (size_t i = 0; i < work->count && mig_ok(mig); i++)
    {
        MigStatement statement;

        walk->place.part = &work->parts[i];
        methods->script_rewind(mig->host, work->parts[i].script);
        while (
            mig_ok(mig) && walk->place.number < walk->last &&
            methods->script_next(mig->host, work->parts[i].script, &statement))
            walk_statement(walk, &statement, handle);
    }
}

/* A walk over some statements of a work. */
static Walk
walk_of(Mig *mig, const MigWork *work, int64_t first, int64_t last)
{
    Walk walk = {
        mig,  {work, NULL, NULL, 0, false}, first, last, NULL, NULL, NULL,
        false};

    return walk;
}

/* Hand every statement to a function. */
static void
walk_statements(Mig *mig, const MigWork *work, WalkFunction handle)
{
    Walk walk = walk_of(mig, work, 1, INT64_MAX);

    walk_range(&walk, handle);
}

bool
mig_can_run_outside(const Mig *mig)
{
    const MigHostMethods *methods = mig->host->methods;

    return methods->run_outside != NULL && methods->commits(mig->host);
}

void
mig_work_require_runnable(Mig *mig, const MigWork *work)
{
    walk_statements(mig, work, check_runnable);
}

void
mig_work_require_kept(Mig *mig, const MigWork *work, MigAhead *ahead,
                      bool certain)
{
    Walk walk = walk_of(mig, work, 1, INT64_MAX);

    walk.place.ahead = true;
    walk.ahead = ahead;
    walk.certain = certain;
    mig_ahead_enter(ahead);
    walk_range(&walk, look_ahead);
}

static void
check_inside(Walk *walk, const MigStatement *statement, size_t *offset)
{
    (void) offset;
    if (statement->kind != MIG_OUTSIDE)
    {
        require_runnable(walk, statement);
        return;
    }
    (void) mig_fail(walk->mig->error, MIG_UNSUPPORTED,
                    "%s cannot run inside a transaction", statement->reason);
    mig_fail_hint(walk->mig->error,
                  "A hook of each migration runs in the transaction of that "
                  "migration; one before or after the run can hold this.");
}

void
mig_work_require_inside(Mig *mig, const MigWork *work)
{
    walk_statements(mig, work, check_inside);
}

static void
surround_statement(Walk *walk, const MigStatement *statement, size_t *offset)
{
    Mig *mig = walk->mig;

    if (statement->kind == MIG_AROUND)
        (void) mig->host->methods->surround(mig->host, statement, offset,
                                            mig->error);
}

void
mig_work_surround(Mig *mig, const MigWork *work)
{
    if (work->around)
        walk_statements(mig, work, surround_statement);
}

void
mig_work_run(Mig *mig, const MigWork *work)
{
    walk_statements(mig, work, run_statement);
}

void
mig_work_run_range(Mig *mig, const MigWork *work, int64_t first, int64_t last)
{
    Walk walk = walk_of(mig, work, first, last);

    walk_range(&walk, run_statement);
}

static void
run_session_statement(Walk *walk, const MigStatement *statement, size_t *offset)
{
    if (statement->session)
        run_statement(walk, statement, offset);
}

void
mig_work_run_session(Mig *mig, const MigWork *work, int64_t before)
{
    Walk walk = walk_of(mig, work, 1, before - 1);

    walk_range(&walk, run_session_statement);
}

static void
run_outside(Walk *walk, const MigStatement *statement, size_t *offset)
{
    Mig *mig = walk->mig;

    mig_guard_statement(mig, walk->place.work, statement);
    if (!mig_ok(mig))
        return;
    mig->host->session->guarded = walk->place.work->guarded;
    (void) mig->host->methods->run_outside(mig->host, statement, offset,
                                           mig->error);
    mig->host->session->guarded = false;
}

void
mig_work_run_outside(Mig *mig, const MigWork *work, int64_t number)
{
    Walk walk = walk_of(mig, work, number, number);

    walk_range(&walk, run_outside);
}

static void
resume_outside(Walk *walk, const MigStatement *statement, size_t *offset)
{
    Mig *mig = walk->mig;

    (void) offset;
    (void) mig->host->methods->resume_outside(mig->host, statement,
                                              walk->resume, mig->error);
}

static void
mark_outside(Walk *walk, const MigStatement *statement, size_t *offset)
{
    Mig *mig = walk->mig;

    (void) offset;
    (void) mig->host->methods->mark_outside(
        mig->host, statement, walk->new_mark, MIG_MARK_SIZE, mig->error);
}

void
mig_work_mark_outside(Mig *mig, const MigWork *work, int64_t number,
                      char mark[MIG_MARK_SIZE])
{
    Walk walk = walk_of(mig, work, number, number);

    mark[0] = '\0';
    walk.new_mark = mark;
    walk_range(&walk, mark_outside);
}

void
mig_work_resume_outside(Mig *mig, const MigWork *work, int64_t number,
                        MigResume *resume)
{
    Walk walk = walk_of(mig, work, number, number);

    walk.resume = resume;
    walk_range(&walk, resume_outside);
}

bool
mig_work_is_empty(Mig *mig, const MigWork *work)
{
    const MigHostMethods *methods = mig->host->methods;
    MigStatement statement;

    for (size_t i = 0; i < work->count; i++)
    {
        methods->script_rewind(mig->host, work->parts[i].script);
        if (methods->script_next(mig->host, work->parts[i].script, &statement))
            return false;
    }
    return true;
}

void
mig_work_verify(Mig *mig, const MigWork *work)
{
    walk_statements(mig, work, verify_statement);
}
