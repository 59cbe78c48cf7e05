/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of proto/unit_types.proto, for tests of what works by descriptor. */
#ifndef MZ_UNIT_SCHEMA_H
#define MZ_UNIT_SCHEMA_H

#include "proto/schema.h"
#include "unit_types.pb-c.h"

enum { UNIT_BUDGET = 4 << 20 };

/* The embedded descriptor set and all roots. */
extern const struct schema_source unit_schema_source;

/* Built by the first call, never freed. */
const struct schema *unit_schema(void);

#endif
