/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"

/* Digits in a row that may be an ID number, a telephone or an account; of such a run the last stay.
 */
enum { LONG_RUN = 7, SHOWN_OF_RUN = 2 };

/* Room kept at a line's end for what closes it. */
enum { RESERVE = 48 };

/* Lines of the running second. */
struct rate {
	int64_t second;
	int64_t lines;
};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

static struct log_config config = {
    .fd = STDERR_FILENO,
    .level = LOG_LEVEL_INFO,
    .service = "minzheng",
    .lines_a_second = 1000,
};
static struct rate rates[2]; /* below error level, errors */
static uint64_t dropped, dropped_told;

void
log_setup(const struct log_config *new_config)
{
	config = *new_config;
	memset(rates, 0, sizeof rates);
}

bool
log_parse_level(const char *text, enum log_level *ret_level)
{
	for (int i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

uint64_t
log_dropped(void)
{
	return dropped;
}

const char *
log_errno(int error)
{
	const char *text = strerrordesc_np(-error);

	return text ? text : "unknown error";
}

static void
put_scrubbed(struct buf *line, const char *text)
{
	char shown[LOG_TEXT_MAX + 1];
	size_t length = strnlen(text, LOG_TEXT_MAX), run;

	memcpy(shown, text, length);
	shown[length] = '\0';
	for (char *at = shown; *at; at += run + !run) {
		run = strspn(at, "0123456789");
		if (run >= LONG_RUN)
			memset(at, '*', run - SHOWN_OF_RUN);
	}
	buf_put_json(line, shown, length);
}

/* A field that does not fit is left out whole, as are those behind it. */
static void
put_field(struct buf *line, const struct log_field *field)
{
	size_t before = line->length;

	buf_printf(line, ",\"%s\":", field->name);
	if (field->kind == LOG_KIND_NUMBER)
		buf_printf(line, "%" PRId64, field->number);
	else if (!field->text)
		buf_puts(line, "null");
	else if (field->kind == LOG_KIND_TEXT)
		put_scrubbed(line, field->text);
	else
		buf_put_json(line, field->text, strlen(field->text));
	if (line->failed)
		line->length = before;
}

static void
close_line(struct buf *line)
{
	const char *cut = line->failed ? ",\"cut\":true" : "";

	line->failed = false;
	line->limit += RESERVE;
	buf_puts(line, cut);
	if (dropped > dropped_told)
		buf_printf(line, ",\"dropped\":%" PRIu64, dropped - dropped_told);
	buf_puts(line, "}\n");
}

static bool
within_rate(enum log_level level)
{
	struct rate *rate = &rates[level == LOG_LEVEL_ERROR];
	int64_t second = clock_monotonic_us() / CLOCK_US_PER_SECOND;

	if (config.lines_a_second == 0)
		return true;
	if (rate->second != second)
		*rate = (struct rate){.second = second};
	return rate->lines++ < config.lines_a_second;
}

/* A pipe that says it is writable takes PIPE_BUF bytes without blocking. */
static bool
write_line(const struct buf *line)
{
	struct pollfd ready = {.fd = config.fd, .events = POLLOUT};
	ssize_t n;

	if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
		return false;
	do
		n = write(config.fd, line->data, line->length);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)line->length;
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	char bytes[LOG_LINE_MAX + 1], at[INSTANT_TEXT_SIZE];
	struct buf line = {
	    .data = bytes, .capacity = sizeof bytes, .limit = LOG_LINE_MAX - RESERVE};

	if (level < config.level)
		return;
	if (!within_rate(level)) {
		dropped++;
		return;
	}
	buf_printf(&line,
		   "{\"at\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"pid\":%d,\"event\":\"%s\"",
		   instant_format(clock_now_us(), at), level_names[level], config.service, getpid(),
		   event);
	for (; fields->kind != LOG_KIND_END; fields++)
		put_field(&line, fields);
	close_line(&line);
	if (write_line(&line))
		dropped_told = dropped;
	else
		dropped++;
}
