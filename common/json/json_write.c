/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_write.h"

#include <string.h>

#include "base/base64.h"
#include "base/map.h"
#include "google/protobuf/struct.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "json/json_private.h"

static bool
no_memory(struct json_writer *w)
{
	return JSON_REFUSE(w, PROTO_EXHAUSTED, "no memory");
}

static void
write_text(struct json_writer *w, const struct schema_field *rules, const char *text)
{
	if (w->options.text)
		text = w->options.text(w->options.data, rules, text);
	text = text ? text : "";
	buf_put_json(w->buf, text, strlen(text));
}

static void
write_base64(struct json_writer *w, const ProtobufCBinaryData *bytes)
{
	char *out;

	buf_putc(w->buf, '"');
	out = buf_extend(w->buf, base64_encoded_max(bytes->len));
	if (out)
		base64_encode(bytes->data, bytes->len, BASE64_PADDED, out);
	buf_putc(w->buf, '"');
}

static void
write_enum(struct json_writer *w, const ProtobufCEnumDescriptor *type, const int32_t *number)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, *number);

	if (type == &google__protobuf__null_value__descriptor)
		buf_puts(w->buf, "null");
	else if (value)
		buf_put_json(w->buf, value->name, strlen(value->name));
	else
		json_write_number(w->buf, PROTOBUF_C_TYPE_ENUM, number);
}

/* 64-bit numbers are strings: a double, all that JavaScript has, does not hold them. A map's key is
 * always one. */
static void
write_number(struct json_writer *w, ProtobufCType type, const void *value, bool is_key)
{
	bool is_quoted =
	    is_key || (member_size(type) == sizeof(int64_t) && type != PROTOBUF_C_TYPE_DOUBLE);

	if (is_quoted)
		buf_putc(w->buf, '"');
	json_write_number(w->buf, type, value);
	if (is_quoted)
		buf_putc(w->buf, '"');
}

/* One value of a field. rules: the field that the text callback is asked with. */
static bool
write_value(struct json_writer *w, const struct schema_field *field,
	    const struct schema_field *rules, const void *value)
{
	switch (field->c->type) {
	case PROTOBUF_C_TYPE_STRING:
		write_text(w, rules, *(char *const *)value);
		return true;
	case PROTOBUF_C_TYPE_BYTES:
		write_base64(w, value);
		return true;
	case PROTOBUF_C_TYPE_ENUM:
		write_enum(w, field->c->descriptor, value);
		return true;
	case PROTOBUF_C_TYPE_MESSAGE:
		return json_write_message(w, field->message, *(ProtobufCMessage *const *)value);
	default:
		write_number(w, field->c->type, value, false);
		return true;
	}
}

static bool
write_list(struct json_writer *w, const struct schema_field *field, const ProtobufCMessage *message)
{
	size_t n = member_count(message, field->c);

	for (size_t i = 0; i < n; i++) {
		buf_putc(w->buf, i == 0 ? '[' : ',');
		if (!write_value(w, field, field, member_at(message, field->c, i))) {
			proto_fault_within(w->fault, field->c->name, (long)i);
			return false;
		}
	}
	buf_puts(w->buf, n == 0 ? "[]" : "]");
	return true;
}

static bool
write_entry(struct json_writer *w, const struct schema_field *field, const ProtobufCMessage *entry)
{
	const struct schema_field *key = &field->message->fields[0], *value = key + 1;
	const void *place = member_at(entry, key->c, 0);
	ProtobufCMessage *empty;

	if (key->c->type == PROTOBUF_C_TYPE_STRING)
		buf_put_json(w->buf, *(char *const *)place, strlen(*(char *const *)place));
	else
		write_number(w, key->c->type, place, true);
	buf_putc(w->buf, ':');
	place = member_at(entry, value->c, 0);
	if (value->c->type != PROTOBUF_C_TYPE_MESSAGE || *(ProtobufCMessage *const *)place)
		return write_value(w, value, field, place);
	/* An entry without a value on the wire has an empty one. */
	empty = wire_new(value->c->descriptor, w->scratch);
	return empty ? json_write_message(w, value->message, empty) : no_memory(w);
}

/* Of entries with the same key the last one counts. */
static bool
write_map(struct json_writer *w, const struct schema_field *field, const ProtobufCMessage *message)
{
	size_t n = member_count(message, field->c);
	ProtobufCMessage *const *entries = n ? member_at(message, field->c, 0) : NULL;
	char before = '{';
	struct json_slice key;
	struct map last;

	map_init(&last, w->scratch, SIZE_MAX);
	for (size_t i = 0; i < n; i++) {
		key = json_map_key(entries[i]);
		if (map_put(&last, key.text, key.length, entries[i]) < 0)
			return no_memory(w);
	}
	for (size_t i = 0; i < n; i++) {
		key = json_map_key(entries[i]);
		if (last.count < n && map_get(&last, key.text, key.length) != entries[i])
			continue;
		buf_putc(w->buf, before);
		before = ',';
		if (!write_entry(w, field, entries[i])) {
			proto_fault_within(w->fault, field->c->name, PROTO_NO_INDEX);
			return false;
		}
	}
	buf_puts(w->buf, n == 0 ? "{}" : "}");
	return true;
}

bool
json_write_field(struct json_writer *w, const struct schema_field *field,
		 const ProtobufCMessage *message)
{
	if (field->is_map)
		return write_map(w, field, message);
	if (field->c->label == PROTOBUF_C_LABEL_REPEATED)
		return write_list(w, field, message);
	return write_value(w, field, field, member_at(message, field->c, 0));
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

bool
json_write_members(struct json_writer *w, const struct schema_message *type,
		   const ProtobufCMessage *message, bool in_any)
{
	char before = in_any ? ',' : '{';

	for (unsigned i = 0; i < type->c->n_fields; i++) {
		const struct schema_field *field = &type->fields[i];
		const char *name = w->options.proto_names ? field->c->name : field->json_name;

		if (member_count(message, field->c) == 0 &&
		    !(w->options.emit_defaults && has_default(field)))
			continue;
		buf_putc(w->buf, before);
		before = ',';
		buf_put_json(w->buf, name, strlen(name));
		buf_putc(w->buf, ':');
		if (!json_write_field(w, field, message)) {
			if (field->c->label != PROTOBUF_C_LABEL_REPEATED)
				proto_fault_within(w->fault, field->c->name, PROTO_NO_INDEX);
			return false;
		}
	}
	buf_puts(w->buf, before == '{' ? "{}" : "}");
	return true;
}

bool
json_write_message(struct json_writer *w, const struct schema_message *type,
		   const ProtobufCMessage *message)
{
	bool is_written;

	if (w->depth > PROTO_MAX_DEPTH)
		return JSON_REFUSE(w, PROTO_TOO_DEEP, "more than %d messages inside each other",
				   PROTO_MAX_DEPTH);
	w->depth++;
	is_written = json_write_form(w, type, message);
	w->depth--;
	return is_written;
}

enum proto_result
json_write(const struct schema *schema, const ProtobufCMessage *message,
	   const struct json_write_options *options, struct arena *scratch, struct buf *buf,
	   struct proto_fault *fault)
{
	const struct schema_message *type = schema_message_of(schema, message->descriptor);
	struct json_writer w = {
	    .schema = schema,
	    .options = options ? *options : (struct json_write_options){0},
	    .scratch = scratch,
	    .buf = buf,
	    .fault = fault,
	};

	if (!type)
		w.result = proto_fault_set(fault, PROTO_MALFORMED, "the schema does not know %s",
					   message->descriptor->name);
	else if (json_write_message(&w, type, message) && buf->failed)
		w.result = proto_fault_set(fault, PROTO_EXHAUSTED,
					   "the JSON needs more than %zu bytes", buf->limit);
	return w.result;
}
