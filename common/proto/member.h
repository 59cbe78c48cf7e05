/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Member: the value of a field inside a message, by generated descriptor.
 *
 * The one place that knows how protobuf-c lays out presence, lists and oneofs. Everything that
 * works on any message (wire, ProtoJSON, SQL binding, masking, field rules) reaches values through
 * it. Pure.
 *
 * Presence is proto3's: a plain scalar is present when it is not zero or empty; a message when it
 * is set; a oneof member, proto3 `optional` included, when its oneof says so.
 */
#ifndef MZ_PROTO_MEMBER_H
#define MZ_PROTO_MEMBER_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "proto/schema.h"

/* Bytes of one value in memory: char * for strings, ProtobufCMessage * for messages,
 * ProtobufCBinaryData for bytes. */
size_t member_size(ProtobufCType type);

/* Number of values present: of a repeated field its length, else 0 or 1. */
size_t member_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* The i-th value; i is 0 for a field that is not repeated, which is then given even when absent
 * (but not of another oneof member: check member_count first). */
void *member_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t i);

/*
 * The place for a new value: a repeated field grows by one zeroed value, any other becomes present
 * (a oneof drops its other member, zeroed). The list must have been built here or be empty. NULL
 * over budget.
 */
void *member_add(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
		 struct arena *arena);

/* Room for extra (at least 1) more values at the end of a repeated field, not initialised; as
 * above. */
void *member_add_many(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
		      size_t extra, struct arena *arena);

/* Makes the field absent: zero, empty, unset. */
void member_clear(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* The number that a oneof or proto3 `optional` field's case holds; 0 when nothing is set. */
uint32_t member_case(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/*
 * Calls fn for every present text (string value, map values and list items included) of message and
 * of all below it, which must be of the given type; *text may be replaced. Stops at the first fn
 * that does not return 0 and returns that. With privacy_only, subtrees without any privacy class
 * are skipped, and so are fields without one.
 */
typedef int member_text_fn(void *data, const struct schema_field *field, char **text);
int member_visit_texts(const struct schema_message *type, ProtobufCMessage *message,
		       bool privacy_only, member_text_fn *fn, void *data);

#endif
