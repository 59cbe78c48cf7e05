/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log: one JSON object a line, to one descriptor.
 *
 *	log_info("listening", LOG_TEXT("address", address), LOG_NUMBER("port", port));
 *	{"at":"2026-07-01T08:00:00.000000Z","level":"info","service":"relief","pid":7,"event":…}
 *
 * A line is one write of at most LOG_LINE_MAX bytes, so lines of several processes do not mix.
 * Logging never blocks and never fails: past the allowed lines a second, or when the reader does
 * not keep up, a line is dropped and the next one that goes out says how many were (`dropped`).
 *
 * No personal data (CMP-07): LOG_TEXT shows any run of 7 or more digits by its last two only,
 * because messages of other programs, PostgreSQL's for one, quote ID numbers, telephones and
 * accounts; ids, paths and trace numbers are LOG_ID. An error is logged once, where it is handled.
 */
#ifndef MZ_BASE_LOG_H
#define MZ_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum { LOG_LINE_MAX = 4096, LOG_TEXT_MAX = 1024 };

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
};

enum log_kind {
	LOG_KIND_END,
	LOG_KIND_TEXT,
	LOG_KIND_ID,
	LOG_KIND_NUMBER,
};

struct log_field {
	enum log_kind kind;
	const char *name; /* lower case with underscores */
	const char *text; /* may be NULL: written as null */
	int64_t number;
};

/* Text that may quote anything; cut at LOG_TEXT_MAX bytes. */
#define LOG_TEXT(field, value) ((struct log_field){LOG_KIND_TEXT, (field), (value), 0})
/* An id, path or code of our own making, shown as it is. */
#define LOG_ID(field, value) ((struct log_field){LOG_KIND_ID, (field), (value), 0})
#define LOG_NUMBER(field, value) \
	((struct log_field){LOG_KIND_NUMBER, (field), NULL, (int64_t)(value)})
/* A negative errno, as its text. */
#define LOG_ERRNO(error) LOG_ID("error", log_errno(error))

struct log_config {
	int fd;                 /* not owned */
	enum log_level level;   /* lower ones are not written */
	const char *service;    /* must outlive the log */
	int64_t lines_a_second; /* below error level, and as many errors; 0: no limit */
};

/* Before this call the log goes to standard error from level info on, 1,000 lines a second. */
void log_setup(const struct log_config *config);

/* Writes a line, unless its level is too low; fields end with one of LOG_KIND_END. */
void log_write(enum log_level level, const char *event, const struct log_field *fields);

/* Reads "debug", "info", "warning" or "error". */
bool log_parse_level(const char *text, enum log_level *ret_level);

/* Lines dropped by this process since its start. */
uint64_t log_dropped(void);

/* The text of a negative errno; never NULL. */
const char *log_errno(int error);

#define LOG_FIELDS(...)         ((const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){LOG_KIND_END}})
#define log_debug(event, ...)   log_write(LOG_LEVEL_DEBUG, (event), LOG_FIELDS(__VA_ARGS__))
#define log_info(event, ...)    log_write(LOG_LEVEL_INFO, (event), LOG_FIELDS(__VA_ARGS__))
#define log_warning(event, ...) log_write(LOG_LEVEL_WARNING, (event), LOG_FIELDS(__VA_ARGS__))
#define log_error(event, ...)   log_write(LOG_LEVEL_ERROR, (event), LOG_FIELDS(__VA_ARGS__))

#endif
