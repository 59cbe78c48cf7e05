/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/schema.h"

#include <errno.h>
#include <string.h>

#include "proto/schema_private.h"

enum { SCHEMA_BUDGET = 256 << 20 };

int
schema_list_add(struct schema_list *list, struct arena *arena, const void *item)
{
	size_t n = list->count;
	void **grown;

	/* Full when the count is a power of two: the capacity is the next one. */
	if ((n & (n - 1)) == 0) {
		grown = arena_alloc(arena, (n ? 2 * n : 1) * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		if (n)
			memcpy(grown, list->items, n * sizeof *grown);
		list->items = grown;
	}
	list->items[list->count++] = (void *)(uintptr_t)item;
	return 0;
}

static int
build_all(struct schema_build *build, const struct schema_source *source)
{
	int r = 0;

	for (size_t i = 0; i < source->n_sets && r == 0; i++)
		r = schema_add_set(build, &source->sets[i]);
	if (r == 0)
		r = schema_add_types(build, source);
	return r;
}

static struct schema *
schema_empty(void)
{
	struct arena *arena = arena_new(SCHEMA_BUDGET);
	struct schema *schema = arena ? ARENA_NEW(arena, struct schema) : NULL;

	if (!schema) {
		arena_free(arena);
		return NULL;
	}
	schema->arena = arena;
	map_init(&schema->file_names, arena, SCHEMA_MAX_ENTRIES);
	map_init(&schema->symbols, arena, SCHEMA_MAX_ENTRIES);
	map_init(&schema->message_names, arena, SCHEMA_MAX_ENTRIES);
	map_init(&schema->message_descriptors, arena, SCHEMA_MAX_ENTRIES);
	map_init(&schema->service_names, arena, SCHEMA_MAX_ENTRIES);
	map_init(&schema->paths, arena, SCHEMA_MAX_ENTRIES);
	return schema;
}

int
schema_new(const struct schema_source *source, struct schema **ret_schema)
{
	struct schema_build build = {.schema = schema_empty(), .scratch = arena_new(SCHEMA_BUDGET)};
	int r = -ENOMEM;

	if (build.schema && build.scratch) {
		map_init(&build.declarations, build.scratch, SCHEMA_MAX_ENTRIES);
		r = build_all(&build, source);
	}
	arena_free(build.scratch);
	if (r < 0) {
		schema_free(build.schema);
		return r;
	}
	*ret_schema = build.schema;
	return 0;
}

void
schema_free(struct schema *schema)
{
	if (schema)
		arena_free(schema->arena);
}

const struct schema_message *
schema_message_by_name(const struct schema *schema, const char *name)
{
	return map_get(&schema->message_names, name, MAP_TEXT);
}

const struct schema_message *
schema_message_by_url(const struct schema *schema, const char *url)
{
	const char *slash = strrchr(url, '/');

	return slash ? schema_message_by_name(schema, slash + 1) : NULL;
}

const struct schema_message *
schema_message_of(const struct schema *schema, const ProtobufCMessageDescriptor *descriptor)
{
	return map_get(&schema->message_descriptors, descriptor, MAP_ADDRESS);
}

const struct schema_service *
schema_service_by_name(const struct schema *schema, const char *name)
{
	return map_get(&schema->service_names, name, MAP_TEXT);
}

const struct schema_method *
schema_method_by_path(const struct schema *schema, const char *path)
{
	return map_get(&schema->paths, path, MAP_TEXT);
}

const struct schema_message *
schema_message_at(const struct schema *schema, size_t i)
{
	return i < schema->messages.count ? schema->messages.items[i] : NULL;
}

const struct schema_service *
schema_service_at(const struct schema *schema, size_t i)
{
	return i < schema->n_services ? &schema->services[i] : NULL;
}

const struct schema_file *
schema_file_at(const struct schema *schema, size_t i)
{
	return i < schema->files.count ? schema->files.items[i] : NULL;
}

const struct schema_file *
schema_file_by_name(const struct schema *schema, const char *name)
{
	return map_get(&schema->file_names, name, MAP_TEXT);
}

const struct schema_file *
schema_file_by_symbol(const struct schema *schema, const char *symbol)
{
	return map_get(&schema->symbols, symbol, MAP_TEXT);
}

const struct schema_file *
schema_file_by_extension(const struct schema *schema, const char *extendee, int32_t number)
{
	const struct schema_extension *e;

	for (e = schema->extensions; e; e = e->next)
		if (e->number == number && strcmp(e->extendee, extendee) == 0)
			return e->file;
	return NULL;
}

int32_t
schema_extension_number_at(const struct schema *schema, const char *extendee, size_t i)
{
	const struct schema_extension *e;

	for (e = schema->extensions; e; e = e->next)
		if (strcmp(e->extendee, extendee) == 0 && i-- == 0)
			return e->number;
	return 0;
}
