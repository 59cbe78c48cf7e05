/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interop-server ADDRESS [CERTIFICATE KEY]: serves gRPC's interoperability cases to foreign
 * clients, in every protocol that the runtime speaks; over TLS when two PEM files are named.
 *
 * Prints its port when it can be called; drains and ends on SIGTERM.
 * https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
 */
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interop_service.h"
#include "proto/schema.h"
#include "rpc/tls.h"

enum { MAX_PEM = 64 << 10 };

static void
die(const char *what)
{
	fprintf(stderr, "interop-server: %s\n", what);
	exit(1);
}

static char *
read_pem(const char *path)
{
	char *text = calloc(1, MAX_PEM + 1);
	FILE *file = fopen(path, "r");

	if (!file || !text || fread(text, 1, MAX_PEM, file) == 0)
		die(path);
	fclose(file);
	return text;
}

static struct ssl_ctx_st *
make_tls(char **paths)
{
	char error[256], *certificate = read_pem(paths[0]), *key = read_pem(paths[1]);
	struct ssl_ctx_st *tls = rpc_tls_server_new(
	    &(struct rpc_tls_setup){.certificate_pem = certificate, .key_pem = key}, error,
	    sizeof error);

	if (!tls)
		die(error);
	free(certificate);
	free(key);
	return tls;
}

static void
set_limit(struct rpc_limits *limits, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		die(word);
	*value++ = '\0';
	if (rpc_limits_set(limits, word, strtoll(value, NULL, 10)) != 0)
		die(word);
}

static void
print_port(const struct rpc_server *server)
{
	printf("%d\n", rpc_server_port(server));
	fflush(stdout);
}

static void
print_counters(const struct rpc_server *server)
{
	for (int i = 0; i < RPC_N_COUNTERS; i++) {
		uint64_t count = rpc_server_count(server, (enum rpc_counter)i);

		if (count)
			fprintf(stderr, "%s %lu\n", rpc_counter_name((enum rpc_counter)i), count);
	}
}

int
main(int argc, char **argv)
{
	struct rpc_limits limits = rpc_limits_default;
	struct rpc_server_options options = {.limits = &limits, .cors_origin = "*"};
	struct schema *schema;
	char **word = argv + 2;
	int fd;

	if (argc < 2)
		die("usage: interop-server ADDRESS [--tls CERTIFICATE KEY] [LIMIT=VALUE…]");
	if (argc >= 5 && !strcmp(*word, "--tls")) {
		options.tls = make_tls(word + 1);
		word += 3;
	}
	for (; *word; word++)
		set_limit(&limits, *word);
	options.json.schema = schema = interop_schema_new();
	fd = rpc_listen(argv[1]);
	if (!schema || fd < 0 || interop_serve(&options, fd, print_port, print_counters) != 0)
		die("cannot listen");
	SSL_CTX_free(options.tls);
	schema_free(schema);
	return 0;
}
