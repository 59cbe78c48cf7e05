/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/status.h"

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

/* RFC 9113 7, by error code; the column of gRPC's PROTOCOL-HTTP2 "Errors". */
static const enum rpc_code of_h2_error[] = {
    [0] = RPC_INTERNAL,            /* NO_ERROR */
    [1] = RPC_INTERNAL,            /* PROTOCOL_ERROR */
    [2] = RPC_INTERNAL,            /* INTERNAL_ERROR */
    [3] = RPC_INTERNAL,            /* FLOW_CONTROL_ERROR */
    [4] = RPC_INTERNAL,            /* SETTINGS_TIMEOUT */
    [5] = RPC_UNKNOWN,             /* STREAM_CLOSED: no mapping, as it cannot reach a call */
    [6] = RPC_INTERNAL,            /* FRAME_SIZE_ERROR */
    [7] = RPC_UNAVAILABLE,         /* REFUSED_STREAM */
    [8] = RPC_CANCELLED,           /* CANCEL */
    [9] = RPC_INTERNAL,            /* COMPRESSION_ERROR */
    [10] = RPC_INTERNAL,           /* CONNECT_ERROR */
    [11] = RPC_RESOURCE_EXHAUSTED, /* ENHANCE_YOUR_CALM */
    [12] = RPC_PERMISSION_DENIED,  /* INADEQUATE_SECURITY */
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

enum rpc_code
rpc_code_of_h2_error(uint32_t h2_error)
{
	if (h2_error < sizeof of_h2_error / sizeof of_h2_error[0])
		return of_h2_error[h2_error];
	return RPC_UNKNOWN;
}
