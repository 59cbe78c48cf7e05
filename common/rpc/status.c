/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/status.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

static const struct {
	const char *name, *connect_name;
	int http;
} codes[RPC_N_CODES] = {
    [RPC_OK] = {"OK", "ok", 200},
    [RPC_CANCELLED] = {"CANCELLED", "canceled", 499},
    [RPC_UNKNOWN] = {"UNKNOWN", "unknown", 500},
    [RPC_INVALID_ARGUMENT] = {"INVALID_ARGUMENT", "invalid_argument", 400},
    [RPC_DEADLINE_EXCEEDED] = {"DEADLINE_EXCEEDED", "deadline_exceeded", 504},
    [RPC_NOT_FOUND] = {"NOT_FOUND", "not_found", 404},
    [RPC_ALREADY_EXISTS] = {"ALREADY_EXISTS", "already_exists", 409},
    [RPC_PERMISSION_DENIED] = {"PERMISSION_DENIED", "permission_denied", 403},
    [RPC_RESOURCE_EXHAUSTED] = {"RESOURCE_EXHAUSTED", "resource_exhausted", 429},
    [RPC_FAILED_PRECONDITION] = {"FAILED_PRECONDITION", "failed_precondition", 400},
    [RPC_ABORTED] = {"ABORTED", "aborted", 409},
    [RPC_OUT_OF_RANGE] = {"OUT_OF_RANGE", "out_of_range", 400},
    [RPC_UNIMPLEMENTED] = {"UNIMPLEMENTED", "unimplemented", 501},
    [RPC_INTERNAL] = {"INTERNAL", "internal", 500},
    [RPC_UNAVAILABLE] = {"UNAVAILABLE", "unavailable", 503},
    [RPC_DATA_LOSS] = {"DATA_LOSS", "data_loss", 500},
    [RPC_UNAUTHENTICATED] = {"UNAUTHENTICATED", "unauthenticated", 401},
};

const char *
rpc_code_name(enum rpc_code code)
{
	return codes[(unsigned)code < RPC_N_CODES ? code : RPC_UNKNOWN].name;
}

const char *
rpc_code_connect_name(enum rpc_code code)
{
	return codes[(unsigned)code < RPC_N_CODES ? code : RPC_UNKNOWN].connect_name;
}

enum rpc_code
rpc_code_of_name(const char *name)
{
	for (int code = 0; code < RPC_N_CODES; code++)
		if (!strcmp(name, codes[code].name) || !strcmp(name, codes[code].connect_name))
			return (enum rpc_code)code;
	return RPC_UNKNOWN;
}

int
rpc_code_http(enum rpc_code code)
{
	return codes[(unsigned)code < RPC_N_CODES ? code : RPC_UNKNOWN].http;
}

enum rpc_code
rpc_code_of_http(int http_status)
{
	switch (http_status) {
	case 400:
		return RPC_INTERNAL;
	case 401:
		return RPC_UNAUTHENTICATED;
	case 403:
		return RPC_PERMISSION_DENIED;
	case 404:
		return RPC_UNIMPLEMENTED;
	case 429:
	case 502:
	case 503:
	case 504:
		return RPC_UNAVAILABLE;
	default:
		return RPC_UNKNOWN;
	}
}

/* RFC 9113 7; the column of gRPC's PROTOCOL-HTTP2 "Errors". */
enum rpc_code
rpc_code_of_h2_error(uint32_t h2_error)
{
	switch (h2_error) {
	case NGHTTP2_STREAM_CLOSED: /* no mapping, as it cannot reach a call */
		return RPC_UNKNOWN;
	case NGHTTP2_REFUSED_STREAM:
		return RPC_UNAVAILABLE;
	case NGHTTP2_CANCEL:
		return RPC_CANCELLED;
	case NGHTTP2_ENHANCE_YOUR_CALM:
		return RPC_RESOURCE_EXHAUSTED;
	case NGHTTP2_INADEQUATE_SECURITY:
		return RPC_PERMISSION_DENIED;
	default:
		return h2_error < NGHTTP2_INADEQUATE_SECURITY ? RPC_INTERNAL : RPC_UNKNOWN;
	}
}
