/* SPDX-License-Identifier: Apache-2.0 */
#include "db/type.h"

#include <stdio.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "google/type/date.pb-c.h"

#define TEXTS  (FIELD_TEXT | FIELD_ENUM)
#define NUMBER (FIELD_INTEGER | FIELD_ENUM)
#define BLOB   (FIELD_BYTES | FIELD_TEXT | FIELD_INTEGER | FIELD_MESSAGE)
#define JSON   (FIELD_TEXT | FIELD_MESSAGE)

/* Numbers are those of PostgreSQL's pg_type.dat, which never change. */
static const struct db_type types[] = {
    {OID_BOOL, 1000, "boolean", FIELD_BOOL, db_encode_bool, db_decode_bool},
    {OID_BYTEA, 1001, "bytea", BLOB, db_encode_bytea, db_decode_bytea},
    {OID_NAME, 1003, "name", TEXTS, db_encode_text, db_decode_text},
    {OID_INT8, 1016, "bigint", NUMBER, db_encode_int8, db_decode_integer},
    {OID_INT2, 1005, "smallint", NUMBER, db_encode_int2, db_decode_integer},
    {OID_INT4, 1007, "integer", NUMBER, db_encode_int4, db_decode_integer},
    {OID_TEXT, 1009, "text", TEXTS, db_encode_text, db_decode_text},
    {OID_JSON, 199, "json", JSON, db_encode_json, db_decode_json},
    {OID_FLOAT8, 1022, "double precision", FIELD_DOUBLE, db_encode_float8, db_decode_float8},
    {OID_BPCHAR, 1014, "character", TEXTS, db_encode_text, db_decode_text},
    {OID_VARCHAR, 1015, "varchar", TEXTS, db_encode_text, db_decode_text},
    {OID_DATE, 1182, "date", FIELD_DATE, db_encode_date, db_decode_date},
    {OID_TIMESTAMPTZ, 1185, "timestamptz", FIELD_TIMESTAMP, db_encode_timestamptz,
     db_decode_timestamptz},
    {OID_NUMERIC, 1231, "numeric", FIELD_INTEGER, db_encode_numeric, db_decode_numeric},
    {OID_UUID, 2951, "uuid", FIELD_TEXT, db_encode_uuid, db_decode_uuid},
    {OID_JSONB, 3807, "jsonb", JSON, db_encode_jsonb, db_decode_jsonb},
};

enum { N_TYPES = sizeof types / sizeof types[0], MAX_TYPE_NAME = 128 };

const struct db_type *
db_type_of(uint32_t oid, bool *ret_is_array)
{
	for (size_t i = 0; i < N_TYPES; i++) {
		if (types[i].oid == oid || types[i].array == oid) {
			*ret_is_array = types[i].array == oid;
			return &types[i];
		}
	}
	*ret_is_array = false;
	return NULL;
}

const char *
db_type_name(uint32_t oid)
{
	static char text[32];
	bool is_array;
	const struct db_type *type = db_type_of(oid, &is_array);

	if (!type)
		snprintf(text, sizeof text, "oid %u", oid);
	else
		snprintf(text, sizeof text, "%s%s", type->name, is_array ? "[]" : "");
	return text;
}

static enum db_field_kind
message_kind(const ProtobufCMessageDescriptor *type)
{
	if (type == &date__descriptor)
		return FIELD_DATE;
	if (type == &google__protobuf__timestamp__descriptor)
		return FIELD_TIMESTAMP;
	return FIELD_MESSAGE;
}

enum db_field_kind
db_field_kind(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return FIELD_BOOL;
	case PROTOBUF_C_TYPE_ENUM:
		return FIELD_ENUM;
	case PROTOBUF_C_TYPE_STRING:
		return FIELD_TEXT;
	case PROTOBUF_C_TYPE_BYTES:
		return FIELD_BYTES;
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return FIELD_DOUBLE;
	case PROTOBUF_C_TYPE_MESSAGE:
		return message_kind(field->descriptor);
	default:
		return FIELD_INTEGER;
	}
}

bool
db_type_fits(const struct db_type *type, bool is_array, const ProtobufCFieldDescriptor *field,
	     bool is_list)
{
	if (!type || !(type->fields & db_field_kind(field)))
		return false;
	return is_array == is_list || (is_list && db_is_json_list(field, type, is_array));
}

bool
db_bindable(const ProtobufCFieldDescriptor *field, uint32_t oid, bool array)
{
	bool is_array;
	const struct db_type *type = db_type_of(oid, &is_array);

	return db_type_fits(type, is_array, field, array);
}

bool
db_is_json_list(const ProtobufCFieldDescriptor *field, const struct db_type *type, bool is_array)
{
	return !is_array && (type->oid == OID_JSONB || type->oid == OID_JSON) &&
	       field->label == PROTOBUF_C_LABEL_REPEATED && field->type == PROTOBUF_C_TYPE_MESSAGE;
}

const char *
db_field_type_name(const ProtobufCFieldDescriptor *field)
{
	static const char *const names[] = {
	    [PROTOBUF_C_TYPE_INT32] = "int32",       [PROTOBUF_C_TYPE_SINT32] = "sint32",
	    [PROTOBUF_C_TYPE_SFIXED32] = "sfixed32", [PROTOBUF_C_TYPE_INT64] = "int64",
	    [PROTOBUF_C_TYPE_SINT64] = "sint64",     [PROTOBUF_C_TYPE_SFIXED64] = "sfixed64",
	    [PROTOBUF_C_TYPE_UINT32] = "uint32",     [PROTOBUF_C_TYPE_FIXED32] = "fixed32",
	    [PROTOBUF_C_TYPE_UINT64] = "uint64",     [PROTOBUF_C_TYPE_FIXED64] = "fixed64",
	    [PROTOBUF_C_TYPE_FLOAT] = "float",       [PROTOBUF_C_TYPE_DOUBLE] = "double",
	    [PROTOBUF_C_TYPE_BOOL] = "bool",         [PROTOBUF_C_TYPE_STRING] = "string",
	    [PROTOBUF_C_TYPE_BYTES] = "bytes",
	};
	static char text[MAX_TYPE_NAME];

	if (field->type == PROTOBUF_C_TYPE_ENUM)
		snprintf(text, sizeof text, "enum %s",
			 ((const ProtobufCEnumDescriptor *)field->descriptor)->short_name);
	else if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		snprintf(text, sizeof text, "message %s",
			 ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name);
	else
		return names[field->type];
	return text;
}

enum db_outcome
db_refuse(struct db_binder *b, enum db_outcome outcome, const char *field, const char *what)
{
	const char *text = arena_printf(b->arena, "%s %s", field, what);

	*b->error = (struct db_error){
	    .outcome = outcome,
	    .label = b->stmt->label,
	    .text = text ? text : db_outcome_text(DB_TOO_LARGE),
	};
	return outcome;
}
