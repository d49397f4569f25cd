#ifndef FAKE_PARTS_H
#define FAKE_PARTS_H

/*
 * What the parts of the fake host share: fake_host.c (memory, files, what tests
 * call), fake_scratch.c (scratch databases), fake_catalogue.c (tables and
 * queries), fake_record.c (objects), fake_verify.c (whole tables),
 * fake_engine.c (transactions and scripts).
 */

#include "fake_host.h"

/* A copy of bytes that lives as long as the host. */
MigBytes fake_keep(FakeHost *fake, MigBytes bytes);

/* The row of a table whose first columns are a key, or NULL. */
MigValue *fake_find(FakeTable *table, const MigValue *key, size_t count);

/* Append a row of copies. */
MigValue *fake_append(FakeHost *fake, FakeTable *table, const MigValue *values,
                      size_t count);

/* Delete a row; accepts NULL. */
void fake_delete(FakeTable *table, const MigValue *row);

/* One query being answered. */
typedef struct FakeQuery
{
    FakeHost *fake;
    const MigValue *arguments;
    size_t count;
    MigRowFunction row;
    void *context;
    MigError *error;
} FakeQuery;

/* Give columns of a row, each named by its letter: a is the first. */
void fake_give(const FakeQuery *query, const MigValue *row,
               const char *letters);

/* Answer a query about what is recorded of the schema; false: it is none. */
bool fake_record_answer(const FakeQuery *query, MigSql sql);

/* Answer a query about whole tables; false: it is none. */
bool fake_verify_answer(const FakeQuery *query, MigSql sql);

/* Do what a statement does to the schema; false: nothing. */
bool fake_record_run(FakeHost *fake, MigBytes text);

/* List the objects of the schema. */
MigStatus fake_record_list(FakeHost *fake, MigObjectFunction object,
                           void *context, MigError *error);

/* ---- Methods of the host: see common/mig_host.h ---- */

void *fake_resize(MigHost *host, void *memory, size_t old_size,
                  size_t new_size);

MigStatus fake_catalogue_find(MigHost *host, bool *exists, MigError *error);
MigStatus fake_catalogue_intact(MigHost *host, MigError *error);
MigStatus fake_catalogue_additions(MigHost *host, MigAdditionFunction addition,
                                   void *context, MigError *error);
MigStatus fake_catalogue_create(MigHost *host, MigError *error);
MigStatus fake_query(MigHost *host, MigSql sql, const MigValue *arguments,
                     size_t count, MigRowFunction row, void *context,
                     MigError *error);

MigStatus fake_require_writable(MigHost *host, const char *function,
                                MigError *error);
bool fake_trusts(MigHost *host, MigBytes actor, MigBytes *whom);
bool fake_commits(MigHost *host);
MigStatus fake_lock(MigHost *host, int64_t wait_ms, MigError *error);
MigStatus fake_release(MigHost *host, int64_t wait_ms, MigError *error);
void fake_abandon(MigHost *host);
MigStatus fake_unit_begin(MigHost *host, MigError *error);
MigStatus fake_unit_keep(MigHost *host, MigError *error);
void fake_unit_undo(MigHost *host);
MigTransactionEnd fake_transaction_end(MigHost *host);
bool fake_outlives_failure(MigHost *host);

MigStatus fake_script_open(MigHost *host, MigBytes text, MigScript **script,
                           size_t *offset, MigError *error);
void fake_script_rewind(MigHost *host, MigScript *script);
bool fake_script_next(MigHost *host, MigScript *script,
                      MigStatement *statement);
void fake_script_close(MigHost *host, MigScript *script);
MigStatus fake_script_tokens(MigHost *host, MigBytes text,
                             MigTokenFunction token, void *context,
                             bool *readable, MigError *error);
MigStatus fake_surround(MigHost *host, const MigStatement *statement,
                        size_t *offset, MigError *error);
void fake_surround_end(MigHost *host);
MigStatus fake_run(MigHost *host, const MigStatement *statement, size_t *offset,
                   MigError *error);
MigStatus fake_run_outside(MigHost *host, const MigStatement *statement,
                           size_t *offset, MigError *error);
MigStatus fake_mark_outside(MigHost *host, const MigStatement *statement,
                            char *mark, size_t size, MigError *error);
MigStatus fake_resume_outside(MigHost *host, const MigStatement *statement,
                              MigResume *resume, MigError *error);
MigStatus fake_pause(MigHost *host, int64_t wait_ms, MigError *error);
const char *fake_blockers(MigHost *host);
void fake_canon(MigHost *host, char *text, size_t size);
MigStatus fake_list_objects(MigHost *host, const MigScope *scope,
                            MigObjectFunction object, void *context,
                            MigError *error);
MigStatus fake_scratch_open(struct Mig *mig, MigScratch **scratch);
MigStatus fake_scratch_run(struct Mig *mig, MigScratch *scratch,
                           struct MigWork *work, bool each);
MigStatus fake_scratch_list(struct Mig *mig, MigScratch *scratch,
                            const MigScope *scope, MigObjectFunction object,
                            void *context);
void fake_scratch_close(struct Mig *mig, MigScratch *scratch);
MigStatus fake_list_tables(MigHost *host, MigTableFunction table, void *context,
                           MigError *error);
MigStatus fake_read_table(MigHost *host, const MigTableRead *read,
                          MigRowFunction row, void *context, MigError *error);
MigStatus fake_user_version(MigHost *host, int64_t *number, MigError *error);
MigStatus fake_lock_number(MigHost *host, int64_t number, bool *taken,
                           MigError *error);
MigStatus fake_lock_table(MigHost *host, const MigTable *table,
                          MigTableLock lock, bool *taken, MigError *error);
MigBytes fake_database_name(MigHost *host);
MigStatus fake_check(MigHost *host, const MigStatement *statement, bool *holds,
                     size_t *offset, MigError *error);

#endif
