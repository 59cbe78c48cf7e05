/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows to messages: decodes each column into the field of its name.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <string.h>

#include "db/bind.h"
#include "db/type.h"
#include "proto/member.h"
#include "proto/wire.h"

enum { ARRAY_HEAD = 12, ARRAY_DIMENSION = 8, NULL_ITEM = -1 };

static enum db_outcome
no_memory(struct db_binder *b, const char *name)
{
	return db_refuse(b, DB_TOO_LARGE, name, "超出本次调用的内存限额");
}

static int32_t
be32_at(const char *at)
{
	uint32_t wire;

	memcpy(&wire, at, sizeof wire);
	return (int32_t)be32toh(wire);
}

/* Adds one value to a field of owner. */
static enum db_outcome
decode(struct db_binder *b, const struct db_column *column, const ProtobufCFieldDescriptor *field,
       ProtobufCMessage *owner, struct db_value value)
{
	void *to = member_add(owner, field, b->arena);
	enum db_outcome outcome;

	if (!to)
		return no_memory(b, column->name);
	outcome = column->type->decode(b, (struct db_place){field, owner}, value, to);
	if (outcome != DB_OK || field->type != PROTOBUF_C_TYPE_MESSAGE || *(void **)to)
		return outcome;
	/* An infinite date was left out. */
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return db_refuse(b, DB_BAD_VALUE, column->name, "的数组里有无限的日期");
	member_clear(owner, field);
	return DB_OK;
}

/* One item after the other; a list has no place for NULL. */
static enum db_outcome
decode_items(struct db_binder *b, const struct db_column *column,
	     const ProtobufCFieldDescriptor *field, ProtobufCMessage *owner, struct db_value value)
{
	const char *at = value.data, *end = at + value.length;
	int32_t n = be32_at(at + ARRAY_HEAD);
	enum db_outcome outcome = DB_OK;

	at += ARRAY_HEAD + ARRAY_DIMENSION;
	for (int32_t i = 0; i < n && outcome == DB_OK; i++) {
		int32_t length = end - at >= 4 ? be32_at(at) : NULL_ITEM;

		if (length < 0 || length > end - at - 4)
			return db_refuse(b, DB_BAD_VALUE, column->name, "的数组里有空值");
		outcome =
		    decode(b, column, field, owner, (struct db_value){at + 4, (size_t)length});
		at += 4 + length;
	}
	return outcome;
}

static enum db_outcome
decode_array(struct db_binder *b, const struct db_column *column,
	     const ProtobufCFieldDescriptor *field, ProtobufCMessage *owner, struct db_value value)
{
	int32_t dimensions = value.length >= ARRAY_HEAD ? be32_at(value.data) : -1;

	if (dimensions == 0)
		return DB_OK;
	if (dimensions != 1 || value.length < ARRAY_HEAD + ARRAY_DIMENSION)
		return db_refuse(b, DB_BAD_VALUE, column->name, "的数组不是一维的");
	return decode_items(b, column, field, owner, value);
}

/* The column's value goes into field of owner. */
static enum db_outcome
fill(struct db_binder *b, const struct db_column *column, const ProtobufCFieldDescriptor *field,
     ProtobufCMessage *owner, struct db_value value)
{
	bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;

	/* As the only value of a row it may also be one item of a list. */
	if (!db_type_fits(column->type, column->is_array, field, is_list) &&
	    !(is_list && db_type_fits(column->type, column->is_array, field, false)))
		return db_refuse(b, DB_BROKEN, column->name, "的类型和字段不符");
	if (column->is_array)
		return decode_array(b, column, field, owner, value);
	if (db_is_json_list(field, column->type, false))
		return db_decode_json_list(b, field, owner, column->oid == OID_JSONB, value);
	return decode(b, column, field, owner, value);
}

/* The message that holds the last field of path, made where it is missing. */
static ProtobufCMessage *
make_owner(struct arena *arena, ProtobufCMessage *message, const struct db_path *path)
{
	for (int i = 0; message && i < path->length - 1; i++) {
		const ProtobufCFieldDescriptor *field = path->field[i];
		ProtobufCMessage **slot;

		if (member_count(message, field)) {
			message = *(ProtobufCMessage **)member_at(message, field, 0);
			continue;
		}
		slot = member_add(message, field, arena);
		if (!slot)
			return NULL;
		*slot = wire_new(field->descriptor, arena);
		message = *slot;
	}
	return message;
}

static bool
is_sealed(const struct db_column *column)
{
	return column->oid == OID_BYTEA &&
	       column->path.field[column->path.length - 1]->type != PROTOBUF_C_TYPE_BYTES;
}

static struct db_value
value_at(const struct db_result *result, size_t row, size_t column)
{
	if (PQgetisnull(result->pg, (int)row, (int)column))
		return (struct db_value){0};
	return (struct db_value){PQgetvalue(result->pg, (int)row, (int)column),
				 (size_t)PQgetlength(result->pg, (int)row, (int)column)};
}

/* All columns of a row that are sealed, or all that are not. */
static enum db_outcome
fill_columns(struct db_binder *b, const struct db_result *result, size_t row,
	     ProtobufCMessage *message, bool sealed)
{
	for (size_t i = 0; i < b->stmt->n_columns; i++) {
		const struct db_column *column = &b->stmt->columns[i];
		struct db_value value = value_at(result, row, i);
		ProtobufCMessage *owner;
		enum db_outcome outcome;

		if (!column->path.length || !value.data || is_sealed(column) != sealed)
			continue;
		owner = make_owner(b->arena, message, &column->path);
		if (!owner)
			return no_memory(b, column->name);
		outcome =
		    fill(b, column, column->path.field[column->path.length - 1], owner, value);
		if (outcome != DB_OK)
			return outcome;
	}
	return DB_OK;
}

static bool
same_shape(const struct db_result *result)
{
	return result->stmt->described && PQnfields(result->pg) == result->stmt->n_columns;
}

static enum db_outcome
fill_row(struct db_binder *b, const struct db_result *result, size_t row, ProtobufCMessage *message)
{
	enum db_outcome outcome;

	if (!same_shape(result) || message->descriptor != b->stmt->row)
		return db_refuse(b, DB_BROKEN, b->stmt->label, "的列和消息不符");
	/* A sealed value is bound to its row's id: other columns come first. */
	outcome = fill_columns(b, result, row, message, false);
	return outcome == DB_OK ? fill_columns(b, result, row, message, true) : outcome;
}

enum db_outcome
db_fill_row(const struct db_result *result, size_t row, const struct db_codec *codec,
	    struct arena *arena, ProtobufCMessage *message, struct db_error *ret_error)
{
	struct db_binder b = {result->stmt, codec, arena, ret_error};

	return fill_row(&b, result, row, message);
}

/* Row i as a new message of the field. */
static enum db_outcome
fill_message(struct db_binder *b, const struct db_result *result, size_t row,
	     ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	ProtobufCMessage **slot = member_add(message, field, b->arena);

	if (slot)
		*slot = wire_new(field->descriptor, b->arena);
	if (!slot || !*slot)
		return no_memory(b, field->name);
	return fill_row(b, result, row, *slot);
}

static enum db_outcome
fill_value(struct db_binder *b, const struct db_result *result, size_t row,
	   ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	struct db_value value = value_at(result, row, 0);

	return value.data ? fill(b, &b->stmt->columns[0], field, message, value) : DB_OK;
}

enum db_outcome
db_fill_field(const struct db_result *result, const struct db_codec *codec, struct arena *arena,
	      ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
	      struct db_error *ret_error)
{
	struct db_binder b = {result->stmt, codec, arena, ret_error};
	bool by_row = result->stmt->row && result->stmt->row == field->descriptor;
	size_t n = result->n_rows;

	if (field->label != PROTOBUF_C_LABEL_REPEATED && n > 1)
		n = 1;
	if (!same_shape(result) || (!by_row && result->stmt->n_columns != 1))
		return db_refuse(&b, DB_BROKEN, field->name, "要由一列来填");
	for (size_t i = 0; i < n; i++) {
		enum db_outcome outcome = by_row ? fill_message(&b, result, i, message, field)
						 : fill_value(&b, result, i, message, field);

		if (outcome != DB_OK)
			return outcome;
	}
	return DB_OK;
}
