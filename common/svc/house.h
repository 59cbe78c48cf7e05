/* SPDX-License-Identifier: Apache-2.0 */
/*
 * House: the runner's own tables and every statement on them.
 *
 * Each service's schema begins with the same tables (schema/0000_house.sql): audit, idempotency,
 * outbox, event, job, inbox_cursor. Their SQL is one list, bound by the same rules as queries.sql:
 * a statement has a message of its own as its first source, then `:now`, `:today`, `:now_real` and
 * `:caller.…`.
 */
#ifndef MZ_SVC_HOUSE_H
#define MZ_SVC_HOUSE_H

#include "db/bind.h"
#include "db/stmt.h"
#include "svc/context.pb-c.h"

/* See house_sql.h. */
enum house_statement {
#define HOUSE(name, source, row, expect, sql) HOUSE_##name,
#include "svc/house_sql.h"
#undef HOUSE
	HOUSE_N_STATEMENTS
};

struct house {
	const struct db_stmt *stmt[HOUSE_N_STATEMENTS];
};

/* Adds all statements. 0, or -EINVAL with a line on the log. */
int house_add(struct house *house, struct db_stmts *stmts);

/* Binds one; any source may be NULL. Outcome and error as db_bind. */
enum db_outcome house_bind(const struct house *house, enum house_statement statement,
			   const void *message, const SvcClock *clock, const SvcCaller *caller,
			   const struct db_codec *codec, struct arena *arena,
			   struct db_query *ret_query, struct db_error *ret_error);

#endif
