/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_read.h"

#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "base/map.h"
#include "base/utf8.h"
#include "google/protobuf/struct.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_read_private.h"

enum { SEEN_WORDS = 4, LOOK_AHEAD_FACTOR = 8 };

static const struct json_read_options no_options;

/* One value, before it is known that it will be stored. */
union value {
	int32_t i32;
	uint32_t u32;
	int64_t i64;
	uint64_t u64;
	float f32;
	double f64;
	protobuf_c_boolean boolean;
	char *text;
	ProtobufCBinaryData bytes;
	ProtobufCMessage *message;
};

static enum proto_result
number_refused(struct json_reader *r, enum json_number_result result)
{
	return json_refuse(&r->scan, result == JSON_NUMBER_FRACTION
					 ? "a fraction where a whole number is needed"
					 : "a number out of range");
}

/* A number, plain or in quotes. */
static enum proto_result
scan_any_number(struct json_reader *r, struct json_slice *ret_number)
{
	enum proto_result result;

	if (json_peek(&r->scan) != '"')
		return json_scan_number(&r->scan, ret_number);
	result = json_scan_string(&r->scan, ret_number);
	if (result == PROTO_OK && !json_is_number(*ret_number))
		return json_refuse(&r->scan, "expected a number");
	return result;
}

static enum proto_result
read_integer(struct json_reader *r, ProtobufCType type, union value *value)
{
	enum json_number_result result;
	struct json_slice number;
	enum proto_result scanned = scan_any_number(r, &number);
	int64_t i;
	uint64_t u;

	if (scanned != PROTO_OK)
		return scanned;
	switch (type) {
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		result = json_number_uint64(number, UINT32_MAX, &u);
		if (result == JSON_NUMBER_OK)
			value->u32 = (uint32_t)u;
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		result = json_number_uint64(number, UINT64_MAX, &value->u64);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		result = json_number_int64(number, INT64_MIN, INT64_MAX, &value->i64);
		break;
	default:
		result = json_number_int64(number, INT32_MIN, INT32_MAX, &i);
		if (result == JSON_NUMBER_OK)
			value->i32 = (int32_t)i;
	}
	return result == JSON_NUMBER_OK ? PROTO_OK : number_refused(r, result);
}

static bool
slice_is(struct json_slice slice, const char *text)
{
	return slice.length == strlen(text) && memcmp(slice.text, text, slice.length) == 0;
}

/* "NaN", "Infinity" and "-Infinity", which JSON has no numbers for (RPC-23). */
static bool
special_double(struct json_slice text, double *ret_value)
{
	if (slice_is(text, "NaN"))
		*ret_value = __builtin_nan("");
	else if (slice_is(text, "Infinity"))
		*ret_value = __builtin_inf();
	else if (slice_is(text, "-Infinity"))
		*ret_value = -__builtin_inf();
	else
		return false;
	return true;
}

static enum proto_result
read_floating(struct json_reader *r, ProtobufCType type, union value *value)
{
	enum json_number_result result;
	bool is_quoted = json_peek(&r->scan) == '"';
	struct json_slice number;
	enum proto_result scanned;
	double special;

	scanned =
	    is_quoted ? json_scan_string(&r->scan, &number) : json_scan_number(&r->scan, &number);
	if (scanned != PROTO_OK)
		return scanned;
	if (is_quoted && special_double(number, &special)) {
		if (type == PROTOBUF_C_TYPE_FLOAT)
			value->f32 = (float)special;
		else
			value->f64 = special;
		return PROTO_OK;
	}
	if (is_quoted && !json_is_number(number))
		return json_refuse(&r->scan, "expected a number");
	if (type == PROTOBUF_C_TYPE_FLOAT)
		result = json_number_float(number, r->scan.arena, &value->f32);
	else
		result = json_number_double(number, r->scan.arena, &value->f64);
	return result == JSON_NUMBER_OK ? PROTO_OK : number_refused(r, result);
}

static enum proto_result
read_bool(struct json_reader *r, union value *value)
{
	value->boolean = json_take_literal(&r->scan, "true");
	if (value->boolean || json_take_literal(&r->scan, "false"))
		return PROTO_OK;
	return json_refuse(&r->scan, "expected true or false");
}

/* A slice that is not on the arena yet, with a NUL behind it. */
static char *
keep(struct json_reader *r, struct json_slice text)
{
	return arena_strndup(r->scan.arena, text.text, text.length);
}

static enum proto_result
read_text(struct json_reader *r, union value *value)
{
	struct json_slice text;
	enum proto_result result = json_scan_string(&r->scan, &text);

	if (result != PROTO_OK)
		return result;
	value->text = keep(r, text);
	return value->text ? PROTO_OK : json_exhausted(&r->scan);
}

static enum proto_result
read_bytes(struct json_reader *r, union value *value)
{
	struct json_slice text;
	enum proto_result result = json_scan_string(&r->scan, &text);

	if (result != PROTO_OK)
		return result;
	value->bytes = (ProtobufCBinaryData){0};
	if (text.length == 0)
		return PROTO_OK;
	value->bytes.data = arena_alloc(r->scan.arena, base64_decoded_max(text.length));
	if (!value->bytes.data)
		return json_exhausted(&r->scan);
	if (!base64_decode(text.text, text.length, value->bytes.data, &value->bytes.len))
		return json_refuse(&r->scan, "bytes are not base64");
	return PROTO_OK;
}

/* *ret_skip: an unknown name that is to be ignored. */
static enum proto_result
read_enum(struct json_reader *r, const ProtobufCEnumDescriptor *type, union value *value,
	  bool *ret_skip)
{
	const ProtobufCEnumValue *known;
	struct json_slice text;
	enum proto_result result;
	char *name;

	if (type == &google__protobuf__null_value__descriptor &&
	    json_take_literal(&r->scan, "null")) {
		value->i32 = 0;
		return PROTO_OK;
	}
	if (json_peek(&r->scan) != '"')
		return read_integer(r, PROTOBUF_C_TYPE_INT32, value);
	result = json_scan_string(&r->scan, &text);
	if (result != PROTO_OK)
		return result;
	name = keep(r, text);
	if (!name)
		return json_exhausted(&r->scan);
	known = protobuf_c_enum_descriptor_get_value_by_name(type, name);
	if (known)
		value->i32 = known->value;
	else if (!r->options->ignore_unknown)
		return json_refuse(&r->scan, "an unknown enum value");
	else
		*ret_skip = true;
	return PROTO_OK;
}

static enum proto_result
read_value(struct json_reader *r, const struct schema_field *field, union value *value,
	   bool *ret_skip)
{
	*ret_skip = false;
	switch (field->c->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return read_bool(r, value);
	case PROTOBUF_C_TYPE_STRING:
		return read_text(r, value);
	case PROTOBUF_C_TYPE_BYTES:
		return read_bytes(r, value);
	case PROTOBUF_C_TYPE_ENUM:
		return read_enum(r, field->c->descriptor, value, ret_skip);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return read_floating(r, field->c->type, value);
	case PROTOBUF_C_TYPE_MESSAGE:
		value->message = wire_new(field->c->descriptor, r->scan.arena);
		if (!value->message)
			return json_exhausted(&r->scan);
		return json_read_message(r, field->message, value->message);
	default:
		return read_integer(r, field->c->type, value);
	}
}

static enum proto_result
store(struct json_reader *r, const struct schema_field *field, const union value *value,
      ProtobufCMessage *message)
{
	void *place = member_add(message, field->c, r->scan.arena);

	if (!place)
		return json_exhausted(&r->scan);
	memcpy(place, value, member_size(field->c->type));
	return PROTO_OK;
}

/* Types for which null is a value, not the absence of one. */
static bool
takes_null(const struct schema_field *field)
{
	return (field->message && field->message->wkt == SCHEMA_WKT_VALUE) ||
	       field->c->descriptor == &google__protobuf__null_value__descriptor;
}

enum proto_result
json_read_single(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	enum proto_result result;
	union value value;
	bool skip;

	if (!takes_null(field) && json_peek(&r->scan) == 'n')
		return json_refuse(&r->scan, "null has no place here");
	result = read_value(r, field, &value, &skip);
	if (result != PROTO_OK || skip)
		return result;
	return store(r, field, &value, message);
}

static enum proto_result
enter(struct json_reader *r, char open)
{
	if (r->depth > PROTO_MAX_DEPTH)
		return proto_fault_set(r->scan.fault, PROTO_TOO_DEEP, "more than %d levels",
				       PROTO_MAX_DEPTH);
	return json_expect(&r->scan, open);
}

enum proto_result
json_read_list(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	enum proto_result result = enter(r, '[');
	long index = 0;

	if (result != PROTO_OK || json_take(&r->scan, ']'))
		return result;
	do {
		result = json_read_single(r, field, message);
		if (result != PROTO_OK) {
			proto_fault_within(r->scan.fault, field->c->name, index);
			return result;
		}
		index++;
	} while (json_take(&r->scan, ','));
	return json_expect(&r->scan, ']');
}

/* The key of a map: always a string in JSON. */
static enum proto_result
read_key(struct json_reader *r, const struct schema_field *key, ProtobufCMessage *entry)
{
	struct json_slice text;
	enum proto_result result;
	union value value;
	bool skip;

	if (key->c->type != PROTOBUF_C_TYPE_BOOL) {
		if (json_peek(&r->scan) != '"')
			return json_refuse(&r->scan, "expected a string");
		result = read_value(r, key, &value, &skip);
	} else {
		result = json_scan_string(&r->scan, &text);
		if (result != PROTO_OK)
			return result;
		value.boolean = slice_is(text, "true");
		if (!value.boolean && !slice_is(text, "false"))
			return json_refuse(&r->scan, "expected \"true\" or \"false\"");
	}
	return result == PROTO_OK ? store(r, key, &value, entry) : result;
}

static enum proto_result
check_new_key(struct json_reader *r, const struct schema_field *key, ProtobufCMessage *entry,
	      struct map *keys)
{
	void *place = member_at(entry, key->c, 0);
	char *const *text = place;
	int added;

	if (key->c->type == PROTOBUF_C_TYPE_STRING)
		added = map_add(keys, *text, MAP_TEXT, entry);
	else
		added = map_add(keys, place, member_size(key->c->type), entry);
	if (added == -EEXIST)
		return json_refuse(&r->scan, "a key is there twice");
	return added == 0 ? PROTO_OK : json_exhausted(&r->scan);
}

static enum proto_result
read_entry(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message,
	   struct map *keys)
{
	const struct schema_field *key = &field->message->fields[0],
				  *value = &field->message->fields[1];
	union value entry = {.message = wire_new(field->c->descriptor, r->scan.arena)}, content;
	enum proto_result result;
	bool skip;

	if (!entry.message)
		return json_exhausted(&r->scan);
	result = read_key(r, key, entry.message);
	if (result == PROTO_OK)
		result = check_new_key(r, key, entry.message, keys);
	if (result == PROTO_OK)
		result = json_expect(&r->scan, ':');
	if (result == PROTO_OK && !takes_null(value) && json_peek(&r->scan) == 'n')
		result = json_refuse(&r->scan, "null has no place here");
	if (result == PROTO_OK)
		result = read_value(r, value, &content, &skip);
	if (result != PROTO_OK || skip)
		return result;
	result = store(r, value, &content, entry.message);
	return result == PROTO_OK ? store(r, field, &entry, message) : result;
}

enum proto_result
json_read_map(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	enum proto_result result = enter(r, '{');
	struct map keys;

	if (result != PROTO_OK || json_take(&r->scan, '}'))
		return result;
	map_init(&keys, r->scan.arena, SIZE_MAX / 2);
	do {
		result = read_entry(r, field, message, &keys);
		if (result != PROTO_OK) {
			proto_fault_within(r->scan.fault, field->c->name, PROTO_NO_INDEX);
			return result;
		}
	} while (json_take(&r->scan, ','));
	return json_expect(&r->scan, '}');
}

static enum proto_result
read_field(struct json_reader *r, const struct schema_field *field, ProtobufCMessage *message)
{
	enum proto_result result;

	/* null says that the field is absent; for Value and NullValue it is a value (RPC-27). */
	if (!(takes_null(field) && field->c->label != PROTOBUF_C_LABEL_REPEATED) &&
	    json_take_literal(&r->scan, "null"))
		return PROTO_OK;
	if (field->is_map)
		return json_read_map(r, field, message);
	if (field->c->label == PROTOBUF_C_LABEL_REPEATED)
		return json_read_list(r, field, message);
	if (field->oneof >= 0 && member_case(message, field->c) != 0)
		result = json_refuse(&r->scan, "another member of its oneof is there already");
	else
		result = json_read_single(r, field, message);
	if (result != PROTO_OK)
		proto_fault_within(r->scan.fault, field->c->name, PROTO_NO_INDEX);
	return result;
}

static enum proto_result
read_unknown(struct json_reader *r, struct json_slice name)
{
	if (r->options->ignore_unknown)
		return json_skip_value(&r->scan, PROTO_MAX_DEPTH - r->depth);
	return proto_fault_set(r->scan.fault, PROTO_MALFORMED, "there is no field \"%.*s\"",
			       (int)utf8_cut(name.text, name.length, 40), name.text);
}

static enum proto_result
read_member(struct json_reader *r, const struct schema_message *type, ProtobufCMessage *message,
	    bool *expects_type, uint64_t *seen)
{
	const struct schema_field *field;
	struct json_slice name;
	enum proto_result result = json_scan_name(&r->scan, &name);
	size_t bit;

	if (result != PROTO_OK)
		return result;
	if (*expects_type && slice_is(name, "@type")) {
		*expects_type = false;
		return json_skip_value(&r->scan, 0);
	}
	field = schema_field_by_name(type, name.text, name.length);
	if (!field)
		return read_unknown(r, name);
	bit = (size_t)(field - type->fields);
	if (seen[bit / 64] >> bit % 64 & 1) {
		result = json_refuse(&r->scan, "the field is there twice");
		proto_fault_within(r->scan.fault, field->c->name, PROTO_NO_INDEX);
		return result;
	}
	seen[bit / 64] |= UINT64_C(1) << bit % 64;
	return read_field(r, field, message);
}

enum proto_result
json_read_members(struct json_reader *r, const struct schema_message *type,
		  ProtobufCMessage *message, bool in_any)
{
	enum proto_result result = enter(r, '{');
	uint64_t few[SEEN_WORDS] = {0};
	uint64_t *seen = few;

	if (result != PROTO_OK || json_take(&r->scan, '}'))
		return result;
	if (type->c->n_fields > 64 * SEEN_WORDS)
		seen = ARENA_ARRAY(r->scan.arena, uint64_t, type->c->n_fields / 64 + 1);
	if (!seen)
		return json_exhausted(&r->scan);
	do {
		result = read_member(r, type, message, &in_any, seen);
	} while (result == PROTO_OK && json_take(&r->scan, ','));
	return result == PROTO_OK ? json_expect(&r->scan, '}') : result;
}

enum proto_result
json_read_message(struct json_reader *r, const struct schema_message *type,
		  ProtobufCMessage *message)
{
	enum proto_result result;

	/* A Value is no level of its own: the object or array in it is one. */
	r->depth += type->wkt != SCHEMA_WKT_VALUE;
	if (type->wkt == SCHEMA_WKT_NONE)
		result = json_read_members(r, type, message, false);
	else
		result = json_read_wkt(r, type, message);
	r->depth -= type->wkt != SCHEMA_WKT_VALUE;
	return result;
}

enum proto_result
json_read(const struct schema *schema, const struct schema_message *type, const char *text,
	  size_t size, const struct json_read_options *options, struct arena *arena,
	  ProtobufCMessage **ret_message, struct proto_fault *fault)
{
	ProtobufCMessage *message = wire_new(type->c, arena);
	struct json_reader reader = {
	    .scan = {.start = text, .at = text, .end = text + size, .arena = arena, .fault = fault},
	    .schema = schema,
	    .options = options ? options : &no_options,
	    .depth = -1,
	    .look_left = LOOK_AHEAD_FACTOR * size,
	};
	enum proto_result result;

	reader.scan.keep_nul = reader.options->keep_nul;
	if (!message)
		return json_exhausted(&reader.scan);
	if (size == 0)
		return json_refuse(&reader.scan, "the text is empty");
	if (!utf8_valid(text, size))
		return proto_fault_set(fault, PROTO_BAD_TEXT, "the text is not UTF-8");
	result = json_read_message(&reader, type, message);
	if (result == PROTO_OK &&
	    (json_peek(&reader.scan) != '\0' || reader.scan.at != reader.scan.end))
		result = json_refuse(&reader.scan, "more text after the value");
	if (result == PROTO_OK)
		*ret_message = message;
	return result;
}
