#ifndef SQLITE_WORDS_H
#define SQLITE_WORDS_H

/*
 * The engine's key words.  They are listed here, as each version of the engine
 * knows only its own, and a definition is to have one form for all of them.
 */

#include "sqlite_host.h"

/* Whether a word in no quotes can be a key word. */
bool sqlite_word_is_key(MigBytes word);

/*
 * Whether a name cannot go without its quotes, or would mean something else.
 *
 * joins  whether words such as LEFT can stand there
 */
bool sqlite_word_is_reserved(MigBytes word, bool joins);

#endif
