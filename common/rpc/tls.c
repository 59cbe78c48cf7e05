/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum {
	/* OpenSSL counts neither the leaf nor the root: 2 between them are a chain of 4. */
	MAX_INTERMEDIATES = 2,
	MAX_CHAIN_BYTES = 32 << 10,
};

static const unsigned char alpn_h2[] = {2, 'h', '2'};
/* TLS 1.2 suites outside the block list of RFC 9113 appendix A. */
static const char ciphers_tls12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

static int
choose_h2(SSL *tls, const unsigned char **out, unsigned char *out_length, const unsigned char *in,
	  unsigned in_length, void *data)
{
	unsigned char *chosen;

	(void)tls;
	(void)data;
	if (SSL_select_next_proto(&chosen, out_length, alpn_h2, sizeof alpn_h2, in, in_length) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Says what could not be used, and why. */
static void
fail(const char *what, char *error, size_t size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	snprintf(error, size, "%s: %s", what, reason ? reason : "unknown error");
	ERR_clear_error();
}

static bool
use_chain(SSL_CTX *context, BIO *pem)
{
	X509 *certificate = PEM_read_bio_X509_AUX(pem, NULL, NULL, NULL);
	bool ok = certificate && SSL_CTX_use_certificate(context, certificate) == 1;

	X509_free(certificate);
	while (ok && (certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL))) {
		ok = SSL_CTX_add1_chain_cert(context, certificate) == 1;
		X509_free(certificate);
	}
	return ok;
}

static bool
use_key(SSL_CTX *context, BIO *pem)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);
	bool ok = key && SSL_CTX_use_PrivateKey(context, key) == 1 &&
		  SSL_CTX_check_private_key(context) == 1;

	EVP_PKEY_free(key);
	return ok;
}

/* Trusts every certificate of the text; a server also names them to its clients. */
static bool
trust(SSL_CTX *context, BIO *pem)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	X509 *certificate;
	bool ok = true;
	int n = 0;

	for (; ok && (certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL)); n++) {
		ok = X509_STORE_add_cert(store, certificate) == 1 &&
		     SSL_CTX_add_client_CA(context, certificate) == 1;
		X509_free(certificate);
	}
	return ok && n;
}

/* A text that is not given is no mistake. */
static int
use_pem(SSL_CTX *context, const char *pem, bool (*use)(SSL_CTX *context, BIO *pem))
{
	BIO *bio = pem ? BIO_new_mem_buf(pem, -1) : NULL;
	bool ok = !pem || (bio && use(context, bio));

	BIO_free(bio);
	if (ok)
		ERR_clear_error(); /* the end of a text counts as an error */
	return ok ? 0 : -1;
}

static int
set_rules(SSL_CTX *context)
{
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify_depth(context, MAX_INTERMEDIATES);
	SSL_CTX_set_max_cert_list(context, MAX_CHAIN_BYTES);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(context, ciphers_tls12) != 1 ||
	    SSL_CTX_set_max_early_data(context, 0) != 1)
		return -1;
	return 0;
}

/*
 * OpenSSL looks an algorithm up when it is first asked for, and what it had no memory for then it
 * never finds again. So the context asks for these, of which a handshake would be the first user.
 */
static bool
find_algorithms(void)
{
	EVP_KDF *tls13 = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	EVP_KDF *tls12 = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	bool ok = tls13 && tls12 && hmac;

	EVP_KDF_free(tls13);
	EVP_KDF_free(tls12);
	EVP_MAC_free(hmac);
	return ok;
}

/* What servers and clients have in common; NULL with the cause in error. */
static SSL_CTX *
context_new(const SSL_METHOD *method, const struct rpc_tls_setup *setup, char *error, size_t size)
{
	SSL_CTX *context = SSL_CTX_new(method);
	const char *failed = NULL;

	if (!context || set_rules(context) || !find_algorithms())
		failed = "TLS library";
	else if (use_pem(context, setup->certificate_pem, use_chain))
		failed = "certificate";
	else if (use_pem(context, setup->key_pem, use_key))
		failed = "private key";
	else if (use_pem(context, setup->trusted_pem, trust))
		failed = "trusted certificates";
	if (!failed)
		return context;
	fail(failed, error, size);
	SSL_CTX_free(context);
	return NULL;
}

SSL_CTX *
rpc_tls_server_new(const struct rpc_tls_setup *setup, char *error, size_t size)
{
	static const unsigned char session_context[] = "minzheng";
	SSL_CTX *context;

	if (!setup->certificate_pem || !setup->key_pem) {
		snprintf(error, size, "a server needs a certificate and its key");
		return NULL;
	}
	context = context_new(TLS_server_method(), setup, error, size);
	if (!context)
		return NULL;
	SSL_CTX_set_alpn_select_cb(context, choose_h2, NULL);
	SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1);
	if (setup->trusted_pem)
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
				   NULL);
	return context;
}

SSL_CTX *
rpc_tls_client_new(const struct rpc_tls_setup *setup, char *error, size_t size)
{
	SSL_CTX *context = context_new(TLS_client_method(), setup, error, size);

	if (!context)
		return NULL;
	/* 0 is success here, unlike everywhere else in OpenSSL. */
	if (SSL_CTX_set_alpn_protos(context, alpn_h2, sizeof alpn_h2) != 0 ||
	    (!setup->trusted_pem && SSL_CTX_set_default_verify_paths(context) != 1)) {
		fail("TLS library", error, size);
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	return context;
}

/* SSL_set_tlsext_host_name, which casts the const away. */
static bool
set_sni(SSL *tls, const char *host)
{
	return SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)host) == 1;
}

SSL *
rpc_tls_new(SSL_CTX *context, const char *host)
{
	SSL *tls = SSL_new(context);

	if (!tls)
		return NULL;
	if (!host) {
		SSL_set_accept_state(tls);
		return tls;
	}
	/* The first refuses what is no address. */
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) != 1 &&
	    (SSL_set1_host(tls, host) != 1 || !set_sni(tls, host))) {
		SSL_free(tls);
		return NULL;
	}
	SSL_set_connect_state(tls);
	return tls;
}

bool
rpc_tls_chose_h2(const SSL *tls)
{
	const unsigned char *chosen;
	unsigned length;

	SSL_get0_alpn_selected(tls, &chosen, &length);
	return length == 2 && !memcmp(chosen, "h2", 2);
}

char *
rpc_tls_peer_subject(const SSL *tls, struct arena *arena)
{
	X509 *certificate = SSL_get0_peer_certificate(tls);
	bool is_verified = certificate && SSL_get_verify_result(tls) == X509_V_OK;
	BIO *bio = is_verified ? BIO_new(BIO_s_mem()) : NULL;
	char *text = NULL, *bytes;

	if (bio &&
	    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) > 0) {
		long length = BIO_get_mem_data(bio, &bytes);

		text = arena_strndup(arena, bytes, (size_t)length);
	}
	BIO_free(bio);
	return text;
}

void
rpc_tls_error(const SSL *tls, char *ret_text, size_t size)
{
	unsigned long code = ERR_peek_last_error();
	long verify = SSL_get_verify_result(tls);
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	if (verify != X509_V_OK)
		reason = X509_verify_cert_error_string(verify);
	snprintf(ret_text, size, "%s", reason ? reason : "connection closed by the peer");
	ERR_clear_error();
}
