/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "proto/member.h"
#include "proto/wire.h"

/*
 * One pass forward. The length of an inner message is not known beforehand: one byte is left for
 * it, which is enough below 128 bytes; a longer message is moved up by the missing bytes. That is
 * cheaper than computing every size before, as protobuf-c does once for each level.
 */

enum { MAX_TAG = 5, MAX_VARINT = 10, PACKED_STEP = 24 };

/* Room for size bytes at the end, not counted as written; NULL on failure. */
static uint8_t *
room(struct buf *buf, size_t size)
{
	if (!buf_extend(buf, size))
		return NULL;
	buf->length -= size;
	return (uint8_t *)buf->data + buf->length;
}

static uint8_t *
put_varint(uint8_t *p, uint64_t value)
{
	while (value >= 0x80) {
		*p++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*p++ = (uint8_t)value;
	return p;
}

static uint8_t *
put_tag(uint8_t *p, uint32_t number, unsigned wire_type)
{
	return put_varint(p, (uint64_t)number << 3 | wire_type);
}

static void
end_at(struct buf *buf, const uint8_t *end)
{
	buf->length = (size_t)(end - (uint8_t *)buf->data);
}

static uint64_t
zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static unsigned
number_wire_type(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return PROTOBUF_C_WIRE_TYPE_32BIT;
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return PROTOBUF_C_WIRE_TYPE_64BIT;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	default:
		return PROTOBUF_C_WIRE_TYPE_VARINT;
	}
}

static uint8_t *
put_number(uint8_t *p, ProtobufCType type, const void *value)
{
	size_t size = member_size(type);

	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_ENUM:
		return put_varint(p, (uint64_t)(int64_t) * (const int32_t *)value);
	case PROTOBUF_C_TYPE_UINT32:
		return put_varint(p, *(const uint32_t *)value);
	case PROTOBUF_C_TYPE_BOOL:
		return put_varint(p, *(const protobuf_c_boolean *)value != 0);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return put_varint(p, *(const uint64_t *)value);
	case PROTOBUF_C_TYPE_SINT32:
		return put_varint(p, zigzag(*(const int32_t *)value));
	case PROTOBUF_C_TYPE_SINT64:
		return put_varint(p, zigzag(*(const int64_t *)value));
	default:
		memcpy(p, value, size);
		return p + size;
	}
}

static void
write_bytes(struct buf *buf, uint32_t number, const void *bytes, size_t length)
{
	uint8_t *p = room(buf, MAX_TAG + MAX_VARINT + length);

	if (!p)
		return;
	p = put_tag(p, number, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
	p = put_varint(p, length);
	if (length)
		memcpy(p, bytes, length);
	end_at(buf, p + length);
}

/* Writes the tag and leaves a byte for the length of what follows; returns where that begins. */
static size_t
open_length(struct buf *buf, uint32_t number)
{
	uint8_t *p = room(buf, MAX_TAG + 1);

	if (!p)
		return 0;
	p = put_tag(p, number, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
	end_at(buf, p + 1);
	return buf->length;
}

static void
close_length(struct buf *buf, size_t start)
{
	size_t length = buf->length - start, extra;
	uint8_t prefix[MAX_VARINT];
	uint8_t *p;

	if (buf->failed)
		return;
	extra = (size_t)(put_varint(prefix, length) - prefix) - 1;
	if (extra && !room(buf, extra))
		return;
	p = (uint8_t *)buf->data + start - 1;
	if (extra) {
		memmove(p + 1 + extra, p + 1, length);
		buf->length += extra;
	}
	memcpy(p, prefix, extra + 1);
}

/* C0 80 stands for NUL, which a C string cannot hold (json_read_options.keep_nul). */
static size_t
restore_nul(uint8_t *text, size_t length)
{
	size_t out = 0;

	for (size_t in = 0; in < length; in++) {
		bool is_nul = text[in] == 0xC0 && in + 1 < length && text[in + 1] == 0x80;

		text[out++] = is_nul ? 0 : text[in];
		in += is_nul;
	}
	return out;
}

static void
write_string(struct buf *buf, uint32_t number, const char *text)
{
	size_t length = text ? strlen(text) : 0, start;

	if (length == 0 || !strchr(text, '\xC0')) {
		write_bytes(buf, number, text, length);
		return;
	}
	start = open_length(buf, number);
	buf_put(buf, text, length);
	if (!buf->failed)
		buf->length = start + restore_nul((uint8_t *)buf->data + start, length);
	close_length(buf, start);
}

static void write_fields(const ProtobufCMessage *message, struct buf *buf);

static void
write_value(struct buf *buf, const ProtobufCFieldDescriptor *field, const void *value)
{
	const ProtobufCBinaryData *bytes = value;
	size_t start;
	uint8_t *p;

	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		write_string(buf, field->id, *(char *const *)value);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		write_bytes(buf, field->id, bytes->data, bytes->len);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		start = open_length(buf, field->id);
		if (*(ProtobufCMessage *const *)value)
			write_fields(*(ProtobufCMessage *const *)value, buf);
		close_length(buf, start);
		break;
	default:
		p = room(buf, MAX_TAG + MAX_VARINT);
		if (!p)
			return;
		p = put_tag(p, field->id, number_wire_type(field->type));
		end_at(buf, put_number(p, field->type, value));
	}
}

/* Room is asked for a few numbers at a time. */
static void
write_packed(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t n,
	     struct buf *buf)
{
	size_t start = open_length(buf, field->id), size = member_size(field->type);
	const char *value = member_at(message, field, 0);

	for (size_t done = 0; done < n;) {
		size_t some = n - done < PACKED_STEP ? n - done : PACKED_STEP;
		uint8_t *p = room(buf, some * MAX_VARINT);

		if (!p)
			return;
		for (done += some; some > 0; some--, value += size)
			p = put_number(p, field->type, value);
		end_at(buf, p);
	}
	close_length(buf, start);
}

static void
write_unknown(const ProtobufCMessage *message, struct buf *buf)
{
	for (unsigned i = 0; i < message->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];
		uint8_t *p = room(buf, MAX_TAG + field->len);

		if (!p)
			return;
		p = put_tag(p, field->tag, field->wire_type);
		memcpy(p, field->data, field->len);
		end_at(buf, p + field->len);
	}
}

static void
write_fields(const ProtobufCMessage *message, struct buf *buf)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;

	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		size_t n = member_count(message, field);

		if (buf->failed)
			return;
		if (n && (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED)) {
			write_packed(message, field, n, buf);
			continue;
		}
		for (size_t k = 0; k < n; k++)
			write_value(buf, field, member_at(message, field, k));
	}
	write_unknown(message, buf);
}

void
wire_write(const ProtobufCMessage *message, struct buf *buf)
{
	write_fields(message, buf);
	if (!buf->failed)
		buf_extend(buf, 0); /* the NUL after the last byte */
}

void *
wire_pack(const ProtobufCMessage *message, struct arena *arena, size_t *ret_size)
{
	struct buf buf;

	buf_init(&buf, arena, SIZE_MAX / 4);
	wire_write(message, &buf);
	if (!buf.data)
		buf_extend(&buf, 0);
	if (buf.failed)
		return NULL;
	*ret_size = buf.length;
	return buf.data;
}
