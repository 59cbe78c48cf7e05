/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/tls.h: whom the contexts accept and whom not; handshakes in memory, keys made on the spot. */
#include "unit.h"

#include <event2/event.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "rpc/server.h"
#include "rpc/tls.h"

enum { MAX_TURNS = 20, LONGEST = 6 };

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
	char *key_pem, *certificate_pem;
};

static struct arena *arena;
/* A root, its authorities one below the other, and what the last of each length signs. */
static struct identity chain[LONGEST], leaf_of[LONGEST], stranger;

static char *
text_of(BIO *bio)
{
	char *data;
	long n = BIO_get_mem_data(bio, &data);
	char *text = arena_strndup(arena, data, (size_t)n);

	BIO_free(bio);
	return text;
}

static void
add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

static void
make(struct identity *who, const char *name, const struct identity *issuer)
{
	X509_NAME *subject;
	BIO *bio;

	who->key = EVP_EC_gen("P-256");
	who->certificate = X509_new();
	X509_set_version(who->certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(who->certificate), 7);
	X509_gmtime_adj(X509_getm_notBefore(who->certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(who->certificate), 3600);
	X509_set_pubkey(who->certificate, who->key);
	subject = X509_get_subject_name(who->certificate);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
				   0);
	X509_set_issuer_name(who->certificate, X509_get_subject_name(issuer ? issuer->certificate
									    : who->certificate));
	add_extension(who->certificate, NID_basic_constraints,
		      strncmp(name, "leaf", 4) != 0 ? "critical,CA:TRUE" : "CA:FALSE");
	add_extension(who->certificate, NID_subject_alt_name, "DNS:registry.test,IP:127.0.0.1");
	X509_sign(who->certificate, issuer ? issuer->key : who->key, EVP_sha256());
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(bio, who->certificate);
	who->certificate_pem = text_of(bio);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, who->key, NULL, NULL, 0, NULL, NULL);
	who->key_pem = text_of(bio);
}

static int
make_all(void **state)
{
	(void)state;
	arena = arena_new(8 << 20);
	for (int i = 0; i < LONGEST; i++) {
		make(&chain[i], arena_printf(arena, "authority %d", i), i ? &chain[i - 1] : NULL);
		make(&leaf_of[i], "leaf", &chain[i]);
		/* The chain that it sends: itself, then the authorities up to the root's child. */
		for (int k = i; k > 0; k--)
			leaf_of[i].certificate_pem = arena_printf(
			    arena, "%s%s", leaf_of[i].certificate_pem, chain[k].certificate_pem);
	}
	make(&stranger, "stranger", NULL);
	return 0;
}

static int
free_all(void **state)
{
	struct identity *all[] = {chain, leaf_of};

	(void)state;
	for (int i = 0; i < 2 * LONGEST; i++) {
		EVP_PKEY_free(all[i % 2][i / 2].key);
		X509_free(all[i % 2][i / 2].certificate);
	}
	EVP_PKEY_free(stranger.key);
	X509_free(stranger.certificate);
	arena_free(arena);
	return 0;
}

static SSL_CTX *
new_context(bool server, const struct identity *own, const struct identity *trusted)
{
	struct rpc_tls_setup setup = {0};
	char error[200] = "";
	SSL_CTX *context;

	if (own) {
		setup.certificate_pem = own->certificate_pem;
		setup.key_pem = own->key_pem;
	}
	if (trusted)
		setup.trusted_pem = trusted->certificate_pem;
	context = (server ? rpc_tls_server_new : rpc_tls_client_new)(&setup, error, sizeof error);
	if (!context)
		fail_msg("%s", error);
	return context;
}

struct handshake {
	SSL *client, *server;
	bool ok;
};

static struct handshake
shake(SSL_CTX *client, SSL_CTX *server, const char *host)
{
	struct handshake h = {rpc_tls_new(client, host), rpc_tls_new(server, NULL), false};
	BIO *to_server = BIO_new(BIO_s_mem()), *to_client = BIO_new(BIO_s_mem());
	int c = 0, s = 0;

	BIO_up_ref(to_server);
	BIO_up_ref(to_client);
	SSL_set_bio(h.client, to_client, to_server);
	SSL_set_bio(h.server, to_server, to_client);
	for (int i = 0; i < MAX_TURNS && (c != 1 || s != 1); i++) {
		c = SSL_do_handshake(h.client);
		s = SSL_do_handshake(h.server);
	}
	h.ok = c == 1 && s == 1;
	/* In TLS 1.3 the client is done before the server has looked at its certificate. */
	SSL_CTX_free(client);
	SSL_CTX_free(server);
	return h;
}

static void
part(struct handshake *h)
{
	SSL_free(h->client);
	SSL_free(h->server);
}

static void
both_agree_on_h2_and_tls_1_3(void **state)
{
	struct handshake h = shake(new_context(false, NULL, &chain[0]),
				   new_context(true, &leaf_of[0], NULL), "registry.test");

	(void)state;
	assert_true(h.ok);
	assert_true(rpc_tls_chose_h2(h.client));
	assert_true(rpc_tls_chose_h2(h.server));
	assert_int_equal(SSL_version(h.client), TLS1_3_VERSION);
	assert_null(rpc_tls_peer_subject(h.server, arena));
	assert_string_equal(rpc_tls_peer_subject(h.client, arena), "CN=leaf");
	part(&h);
}

static void
the_name_must_be_the_certificates(void **state)
{
	static const struct {
		const char *host;
		bool ok;
	} table[] = {{"registry.test", true},
		     {"127.0.0.1", true},
		     {"relief.test", false},
		     {"127.0.0.2", false},
		     {"::1", false}};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct handshake h = shake(new_context(false, NULL, &chain[0]),
					   new_context(true, &leaf_of[0], NULL), table[i].host);
		char error[100];

		assert_int_equal(h.ok, table[i].ok);
		if (!h.ok) {
			rpc_tls_error(h.client, error, sizeof error);
			assert_non_null(strstr(error, "mismatch"));
		}
		part(&h);
	}
}

static void
strangers_are_refused(void **state)
{
	struct handshake h = shake(new_context(false, NULL, &chain[0]),
				   new_context(true, &stranger, NULL), "registry.test");

	(void)state;
	assert_false(h.ok);
	part(&h);
}

static void
a_client_certificate_is_required_where_asked_for(void **state)
{
	static const struct identity *const clients[] = {&leaf_of[0], NULL, &stranger};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(clients); i++) {
		struct handshake h =
		    shake(new_context(false, clients[i], &chain[0]),
			  new_context(true, &leaf_of[0], &chain[0]), "registry.test");

		assert_int_equal(h.ok, i == 0);
		assert_int_equal(rpc_tls_peer_subject(h.server, arena) != NULL, i == 0);
		part(&h);
	}
}

static void
chains_are_at_most_four(void **state)
{
	(void)state;
	for (int i = 0; i < LONGEST; i++) {
		struct handshake h = shake(new_context(false, NULL, &chain[0]),
					   new_context(true, &leaf_of[i], NULL), "registry.test");

		/* root, i authorities, leaf */
		assert_int_equal(h.ok, i + 2 <= 4);
		part(&h);
	}
}

static void
old_versions_and_other_protocols_are_refused(void **state)
{
	SSL_CTX *old = new_context(false, NULL, &chain[0]);
	SSL_CTX *http1 = new_context(false, NULL, &chain[0]);
	SSL_CTX *silent = new_context(false, NULL, &chain[0]);
	struct handshake h;

	(void)state;
	SSL_CTX_set_security_level(old, 0);
	SSL_CTX_set_min_proto_version(old, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(old, TLS1_1_VERSION);
	h = shake(old, new_context(true, &leaf_of[0], NULL), "registry.test");
	assert_false(h.ok);
	part(&h);
	SSL_CTX_set_alpn_protos(http1, (const unsigned char *)"\10http/1.1", 9);
	h = shake(http1, new_context(true, &leaf_of[0], NULL), "registry.test");
	assert_false(h.ok);
	part(&h);
	/* Without ALPN the handshake succeeds; it is looked at after it. */
	SSL_CTX_set_alpn_protos(silent, NULL, 0);
	h = shake(silent, new_context(true, &leaf_of[0], NULL), "registry.test");
	assert_true(h.ok);
	assert_false(rpc_tls_chose_h2(h.server));
	part(&h);
}

/* A server tells handshakes that fail from connections that break, and from those that end. */
static void
ends_are_counted(void **state)
{
	static const struct {
		bool alpn, says_goodbye;
		unsigned failed, broken;
	} table[] = {{true, true, 0, 0}, {true, false, 0, 1}, {false, false, 1, 0}};
	char settings[200];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct event_base *base = event_base_new();
		SSL_CTX *ours = new_context(true, &leaf_of[0], NULL);
		SSL_CTX *theirs = new_context(false, NULL, &chain[0]);
		struct rpc_server *server =
		    rpc_server_new(base, &(struct rpc_server_options){.tls = ours});
		SSL *peer;
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		assert_int_equal(rpc_server_serve(server, fds[0]), 0);
		if (!table[i].alpn)
			SSL_CTX_set_alpn_protos(theirs, NULL, 0);
		peer = rpc_tls_new(theirs, "registry.test");
		SSL_set_fd(peer, fds[1]);
		for (int turn = 0; turn < MAX_TURNS && SSL_do_handshake(peer) != 1; turn++)
			event_base_loop(base, EVLOOP_NONBLOCK);
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (table[i].says_goodbye) {
			SSL_shutdown(peer);
			event_base_loop(base, EVLOOP_NONBLOCK);
			while (SSL_read(peer, settings, sizeof settings) > 0)
				continue;
			/* RFC 8446 6.1: it has said so too. */
			assert_int_equal(SSL_get_shutdown(peer),
					 SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		}
		close(fds[1]);
		event_base_loop(base, EVLOOP_NONBLOCK);
		assert_int_equal(rpc_server_n_connections(server), 0);
		assert_int_equal(rpc_server_count(server, RPC_COUNT_tls_failed), table[i].failed);
		assert_int_equal(rpc_server_count(server, RPC_COUNT_tls_broken), table[i].broken);
		SSL_free(peer);
		rpc_server_free(server);
		SSL_CTX_free(theirs);
		SSL_CTX_free(ours);
		event_base_free(base);
	}
}

static void
bad_pem_is_named(void **state)
{
	static const struct {
		bool server;
		const char *certificate, *key, *trusted, *what;
	} table[] = {
	    {true, NULL, NULL, NULL, "needs a certificate"},
	    {true, "x", "x", NULL, "certificate: "},
	    {false, NULL, NULL, "", "trusted certificates: "},
	    {false, NULL, NULL, "garbage", "trusted certificates: "},
	    {false, NULL, "garbage", NULL, "private key: "},
	};
	struct rpc_tls_setup mixed = {.certificate_pem = leaf_of[0].certificate_pem,
				      .key_pem = stranger.key_pem};
	char error[200];

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct rpc_tls_setup setup = {.certificate_pem = table[i].certificate,
					      .key_pem = table[i].key,
					      .trusted_pem = table[i].trusted};

		error[0] = '\0';
		assert_null((table[i].server ? rpc_tls_server_new
					     : rpc_tls_client_new)(&setup, error, sizeof error));
		assert_non_null(strstr(error, table[i].what));
	}
	assert_null(rpc_tls_server_new(&mixed, error, sizeof error));
	assert_non_null(strstr(error, "private key: "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_agree_on_h2_and_tls_1_3),
	    cmocka_unit_test(the_name_must_be_the_certificates),
	    cmocka_unit_test(strangers_are_refused),
	    cmocka_unit_test(a_client_certificate_is_required_where_asked_for),
	    cmocka_unit_test(chains_are_at_most_four),
	    cmocka_unit_test(old_versions_and_other_protocols_are_refused),
	    cmocka_unit_test(ends_are_counted),
	    cmocka_unit_test(bad_pem_is_named),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
