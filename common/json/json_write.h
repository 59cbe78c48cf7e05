/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ProtoJSON, written by descriptor (https://protobuf.dev/programming-guides/json/; RPC-21 …
 * RPC-28).
 *
 * Names are json_names; 64-bit numbers are strings; enum values are names, or numbers when unknown;
 * bytes are padded base64; floats are the shortest text that reads back the same; defaults are left
 * out. google.protobuf types have their own forms, and Any is resolved among the messages of the
 * schema. The text is compact: no white space.
 */
#ifndef MZ_JSON_JSON_WRITE_H
#define MZ_JSON_JSON_WRITE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "proto/fault.h"
#include "proto/schema.h"

struct json_write_options {
	bool emit_defaults; /* also absent scalars, empty lists and maps; not unset messages and
			       oneofs */
	bool proto_names;   /* names as in the .proto, for PostgreSQL's jsonb */
	/*
	 * Asked for every string with its field, also inside lists and maps: the text to write in
	 * its place, or text itself. NULL: none is asked. For masking in logs; replies are masked
	 * with member_visit_texts.
	 */
	const char *(*text)(void *data, const struct schema_field *field, const char *text);
	void *data;
};

/*
 * Appends message as JSON; options may be NULL. On scratch goes what is needed on the way: contents
 * of Any, the keys of maps (of equal ones the last entry counts). Refused (then what buf has got
 * is useless): what has no JSON form, such as an Any of an unknown type or a Timestamp past year
 * 9999. Past buf's limit: PROTO_EXHAUSTED.
 */
enum proto_result json_write(const struct schema *schema, const ProtobufCMessage *message,
			     const struct json_write_options *options, struct arena *scratch,
			     struct buf *buf, struct proto_fault *fault);

#endif
