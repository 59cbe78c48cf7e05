/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlstate.h"

#include <string.h>

/* A whole code, or the two characters of a class; the first match counts, so codes precede classes.
 */
static const struct {
	const char *prefix;
	enum db_outcome outcome;
} table[] = {
    {"40001", DB_CONFLICT},    {"40P01", DB_CONFLICT},    {"23505", DB_UNIQUE},
    {"23503", DB_FOREIGN_KEY}, {"23514", DB_CHECK},       {"23P01", DB_EXCLUSION},
    {"23502", DB_NOT_NULL},    {"22", DB_BAD_VALUE},      {"42501", DB_DENIED},
    {"25006", DB_DENIED},      {"28", DB_DENIED},         {"57014", DB_TIMEOUT},
    {"55P03", DB_TIMEOUT},     {"25P03", DB_UNAVAILABLE}, {"57P", DB_UNAVAILABLE},
    {"08", DB_UNAVAILABLE},    {"53100", DB_DISK_FULL},   {"53", DB_UNAVAILABLE},
    {"58", DB_UNAVAILABLE},
};

enum { N_TABLE = sizeof table / sizeof table[0] };

/* What `expect` of a statement raises (stmt.c): a failing cast, the one error plain SQL can raise
 * with a text of its own; the text is quoted in PostgreSQL's message in every language. */
static const char expectation_mark[] = "\"mz-expect ";

static const struct {
	const char *name, *text;
} outcomes[] = {
#define DB_OUTCOME_ROW(name, text) {#name, text},
    DB_OUTCOMES(DB_OUTCOME_ROW)
#undef DB_OUTCOME_ROW
};

enum db_outcome
db_outcome_of(const char *sqlstate, const char *text)
{
	if (strcmp(sqlstate, "22P02") == 0 && text && strstr(text, expectation_mark))
		return DB_EXPECTATION;
	for (size_t i = 0; i < N_TABLE; i++) {
		if (strncmp(sqlstate, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].outcome;
	}
	return DB_BROKEN;
}

const char *
db_outcome_name(enum db_outcome outcome)
{
	return outcomes[outcome].name;
}

const char *
db_outcome_text(enum db_outcome outcome)
{
	return outcomes[outcome].text;
}
