/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/house.h"

#include <errno.h>

#include "base/log.h"

enum { SOURCE_OWN, SOURCE_CLOCK, SOURCE_CALLER, N_SOURCES };

static const struct {
	const char *label, *sql, *expect;
	const ProtobufCMessageDescriptor *source, *row;
} statements[] = {
#define HOUSE(name, source, row, expect, sql) \
	{"house " #name, sql, expect, &source##__descriptor, &row##__descriptor},
#include "svc/house_sql.h"
#undef HOUSE
};

int
house_add(struct house *house, struct db_stmts *stmts)
{
	for (size_t i = 0; i < HOUSE_N_STATEMENTS; i++) {
		const struct db_source sources[N_SOURCES] = {
		    [SOURCE_OWN] = {NULL, statements[i].source},
		    [SOURCE_CLOCK] = {NULL, &svc_clock__descriptor},
		    [SOURCE_CALLER] = {"caller", &svc_caller__descriptor},
		};
		const struct db_stmt_def def = {
		    .label = statements[i].label,
		    .sql = statements[i].sql,
		    .sources = sources,
		    .n_sources = N_SOURCES,
		    .row = statements[i].row == &svc_nothing__descriptor ? NULL : statements[i].row,
		    .expect = statements[i].expect,
		};
		struct db_fault fault = {0};

		house->stmt[i] = db_stmts_add(stmts, &def, &fault);
		if (!house->stmt[i]) {
			log_error("broken_statement", LOG_ID("statement", statements[i].label),
				  LOG_TEXT("fault", fault.text));
			return -EINVAL;
		}
	}
	return 0;
}

enum db_outcome
house_bind(const struct house *house, enum house_statement statement, const void *message,
	   const SvcClock *clock, const SvcCaller *caller, const struct db_codec *codec,
	   struct arena *arena, struct db_query *ret_query, struct db_error *ret_error)
{
	const ProtobufCMessage *const messages[N_SOURCES] = {
	    [SOURCE_OWN] = message,
	    [SOURCE_CLOCK] = clock ? &clock->base : NULL,
	    [SOURCE_CALLER] = caller ? &caller->base : NULL,
	};

	return db_bind(house->stmt[statement], messages, codec, arena, ret_query, ret_error);
}
