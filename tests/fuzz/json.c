/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing of json_read.h: any bytes are read or refused; what has been read is written, reads back,
 * and is written the same; it survives the wire too.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"
#include "unit_schema.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum { BUDGET = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static const struct buf *
write_again(const ProtobufCMessage *message, struct arena *arena)
{
	struct buf *json = ARENA_NEW(arena, struct buf);
	struct proto_fault fault;

	if (!json)
		return NULL;
	buf_init(json, arena, BUDGET);
	if (json_write(unit_schema(), message, NULL, arena, json, &fault) == PROTO_OK)
		return json;
	/* A field mask may hold what has no way back; all else that was read can be written. */
	check(fault.result == PROTO_EXHAUSTED || strstr(fault.reason, "FieldMask"));
	return NULL;
}

static void
check_wire(const ProtobufCMessage *message, const struct buf *json, struct arena *arena)
{
	ProtobufCMessage *again;
	struct proto_fault fault;
	const struct buf *second;
	size_t size;
	void *bytes = wire_pack(message, arena, &size);

	if (!bytes)
		return;
	if (wire_read(message->descriptor, bytes, size, arena, &again, &fault) != PROTO_OK) {
		/* JSON nests one level where Struct on the wire nests three. */
		check(fault.result == PROTO_EXHAUSTED || fault.result == PROTO_TOO_DEEP);
		return;
	}
	second = write_again(again, arena);
	check(!second || (json->length == second->length &&
			  memcmp(json->data, second->data, json->length) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	const struct schema_message *type =
	    schema_message_of(unit_schema(), &unit_kinds__descriptor);
	const struct json_read_options options = {.ignore_unknown = size & 1};
	ProtobufCMessage *message, *again;
	const struct buf *first, *second;
	struct proto_fault fault;

	if (!arena)
		arena = arena_new(BUDGET);
	arena_reset(arena);
	if (json_read(unit_schema(), type, (const char *)data, size, &options, arena, &message,
		      &fault) != PROTO_OK) {
		check(fault.path >= fault.store && fault.reason[0]);
		return 0;
	}
	first = write_again(message, arena);
	if (!first)
		return 0;
	if (json_read(unit_schema(), type, first->data, first->length, NULL, arena, &again,
		      &fault) != PROTO_OK) {
		check(fault.result == PROTO_EXHAUSTED);
		return 0;
	}
	second = write_again(again, arena);
	check(!second || (first->length == second->length &&
			  memcmp(first->data, second->data, first->length) == 0));
	check_wire(message, first, arena);
	return 0;
}
