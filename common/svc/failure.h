/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure: how a failed task is told to its caller.
 *
 * Errors are google.rpc.Status: a code, a Chinese text that says what to do, and as details
 * ErrorInfo with a stable reason and BadRequest with the fields that are wrong (design §4).
 */
#ifndef MZ_SVC_FAILURE_H
#define MZ_SVC_FAILURE_H

#include "base/map.h"
#include "db/sqlstate.h"
#include "rpc/call.h"
#include "svc/decide.h"

struct words;

/*
 * What the database's refusal means to the caller; the one table. A constraint's comment in the
 * schema is the text, with the reason before it that decisions give for the same refusal (`COMMENT
 * ON CONSTRAINT maker_is_not_checker ON account IS 'MAKER_IS_CHECKER 经办人不能审批…'`); without
 * one, its name in upper case is the reason. words may be NULL.
 */
void failure_set_db(struct svc_failure *failure, struct arena *arena, const struct db_error *error,
		    const struct words *words);

/* What an outcome of the database is called when no constraint names it; false for DB_OK. */
bool failure_meaning(enum db_outcome outcome, struct svc_reason *ret_reason);

/* The comments of a schema's constraints, read before the fork. */
struct words {
	struct map map; /* constraint -> text */
	struct arena *arena;
};

/* Reads them; without a database there are none, and callers get general texts. */
void words_read(struct words *words, struct arena *arena, const char *conninfo, const char *schema);

/* Gives the peer's call the failure's details. domain: the service's name, for ErrorInfo. */
void failure_add_details(const struct svc_failure *failure, const char *domain,
			 struct rpc_call *call);
/* The same, and ends it. */
void failure_send(const struct svc_failure *failure, const char *domain, struct rpc_call *call);

#endif
