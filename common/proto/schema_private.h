/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a schema; only schema*.c include this.
 *
 * Building goes in two steps: schema_files.c takes the descriptor sets apart into files, symbols
 * and declarations; schema_types.c walks the generated descriptors from the roots and gives each
 * what was declared about it.
 */
#ifndef MZ_PROTO_SCHEMA_PRIVATE_H
#define MZ_PROTO_SCHEMA_PRIVATE_H

#include "base/arena.h"
#include "base/map.h"
#include "proto/schema.h"

enum { SCHEMA_MAX_ENTRIES = 1 << 20, SCHEMA_RULE_NUMBER = 50501 };

struct schema_extension {
	const struct schema_extension *next;
	const char *extendee; /* without a leading dot */
	int32_t number;
	const struct schema_file *file;
};

/* Objects in the order they were added. */
struct schema_list {
	void **items;
	size_t count;
};

struct schema {
	struct arena *arena;
	struct schema_list files, messages;
	struct schema_service *services;
	size_t n_services;
	struct map file_names;          /* name: struct schema_file */
	struct map symbols;             /* full name: struct schema_file */
	struct map message_names;       /* full name: struct schema_message */
	struct map message_descriptors; /* address: struct schema_message */
	struct map service_names;       /* full name: struct schema_service */
	struct map paths;               /* "/service/method": struct schema_method */
	const struct schema_extension *extensions;
};

/* Where a message or service is declared: what its comments are found by. */
struct schema_declaration {
	const Google__Protobuf__DescriptorProto *message; /* one of the two is NULL */
	const Google__Protobuf__ServiceDescriptorProto *service;
	const struct map *comments; /* of its file; path of SourceCodeInfo: leading comment */
	const int32_t *path;
	size_t n_path;
};

/* What is needed while building only. */
struct schema_build {
	struct schema *schema;
	struct arena *scratch;
	struct map declarations; /* full name: struct schema_declaration */
};

/* Appends; 0 or -ENOMEM. */
int schema_list_add(struct schema_list *list, struct arena *arena, const void *item);

/* Adds every file of the set that is not there yet. 0, -ENOMEM, or -EINVAL: not a
 * FileDescriptorSet. */
int schema_add_set(struct schema_build *build, const struct schema_set *set);

/* Adds what can be reached from the roots. 0, -ENOMEM, or -EINVAL: a service that no set declares.
 */
int schema_add_types(struct schema_build *build, const struct schema_source *source);

/*
 * The leading comment of a declaration (NULL: of none), or of its item number `index` in its list
 * `list` (its field number in descriptor.proto; 0: of the declaration itself); NULL when there is
 * none.
 */
const char *schema_comment(const struct schema_declaration *declaration, int32_t list,
			   size_t index);

#endif
