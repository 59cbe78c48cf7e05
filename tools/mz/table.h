/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Table: a file of rows, read one at a time: CSV in UTF-8 or GB18030 (told apart by its bytes), or
 * JSON lines.
 *
 * CSV goes through libcsv; the first row names the columns, each once. Every fault has its line and
 * column: bytes that are neither encoding, NUL, an unclosed quote, too few or too many cells, a
 * cell over its length, a cell that a spreadsheet would run as a formula. A file over
 * TABLE_MAX_BYTES is refused before a byte of it is read.
 */
#ifndef MZ_TOOL_TABLE_H
#define MZ_TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_MAX_COLUMNS = 64, TABLE_MAX_CELL = 4096 };
static const int64_t TABLE_MAX_BYTES = INT64_C(1) << 30;

struct table_row {
	int64_t line;
	int n_cells;
	char *const *cells; /* UTF-8; of a JSON line: one cell with the whole object */
};

struct table_handler {
	/* Headings of a CSV; false stops. Not called for JSON lines. */
	bool (*headings)(void *data, const struct table_row *row);
	/* One row; false stops. */
	bool (*row)(void *data, const struct table_row *row);
	/* A fault; column is NULL where there is none. False stops. */
	bool (*fault)(void *data, int64_t line, const char *column, const char *reason);
};

/*
 * Reads path. False when it could not be read to its end: a message is then on stderr, and whatever
 * rows were handled must not count. ret_digest is the SM3 of the file in hexadecimal.
 */
bool table_read(const char *path, const struct table_handler *handler, void *data);
bool table_digest(const char *path, char ret_digest[static 65]);

#endif
