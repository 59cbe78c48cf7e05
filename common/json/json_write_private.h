/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the writer: json_write.c walks messages, json_write_wkt.c knows the special forms. */
#ifndef MZ_JSON_JSON_WRITE_PRIVATE_H
#define MZ_JSON_JSON_WRITE_PRIVATE_H

#include "json/json_write.h"

struct json_writer {
	const struct schema *schema;
	const struct json_write_options *options;
	struct arena *scratch;
	struct buf *buf;
	struct proto_fault *fault;
	int depth; /* messages around this one */
};

/* One message as a whole JSON value, special forms included. */
enum proto_result json_write_message(struct json_writer *w, const struct schema_message *type,
				     const ProtobufCMessage *message);

/* The members of an object without its braces; need_comma when others stand before them. */
enum proto_result json_write_members(struct json_writer *w, const struct schema_message *type,
				     const ProtobufCMessage *message, bool need_comma);

/* One value of a field. rules: the field the text callback is asked with. */
enum proto_result json_write_value(struct json_writer *w, const struct schema_field *field,
				   const struct schema_field *rules, const void *value);

/* All values of a map field as an object, or of a list as an array. */
enum proto_result json_write_map(struct json_writer *w, const struct schema_field *field,
				 const ProtobufCMessage *message);
enum proto_result json_write_list(struct json_writer *w, const struct schema_field *field,
				  const ProtobufCMessage *message);

/* A message whose type has a form of its own. */
enum proto_result json_write_wkt(struct json_writer *w, const struct schema_message *type,
				 const ProtobufCMessage *message);

#endif
