/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS of a service program: contexts from the files that the options name.
 */
#ifndef MZ_SVC_TLS_H
#define MZ_SVC_TLS_H

#include "svc/options.h"

struct ssl_ctx_st;

/* The server's context, or NULL when no certificate is given. 0, or -EINVAL with a line on stderr
 * that names the file. Freed by SSL_CTX_free. */
int tls_server(const struct options *options, struct ssl_ctx_st **ret_context);

/*
 * The context with which a program asks itself whether it is healthy: it trusts what its own
 * certificate file holds (a self-signed certificate, or a chain with its root) and shows that same
 * certificate. As above.
 */
int tls_self(const struct options *options, struct ssl_ctx_st **ret_context);

#endif
