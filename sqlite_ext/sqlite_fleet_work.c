#include "sqlite_beside.h"
#include "sqlite_fleet.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/*
 * The work on a fleet
 *
 * Workers take the next file, and put its row into a ring of bounded size, from
 * which the caller's thread takes it.  A worker begins a file only when there
 * is room for its row, so a caller who takes no more rows soon has idle
 * workers, and no file is held open for him.
 *
 * With one thread there are no workers: each file is done when its row is
 * asked for.  So it is where the library has no threads, or no thread can be
 * started.
 *
 * An interrupt of the caller's connection can only be seen by running a
 * statement on it, in the caller's own thread.
 */

#define ROWS 32          /* of the ring */
#define THREADS_MAX 256  /* of workers */
#define LOOK_EVERY_MS 50 /* for an interrupt, while there is nothing else */
#define NANOSECONDS 1000000000L

typedef enum FleetStop
{
    FLEET_GOES_ON,
    FLEET_FINISHES, /* the files at hand, and no others */
    FLEET_STOPS     /* at once */
} FleetStop;

struct SqliteFleet
{
    const SqliteFleetJob *job;
    sqlite3_stmt *probe; /* on the caller's connection */
    pthread_t *workers;
    size_t worker_count;
    bool has_lock;
    bool has_signal;
    pthread_mutex_t lock;   /* for all that follows */
    pthread_cond_t changed; /* any of it */
    FleetStop stop;
    size_t next;  /* file to be begun */
    size_t alive; /* workers */
    size_t busy;  /* files that are being worked on */
    SqliteFleetRow rows[ROWS];
    size_t first; /* of the rows */
    size_t count; /* of the rows */
};

/* Whether the caller's connection was interrupted. */
static bool
caller_interrupted(SqliteFleet *fleet)
{
    return sqlite_probe(fleet->probe);
}

/* Whether the file at hand is to be left off; for workers. */
static bool
worker_stopped(void *context)
{
    SqliteFleet *fleet = context;
    bool stopped;

    (void) pthread_mutex_lock(&fleet->lock);
    stopped = fleet->stop == FLEET_STOPS;
    (void) pthread_mutex_unlock(&fleet->lock);
    return stopped;
}

/* The same for the caller's thread. */
static bool
caller_stopped(void *context)
{
    SqliteFleet *fleet = context;

    if (fleet->stop != FLEET_STOPS && caller_interrupted(fleet))
        fleet->stop = FLEET_STOPS;
    return fleet->stop == FLEET_STOPS;
}

/* Take the next file, waiting for room for its row; false: there is none.  The
 * lock is held. */
static bool
take_file(SqliteFleet *fleet, size_t *index)
{
    const size_t files = fleet->job->list->count;

    while (fleet->stop == FLEET_GOES_ON && fleet->next < files &&
           fleet->busy + fleet->count >= ROWS)
        (void) pthread_cond_wait(&fleet->changed, &fleet->lock);
    if (fleet->stop != FLEET_GOES_ON || fleet->next >= files)
        return false;
    *index = fleet->next++;
    fleet->busy++;
    return true;
}

/* A worker. */
static void *
work(void *context)
{
    SqliteFleet *fleet = context;
    SqliteFleetRow row;
    size_t index;

    (void) pthread_mutex_lock(&fleet->lock);
    while (take_file(fleet, &index))
    {
        (void) pthread_mutex_unlock(&fleet->lock);
        sqlite_fleet_file(fleet->job, &fleet->job->list->entries[index],
                          worker_stopped, fleet, &row);
        (void) pthread_mutex_lock(&fleet->lock);
        fleet->rows[(fleet->first + fleet->count) % ROWS] = row;
        fleet->count++;
        fleet->busy--;
        (void) pthread_cond_broadcast(&fleet->changed);
    }
    fleet->alive--;
    (void) pthread_cond_broadcast(&fleet->changed);
    (void) pthread_mutex_unlock(&fleet->lock);
    return NULL;
}

/*
 * Whether the library can be used by several threads: it was built so, and the
 * application has not told it otherwise, which gives it mutexes that are all
 * one and the same.
 */
static bool
library_has_threads(void)
{
    sqlite3_mutex *one;
    sqlite3_mutex *other;
    bool differ;

    if (sqlite3_threadsafe() == 0)
        return false;
    one = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    other = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    differ = one != NULL && other != NULL && one != other;
    sqlite3_mutex_free(one);
    sqlite3_mutex_free(other);
    return differ;
}

/* How many workers there are to be; 0: the calling thread does it all. */
static size_t
count_workers(const SqliteFleetJob *job)
{
    size_t count = job->threads;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (count == 0)
        count = cores > 1 ? (size_t) cores : 1;
    if (count > THREADS_MAX)
        count = THREADS_MAX;
    if (count > job->list->count)
        count = job->list->count;
    return count > 1 && library_has_threads() ? count : 0;
}

/* Make the lock and the signal; returns whether that went well. */
static bool
make_lock(SqliteFleet *fleet)
{
    pthread_condattr_t attributes;

    fleet->has_lock = pthread_mutex_init(&fleet->lock, NULL) == 0;
    if (!fleet->has_lock || pthread_condattr_init(&attributes) != 0)
        return false;
    /* The time of day may jump. */
    fleet->has_signal =
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
        pthread_cond_init(&fleet->changed, &attributes) == 0;
    (void) pthread_condattr_destroy(&attributes);
    return fleet->has_signal;
}

/* Start the workers, or as many of them as can be. */
static void
start_workers(SqliteFleet *fleet, size_t count)
{
    sigset_t all;
    sigset_t before;

    fleet->workers = sqlite3_malloc64(count * sizeof(pthread_t));
    if (fleet->workers == NULL)
        return;
    /* The application's signals are for its own threads. */
    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_SETMASK, &all, &before);
    (void) pthread_mutex_lock(&fleet->lock);
    while (fleet->worker_count < count &&
           pthread_create(&fleet->workers[fleet->worker_count], NULL, work,
                          fleet) == 0)
    {
        fleet->worker_count++;
        fleet->alive++;
    }
    (void) pthread_mutex_unlock(&fleet->lock);
    (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
}

SqliteFleet *
sqlite_fleet_begin(const SqliteFleetJob *job, sqlite3 *caller, MigError *error)
{
    SqliteFleet *fleet = sqlite3_malloc64(sizeof(*fleet));
    size_t workers;

    if (fleet != NULL)
        memset(fleet, 0, sizeof(*fleet));
    if (fleet == NULL || sqlite3_prepare_v2(caller, "SELECT 1", -1,
                                            &fleet->probe, NULL) != SQLITE_OK)
    {
        (void) mig_fail(error, MIG_NOMEM, "out of memory");
        sqlite3_free(fleet);
        return NULL;
    }
    fleet->job = job;
    workers = count_workers(job);
    if (workers > 0 && make_lock(fleet))
        start_workers(fleet, workers);
    if (fleet->worker_count < workers)
        sqlite3_log(SQLITE_WARNING,
                    "migrate_fleet: %d of %d threads could be started; it goes "
                    "on with fewer",
                    (int) fleet->worker_count, (int) workers);
    return fleet;
}

/* Wait a little for a change; the lock is held. */
static void
wait_a_little(SqliteFleet *fleet)
{
    struct timespec until = {0, 0};

    (void) clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_EVERY_MS * 1000000L;
    if (until.tv_nsec >= NANOSECONDS)
    {
        until.tv_nsec -= NANOSECONDS;
        until.tv_sec++;
    }
    (void) pthread_cond_timedwait(&fleet->changed, &fleet->lock, &until);
}

/* Let the workers know of an interrupt.  The lock is held, but not while the
 * statement runs, which may run code of the application. */
static void
notice_interrupt(SqliteFleet *fleet)
{
    bool interrupted;

    (void) pthread_mutex_unlock(&fleet->lock);
    interrupted = caller_interrupted(fleet);
    (void) pthread_mutex_lock(&fleet->lock);
    if (!interrupted)
        return;
    fleet->stop = FLEET_STOPS;
    (void) pthread_cond_broadcast(&fleet->changed);
}

/* Take a row from the ring. */
static int
next_of_workers(SqliteFleet *fleet, SqliteFleetRow *row)
{
    int code = SQLITE_DONE;

    (void) pthread_mutex_lock(&fleet->lock);
    while (fleet->count == 0 && fleet->alive > 0 &&
           fleet->stop == FLEET_GOES_ON)
    {
        wait_a_little(fleet);
        if (fleet->count == 0)
            notice_interrupt(fleet);
    }
    if (fleet->stop == FLEET_STOPS)
        code = SQLITE_INTERRUPT;
    else if (fleet->count > 0)
    {
        *row = fleet->rows[fleet->first];
        fleet->first = (fleet->first + 1) % ROWS;
        fleet->count--;
        code = SQLITE_ROW;
        (void) pthread_cond_broadcast(&fleet->changed);
    }
    (void) pthread_mutex_unlock(&fleet->lock);
    return code;
}

int
sqlite_fleet_next(SqliteFleet *fleet, SqliteFleetRow *row)
{
    const SqliteFleetList *list = fleet->job->list;

    if (fleet->worker_count > 0)
        return next_of_workers(fleet, row);
    if (caller_stopped(fleet))
        return SQLITE_INTERRUPT;
    if (fleet->next >= list->count)
        return SQLITE_DONE;
    sqlite_fleet_file(fleet->job, &list->entries[fleet->next++], caller_stopped,
                      fleet, row);
    if (fleet->stop != FLEET_STOPS)
        return SQLITE_ROW;
    sqlite_fleet_row_free(row);
    return SQLITE_INTERRUPT;
}

/* Wait for the workers to end. */
static void
join_workers(SqliteFleet *fleet)
{
    (void) pthread_mutex_lock(&fleet->lock);
    if (fleet->stop == FLEET_GOES_ON)
        fleet->stop = FLEET_FINISHES;
    (void) pthread_cond_broadcast(&fleet->changed);
    while (fleet->alive > 0)
    {
        wait_a_little(fleet);
        notice_interrupt(fleet);
    }
    (void) pthread_mutex_unlock(&fleet->lock);
    for (size_t i = 0; i < fleet->worker_count; i++)
        (void) pthread_join(fleet->workers[i], NULL);
}

void
sqlite_fleet_end(SqliteFleet *fleet)
{
    if (fleet == NULL)
        return;
    if (fleet->worker_count > 0)
        join_workers(fleet);
    for (size_t i = 0; i < fleet->count; i++)
        sqlite_fleet_row_free(&fleet->rows[(fleet->first + i) % ROWS]);
    if (fleet->has_signal)
        (void) pthread_cond_destroy(&fleet->changed);
    if (fleet->has_lock)
        (void) pthread_mutex_destroy(&fleet->lock);
    (void) sqlite3_finalize(fleet->probe);
    sqlite3_free(fleet->workers);
    sqlite3_free(fleet);
}
