/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/fields.h"

#include <stdint.h>
#include <string.h>

void
rpc_fields_init(struct rpc_fields *fields, struct arena *arena)
{
	fields->nv = fields->few;
	fields->n = 0;
	fields->capacity = RPC_FIELDS_FEW;
	fields->arena = arena;
	fields->failed = false;
}

static bool
make_room(struct rpc_fields *fields)
{
	nghttp2_nv *nv;

	if (fields->n < fields->capacity)
		return true;
	nv = ARENA_ARRAY(fields->arena, nghttp2_nv, fields->capacity * 2);
	if (!nv) {
		fields->failed = true;
		return false;
	}
	memcpy(nv, fields->nv, fields->n * sizeof *nv);
	fields->nv = nv;
	fields->capacity *= 2;
	return true;
}

void
rpc_fields_add(struct rpc_fields *fields, const char *name, const char *value, size_t length)
{
	if (!name || !value)
		fields->failed = true;
	if (fields->failed || !make_room(fields))
		return;
	fields->nv[fields->n++] = (nghttp2_nv){
	    .name = (uint8_t *)(uintptr_t)name,
	    .value = (uint8_t *)(uintptr_t)value,
	    .namelen = strlen(name),
	    .valuelen = length,
	    .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE,
	};
}

void
rpc_fields_add_text(struct rpc_fields *fields, const char *name, const char *value)
{
	rpc_fields_add(fields, name, value, value ? strlen(value) : 0);
}

void
rpc_fields_add_number(struct rpc_fields *fields, const char *name, int number)
{
	static const char digits[10][2] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

	if (number == 200)
		rpc_fields_add(fields, name, "200", 3);
	else if (number >= 0 && number < 10)
		rpc_fields_add(fields, name, digits[number], 1);
	else
		rpc_fields_add_text(fields, name, arena_printf(fields->arena, "%d", number));
}

void
rpc_fields_add_metadata(struct rpc_fields *fields, const struct rpc_metadata *metadata,
			const char *prefix)
{
	for (size_t i = 0; i < metadata->n; i++) {
		const struct rpc_pair *pair = &metadata->pairs[i];
		size_t length;
		const char *value = rpc_metadata_wire_value(pair, fields->arena, &length);
		const char *name = pair->name;

		if (*prefix)
			name = arena_printf(fields->arena, "%s%s", prefix, pair->name);
		rpc_fields_add(fields, name, value, value ? length : 0);
	}
}
