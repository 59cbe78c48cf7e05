/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kinds: the files that can be loaded, each with the rpcs that take it and the meaning of its
 * columns.
 */
#ifndef MZ_TOOL_KINDS_H
#define MZ_TOOL_KINDS_H

#include <stdbool.h>

enum column_type {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_DATE, /* YYYY-MM-DD to google.type.Date */
	COLUMN_YUAN, /* 12.34 to fen; fractions of a fen are refused */
};

struct column {
	const char *heading; /* in the file */
	const char *field;   /* of the row's message, as in the proto */
	enum column_type type;
	bool required; /* the column must be there */
};

struct kind {
	const char *name;
	const char *what;
	const char *service; /* full name */
	const char
	    *create; /* rpc that opens a staged import; NULL: rows take effect batch by batch */
	const char *create_fields; /* JSON members besides the common ones, a comma after each */
	const char *upload;
	const char *commit, *problems;
	const struct column *columns; /* ended by one without heading; NULL: JSON lines */
	int batch;
};

/* NULL when there is none. */
const struct kind *kind_find(const char *name);
/* The i-th; NULL past the last. */
const struct kind *kind_at(int i);

#endif
