/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/utf8.h"

/* Digits in a row that may be an ID number, a telephone or an account; of such a run the last stay.
 */
enum { LONG_RUN = 7, SHOWN_OF_RUN = 2 };

/* Room kept at a line's end for what closes it. */
enum { RESERVE = 48, NUMBER_TEXT_SIZE = 24 };

struct line {
	char bytes[LOG_LINE_MAX];
	size_t length;
	bool full;
};

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
log_enabled(enum log_level level)
{
	return level >= config.level;
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
put(struct line *line, const char *bytes, size_t length)
{
	if (line->full || length > sizeof line->bytes - RESERVE - line->length) {
		line->full = true;
		return;
	}
	memcpy(line->bytes + line->length, bytes, length);
	line->length += length;
}

static void
put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static void
put_number(struct line *line, int64_t number)
{
	char text[NUMBER_TEXT_SIZE];

	snprintf(text, sizeof text, "%" PRId64, number);
	put_text(line, text);
}

/* One character of a JSON text, length bytes long; a byte that is no UTF-8 comes with length 0. */
static void
put_character(struct line *line, const char *bytes, size_t length)
{
	unsigned char first = (unsigned char)*bytes;
	char escaped[8];

	if (length == 0) {
		put_text(line, "\xef\xbf\xbd");
	} else if (first == '"' || first == '\\') {
		put(line, "\\", 1);
		put(line, bytes, 1);
	} else if (first < 0x20 || first == 0x7f) {
		snprintf(escaped, sizeof escaped, "\\u%04x", first);
		put_text(line, escaped);
	} else {
		put(line, bytes, length);
	}
}

static size_t
digits_at(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

static void
put_json(struct line *line, const char *text, bool scrub)
{
	size_t length = strnlen(text, LOG_TEXT_MAX + 1), run;

	if (length > LOG_TEXT_MAX)
		length = utf8_cut(text, length, LOG_TEXT_MAX);
	put(line, "\"", 1);
	for (size_t i = 0; i < length;) {
		uint32_t character;
		size_t step = utf8_decode(text + i, length - i, &character);

		run = scrub ? digits_at(text + i, length - i) : 0;
		if (run >= LONG_RUN) {
			put(line, "*****", 5);
			put(line, text + i + run - SHOWN_OF_RUN, SHOWN_OF_RUN);
			i += run;
		} else if (run > 0) {
			put(line, text + i, run);
			i += run;
		} else {
			put_character(line, text + i, step);
			i += step ? step : 1;
		}
	}
	put(line, "\"", 1);
}

static void
put_hidden(struct line *line, const char *text)
{
	put_text(line, "\"(");
	put_number(line, (int64_t)utf8_count(text, strlen(text)));
	put_text(line, " characters)\"");
}

static void
put_value(struct line *line, const struct log_field *field)
{
	if (field->kind == LOG_KIND_NUMBER)
		put_number(line, field->number);
	else if (field->kind == LOG_KIND_BOOL)
		put_text(line, field->number ? "true" : "false");
	else if (!field->text)
		put_text(line, "null");
	else if (field->kind == LOG_KIND_HIDDEN)
		put_hidden(line, field->text);
	else
		put_json(line, field->text, field->kind == LOG_KIND_TEXT);
}

/* A field that does not fit is left out whole, as are those behind it. */
static void
put_field(struct line *line, const struct log_field *field)
{
	size_t before = line->length;

	put_text(line, ",\"");
	put_text(line, field->name);
	put_text(line, "\":");
	put_value(line, field);
	if (line->full)
		line->length = before;
}

static void
close_line(struct line *line)
{
	int n;

	n = snprintf(line->bytes + line->length, sizeof line->bytes - line->length, "%s",
		     line->full ? ",\"cut\":true" : "");
	line->length += (size_t)n;
	if (dropped > dropped_told) {
		n = snprintf(line->bytes + line->length, sizeof line->bytes - line->length,
			     ",\"dropped\":%" PRIu64, dropped - dropped_told);
		line->length += (size_t)n;
	}
	memcpy(line->bytes + line->length, "}\n", 2);
	line->length += 2;
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
write_line(const struct line *line)
{
	struct pollfd ready = {.fd = config.fd, .events = POLLOUT};
	ssize_t n;

	if (poll(&ready, 1, 0) != 1 || !(ready.revents & POLLOUT))
		return false;
	do
		n = write(config.fd, line->bytes, line->length);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)line->length;
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	struct line line; /* not cleared: it is large, and only `length` bytes of it are read */
	char at[INSTANT_TEXT_SIZE];
	const struct log_field head[] = {
	    LOG_ID("level", level_names[level]),
	    LOG_ID("service", config.service),
	    LOG_NUMBER("pid", getpid()),
	    LOG_ID("event", event),
	};

	if (!log_enabled(level))
		return;
	if (!within_rate(level)) {
		dropped++;
		return;
	}
	line.length = 0;
	line.full = false;
	put_text(&line, "{\"at\":\"");
	put_text(&line, instant_format(clock_now_us(), at));
	put_text(&line, "\"");
	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		put_field(&line, &head[i]);
	for (; fields->kind != LOG_KIND_END; fields++)
		put_field(&line, fields);
	close_line(&line);
	if (write_line(&line))
		dropped_told = dropped;
	else
		dropped++;
}
