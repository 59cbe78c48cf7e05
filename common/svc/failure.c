/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/failure.h"

#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "db/migrate.h"
#include "svc/copy.h"

enum { MAX_WORDS = 4096 };

static const struct {
	enum rpc_code code;
	const char *reason; /* when no constraint names a better one */
} meanings[] = {
    [DB_OK] = {RPC_OK, NULL},
    [DB_CONFLICT] = {RPC_ABORTED, "CONFLICT"},
    [DB_UNIQUE] = {RPC_ALREADY_EXISTS, "EXISTS"},
    [DB_FOREIGN_KEY] = {RPC_FAILED_PRECONDITION, "REFERENCE"},
    [DB_CHECK] = {RPC_FAILED_PRECONDITION, "CONSTRAINT"},
    [DB_EXCLUSION] = {RPC_FAILED_PRECONDITION, "OVERLAP"},
    [DB_NOT_NULL] = {RPC_INVALID_ARGUMENT, "MISSING_VALUE"},
    [DB_EXPECTATION] = {RPC_ABORTED, "CHANGED"},
    [DB_BAD_VALUE] = {RPC_INVALID_ARGUMENT, "BAD_VALUE"},
    [DB_DENIED] = {RPC_INTERNAL, "DATABASE_DENIED"},
    [DB_TIMEOUT] = {RPC_DEADLINE_EXCEEDED, "TIMEOUT"},
    [DB_BUSY] = {RPC_RESOURCE_EXHAUSTED, "BUSY"},
    [DB_TOO_LARGE] = {RPC_RESOURCE_EXHAUSTED, "TOO_LARGE"},
    [DB_DISK_FULL] = {RPC_RESOURCE_EXHAUSTED, "DISK_FULL"},
    [DB_UNAVAILABLE] = {RPC_UNAVAILABLE, "DATABASE_UNAVAILABLE"},
    [DB_BROKEN] = {RPC_INTERNAL, "BROKEN_STATEMENT"},
};

static const char *
upper(struct arena *arena, const char *name)
{
	char *copy = arena_strdup(arena, name);

	for (char *at = copy; at && *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return copy;
}

/* The reason with which a comment begins, taken off the text; NULL when it has none. */
static const char *
own_reason(struct arena *arena, const char **text)
{
	const char *whole = *text;
	size_t length = whole ? strspn(whole, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") : 0;

	if (length == 0 || whole[length] != ' ')
		return NULL;
	*text = whole + length + 1;
	return arena_strndup(arena, whole, length);
}

void
failure_set_db(struct svc_failure *failure, struct arena *arena, const struct db_error *error,
	       const struct words *words)
{
	enum rpc_code code = meanings[error->outcome].code;
	const char *reason = meanings[error->outcome].reason;
	const char *text = NULL;

	if (error->ambiguous) {
		svc_failure_set(failure, arena, RPC_UNAVAILABLE, "OUTCOME_UNKNOWN",
				"与数据库的连接中断，不知是否已办成；请用同一个 request_id 重试");
		return;
	}
	/* Defects of ours are for the log; callers get no names of tables. */
	if (code == RPC_INTERNAL || error->outcome == DB_BAD_VALUE)
		log_error("statement_failed", LOG_ID("statement", error->label),
			  LOG_ID("sqlstate", error->sqlstate), LOG_TEXT("text", error->text));
	if (error->constraint && code != RPC_INTERNAL) {
		text = words ? map_get(&words->map, error->constraint, MAP_TEXT) : NULL;
		reason = own_reason(arena, &text);
		if (!reason)
			reason = upper(arena, error->constraint);
	}
	svc_failure_set(failure, arena, code, reason, "%s",
			text ? text : db_outcome_text(error->outcome));
}

bool
failure_meaning(enum db_outcome outcome, struct svc_reason *ret_reason)
{
	*ret_reason = (struct svc_reason){meanings[outcome].code, meanings[outcome].reason,
					  db_outcome_text(outcome)};
	return ret_reason->reason != NULL;
}

/* "constraint<TAB>text"; tables that share a constraint's name share its first text. */
static void
keep_word(void *data, const char *line)
{
	struct words *words = data;
	char *name = arena_strdup(words->arena, line);
	char *tab = name ? strchr(name, '\t') : NULL;

	if (!tab)
		return;
	*tab = '\0';
	map_add(&words->map, name, MAP_TEXT, tab + 1);
}

void
words_read(struct words *words, struct arena *arena, const char *conninfo, const char *schema)
{
	words->arena = arena;
	map_init(&words->map, arena, MAX_WORDS);
	db_lines(
	    conninfo, schema,
	    "SELECT c.conname || E'\\t' || d.description FROM pg_constraint c JOIN pg_description d"
	    " ON d.objoid = c.oid AND d.classoid = 'pg_constraint'::regclass"
	    " WHERE c.connamespace = current_schema()::regnamespace"
	    " AND d.description !~ '^national: ' ORDER BY 1",
	    keep_word, words);
}

void
failure_add_details(const struct svc_failure *failure, const char *domain, struct rpc_call *call)
{
	ErrorInfo info;

	error_info__init(&info);
	if (failure->code != RPC_OK && failure->reason) {
		info.reason = lend(failure->reason);
		info.domain = lend(domain);
		rpc_call_add_detail(call, &info.base);
	}
	if (failure->fields)
		rpc_call_add_detail(call, &failure->fields->base);
}

void
failure_send(const struct svc_failure *failure, const char *domain, struct rpc_call *call)
{
	failure_add_details(failure, domain, call);
	rpc_call_finish(call, failure->code, failure->text);
}
