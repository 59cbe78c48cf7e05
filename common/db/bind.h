/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding: messages to parameters and rows to messages, by descriptor, in PostgreSQL's binary
 * format.
 *
 *     bool                      bool
 *     int32/64, uint32/64       int2, int4, int8, numeric without a fraction (both ways)
 *     enum                      text and varchar as the value's name, or an integer
 *     string                    text, varchar, bpchar, name, uuid, jsonb/json as it is;
 *                               bytea sealed (struct db_codec)
 *     bytes                     bytea
 *     double                    float8 (ratios of reports; never money)
 *     google.type.Date          date
 *     google.protobuf.Timestamp timestamptz
 *     any message               jsonb (ProtoJSON), bytea (packed; sealed where a rule says so)
 *     repeated of these         arrays of them, one dimension
 *     repeated of messages      one jsonb or json value, an array, too
 *
 * NULL: an unset message, an unset proto3 `optional` or oneof member, and an empty string for
 * uuid, date and timestamptz. A NULL column leaves its field unset; a NULL item of an array is
 * DB_BAD_VALUE, since a repeated field has no place for it.
 *
 * Columns fill the field of their name; a name with points (`AS "person.name"`) fills a message
 * inside, which is made when the first of its columns is not NULL.
 *
 * Everything is allocated on the given arena. Pure functions: no connection is touched.
 */
#ifndef MZ_DB_BIND_H
#define MZ_DB_BIND_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/sqlstate.h"
#include "db/stmt.h"

/* libpq's PGresult. */
struct pg_result;

/* Types by number (pg_type.dat); arrays beside them. */
enum db_oid {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_JSON = 114,
	OID_FLOAT8 = 701,
	OID_BPCHAR = 1042,
	OID_VARCHAR = 1043,
	OID_DATE = 1082,
	OID_TIMESTAMPTZ = 1184,
	OID_NUMERIC = 1700,
	OID_UUID = 2950,
	OID_JSONB = 3802,
};

/*
 * What db does not know itself; svc fills it from common/crypto and common/json.
 *
 * A text or an int32 is kept sealed in a bytea (design §6), and so is a packed message that `seals`
 * names.
 * `owner` is the message that holds the field, so that the row id to which the value is bound can
 * be found; when rows are read, every other column has been filled before. A message is kept in
 * jsonb as ProtoJSON.
 *
 * Each returns DB_OK, DB_TOO_LARGE without memory, or DB_BAD_VALUE when it cannot (no rule, wrong
 * key, forged bytes, not JSON of that type). A pointer that is NULL makes such fields unbindable.
 */
struct db_codec {
	enum db_outcome (*seal)(void *data, const ProtobufCFieldDescriptor *field,
				const ProtobufCMessage *owner, const void *clear, size_t length,
				struct arena *arena, const void **ret_bytes, size_t *ret_length);
	/* What it returns ends with a NUL that is not counted. */
	enum db_outcome (*open)(void *data, const ProtobufCFieldDescriptor *field,
				const ProtobufCMessage *owner, const void *bytes, size_t length,
				struct arena *arena, void **ret_clear, size_t *ret_length);
	enum db_outcome (*blind)(void *data, const ProtobufCFieldDescriptor *field,
				 const char *text, struct arena *arena, const void **ret_bytes,
				 size_t *ret_length);
	enum db_outcome (*to_json)(void *data, const ProtobufCMessage *message, struct arena *arena,
				   const char **ret_text, size_t *ret_length);
	enum db_outcome (*from_json)(void *data, const ProtobufCMessageDescriptor *type,
				     const char *text, size_t length, struct arena *arena,
				     ProtobufCMessage **ret_message);
	/* True when a message that is kept in this field is sealed as a whole. NULL: none is. */
	bool (*seals)(void *data, const ProtobufCFieldDescriptor *field);
	void *data;
};

/* One execution of a statement. Lives, with its values, on the call's arena. */
struct db_query {
	const struct db_stmt *stmt;
	const char *const *values; /* binary; NULL for SQL NULL */
	const int *lengths;
};

/* What an executed statement gave. Valid inside the callback that gets it. */
struct db_result {
	const struct db_stmt *stmt;
	const struct pg_result *pg;
	size_t n_rows;     /* returned */
	size_t n_affected; /* inserted, updated, deleted or returned */
};

/*
 * Fills *ret_query from messages (one for each of the statement's sources; NULL: all its fields are
 * NULL). The statement must be described. Not DB_OK: *ret_error tells why, on the arena.
 */
enum db_outcome db_bind(const struct db_stmt *stmt, const ProtobufCMessage *const *messages,
			const struct db_codec *codec, struct arena *arena,
			struct db_query *ret_query, struct db_error *ret_error);

/* Fills message (initialised, of the statement's row type) from one row. */
enum db_outcome db_fill_row(const struct db_result *result, size_t row,
			    const struct db_codec *codec, struct arena *arena,
			    ProtobufCMessage *message, struct db_error *ret_error);

/*
 * Fills one field of message from all rows, as the head of a block says (design §4): a message
 * field takes the first row or stays unset, a repeated one takes all rows, a scalar takes the one
 * value.
 */
enum db_outcome db_fill_field(const struct db_result *result, const struct db_codec *codec,
			      struct arena *arena, ProtobufCMessage *message,
			      const ProtobufCFieldDescriptor *field, struct db_error *ret_error);

/* True when a field can be bound to (read from) the type; array: the value is a list. */
bool db_bindable(const ProtobufCFieldDescriptor *field, uint32_t oid, bool array);

/* "timestamptz", "uuid[]"; "oid 12345" in a static buffer for others. */
const char *db_type_name(uint32_t oid);

#endif
