/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the reader: json_read.c reads messages, json_read_wkt.c the special forms. */
#ifndef MZ_JSON_JSON_READ_PRIVATE_H
#define MZ_JSON_JSON_READ_PRIVATE_H

#include "json/json_read.h"
#include "json/json_scan.h"

struct json_reader {
	struct json_scanner scan;
	const struct schema *schema;
	const struct json_read_options *options;
	int depth; /* levels around this one */
	size_t
	    look_left; /* bytes that may still be looked through for an @type that is not first */
};

/* A whole value into a message of this type, special forms included. */
enum proto_result json_read_message(struct json_reader *r, const struct schema_message *type,
				    ProtobufCMessage *message);

/* An object into the fields of a message. With in_any its "@type" is passed over. */
enum proto_result json_read_members(struct json_reader *r, const struct schema_message *type,
				    ProtobufCMessage *message, bool in_any);

/* An object into a map field, an array into a list. */
enum proto_result json_read_map(struct json_reader *r, const struct schema_field *field,
				ProtobufCMessage *message);
enum proto_result json_read_list(struct json_reader *r, const struct schema_field *field,
				 ProtobufCMessage *message);

/* One value (not null, unless the type has it) of a field that is single here. */
enum proto_result json_read_single(struct json_reader *r, const struct schema_field *field,
				   ProtobufCMessage *message);

/* A message whose type has a form of its own. */
enum proto_result json_read_wkt(struct json_reader *r, const struct schema_message *type,
				ProtobufCMessage *message);

#endif
