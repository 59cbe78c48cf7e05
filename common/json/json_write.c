/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "google/protobuf/struct.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_write_private.h"

static const struct json_write_options no_options;

static void
write_text(struct json_writer *w, const struct schema_field *rules, const char *text)
{
	if (w->options->text)
		text = w->options->text(w->options->data, rules, text);
	json_write_string(w->buf, text ? text : "", text ? strlen(text) : 0);
}

static void
write_base64(struct json_writer *w, const ProtobufCBinaryData *bytes)
{
	size_t length = base64_encoded_max(bytes->len);
	char *out;

	buf_putc(w->buf, '"');
	out = buf_extend(w->buf, length);
	if (out)
		base64_encode(bytes->data, bytes->len, BASE64_PADDED, out);
	buf_putc(w->buf, '"');
}

static void
write_enum(struct json_writer *w, const ProtobufCEnumDescriptor *type, int number)
{
	const ProtobufCEnumValue *value = NULL;

	if (type == &google__protobuf__null_value__descriptor) {
		buf_puts(w->buf, "null");
		return;
	}
	if (!w->options->enum_numbers)
		value = protobuf_c_enum_descriptor_get_value(type, number);
	if (value)
		json_write_string(w->buf, value->name, strlen(value->name));
	else
		json_write_int64(w->buf, number);
}

/* 64-bit numbers are strings: a double, all that JavaScript has, does not hold them. */
static void
write_number(struct buf *buf, ProtobufCType type, const void *value)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		json_write_int64(buf, *(const int32_t *)value);
		return;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		json_write_uint64(buf, *(const uint32_t *)value);
		return;
	case PROTOBUF_C_TYPE_FLOAT:
		json_write_float(buf, *(const float *)value);
		return;
	case PROTOBUF_C_TYPE_DOUBLE:
		json_write_double(buf, *(const double *)value);
		return;
	case PROTOBUF_C_TYPE_BOOL:
		buf_puts(buf, *(const protobuf_c_boolean *)value ? "true" : "false");
		return;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		buf_putc(buf, '"');
		json_write_uint64(buf, *(const uint64_t *)value);
		break;
	default:
		buf_putc(buf, '"');
		json_write_int64(buf, *(const int64_t *)value);
	}
	buf_putc(buf, '"');
}

enum proto_result
json_write_value(struct json_writer *w, const struct schema_field *field,
		 const struct schema_field *rules, const void *value)
{
	switch (field->c->type) {
	case PROTOBUF_C_TYPE_STRING:
		write_text(w, rules, *(char *const *)value);
		return PROTO_OK;
	case PROTOBUF_C_TYPE_BYTES:
		write_base64(w, value);
		return PROTO_OK;
	case PROTOBUF_C_TYPE_ENUM:
		write_enum(w, field->c->descriptor, *(const int *)value);
		return PROTO_OK;
	case PROTOBUF_C_TYPE_MESSAGE:
		return json_write_message(w, field->message, *(ProtobufCMessage *const *)value);
	default:
		write_number(w->buf, field->c->type, value);
		return PROTO_OK;
	}
}

enum proto_result
json_write_list(struct json_writer *w, const struct schema_field *field,
		const ProtobufCMessage *message)
{
	size_t n = member_count(message, field->c);

	buf_putc(w->buf, '[');
	for (size_t i = 0; i < n; i++) {
		enum proto_result r;

		if (i)
			buf_putc(w->buf, ',');
		r = json_write_value(w, field, field, member_at(message, field->c, i));
		if (r != PROTO_OK) {
			proto_fault_within(w->fault, field->c->name, (long)i);
			return r;
		}
	}
	buf_putc(w->buf, ']');
	return PROTO_OK;
}

/* The order of two keys of the same type; which it is does not matter as long as equal keys meet.
 */
static int
compare_keys(const ProtobufCFieldDescriptor *key, const ProtobufCMessage *a,
	     const ProtobufCMessage *b)
{
	const void *x = member_at(a, key, 0), *y = member_at(b, key, 0);

	if (key->type == PROTOBUF_C_TYPE_STRING)
		return strcmp(*(char *const *)x, *(char *const *)y);
	if (member_size(key->type) == sizeof(int64_t))
		return (*(const int64_t *)x > *(const int64_t *)y) -
		       (*(const int64_t *)x < *(const int64_t *)y);
	return (*(const int32_t *)x > *(const int32_t *)y) -
	       (*(const int32_t *)x < *(const int32_t *)y);
}

struct map_item {
	const ProtobufCMessage *entry;
	size_t index;
};

static int
compare_items(const void *a, const void *b)
{
	const struct map_item *x = a, *y = b;
	int order = compare_keys(&x->entry->descriptor->fields[0], x->entry, y->entry);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static enum proto_result
write_map_item(struct json_writer *w, const struct schema_field *field,
	       const ProtobufCMessage *entry)
{
	const struct schema_field *key = &field->message->fields[0],
				  *value = &field->message->fields[1];
	const void *place = member_at(entry, key->c, 0);
	bool is_quoted = key->c->type == PROTOBUF_C_TYPE_STRING ||
			 (member_size(key->c->type) == sizeof(int64_t));

	if (key->c->type == PROTOBUF_C_TYPE_STRING) {
		json_write_string(w->buf, *(char *const *)place, strlen(*(char *const *)place));
	} else {
		if (!is_quoted)
			buf_putc(w->buf, '"');
		write_number(w->buf, key->c->type, place);
		if (!is_quoted)
			buf_putc(w->buf, '"');
	}
	buf_putc(w->buf, ':');
	place = member_at(entry, value->c, 0);
	if (value->c->type == PROTOBUF_C_TYPE_MESSAGE && !*(ProtobufCMessage *const *)place) {
		/* An entry without a value on the wire has an empty one. */
		ProtobufCMessage *empty = wire_new(value->c->descriptor, w->scratch);

		if (!empty)
			return proto_fault_set(w->fault, PROTO_EXHAUSTED, "no memory");
		return json_write_message(w, value->message, empty);
	}
	return json_write_value(w, value, field, place);
}

enum proto_result
json_write_map(struct json_writer *w, const struct schema_field *field,
	       const ProtobufCMessage *message)
{
	size_t n = member_count(message, field->c);
	struct map_item *items = ARENA_ARRAY(w->scratch, struct map_item, n);
	enum proto_result r = PROTO_OK;
	bool need_comma = false;

	if (!items)
		return proto_fault_set(w->fault, PROTO_EXHAUSTED, "no memory");
	for (size_t i = 0; i < n; i++) {
		ProtobufCMessage *const *entry = member_at(message, field->c, i);

		items[i] = (struct map_item){*entry, i};
	}
	if (n > 1)
		qsort(items, n, sizeof *items, compare_items);
	buf_putc(w->buf, '{');
	for (size_t i = 0; i < n && r == PROTO_OK; i++) {
		/* The last entry of a key is the one that counts. */
		if (i + 1 < n && compare_keys(field->message->fields[0].c, items[i].entry,
					      items[i + 1].entry) == 0)
			continue;
		if (need_comma)
			buf_putc(w->buf, ',');
		need_comma = true;
		r = write_map_item(w, field, items[i].entry);
	}
	buf_putc(w->buf, '}');
	if (r != PROTO_OK)
		proto_fault_within(w->fault, field->c->name, PROTO_NO_INDEX);
	return r;
}

static enum proto_result
write_field(struct json_writer *w, const struct schema_field *field,
	    const ProtobufCMessage *message)
{
	enum proto_result r;

	if (field->is_map)
		return json_write_map(w, field, message);
	if (field->c->label == PROTOBUF_C_LABEL_REPEATED)
		return json_write_list(w, field, message);
	r = json_write_value(w, field, field, member_at(message, field->c, 0));
	if (r != PROTO_OK)
		proto_fault_within(w->fault, field->c->name, PROTO_NO_INDEX);
	return r;
}

/* Absent fields that emit_defaults writes: those whose absence cannot be told from the default. */
static bool
has_default(const struct schema_field *field)
{
	if (field->c->label == PROTOBUF_C_LABEL_REPEATED)
		return true;
	return !(field->c->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) &&
	       field->c->type != PROTOBUF_C_TYPE_MESSAGE;
}

enum proto_result
json_write_members(struct json_writer *w, const struct schema_message *type,
		   const ProtobufCMessage *message, bool need_comma)
{
	for (unsigned i = 0; i < type->c->n_fields; i++) {
		const struct schema_field *field = &type->fields[i];
		const char *name = w->options->proto_names ? field->c->name : field->json_name;
		enum proto_result r;

		if (member_count(message, field->c) == 0 &&
		    !(w->options->emit_defaults && has_default(field)))
			continue;
		if (need_comma)
			buf_putc(w->buf, ',');
		need_comma = true;
		json_write_string(w->buf, name, strlen(name));
		buf_putc(w->buf, ':');
		r = write_field(w, field, message);
		if (r != PROTO_OK)
			return r;
	}
	return PROTO_OK;
}

enum proto_result
json_write_message(struct json_writer *w, const struct schema_message *type,
		   const ProtobufCMessage *message)
{
	enum proto_result r;

	if (w->depth > PROTO_MAX_DEPTH)
		return proto_fault_set(w->fault, PROTO_TOO_DEEP,
				       "more than %d messages inside each other", PROTO_MAX_DEPTH);
	w->depth++;
	if (type->wkt != SCHEMA_WKT_NONE) {
		r = json_write_wkt(w, type, message);
	} else {
		buf_putc(w->buf, '{');
		r = json_write_members(w, type, message, false);
		buf_putc(w->buf, '}');
	}
	w->depth--;
	return r;
}

enum proto_result
json_write(const struct schema *schema, const ProtobufCMessage *message,
	   const struct json_write_options *options, struct arena *scratch, struct buf *buf,
	   struct proto_fault *fault)
{
	const struct schema_message *type = schema_message_of(schema, message->descriptor);
	struct json_writer writer = {
	    .schema = schema,
	    .options = options ? options : &no_options,
	    .scratch = scratch,
	    .buf = buf,
	    .fault = fault,
	};
	enum proto_result r;

	if (!type)
		return proto_fault_set(fault, PROTO_MALFORMED, "the schema does not know %s",
				       message->descriptor->name);
	r = json_write_message(&writer, type, message);
	if (r == PROTO_OK && buf->failed)
		return proto_fault_set(fault, PROTO_EXHAUSTED, "the JSON needs more than %zu bytes",
				       buf->limit);
	return r;
}
