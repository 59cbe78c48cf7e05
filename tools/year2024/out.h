/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out: the files of the sample year.
 *
 * Two kinds: tables as the bureau has them (CSV with Chinese headings, in UTF-8 or GB18030), and
 * the year's calls, one JSON object a line: who (`as`), when (`at`), which rpc (`call`), with what
 * (`request`), and a `key` within which order is kept. Calls are collected, sorted by time and
 * written month by month.
 */
#ifndef YEAR2024_OUT_H
#define YEAR2024_OUT_H

#include <stddef.h>
#include <stdio.h>

#include "base/date.h"

enum out_encoding { OUT_UTF8, OUT_GB18030 };

struct table;

/* Opens DIR/NAME and writes the headings, separated by commas. Ends the program with a message when
 * it cannot. */
struct table *table_open(const char *dir, const char *name, enum out_encoding encoding,
			 const char *headings);
/* One line, printf-like; no field may need quoting. */
void table_row(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_close(struct table *table);

struct calls;

struct calls *calls_new(void);
/* One call at so many seconds after midnight of the day (Asia/Shanghai). The request is a JSON
 * object, printf-like. */
void calls_add(struct calls *calls, struct date day, int second, const char *account,
	       const char *method, const char *key, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
/* A monthly run of payment: all that is due by then is paid, by the accounts of accounts.h. */
void calls_add_pay(struct calls *calls, struct date day, int second, const char *programme,
		   int month);
/* Writes DIR/2024-01.calls … and frees. */
void calls_write(struct calls *calls, const char *dir);

#endif
