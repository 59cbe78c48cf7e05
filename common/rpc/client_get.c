/* SPDX-License-Identifier: Apache-2.0 */
/* What a call is and how it ended: the small functions of client.h. */
#include "rpc/client_impl.h"

void *
rpc_client_data(const struct rpc_client_call *call)
{
	return call->data;
}

const struct rpc_method *
rpc_client_method(const struct rpc_client_call *call)
{
	return call->method;
}

struct arena *
rpc_client_arena(struct rpc_client_call *call)
{
	return call->arena;
}

struct rpc_metadata *
rpc_client_request_metadata(struct rpc_client_call *call)
{
	return &call->request_metadata;
}

/* Until start, when the clock begins, a timeout is kept as a negative deadline. */
void
rpc_client_set_timeout(struct rpc_client_call *call, int64_t timeout_us)
{
	call->deadline_us = timeout_us > 0 ? -timeout_us : 0;
}

void
rpc_client_set_deadline(struct rpc_client_call *call, int64_t deadline_us)
{
	call->deadline_us = deadline_us > 0 ? deadline_us : 0;
}

void
rpc_client_set_wait_for_ready(struct rpc_client_call *call, bool wait)
{
	call->wait_for_ready = wait;
}

void
rpc_client_set_encoding(struct rpc_client_call *call, enum rpc_encoding encoding)
{
	call->encoding = encoding;
}

void
rpc_client_set_compression(struct rpc_client_call *call, bool compress)
{
	call->plain = !compress;
}

void
rpc_client_set_get(struct rpc_client_call *call, bool use_get)
{
	call->use_get = use_get;
}

void
rpc_client_set_retry(struct rpc_client_call *call, const struct rpc_retry_policy *policy)
{
	call->retry = policy;
}

enum rpc_code
rpc_client_code(const struct rpc_client_call *call)
{
	int32_t code = call->status->code;

	return code >= 0 && code < RPC_N_CODES ? (enum rpc_code)code : RPC_UNKNOWN;
}

const Status *
rpc_client_status(const struct rpc_client_call *call)
{
	return call->status;
}

const struct rpc_metadata *
rpc_client_headers(const struct rpc_client_call *call)
{
	return &call->headers;
}

const struct rpc_metadata *
rpc_client_trailers(const struct rpc_client_call *call)
{
	return &call->trailers;
}

ProtobufCMessage *
rpc_client_response(const struct rpc_client_call *call)
{
	return call->response;
}

const void *
rpc_client_response_raw(const struct rpc_client_call *call, size_t *ret_length)
{
	*ret_length = call->response_length;
	return call->response_raw;
}

bool
rpc_client_message_compressed(const struct rpc_client_call *call)
{
	return call->message_compressed;
}

const char *
rpc_client_peer(const struct rpc_client_call *call)
{
	return call->peer;
}

unsigned
rpc_client_attempts(const struct rpc_client_call *call)
{
	return call->n_attempts;
}
