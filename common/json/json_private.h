/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the reader and the writer.
 *
 * json_scan.c has the grammar of JSON (RFC 8259), json_number.c numbers both ways, json_read.c and
 * json_write.c walk messages, json_*_wkt.c know the forms of google.protobuf's own types. The
 * reader goes over the text once and builds no tree: jansson, otherwise the house's JSON reader,
 * gives 1e3 as a real, rounds what does not fit a double, and has no place of its own for "which
 * field was this".
 *
 * What returns bool is true, or has refused: the result and the fault say why.
 */
#ifndef MZ_JSON_JSON_PRIVATE_H
#define MZ_JSON_JSON_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/json_read.h"
#include "json/json_write.h"

/* As duration.proto states it; of Timestamp it is INSTANT_FIRST_S and INSTANT_LAST_S. */
#define JSON_DURATION_MAX_S 315576000000

struct json_slice {
	const char *text;
	size_t length;
};

struct json_reader {
	const char *start, *at, *end; /* the text, which is UTF-8, and what comes next in it */
	struct arena *arena;
	const struct schema *schema;
	struct json_read_options options;
	struct proto_fault *fault;
	enum proto_result result;
	int depth;        /* levels around this one */
	size_t look_left; /* bytes that may be looked through for an @type that is not first */
	bool is_skipped;  /* the last enum had an unknown name, which is to be ignored */
};

struct json_writer {
	const struct schema *schema;
	struct json_write_options options;
	struct arena *scratch;
	struct buf *buf;
	struct proto_fault *fault;
	enum proto_result result;
	int depth; /* levels around this one */
};

/* Refuses, as proto_fault_set: false. j: a reader or a writer. */
#define JSON_REFUSE(j, ...) ((j)->result = proto_fault_set((j)->fault, __VA_ARGS__), false)

/* The same with the current place. */
static inline bool
json_refuse(struct json_reader *r, const char *reason)
{
	return JSON_REFUSE(r, PROTO_MALFORMED, "%s at byte %zu", reason,
			   (size_t)(r->at - r->start));
}

/* -- grammar; white space before what is named is passed over ---------------------------------- */

/* Refuse for memory; for depth. */
bool json_exhausted(struct json_reader *r);
bool json_too_deep(struct json_reader *r);

/* The first character of the next token; 0 at the end. */
char json_peek(struct json_reader *r);

/* Takes this text, if it is next. */
bool json_take(struct json_reader *r, const char *text);
bool json_expect(struct json_reader *r, char c);

/*
 * Whether member n of an object or array stands here; false behind the last one, when the closing
 * character has been taken, or refused: r->result says which.
 *	for (size_t n = 0; json_next(r, n, ']'); n++)
 */
bool json_next(struct json_reader *r, size_t n, char close);

/* A string, decoded: inside the text itself when it has no escapes, else on the arena. */
bool json_scan_string(struct json_reader *r, struct json_slice *ret_text);

/* The name of a member, with the colon behind it. */
bool json_scan_name(struct json_reader *r, struct json_slice *ret_name);

/* Takes any value. */
bool json_skip_value(struct json_reader *r);

bool json_slice_is(struct json_slice slice, const char *text);

/* -- numbers ----------------------------------------------------------------------------------- */

/* A number, plain or in quotes, into a member of this type. */
bool json_read_integer(struct json_reader *r, ProtobufCType type, void *place);
bool json_read_floating(struct json_reader *r, ProtobufCType type, void *place);

/* Behind the number at p, or NULL when there is none. */
const char *json_number_end(const char *p, const char *end);

/* Appends a number or bool; a float as the shortest text that reads back the same. */
void json_write_number(struct buf *buf, ProtobufCType type, const void *place);

/* -- messages ---------------------------------------------------------------------------------- */

/* A whole message, one level deeper; what it looks like, the form of its type says. */
bool json_read_message(struct json_reader *r, const struct schema_message *type,
		       ProtobufCMessage *message);
bool json_read_form(struct json_reader *r, const struct schema_message *type,
		    ProtobufCMessage *message);
bool json_write_message(struct json_writer *w, const struct schema_message *type,
			const ProtobufCMessage *message);
bool json_write_form(struct json_writer *w, const struct schema_message *type,
		     const ProtobufCMessage *message);

/* The fields of a message as an object; with in_any beside an "@type": the reader passes over it,
 * the writer goes on with the object that has begun with it. */
bool json_read_members(struct json_reader *r, const struct schema_message *type,
		       ProtobufCMessage *message, bool in_any);
bool json_write_members(struct json_writer *w, const struct schema_message *type,
			const ProtobufCMessage *message, bool in_any);

/* All values of a field: an object of a map, an array of a list, else the one value. */
bool json_read_field(struct json_reader *r, const struct schema_field *field,
		     ProtobufCMessage *message);
bool json_write_field(struct json_writer *w, const struct schema_field *field,
		      const ProtobufCMessage *message);

/* The key of a map's entry as a key of base/map.h, so that equal keys meet. */
struct json_slice json_map_key(const ProtobufCMessage *entry);

#endif
