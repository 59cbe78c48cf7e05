/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzing of wire.h: any bytes are read or refused; what has been read is written, read again and
 * written again the same; its ProtoJSON, when it has one, reads back as the same message.
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

/* Through ProtoJSON and back. Unknown fields have no JSON form, and of equal map keys one is left.
 */
static void
check_json(const ProtobufCMessage *message, struct arena *arena)
{
	const struct schema_message *type = schema_message_of(unit_schema(), message->descriptor);
	ProtobufCMessage *again;
	struct proto_fault fault;
	struct buf first, second;

	buf_init(&first, arena, BUDGET);
	buf_init(&second, arena, BUDGET);
	if (json_write(unit_schema(), message, NULL, arena, &first, &fault) != PROTO_OK)
		return;
	switch (
	    json_read(unit_schema(), type, first.data, first.length, NULL, arena, &again, &fault)) {
	case PROTO_OK:
		break;
	case PROTO_EXHAUSTED:
		return;
	default:
		abort();
	}
	if (json_write(unit_schema(), again, NULL, arena, &second, &fault) != PROTO_OK) {
		check(fault.result == PROTO_EXHAUSTED);
		return;
	}
	check(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	ProtobufCMessage *message, *again;
	struct proto_fault fault;
	size_t first_size, second_size;
	void *first, *second;

	if (!arena)
		arena = arena_new(BUDGET);
	arena_reset(arena);
	if (wire_read(&unit_kinds__descriptor, data, size, arena, &message, &fault) != PROTO_OK) {
		check(fault.path >= fault.store && fault.reason[0]);
		return 0;
	}
	first = wire_pack(message, arena, &first_size);
	if (!first || wire_read(&unit_kinds__descriptor, first, first_size, arena, &again,
				&fault) != PROTO_OK) {
		check(arena_exhausted(arena));
		return 0;
	}
	second = wire_pack(again, arena, &second_size);
	if (!second)
		return 0;
	check(first_size == second_size && memcmp(first, second, first_size) == 0);
	check_json(message, arena);
	return 0;
}
