/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/reflection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "rpc/server_impl.h"

EMBEDDED(rpc_builtin_set);

enum { N_METHODS = 2 };

const ProtobufCServiceDescriptor *const rpc_builtin_services[RPC_N_BUILTIN_SERVICES] = {
    &health__descriptor,
    &server_reflection__descriptor,
};

struct schema_set
rpc_builtin_schema(void)
{
	return (struct schema_set){rpc_builtin_set, rpc_builtin_set_size};
}

/* One question and its answer. */
struct answer {
	struct arena *arena;
	const struct rpc_server *server;
	const struct schema *schema;
	const ServerReflectionRequest *request;
	ServerReflectionResponse response;
};

static void
not_found(struct answer *answer, const char *what)
{
	ErrorResponse *error = ARENA_NEW(answer->arena, ErrorResponse);

	if (!error)
		return;
	error_response__init(error);
	error->error_code = RPC_NOT_FOUND;
	error->error_message = arena_printf(answer->arena, "not found: %s", what);
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
	answer->response.error_response = error;
}

static void
give_file(struct answer *answer, const struct schema_file *file, const char *what)
{
	FileDescriptorResponse *files = ARENA_NEW(answer->arena, FileDescriptorResponse);
	ProtobufCBinaryData *bytes = ARENA_NEW(answer->arena, ProtobufCBinaryData);

	if (!file) {
		not_found(answer, what);
		return;
	}
	if (!files || !bytes)
		return;
	*bytes = (ProtobufCBinaryData){file->size, (uint8_t *)(uintptr_t)file->bytes};
	file_descriptor_response__init(files);
	files->n_file_descriptor_proto = 1;
	files->file_descriptor_proto = bytes;
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
	answer->response.file_descriptor_response = files;
}

static void
give_extension_numbers(struct answer *answer, const char *type)
{
	ExtensionNumberResponse *numbers = ARENA_NEW(answer->arena, ExtensionNumberResponse);
	size_t n = 0;

	if (!schema_file_by_symbol(answer->schema, type)) {
		not_found(answer, type);
		return;
	}
	while (schema_extension_number_at(answer->schema, type, n))
		n++;
	if (!numbers)
		return;
	extension_number_response__init(numbers);
	numbers->base_type_name = (char *)(uintptr_t)type;
	numbers->extension_number = ARENA_ARRAY(answer->arena, int32_t, n);
	numbers->n_extension_number = numbers->extension_number ? n : 0;
	for (size_t i = 0; i < numbers->n_extension_number; i++)
		numbers->extension_number[i] = schema_extension_number_at(answer->schema, type, i);
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ALL_EXTENSION_NUMBERS_RESPONSE;
	answer->response.all_extension_numbers_response = numbers;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp((*(ServiceResponse *const *)a)->name, (*(ServiceResponse *const *)b)->name);
}

/* "/pkg.Service/Method" of every method, sorted, once each. */
static size_t
collect_services(struct answer *answer, ServiceResponse **services)
{
	size_t n = 0, n_unique = 0;

	for (size_t i = 0; i < answer->server->n_methods; i++) {
		const struct rpc_method *method = answer->server->methods[i];
		ServiceResponse *service = ARENA_NEW(answer->arena, ServiceResponse);

		if (!service)
			return 0;
		service_response__init(service);
		service->name =
		    arena_strndup(answer->arena, method->path + 1, strcspn(method->path + 1, "/"));
		if (!service->name)
			return 0;
		services[n++] = service;
	}
	qsort(services, n, sizeof(void *), by_name);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(services[i]->name, services[n_unique - 1]->name) != 0)
			services[n_unique++] = services[i];
	}
	return n_unique;
}

static void
list_services(struct answer *answer)
{
	ListServiceResponse *list = ARENA_NEW(answer->arena, ListServiceResponse);
	ServiceResponse **services =
	    ARENA_ARRAY(answer->arena, ServiceResponse *, answer->server->n_methods);

	if (!list || !services)
		return;
	list_service_response__init(list);
	list->service = services;
	list->n_service = collect_services(answer, services);
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
	answer->response.list_services_response = list;
}

static void
find_answer(struct answer *answer)
{
	const ServerReflectionRequest *request = answer->request;
	const struct schema *schema = answer->schema;
	const ExtensionRequest *extension;

	switch (request->message_request_case) {
	case SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
		give_file(answer, schema_file_by_name(schema, request->file_by_filename),
			  request->file_by_filename);
		break;
	case SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
		give_file(answer, schema_file_by_symbol(schema, request->file_containing_symbol),
			  request->file_containing_symbol);
		break;
	case SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
		extension = request->file_containing_extension;
		give_file(answer,
			  schema_file_by_extension(schema, extension->containing_type,
						   extension->extension_number),
			  extension->containing_type);
		break;
	case SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
		give_extension_numbers(answer, request->all_extension_numbers_of_type);
		break;
	case SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_LIST_SERVICES:
		list_services(answer);
		break;
	default:
		not_found(answer, "no question");
	}
}

static void
on_message(struct rpc_call *call, ProtobufCMessage *message)
{
	struct answer answer = {
	    .arena = rpc_call_message_arena(call),
	    .server = rpc_call_method(call)->data,
	    .request = (const ServerReflectionRequest *)message,
	};

	server_reflection_response__init(&answer.response);
	answer.schema = answer.server->options.schema;
	answer.response.valid_host = answer.request->host;
	answer.response.original_request = (ServerReflectionRequest *)message;
	find_answer(&answer);
	if (answer.response.message_response_case ==
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE__NOT_SET) {
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
		return;
	}
	if (rpc_call_send(call, &answer.response.base) == RPC_SEND_OK)
		rpc_call_next(call);
}

static void
on_half_close(struct rpc_call *call)
{
	rpc_call_finish(call, RPC_OK, NULL);
}

int
rpc_reflection_add(struct rpc_server *server)
{
	static const struct rpc_handler handler = {
	    .message = on_message,
	    .half_close = on_half_close,
	    .writable = rpc_call_next,
	};
	static const char *const paths[N_METHODS] = {
	    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
	    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
	};
	struct rpc_method *methods;
	int error;

	if (!server->options.schema)
		return -EINVAL;
	methods = calloc(N_METHODS, sizeof *methods);
	if (!methods)
		return -ENOMEM;
	for (int i = 0; i < N_METHODS; i++)
		methods[i] = (struct rpc_method){
		    .path = paths[i],
		    .request = &server_reflection_request__descriptor,
		    .response = &server_reflection_response__descriptor,
		    .client_streaming = true,
		    .server_streaming = true,
		    .handler = &handler,
		    .data = server,
		};
	error = server_attach(server, methods, NULL, free);
	if (error) {
		free(methods);
		return error;
	}
	return rpc_server_add(server, methods, N_METHODS);
}
