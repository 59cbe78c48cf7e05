/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Target: where a channel goes, and the addresses behind it (RPC-37).
 *
 *     unix:PATH   ipv4:A:P,B:P   ipv6:[A]:P,[B]:P   dns:[//]HOST:PORT   HOST:PORT
 *
 * Names are resolved by libevent's own DNS client, so the loop never blocks; addresses written as
 * numbers and those of /etc/hosts need no server. IPv6 and IPv4 addresses come in turn, as happy
 * eyeballs wants them (RPC-39).
 */
#ifndef MZ_RPC_TARGET_H
#define MZ_RPC_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct event_base;

enum { RPC_MAX_ADDRESSES = 32, RPC_ADDRESS_TEXT_SIZE = 120, RPC_HOST_SIZE = 256 };

struct rpc_address {
	struct sockaddr_storage storage;
	socklen_t length;
	char text[RPC_ADDRESS_TEXT_SIZE]; /* "127.0.0.1:50061", "unix:/run/x.sock" */
};

struct rpc_address_list {
	size_t n;
	struct rpc_address at[RPC_MAX_ADDRESSES];
};

struct rpc_target {
	bool needs_dns;
	struct rpc_address_list addresses; /* when it needs none */
	char host[RPC_HOST_SIZE];          /* name for TLS; "localhost" of unix: */
	char port[8];
	char authority[RPC_HOST_SIZE + 8]; /* ":authority" */
};

/* An address of that many bytes with its text: "127.0.0.1:40312", "[::1]:40312", "unix". */
void rpc_address_set(struct rpc_address *ret_address, const struct sockaddr *sockaddr,
		     socklen_t length);

/* 0, or -EINVAL when text is no target; *ret_target is then undefined. */
int rpc_target_parse(const char *text, struct rpc_target *ret_target);

/* Resolves one target again and again. */
struct rpc_resolver;

/* addresses NULL: failed, with its cause. May run inside rpc_resolver_start. */
typedef void rpc_resolved_fn(void *data, const struct rpc_address_list *addresses,
			     const char *cause);

/* NULL without memory. target must outlive it. */
struct rpc_resolver *rpc_resolver_new(struct event_base *base, const struct rpc_target *target,
				      rpc_resolved_fn *resolved, void *data);
/* Forgets a question under way; `resolved` will not run any more. NULL is allowed. */
void rpc_resolver_free(struct rpc_resolver *resolver);
/* Asks, unless a question is under way. */
void rpc_resolver_start(struct rpc_resolver *resolver);

#endif
