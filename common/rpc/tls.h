/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS contexts of servers and clients (rpc.md c, row TLS).
 *
 * TLS 1.2 or later, ALPN "h2" and nothing else, chains of at most 4 certificates, no renegotiation,
 * no early data, no compression. A peer that does not agree on h2 fails in the handshake; h2.c
 * looks again after it. PEM texts are given in memory; files are the caller's.
 */
#ifndef MZ_RPC_TLS_H
#define MZ_RPC_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct ssl_ctx_st;
struct ssl_st;

struct rpc_tls_setup {
	/* Own chain (leaf first) and key; a client may have none. */
	const char *certificate_pem, *key_pem;
	/* Whom to trust. Server: NULL asks no client for a certificate, otherwise one is required.
	 * Client: NULL trusts the system's store. */
	const char *trusted_pem;
};

/* A context, freed with SSL_CTX_free; NULL with the cause in error. */
struct ssl_ctx_st *rpc_tls_server_new(const struct rpc_tls_setup *setup, char *error, size_t size);
struct ssl_ctx_st *rpc_tls_client_new(const struct rpc_tls_setup *setup, char *error, size_t size);

/*
 * A session. A client's sends host as SNI and accepts only a certificate of that name (or address);
 * a server's has NULL there. NULL without memory.
 */
struct ssl_st *rpc_tls_new(struct ssl_ctx_st *context, const char *host);

/* True after a handshake that chose "h2". */
bool rpc_tls_chose_h2(const struct ssl_st *tls);
/* Subject of the peer's verified certificate, on arena; NULL when it gave none, or without memory.
 */
char *rpc_tls_peer_subject(const struct ssl_st *tls, struct arena *arena);
/* Why the last operation of this thread failed ("certificate verify failed"); text for logs. */
void rpc_tls_error(const struct ssl_st *tls, char *ret_text, size_t size);

#endif
