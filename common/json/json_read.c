/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/map.h"
#include "base/utf8.h"
#include "google/protobuf/struct.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_private.h"

enum { LOOK_AHEAD_FACTOR = 8, NAME_SHOWN = 30 /* characters */ };

static bool
read_bool(struct json_reader *r, protobuf_c_boolean *place)
{
	*place = json_take(r, "true");
	return *place || json_take(r, "false") || json_refuse(r, "expected true or false");
}

static bool
read_text(struct json_reader *r, char **place)
{
	struct json_slice text;

	if (!json_scan_string(r, &text))
		return false;
	*place = arena_strndup(r->arena, text.text, text.length);
	return *place || json_exhausted(r);
}

static bool
read_bytes(struct json_reader *r, ProtobufCBinaryData *place)
{
	struct json_slice text;

	if (!json_scan_string(r, &text))
		return false;
	if (text.length == 0)
		return true;
	place->data = arena_alloc(r->arena, base64_decoded_max(text.length));
	if (!place->data)
		return json_exhausted(r);
	return base64_decode(text.text, text.length, place->data, &place->len) ||
	       json_refuse(r, "bytes are not base64");
}

/* r->is_skipped: an unknown name that is to be ignored. */
static bool
read_enum(struct json_reader *r, const ProtobufCEnumDescriptor *type, int32_t *ret_number)
{
	const ProtobufCEnumValue *known;
	char *name;

	r->is_skipped = false;
	*ret_number = 0;
	if (type == &google__protobuf__null_value__descriptor && json_take(r, "null"))
		return true;
	if (json_peek(r) != '"')
		return json_read_integer(r, PROTOBUF_C_TYPE_ENUM, ret_number);
	if (!read_text(r, &name))
		return false;
	known = protobuf_c_enum_descriptor_get_value_by_name(type, name);
	if (known)
		*ret_number = known->value;
	r->is_skipped = !known;
	return known || r->options.ignore_unknown || json_refuse(r, "an unknown enum value");
}

/* Types for which null is a value, not the absence of one. */
static bool
takes_null(const struct schema_field *field)
{
	return (field->message && field->message->wkt == SCHEMA_WKT_VALUE) ||
	       field->c->descriptor == &google__protobuf__null_value__descriptor;
}

static bool
read_into(struct json_reader *r, const struct schema_field *field, void *place)
{
	switch (field->c->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return read_bool(r, place);
	case PROTOBUF_C_TYPE_STRING:
		return read_text(r, place);
	case PROTOBUF_C_TYPE_BYTES:
		return read_bytes(r, place);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return json_read_floating(r, field->c->type, place);
	case PROTOBUF_C_TYPE_MESSAGE: {
		ProtobufCMessage *message = wire_new(field->c->descriptor, r->arena);

		*(ProtobufCMessage **)place = message;
		return message ? json_read_message(r, field->message, message) : json_exhausted(r);
	}
	default:
		return json_read_integer(r, field->c->type, place);
	}
}

/* One value of a field that is single here. */
static bool
read_single(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	bool is_enum = field->c->type == PROTOBUF_C_TYPE_ENUM;
	int32_t number;
	void *place;

	if (!takes_null(field) && json_peek(r) == 'n')
		return json_refuse(r, "null has no place here");
	if (is_enum && (!read_enum(r, field->c->descriptor, &number) || r->is_skipped))
		return r->result == PROTO_OK;
	place = member_add(message, field->c, r->arena);
	if (!place)
		return json_exhausted(r);
	if (is_enum)
		*(int32_t *)place = number;
	return is_enum || read_into(r, field, place);
}

static bool
read_list(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	long wrong = PROTO_NO_INDEX;
	bool is_read = json_expect(r, '[');

	for (size_t n = 0; is_read && json_next(r, n, ']'); n++) {
		is_read = read_single(r, field, message);
		if (!is_read)
			wrong = (long)n;
	}
	if (r->result != PROTO_OK)
		proto_fault_within(r->fault, field->c->name, wrong);
	return r->result == PROTO_OK;
}

/* The key of a map: always a string in JSON. */
static bool
read_key(struct json_reader *r, const struct schema_field *key, ProtobufCMessage *entry)
{
	struct json_slice text;

	if (json_peek(r) != '"')
		return json_refuse(r, "expected a string");
	if (key->c->type != PROTOBUF_C_TYPE_BOOL)
		return read_single(r, key, entry);
	if (!json_scan_string(r, &text))
		return false;
	*(protobuf_c_boolean *)member_at(entry, key->c, 0) = json_slice_is(text, "true");
	return json_slice_is(text, "true") || json_slice_is(text, "false") ||
	       json_refuse(r, "expected \"true\" or \"false\"");
}

struct json_slice
json_map_key(const ProtobufCMessage *entry)
{
	const ProtobufCFieldDescriptor *key = &entry->descriptor->fields[0];
	const void *place = member_at(entry, key, 0);

	if (key->type == PROTOBUF_C_TYPE_STRING)
		return (struct json_slice){*(char *const *)place, MAP_TEXT};
	return (struct json_slice){place, member_size(key->type)};
}

static bool
read_entry(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message,
	   struct map *keys)
{
	const struct schema_field *key = &field->message->fields[0], *value = key + 1;
	ProtobufCMessage *entry = wire_new(field->c->descriptor, r->arena), **place;
	struct json_slice text;
	int added;

	if (!entry)
		return json_exhausted(r);
	if (!read_key(r, key, entry))
		return false;
	text = json_map_key(entry);
	added = map_add(keys, text.text, text.length, entry);
	if (added < 0)
		return added == -EEXIST ? json_refuse(r, "a key is there twice")
					: json_exhausted(r);
	if (!json_expect(r, ':') || !read_single(r, value, entry))
		return false;
	if (value->c->type == PROTOBUF_C_TYPE_ENUM && r->is_skipped)
		return true;
	place = member_add(message, field->c, r->arena);
	if (!place)
		return json_exhausted(r);
	*place = entry;
	return true;
}

static bool
read_map(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	bool is_read = json_expect(r, '{');
	struct map keys;

	map_init(&keys, r->arena, SIZE_MAX);
	for (size_t n = 0; is_read && json_next(r, n, '}'); n++)
		is_read = read_entry(r, field, message, &keys);
	if (r->result != PROTO_OK)
		proto_fault_within(r->fault, field->c->name, PROTO_NO_INDEX);
	return r->result == PROTO_OK;
}

bool
json_read_field(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	if (field->is_map)
		return read_map(r, field, message);
	if (field->c->label == PROTOBUF_C_LABEL_REPEATED)
		return read_list(r, field, message);
	return read_single(r, field, message);
}

static bool
read_unknown(struct json_reader *r, struct json_slice name)
{
	char shown[4 * NAME_SHOWN + 1];

	if (r->options.ignore_unknown)
		return json_skip_value(r);
	snprintf(shown, sizeof shown, "%.*s", (int)utf8_prefix(name.text, name.length, NAME_SHOWN),
		 name.text);
	json_refuse(r, "there is no such field");
	proto_fault_within(r->fault, shown, PROTO_NO_INDEX);
	return false;
}

/* A member of an object, behind its name. */
static bool
read_member(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message,
	    bool is_second)
{
	bool is_repeated = field->c->label == PROTOBUF_C_LABEL_REPEATED, is_read;

	if (is_second)
		is_read = json_refuse(r, "the field is there twice");
	/* null says that the field is absent; for Value and NullValue it is a value (RPC-27). */
	else if ((is_repeated || !takes_null(field)) && json_take(r, "null"))
		return true;
	else if (!is_repeated && field->oneof >= 0 && member_case(message, field->c) != 0)
		is_read = json_refuse(r, "another member of its oneof is there already");
	else
		is_read = json_read_field(r, field, message);
	if (!is_read && (is_second || !is_repeated))
		proto_fault_within(r->fault, field->c->name, PROTO_NO_INDEX);
	return is_read;
}

bool
json_read_members(struct json_reader *r, const struct schema_message *type,
		  ProtobufCMessage *message, bool in_any)
{
	uint64_t *seen = ARENA_ARRAY(r->arena, uint64_t, type->c->n_fields / 64 + 1);
	const struct schema_field *field;
	struct json_slice name;
	bool is_read = seen || json_exhausted(r);

	if (!is_read || !json_expect(r, '{'))
		return false;
	for (size_t n = 0; is_read && json_next(r, n, '}'); n++) {
		if (!json_scan_name(r, &name))
			return false;
		field = schema_field_by_name(type, name.text, name.length);
		if (field) {
			size_t i = (size_t)(field - type->fields);
			uint64_t bit = UINT64_C(1) << i % 64;

			is_read = read_member(r, field, message, seen[i / 64] & bit);
			seen[i / 64] |= bit;
		} else if (in_any && json_slice_is(name, "@type")) {
			in_any = false;
			is_read = json_scan_string(r, &name);
		} else {
			is_read = read_unknown(r, name);
		}
	}
	return r->result == PROTO_OK;
}

bool
json_read_message(struct json_reader *r, const struct schema_message *type,
		  ProtobufCMessage *message)
{
	/* A Value is no level of its own: the object or array in it is one. */
	int n_levels = type->wkt != SCHEMA_WKT_VALUE;
	bool is_read;

	if (r->depth + n_levels > PROTO_MAX_DEPTH)
		return json_too_deep(r);
	r->depth += n_levels;
	is_read = json_read_form(r, type, message);
	r->depth -= n_levels;
	return is_read;
}

enum proto_result
json_read(const struct schema *schema, const struct schema_message *type, const char *text,
	  size_t size, const struct json_read_options *options, struct arena *arena,
	  ProtobufCMessage **ret_message, struct proto_fault *fault)
{
	ProtobufCMessage *message = wire_new(type->c, arena);
	struct json_reader r = {
	    .start = text,
	    .at = text,
	    .end = text + size,
	    .arena = arena,
	    .schema = schema,
	    .options = options ? *options : (struct json_read_options){0},
	    .fault = fault,
	    .depth = -1,
	    .look_left = LOOK_AHEAD_FACTOR * size,
	};

	if (!message)
		json_exhausted(&r);
	else if (size == 0)
		json_refuse(&r, "the text is empty");
	else if (!utf8_valid(text, size))
		r.result = proto_fault_set(fault, PROTO_BAD_TEXT, "the text is not UTF-8");
	else if (json_read_message(&r, type, message) && (json_peek(&r) || r.at < r.end))
		json_refuse(&r, "more text after the value");
	if (r.result == PROTO_OK)
		*ret_message = message;
	return r.result;
}
