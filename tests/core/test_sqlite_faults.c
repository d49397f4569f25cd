/*
 * SQLite on a disk that fails: a set of migrations is loaded, applied, redone
 * and partly rolled back while the n-th operation of a kind fails, for every n,
 * once alone and once with all of its kind that follow; and the power is cut
 * behind every change of a file.  Whatever is reported, each migration must be
 * there wholly, with its record, or not at all; the connection must be as it
 * was, and good for the same calls once the disk is; and what a call has
 * reported as done must outlive the power.
 *
 * Run from the repository's root.  The extension is MIGRATE_BUILD/migrate.so
 * (build/migrate.so).  MIGRATE_TEST_STRIDE is the distance between the
 * operations that fail; 1 takes minutes.
 */

#include "sqlite_copies.h"
#include "sqlite_disk.h"
#include "sqlite_scenarios.h"

#include <inttypes.h>

#define SHORT_TRIALS 6 /* of each kind, when the stride is not given */
#define SHORT_CUTS 60
#define SHORT_SCENARIO_TRIALS 2
#define SHORT_SCENARIO_CUTS 20

/* How the database is kept. */
typedef struct Mode
{
    const char *journal;
    const char *commit_every;
    const char *synchronous;
    bool for_scenarios; /* which share no commits */
} Mode;

/* EXTRA keeps all that was committed; FULL may lose the last transaction with
 * the deletion of its journal, but never a part of it. */
static const Mode modes[] = {
    {"delete", "0", "extra", true},     {"delete", "10s", "full", false},
    {"truncate", "10s", "full", false}, {"persist", "0", "extra", true},
    {"wal", "0", "full", true},         {"wal", "10s", "normal", false},
};
#define SCENARIO_MODES 3

static const struct
{
    DiskOperation operation;
    int code;
    const char *name;
} faults[] = {
    {DISK_WRITE, SQLITE_IOERR_WRITE, "write fails"},
    {DISK_WRITE, SQLITE_FULL, "write finds the disk full"},
    {DISK_SYNC, SQLITE_IOERR_FSYNC, "sync fails"},
    {DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE, "truncate fails"},
    {DISK_OPEN, SQLITE_CANTOPEN, "open fails"},
    {DISK_DELETE, SQLITE_IOERR_DELETE, "delete fails"},
    {DISK_READ, SQLITE_IOERR_READ, "read fails"},
    {DISK_LOCK, SQLITE_IOERR_LOCK, "lock fails"},
    {DISK_SHARE, SQLITE_IOERR_SHMLOCK, "lock of the WAL fails"},
    {DISK_LOOK, SQLITE_IOERR_FSTAT, "look at a file fails"},
};
#define MODES (sizeof(modes) / sizeof(modes[0]))
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static const Mode *mode; /* that is being tried, */
static char title[60];   /* and its name with what is done */

/* Set a new connection up for the mode. */
static void
set_mode(Trial *trial)
{
    char sql[200];

    (void) snprintf(sql, sizeof(sql),
                    "PRAGMA synchronous = %s; PRAGMA journal_mode = %s",
                    mode->synchronous, mode->journal);
    if (!trial_execute(trial, sql))
        trial_fail(trial, "cannot set up: %s", trial->message);
}

/* Begin a trial, with the mode's setting. */
static void
begin(Trial *trial)
{
    char sql[100];

    trial_begin(trial);
    if (trial->scenario != NULL)
        return;
    (void) snprintf(sql, sizeof(sql),
                    "SELECT migrate_config('commit_every', '%s')",
                    mode->commit_every);
    if (!trial_execute(trial, sql))
        trial_fail(trial, "cannot set up: %s", trial->message);
}

/* How often the calls do what is to fail. */
static int64_t
count_operations(Trial *trial, DiskOperation operation)
{
    begin(trial);
    disk_start(operation, SQLITE_OK, 0, false);
    if (!trial_run_calls(trial))
        trial_fail(trial, "nothing fails, but: %s", trial->message);
    trial_disconnect(trial);
    return disk.counts[operation];
}

/* Make the calls with a fault, and look at what is left. */
static void
try_fault(Trial *trial, size_t fault, int64_t at, bool rest)
{
    bool done;

    (void) snprintf(trial->where, sizeof(trial->where), "%s, %s: %" PRId64 "%s",
                    faults[fault].name, title, at,
                    rest ? " and all behind it" : "");
    begin(trial);
    disk_start(faults[fault].operation, faults[fault].code, at, rest);
    done = trial_run_calls(trial);
    disk_stop();
    if (!disk.failed && !done)
        trial_fail(trial, "nothing fails, but: %s", trial->message);
    trial_check_connection(trial);
    /* The connection itself is good for more. */
    if (!rest && !trial_run_calls(trial))
        trial_fail(trial, "the connection is of no use: %s", trial->message);
    trial->vfs = NULL;
    trial_check_database(trial);
    trial_complete(trial);
    trial->vfs = DISK_NAME;
}

/* Let each operation of a kind fail in turn. */
static void
fail_each(Trial *trial, size_t fault, bool rest)
{
    int64_t count = count_operations(trial, faults[fault].operation);
    int64_t trials =
        trial->scenario == NULL ? SHORT_TRIALS : SHORT_SCENARIO_TRIALS;
    int64_t stride = trial_stride(count / trials + 1);
    int64_t tried = 0;

    for (int64_t at = 1; at <= count; at += stride)
    {
        try_fault(trial, fault, at, rest);
        tried++;
    }
    trial_report(trial, "%s: %s%s: %" PRId64 " of %" PRId64, title,
                 faults[fault].name, rest ? ", and all behind it" : "", tried,
                 count);
}

/* Make a call about a copy with a fault, and look at what is left; at 0
 * nothing fails. */
static void
try_copy(Trial *trial, const CopiesCase *copies, size_t fault, int64_t at,
         bool rest)
{
    bool done;

    (void) snprintf(trial->where, sizeof(trial->where), "%s, %s: %" PRId64 "%s",
                    faults[fault].name, title, at,
                    rest ? " and all behind it" : "");
    trial_begin(trial);
    copies->prepare(trial);
    disk_start(faults[fault].operation, faults[fault].code, at, rest);
    done = trial_execute(trial, copies->call);
    disk_stop();
    if (!disk.failed && !done)
        trial_fail(trial, "nothing fails, but: %s", trial->message);
    trial_disconnect(trial);
    trial->vfs = NULL;
    if (!trial_connect(trial))
        trial_fail(trial, "cannot connect again: %s", trial->message);
    copies->check(trial, done);
    trial_disconnect(trial);
    trial->vfs = DISK_NAME;
    (void) copies_remove(trial);
}

/* Let each operation of a kind fail in turn. */
static void
fail_each_copy(Trial *trial, const CopiesCase *copies, size_t fault, bool rest)
{
    DiskOperation operation = faults[fault].operation;
    int64_t tried = 0;
    int64_t count;
    int64_t stride;

    try_copy(trial, copies, fault, 0, false);
    count = disk.counts[operation];
    stride = trial_stride(count / SHORT_TRIALS + 1);
    for (int64_t at = 1; at <= count; at += stride)
    {
        try_copy(trial, copies, fault, at, rest);
        tried++;
    }
    trial_report(trial, "%s: %s%s: %" PRId64 " of %" PRId64, title,
                 faults[fault].name, rest ? ", and all behind it" : "", tried,
                 count);
}

/* The power cuts of one run of the calls. */
typedef struct Cuts
{
    Trial *trial; /* whose calls go on */
    Trial left;   /* what is left by the cut that is looked at */
    char folder[250];
    int64_t moments;
    int64_t stride;
    int64_t tried;
    bool inside; /* what the look itself does is none */
} Cuts;

/* What was reported as done is there. */
static void
check_kept(Cuts *cuts)
{
    char text[40] = "0";

    /* What WAL with NORMAL, and FULL without syncing the folder, may lose. */
    if (strcmp(mode->synchronous, "extra") != 0 &&
        !(strcmp(mode->journal, "wal") == 0 &&
          strcmp(mode->synchronous, "full") == 0))
        return;
    if (cuts->left.scenario != NULL && cuts->left.done < cuts->trial->done)
        trial_fail(&cuts->left, "call %d was reported, %d is left",
                   cuts->trial->done, cuts->left.done);
    if (cuts->trial->kept > 0)
        trial_query(&cuts->left, "SELECT max(seq) FROM migrate_event", text,
                    sizeof(text));
    if (strtoll(text, NULL, 10) < cuts->trial->kept)
        trial_fail(&cuts->left, "event %" PRId64 " was reported, %s is left",
                   cuts->trial->kept, text);
}

/* The power is cut now: look at what is left, and go on with it. */
static void
on_cut(void *context)
{
    Cuts *cuts = context;
    Trial *left = &cuts->left;

    if (cuts->inside || cuts->moments++ % cuts->stride != 0)
        return;
    cuts->inside = true;
    cuts->tried++;
    disk.random = (uint64_t) cuts->moments * 2654435761U + 1;
    (void) snprintf(left->where, sizeof(left->where),
                    "power cut %" PRId64 ", %s", cuts->moments, title);
    trial_remove_database(left);
    if (!disk_write_cut(cuts->folder))
        trial_fail(left, "cannot write what is left");
    else if (!trial_connect(left))
        trial_fail(left, "cannot open what is left: %s", left->message);
    else
    {
        trial_check_database(left);
        check_kept(cuts);
        trial_complete(left);
    }
    cuts->inside = false;
}

/* Make the calls, and cut the power behind each change of a file. */
static void
run_cut(Trial *trial, Cuts *cuts, int64_t stride)
{
    cuts->stride = stride;
    cuts->moments = 0;
    cuts->tried = 0;
    disk.remembers = true;
    disk.context = cuts;
    disk.cut = on_cut;
    /* How a scenario is prepared is not what is tried. */
    if (trial->scenario != NULL)
        disk.cut = NULL;
    begin(trial);
    disk.cut = on_cut;
    if (!trial_run_calls(trial))
        trial_fail(trial, "the calls fail: %s", trial->message);
    trial_disconnect(trial);
    disk.cut = NULL;
    disk.remembers = false;
    disk_forget();
}

/* Cut the power at many moments. */
static void
cut_each(Trial *trial)
{
    Cuts cuts;

    memset(&cuts, 0, sizeof(cuts));
    cuts.trial = trial;
    cuts.left = *trial;
    cuts.left.vfs = NULL;
    cuts.left.cut = true;
    (void) snprintf(cuts.folder, sizeof(cuts.folder), "%s/cut", trial->folder);
    (void) snprintf(cuts.left.path, sizeof(cuts.left.path), "%.230s/test.db",
                    cuts.folder);
    if (mkdir(cuts.folder, 0700) != 0)
        trial_fail(trial, "cannot make a folder");
    run_cut(trial, &cuts, INT64_MAX);
    run_cut(trial, &cuts,
            trial_stride(cuts.moments / (trial->scenario == NULL
                                             ? SHORT_CUTS
                                             : SHORT_SCENARIO_CUTS) +
                         1));
    trial->causes += cuts.left.causes;
    trial_report(trial,
                 "%s, synchronous %s: power cut at %" PRId64 " of %" PRId64
                 " changes",
                 title, mode->synchronous, cuts.tried, cuts.moments);
    trial_remove_database(&cuts.left);
    (void) rmdir(cuts.folder);
}

/* Try all that can go wrong, in one mode. */
static void
try_mode(Trial *trial, const TrialScenario *scenario)
{
    if (scenario == NULL)
        (void) snprintf(title, sizeof(title), "%s, commit_every %s",
                        mode->journal, mode->commit_every);
    else
        (void) snprintf(title, sizeof(title), "%s, %s", mode->journal,
                        scenario->name);
    scenario_choose(trial, scenario);
    cut_each(trial);
    for (size_t i = 0; i < FAULTS; i++)
    {
        fail_each(trial, i, false);
        fail_each(trial, i, true);
    }
}

/* Let backups and restores fail, in one mode. */
static void
try_copies(Trial *trial)
{
    for (size_t i = 0; i < COPIES_CASES; i++)
    {
        (void) snprintf(title, sizeof(title), "%s, %s", mode->journal,
                        copies_cases[i].name);
        for (size_t j = 0; j < FAULTS; j++)
        {
            fail_each_copy(trial, &copies_cases[i], j, false);
            fail_each_copy(trial, &copies_cases[i], j, true);
        }
    }
}

int
main(void)
{
    Trial trial;

    if (!disk_install() || !trial_open(&trial))
    {
        printf("Bail out! cannot set up: %s\n", trial.message);
        return 1;
    }
    trial.vfs = DISK_NAME;
    trial.opened = set_mode;
    printf("1..%zu\n", (MODES + SCENARIO_MODES * SCENARIOS) * (1 + 2 * FAULTS) +
                           SCENARIO_MODES * COPIES_CASES * 2 * FAULTS);
    for (mode = modes; mode < modes + MODES; mode++)
        try_mode(&trial, NULL);
    for (size_t i = 0; i < SCENARIOS; i++)
    {
        for (mode = modes; mode < modes + MODES; mode++)
        {
            if (mode->for_scenarios)
                try_mode(&trial, scenarios[i]);
        }
    }
    trial.scenario = NULL;
    for (mode = modes; mode < modes + MODES; mode++)
    {
        if (mode->for_scenarios)
            try_copies(&trial);
    }
    return trial_close(&trial);
}
