/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/method.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "proto/wire.h"
#include "svc/copy.h"
#include "svc/decide.h"

enum { PERMISSION_SIZE = 128 };

/* -- who ------------------------------------------------------------------------------------- */

static int
compare_text(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static int
compare_number(const void *key, const void *item)
{
	int64_t a = *(const int64_t *)key, b = *(const int64_t *)item;

	return (a > b) - (a < b);
}

static bool
is_held(const struct svc_caller *caller, const char *permission)
{
	return caller->n_permissions > 0 &&
	       bsearch(permission, caller->permissions, caller->n_permissions,
		       sizeof(*caller->permissions), compare_text);
}

/* Is `service.resource.verb` held with `*` in the place of its last word, of the one in the middle,
 * or of both? */
static bool
is_held_as_pattern(const struct svc_caller *caller, const char *permission)
{
	const char *first = strchr(permission, '.'), *last = strrchr(permission, '.');
	char pattern[PERMISSION_SIZE];
	int head;

	if (!first || first == last || strlen(permission) >= sizeof(pattern))
		return false;
	head = (int)(first - permission);
	snprintf(pattern, sizeof(pattern), "%.*s.*", (int)(last - permission), permission);
	if (is_held(caller, pattern))
		return true;
	snprintf(pattern, sizeof(pattern), "%.*s.*%s", head, permission, last);
	if (is_held(caller, pattern))
		return true;
	snprintf(pattern, sizeof(pattern), "%.*s.*.*", head, permission);
	return is_held(caller, pattern);
}

bool
svc_caller_may(const struct svc_caller *caller, const char *permission)
{
	return is_held(caller, permission) || is_held_as_pattern(caller, permission);
}

bool
svc_caller_covers(const struct svc_caller *caller, int64_t division)
{
	return caller->n_divisions > 0 && bsearch(&division, caller->divisions, caller->n_divisions,
						  sizeof(*caller->divisions), compare_number);
}

/* -- memory ---------------------------------------------------------------------------------- */

/* Gives memory back unless there is none; then the decision is left. */
static void *
or_leave(const struct svc_call *c, void *memory)
{
	if (memory)
		return memory;
	if (!c->run || !c->run->is_deciding)
		abort(); /* only a decision may call these functions */
	longjmp(c->run->out_of_memory, 1);
}

void *
svc_need(struct svc_call *c, void *memory)
{
	return or_leave(c, memory);
}

void *
svc_alloc(struct svc_call *c, size_t size)
{
	return or_leave(c, arena_zalloc(c->arena, 1, size));
}

char *
svc_text(struct svc_call *c, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(c->arena, format, args);
	va_end(args);
	return or_leave(c, text);
}

char *
svc_copy_text(struct svc_call *c, const char *text)
{
	return or_leave(c, arena_strdup(c->arena, text));
}

void *
svc_message(struct svc_call *c, const ProtobufCMessageDescriptor *type)
{
	return or_leave(c, wire_new(type, c->arena));
}

void *
svc_copy_message(struct svc_call *c, const void *message)
{
	return or_leave(c, copy_message(c->arena, message));
}

/* The place of a new item behind the last; the list is full at every power of two. */
static void *
grow(struct svc_call *c, size_t count, void *list, size_t size)
{
	char *items;

	memcpy(&items, list, sizeof(items));
	if ((count & (count - 1)) == 0) {
		char *grown = svc_alloc(c, (count == 0 ? 1 : 2 * count) * size);

		if (count > 0)
			memcpy(grown, items, count * size);
		items = grown;
		memcpy(list, &items, sizeof(items));
	}
	return items + count * size;
}

void *
svc_add(struct svc_call *c, size_t *count, void *list, const ProtobufCMessageDescriptor *type)
{
	void *message = svc_message(c, type);

	svc_append(c, count, list, &message, sizeof(message));
	return message;
}

void
svc_append(struct svc_call *c, size_t *count, void *list, const void *item, size_t size)
{
	memcpy(grow(c, *count, list, size), item, size);
	++*count;
}

/* -- ids ------------------------------------------------------------------------------------- */

char *
svc_made(struct svc_call *c)
{
	return c->run->n_ids_used < c->run->n_ids ? c->run->ids[c->run->n_ids_used++] : NULL;
}

char *
svc_keep_made(struct svc_call *c, const char *text)
{
	struct svc_run *run = c->run;
	char *copy = svc_copy_text(c, text);

	svc_append(c, &run->n_ids, &run->ids, &copy, sizeof(copy));
	run->n_ids_used = run->n_ids;
	return copy;
}

static char *
made_or_new(struct svc_call *c, struct uuid (*make)(void))
{
	char *made = svc_made(c), text[UUID_TEXT_SIZE];
	struct uuid id;

	if (made)
		return made;
	id = make();
	return svc_keep_made(c, uuid_format(&id, text));
}

static struct uuid
uuid_v7_now(void)
{
	return uuid_v7(clock_now_us());
}

char *
svc_new_id(struct svc_call *c)
{
	return made_or_new(c, uuid_v7_now);
}

char *
svc_new_key(struct svc_call *c)
{
	return made_or_new(c, uuid_v4);
}

char *
svc_id_or_new(struct svc_call *c, const char *chosen)
{
	return chosen && *chosen ? svc_copy_text(c, chosen) : svc_new_id(c);
}

/* -- money and dates ------------------------------------------------------------------------- */

char *
svc_yuan(struct svc_call *c, int64_t fen)
{
	if (fen % 100 == 0)
		return svc_text(c, "%" PRId64 "元", fen / 100);
	return svc_text(c, "%" PRId64 ".%02d元", fen / 100, (int)(fen % 100));
}

bool
svc_date_get(const Date *message, struct date *ret_date)
{
	return message && date_from_civil(message->year, message->month, message->day, ret_date);
}

struct date
svc_date_or(const Date *message, struct date otherwise)
{
	svc_date_get(message, &otherwise);
	return otherwise;
}

bool
svc_date_before(const Date *message, const Date *other)
{
	struct date day, bound;

	return svc_date_get(message, &day) && svc_date_get(other, &bound) &&
	       date_compare(day, bound) < 0;
}

Date *
svc_date(struct svc_call *c, struct date date)
{
	struct civil civil = date_civil(date);
	Date *message = svc_message(c, &date__descriptor);

	message->year = civil.year;
	message->month = civil.month;
	message->day = civil.day;
	return message;
}

int64_t
svc_instant_us(const Google__Protobuf__Timestamp *message)
{
	return message ? message->seconds * CLOCK_US_PER_SECOND + message->nanos / 1000 : 0;
}

Google__Protobuf__Timestamp *
svc_instant(struct svc_call *c, int64_t instant_us)
{
	Google__Protobuf__Timestamp *message =
	    svc_message(c, &google__protobuf__timestamp__descriptor);
	int64_t rest = instant_us % CLOCK_US_PER_SECOND;

	if (rest < 0)
		rest += CLOCK_US_PER_SECOND;
	message->seconds = (instant_us - rest) / CLOCK_US_PER_SECOND;
	message->nanos = (int32_t)(rest * 1000);
	return message;
}
