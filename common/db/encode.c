/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoders: a field's value in PostgreSQL's binary format (the `*send` functions of its sources).
 * Integers are big-endian. What a message already holds in the right form is not copied.
 */
#include <endian.h>
#include <limits.h>
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
enum { NUMERIC_POSITIVE = 0, NUMERIC_NEGATIVE = 0x4000, NUMERIC_MAX_DIGITS = 5 };

static enum db_outcome
no_memory(struct db_binder *b, struct db_place place)
{
	return db_refuse(b, DB_TOO_LARGE, place.field->name, "超出本次调用的内存限额");
}

static enum db_outcome
put_copy(struct db_binder *b, struct db_place place, const void *data, size_t length,
	 struct db_value *ret_value)
{
	void *copy = arena_memdup(b->arena, data, length);

	if (!copy)
		return no_memory(b, place);
	*ret_value = (struct db_value){copy, length};
	return DB_OK;
}

/* False for a uint64 past int64. */
static bool
integer_of(const ProtobufCFieldDescriptor *field, const void *from, int64_t *ret_value)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		*ret_value = *(const int64_t *)from;
		return true;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*ret_value = (int64_t) * (const uint64_t *)from;
		return *ret_value >= 0;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*ret_value = *(const uint32_t *)from;
		return true;
	default: /* int32 and its kin, enums */
		*ret_value = *(const int32_t *)from;
		return true;
	}
}

/* An integer of size bytes: the lowest ones of its big-endian form. */
static enum db_outcome
encode_integer(struct db_binder *b, struct db_place place, const void *from, size_t size,
	       struct db_value *ret_value)
{
	int64_t value, highest = size == 8 ? INT64_MAX : ((int64_t)1 << (8 * size - 1)) - 1;
	uint64_t wire;

	if (!integer_of(place.field, from, &value) || value > highest || value < -highest - 1)
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "的数值超出数据库的范围");
	wire = htobe64((uint64_t)value);
	return put_copy(b, place, (char *)&wire + (8 - size), size, ret_value);
}

enum db_outcome
db_encode_int2(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	return encode_integer(b, place, from, 2, ret_value);
}

enum db_outcome
db_encode_int4(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	return encode_integer(b, place, from, 4, ret_value);
}

enum db_outcome
db_encode_int8(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	return encode_integer(b, place, from, 8, ret_value);
}

/* numeric_send: digits of base 10,000, weight of the first, sign, scale. */
enum db_outcome
db_encode_numeric(struct db_binder *b, struct db_place place, const void *from,
		  struct db_value *ret_value)
{
	uint16_t wire[4 + NUMERIC_MAX_DIGITS], digits[NUMERIC_MAX_DIGITS];
	uint64_t magnitude;
	int64_t value;
	int n = 0;

	if (!integer_of(place.field, from, &value))
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "的数值超出数据库的范围");
	for (magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value; magnitude;
	     magnitude /= DB_NUMERIC_BASE)
		digits[n++] = (uint16_t)(magnitude % DB_NUMERIC_BASE);
	wire[0] = htobe16((uint16_t)n);
	wire[1] = htobe16((uint16_t)(n ? n - 1 : 0));
	wire[2] = htobe16(value < 0 ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE);
	wire[3] = 0;
	for (int i = 0; i < n; i++)
		wire[4 + i] = htobe16(digits[n - 1 - i]);
	return put_copy(b, place, wire, (4 + (size_t)n) * sizeof wire[0], ret_value);
}

enum db_outcome
db_encode_bool(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	static const char wire[2] = {0, 1};

	(void)b;
	(void)place;
	*ret_value = (struct db_value){&wire[*(const protobuf_c_boolean *)from != 0], 1};
	return DB_OK;
}

enum db_outcome
db_encode_float8(struct db_binder *b, struct db_place place, const void *from,
		 struct db_value *ret_value)
{
	double value = place.field->type == PROTOBUF_C_TYPE_FLOAT ? (double)*(const float *)from
								  : *(const double *)from;
	uint64_t wire;

	memcpy(&wire, &value, sizeof wire);
	wire = htobe64(wire);
	return put_copy(b, place, &wire, sizeof wire, ret_value);
}

static const char *
text_at(const void *from)
{
	const char *text = *(char *const *)from;

	return text ? text : "";
}

enum db_outcome
db_encode_text(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	const ProtobufCEnumValue *value;
	const char *text;

	if (place.field->type == PROTOBUF_C_TYPE_ENUM) {
		value = protobuf_c_enum_descriptor_get_value(place.field->descriptor,
							     *(const int *)from);
		if (!value)
			return db_refuse(b, DB_BAD_VALUE, place.field->name, "不是已知的枚举值");
		text = value->name;
	} else {
		text = text_at(from);
	}
	*ret_value = (struct db_value){text, strlen(text)};
	return DB_OK;
}

/* An empty text is NULL: an identifier that is not there. */
enum db_outcome
db_encode_uuid(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	const char *text = text_at(from);
	struct uuid uuid;

	if (!*text)
		return DB_OK;
	if (!uuid_parse(text, strlen(text), &uuid))
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "不是 UUID");
	return put_copy(b, place, uuid.bytes, sizeof uuid.bytes, ret_value);
}

static enum db_outcome
codec_outcome(struct db_binder *b, struct db_place place, enum db_outcome outcome, const char *what)
{
	if (outcome == DB_OK)
		return DB_OK;
	if (outcome == DB_TOO_LARGE)
		return no_memory(b, place);
	return db_refuse(b, outcome, place.field->name, what);
}

static enum db_outcome
encode_sealed(struct db_binder *b, struct db_place place, const void *clear, size_t length,
	      struct db_value *ret_value)
{
	enum db_outcome outcome = DB_BAD_VALUE;

	if (b->codec && b->codec->seal)
		outcome = b->codec->seal(b->codec->data, place.field, place.owner, clear, length,
					 b->arena, &ret_value->data, &ret_value->length);
	return codec_outcome(b, place, outcome, "不能加密存放");
}

enum db_outcome
db_encode_blind(struct db_binder *b, struct db_place place, const void *from,
		struct db_value *ret_value)
{
	enum db_outcome outcome = DB_BAD_VALUE;
	const char *text = text_at(from);

	if (!*text)
		return DB_OK;
	if (b->codec && b->codec->blind)
		outcome = b->codec->blind(b->codec->data, place.field, text, b->arena,
					  &ret_value->data, &ret_value->length);
	return codec_outcome(b, place, outcome, "不能计算盲索引");
}

/* A number is sealed as its decimal text; 0 is NULL, as an empty text is. */
static enum db_outcome
encode_sealed_number(struct db_binder *b, struct db_place place, const void *from,
		     struct db_value *ret_value)
{
	const char *text;
	int64_t value;

	if (!integer_of(place.field, from, &value) || value == 0)
		return DB_OK;
	text = arena_printf(b->arena, "%lld", (long long)value);
	if (!text)
		return no_memory(b, place);
	return encode_sealed(b, place, text, strlen(text), ret_value);
}

enum db_outcome
db_encode_bytea(struct db_binder *b, struct db_place place, const void *from,
		struct db_value *ret_value)
{
	const ProtobufCBinaryData *bytes;
	size_t size;
	void *packed;

	switch (place.field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *text_at(from) ? encode_sealed(b, place, text_at(from),
						      strlen(text_at(from)), ret_value)
				      : DB_OK;
	case PROTOBUF_C_TYPE_INT32:
		return encode_sealed_number(b, place, from, ret_value);
	case PROTOBUF_C_TYPE_MESSAGE:
		packed = wire_pack(*(ProtobufCMessage *const *)from, b->arena, &size);
		if (!packed)
			return no_memory(b, place);
		if (b->codec && b->codec->seals && b->codec->seals(b->codec->data, place.field))
			return encode_sealed(b, place, packed, size, ret_value);
		*ret_value = (struct db_value){packed, size};
		return DB_OK;
	default:
		bytes = from;
		*ret_value =
		    (struct db_value){bytes->len ? bytes->data : (const void *)"", bytes->len};
		return DB_OK;
	}
}

enum db_outcome
db_encode_date(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	const Date *date = *(Date *const *)from;
	struct date day;
	uint32_t wire;

	if (!date_from_civil(date->year, date->month, date->day, &day))
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "不是存在的日期");
	wire = htobe32((uint32_t)(day.days - DB_DAYS_1970_TO_2000));
	return put_copy(b, place, &wire, sizeof wire, ret_value);
}

enum db_outcome
db_encode_timestamptz(struct db_binder *b, struct db_place place, const void *from,
		      struct db_value *ret_value)
{
	const Google__Protobuf__Timestamp *at = *(Google__Protobuf__Timestamp *const *)from;
	int64_t seconds = at->seconds - (int64_t)DB_DAYS_1970_TO_2000 * 86400;
	uint64_t wire;

	/* The range of a Timestamp: years 1 to 9999. */
	if (at->seconds < -62135596800 || at->seconds > 253402300799 || at->nanos < 0 ||
	    at->nanos > 999999999)
		return db_refuse(b, DB_BAD_VALUE, place.field->name, "不是存在的时刻");
	wire = htobe64((uint64_t)(seconds * 1000000 + at->nanos / 1000));
	return put_copy(b, place, &wire, sizeof wire, ret_value);
}

enum db_outcome
db_encode_json(struct db_binder *b, struct db_place place, const void *from,
	       struct db_value *ret_value)
{
	enum db_outcome outcome = DB_BAD_VALUE;
	const char *text = NULL;
	size_t length = 0;

	if (place.field->type == PROTOBUF_C_TYPE_STRING) {
		text = text_at(from);
		*ret_value = (struct db_value){*text ? text : NULL, strlen(text)};
		return DB_OK;
	}
	if (b->codec && b->codec->to_json)
		outcome = b->codec->to_json(b->codec->data, *(ProtobufCMessage *const *)from,
					    b->arena, &text, &length);
	*ret_value = (struct db_value){text, length};
	return codec_outcome(b, place, outcome, "不能写成 JSON");
}

/* jsonb_send: a version byte before the text. */
enum db_outcome
db_encode_jsonb(struct db_binder *b, struct db_place place, const void *from,
		struct db_value *ret_value)
{
	struct db_value json = {0};
	enum db_outcome outcome = db_encode_json(b, place, from, &json);
	char *wire;

	if (outcome != DB_OK || !json.data)
		return outcome;
	wire = arena_alloc(b->arena, json.length + 1);
	if (!wire)
		return no_memory(b, place);
	wire[0] = JSONB_VERSION;
	memcpy(wire + 1, json.data, json.length);
	*ret_value = (struct db_value){wire, json.length + 1};
	return DB_OK;
}

/* A JSON array of the list that stands at place; empty lists are []. */
enum db_outcome
db_encode_json_list(struct db_binder *b, struct db_place place, bool binary,
		    struct db_value *ret_value)
{
	size_t n = place.owner ? member_count(place.owner, place.field) : 0;
	struct buf buf;

	buf_init(&buf, b->arena, MAX_JSON);
	if (binary)
		buf_putc(&buf, JSONB_VERSION);
	buf_putc(&buf, '[');
	for (size_t i = 0; i < n; i++) {
		/* An item is written like a message that stands alone. */
		struct db_value item = {0};
		enum db_outcome outcome =
		    db_encode_json(b, place, member_at(place.owner, place.field, i), &item);

		if (outcome != DB_OK)
			return outcome;
		buf_puts(&buf, i ? "," : "");
		buf_put(&buf, item.data, item.length);
	}
	buf_putc(&buf, ']');
	if (buf.failed)
		return no_memory(b, place);
	*ret_value = (struct db_value){buf.data, buf.length};
	return DB_OK;
}
