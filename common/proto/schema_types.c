/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proto/schema_private.h"
#include "proto/wire.h"

/* Numbers of lists in descriptor.proto, for comments. */
enum { MESSAGE_FIELD = 2, SERVICE_METHOD = 2 };

static const struct {
	const char *name;
	enum schema_wkt wkt;
} well_known[] = {
    {"google.protobuf.Any", SCHEMA_WKT_ANY},
    {"google.protobuf.BoolValue", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.BytesValue", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.DoubleValue", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.Duration", SCHEMA_WKT_DURATION},
    {"google.protobuf.Empty", SCHEMA_WKT_EMPTY},
    {"google.protobuf.FieldMask", SCHEMA_WKT_FIELD_MASK},
    {"google.protobuf.FloatValue", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.Int32Value", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.Int64Value", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.ListValue", SCHEMA_WKT_LIST_VALUE},
    {"google.protobuf.StringValue", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.Struct", SCHEMA_WKT_STRUCT},
    {"google.protobuf.Timestamp", SCHEMA_WKT_TIMESTAMP},
    {"google.protobuf.UInt32Value", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.UInt64Value", SCHEMA_WKT_WRAPPER},
    {"google.protobuf.Value", SCHEMA_WKT_VALUE},
};

static enum schema_wkt
wkt_of(const char *name)
{
	for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++)
		if (strcmp(name, well_known[i].name) == 0)
			return well_known[i].wkt;
	return SCHEMA_WKT_NONE;
}

static int
add_message(struct schema_build *build, const ProtobufCMessageDescriptor *c)
{
	struct schema *schema = build->schema;
	struct schema_message *message;
	int r;

	if (map_get(&schema->message_descriptors, c, MAP_ADDRESS))
		return 0;
	message = ARENA_NEW(schema->arena, struct schema_message);
	if (!message)
		return -ENOMEM;
	message->name = c->name;
	message->c = c;
	message->wkt = wkt_of(c->name);
	r = map_add(&schema->message_descriptors, c, MAP_ADDRESS, message);
	if (r == 0)
		r = map_add(&schema->message_names, c->name, MAP_TEXT, message);
	if (r == -EEXIST) {
		fprintf(stderr, "schema: two messages are called %s\n", c->name);
		return -EINVAL;
	}
	return r < 0 ? r : schema_list_add(&schema->messages, schema->arena, message);
}

static int
add_roots(struct schema_build *build, const struct schema_source *source)
{
	int r = 0;

	for (size_t i = 0; i < source->n_messages && r == 0; i++)
		r = add_message(build, source->messages[i]);
	for (size_t i = 0; i < source->n_services && r == 0; i++) {
		const ProtobufCServiceDescriptor *service = source->services[i];

		for (unsigned k = 0; k < service->n_methods && r == 0; k++) {
			r = add_message(build, service->methods[k].input);
			if (r == 0)
				r = add_message(build, service->methods[k].output);
		}
	}
	return r;
}

/* The list of messages grows while it is walked, until nothing new is found. */
static int
add_reachable(struct schema_build *build)
{
	const struct schema_list *messages = &build->schema->messages;
	int r = 0;

	for (size_t i = 0; i < messages->count && r == 0; i++) {
		const ProtobufCMessageDescriptor *c =
		    ((struct schema_message *)messages->items[i])->c;

		for (unsigned k = 0; k < c->n_fields && r == 0; k++)
			if (c->fields[k].type == PROTOBUF_C_TYPE_MESSAGE)
				r = add_message(build, c->fields[k].descriptor);
	}
	return r;
}

/*
 * A custom option (number 50501) as a message of the given type: NULL in *ret_rule when it is not
 * set. Options given one by one come as several records, which merge.
 */
static int
read_rule(struct schema *schema, const ProtobufCMessage *options,
	  const ProtobufCMessageDescriptor *type, ProtobufCMessage **ret_rule)
{
	ProtobufCMessage *rule = NULL;

	for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];
		size_t prefix = 0;

		if (field->tag != SCHEMA_RULE_NUMBER)
			continue;
		while (prefix < field->len && field->data[prefix++] & 0x80)
			;
		if (!rule)
			rule = wire_new(type, schema->arena);
		if (!rule)
			return -ENOMEM;
		if (wire_merge(rule, field->data + prefix, field->len - prefix, schema->arena,
			       NULL) != PROTO_OK)
			return -EINVAL;
	}
	*ret_rule = rule;
	return 0;
}

/* protoc's own rule for json_name: an underscore is dropped and the letter after it raised. */
static const char *
default_json_name(struct arena *arena, const char *name)
{
	char *text = arena_alloc(arena, strlen(name) + 1), *out = text;
	bool raise = false;

	if (!text)
		return NULL;
	for (; *name; name++) {
		if (*name != '_')
			*out++ = raise ? (char)toupper((unsigned char)*name) : *name;
		raise = *name == '_';
	}
	*out = '\0';
	return text;
}

static const Google__Protobuf__FieldDescriptorProto *
declared_field(const struct schema_declaration *declaration, uint32_t number, size_t *ret_index)
{
	for (size_t i = 0; declaration && i < declaration->message->n_field; i++) {
		if (declaration->message->field[i]->number == (int32_t)number) {
			*ret_index = i;
			return declaration->message->field[i];
		}
	}
	return NULL;
}

static bool
is_map_entry(const ProtobufCMessageDescriptor *c, const struct schema_declaration *declaration)
{
	size_t length = strlen(c->name);

	if (declaration)
		return declaration->message->options && declaration->message->options->map_entry;
	return length > 5 && strcmp(c->name + length - 5, "Entry") == 0 && c->n_fields == 2 &&
	       strcmp(c->fields[0].name, "key") == 0 && strcmp(c->fields[1].name, "value") == 0;
}

static int
fill_field(struct schema_build *build, const struct schema_declaration *declaration,
	   const ProtobufCFieldDescriptor *c, struct schema_field *field)
{
	struct schema *schema = build->schema;
	const Google__Protobuf__FieldDescriptorProto *proto;
	ProtobufCMessage *rule = NULL;
	size_t index = 0;
	int r = 0;

	field->c = c;
	field->oneof = -1;
	if (c->type == PROTOBUF_C_TYPE_MESSAGE)
		field->message = schema_message_of(schema, c->descriptor);
	proto = declared_field(declaration, c->id, &index);
	if (proto) {
		field->json_name = proto->json_name;
		field->is_optional = proto->proto3_optional;
		field->comment = schema_comment(declaration, MESSAGE_FIELD, index);
		if (proto->options)
			r = read_rule(schema, &proto->options->base, &field_rule__descriptor,
				      &rule);
		field->rule = (const FieldRule *)rule;
	}
	if (!field->json_name)
		field->json_name = default_json_name(schema->arena, c->name);
	return r == 0 && !field->json_name ? -ENOMEM : r;
}

/* protobuf-c knows a oneof by the place of its case. Numbered by first field; proto3 `optional` is
 * none. */
static void
number_oneofs(const struct schema_message *message, struct schema_field *fields)
{
	int n = 0;

	for (unsigned i = 0; i < message->c->n_fields; i++) {
		struct schema_field *field = &fields[i];

		if (!(field->c->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) || field->is_optional)
			continue;
		for (unsigned k = 0; k < i && field->oneof < 0; k++)
			if (fields[k].oneof >= 0 &&
			    fields[k].c->quantifier_offset == field->c->quantifier_offset)
				field->oneof = fields[k].oneof;
		if (field->oneof < 0)
			field->oneof = n++;
	}
}

/* FNV-1a: the names are ours, so nobody can choose them to collide. */
static uint32_t
hash_name(const char *name, size_t length)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619;
	return hash ^ hash >> 15;
}

static bool
is_name(const char *candidate, const char *name, size_t length)
{
	return strncmp(candidate, name, length) == 0 && candidate[length] == '\0';
}

const struct schema_field *
schema_field_by_name(const struct schema_message *message, const char *name, size_t length)
{
	uint32_t at = hash_name(name, length) & message->slot_mask;

	for (; message->slots[at]; at = (at + 1) & message->slot_mask) {
		const struct schema_field *field = &message->fields[message->slots[at] - 1];

		if (is_name(field->json_name, name, length) ||
		    is_name(field->c->name, name, length))
			return field;
	}
	return NULL;
}

static void
add_name(uint16_t *slots, uint32_t mask, const char *name, unsigned index)
{
	uint32_t at = hash_name(name, strlen(name)) & mask;

	while (slots[at])
		at = (at + 1) & mask;
	slots[at] = (uint16_t)(index + 1);
}

static int
fill_names(struct schema *schema, struct schema_message *message)
{
	uint32_t n = message->c->n_fields, size = 2;
	uint16_t *slots;

	if (n >= UINT16_MAX)
		return -EINVAL;
	while (size < 4 * n)
		size *= 2;
	slots = ARENA_ARRAY(schema->arena, uint16_t, size);
	if (!slots)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		const struct schema_field *field = &message->fields[i];

		add_name(slots, size - 1, field->c->name, i);
		if (strcmp(field->c->name, field->json_name) != 0)
			add_name(slots, size - 1, field->json_name, i);
	}
	message->slots = slots;
	message->slot_mask = size - 1;
	return 0;
}

static int
fill_message(struct schema_build *build, struct schema_message *message)
{
	const ProtobufCMessageDescriptor *c = message->c;
	const struct schema_declaration *declaration =
	    map_get(&build->declarations, c->name, MAP_TEXT);
	struct schema_field *fields =
	    ARENA_ARRAY(build->schema->arena, struct schema_field, c->n_fields);
	int r = 0;

	if (!fields)
		return -ENOMEM;
	if (declaration && !declaration->message)
		declaration = NULL;
	message->fields = fields;
	message->comment = schema_comment(declaration, 0, 0);
	message->is_map_entry = is_map_entry(c, declaration);
	for (unsigned i = 0; i < c->n_fields && r == 0; i++) {
		r = fill_field(build, declaration, &c->fields[i], &fields[i]);
		if (fields[i].rule && fields[i].rule->privacy != PRIVACY__PRIVACY_UNSPECIFIED)
			message->reaches_privacy = true;
	}
	if (r < 0)
		return r;
	number_oneofs(message, fields);
	return fill_names(build->schema, message);
}

/* What needs other messages to be filled: is_map and reaches_privacy. True when something has
 * changed. */
static bool
fill_from_below(struct schema_message *message)
{
	struct schema_field *fields = (struct schema_field *)(uintptr_t)message->fields;
	bool reached = message->reaches_privacy;

	for (unsigned i = 0; i < message->c->n_fields; i++) {
		const struct schema_message *below = fields[i].message;

		if (!below)
			continue;
		fields[i].is_map = below->is_map_entry;
		message->reaches_privacy |= below->reaches_privacy;
	}
	return message->reaches_privacy != reached;
}

static int
fill_messages(struct schema_build *build)
{
	const struct schema_list *messages = &build->schema->messages;
	bool changed = true;
	int r = 0;

	for (size_t i = 0; i < messages->count && r == 0; i++)
		r = fill_message(build, messages->items[i]);
	while (changed && r == 0) {
		changed = false;
		for (size_t i = 0; i < messages->count; i++)
			changed |= fill_from_below(messages->items[i]);
	}
	return r;
}

static int
fill_method(struct schema_build *build, const struct schema_declaration *declaration, size_t index,
	    const struct schema_service *service, struct schema_method *method)
{
	const Google__Protobuf__MethodDescriptorProto *proto = declaration->service->method[index];
	struct schema *schema = build->schema;
	ProtobufCMessage *rule = NULL;
	int level = 0, r = 0;

	if (proto->options) {
		level = proto->options->idempotency_level;
		r = read_rule(schema, &proto->options->base, &method_rule__descriptor, &rule);
	}
	*method = (struct schema_method){
	    .name = proto->name,
	    .path = arena_printf(schema->arena, "/%s/%s", service->name, proto->name),
	    .service = service,
	    .request = schema_message_by_name(schema, proto->input_type + 1),
	    .response = schema_message_by_name(schema, proto->output_type + 1),
	    .rule = (const MethodRule *)rule,
	    .comment = schema_comment(declaration, SERVICE_METHOD, index),
	    .client_streaming = proto->client_streaming,
	    .server_streaming = proto->server_streaming,
	    .no_side_effects =
		level == GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS,
	    .idempotent = level != 0,
	};
	if (r < 0 || !method->path)
		return r < 0 ? r : -ENOMEM;
	if (!method->request || !method->response) {
		fprintf(stderr, "schema: %s is not as it was compiled\n", method->path);
		return -EINVAL;
	}
	return map_put(&schema->paths, method->path, MAP_TEXT, method);
}

static int
fill_service(struct schema_build *build, const ProtobufCServiceDescriptor *c,
	     struct schema_service *service)
{
	const struct schema_declaration *declaration =
	    map_get(&build->declarations, c->name, MAP_TEXT);
	struct schema_method *methods;
	size_t n;
	int r;

	if (!declaration || !declaration->service) {
		fprintf(stderr, "schema: no descriptor set declares the service %s\n", c->name);
		return -EINVAL;
	}
	n = declaration->service->n_method;
	methods = ARENA_ARRAY(build->schema->arena, struct schema_method, n);
	if (!methods)
		return -ENOMEM;
	*service = (struct schema_service){
	    .name = c->name,
	    .c = c,
	    .methods = methods,
	    .n_methods = n,
	    .comment = schema_comment(declaration, 0, 0),
	};
	r = map_add(&build->schema->service_names, c->name, MAP_TEXT, service);
	for (size_t i = 0; i < n && r == 0; i++)
		r = fill_method(build, declaration, i, service, &methods[i]);
	return r;
}

int
schema_add_types(struct schema_build *build, const struct schema_source *source)
{
	struct schema *schema = build->schema;
	int r;

	r = add_roots(build, source);
	if (r == 0)
		r = add_reachable(build);
	if (r == 0)
		r = fill_messages(build);
	if (r < 0)
		return r;
	schema->services = ARENA_ARRAY(schema->arena, struct schema_service, source->n_services);
	if (!schema->services)
		return -ENOMEM;
	schema->n_services = source->n_services;
	for (size_t i = 0; i < source->n_services && r == 0; i++)
		r = fill_service(build, source->services[i], &schema->services[i]);
	return r;
}
