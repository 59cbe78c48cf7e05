/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_private.h"

/* Longer than any time and duration. */
enum { SHORT_TEXT = 40 };

/* A string of these two, with a NUL behind it; what is too long for them becomes empty. */
static bool
scan_short(struct json_reader *r, char text[static SHORT_TEXT])
{
	struct json_slice slice;

	if (!json_scan_string(r, &slice))
		return false;
	if (slice.length >= SHORT_TEXT)
		slice.length = 0;
	memcpy(text, slice.text, slice.length);
	text[slice.length] = '\0';
	return true;
}

static bool
read_timestamp(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	Google__Protobuf__Timestamp *time = (Google__Protobuf__Timestamp *)message;
	char text[SHORT_TEXT];
	int64_t us;

	(void)type;
	if (!scan_short(r, text))
		return false;
	if (!instant_parse(text, &us, &time->nanos))
		return json_refuse(r, "expected a time such as \"2024-12-02T08:30:00Z\"");
	time->seconds = (us - time->nanos / 1000) / CLOCK_US_PER_SECOND;
	return true;
}

/* "-1.5s" */
static bool
parse_duration(const char *text, Google__Protobuf__Duration *ret_duration)
{
	int sign = *text == '-' ? -1 : 1;
	int64_t seconds;
	int32_t nanos;
	char *rest;

	text += *text == '-';
	seconds = strtoll(text, &rest, 10);
	if (!isdigit((unsigned char)*text) || seconds > JSON_DURATION_MAX_S)
		return false;
	text = fraction_parse(rest, &nanos);
	if (!text || strcmp(text, "s") != 0)
		return false;
	ret_duration->seconds = sign * seconds;
	ret_duration->nanos = sign * nanos;
	return true;
}

static bool
read_duration(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	char text[SHORT_TEXT];

	(void)type;
	return scan_short(r, text) &&
	       (parse_duration(text, (Google__Protobuf__Duration *)message) ||
		json_refuse(r, "expected a duration such as \"1.5s\""));
}

/* "a.bC" as "a.b_c". */
static bool
read_mask_path(struct json_reader *r, const char *p, const char *end, char **place)
{
	char *out = place ? arena_alloc(r->arena, 2 * (size_t)(end - p) + 1) : NULL;

	if (!out)
		return json_exhausted(r);
	for (*place = out; p < end; p++) {
		if (*p == '_')
			return json_refuse(r, "a field mask's path has an underscore");
		if (*p >= 'A' && *p <= 'Z')
			*out++ = '_';
		*out++ = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	}
	*out = '\0';
	return true;
}

static bool
read_field_mask(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	struct json_slice text;
	const char *p, *end, *comma = NULL;

	if (!json_scan_string(r, &text))
		return false;
	end = text.text + text.length;
	for (p = text.text; text.length > 0 && comma != end; p = comma + 1) {
		comma = memchr(p, ',', (size_t)(end - p));
		if (!comma)
			comma = end;
		if (!read_mask_path(r, p, comma, member_add(message, type->fields[0].c, r->arena)))
			return false;
	}
	return true;
}

/* The one field of a wrapper, a Struct or a ListValue, without an object around it. */
static bool
read_content(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	return json_read_field(r, &type->fields[0], message);
}

/* The first character decides which member of the oneof it is; what is none of these must be a
 * number. */
static bool
read_value(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	static const char firsts[] = "n-\"t{["; /* null, number, string, bool, struct, list */
	char first = json_peek(r);
	const char *at = memchr(firsts, first == 'f' ? 't' : first, sizeof firsts - 1);

	return json_read_field(r, &type->fields[at ? at - firsts : 1], message);
}

/* "@type" of the object that begins here, usually its first member, without taking the object; an
 * empty object has none and is taken. */
static bool
find_type_url(struct json_reader *r, struct json_slice *ret_url)
{
	const char *here = r->at;
	struct json_slice name;
	bool is_found = false;
	size_t n;

	if (!json_expect(r, '{'))
		return false;
	for (n = 0; !is_found && json_next(r, n, '}'); n++) {
		if (!json_scan_name(r, &name))
			return false;
		is_found = json_slice_is(name, "@type");
		if (!(is_found ? json_scan_string(r, ret_url) : json_skip_value(r)))
			return false;
	}
	if (r->result != PROTO_OK || n == 0)
		return r->result == PROTO_OK;
	if (!is_found)
		return json_refuse(r, "an Any needs \"@type\"");
	/* A nest of Any, each with its type at the end, would be read once for each level. */
	if ((size_t)(r->at - here) > r->look_left)
		return JSON_REFUSE(r, PROTO_TOO_DEEP, "\"@type\" must come first");
	r->look_left -= (size_t)(r->at - here);
	r->at = here;
	return true;
}

/* {"@type": …, "value": …}: an Any whose content has a form of its own. */
static bool
read_type_and_value(struct json_reader *r, const struct schema_message *type,
		    ProtobufCMessage *content)
{
	bool has_type = false, has_value = false, is_read = json_expect(r, '{');
	struct json_slice name;

	for (size_t n = 0; is_read && json_next(r, n, '}'); n++) {
		if (!json_scan_name(r, &name))
			return false;
		if (!has_value && json_slice_is(name, "value"))
			is_read = has_value = json_read_message(r, type, content);
		else if (!has_type && json_slice_is(name, "@type"))
			is_read = has_type = json_scan_string(r, &name);
		else
			return json_refuse(r,
					   "an Any of this type has only \"@type\" and \"value\"");
	}
	return r->result == PROTO_OK &&
	       (has_value || json_refuse(r, "an Any of this type needs \"value\""));
}

static bool
read_any(struct json_reader *r, const struct schema_message *any_type, ProtobufCMessage *message)
{
	Google__Protobuf__Any *any = (Google__Protobuf__Any *)message;
	const struct schema_message *type;
	ProtobufCMessage *content;
	struct json_slice url = {NULL, 0};

	(void)any_type;
	if (!find_type_url(r, &url) || !url.text)
		return r->result == PROTO_OK;
	any->type_url = arena_strndup(r->arena, url.text, url.length);
	if (!any->type_url)
		return json_exhausted(r);
	type = schema_message_by_url(r->schema, any->type_url);
	if (!type)
		return JSON_REFUSE(r, PROTO_MALFORMED, "an Any has the unknown type %.60s",
				   any->type_url);
	content = wire_new(type->c, r->arena);
	if (!content)
		return json_exhausted(r);
	if (!(type->wkt == SCHEMA_WKT_NONE ? json_read_members(r, type, content, true)
					   : read_type_and_value(r, type, content)))
		return false;
	any->value.data = wire_pack(content, r->arena, &any->value.len);
	return any->value.data || json_exhausted(r);
}

static bool
read_object(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	return json_read_members(r, type, message, false);
}

bool
json_read_form(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message)
{
	static bool (*const forms[])(struct json_reader *, const struct schema_message *,
				     ProtobufCMessage *) = {
	    [SCHEMA_WKT_NONE] = read_object,           [SCHEMA_WKT_ANY] = read_any,
	    [SCHEMA_WKT_DURATION] = read_duration,     [SCHEMA_WKT_EMPTY] = read_object,
	    [SCHEMA_WKT_FIELD_MASK] = read_field_mask, [SCHEMA_WKT_LIST_VALUE] = read_content,
	    [SCHEMA_WKT_STRUCT] = read_content,        [SCHEMA_WKT_TIMESTAMP] = read_timestamp,
	    [SCHEMA_WKT_VALUE] = read_value,           [SCHEMA_WKT_WRAPPER] = read_content,
	};

	return forms[type->wkt](r, type, message);
}
