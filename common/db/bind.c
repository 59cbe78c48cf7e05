/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to parameters: follows each placeholder's path and encodes what stands there.
 */
#include "db/bind.h"

#include <endian.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "db/type.h"
#include "proto/member.h"

enum { MAX_VALUE = 64 << 20, ARRAY_HEAD = 20, NULL_ITEM = -1 };

/* Can the field be unset? Then unset is NULL; otherwise its zero is a value like any other. */
static bool
has_presence(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_MESSAGE ||
	       (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
	       field->label == PROTOBUF_C_LABEL_OPTIONAL;
}

/* The message at path[from…to) below message; NULL when one on the way is unset. */
static const ProtobufCMessage *
descend(const ProtobufCMessage *message, const struct db_path *path, int from, int to)
{
	for (int i = from; message && i < to; i++) {
		if (!member_count(message, path->field[i]))
			return NULL;
		message = *(ProtobufCMessage **)member_at(message, path->field[i], 0);
	}
	return message;
}

static enum db_outcome
encode(struct db_binder *b, const struct db_param *param, struct db_place place, const void *from,
       struct db_value *ret_value)
{
	db_encode_fn *fn = param->blind ? db_encode_blind : param->type->encode;

	return fn(b, place, from, ret_value);
}

/* The single value at the end of a path, starting at its step `from`. */
static enum db_outcome
encode_end(struct db_binder *b, const struct db_param *param, const ProtobufCMessage *message,
	   int from, struct db_value *ret_value)
{
	const ProtobufCFieldDescriptor *field = param->path.field[param->path.length - 1];
	const ProtobufCMessage *owner =
	    descend(message, &param->path, from, param->path.length - 1);

	if (!owner || (has_presence(field) && !member_count(owner, field)))
		return DB_OK;
	return encode(b, param, (struct db_place){field, owner}, member_at(owner, field, 0),
		      ret_value);
}

static void
put_be32(struct buf *buf, int32_t value)
{
	uint32_t wire = htobe32((uint32_t)value);

	buf_put(buf, &wire, sizeof wire);
}

/* Item i of the list at path.repeated, which stands in owner. */
static enum db_outcome
encode_item(struct db_binder *b, const struct db_param *param, const ProtobufCMessage *owner,
	    size_t i, struct db_value *ret_value)
{
	const struct db_path *path = &param->path;
	const ProtobufCFieldDescriptor *list = path->field[path->repeated];
	const void *item = member_at(owner, list, i);

	if (path->repeated == path->length - 1)
		return encode(b, param, (struct db_place){list, owner}, item, ret_value);
	return encode_end(b, param, *(ProtobufCMessage *const *)item, path->repeated + 1,
			  ret_value);
}

/* The most common long list, the caller's divisions, is bound with every read: no step an item. */
static bool
is_int8_list(const struct db_param *param)
{
	const struct db_path *path = &param->path;

	return param->type->oid == OID_INT8 && path->repeated == path->length - 1 &&
	       path->field[path->repeated]->type == PROTOBUF_C_TYPE_INT64;
}

static void
put_int8_list(struct buf *buf, const int64_t *values, size_t n)
{
	const uint32_t length = htobe32(sizeof *values);
	char *at = buf_extend(buf, n * (sizeof length + sizeof *values));

	for (size_t i = 0; at && i < n; i++) {
		uint64_t wire = htobe64((uint64_t)values[i]);

		at = (char *)memcpy(at, &length, sizeof length) + sizeof length;
		at = (char *)memcpy(at, &wire, sizeof wire) + sizeof wire;
	}
}

/* array_send: dimensions, has-NULL flag, item type; length and lower bound; items with lengths. */
static enum db_outcome
encode_array(struct db_binder *b, const struct db_param *param, const ProtobufCMessage *message,
	     struct db_value *ret_value)
{
	const struct db_path *path = &param->path;
	const ProtobufCMessage *owner = descend(message, path, 0, path->repeated);
	size_t n = owner ? member_count(owner, path->field[path->repeated]) : 0;
	enum db_outcome outcome = DB_OK;
	bool any_null = false;
	struct buf buf;

	buf_init(&buf, b->arena, MAX_VALUE);
	put_be32(&buf, n > 0);
	put_be32(&buf, 0);
	put_be32(&buf, (int32_t)param->type->oid);
	if (n > 0) {
		put_be32(&buf, (int32_t)n);
		put_be32(&buf, 1);
	}
	if (n > 0 && is_int8_list(param)) {
		put_int8_list(&buf, member_at(owner, path->field[path->repeated], 0), n);
		n = 0;
	}
	for (size_t i = 0; i < n && outcome == DB_OK; i++) {
		struct db_value item = {0};

		outcome = encode_item(b, param, owner, i, &item);
		put_be32(&buf, item.data ? (int32_t)item.length : NULL_ITEM);
		buf_put(&buf, item.data, item.length);
		any_null |= !item.data;
	}
	if (outcome == DB_OK && buf.failed)
		return db_refuse(b, DB_TOO_LARGE, param->name, "的列表太长");
	if (any_null)
		buf.data[7] = 1;
	*ret_value = (struct db_value){buf.data, buf.length};
	return outcome;
}

static enum db_outcome
bind_param(struct db_binder *b, const struct db_param *param, const ProtobufCMessage *message,
	   struct db_value *ret_value)
{
	const ProtobufCFieldDescriptor *end = param->path.field[param->path.length - 1];

	if (!db_type_fits(param->type, param->is_array, end, param->path.repeated >= 0))
		return db_refuse(b, DB_BROKEN, param->name, "不能绑定到这个参数的类型");
	if (!message)
		return DB_OK;
	if (db_is_json_list(end, param->type, param->is_array)) {
		const ProtobufCMessage *owner =
		    descend(message, &param->path, 0, param->path.length - 1);

		return db_encode_json_list(b, (struct db_place){end, owner},
					   param->type->oid == OID_JSONB, ret_value);
	}
	return param->is_array ? encode_array(b, param, message, ret_value)
			       : encode_end(b, param, message, 0, ret_value);
}

enum db_outcome
db_bind(const struct db_stmt *stmt, const ProtobufCMessage *const *messages,
	const struct db_codec *codec, struct arena *arena, struct db_query *ret_query,
	struct db_error *ret_error)
{
	struct db_binder b = {stmt, codec, arena, ret_error};
	const char **values = ARENA_ARRAY(arena, const char *, stmt->n_params);
	int *lengths = ARENA_ARRAY(arena, int, stmt->n_params);

	if (!stmt->described)
		return db_refuse(&b, DB_BROKEN, stmt->label,
				 stmt->broken ? stmt->broken : "还没有准备好");
	if (!values || !lengths)
		return db_refuse(&b, DB_TOO_LARGE, stmt->label, "超出本次调用的内存限额");
	for (size_t i = 0; i < stmt->n_params; i++) {
		const struct db_param *param = &stmt->params[i];
		struct db_value value = {0};
		enum db_outcome outcome = bind_param(&b, param, messages[param->source], &value);

		if (outcome != DB_OK)
			return outcome;
		if (value.length > INT_MAX)
			return db_refuse(&b, DB_TOO_LARGE, param->name, "太长");
		values[i] = value.data;
		lengths[i] = (int)value.length;
	}
	*ret_query = (struct db_query){stmt, values, lengths};
	return DB_OK;
}
