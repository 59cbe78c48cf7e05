/* SPDX-License-Identifier: Apache-2.0 */
#include "unit_schema.h"

#include <stdlib.h>

#include "base/embed.h"
#include "google/rpc/error_details.pb-c.h"

EMBEDDED(unit_set);

static struct schema_set sets[1];
static const ProtobufCServiceDescriptor *const services[] = {&unit_service__descriptor};
static const ProtobufCMessageDescriptor *const messages[] = {&error_info__descriptor};

const struct schema_source unit_schema_source = {
    .sets = sets,
    .n_sets = 1,
    .services = services,
    .n_services = 1,
    .messages = messages,
    .n_messages = 1,
};

/* A size in another object is no constant expression in C17. */
__attribute__((constructor)) static void
fill_sets(void)
{
	sets[0] = (struct schema_set){unit_set, unit_set_size};
}

const struct schema *
unit_schema(void)
{
	static struct schema *schema;

	if (!schema && schema_new(&unit_schema_source, &schema) < 0)
		abort();
	return schema;
}
