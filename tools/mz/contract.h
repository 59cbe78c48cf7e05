/* SPDX-License-Identifier: Apache-2.0 */
/* Contract: the methods of every service, from the embedded FileDescriptorSet. */
#ifndef MZ_TOOL_CONTRACT_H
#define MZ_TOOL_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "rpc/call.h"

struct contract;

/* Ends the program without memory. */
struct contract *contract_load(void);
void contract_free(struct contract *contract);

/* By "pkg.Service/Method" or "/pkg.Service/Method"; NULL when there is none. */
const struct rpc_method *contract_method(const struct contract *contract, const char *name);
/* True when its requests carry an idempotency key, which every write does. */
bool contract_takes_request_id(const struct rpc_method *method);
/* The i-th; NULL past the last. Names begin with a slash. */
const struct rpc_method *contract_method_at(const struct contract *contract, size_t i);

#endif
