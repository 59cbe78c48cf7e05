/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_time.h"
#include "json/json_write_private.h"

static enum proto_result
refuse(struct json_writer *w, const char *why)
{
	return proto_fault_set(w->fault, PROTO_MALFORMED, "%s", why);
}

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

static enum proto_result
write_timestamp(struct json_writer *w, const struct schema_message *type,
		const ProtobufCMessage *message)
{
	const Google__Protobuf__Timestamp *t = (const Google__Protobuf__Timestamp *)message;
	struct date date;
	struct civil civil;
	int32_t second;

	(void)type;
	if (t->seconds < JSON_TIME_MIN_S || t->seconds > JSON_TIME_MAX_S || t->nanos < 0 ||
	    t->nanos > JSON_MAX_NANOS)
		return refuse(w, "a Timestamp lies outside 0001-01-01T00:00:00Z to "
				 "9999-12-31T23:59:59.999999999Z");
	/* Counted from year 1, so that the division does not meet a negative number. */
	date.days =
	    (int32_t)((t->seconds - JSON_TIME_MIN_S) / JSON_DAY_S + JSON_TIME_MIN_S / JSON_DAY_S);
	second = (int32_t)((t->seconds - JSON_TIME_MIN_S) % JSON_DAY_S);
	civil = date_civil(date);
	buf_printf(w->buf, "\"%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day,
		   second / 3600, second / 60 % 60, second % 60);
	write_fraction(w->buf, t->nanos);
	buf_puts(w->buf, "Z\"");
	return PROTO_OK;
}

static enum proto_result
write_duration(struct json_writer *w, const struct schema_message *type,
	       const ProtobufCMessage *message)
{
	const Google__Protobuf__Duration *d = (const Google__Protobuf__Duration *)message;

	(void)type;
	if (d->seconds > JSON_DURATION_MAX_S || d->seconds < -JSON_DURATION_MAX_S ||
	    d->nanos > JSON_MAX_NANOS || d->nanos < -JSON_MAX_NANOS ||
	    (d->seconds > 0 && d->nanos < 0) || (d->seconds < 0 && d->nanos > 0))
		return refuse(w, "a Duration is out of range or has two signs");
	buf_putc(w->buf, '"');
	if (d->seconds < 0 || d->nanos < 0)
		buf_putc(w->buf, '-');
	buf_printf(w->buf, "%lld", llabs(d->seconds));
	write_fraction(w->buf, abs(d->nanos));
	buf_puts(w->buf, "s\"");
	return PROTO_OK;
}

/* "a.b_c" as "a.bC"; false when reading that would not give the same path. */
static bool
write_mask_path(struct buf *buf, const char *path)
{
	for (; *path; path++) {
		if (*path >= 'A' && *path <= 'Z')
			return false;
		if (*path == '_') {
			path++;
			if (*path < 'a' || *path > 'z')
				return false;
			buf_putc(buf, (char)(*path - 'a' + 'A'));
		} else if (*path == '"' || *path == '\\' || *path == ',' ||
			   (unsigned char)*path < 0x20) {
			return false;
		} else {
			buf_putc(buf, *path);
		}
	}
	return true;
}

static enum proto_result
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
			return refuse(w, "a FieldMask has a path without a JSON form");
	}
	buf_putc(w->buf, '"');
	return PROTO_OK;
}

static enum proto_result
write_wrapper(struct json_writer *w, const struct schema_message *type,
	      const ProtobufCMessage *message)
{
	const struct schema_field *value = &type->fields[0];

	return json_write_value(w, value, value, member_at(message, value->c, 0));
}

static enum proto_result
write_struct(struct json_writer *w, const struct schema_message *type,
	     const ProtobufCMessage *message)
{
	return json_write_map(w, &type->fields[0], message);
}

static enum proto_result
write_list_value(struct json_writer *w, const struct schema_message *type,
		 const ProtobufCMessage *message)
{
	return json_write_list(w, &type->fields[0], message);
}

/* The member that is set; JSON has no NaN or infinity here, and nothing for "none". */
static enum proto_result
write_struct_value(struct json_writer *w, const struct schema_message *type,
		   const ProtobufCMessage *message)
{
	const Google__Protobuf__Value *value = (const Google__Protobuf__Value *)message;

	if (value->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE &&
	    !isfinite(value->number_value))
		return refuse(w, "a Value is not a finite number");
	for (unsigned i = 0; i < type->c->n_fields; i++) {
		const struct schema_field *field = &type->fields[i];

		if (member_count(message, field->c))
			return json_write_value(w, field, field, member_at(message, field->c, 0));
	}
	return refuse(w, "a Value is not set");
}

static enum proto_result
write_any_content(struct json_writer *w, const struct schema_message *type,
		  const ProtobufCMessage *content)
{
	enum proto_result r;

	if (type->wkt == SCHEMA_WKT_NONE && strcmp(type->name, "google.protobuf.Empty") != 0)
		return json_write_members(w, type, content, true);
	buf_puts(w->buf, ",\"value\":");
	r = json_write_message(w, type, content);
	return r;
}

static enum proto_result
write_any(struct json_writer *w, const struct schema_message *any_type,
	  const ProtobufCMessage *message)
{
	const Google__Protobuf__Any *any = (const Google__Protobuf__Any *)message;
	const struct schema_message *type;
	ProtobufCMessage *content = NULL;
	enum proto_result r;

	(void)any_type;
	if (!*any->type_url && any->value.len == 0) {
		buf_puts(w->buf, "{}");
		return PROTO_OK;
	}
	type = schema_message_by_url(w->schema, any->type_url);
	if (!type)
		return proto_fault_set(w->fault, PROTO_MALFORMED,
				       "an Any has the unknown type %.60s", any->type_url);
	r = wire_read(type->c, any->value.data, any->value.len, w->scratch, &content, w->fault);
	if (r != PROTO_OK)
		return r;
	buf_puts(w->buf, "{\"@type\":");
	json_write_string(w->buf, any->type_url, strlen(any->type_url));
	r = write_any_content(w, type, content);
	buf_putc(w->buf, '}');
	return r;
}

enum proto_result
json_write_wkt(struct json_writer *w, const struct schema_message *type,
	       const ProtobufCMessage *message)
{
	static enum proto_result (*const forms[])(
	    struct json_writer *, const struct schema_message *, const ProtobufCMessage *) = {
	    [SCHEMA_WKT_ANY] = write_any,
	    [SCHEMA_WKT_DURATION] = write_duration,
	    [SCHEMA_WKT_FIELD_MASK] = write_field_mask,
	    [SCHEMA_WKT_LIST_VALUE] = write_list_value,
	    [SCHEMA_WKT_STRUCT] = write_struct,
	    [SCHEMA_WKT_TIMESTAMP] = write_timestamp,
	    [SCHEMA_WKT_VALUE] = write_struct_value,
	    [SCHEMA_WKT_WRAPPER] = write_wrapper,
	};

	return forms[type->wkt](w, type, message);
}
