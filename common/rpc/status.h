/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status: how a call ends.
 *
 * The 17 canonical codes and every table that hangs on them: names, HTTP status of Connect
 * (RPC-17), HTTP/2 error codes and HTTP status seen by a client without grpc-status (RPC-12).
 * https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
#ifndef MZ_RPC_STATUS_H
#define MZ_RPC_STATUS_H

#include <stddef.h>
#include <stdint.h>

enum rpc_code {
	RPC_OK = 0,
	RPC_CANCELLED = 1,
	RPC_UNKNOWN = 2,
	RPC_INVALID_ARGUMENT = 3,
	RPC_DEADLINE_EXCEEDED = 4,
	RPC_NOT_FOUND = 5,
	RPC_ALREADY_EXISTS = 6,
	RPC_PERMISSION_DENIED = 7,
	RPC_RESOURCE_EXHAUSTED = 8,
	RPC_FAILED_PRECONDITION = 9,
	RPC_ABORTED = 10,
	RPC_OUT_OF_RANGE = 11,
	RPC_UNIMPLEMENTED = 12,
	RPC_INTERNAL = 13,
	RPC_UNAVAILABLE = 14,
	RPC_DATA_LOSS = 15,
	RPC_UNAUTHENTICATED = 16,
	RPC_N_CODES = 17
};

/* "NOT_FOUND"; "UNKNOWN" for a number outside the table. */
const char *rpc_code_name(enum rpc_code code);
/* "not_found", Connect's spelling. */
const char *rpc_code_connect_name(enum rpc_code code);
/* The code of either spelling; RPC_UNKNOWN when there is none. */
enum rpc_code rpc_code_of_name(const char *name);
/* HTTP status of a Connect unary error (RPC-17). */
int rpc_code_http(enum rpc_code code);
/* The code a client gives to an HTTP status without grpc-status, or to an HTTP/2 error code
 * (RPC-12). */
enum rpc_code rpc_code_of_http(int http_status);
enum rpc_code rpc_code_of_h2_error(uint32_t h2_error);

#endif
