#ifndef MIG_EXPRESSION_H
#define MIG_EXPRESSION_H

/*
 * Expressions over names, as Liquibase has them for contexts and labels:
 * "test and !slow or (qa, dev)".  A comma is an "or"; "and" binds closer; "!"
 * and "not" negate; case does not count.  Rules: ExpressionMatcher.java,
 * ContextExpression.java and LabelExpression.java.
 */

#include "mig.h"

/*
 * Fail with MIG_INVALID unless a text is an expression; an empty one is.
 *
 * what  it is, for the message
 */
void mig_expression_check(Mig *mig, MigBytes expression, const char *what);

/*
 * Whether an expression holds.
 *
 * expression  one that passed the check; an empty one holds
 * names       that are given, with commas between.  With none, everything
 *             holds but a name with "@" before it, which has to be there, and
 *             the negation of "nocontexts"
 */
bool mig_expression_holds(MigBytes expression, MigBytes names);

#endif
