/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ProtoJSON, read by descriptor, strictly (RFC 8259; RPC-21 … RPC-28).
 *
 * Both spellings of a name are taken. Refused, with the path of the field: unknown fields, a name
 * twice (in either spelling), two members of a oneof, numbers out of range or with a fraction where
 * there is none, text that is not UTF-8, lone surrogate escapes, NUL in text, more than
 * PROTO_MAX_DEPTH levels (counted through Any and Struct), anything after the value, and an empty
 * text.
 */
#ifndef MZ_JSON_JSON_READ_H
#define MZ_JSON_JSON_READ_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "proto/fault.h"
#include "proto/schema.h"

struct json_read_options {
	bool ignore_unknown; /* skip unknown fields and unknown enum names */
	/*
	 * Take \u0000 in text, which is refused otherwise. A C string cannot hold it: it is kept as
	 * the bytes C0 80, as Java does, which are never valid UTF-8; wire_write and json_write
	 * turn them back. Nothing that goes on to SQL wants this.
	 */
	bool keep_nul;
};

/*
 * Reads size bytes of JSON as a message of this type, on the arena; nothing in it points into text.
 * options may be NULL. On refusal *ret_message is untouched and *fault (may be NULL) says why.
 */
enum proto_result json_read(const struct schema *schema, const struct schema_message *type,
			    const char *text, size_t size, const struct json_read_options *options,
			    struct arena *arena, ProtobufCMessage **ret_message,
			    struct proto_fault *fault);

#endif
