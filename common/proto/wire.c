/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire.h"

#include <string.h>

#include "base/utf8.h"
#include "proto/member.h"

/* https://protobuf.dev/programming-guides/encoding/ */
enum {
	VARINT = PROTOBUF_C_WIRE_TYPE_VARINT,
	FIXED64 = PROTOBUF_C_WIRE_TYPE_64BIT,
	LENGTH = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
	FIXED32 = PROTOBUF_C_WIRE_TYPE_32BIT,
	GROUP = 3,
	GROUP_END = 4,
	FIRST_UNKNOWN_CAPACITY = 4,
	SMALLEST_SHARED = 4 << 10, /* below, copying is cheaper than asking the arena */
};

static const uint8_t wire_types[] = {
    [PROTOBUF_C_TYPE_INT32] = VARINT,     [PROTOBUF_C_TYPE_SINT32] = VARINT,
    [PROTOBUF_C_TYPE_SFIXED32] = FIXED32, [PROTOBUF_C_TYPE_INT64] = VARINT,
    [PROTOBUF_C_TYPE_SINT64] = VARINT,    [PROTOBUF_C_TYPE_SFIXED64] = FIXED64,
    [PROTOBUF_C_TYPE_UINT32] = VARINT,    [PROTOBUF_C_TYPE_FIXED32] = FIXED32,
    [PROTOBUF_C_TYPE_UINT64] = VARINT,    [PROTOBUF_C_TYPE_FIXED64] = FIXED64,
    [PROTOBUF_C_TYPE_FLOAT] = FIXED32,    [PROTOBUF_C_TYPE_DOUBLE] = FIXED64,
    [PROTOBUF_C_TYPE_BOOL] = VARINT,      [PROTOBUF_C_TYPE_ENUM] = VARINT,
    [PROTOBUF_C_TYPE_STRING] = LENGTH,    [PROTOBUF_C_TYPE_BYTES] = LENGTH,
    [PROTOBUF_C_TYPE_MESSAGE] = LENGTH,
};

struct reader {
	const uint8_t *at;
	const uint8_t *end; /* of the innermost message or list */
	struct arena *arena;
	struct proto_fault *fault;
	int depth;
	bool bytes_stay; /* they lie on the arena too */
};

static enum proto_result
malformed(struct reader *r, const char *why)
{
	return proto_fault_set(r->fault, PROTO_MALFORMED, "%s", why);
}

static enum proto_result
over_budget(struct reader *r)
{
	return proto_fault_set(r->fault, PROTO_EXHAUSTED,
			       "the message needs more than %zu bytes of memory",
			       arena_budget(r->arena));
}

static enum proto_result
too_deep(struct reader *r)
{
	return proto_fault_set(r->fault, PROTO_TOO_DEEP, "more than %d messages inside each other",
			       PROTO_MAX_DEPTH);
}

/* At most 10 bytes; bits past the 64th are dropped, as every implementation does. */
static bool
read_varint(struct reader *r, uint64_t *ret_value)
{
	uint64_t value = 0;
	const uint8_t *p = r->at;

	for (int shift = 0; shift < 70 && p < r->end; shift += 7) {
		uint8_t byte = *p++;

		value |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80) {
			r->at = p;
			*ret_value = value;
			return true;
		}
	}
	return false;
}

/* A length that the bytes left can hold. */
static bool
read_length(struct reader *r, size_t *ret_length)
{
	uint64_t length;

	if (!read_varint(r, &length) || length > (uint64_t)(r->end - r->at))
		return false;
	*ret_length = (size_t)length;
	return true;
}

static int64_t
unzigzag(uint64_t value)
{
	return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fixed numbers are copied as they are");

static void
store32(void *place, uint32_t value)
{
	memcpy(place, &value, sizeof value);
}

static void
store64(void *place, uint64_t value)
{
	memcpy(place, &value, sizeof value);
}

static void
store_varint(ProtobufCType type, uint64_t value, void *place)
{
	switch (type) {
	case PROTOBUF_C_TYPE_SINT32:
		store32(place, (uint32_t)unzigzag((uint32_t)value));
		break;
	case PROTOBUF_C_TYPE_SINT64:
		store64(place, (uint64_t)unzigzag(value));
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		store64(place, value);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		store32(place, value != 0);
		break;
	default:
		store32(place, (uint32_t)value);
	}
}

/* A number of any type, of which the wire type has been checked. */
static enum proto_result
read_number(struct reader *r, ProtobufCType type, void *place)
{
	uint64_t value;
	size_t size;

	if (wire_types[type] == VARINT) {
		if (!read_varint(r, &value))
			return malformed(r, "a number is cut off");
		store_varint(type, value, place);
		return PROTO_OK;
	}
	size = member_size(type);
	if ((size_t)(r->end - r->at) < size)
		return malformed(r, "a number is cut off");
	memcpy(place, r->at, size);
	r->at += size;
	return PROTO_OK;
}

static enum proto_result
read_string(struct reader *r, size_t length, char **place)
{
	if (!utf8_valid(r->at, length) || memchr(r->at, 0, length))
		return proto_fault_set(r->fault, PROTO_BAD_TEXT, "text is not UTF-8, or has a NUL");
	*place = arena_strndup(r->arena, (const char *)r->at, length);
	if (!*place)
		return over_budget(r);
	r->at += length;
	return PROTO_OK;
}

static enum proto_result
read_bytes(struct reader *r, size_t length, ProtobufCBinaryData *place)
{
	*place = (ProtobufCBinaryData){0};
	if (length == 0)
		return PROTO_OK;
	if (r->bytes_stay)
		place->data = (uint8_t *)(uintptr_t)r->at;
	else
		place->data = arena_memdup(r->arena, r->at, length);
	if (!place->data)
		return over_budget(r);
	place->len = length;
	r->at += length;
	return PROTO_OK;
}

static enum proto_result read_fields(struct reader *r, ProtobufCMessage *message);

/* Into the message that is there already, if one is: the same field twice is merged. */
static enum proto_result
read_message(struct reader *r, const ProtobufCMessageDescriptor *type, size_t length,
	     ProtobufCMessage **place)
{
	const uint8_t *outer_end = r->end;
	enum proto_result result;

	if (r->depth == PROTO_MAX_DEPTH)
		return too_deep(r);
	if (!*place)
		*place = wire_new(type, r->arena);
	if (!*place)
		return over_budget(r);
	r->end = r->at + length;
	r->depth++;
	result = read_fields(r, *place);
	r->depth--;
	r->end = outer_end;
	return result;
}

static enum proto_result
read_value(struct reader *r, const ProtobufCFieldDescriptor *field, void *place)
{
	size_t length;

	if (wire_types[field->type] != LENGTH)
		return read_number(r, field->type, place);
	if (!read_length(r, &length))
		return malformed(r, "a length goes past the end");
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return read_string(r, length, place);
	case PROTOBUF_C_TYPE_BYTES:
		return read_bytes(r, length, place);
	default:
		return read_message(r, field->descriptor, length, place);
	}
}

/* Numbers in a packed list, when it is well formed. */
static size_t
count_packed(ProtobufCType type, const uint8_t *p, size_t length)
{
	size_t n = 0;

	if (wire_types[type] != VARINT)
		return length / member_size(type);
	for (size_t i = 0; i < length; i++)
		n += p[i] < 0x80;
	return n;
}

static enum proto_result
read_packed(struct reader *r, const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
	const uint8_t *outer_end = r->end;
	enum proto_result result = PROTO_OK;
	size_t length, n, size = member_size(field->type);
	char *place;

	if (!read_length(r, &length))
		return malformed(r, "a length goes past the end");
	n = count_packed(field->type, r->at, length);
	place = n ? member_add_many(message, field, n, r->arena) : NULL;
	if (n && !place)
		return over_budget(r);
	r->end = r->at + length;
	for (size_t i = 0; i < n && result == PROTO_OK; i++)
		result = read_number(r, field->type, place + i * size);
	if (result == PROTO_OK && r->at < r->end)
		result = malformed(r, "a number is cut off");
	r->end = outer_end;
	return result;
}

static enum proto_result
read_known(struct reader *r, const ProtobufCFieldDescriptor *field, unsigned wire_type,
	   ProtobufCMessage *message)
{
	bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
	long index = PROTO_NO_INDEX;
	enum proto_result result;
	void *place;

	if (wire_type == wire_types[field->type]) {
		if (is_list)
			index = (long)member_count(message, field);
		place = member_add(message, field, r->arena);
		result = place ? read_value(r, field, place) : over_budget(r);
	} else if (wire_type == LENGTH && is_list) {
		result = read_packed(r, field, message);
	} else {
		result = malformed(r, "the field has another type here");
	}
	if (result != PROTO_OK)
		proto_fault_within(r->fault, field->name, index);
	return result;
}

static enum proto_result
skip_bytes(struct reader *r, size_t length)
{
	if ((size_t)(r->end - r->at) < length)
		return malformed(r, "an unknown field is cut off");
	r->at += length;
	return PROTO_OK;
}

static enum proto_result skip_group(struct reader *r, uint32_t number);

/* Moves past one value of a field that this program does not know. */
static enum proto_result
skip_value(struct reader *r, uint32_t number, unsigned wire_type)
{
	uint64_t ignored;
	size_t length;

	switch (wire_type) {
	case VARINT:
		return read_varint(r, &ignored) ? PROTO_OK
						: malformed(r, "an unknown field is cut off");
	case FIXED64:
		return skip_bytes(r, sizeof(uint64_t));
	case FIXED32:
		return skip_bytes(r, sizeof(uint32_t));
	case LENGTH:
		return read_length(r, &length) ? skip_bytes(r, length)
					       : malformed(r, "a length goes past the end");
	case GROUP:
		return skip_group(r, number);
	default:
		return malformed(r, "a field has a wire type that does not exist, or a group ends "
				    "that never began");
	}
}

static bool
read_tag(struct reader *r, uint32_t *ret_number, unsigned *ret_wire_type)
{
	uint64_t tag;

	if (!read_varint(r, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
		return false;
	*ret_number = (uint32_t)tag >> 3;
	*ret_wire_type = tag & 7;
	return true;
}

/* proto2's groups: only as unknown fields, up to the end tag of the same number. */
static enum proto_result
skip_group(struct reader *r, uint32_t number)
{
	enum proto_result result = PROTO_OK;
	uint32_t inner;
	unsigned wire_type;

	if (r->depth == PROTO_MAX_DEPTH)
		return too_deep(r);
	r->depth++;
	while (result == PROTO_OK) {
		if (!read_tag(r, &inner, &wire_type))
			return malformed(r, "a group does not end");
		if (wire_type == GROUP_END && inner == number)
			break;
		result = skip_value(r, inner, wire_type);
	}
	r->depth--;
	return result;
}

/* Grows as lists of members do: the capacity is a power of two. */
static ProtobufCMessageUnknownField *
unknown_add(ProtobufCMessage *message, struct arena *arena)
{
	size_t n = message->n_unknown_fields;
	ProtobufCMessageUnknownField *grown;

	if (n == 0 || (n >= FIRST_UNKNOWN_CAPACITY && (n & (n - 1)) == 0)) {
		grown = arena_alloc(arena, (n ? 2 * n : FIRST_UNKNOWN_CAPACITY) * sizeof *grown);
		if (!grown)
			return NULL;
		if (n)
			memcpy(grown, message->unknown_fields, n * sizeof *grown);
		message->unknown_fields = grown;
	}
	return &message->unknown_fields[n];
}

static enum proto_result
read_unknown(struct reader *r, uint32_t number, unsigned wire_type, ProtobufCMessage *message)
{
	const uint8_t *start = r->at;
	enum proto_result result = skip_value(r, number, wire_type);
	ProtobufCMessageUnknownField *field;
	void *data;

	if (result != PROTO_OK)
		return result;
	field = unknown_add(message, r->arena);
	data = field ? arena_memdup(r->arena, start, (size_t)(r->at - start)) : NULL;
	if (!data)
		return over_budget(r);
	*field = (ProtobufCMessageUnknownField){
	    .tag = number,
	    .wire_type = (ProtobufCWireType)wire_type,
	    .len = (size_t)(r->at - start),
	    .data = data,
	};
	message->n_unknown_fields++;
	return PROTO_OK;
}

/* Fields mostly come in the order of their numbers: *last is where the one before was found. */
static const ProtobufCFieldDescriptor *
find_field(const ProtobufCMessageDescriptor *type, uint32_t number, unsigned *last)
{
	const ProtobufCFieldDescriptor *field;

	for (unsigned i = *last; i < type->n_fields && i <= *last + 1; i++) {
		if (type->fields[i].id == number) {
			*last = i;
			return &type->fields[i];
		}
	}
	field = protobuf_c_message_descriptor_get_field(type, number);
	if (field)
		*last = (unsigned)(field - type->fields);
	return field;
}

static enum proto_result
read_fields(struct reader *r, ProtobufCMessage *message)
{
	unsigned last = 0;

	while (r->at < r->end) {
		const ProtobufCFieldDescriptor *field;
		enum proto_result result;
		uint32_t number;
		unsigned wire_type;

		if (!read_tag(r, &number, &wire_type))
			return malformed(r, "a field's tag is wrong or cut off");
		field = find_field(message->descriptor, number, &last);
		if (field)
			result = read_known(r, field, wire_type, message);
		else
			result = read_unknown(r, number, wire_type, message);
		if (result != PROTO_OK)
			return result;
	}
	return PROTO_OK;
}

ProtobufCMessage *
wire_new(const ProtobufCMessageDescriptor *type, struct arena *arena)
{
	ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);

	if (message)
		protobuf_c_message_init(type, message);
	return message;
}

enum proto_result
wire_merge(ProtobufCMessage *message, const void *bytes, size_t size, struct arena *arena,
	   struct proto_fault *fault)
{
	struct reader reader = {.arena = arena, .fault = fault};

	if (size == 0)
		return PROTO_OK;
	reader.at = bytes;
	reader.end = reader.at + size;
	reader.bytes_stay = size >= SMALLEST_SHARED && arena_holds(arena, bytes);
	return read_fields(&reader, message);
}

enum proto_result
wire_read(const ProtobufCMessageDescriptor *type, const void *bytes, size_t size,
	  struct arena *arena, ProtobufCMessage **ret_message, struct proto_fault *fault)
{
	ProtobufCMessage *message = wire_new(type, arena);
	enum proto_result result;

	if (!message)
		return over_budget(&(struct reader){.arena = arena, .fault = fault});
	result = wire_merge(message, bytes, size, arena, fault);
	if (result == PROTO_OK)
		*ret_message = message;
	return result;
}
