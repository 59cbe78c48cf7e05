/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connect's two pieces of JSON, and google.rpc.Status as they and grpc-status-details-bin carry it.
 *
 *     error         {"code":"not_found","message":"…","details":[{"type":"google.rpc.ErrorInfo",
 *                    "value":"unpadded base64"}]}                                   (RPC-17)
 *     end of stream {"error":{…},"metadata":{"name":["value",…]}}                   (RPC-18)
 *
 * Inside, an error is always a google.rpc.Status. https://connectrpc.com/docs/protocol
 */
#ifndef MZ_RPC_CONNECT_JSON_H
#define MZ_RPC_CONNECT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "google/rpc/status.pb-c.h"
#include "rpc/metadata.h"
#include "rpc/status.h"

/* Appends the error. A failed append shows in out, as always. */
void rpc_connect_error_write(const Status *status, struct buf *out);
/* Appends the end of a stream: status NULL or code 0 for none. */
void rpc_connect_end_write(const Status *status, const struct rpc_metadata *trailers,
			   struct buf *out);

/*
 * Reads an error; *ret_status lives on arena. A code that is missing or does not exist is
 * `fallback`, the one of the HTTP status. Details that cannot be read are dropped. False when text
 * is no JSON object.
 */
bool rpc_connect_error_read(struct arena *arena, const char *text, size_t length,
			    enum rpc_code fallback, Status **ret_status);
/*
 * Reads the end of a stream: *ret_status is NULL without an error, metadata is appended to
 * trailers. False when it is not one (INTERNAL).
 */
bool rpc_connect_end_read(struct arena *arena, const char *text, size_t length, Status **ret_status,
			  struct rpc_metadata *trailers);

/* A Status with copies of text (UTF-8 made valid); NULL without memory. */
Status *rpc_status_new(struct arena *arena, int code, const char *text);
/* Appends a detail: a copy of message, packed into an Any unless it is one. 0 or -ENOMEM. */
int rpc_status_add_detail(struct arena *arena, Status *status, const ProtobufCMessage *detail);

#endif
