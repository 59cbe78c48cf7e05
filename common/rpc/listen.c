/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets (server.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/server_impl.h"

enum { BACKLOG = 4096, ADDRESS_TEXT = 128 };

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage storage;
};

static int
parse_unix(const char *path, union address *address, socklen_t *size)
{
	if (!*path || strlen(path) >= sizeof address->un.sun_path)
		return -EINVAL;
	address->un.sun_family = AF_UNIX;
	memcpy(address->un.sun_path, path, strlen(path) + 1);
	*size = sizeof address->un;
	return 0;
}

static int
parse_host(const char *host, in_port_t port, union address *address, socklen_t *size)
{
	size_t length = strlen(host);
	char inside[INET6_ADDRSTRLEN];

	/* "*" is every address, of both families. */
	if (strcmp(host, "*") == 0)
		return parse_host("[::]", port, address, size);
	if (inet_pton(AF_INET, host, &address->in.sin_addr) == 1) {
		address->in.sin_family = AF_INET;
		address->in.sin_port = port;
		*size = sizeof address->in;
		return 0;
	}
	if (host[0] != '[' || host[length - 1] != ']' || length - 2 >= sizeof inside)
		return -EINVAL;
	memcpy(inside, host + 1, length - 2);
	inside[length - 2] = '\0';
	if (inet_pton(AF_INET6, inside, &address->in6.sin6_addr) != 1)
		return -EINVAL;
	address->in6.sin6_family = AF_INET6;
	address->in6.sin6_port = port;
	*size = sizeof address->in6;
	return 0;
}

static int
parse(const char *text, union address *address, socklen_t *size)
{
	char host[ADDRESS_TEXT];
	const char *colon = strrchr(text, ':');
	unsigned long port;
	char *end;

	memset(address, 0, sizeof *address);
	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(text + 5, address, size);
	if (!colon || colon == text || (size_t)(colon - text) >= sizeof host ||
	    strspn(colon + 1, "0123456789") == 0)
		return -EINVAL;
	port = strtoul(colon + 1, &end, 10);
	if (*end || port > UINT16_MAX)
		return -EINVAL;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	return parse_host(host, htons((uint16_t)port), address, size);
}

static int
prepare(int fd, const union address *address, socklen_t size)
{
	int on = 1;

	if (address->any.sa_family == AF_UNIX) {
		unlink(address->un.sun_path);
	} else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
		   setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
		return -errno;
	}
	if (bind(fd, &address->any, size) != 0 || listen(fd, BACKLOG) != 0)
		return -errno;
	return 0;
}

int
rpc_listen(const char *text)
{
	union address address;
	socklen_t size;
	int fd, error = parse(text, &address, &size);

	if (error)
		return error;
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	error = prepare(fd, &address, size);
	if (!error)
		return fd;
	close(fd);
	return error;
}

int
rpc_server_port(const struct rpc_server *server)
{
	LIST_FOREACH (member, &server->listeners) {
		union address address = {0};
		socklen_t size = sizeof address;

		if (getsockname(LIST_ENTRY(member, struct server_listener, link)->fd, &address.any,
				&size) != 0)
			continue;
		if (address.any.sa_family == AF_INET)
			return ntohs(address.in.sin_port);
		if (address.any.sa_family == AF_INET6)
			return ntohs(address.in6.sin6_port);
	}
	return 0;
}
