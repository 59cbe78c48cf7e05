/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "crypto/digest.h"

enum { CHUNK = 1 << 16 };

static const char wrong_bytes[] = "有既不是 UTF-8 也不是 GB18030 的字节";

struct reader {
	const struct table_handler *handler;
	void *data;
	FILE *file;
	iconv_t convert; /* (iconv_t)-1: already UTF-8 */
	char *cells[TABLE_MAX_COLUMNS];
	char *headings[TABLE_MAX_COLUMNS];
	int n_cells, n_headings;
	int64_t line;
	bool too_many, stopped, failed;
};

static FILE *
open_bounded(const char *path)
{
	struct stat status;
	FILE *file = fopen(path, "r");

	if (!file || fstat(fileno(file), &status) < 0) {
		fprintf(stderr, "打不开 %s：%s\n", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		fprintf(stderr, "%s 不是普通文件\n", path);
	} else if (status.st_size > TABLE_MAX_BYTES) {
		fprintf(stderr, "%s 有 %lld 字节，超过上限 1 GiB；请按乡镇或年份拆开再导入\n", path,
			(long long)status.st_size);
	} else if (status.st_size == 0) {
		fprintf(stderr, "%s 是空文件\n", path);
	} else {
		return file;
	}
	if (file)
		fclose(file);
	return NULL;
}

bool
table_digest(const char *path, char ret_digest[static 65])
{
	FILE *file = open_bounded(path);
	struct digest *digest = digest_new(DIGEST_SM3);
	uint8_t bytes[DIGEST_SIZE];
	char chunk[CHUNK];
	size_t length;
	bool ok = file && digest;

	while (ok && (length = fread(chunk, 1, sizeof chunk, file)) > 0)
		ok = digest_add(digest, chunk, length) == 0;
	ok = ok && !ferror(file) && digest_end(digest, bytes) == 0;
	for (size_t i = 0; ok && i < DIGEST_SIZE; i++)
		snprintf(ret_digest + 2 * i, 3, "%02x", bytes[i]);
	digest_free(digest);
	if (file)
		fclose(file);
	return ok;
}

static bool
fault(struct reader *reader, const char *column, const char *reason)
{
	reader->failed = true;
	if (!reader->handler->fault(reader->data, reader->line, column, reason))
		reader->stopped = true;
	return false;
}

static const char *
heading_of(const struct reader *reader, int column)
{
	return column < reader->n_headings ? reader->headings[column] : NULL;
}

/* What a spreadsheet would run (CSV injection); a minus before digits is a number. */
static bool
is_formula(const char *cell)
{
	if (cell[0] == '-' || cell[0] == '+')
		return cell[1] < '0' || cell[1] > '9';
	return cell[0] == '=' || cell[0] == '@' || cell[0] == '\t';
}

static bool
check_cell(struct reader *reader, const char *cell, size_t length)
{
	const char *column = heading_of(reader, reader->n_cells);

	if (length > TABLE_MAX_CELL)
		return fault(reader, column, "内容过长，一格最多 4096 字节");
	if (memchr(cell, '\0', length))
		return fault(reader, column, "含有 NUL 字节");
	if (!utf8_valid(cell, length))
		return fault(reader, column, wrong_bytes);
	if (length && is_formula(cell))
		return fault(reader, column, "内容像公式（以 = + - @ 开头），请改成文字");
	return true;
}

static void
on_cell(void *bytes, size_t length, void *data)
{
	struct reader *reader = data;

	if (reader->stopped)
		return;
	if (reader->n_cells == 0)
		reader->line++; /* a row's first cell */
	if (reader->n_cells == TABLE_MAX_COLUMNS) {
		reader->too_many = true;
		return;
	}
	check_cell(reader, bytes ? bytes : "", length);
	reader->cells[reader->n_cells++] = bytes ? strndup(bytes, length) : strdup("");
}

static void
forget_cells(struct reader *reader)
{
	for (int i = 0; i < reader->n_cells; i++)
		free(reader->cells[i]);
	reader->n_cells = 0;
	reader->too_many = false;
	reader->failed = false;
}

static void
take_headings(struct reader *reader)
{
	const struct table_row row = {reader->line, reader->n_cells, reader->cells};

	if (reader->too_many)
		fault(reader, NULL, "列数过多，最多 64 列");
	for (int i = 0; i < reader->n_cells; i++)
		for (int j = 0; j < i; j++)
			if (strcmp(reader->cells[i], reader->cells[j]) == 0)
				fault(reader, reader->cells[i], "这一列出现了两次");
	if (reader->failed) { /* without headings no row can be understood */
		reader->stopped = true;
		return;
	}
	memcpy(reader->headings, reader->cells, sizeof reader->headings);
	reader->n_headings = reader->n_cells;
	reader->n_cells = 0;
	if (!reader->handler->headings(reader->data, &row))
		reader->stopped = true;
}

static void
on_row(int end, void *data)
{
	struct reader *reader = data;
	struct table_row row;

	(void)end;
	if (reader->stopped)
		return;
	row = (struct table_row){reader->line, reader->n_cells, reader->cells};
	if (!reader->n_headings) {
		take_headings(reader);
		return;
	}
	if (reader->too_many || reader->n_cells != reader->n_headings)
		fault(reader, NULL, "列数与表头不符");
	else if (!reader->failed && !reader->handler->row(reader->data, &row))
		reader->stopped = true;
	forget_cells(reader);
}

/*
 * UTF-8, with or without the mark that spreadsheets put first, or GB18030. The headings tell which,
 * when they are not ASCII alone: a wrong byte in a later row does not make the file another one.
 */
static bool
tell_encoding(struct reader *reader)
{
	char chunk[CHUNK];
	size_t length = fread(chunk, 1, sizeof chunk, reader->file);
	const char *line_end = memchr(chunk, '\n', length);
	size_t whole = line_end ? (size_t)(line_end - chunk) : length;
	bool is_marked = length >= 3 && memcmp(chunk, "\xef\xbb\xbf", 3) == 0;

	if (length >= 2 &&
	    (memcmp(chunk, "\xff\xfe", 2) == 0 || memcmp(chunk, "\xfe\xff", 2) == 0)) {
		reader->line = 1;
		return fault(reader, NULL, "是 UTF-16 文件，请另存为 UTF-8 或 GB18030 的 CSV");
	}
	for (size_t i = 0; i < whole && (unsigned char)chunk[i] < 0x80; i++)
		if (i + 1 == whole)
			whole = length;
	/* The chunk may end inside a character. */
	for (size_t end = whole; whole && whole + 4 > end && !utf8_valid(chunk, whole);)
		whole--;
	if (!utf8_valid(chunk, whole))
		reader->convert = iconv_open("UTF-8", "GB18030");
	return fseek(reader->file, is_marked ? 3 : 0, SEEK_SET) == 0;
}

/* Converts what is in `in`; the rest of a cut character stays there. */
static bool
feed(struct reader *reader, struct csv_parser *parser, char *in, size_t *in_length)
{
	char out[4 * CHUNK], *from = in, *to = out;
	size_t left = *in_length, room = sizeof out;
	bool is_wrong;

	if (reader->convert == (iconv_t)-1) {
		*in_length = 0;
		return csv_parse(parser, in, left, on_cell, on_row, reader) == left;
	}
	is_wrong =
	    iconv(reader->convert, &from, &left, &to, &room) == (size_t)-1 && errno != EINVAL;
	memmove(in, from, left);
	*in_length = left;
	if (csv_parse(parser, out, sizeof out - room, on_cell, on_row, reader) != sizeof out - room)
		return false;
	if (is_wrong && !reader->stopped) {
		reader->line += reader->n_cells == 0;
		fault(reader, heading_of(reader, reader->n_cells), wrong_bytes);
		reader->stopped = true;
	}
	return true;
}

static bool
read_csv(struct reader *reader)
{
	struct csv_parser parser;
	char in[CHUNK];
	size_t held = 0, length;
	bool ok = csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) == 0;

	reader->stopped = !tell_encoding(reader);
	while (ok && !reader->stopped &&
	       (length = fread(in + held, 1, sizeof in - held, reader->file)) > 0) {
		held += length;
		ok = feed(reader, &parser, in, &held);
	}
	if (ok && !reader->stopped && (held || csv_fini(&parser, on_cell, on_row, reader) != 0))
		ok = false;
	if (!ok && !reader->stopped) {
		reader->line += reader->n_cells == 0;
		fault(reader, NULL, "引号不成对，或文件在一行中间断开");
	}
	csv_free(&parser);
	if (reader->convert != (iconv_t)-1)
		iconv_close(reader->convert);
	return ok && !ferror(reader->file);
}

static bool
read_lines(struct reader *reader)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while (!reader->stopped && (length = getline(&line, &size, reader->file)) > 0) {
		const struct table_row row = {++reader->line, 1, &line};

		if (strlen(line) != (size_t)length || line[length - 1] != '\n')
			fault(reader, NULL, "行没有结束，或含有 NUL 字节");
		else if (!reader->handler->row(reader->data, &row))
			reader->stopped = true;
	}
	free(line);
	return !ferror(reader->file);
}

bool
table_read(const char *path, const struct table_handler *handler, void *data)
{
	struct reader reader = {.handler = handler, .data = data, .convert = (iconv_t)-1};
	const char *suffix = strrchr(path, '.');
	bool ok;

	reader.file = open_bounded(path);
	if (!reader.file)
		return false;
	ok = suffix && strcmp(suffix, ".csv") != 0 ? read_lines(&reader) : read_csv(&reader);
	forget_cells(&reader);
	for (int i = 0; i < reader.n_headings; i++)
		free(reader.headings[i]);
	fclose(reader.file);
	return ok && !reader.stopped;
}
