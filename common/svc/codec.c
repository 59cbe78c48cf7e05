/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/codec.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "crypto/blind.h"
#include "crypto/seal.h"
#include "proto/member.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum { MAX_SEALED_FIELDS = 1000, MAX_JSON = 4 << 20 };

static const char *
row_id_name(const FieldRule *rule)
{
	return *rule->sealed_by ? rule->sealed_by : "id";
}

/* Where a value is stored. False: the owner has no row id, so nothing may be sealed for it. */
static bool
place_of(const struct codec *codec, const ProtobufCFieldDescriptor *field,
	 const ProtobufCMessage *owner, struct seal_place *ret_place)
{
	const struct schema_field *known = map_get(&codec->sealed, field, MAP_ADDRESS);
	const ProtobufCFieldDescriptor *id;
	const char *row;

	if (!known)
		return false;
	id = protobuf_c_message_descriptor_get_field_by_name(owner->descriptor,
							     row_id_name(known->rule));
	row = id ? *(char **)member_at(owner, id, 0) : NULL;
	if (!row || !*row)
		return false;
	*ret_place = (struct seal_place){known->rule->sealed, row, strlen(row)};
	return true;
}

static enum db_outcome
seal(void *data, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *owner,
     const void *clear, size_t length, struct arena *arena, const void **ret_bytes,
     size_t *ret_length)
{
	const struct codec *codec = data;
	struct seal_place place;
	uint8_t *sealed;

	if (!place_of(codec, field, owner, &place))
		return DB_BAD_VALUE;
	sealed = arena_alloc(arena, length + SEAL_OVERHEAD);
	if (!sealed)
		return DB_TOO_LARGE;
	if (seal_close(codec->keys->sealer, place, clear, length, sealed) != SEAL_OK)
		return DB_BAD_VALUE;
	*ret_bytes = sealed;
	*ret_length = length + SEAL_OVERHEAD;
	return DB_OK;
}

static enum db_outcome
open_sealed(void *data, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *owner,
	    const void *bytes, size_t length, struct arena *arena, void **ret_clear,
	    size_t *ret_length)
{
	const struct codec *codec = data;
	struct seal_place place;
	enum seal_result result;
	char *text;

	if (!place_of(codec, field, owner, &place) || length < SEAL_OVERHEAD)
		return DB_BAD_VALUE;
	text = arena_alloc(arena, length - SEAL_OVERHEAD + 1);
	if (!text)
		return DB_TOO_LARGE;
	result = seal_open(codec->keys->sealer, place, bytes, length, text);
	if (result != SEAL_OK) {
		log_error("sealed_value", LOG_ID("column", place.column),
			  LOG_ID("result", seal_name(result)));
		return DB_BAD_VALUE;
	}
	text[length - SEAL_OVERHEAD] = '\0';
	*ret_clear = text;
	*ret_length = length - SEAL_OVERHEAD;
	return DB_OK;
}

/* Citizen numbers are compared with X in upper case. */
static const char *
normalised(const FieldRule *rule, const char *text, struct arena *arena)
{
	char *copy;

	if (rule->privacy != PRIVACY__PRIVACY_ID_NUMBER)
		return text;
	copy = arena_strdup(arena, text);
	for (char *at = copy; at && *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return copy;
}

static enum db_outcome
blind(void *data, const ProtobufCFieldDescriptor *field, const char *text, struct arena *arena,
      const void **ret_bytes, size_t *ret_length)
{
	const struct codec *codec = data;
	const struct schema_field *known = map_get(&codec->sealed, field, MAP_ADDRESS);
	uint8_t *index;

	if (!known)
		return DB_BAD_VALUE;
	index = arena_alloc(arena, BLIND_SIZE);
	text = normalised(known->rule, text, arena);
	if (!index || !text)
		return DB_TOO_LARGE;
	if (blind_compute(codec->keys->blinder, known->rule->sealed, text, strlen(text), index) < 0)
		return DB_BAD_VALUE;
	*ret_bytes = index;
	*ret_length = BLIND_SIZE;
	return DB_OK;
}

static bool
seals(void *data, const ProtobufCFieldDescriptor *field)
{
	const struct codec *codec = data;

	return map_get(&codec->sealed, field, MAP_ADDRESS) != NULL;
}

static enum db_outcome
outcome_of(enum proto_result result)
{
	if (result == PROTO_OK)
		return DB_OK;
	return result == PROTO_EXHAUSTED ? DB_TOO_LARGE : DB_BAD_VALUE;
}

static enum db_outcome
to_json(void *data, const ProtobufCMessage *message, struct arena *arena, const char **ret_text,
	size_t *ret_length)
{
	static const struct json_write_options options = {.proto_names = true};
	const struct codec *codec = data;
	enum proto_result result;
	struct buf buf;

	buf_init(&buf, arena, MAX_JSON);
	result = json_write(codec->schema, message, &options, arena, &buf, NULL);
	if (result == PROTO_OK && !buf_text(&buf))
		result = PROTO_EXHAUSTED;
	if (result == PROTO_OK) {
		*ret_text = buf_text(&buf);
		*ret_length = buf.length;
	}
	return outcome_of(result);
}

static enum db_outcome
from_json(void *data, const ProtobufCMessageDescriptor *type, const char *text, size_t length,
	  struct arena *arena, ProtobufCMessage **ret_message)
{
	static const struct json_read_options options = {.ignore_unknown = true};
	const struct codec *codec = data;
	const struct schema_message *known = schema_message_of(codec->schema, type);

	if (!known)
		return DB_BAD_VALUE;
	return outcome_of(
	    json_read(codec->schema, known, text, length, &options, arena, ret_message, NULL));
}

static int
add_sealed(struct codec *codec, const struct schema_message *message,
	   const struct schema_field *field)
{
	const ProtobufCFieldDescriptor *id =
	    protobuf_c_message_descriptor_get_field_by_name(message->c, row_id_name(field->rule));

	/* A message without a row id can still be searched by, but not stored. */
	if ((field->c->type != PROTOBUF_C_TYPE_STRING && field->c->type != PROTOBUF_C_TYPE_INT32 &&
	     field->c->type != PROTOBUF_C_TYPE_MESSAGE) ||
	    (id && id->type != PROTOBUF_C_TYPE_STRING)) {
		log_error("bad_rule", LOG_ID("message", message->name),
			  LOG_ID("field", field->c->name));
		return -EINVAL;
	}
	return map_add(&codec->sealed, field->c, MAP_ADDRESS, (void *)(uintptr_t)field);
}

int
codec_new(struct codec *codec, const struct schema *schema, struct keys *keys, struct arena *arena,
	  struct db_codec *ret_table)
{
	const struct schema_message *message;

	*codec = (struct codec){.schema = schema, .keys = keys};
	map_init(&codec->sealed, arena, MAX_SEALED_FIELDS);
	for (size_t i = 0; (message = schema_message_at(schema, i)); i++)
		for (unsigned f = 0; f < message->c->n_fields; f++) {
			const FieldRule *rule = message->fields[f].rule;
			int r;

			if (!rule || !*rule->sealed)
				continue;
			r = add_sealed(codec, message, &message->fields[f]);
			if (r < 0)
				return r;
		}
	*ret_table = (struct db_codec){
	    .seal = seal,
	    .open = open_sealed,
	    .blind = blind,
	    .to_json = to_json,
	    .from_json = from_json,
	    .seals = seals,
	    .data = codec,
	};
	return 0;
}
