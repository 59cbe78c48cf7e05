/* SPDX-License-Identifier: Apache-2.0 */
#include "contract.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/descriptor.pb-c.h"

extern const unsigned char contract_set[];
extern const size_t contract_set_size;

struct contract {
	struct rpc_method *methods;
	size_t n_methods;
};

static char takes_request_id; /* what `data` of such a method points to */

static bool
has_request_id(const Google__Protobuf__DescriptorProto *message)
{
	for (size_t i = 0; i < message->n_field; i++)
		if (strcmp(message->field[i]->name, "request_id") == 0)
			return true;
	return false;
}

/* type: ".pkg.Message" */
static bool
type_has_request_id(const Google__Protobuf__FileDescriptorSet *set, const char *type)
{
	const char *dot = strrchr(type, '.');

	for (size_t i = 0; i < set->n_file; i++) {
		const Google__Protobuf__FileDescriptorProto *file = set->file[i];
		size_t length = strlen(file->package);

		if (length != (size_t)(dot - type - 1) ||
		    strncmp(type + 1, file->package, length) != 0)
			continue;
		for (size_t j = 0; j < file->n_message_type; j++)
			if (strcmp(file->message_type[j]->name, dot + 1) == 0)
				return has_request_id(file->message_type[j]);
	}
	return false;
}

static void
add_method(struct contract *contract, const Google__Protobuf__FileDescriptorSet *set,
	   const char *package, const char *service,
	   const Google__Protobuf__MethodDescriptorProto *method)
{
	struct rpc_method *added;
	char *path;

	contract->methods =
	    realloc(contract->methods, (contract->n_methods + 1) * sizeof *contract->methods);
	if (!contract->methods || asprintf(&path, "/%s.%s/%s", package, service, method->name) < 0)
		err(1, "没有内存");
	added = &contract->methods[contract->n_methods++];
	*added = (struct rpc_method){
	    .path = path,
	    .client_streaming = method->client_streaming,
	    .server_streaming = method->server_streaming,
	    .data = type_has_request_id(set, method->input_type) ? &takes_request_id : NULL,
	};
}

struct contract *
contract_load(void)
{
	struct contract *contract = calloc(1, sizeof *contract);
	Google__Protobuf__FileDescriptorSet *set =
	    google__protobuf__file_descriptor_set__unpack(NULL, contract_set_size, contract_set);

	if (!contract || !set)
		err(1, "没有内存");
	for (size_t i = 0; i < set->n_file; i++)
		for (size_t j = 0; j < set->file[i]->n_service; j++)
			for (size_t k = 0; k < set->file[i]->service[j]->n_method; k++)
				add_method(contract, set, set->file[i]->package,
					   set->file[i]->service[j]->name,
					   set->file[i]->service[j]->method[k]);
	google__protobuf__file_descriptor_set__free_unpacked(set, NULL);
	return contract;
}

void
contract_free(struct contract *contract)
{
	for (size_t i = 0; i < contract->n_methods; i++) {
		char *path;

		memcpy(&path, &contract->methods[i].path, sizeof path);
		free(path);
	}
	free(contract->methods);
	free(contract);
}

const struct rpc_method *
contract_method(const struct contract *contract, const char *name)
{
	for (size_t i = 0; i < contract->n_methods; i++)
		if (strcmp(contract->methods[i].path + (name[0] != '/'), name) == 0)
			return &contract->methods[i];
	return NULL;
}

bool
contract_takes_request_id(const struct rpc_method *method)
{
	return method->data == &takes_request_id;
}

const struct rpc_method *
contract_method_at(const struct contract *contract, size_t i)
{
	return i < contract->n_methods ? &contract->methods[i] : NULL;
}
