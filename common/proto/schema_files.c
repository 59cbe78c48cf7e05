/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/schema_private.h"
#include "proto/wire.h"

/* Numbers of lists in descriptor.proto: a SourceCodeInfo path alternates them with indexes. */
enum {
	FILE_MESSAGE = 4,
	FILE_SERVICE = 6,
	MESSAGE_NESTED = 3,
	MAX_PATH = 2 * PROTO_MAX_DEPTH + 2,
	SET_FILE_TAG = 1 << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
};

/* The file being taken apart. */
struct file_build {
	struct schema_build *build;
	struct schema_file *file;
	struct map *comments;
};

static int
add_symbol(const struct file_build *f, const char *scope, const char *name,
	   const char **ret_full_name)
{
	struct schema *schema = f->build->schema;
	const char *full_name = *scope ? arena_printf(schema->arena, "%s.%s", scope, name) : name;

	if (!full_name)
		return -ENOMEM;
	if (ret_full_name)
		*ret_full_name = full_name;
	return map_put(&schema->symbols, full_name, MAP_TEXT, f->file);
}

static int
add_enum(const struct file_build *f, const char *scope,
	 const Google__Protobuf__EnumDescriptorProto *e)
{
	int r = add_symbol(f, scope, e->name, NULL);

	/* Values are siblings of their enum, as in C++. */
	for (size_t i = 0; i < e->n_value && r == 0; i++)
		r = add_symbol(f, scope, e->value[i]->name, NULL);
	return r;
}

static int
add_extension(const struct file_build *f, const char *scope,
	      const Google__Protobuf__FieldDescriptorProto *field)
{
	struct schema *schema = f->build->schema;
	struct schema_extension *extension = ARENA_NEW(schema->arena, struct schema_extension);

	if (!extension)
		return -ENOMEM;
	*extension = (struct schema_extension){
	    .next = schema->extensions,
	    .extendee = field->extendee + (*field->extendee == '.'),
	    .number = field->number,
	    .file = f->file,
	};
	schema->extensions = extension;
	return add_symbol(f, scope, field->name, NULL);
}

static int
add_declaration(const struct file_build *f, const char *full_name, struct schema_declaration values,
		const int32_t *parent, size_t n_parent, int32_t list, size_t index,
		struct schema_declaration **ret_declaration)
{
	struct arena *arena = f->build->scratch;
	struct schema_declaration *declaration = arena_memdup(arena, &values, sizeof values);
	int32_t *path = ARENA_ARRAY(arena, int32_t, n_parent + 2);

	if (!declaration || !path)
		return -ENOMEM;
	if (n_parent)
		memcpy(path, parent, n_parent * sizeof *path);
	path[n_parent] = list;
	path[n_parent + 1] = (int32_t)index;
	declaration->comments = f->comments;
	declaration->path = path;
	declaration->n_path = n_parent + 2;
	*ret_declaration = declaration;
	return map_put(&f->build->declarations, full_name, MAP_TEXT, declaration);
}

static int
add_message_members(const struct file_build *f, const char *full_name,
		    const Google__Protobuf__DescriptorProto *message)
{
	int r = 0;

	for (size_t i = 0; i < message->n_field && r == 0; i++)
		r = add_symbol(f, full_name, message->field[i]->name, NULL);
	for (size_t i = 0; i < message->n_oneof_decl && r == 0; i++)
		r = add_symbol(f, full_name, message->oneof_decl[i]->name, NULL);
	for (size_t i = 0; i < message->n_enum_type && r == 0; i++)
		r = add_enum(f, full_name, message->enum_type[i]);
	for (size_t i = 0; i < message->n_extension && r == 0; i++)
		r = add_extension(f, full_name, message->extension[i]);
	return r;
}

/* Depth is bounded: the set was read by wire_read. */
static int
add_message(const struct file_build *f, const char *scope,
	    const Google__Protobuf__DescriptorProto *message,
	    const struct schema_declaration *parent, size_t index)
{
	struct schema_declaration *declaration;
	const char *full_name;
	int r;

	r = add_symbol(f, scope, message->name, &full_name);
	if (r == 0)
		r = add_declaration(f, full_name, (struct schema_declaration){.message = message},
				    parent ? parent->path : NULL, parent ? parent->n_path : 0,
				    parent ? MESSAGE_NESTED : FILE_MESSAGE, index, &declaration);
	if (r == 0)
		r = add_message_members(f, full_name, message);
	for (size_t i = 0; i < message->n_nested_type && r == 0; i++)
		r = add_message(f, full_name, message->nested_type[i], declaration, i);
	return r;
}

static int
add_service(const struct file_build *f, const char *scope,
	    const Google__Protobuf__ServiceDescriptorProto *service, size_t index)
{
	struct schema_declaration *declaration;
	const char *full_name;
	int r;

	r = add_symbol(f, scope, service->name, &full_name);
	if (r == 0)
		r = add_declaration(f, full_name, (struct schema_declaration){.service = service},
				    NULL, 0, FILE_SERVICE, index, &declaration);
	for (size_t i = 0; i < service->n_method && r == 0; i++)
		r = add_symbol(f, full_name, service->method[i]->name, NULL);
	return r;
}

static int
add_file_members(const struct file_build *f)
{
	const Google__Protobuf__FileDescriptorProto *proto = f->file->proto;
	const char *package = proto->package ? proto->package : "";
	int r = 0;

	for (size_t i = 0; i < proto->n_message_type && r == 0; i++)
		r = add_message(f, package, proto->message_type[i], NULL, i);
	for (size_t i = 0; i < proto->n_enum_type && r == 0; i++)
		r = add_enum(f, package, proto->enum_type[i]);
	for (size_t i = 0; i < proto->n_service && r == 0; i++)
		r = add_service(f, package, proto->service[i], i);
	for (size_t i = 0; i < proto->n_extension && r == 0; i++)
		r = add_extension(f, package, proto->extension[i]);
	return r;
}

/* Without the slash-slash-space of its lines and without the last line's end. */
static char *
tidy_comment(struct arena *arena, const char *comment)
{
	char *text = arena_alloc(arena, strlen(comment) + 1), *out = text;
	bool at_line_start = true;

	if (!text)
		return NULL;
	for (; *comment; comment++) {
		if (!(at_line_start && *comment == ' '))
			*out++ = *comment;
		at_line_start = *comment == '\n';
	}
	while (out > text && out[-1] == '\n')
		out--;
	*out = '\0';
	return text;
}

static int
add_comments(const struct file_build *f)
{
	const Google__Protobuf__SourceCodeInfo *info = f->file->proto->source_code_info;

	for (size_t i = 0; info && i < info->n_location; i++) {
		const Google__Protobuf__SourceCodeInfo__Location *location = info->location[i];
		char *text;
		int r;

		if (!location->leading_comments || location->n_path == 0)
			continue;
		text = tidy_comment(f->build->schema->arena, location->leading_comments);
		if (!text)
			return -ENOMEM;
		r = map_put(f->comments, location->path, location->n_path * sizeof *location->path,
			    text);
		if (r < 0)
			return r;
	}
	return 0;
}

const char *
schema_comment(const struct schema_declaration *declaration, int32_t list, size_t index)
{
	int32_t path[MAX_PATH];
	size_t n;

	if (!declaration || declaration->n_path > MAX_PATH - 2)
		return NULL;
	n = declaration->n_path;
	memcpy(path, declaration->path, n * sizeof *path);
	if (list) {
		path[n++] = list;
		path[n++] = (int32_t)index;
	}
	return map_get(declaration->comments, path, n * sizeof *path);
}

static int
refuse(const struct proto_fault *fault)
{
	if (fault->result == PROTO_EXHAUSTED)
		return -ENOMEM;
	fprintf(stderr, "schema: not a FileDescriptorSet: %s: %s\n", fault->path, fault->reason);
	return -EINVAL;
}

static int
add_file(struct schema_build *build, const void *bytes, size_t size)
{
	struct schema *schema = build->schema;
	struct schema_file *file = ARENA_NEW(schema->arena, struct schema_file);
	struct map *comments = ARENA_NEW(build->scratch, struct map);
	struct file_build f = {.build = build, .file = file, .comments = comments};
	struct proto_fault fault;
	ProtobufCMessage *proto;
	int r;

	if (!file || !comments)
		return -ENOMEM;
	if (wire_read(&google__protobuf__file_descriptor_proto__descriptor, bytes, size,
		      schema->arena, &proto, &fault) != PROTO_OK)
		return refuse(&fault);
	map_init(comments, build->scratch, SCHEMA_MAX_ENTRIES);
	file->proto = (const Google__Protobuf__FileDescriptorProto *)proto;
	file->name = file->proto->name;
	file->bytes = bytes;
	file->size = size;
	r = map_add(&schema->file_names, file->name, MAP_TEXT, file);
	if (r == -EEXIST)
		return 0;
	if (r == 0)
		r = schema_list_add(&schema->files, schema->arena, file);
	if (r == 0)
		r = add_comments(&f);
	if (r == 0)
		r = add_file_members(&f);
	return r;
}

/* Taken apart by hand, because reflection gives out each file's bytes as they are. */
int
schema_add_set(struct schema_build *build, const struct schema_set *set)
{
	const uint8_t *p = set->bytes, *end = p + set->size;
	int r = 0;

	while (p < end && r == 0) {
		struct proto_fault fault;
		size_t size = 0;
		int shift = 0;
		bool more = *p++ == SET_FILE_TAG;

		while (more && p < end && shift < 35) {
			more = *p & 0x80;
			size |= (size_t)(*p++ & 0x7F) << shift;
			shift += 7;
		}
		if (shift == 0 || more || size > (size_t)(end - p)) {
			proto_fault_set(&fault, PROTO_MALFORMED, "its list of files is broken");
			return refuse(&fault);
		}
		r = add_file(build, p, size);
		p += size;
	}
	return r;
}
