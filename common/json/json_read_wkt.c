/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/date.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_read_private.h"
#include "json/json_time.h"

enum { NANO_DIGITS = 9 };

/* Exactly n digits; false when there are others. */
static bool
take_digits(const char **p, const char *end, int n, int *ret_number)
{
	int number = 0;

	if (end - *p < n)
		return false;
	for (int i = 0; i < n; i++) {
		if ((*p)[i] < '0' || (*p)[i] > '9')
			return false;
		number = number * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*ret_number = number;
	return true;
}

static bool
take_char(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

/* Nothing, or a point with 1 to 9 digits. */
static bool
take_fraction(const char **p, const char *end, int32_t *ret_nanos)
{
	int32_t nanos = 0;
	int digits = 0;

	*ret_nanos = 0;
	if (!take_char(p, end, '.'))
		return true;
	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		if (++digits > NANO_DIGITS)
			return false;
		nanos = nanos * 10 + (**p - '0');
	}
	if (digits == 0)
		return false;
	for (; digits < NANO_DIGITS; digits++)
		nanos *= 10;
	*ret_nanos = nanos;
	return true;
}

/* "Z" or "+08:00". */
static bool
take_offset(const char **p, const char *end, int *ret_seconds)
{
	int hours, minutes, sign;

	*ret_seconds = 0;
	if (take_char(p, end, 'Z'))
		return true;
	if (*p == end)
		return false;
	sign = **p == '-' ? -1 : 1;
	if (!take_char(p, end, '+') && !take_char(p, end, '-'))
		return false;
	if (!take_digits(p, end, 2, &hours) || !take_char(p, end, ':') ||
	    !take_digits(p, end, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* RFC 3339 with an upper-case T and Z. */
static bool
parse_timestamp(const char *p, const char *end, Google__Protobuf__Timestamp *ret_time)
{
	int year, month, day, hour, minute, second, offset;
	struct date date;
	int32_t nanos;
	int64_t seconds;

	if (!take_digits(&p, end, 4, &year) || !take_char(&p, end, '-') ||
	    !take_digits(&p, end, 2, &month) || !take_char(&p, end, '-') ||
	    !take_digits(&p, end, 2, &day) || !take_char(&p, end, 'T'))
		return false;
	if (!take_digits(&p, end, 2, &hour) || !take_char(&p, end, ':') ||
	    !take_digits(&p, end, 2, &minute) || !take_char(&p, end, ':') ||
	    !take_digits(&p, end, 2, &second) || hour > 23 || minute > 59 || second > 59)
		return false;
	if (!take_fraction(&p, end, &nanos) || !take_offset(&p, end, &offset) || p != end ||
	    !date_from_civil(year, month, day, &date))
		return false;
	seconds = ((date.days * INT64_C(24) + hour) * 60 + minute) * 60 + second - offset;
	if (seconds < JSON_TIME_MIN_S || seconds > JSON_TIME_MAX_S)
		return false;
	ret_time->seconds = seconds;
	ret_time->nanos = nanos;
	return true;
}

static enum proto_result
read_timestamp(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	struct json_slice text;
	enum proto_result result = json_scan_string(&r->scan, &text);

	(void)type;
	if (result == PROTO_OK && !parse_timestamp(text.text, text.text + text.length,
						   (Google__Protobuf__Timestamp *)message))
		return json_refuse(&r->scan, "expected a time such as \"2024-12-02T08:30:00Z\"");
	return result;
}

/* "-1.5s" */
static bool
parse_duration(const char *p, const char *end, Google__Protobuf__Duration *ret_duration)
{
	bool negative = take_char(&p, end, '-');
	const char *digits = p;
	int64_t seconds = 0;
	int32_t nanos;

	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		seconds = seconds * 10 + (*p - '0');
		if (seconds > JSON_DURATION_MAX_S)
			return false;
	}
	if (p == digits || !take_fraction(&p, end, &nanos) || !take_char(&p, end, 's') || p != end)
		return false;
	ret_duration->seconds = negative ? -seconds : seconds;
	ret_duration->nanos = negative ? -nanos : nanos;
	return true;
}

static enum proto_result
read_duration(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	struct json_slice text;
	enum proto_result result = json_scan_string(&r->scan, &text);

	(void)type;
	if (result == PROTO_OK && !parse_duration(text.text, text.text + text.length,
						  (Google__Protobuf__Duration *)message))
		return json_refuse(&r->scan, "expected a duration such as \"1.5s\"");
	return result;
}

/* "a.bC" as "a.b_c"; NULL when it has an underscore or no memory is left (the arena knows). */
static char *
mask_path(struct arena *arena, const char *p, const char *end)
{
	char *path = arena_alloc(arena, 2 * (size_t)(end - p) + 1), *out = path;

	for (; path && p < end; p++) {
		if (*p == '_')
			return NULL;
		if (*p >= 'A' && *p <= 'Z') {
			*out++ = '_';
			*out++ = (char)(*p - 'A' + 'a');
		} else {
			*out++ = *p;
		}
	}
	if (path)
		*out = '\0';
	return path;
}

static enum proto_result
read_field_mask(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	const struct schema_field *paths = &type->fields[0];
	struct json_slice text;
	enum proto_result result = json_scan_string(&r->scan, &text);
	const char *p = text.text, *end, *comma;

	if (result != PROTO_OK || text.length == 0)
		return result;
	end = p + text.length;
	do {
		char *path, **place;

		comma = memchr(p, ',', (size_t)(end - p));
		path = mask_path(r->scan.arena, p, comma ? comma : end);
		if (!path && !arena_exhausted(r->scan.arena))
			return json_refuse(&r->scan, "a field mask's path has an underscore");
		place = path ? member_add(message, paths->c, r->scan.arena) : NULL;
		if (!place)
			return json_exhausted(&r->scan);
		*place = path;
		p = comma ? comma + 1 : end;
	} while (comma);
	return PROTO_OK;
}

static enum proto_result
read_wrapper(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	return json_read_single(r, &type->fields[0], message);
}

static enum proto_result
read_struct(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	return json_read_map(r, &type->fields[0], message);
}

static enum proto_result
read_list_value(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	return json_read_list(r, &type->fields[0], message);
}

/* The first character decides which member of the oneof it is. */
static enum proto_result
read_struct_value(struct json_reader *r, const struct schema_message *type,
		  ProtobufCMessage *message)
{
	const char *member;

	switch (json_peek(&r->scan)) {
	case '{':
		member = "struct_value";
		break;
	case '[':
		member = "list_value";
		break;
	case '"':
		member = "string_value";
		break;
	case 't':
	case 'f':
		member = "bool_value";
		break;
	case 'n':
		member = "null_value";
		break;
	default:
		member = "number_value";
	}
	return json_read_single(r, schema_field_by_name(type, member, strlen(member)), message);
}

static bool
slice_is(struct json_slice slice, const char *text)
{
	return slice.length == strlen(text) && memcmp(slice.text, text, slice.length) == 0;
}

/* "@type" of the object that begins here, without taking it. Usually it is the first member. */
static enum proto_result
find_type_url(struct json_reader *r, struct json_slice *ret_url)
{
	struct json_scanner ahead = r->scan;
	enum proto_result result = json_expect(&ahead, '{');
	struct json_slice name;
	bool found = false;

	if (result != PROTO_OK)
		return result;
	do {
		result = json_scan_name(&ahead, &name);
		if (result != PROTO_OK)
			return result;
		found = slice_is(name, "@type");
		result = found ? json_scan_string(&ahead, ret_url)
			       : json_skip_value(&ahead, PROTO_MAX_DEPTH - r->depth);
	} while (result == PROTO_OK && !found && json_take(&ahead, ','));
	if (result == PROTO_OK && !found)
		return json_refuse(&ahead, "an Any needs \"@type\"");
	/* A nest of Any, each with its type at the end, would be read once for each level. */
	if ((size_t)(ahead.at - r->scan.at) > r->look_left)
		return proto_fault_set(r->scan.fault, PROTO_TOO_DEEP, "\"@type\" must come first");
	r->look_left -= (size_t)(ahead.at - r->scan.at);
	return result;
}

/* One member of {"@type": …, "value": …}. */
static enum proto_result
read_any_wkt_member(struct json_reader *r, const struct schema_message *type,
		    ProtobufCMessage *content, bool *seen_type, bool *seen_value)
{
	struct json_slice name;
	enum proto_result result = json_scan_name(&r->scan, &name);
	bool is_value;

	if (result != PROTO_OK)
		return result;
	is_value = slice_is(name, "value");
	if (is_value ? *seen_value : *seen_type || !slice_is(name, "@type"))
		return json_refuse(&r->scan,
				   "an Any of this type has only \"@type\" and \"value\"");
	*(is_value ? seen_value : seen_type) = true;
	return is_value ? json_read_message(r, type, content) : json_skip_value(&r->scan, 0);
}

/* The content of an Any whose type has a form of its own. */
static enum proto_result
read_any_wkt(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *content)
{
	enum proto_result result = json_expect(&r->scan, '{');
	bool seen_type = false, seen_value = false;

	if (result != PROTO_OK)
		return result;
	do {
		result = read_any_wkt_member(r, type, content, &seen_type, &seen_value);
	} while (result == PROTO_OK && json_take(&r->scan, ','));
	if (result == PROTO_OK && !seen_value)
		return json_refuse(&r->scan, "an Any of this type needs \"value\"");
	return result == PROTO_OK ? json_expect(&r->scan, '}') : result;
}

static bool
is_empty_object(struct json_reader *r)
{
	struct json_scanner ahead = r->scan;

	if (!json_take(&ahead, '{') || !json_take(&ahead, '}'))
		return false;
	r->scan.at = ahead.at;
	return true;
}

static enum proto_result
read_any(struct json_reader *r, const struct schema_message *any_type, ProtobufCMessage *message)
{
	Google__Protobuf__Any *any = (Google__Protobuf__Any *)message;
	const struct schema_message *type;
	ProtobufCMessage *content;
	struct json_slice url = {0};
	enum proto_result result;

	(void)any_type;
	if (is_empty_object(r))
		return PROTO_OK;
	if (r->depth > PROTO_MAX_DEPTH)
		return proto_fault_set(r->scan.fault, PROTO_TOO_DEEP, "more than %d levels",
				       PROTO_MAX_DEPTH);
	result = find_type_url(r, &url);
	if (result != PROTO_OK)
		return result;
	any->type_url = arena_strndup(r->scan.arena, url.text, url.length);
	if (!any->type_url)
		return json_exhausted(&r->scan);
	type = schema_message_by_url(r->schema, any->type_url);
	if (!type)
		return proto_fault_set(r->scan.fault, PROTO_MALFORMED,
				       "an Any has the unknown type %.60s", any->type_url);
	content = wire_new(type->c, r->scan.arena);
	if (!content)
		return json_exhausted(&r->scan);
	if (type->wkt == SCHEMA_WKT_NONE && strcmp(type->name, "google.protobuf.Empty") != 0)
		result = json_read_members(r, type, content, true);
	else
		result = read_any_wkt(r, type, content);
	if (result != PROTO_OK)
		return result;
	any->value.data = wire_pack(content, r->scan.arena, &any->value.len);
	return any->value.data ? PROTO_OK : json_exhausted(&r->scan);
}

enum proto_result
json_read_wkt(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	static enum proto_result (*const forms[])(
	    struct json_reader *, const struct schema_message *, ProtobufCMessage *) = {
	    [SCHEMA_WKT_ANY] = read_any,
	    [SCHEMA_WKT_DURATION] = read_duration,
	    [SCHEMA_WKT_FIELD_MASK] = read_field_mask,
	    [SCHEMA_WKT_LIST_VALUE] = read_list_value,
	    [SCHEMA_WKT_STRUCT] = read_struct,
	    [SCHEMA_WKT_TIMESTAMP] = read_timestamp,
	    [SCHEMA_WKT_VALUE] = read_struct_value,
	    [SCHEMA_WKT_WRAPPER] = read_wrapper,
	};

	return forms[type->wkt](r, type, message);
}
