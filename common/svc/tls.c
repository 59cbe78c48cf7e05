/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "rpc/tls.h"

enum { MAX_FILE = 1 << 20 };

/* Reads a file into text; false with a line on stderr. No path: text stays empty. */
static bool
read_file(const char *path, struct buf *text)
{
	char piece[4096];
	ssize_t n = 0;
	int fd;

	buf_init(text, NULL, MAX_FILE);
	if (!path)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_put(text, piece, (size_t)n);
	if (fd < 0 || n < 0)
		fprintf(stderr, "TLS 文件 %s：%s\n", path, strerror(errno));
	else if (text->failed || text->length == 0)
		fprintf(stderr, "TLS 文件 %s：内容为空或过大\n", path);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && n == 0 && !text->failed && text->length > 0;
}

static const char *
text_or_null(const struct buf *text)
{
	return text->length > 0 ? buf_text(text) : NULL;
}

typedef struct ssl_ctx_st *make_fn(const struct rpc_tls_setup *setup, char *error, size_t size);

static int
make(const struct options *options, const char *trusted_path, make_fn *make_context,
     struct ssl_ctx_st **ret_context)
{
	BUF_CLEANUP struct buf certificate, key, trusted;
	bool ok = read_file(options->tls_certificate, &certificate);
	struct rpc_tls_setup setup;
	char error[256];

	ok = read_file(options->tls_key, &key) && ok;
	ok = read_file(trusted_path, &trusted) && ok;
	*ret_context = NULL;
	if (!options->tls_certificate || !ok)
		return ok ? 0 : -EINVAL;
	setup = (struct rpc_tls_setup){
	    .certificate_pem = text_or_null(&certificate),
	    .key_pem = text_or_null(&key),
	    .trusted_pem = text_or_null(&trusted),
	};
	*ret_context = make_context(&setup, error, sizeof(error));
	if (!*ret_context)
		fprintf(stderr, "TLS 证书 %s：%s\n", options->tls_certificate, error);
	return *ret_context ? 0 : -EINVAL;
}

int
tls_server(const struct options *options, struct ssl_ctx_st **ret_context)
{
	return make(options, options->tls_client_ca, rpc_tls_server_new, ret_context);
}

int
tls_self(const struct options *options, struct ssl_ctx_st **ret_context)
{
	return make(options, options->tls_certificate, rpc_tls_client_new, ret_context);
}
