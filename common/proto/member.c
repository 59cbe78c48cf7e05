/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/member.h"

#include <string.h>

static const uint8_t sizes[] = {
    [PROTOBUF_C_TYPE_INT32] = sizeof(int32_t),
    [PROTOBUF_C_TYPE_SINT32] = sizeof(int32_t),
    [PROTOBUF_C_TYPE_SFIXED32] = sizeof(int32_t),
    [PROTOBUF_C_TYPE_INT64] = sizeof(int64_t),
    [PROTOBUF_C_TYPE_SINT64] = sizeof(int64_t),
    [PROTOBUF_C_TYPE_SFIXED64] = sizeof(int64_t),
    [PROTOBUF_C_TYPE_UINT32] = sizeof(uint32_t),
    [PROTOBUF_C_TYPE_FIXED32] = sizeof(uint32_t),
    [PROTOBUF_C_TYPE_UINT64] = sizeof(uint64_t),
    [PROTOBUF_C_TYPE_FIXED64] = sizeof(uint64_t),
    [PROTOBUF_C_TYPE_FLOAT] = sizeof(float),
    [PROTOBUF_C_TYPE_DOUBLE] = sizeof(double),
    [PROTOBUF_C_TYPE_BOOL] = sizeof(protobuf_c_boolean),
    [PROTOBUF_C_TYPE_ENUM] = sizeof(int32_t),
    [PROTOBUF_C_TYPE_STRING] = sizeof(char *),
    [PROTOBUF_C_TYPE_BYTES] = sizeof(ProtobufCBinaryData),
    [PROTOBUF_C_TYPE_MESSAGE] = sizeof(ProtobufCMessage *),
};

enum { FIRST_LIST_CAPACITY = 4, MAX_LIST = 1 << 30 };

static void *
at(const ProtobufCMessage *message, size_t offset)
{
	return (char *)(uintptr_t)message + offset;
}

static bool
is_repeated(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED;
}

static bool
is_oneof(const ProtobufCFieldDescriptor *field)
{
	return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

/* proto2 `optional` of a type that has no unset value of its own: a `has_` flag tells. */
static bool
has_flag(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_OPTIONAL && !is_oneof(field) &&
	       field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE;
}

size_t
member_size(ProtobufCType type)
{
	return sizes[type];
}

uint32_t
member_case(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return *(const uint32_t *)at(message, field->quantifier_offset);
}

/* By its bits, not its value: -0.0 is not the default. */
static bool
is_zero(const void *value, ProtobufCType type)
{
	static const char zeros[sizeof(ProtobufCBinaryData)];

	return memcmp(value, zeros, sizes[type]) == 0;
}

static bool
is_set(const void *value, const ProtobufCFieldDescriptor *field)
{
	const char *text;

	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return *(ProtobufCMessage *const *)value != NULL;
	case PROTOBUF_C_TYPE_STRING:
		text = *(char *const *)value;
		if (field->label == PROTOBUF_C_LABEL_NONE)
			return text && *text;
		return text && text != field->default_value;
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)value)->len != 0;
	default:
		return !is_zero(value, field->type);
	}
}

size_t
member_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	if (is_repeated(field))
		return *(const size_t *)at(message, field->quantifier_offset);
	if (is_oneof(field))
		return member_case(message, field) == field->id;
	if (has_flag(field))
		return *(const protobuf_c_boolean *)at(message, field->quantifier_offset) != 0;
	if (field->label == PROTOBUF_C_LABEL_REQUIRED && field->type != PROTOBUF_C_TYPE_MESSAGE)
		return 1;
	return is_set(at(message, field->offset), field);
}

void *
member_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t i)
{
	void *value = at(message, field->offset);

	if (!is_repeated(field))
		return value;
	return *(char **)value + i * sizes[field->type];
}

/*
 * A list's capacity is not stored: it is FIRST_LIST_CAPACITY or the smallest power of two that is
 * not less than its length.
 */
static size_t
list_capacity(size_t n)
{
	if (n <= FIRST_LIST_CAPACITY)
		return n ? FIRST_LIST_CAPACITY : 0;
	return (size_t)1 << (64 - __builtin_clzll(n - 1));
}

void *
member_add_many(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t extra,
		struct arena *arena)
{
	size_t *count = at(message, field->quantifier_offset);
	char **list = at(message, field->offset);
	size_t n = *count, size = sizes[field->type];

	if (extra > MAX_LIST - n)
		return NULL;
	if (n + extra > list_capacity(n)) {
		char *grown = arena_alloc(arena, list_capacity(n + extra) * size);

		if (!grown)
			return NULL;
		if (n)
			memcpy(grown, *list, n * size);
		*list = grown;
	}
	*count = n + extra;
	return *list + n * size;
}

void *
member_add(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, struct arena *arena)
{
	void *value = at(message, field->offset);

	if (is_repeated(field)) {
		value = member_add_many(message, field, 1, arena);
		if (value)
			memset(value, 0, sizes[field->type]);
	} else if (is_oneof(field) && member_case(message, field) != field->id) {
		*(uint32_t *)at(message, field->quantifier_offset) = field->id;
		memset(value, 0, sizes[field->type]);
	} else if (has_flag(field)) {
		*(protobuf_c_boolean *)at(message, field->quantifier_offset) = 1;
	}
	return value;
}

void
member_clear(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	void *value = at(message, field->offset);

	if (is_oneof(field)) {
		if (member_case(message, field) != field->id)
			return;
		*(uint32_t *)at(message, field->quantifier_offset) = 0;
	} else if (is_repeated(field)) {
		*(size_t *)at(message, field->quantifier_offset) = 0;
		*(void **)value = NULL;
		return;
	} else if (has_flag(field)) {
		*(protobuf_c_boolean *)at(message, field->quantifier_offset) = 0;
	}
	memset(value, 0, sizes[field->type]);
	if (field->type == PROTOBUF_C_TYPE_STRING && !is_oneof(field))
		memcpy(value, &field->default_value, sizeof field->default_value);
}

static bool
is_private(const struct schema_field *field)
{
	return field->rule && field->rule->privacy != PRIVACY__PRIVACY_UNSPECIFIED;
}

/* One field of a message; for a map's value, rules are those of the map field. */
static int
visit_field(const struct schema_field *field, const struct schema_field *rules,
	    ProtobufCMessage *message, bool privacy_only, member_text_fn *fn, void *data)
{
	size_t n = member_count(message, field->c);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		void *value = member_at(message, field->c, i);

		if (field->c->type == PROTOBUF_C_TYPE_STRING) {
			r = fn(data, rules, value);
		} else if (field->is_map) {
			r = visit_field(&field->message->fields[1], field,
					*(ProtobufCMessage **)value, privacy_only, fn, data);
		} else {
			r = member_visit_texts(field->message, *(ProtobufCMessage **)value,
					       privacy_only, fn, data);
		}
	}
	return r;
}

int
member_visit_texts(const struct schema_message *type, ProtobufCMessage *message, bool privacy_only,
		   member_text_fn *fn, void *data)
{
	int r = 0;

	if (privacy_only && !type->reaches_privacy)
		return 0;
	for (unsigned i = 0; i < type->c->n_fields && r == 0; i++) {
		const struct schema_field *field = &type->fields[i];
		bool is_text = field->c->type == PROTOBUF_C_TYPE_STRING;

		if (is_text ? !privacy_only || is_private(field) : field->message != NULL)
			r = visit_field(field, field, message, privacy_only, fn, data);
	}
	return r;
}
