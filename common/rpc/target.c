/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/target.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/util.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

struct rpc_resolver {
	struct event_base *base;
	const struct rpc_target *target;
	rpc_resolved_fn *resolved;
	void *data;
	struct evdns_base *dns; /* made for the first question */
	bool asking;
};

/* --- targets --- */

void
rpc_address_set(struct rpc_address *ret_address, const struct sockaddr *sockaddr, socklen_t length)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE] = "?", port[8] = "?";

	*ret_address = (struct rpc_address){.length = length, .text = "unix"};
	memcpy(&ret_address->storage, sockaddr, length);
	if (sockaddr->sa_family == AF_UNIX)
		return;
	getnameinfo(sockaddr, length, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(ret_address->text, sizeof ret_address->text,
		 strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static void
add_address(struct rpc_address_list *list, const struct sockaddr *sockaddr, socklen_t length)
{
	if (list->n < RPC_MAX_ADDRESSES && length <= sizeof list->at->storage)
		rpc_address_set(&list->at[list->n++], sockaddr, length);
}

static int
parse_unix(const char *path, struct rpc_target *target)
{
	struct rpc_address *address = &target->addresses.at[0];
	struct sockaddr_un sockaddr = {.sun_family = AF_UNIX};
	size_t length = strlen(path);

	if (!length || length >= sizeof sockaddr.sun_path)
		return -EINVAL;
	memcpy(sockaddr.sun_path, path, length);
	rpc_address_set(address, (const struct sockaddr *)&sockaddr, sizeof sockaddr);
	snprintf(address->text, sizeof address->text, "unix:%s", path);
	target->addresses.n = 1;
	snprintf(target->host, sizeof target->host, "localhost");
	snprintf(target->authority, sizeof target->authority, "localhost");
	return 0;
}

/* "host:port" or "[v6]:port" into its parts; the authority is both. */
static int
split_port(const char *text, size_t length, struct rpc_target *target)
{
	char *host = target->host, *port;

	if (length >= sizeof target->host)
		return -EINVAL;
	snprintf(host, sizeof target->host, "%.*s", (int)length, text);
	snprintf(target->authority, sizeof target->authority, "%s", host);
	port = strrchr(host, ':');
	if (!port)
		return -EINVAL;
	*port++ = '\0';
	length = strlen(host);
	if (host[0] == '[' && length > 2 && host[length - 1] == ']') {
		host[length - 1] = '\0';
		memmove(host, host + 1, length - 1);
	} else if (strchr(host, ':')) {
		return -EINVAL;
	}
	if (!*host || !*port || strlen(port) >= sizeof target->port ||
	    port[strspn(port, "0123456789")] || strtoul(port, NULL, 10) > UINT16_MAX)
		return -EINVAL;
	snprintf(target->port, sizeof target->port, "%s", port);
	return 0;
}

/* Adds the address of target's host and port when it is a number of that family. */
static int
add_numeric(struct rpc_target *target, int family)
{
	struct addrinfo hints = {.ai_family = family,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *info;

	if (getaddrinfo(target->host, target->port, &hints, &info) != 0)
		return -EINVAL;
	add_address(&target->addresses, info->ai_addr, info->ai_addrlen);
	freeaddrinfo(info);
	return 0;
}

static int
parse_numbers(const char *text, int family, struct rpc_target *target)
{
	for (;;) {
		size_t length = strcspn(text, ",");
		int r = split_port(text, length, target);

		if (!r)
			r = add_numeric(target, family);
		if (r || !text[length])
			return r;
		text += length + 1;
	}
}

int
rpc_target_parse(const char *text, struct rpc_target *ret_target)
{
	int r;

	memset(ret_target, 0, sizeof *ret_target);
	if (!strncmp(text, "unix:", 5))
		return parse_unix(!strncmp(text + 5, "//", 2) ? text + 7 : text + 5, ret_target);
	if (!strncmp(text, "ipv4:", 5))
		return parse_numbers(text + 5, AF_INET, ret_target);
	if (!strncmp(text, "ipv6:", 5))
		return parse_numbers(text + 5, AF_INET6, ret_target);
	if (!strncmp(text, "dns:", 4))
		text += 4 + strspn(text + 4, "/");
	r = split_port(text, strlen(text), ret_target);
	if (!r)
		ret_target->needs_dns = add_numeric(ret_target, AF_UNSPEC) != 0;
	return r;
}

/* --- names --- */

struct rpc_resolver *
rpc_resolver_new(struct event_base *base, const struct rpc_target *target,
		 rpc_resolved_fn *resolved, void *data)
{
	struct rpc_resolver *resolver = calloc(1, sizeof *resolver);

	if (resolver)
		*resolver = (struct rpc_resolver){
		    .base = base, .target = target, .resolved = resolved, .data = data};
	return resolver;
}

void
rpc_resolver_free(struct rpc_resolver *resolver)
{
	if (!resolver)
		return;
	resolver->resolved = NULL;
	/* Fails what is under way; with `asking` the answer frees the resolver. */
	if (resolver->dns)
		evdns_base_free(resolver->dns, 1);
	resolver->dns = NULL;
	if (!resolver->asking)
		free(resolver);
}

/* Takes turns between the family that came first and the other, order kept within each. */
static void
interleave(const struct addrinfo *info, struct rpc_address_list *ret_list)
{
	const int first_family = info->ai_family;
	const struct addrinfo *next[2] = {info, info}; /* of the first family, of the other */

	for (int turn = 0; next[0] || next[1]; turn = !turn) {
		const struct addrinfo *at = next[turn];

		while (at && (at->ai_family == first_family) == turn)
			at = at->ai_next;
		if (at)
			add_address(ret_list, at->ai_addr, at->ai_addrlen);
		next[turn] = at ? at->ai_next : NULL;
	}
}

static void
on_answer(int error, struct evutil_addrinfo *info, void *data)
{
	struct rpc_resolver *resolver = data;
	struct rpc_address_list list = {0};

	resolver->asking = false;
	if (info) {
		interleave(info, &list);
		evutil_freeaddrinfo(info);
	}
	if (!resolver->resolved)
		free(resolver);
	else
		resolver->resolved(resolver->data, list.n ? &list : NULL,
				   evutil_gai_strerror(error));
}

static struct evdns_base *
new_dns(struct event_base *base)
{
	const int flags = EVDNS_BASE_DISABLE_WHEN_INACTIVE;
	struct evdns_base *dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS | flags);

	/* Without a readable resolv.conf there is still /etc/hosts. */
	if (!dns)
		dns = evdns_base_new(base, flags);
	if (dns)
		evdns_base_load_hosts(dns, "/etc/hosts");
	return dns;
}

void
rpc_resolver_start(struct rpc_resolver *resolver)
{
	struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

	if (resolver->asking)
		return;
	if (!resolver->target->needs_dns) {
		resolver->resolved(resolver->data, &resolver->target->addresses, NULL);
		return;
	}
	if (!resolver->dns)
		resolver->dns = new_dns(resolver->base);
	if (!resolver->dns) {
		resolver->resolved(resolver->data, NULL, "no memory for DNS");
		return;
	}
	resolver->asking = true;
	/* May answer at once; the resolver may then be gone. */
	evdns_getaddrinfo(resolver->dns, resolver->target->host, resolver->target->port, &hints,
			  on_answer, resolver);
}
