/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_private.h"

enum { MAX_NANOS = 999999999 };

/* ".5" as ".500": none, 3, 6 or 9 digits. */
static void
write_fraction(struct buf *buf, int32_t nanos)
{
	if (nanos == 0)
		return;
	if (nanos % 1000000 == 0)
		buf_printf(buf, ".%03" PRId32, nanos / 1000000);
	else if (nanos % 1000 == 0)
		buf_printf(buf, ".%06" PRId32, nanos / 1000);
	else
		buf_printf(buf, ".%09" PRId32, nanos);
}

static bool
write_timestamp(struct json_writer *w, const struct schema_message *type,
		const ProtobufCMessage *message)
{
	const Google__Protobuf__Timestamp *t = (const Google__Protobuf__Timestamp *)message;
	char text[INSTANT_TEXT_SIZE];

	(void)type;
	if (t->seconds < INSTANT_FIRST_S || t->seconds > INSTANT_LAST_S || t->nanos < 0 ||
	    t->nanos > MAX_NANOS)
		return JSON_REFUSE(w, PROTO_MALFORMED,
				   "a Timestamp lies outside 0001-01-01T00:00:00Z to "
				   "9999-12-31T23:59:59.999999999Z");
	instant_format(t->seconds * CLOCK_US_PER_SECOND, text);
	buf_printf(w->buf, "\"%.*s", (int)(strchr(text, '.') - text), text);
	write_fraction(w->buf, t->nanos);
	buf_puts(w->buf, "Z\"");
	return true;
}

static bool
write_duration(struct json_writer *w, const struct schema_message *type,
	       const ProtobufCMessage *message)
{
	const Google__Protobuf__Duration *d = (const Google__Protobuf__Duration *)message;
	bool is_negative = d->seconds < 0 || d->nanos < 0;

	(void)type;
	if (d->seconds > JSON_DURATION_MAX_S || d->seconds < -JSON_DURATION_MAX_S ||
	    d->nanos > MAX_NANOS || d->nanos < -MAX_NANOS ||
	    (is_negative && (d->seconds > 0 || d->nanos > 0)))
		return JSON_REFUSE(w, PROTO_MALFORMED,
				   "a Duration is out of range or has two signs");
	buf_printf(w->buf, "\"%s%lld", is_negative ? "-" : "", llabs(d->seconds));
	write_fraction(w->buf, abs(d->nanos));
	buf_puts(w->buf, "s\"");
	return true;
}

/* "a.b_c" as "a.bC"; false when reading that would not give the same path. */
static bool
write_mask_path(struct buf *buf, const char *path)
{
	for (; *path; path++) {
		bool is_hump = *path == '_';

		path += is_hump;
		if (is_hump ? *path < 'a' || *path > 'z'
			    : (*path >= 'A' && *path <= 'Z') || strchr("\"\\,", *path) ||
				  (unsigned char)*path < 0x20)
			return false;
		buf_putc(buf, is_hump ? (char)(*path - 'a' + 'A') : *path);
	}
	return true;
}

static bool
write_field_mask(struct json_writer *w, const struct schema_message *type,
		 const ProtobufCMessage *message)
{
	const Google__Protobuf__FieldMask *mask = (const Google__Protobuf__FieldMask *)message;

	(void)type;
	buf_putc(w->buf, '"');
	for (size_t i = 0; i < mask->n_paths; i++) {
		if (i)
			buf_putc(w->buf, ',');
		if (!write_mask_path(w->buf, mask->paths[i]))
			return JSON_REFUSE(w, PROTO_MALFORMED,
					   "a FieldMask has a path without a JSON form");
	}
	buf_putc(w->buf, '"');
	return true;
}

/* The one field of a wrapper, a Struct or a ListValue, without an object around it. */
static bool
write_content(struct json_writer *w, const struct schema_message *type,
	      const ProtobufCMessage *message)
{
	return json_write_field(w, &type->fields[0], message);
}

/* The member that is set; JSON has no NaN or infinity here, and nothing for "none". */
static bool
write_value(struct json_writer *w, const struct schema_message *type,
	    const ProtobufCMessage *message)
{
	const Google__Protobuf__Value *value = (const Google__Protobuf__Value *)message;

	if (value->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE &&
	    !isfinite(value->number_value))
		return JSON_REFUSE(w, PROTO_MALFORMED, "a Value is not a finite number");
	for (unsigned i = 0; i < type->c->n_fields; i++)
		if (member_count(message, type->fields[i].c))
			return json_write_field(w, &type->fields[i], message);
	return JSON_REFUSE(w, PROTO_MALFORMED, "a Value is not set");
}

static bool
write_any(struct json_writer *w, const struct schema_message *any_type,
	  const ProtobufCMessage *message)
{
	const Google__Protobuf__Any *any = (const Google__Protobuf__Any *)message;
	const struct schema_message *type;
	ProtobufCMessage *content = NULL;
	bool is_written;

	(void)any_type;
	if (!*any->type_url && any->value.len == 0) {
		buf_puts(w->buf, "{}");
		return true;
	}
	type = schema_message_by_url(w->schema, any->type_url);
	if (!type)
		return JSON_REFUSE(w, PROTO_MALFORMED, "an Any has the unknown type %.60s",
				   any->type_url);
	w->result =
	    wire_read(type->c, any->value.data, any->value.len, w->scratch, &content, w->fault);
	if (w->result != PROTO_OK)
		return false;
	buf_puts(w->buf, "{\"@type\":");
	buf_put_json(w->buf, any->type_url, strlen(any->type_url));
	if (type->wkt == SCHEMA_WKT_NONE)
		return json_write_members(w, type, content, true);
	buf_puts(w->buf, ",\"value\":");
	is_written = json_write_message(w, type, content);
	buf_putc(w->buf, '}');
	return is_written;
}

static bool
write_object(struct json_writer *w, const struct schema_message *type,
	     const ProtobufCMessage *message)
{
	return json_write_members(w, type, message, false);
}

bool
json_write_form(struct json_writer *w, const struct schema_message *type,
		const ProtobufCMessage *message)
{
	static bool (*const forms[])(struct json_writer *, const struct schema_message *,
				     const ProtobufCMessage *) = {
	    [SCHEMA_WKT_NONE] = write_object,           [SCHEMA_WKT_ANY] = write_any,
	    [SCHEMA_WKT_DURATION] = write_duration,     [SCHEMA_WKT_EMPTY] = write_object,
	    [SCHEMA_WKT_FIELD_MASK] = write_field_mask, [SCHEMA_WKT_LIST_VALUE] = write_content,
	    [SCHEMA_WKT_STRUCT] = write_content,        [SCHEMA_WKT_TIMESTAMP] = write_timestamp,
	    [SCHEMA_WKT_VALUE] = write_value,           [SCHEMA_WKT_WRAPPER] = write_content,
	};

	return forms[type->wkt](w, type, message);
}
