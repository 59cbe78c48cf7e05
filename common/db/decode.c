/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders: PostgreSQL's binary format into a field. Bytes come from the server, but are checked
 * all the same: a statement may be changed under a running service.
 */
#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/uuid.h"
#include "db/type.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/type/date.pb-c.h"
#include "proto/member.h"
#include "proto/wire.h"

enum { JSONB_VERSION = 1, MAX_JSON = 16 << 20 };
enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_HEAD = 8, US_PER_SECOND = 1000000 };

static enum db_outcome
no_memory(struct db_binder *b, struct db_place place)
{
	return db_refuse(b, DB_TOO_LARGE, place.field->name, "超出本次调用的内存限额");
}

static enum db_outcome
bad_bytes(struct db_binder *b, struct db_place place)
{
	return db_refuse(b, DB_BAD_VALUE, place.field->name, "的列值不能读入");
}

static bool
integer_read(struct db_value value, int64_t *ret_integer)
{
	uint64_t bits = 0;

	if (value.length != 2 && value.length != 4 && value.length != 8)
		return false;
	memcpy(&bits, value.data, value.length);
	bits = be64toh(bits);
	*ret_integer = (int64_t)bits >> (64 - 8 * value.length);
	return true;
}

static bool
integer_store(const ProtobufCFieldDescriptor *field, int64_t value, void *to)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		memcpy(to, &value, sizeof value);
		return value >= 0 || (field->type != PROTOBUF_C_TYPE_UINT64 &&
				      field->type != PROTOBUF_C_TYPE_FIXED64);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*(uint32_t *)to = (uint32_t)value;
		return value >= 0 && value <= UINT32_MAX;
	default:
		*(int32_t *)to = (int32_t)value;
		return value >= INT32_MIN && value <= INT32_MAX;
	}
}

enum db_outcome
db_decode_integer(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	int64_t integer;

	if (!integer_read(value, &integer))
		return bad_bytes(b, place);
	if (!integer_store(place.field, integer, to))
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "的列值超出字段的范围");
	return DB_OK;
}

static int
be16_at(const unsigned char *at)
{
	return (int16_t)(at[0] << 8 | at[1]);
}

/* sum * base + digit, away from zero. */
static bool
append_digit(int64_t *sum, int digit, bool negative)
{
	return !__builtin_mul_overflow(*sum, DB_NUMERIC_BASE, sum) &&
	       !__builtin_add_overflow(*sum, negative ? -digit : digit, sum);
}

/* The value of a numeric's digits, which stand before the point up to `weight`; zeros behind the
 * last are not sent. False with a fraction, NaN, infinity, or past int64. */
static bool
numeric_read(struct db_value value, int64_t *ret_integer)
{
	const unsigned char *wire = value.data;
	int n = value.length >= NUMERIC_HEAD ? be16_at(wire) : -1;
	int weight, sign;
	int64_t sum = 0;
	bool ok;

	if (n < 0 || value.length != NUMERIC_HEAD + 2 * (size_t)n)
		return false;
	weight = be16_at(wire + 2);
	sign = be16_at(wire + 4);
	ok = sign == 0 || sign == NUMERIC_NEGATIVE;
	for (int i = 0; ok && (i < n || i <= weight); i++) {
		int digit = i < n ? be16_at(wire + NUMERIC_HEAD + 2 * (ptrdiff_t)i) : 0;

		ok = i <= weight ? append_digit(&sum, digit, sign != 0) : digit == 0;
	}
	if (ok)
		*ret_integer = sum;
	return ok;
}

enum db_outcome
db_decode_numeric(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	int64_t integer;

	if (!numeric_read(value, &integer) || !integer_store(place.field, integer, to))
		return db_refuse(b, DB_BAD_VALUE, place.field->name,
				 "的列值有小数，或者超出字段的范围");
	return DB_OK;
}

enum db_outcome
db_decode_bool(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	if (value.length != 1)
		return bad_bytes(b, place);
	*(protobuf_c_boolean *)to = *(const char *)value.data != 0;
	return DB_OK;
}

enum db_outcome
db_decode_float8(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	uint64_t wire;
	double number;

	if (value.length != sizeof wire)
		return bad_bytes(b, place);
	memcpy(&wire, value.data, sizeof wire);
	wire = be64toh(wire);
	memcpy(&number, &wire, sizeof number);
	if (place.field->type == PROTOBUF_C_TYPE_FLOAT)
		*(float *)to = (float)number;
	else
		*(double *)to = number;
	return DB_OK;
}

static enum db_outcome
decode_enum(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	char name[128];
	const ProtobufCEnumValue *found = NULL;

	if (value.length < sizeof name) {
		memcpy(name, value.data, value.length);
		name[value.length] = '\0';
		found = protobuf_c_enum_descriptor_get_value_by_name(place.field->descriptor, name);
	}
	if (!found)
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "的列值不是枚举的名字");
	*(int *)to = found->value;
	return DB_OK;
}

enum db_outcome
db_decode_text(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	char *text;

	if (place.field->type == PROTOBUF_C_TYPE_ENUM)
		return decode_enum(b, place, value, to);
	text = arena_strndup(b->arena, value.data, value.length);
	if (!text)
		return no_memory(b, place);
	*(char **)to = text;
	return DB_OK;
}

enum db_outcome
db_decode_uuid(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	struct uuid uuid;
	char *text;

	if (value.length != sizeof uuid.bytes)
		return bad_bytes(b, place);
	memcpy(uuid.bytes, value.data, sizeof uuid.bytes);
	text = arena_alloc(b->arena, UUID_TEXT_SIZE);
	if (!text)
		return no_memory(b, place);
	*(char **)to = uuid_format(&uuid, text);
	return DB_OK;
}

static enum db_outcome
open_sealed(struct db_binder *b, struct db_place place, struct db_value value, void **ret_clear,
	    size_t *ret_length)
{
	enum db_outcome outcome = DB_BAD_VALUE;

	if (b->codec && b->codec->open)
		outcome = b->codec->open(b->codec->data, place.field, place.owner, value.data,
					 value.length, b->arena, ret_clear, ret_length);
	return outcome == DB_OK ? DB_OK
				: db_refuse(b, outcome, place.field->name, "的密文不能解开");
}

static enum db_outcome
decode_packed(struct db_binder *b, struct db_place place, struct db_value value,
	      ProtobufCMessage **to)
{
	void *clear = NULL;
	enum db_outcome outcome;

	if (b->codec && b->codec->seals && b->codec->seals(b->codec->data, place.field)) {
		outcome = open_sealed(b, place, value, &clear, &value.length);
		if (outcome != DB_OK)
			return outcome;
		value.data = clear;
	}
	switch (wire_read(place.field->descriptor, value.data, value.length, b->arena, to, NULL)) {
	case PROTO_OK:
		return DB_OK;
	case PROTO_EXHAUSTED:
		return no_memory(b, place);
	default:
		return bad_bytes(b, place);
	}
}

static enum db_outcome
decode_sealed_number(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	void *clear = NULL;
	size_t length;
	enum db_outcome outcome = open_sealed(b, place, value, &clear, &length);

	if (outcome != DB_OK)
		return outcome;
	return clear && integer_store(place.field, strtoll(clear, NULL, 10), to)
		   ? DB_OK
		   : bad_bytes(b, place);
}

enum db_outcome
db_decode_bytea(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	ProtobufCBinaryData *bytes = to;
	size_t length;

	switch (place.field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return open_sealed(b, place, value, to, &length);
	case PROTOBUF_C_TYPE_INT32:
		return decode_sealed_number(b, place, value, to);
	case PROTOBUF_C_TYPE_MESSAGE:
		return decode_packed(b, place, value, to);
	default:
		bytes->data = arena_memdup(b->arena, value.data, value.length);
		bytes->len = value.length;
		return bytes->data ? DB_OK : no_memory(b, place);
	}
}

/* Infinite days and instants, an open end of a range, leave the field unset: none is inside a
 * Timestamp's or Date's range. */
enum db_outcome
db_decode_date(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	struct civil civil;
	int64_t days;
	Date *date;

	if (value.length != 4 || !integer_read(value, &days))
		return bad_bytes(b, place);
	if (days == INT32_MAX || days == INT32_MIN)
		return DB_OK;
	date = (Date *)wire_new(&date__descriptor, b->arena);
	if (!date)
		return no_memory(b, place);
	civil = date_civil((struct date){(int32_t)days + DB_DAYS_1970_TO_2000});
	date->year = civil.year;
	date->month = civil.month;
	date->day = civil.day;
	*(Date **)to = date;
	return DB_OK;
}

enum db_outcome
db_decode_timestamptz(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	Google__Protobuf__Timestamp *at;
	int64_t us, seconds;

	if (value.length != 8 || !integer_read(value, &us))
		return bad_bytes(b, place);
	if (us == INT64_MAX || us == INT64_MIN)
		return DB_OK;
	at = (Google__Protobuf__Timestamp *)wire_new(&google__protobuf__timestamp__descriptor,
						     b->arena);
	if (!at)
		return no_memory(b, place);
	seconds = us / US_PER_SECOND - (us % US_PER_SECOND < 0);
	at->seconds = seconds + (int64_t)DB_DAYS_1970_TO_2000 * 86400;
	at->nanos = (int32_t)(us - seconds * US_PER_SECOND) * 1000;
	*(Google__Protobuf__Timestamp **)to = at;
	return DB_OK;
}

enum db_outcome
db_decode_json(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	enum db_outcome outcome = DB_BAD_VALUE;

	if (place.field->type == PROTOBUF_C_TYPE_STRING)
		return db_decode_text(b, place, value, to);
	if (b->codec && b->codec->from_json)
		outcome = b->codec->from_json(b->codec->data, place.field->descriptor, value.data,
					      value.length, b->arena, to);
	return outcome == DB_OK ? DB_OK
				: db_refuse(b, outcome, place.field->name, "的 JSON 不能读入");
}

enum db_outcome
db_decode_jsonb(struct db_binder *b, struct db_place place, struct db_value value, void *to)
{
	if (value.length < 1 || *(const char *)value.data != JSONB_VERSION)
		return bad_bytes(b, place);
	value = (struct db_value){(const char *)value.data + 1, value.length - 1};
	return db_decode_json(b, place, value, to);
}

/* The codec reads messages, not lists: so the array is read as the one field of its message. */
enum db_outcome
db_decode_json_list(struct db_binder *b, const ProtobufCFieldDescriptor *field,
		    ProtobufCMessage *owner, bool binary, struct db_value value)
{
	struct db_place place = {field, owner};
	enum db_outcome outcome = DB_BAD_VALUE;
	ProtobufCMessage *read = NULL;
	struct buf buf;
	size_t skipped = binary ? 1 : 0;

	if (value.length < skipped)
		return bad_bytes(b, place);
	buf_init(&buf, b->arena, MAX_JSON);
	buf_printf(&buf, "{\"%s\":", field->name);
	buf_put(&buf, (const char *)value.data + skipped, value.length - skipped);
	buf_putc(&buf, '}');
	if (buf.failed)
		return no_memory(b, place);
	if (b->codec && b->codec->from_json)
		outcome = b->codec->from_json(b->codec->data, owner->descriptor, buf.data,
					      buf.length, b->arena, &read);
	if (outcome != DB_OK)
		return db_refuse(b, outcome, field->name, "的 JSON 不能读入");
	for (size_t i = 0; i < member_count(read, field); i++) {
		void *to = member_add(owner, field, b->arena);

		if (!to)
			return no_memory(b, place);
		memcpy(to, member_at(read, field, i), member_size(field->type));
	}
	return DB_OK;
}
