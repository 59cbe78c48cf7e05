/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/reflection.h"

#include <errno.h>
#include <string.h>

#include "base/embed.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "rpc/server_impl.h"

EMBEDDED(rpc_builtin_set);

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
	ServerReflectionResponse response;
	/* One of these is in it. */
	ErrorResponse error;
	FileDescriptorResponse files;
	ProtobufCBinaryData file;
	ExtensionNumberResponse numbers;
	ListServiceResponse services;
};

static void
not_found(struct answer *answer, const char *what)
{
	answer->error.error_code = RPC_NOT_FOUND;
	answer->error.error_message = arena_printf(answer->arena, "not found: %s", what);
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
	answer->response.error_response = &answer->error;
}

static void
give_file(struct answer *answer, const struct schema_file *file, const char *what)
{
	if (!file) {
		not_found(answer, what);
		return;
	}
	answer->file = (ProtobufCBinaryData){file->size, (uint8_t *)(uintptr_t)file->bytes};
	answer->files.n_file_descriptor_proto = 1;
	answer->files.file_descriptor_proto = &answer->file;
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
	answer->response.file_descriptor_response = &answer->files;
}

static void
give_extension_numbers(struct answer *answer, char *type)
{
	ExtensionNumberResponse *numbers = &answer->numbers;
	size_t n = 0;

	if (!schema_file_by_symbol(answer->schema, type)) {
		not_found(answer, type);
		return;
	}
	while (schema_extension_number_at(answer->schema, type, n))
		n++;
	numbers->base_type_name = type;
	numbers->extension_number = ARENA_ARRAY(answer->arena, int32_t, n);
	numbers->n_extension_number = numbers->extension_number ? n : 0;
	for (size_t i = 0; i < numbers->n_extension_number; i++)
		numbers->extension_number[i] = schema_extension_number_at(answer->schema, type, i);
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ALL_EXTENSION_NUMBERS_RESPONSE;
	answer->response.all_extension_numbers_response = numbers;
}

/* The methods are sorted: those of a service stand together. */
static void
list_services(struct answer *answer)
{
	const struct rpc_server *server = answer->server;
	ListServiceResponse *list = &answer->services;
	ServiceResponse *services = ARENA_ARRAY(answer->arena, ServiceResponse, server->n_methods);
	const char *last = "";

	list->service = ARENA_ARRAY(answer->arena, ServiceResponse *, server->n_methods);
	if (!services || !list->service)
		return;
	for (size_t i = 0; i < server->n_methods; i++) {
		const char *path = server->methods[i]->path;
		size_t length = strcspn(path + 1, "/");
		ServiceResponse *service = &services[list->n_service];

		if (strncmp(path, last, length + 2) == 0)
			continue;
		last = path;
		service_response__init(service);
		service->name = arena_strndup(answer->arena, path + 1, length);
		list->service[list->n_service++] = service;
	}
	answer->response.message_response_case =
	    SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
	answer->response.list_services_response = list;
}

static void
find_answer(struct answer *answer, const ServerReflectionRequest *request)
{
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
	ServerReflectionRequest *request = (ServerReflectionRequest *)message;
	struct answer answer = {
	    .arena = call->message_arena,
	    .server = call->server,
	    .schema = call->server->options.json.schema,
	    .response = SERVER_REFLECTION_RESPONSE__INIT,
	    .error = ERROR_RESPONSE__INIT,
	    .files = FILE_DESCRIPTOR_RESPONSE__INIT,
	    .numbers = EXTENSION_NUMBER_RESPONSE__INIT,
	    .services = LIST_SERVICE_RESPONSE__INIT,
	};

	answer.response.valid_host = request->host;
	answer.response.original_request = request;
	find_answer(&answer, request);
	if (arena_exhausted(answer.arena))
		rpc_call_finish(call, RPC_RESOURCE_EXHAUSTED, "no memory");
	else if (rpc_call_send(call, &answer.response.base) == RPC_SEND_OK)
		rpc_call_next(call);
}

static void
on_half_close(struct rpc_call *call)
{
	rpc_call_finish(call, RPC_OK, NULL);
}

static const struct rpc_handler handler = {
    .message = on_message,
    .half_close = on_half_close,
    .writable = rpc_call_next,
};

#define METHOD(version)                                                                        \
	{                                                                                      \
		.path = "/grpc.reflection." version ".ServerReflection/ServerReflectionInfo",  \
		.request = &server_reflection_request__descriptor,                             \
		.response = &server_reflection_response__descriptor, .client_streaming = true, \
		.server_streaming = true, .handler = &handler,                                 \
	}
static const struct rpc_method methods[] = {METHOD("v1"), METHOD("v1alpha")};
#undef METHOD

int
rpc_reflection_add(struct rpc_server *server)
{
	return server->options.json.schema
		   ? rpc_server_add(server, methods, sizeof methods / sizeof *methods)
		   : -EINVAL;
}
