/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Type: one PostgreSQL type that can be bound, as a row of a table (type.c).
 *
 * Encoders (encode.c) turn a field's value into the type's binary form, decoders (decode.c) back.
 * Arrays and paths are done above them, by bind.c and fill.c. Inside of db only.
 */
#ifndef MZ_DB_TYPE_H
#define MZ_DB_TYPE_H

#include "db/bind.h"

/* One binding under way. */
struct db_binder {
	const struct db_stmt *stmt;
	const struct db_codec *codec;
	struct arena *arena;
	struct db_error *error;
};

/* A field and the message it stands in. */
struct db_place {
	const ProtobufCFieldDescriptor *field;
	const ProtobufCMessage *owner;
};

struct db_value {
	const void *data; /* NULL: SQL NULL */
	size_t length;
};

typedef enum db_outcome db_encode_fn(struct db_binder *b, struct db_place place, const void *from,
				     struct db_value *ret_value);
/* to: where the field's value stands, already counted as present. */
typedef enum db_outcome db_decode_fn(struct db_binder *b, struct db_place place,
				     struct db_value value, void *to);

struct db_type {
	uint32_t oid, array;
	const char *name;
	unsigned fields; /* bits of enum db_field_kind that it can hold */
	db_encode_fn *encode;
	db_decode_fn *decode;
};

enum db_field_kind {
	FIELD_BOOL = 1 << 0,
	FIELD_INTEGER = 1 << 1,
	FIELD_ENUM = 1 << 2,
	FIELD_TEXT = 1 << 3,
	FIELD_BYTES = 1 << 4,
	FIELD_DOUBLE = 1 << 5,
	FIELD_DATE = 1 << 6,
	FIELD_TIMESTAMP = 1 << 7,
	FIELD_MESSAGE = 1 << 8, /* any other message */
};

enum db_field_kind db_field_kind(const ProtobufCFieldDescriptor *field);

/* The type, or the item type of an array; NULL for one that cannot be bound. */
const struct db_type *db_type_of(uint32_t oid, bool *ret_is_array);

/* "string", "message Date"; in a static buffer. */
const char *db_field_type_name(const ProtobufCFieldDescriptor *field);

/* Can the field, or the list that a path gives, stand for a value of this type? */
bool db_type_fits(const struct db_type *type, bool is_array, const ProtobufCFieldDescriptor *field,
		  bool is_list);

/* Fills the binder's error: "field: what". Returns outcome. */
enum db_outcome db_refuse(struct db_binder *b, enum db_outcome outcome, const char *field,
			  const char *what);

db_encode_fn db_encode_bool, db_encode_int2, db_encode_int4, db_encode_int8, db_encode_text,
    db_encode_uuid, db_encode_bytea, db_encode_date, db_encode_timestamptz, db_encode_json,
    db_encode_jsonb, db_encode_float8, db_encode_numeric;
db_decode_fn db_decode_bool, db_decode_integer, db_decode_text, db_decode_uuid, db_decode_bytea,
    db_decode_date, db_decode_timestamptz, db_decode_json, db_decode_jsonb, db_decode_float8,
    db_decode_numeric;

/* A list of messages in one jsonb or json value: its items, or the value of a new list. */
enum db_outcome db_encode_json_list(struct db_binder *b, struct db_place place, bool binary,
				    struct db_value *ret_value);
enum db_outcome db_decode_json_list(struct db_binder *b, const ProtobufCFieldDescriptor *field,
				    ProtobufCMessage *owner, bool binary, struct db_value value);
/* Is this field such a list when it meets a value of this type? */
bool db_is_json_list(const ProtobufCFieldDescriptor *field, const struct db_type *type,
		     bool is_array);

/* Blind index of a text; used instead of an encoder for :blind(path). */
db_encode_fn db_encode_blind;

enum {
	DB_DAYS_1970_TO_2000 = 10957, /* PostgreSQL counts from 2000-01-01 */
	DB_NUMERIC_BASE = 10000,
	OID_BYTEA_ARRAY = 1001,
};

#endif
