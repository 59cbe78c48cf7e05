/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/copy.h"

#include <string.h>

#include "proto/member.h"
#include "proto/wire.h"

void
copy_field(ProtobufCMessage *to, const ProtobufCFieldDescriptor *field,
	   const ProtobufCMessage *from, const ProtobufCFieldDescriptor *from_field)
{
	char *target = (char *)to;
	const char *source = (const char *)from;

	if (member_count(from, from_field) == 0)
		return;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		memcpy(target + field->offset, source + from_field->offset, sizeof(void *));
		memcpy(target + field->quantifier_offset, source + from_field->quantifier_offset,
		       sizeof(size_t));
		return;
	}
	memcpy(target + field->offset, source + from_field->offset, member_size(field->type));
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		memcpy(target + field->quantifier_offset, &field->id, sizeof(field->id));
}

ProtobufCMessage *
copy_message(struct arena *arena, const ProtobufCMessage *message)
{
	ProtobufCMessage *copy = NULL;
	size_t size;
	void *bytes = wire_pack(message, arena, &size);

	if (!bytes || wire_read(message->descriptor, bytes, size, arena, &copy, NULL) != PROTO_OK)
		return NULL;
	return copy;
}
