/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping: what the house's tables need every hour: the next partition made, what is over its term
 * removed (schema/0000_house_terms.sql says what is kept how long).
 *
 * The first worker does it. The serving role may not make or drop tables; it may only call the
 * owner's function that does this and nothing else.
 */
#ifndef MZ_SVC_KEEPING_H
#define MZ_SVC_KEEPING_H

struct keeping;
struct worker;

/* NULL without memory. */
struct keeping *keeping_new(struct worker *worker);
void keeping_free(struct keeping *keeping);

#endif
