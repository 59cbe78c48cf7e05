/* SPDX-License-Identifier: Apache-2.0 */
#include "out.h"

#include <err.h>
#include <errno.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"

struct table {
	FILE *file;
	iconv_t convert; /* (iconv_t)-1: UTF-8 */
};

enum { LINE_SIZE = 4096, GROW = 4096 };

static FILE *
open_in(const char *dir, const char *name)
{
	char path[LINE_SIZE];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file)
		err(1, "写不了 %s", path);
	return file;
}

static void
write_line(struct table *table, char *line, size_t length)
{
	char converted[2 * LINE_SIZE], *in = line, *out = converted;
	size_t in_left = length, out_left = sizeof converted;

	if (table->convert == (iconv_t)-1) {
		fwrite(line, 1, length, table->file);
		return;
	}
	if (iconv(table->convert, &in, &in_left, &out, &out_left) == (size_t)-1)
		err(1, "转换到 GB18030");
	fwrite(converted, 1, sizeof converted - out_left, table->file);
}

struct table *
table_open(const char *dir, const char *name, enum out_encoding encoding, const char *headings)
{
	struct table *table = calloc(1, sizeof *table);

	if (!table)
		err(1, "没有内存");
	table->file = open_in(dir, name);
	table->convert = encoding == OUT_GB18030 ? iconv_open("GB18030", "UTF-8") : (iconv_t)-1;
	if (encoding == OUT_GB18030 && table->convert == (iconv_t)-1)
		err(1, "本机没有 GB18030 编码转换");
	table_row(table, "%s", headings);
	return table;
}

void
table_row(struct table *table, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof line - 1, format, args);
	va_end(args);
	if (length < 0 || length >= (int)sizeof line - 1)
		errx(1, "表格的一行太长");
	line[length++] = '\n';
	write_line(table, line, (size_t)length);
}

void
table_close(struct table *table)
{
	if (fclose(table->file))
		err(1, "写文件");
	if (table->convert != (iconv_t)-1)
		iconv_close(table->convert);
	free(table);
}

struct one_call {
	struct date day;
	int second;
	int number; /* as added: the order of equal times */
	char *line;
};

struct calls {
	struct one_call *all;
	int count;
};

struct calls *
calls_new(void)
{
	struct calls *calls = calloc(1, sizeof *calls);

	if (!calls)
		err(1, "没有内存");
	return calls;
}

static void
keep(struct calls *calls, struct date day, int second, char *line)
{
	struct one_call *call;

	if (calls->count % GROW == 0) {
		calls->all =
		    realloc(calls->all, (size_t)(calls->count + GROW) * sizeof *calls->all);
		if (!calls->all)
			err(1, "没有内存");
	}
	call = &calls->all[calls->count];
	*call = (struct one_call){.day = day, .second = second, .number = calls->count++};
	call->line = line;
}

void
calls_add(struct calls *calls, struct date day, int second, const char *account, const char *method,
	  const char *key, const char *format, ...)
{
	char *request, date[DATE_TEXT_SIZE], *line;
	va_list args;

	va_start(args, format);
	if (vasprintf(&request, format, args) < 0)
		err(1, "没有内存");
	va_end(args);
	if (asprintf(&line,
		     "{\"at\":\"%sT%02d:%02d:%02d+08:00\",\"as\":\"%s\",\"call\":\"%s\",\"key\":\"%"
		     "s\",\"request\":%s}\n",
		     date_format(day, date), second / 3600, second / 60 % 60, second % 60, account,
		     method, key, request) < 0)
		err(1, "没有内存");
	free(request);
	keep(calls, day, second, line);
}

void
calls_add_pay(struct calls *calls, struct date day, int second, const char *programme, int month)
{
	char date[DATE_TEXT_SIZE], booked[DATE_TEXT_SIZE], *line;

	if (asprintf(&line,
		     "{\"at\":\"%sT%02d:%02d:00+08:00\",\"pay\":{\"programme\":\"%s\",\"month\":"
		     "\"2024-%02d\","
		     "\"bookedOn\":\"%s\",\"maker\":\"" CASHIER "\",\"checker\":\"" CHECKER
		     "\",\"approver\":\"" APPROVER "\"}}\n",
		     date_format(day, date), second / 3600, second / 60 % 60, programme, month,
		     date_format(date_add_days(day, 1), booked)) < 0)
		err(1, "没有内存");
	keep(calls, day, second, line);
}

static int
compare_calls(const void *a, const void *b)
{
	const struct one_call *left = a, *right = b;

	if (left->day.days != right->day.days)
		return left->day.days < right->day.days ? -1 : 1;
	if (left->second != right->second)
		return left->second < right->second ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

void
calls_write(struct calls *calls, const char *dir)
{
	int month = -1;
	FILE *file = NULL;

	qsort(calls->all, (size_t)calls->count, sizeof *calls->all, compare_calls);
	for (int i = 0; i < calls->count; i++) {
		int its_month = date_month(calls->all[i].day);
		char name[32];

		if (its_month != month) {
			if (file && fclose(file))
				err(1, "写文件");
			month = its_month;
			snprintf(name, sizeof name, "%04d-%02d.calls", month / 12, month % 12 + 1);
			file = open_in(dir, name);
		}
		fputs(calls->all[i].line, file);
		free(calls->all[i].line);
	}
	if (file && fclose(file))
		err(1, "写文件");
	free(calls->all);
	free(calls);
}
