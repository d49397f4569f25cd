/*
 * Run one command and say what it cost.
 *
 *     measure REPORT SECONDS COMMAND [ARGUMENT...]
 *
 * Writes one line to the file REPORT: exit status (128 + signal when it was
 * killed), 1 if it was cut after SECONDS, wall time, user plus system time of
 * the command and of all that it waited for (microseconds), and the peak memory
 * of the largest of these processes (KiB).
 *
 * A program of its own, because Linux counts the memory that a process had
 * before exec() as the new program's: started from a Python interpreter, every
 * small program would seem as large as that.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t is_cut;

/* End the command and what it started: its time is over, or ours is. */
static void
cut_child(int signal_number)
{
    is_cut = (signal_number == SIGALRM);
    (void) kill(-child, SIGKILL);
}

/* A clock that never jumps, in microseconds. */
static long long
now_us(void)
{
    struct timespec now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A time of struct rusage, in microseconds. */
static long long
as_us(struct timeval time)
{
    return (long long) time.tv_sec * 1000000 + time.tv_usec;
}

/* Let the clock, Ctrl-C and a polite kill end the command. */
static void
watch(unsigned seconds)
{
    struct sigaction action = {0};

    action.sa_handler = cut_child;
    (void) sigaction(SIGALRM, &action, NULL);
    (void) sigaction(SIGINT, &action, NULL);
    (void) sigaction(SIGTERM, &action, NULL);
    (void) alarm(seconds);
}

int
main(int argc, char **argv)
{
    struct rusage usage;
    long long start;
    int status;
    FILE *report;

    if (argc < 4)
    {
        (void) fputs("usage: measure REPORT SECONDS COMMAND...\n", stderr);
        return 2;
    }
    start = now_us();
    child = fork();
    if (child == 0)
    {
        (void) setpgid(0, 0);
        (void) execvp(argv[3], argv + 3);
        perror(argv[3]);
        _exit(127);
    }
    if (child < 0)
    {
        perror("fork");
        return 2;
    }
    (void) setpgid(child, child); /* whichever of the two is first */
    watch((unsigned) strtoul(argv[2], NULL, 10));
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
        {
            perror("wait4");
            return 2;
        }

    report = fopen(argv[1], "w");
    if (report == NULL)
    {
        perror(argv[1]);
        return 2;
    }
    (void) fprintf(
        report, "%d %d %lld %lld %ld\n",
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
        (int) is_cut, now_us() - start,
        as_us(usage.ru_utime) + as_us(usage.ru_stime), usage.ru_maxrss);
    return fclose(report) == 0 ? 0 : 2;
}
