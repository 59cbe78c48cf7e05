/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timeout: how long a caller is willing to wait, as the two protocols write it (RPC-03).
 *
 * grpc-timeout is 1-8 digits and a unit (H M S m u n), connect-timeout-ms 1-10 digits. Readers
 * refuse everything else; writers take the finest unit that fits and round up, so that what is sent
 * is never less than what is left. Microseconds inside.
 */
#ifndef MZ_RPC_TIMEOUT_H
#define MZ_RPC_TIMEOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RPC_TIMEOUT_TEXT_SIZE = 24 }; /* either form with its NUL */

/* False when text is no timeout; *ret_us is then untouched. 1-999 ns count as 1 µs. */
bool rpc_timeout_parse_grpc(const char *text, size_t length, int64_t *ret_us);
bool rpc_timeout_parse_connect(const char *text, size_t length, int64_t *ret_us);

/* Write timeout_us (below 0 counts as 0; past the form's largest, that) and return text. */
char *rpc_timeout_format_grpc(int64_t timeout_us, char text[static RPC_TIMEOUT_TEXT_SIZE]);
char *rpc_timeout_format_connect(int64_t timeout_us, char text[static RPC_TIMEOUT_TEXT_SIZE]);

#endif
