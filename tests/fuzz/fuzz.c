#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"

/*
 * The fuzzer: libFuzzer with one target, the one that the program is called
 * after (by links).  "fuzz --targets" lists them.
 */

static size_t target;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    if (*argc > 1 && strcmp((*argv)[1], "--targets") == 0)
    {
        for (size_t i = 0; i < target_count(); i++)
            (void) puts(target_name(i));
        exit(0);
    }
    target = target_find(basename((*argv)[0]));
    if (target < target_count())
        return 0;
    (void) fprintf(stderr, "fuzz: call it by the name of a target\n");
    exit(2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void) target_run(target, (const char *) data, size);
    return 0;
}
