/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing of table.h, the reader of import files: any bytes give headings, then rows of as many
 * cells, in order of lines, every cell in valid UTF-8 without NUL and within its length; or a fault
 * with its line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	int n_columns;
	int64_t line;
};

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
check_row(struct reader *reader, const struct table_row *row)
{
	check(row->n_cells > 0 && row->n_cells <= TABLE_MAX_COLUMNS);
	check(row->line >= reader->line);
	reader->line = row->line;
	for (int i = 0; i < row->n_cells; i++)
		check(utf8_valid(row->cells[i], strlen(row->cells[i])));
}

static bool
on_headings(void *data, const struct table_row *row)
{
	struct reader *reader = data;

	check(reader->n_columns == 0);
	check_row(reader, row);
	reader->n_columns = row->n_cells;
	return true;
}

static bool
on_row(void *data, const struct table_row *row)
{
	struct reader *reader = data;

	check_row(reader, row);
	check(row->n_cells == reader->n_columns);
	for (int i = 0; i < row->n_cells; i++)
		check(strlen(row->cells[i]) <= TABLE_MAX_CELL);
	return true;
}

static bool
on_fault(void *data, int64_t line, const char *column, const char *reason)
{
	(void)data;
	(void)column;
	check(line >= 0 && *reason);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct table_handler handler = {on_headings, on_row, on_fault};
	struct reader reader = {0};
	char path[64];
	int fd = memfd_create("csv", MFD_CLOEXEC);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	table_read(path, &handler, &reader);
	close(fd);
	return 0;
}
