/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler may know of its call, and the metadata it adds (call.h). */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "rpc/server_impl.h"
#include "rpc/tls.h"

enum { SUBJECT_SIZE = 256 };

const struct rpc_method *
rpc_call_method(const struct rpc_call *call)
{
	return call->method;
}

struct arena *
rpc_call_arena(struct rpc_call *call)
{
	return call->arena;
}

struct arena *
rpc_call_message_arena(struct rpc_call *call)
{
	return call->message_arena;
}

void *
rpc_call_state(const struct rpc_call *call)
{
	return call->state;
}

void
rpc_call_set_state(struct rpc_call *call, void *state)
{
	call->state = state;
}

int64_t
rpc_call_deadline_us(const struct rpc_call *call)
{
	return call->deadline_us;
}

int64_t
rpc_call_timeout_us(const struct rpc_call *call)
{
	return call->deadline_us == INT64_MAX ? INT64_MAX
					      : call->deadline_us - call->record.began_us;
}

bool
rpc_call_message_compressed(const struct rpc_call *call)
{
	return call->message_compressed;
}

const char *
rpc_call_peer(const struct rpc_call *call)
{
	return call->record.peer;
}

const char *
rpc_call_peer_subject(struct rpc_call *call)
{
	const struct ssl_st *tls = call->conn ? call->conn->h2->tls : NULL;
	char subject[SUBJECT_SIZE];

	if (!tls || !rpc_tls_peer_subject(tls, subject, sizeof subject))
		return NULL;
	return arena_strdup(call->arena, subject);
}

const char *
rpc_call_metadata(const struct rpc_call *call, const char *name)
{
	return rpc_metadata_get(&call->request.metadata, name);
}

bool
rpc_call_metadata_at(const struct rpc_call *call, size_t i, const char **ret_name,
		     const void **ret_value, size_t *ret_length)
{
	const struct rpc_pair *pair;

	if (i >= call->request.metadata.n)
		return false;
	pair = &call->request.metadata.pairs[i];
	*ret_name = pair->name;
	*ret_value = pair->value;
	*ret_length = pair->length;
	return true;
}

/* For assertions, which a release build leaves out. */
__attribute__((unused)) static bool
is_applications(const char *name)
{
	size_t length = strlen(name);

	return rpc_metadata_name_valid(name, length) && !rpc_metadata_name_reserved(name, length);
}

int
rpc_call_add_header(struct rpc_call *call, const char *name, const void *value, size_t length)
{
	assert(is_applications(name));
	if (call->headers_sent)
		return -EALREADY;
	return rpc_metadata_add(&call->headers, name, value, length);
}

int
rpc_call_add_trailer(struct rpc_call *call, const char *name, const void *value, size_t length)
{
	assert(is_applications(name));
	return rpc_metadata_add(&call->trailers, name, value, length);
}

void
rpc_call_set_compression(struct rpc_call *call, bool on)
{
	call->compress = on && call->response_encoding != RPC_ENCODING_IDENTITY;
}
