/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codec: the values that db cannot bind by itself (db/bind.h): sealed texts, blind indexes, jsonb.
 *
 * A text or packed message whose FieldRule is `sealed` is stored encrypted, bound to its column and
 * to the id of its row, which is the sibling field `sealed_by` (default `id`). Its blind index is
 * named after the same column; citizen numbers are normalised before.
 */
#ifndef MZ_SVC_CODEC_H
#define MZ_SVC_CODEC_H

#include "base/map.h"
#include "db/bind.h"
#include "proto/schema.h"
#include "svc/keys.h"

struct codec {
	const struct schema *schema;
	struct keys *keys;
	struct map sealed; /* ProtobufCFieldDescriptor -> schema_field */
};

/* Fills codec and the table that db is given. 0, -ENOMEM; -EINVAL with a line on the log for a rule
 * whose row id does not exist. */
int codec_new(struct codec *codec, const struct schema *schema, struct keys *keys,
	      struct arena *arena, struct db_codec *ret_table);

#endif
