/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy: messages, and the values of their fields.
 */
#ifndef MZ_SVC_COPY_H
#define MZ_SVC_COPY_H

#include <protobuf-c/protobuf-c.h>

#include <stdint.h>

#include "base/arena.h"

/* protobuf-c's messages hold `char *`: lends one a text that is only read. */
static inline char *
lend(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* From one message to another on the same arena: shares texts, lists and messages. The fields have
 * the same type; one may be optional where the other is not. An absent value leaves the target as
 * it is. */
void copy_field(ProtobufCMessage *to, const ProtobufCFieldDescriptor *field,
		const ProtobufCMessage *from, const ProtobufCFieldDescriptor *from_field);

/* A deep copy; NULL over budget. */
ProtobufCMessage *copy_message(struct arena *arena, const ProtobufCMessage *message);

#endif
