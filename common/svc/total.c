/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/total.h"

#include "proto/member.h"
#include "proto/wire.h"

/*
 * Merging bytes is what protobuf defines for the rest: lists are appended, single values replaced,
 * messages inside merged.
 */
bool
total_add(struct arena *arena, ProtobufCMessage **total, const ProtobufCMessage *part)
{
	const ProtobufCMessageDescriptor *type = part->descriptor;
	size_t size;
	void *bytes = wire_pack(part, arena, &size);
	int64_t *sums = ARENA_ARRAY(arena, int64_t, type->n_fields);

	if (!*total)
		*total = wire_new(type, arena);
	if (!*total || !bytes || !sums)
		return false;
	for (unsigned i = 0; i < type->n_fields; i++)
		if (type->fields[i].type == PROTOBUF_C_TYPE_INT64 &&
		    type->fields[i].label != PROTOBUF_C_LABEL_REPEATED)
			sums[i] = *(int64_t *)member_at(*total, &type->fields[i], 0) +
				  *(int64_t *)member_at(part, &type->fields[i], 0);
	if (wire_merge(*total, bytes, size, arena, NULL) != PROTO_OK)
		return false;
	for (unsigned i = 0; i < type->n_fields; i++)
		if (sums[i] != 0)
			*(int64_t *)member_at(*total, &type->fields[i], 0) = sums[i];
	return true;
}
