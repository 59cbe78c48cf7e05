/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schema: what a program knows about its messages and services at run time.
 *
 * protobuf-c's generated descriptors know how a message lies in memory, but drop what the contract
 * says about it: streaming flags, idempotency, json_name, options, comments. All that is in the
 * FileDescriptorSet which each program embeds (cmake/proto.cmake). A schema joins the two. It is
 * built once at start from trusted bytes, is immutable after, and may be read from any thread;
 * every pointer it gives lives as long as it does.
 *
 * A message is known when it can be reached from the registered roots, by following the fields of
 * generated descriptors. One that no descriptor set mentions still works: its json_names are the
 * default ones, and it has no rules.
 */
#ifndef MZ_PROTO_SCHEMA_H
#define MZ_PROTO_SCHEMA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "minzheng/options/v1/options.pb-c.h"

struct schema;

/* Types with a JSON form of their own (ProtoJSON, "well-known types"). */
enum schema_wkt {
	SCHEMA_WKT_NONE,
	SCHEMA_WKT_ANY,
	SCHEMA_WKT_DURATION,
	SCHEMA_WKT_EMPTY, /* an object like any other, but in an Any a "value" */
	SCHEMA_WKT_FIELD_MASK,
	SCHEMA_WKT_LIST_VALUE,
	SCHEMA_WKT_STRUCT,
	SCHEMA_WKT_TIMESTAMP,
	SCHEMA_WKT_VALUE,
	SCHEMA_WKT_WRAPPER, /* BoolValue, StringValue … */
};

struct schema_field {
	const ProtobufCFieldDescriptor *c; /* name, number, type, place in memory */
	const char *json_name;
	const struct schema_message *message; /* of a message field; of a map, its entry */
	const FieldRule *rule;                /* NULL: nothing declared */
	const char *comment;                  /* leading comment, NULL for none */
	/* Index of its oneof among the message's real oneofs; -1 for none, also for proto3
	 * `optional`. */
	int oneof;
	bool is_optional; /* proto3 `optional`, to C a oneof of one */
	bool is_map;
};

struct schema_message {
	const char *name; /* "minzheng.relief.v1.Application" */
	const ProtobufCMessageDescriptor *c;
	const struct schema_field *fields; /* parallel to c->fields: sorted by number */
	const char *comment;
	enum schema_wkt wkt;
	bool is_map_entry;
	bool reaches_privacy; /* some field in it or below has a privacy class: masking may skip the
				 others */
	/* Names in both spellings; see schema_field_by_name. */
	const uint16_t *slots;
	uint32_t slot_mask;
};

struct schema_method {
	const char *name; /* "ConfirmApplication" */
	const char *path; /* "/minzheng.relief.v1.ReliefService/ConfirmApplication" */
	const struct schema_service *service;
	const struct schema_message *request, *response;
	const MethodRule *rule; /* NULL: nothing declared */
	const char *comment;
	bool client_streaming, server_streaming;
	bool no_side_effects; /* idempotency_level = NO_SIDE_EFFECTS (RPC-19) */
	bool idempotent;      /* … or IDEMPOTENT */
};

struct schema_service {
	const char *name; /* "minzheng.relief.v1.ReliefService" */
	const ProtobufCServiceDescriptor *c;
	const struct schema_method *methods; /* in the order of the contract */
	size_t n_methods;
	const char *comment;
};

/* One .proto file as the reflection service hands it out. */
struct schema_file {
	const char *name;
	const void *bytes; /* FileDescriptorProto, inside the embedded set */
	size_t size;
	const Google__Protobuf__FileDescriptorProto *proto;
};

struct schema_set {
	const void *bytes; /* FileDescriptorSet with imports; must outlive the schema */
	size_t size;
};

/* What a schema is built from. Files that several sets contain count once. */
struct schema_source {
	const struct schema_set *sets;
	size_t n_sets;
	const ProtobufCServiceDescriptor *const *services;
	size_t n_services;
	const ProtobufCMessageDescriptor *const
	    *messages; /* more roots: details in Any, Facts, Effects */
	size_t n_messages;
};

/*
 * Builds a schema. 0, -ENOMEM, or -EINVAL with a line on stderr: a set that is no
 * FileDescriptorSet, or a service that no set describes. Freed by schema_free; NULL is allowed
 * there.
 */
int schema_new(const struct schema_source *source, struct schema **ret_schema);
void schema_free(struct schema *schema);

/* By full name, without a leading dot; NULL when there is none. Hash lookups. */
const struct schema_message *schema_message_by_name(const struct schema *schema, const char *name);
const struct schema_service *schema_service_by_name(const struct schema *schema, const char *name);
const struct schema_method *schema_method_by_path(const struct schema *schema, const char *path);
/* As above, of a type URL such as "type.googleapis.com/google.rpc.ErrorInfo": what follows the last
 * slash. */
const struct schema_message *schema_message_by_url(const struct schema *schema, const char *url);
/* The entry of a generated descriptor; NULL when it cannot be reached from the roots. */
const struct schema_message *schema_message_of(const struct schema *schema,
					       const ProtobufCMessageDescriptor *descriptor);

/* A field by its name in the .proto or its json_name, length bytes long; NULL when there is none.
 */
const struct schema_field *schema_field_by_name(const struct schema_message *message,
						const char *name, size_t length);

/* All of them, in no particular order but the same each time. NULL past the last. */
const struct schema_message *schema_message_at(const struct schema *schema, size_t i);
/* In the order of schema_source. */
const struct schema_service *schema_service_at(const struct schema *schema, size_t i);

/* For reflection (RPC-34). */
const struct schema_file *schema_file_at(const struct schema *schema, size_t i);
const struct schema_file *schema_file_by_name(const struct schema *schema, const char *name);
/* The file that declares a message, field, enum, enum value, service, method or extension. */
const struct schema_file *schema_file_by_symbol(const struct schema *schema, const char *symbol);
/* Extension of the message `extendee` with this number, and the i-th number (0 past the last). */
const struct schema_file *schema_file_by_extension(const struct schema *schema,
						   const char *extendee, int32_t number);
int32_t schema_extension_number_at(const struct schema *schema, const char *extendee, size_t i);

#endif
