/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS of a connection (h2.h).
 *
 * OpenSSL would write each record of 16 KiB to the socket by itself, and raise SIGPIPE on a closed
 * one. Here it writes into the loop's buffer instead, by a BIO of ours, so that under TLS too a
 * turn's frames leave in one write, and what the socket does not take waits as ciphertext like any
 * other bytes.
 */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rpc/h2_impl.h"
#include "rpc/tls.h"

static int
bio_write(BIO *bio, const char *data, int length)
{
	struct h2_conn *conn = BIO_get_data(bio);
	struct h2_loop *loop = conn->loop;

	BIO_clear_retry_flags(bio);
	if ((size_t)length > H2_CIPHER_SIZE - loop->n_cipher) {
		BIO_set_retry_write(bio);
		return -1;
	}
	memcpy(loop->cipher + loop->n_cipher, data, (size_t)length);
	loop->n_cipher += (size_t)length;
	return length;
}

static int
bio_read(BIO *bio, char *data, int length)
{
	struct h2_conn *conn = BIO_get_data(bio);
	ssize_t n = recv(conn->fd, data, (size_t)length, 0);

	conn->loop->socket_empty = n < length;
	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)n;
}

static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *
method(void)
{
	static _Thread_local BIO_METHOD *made;

	if (made)
		return made;
	made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "h2");
	if (!made)
		return NULL;
	BIO_meth_set_write(made, bio_write);
	BIO_meth_set_read(made, bio_read);
	BIO_meth_set_ctrl(made, bio_ctrl);
	return made;
}

int
h2_tls_attach(struct h2_conn *conn)
{
	BIO *bio = method() ? BIO_new(method()) : NULL;

	conn->tls = rpc_tls_new(conn->setup->tls, conn->setup->tls_name);
	if (!conn->loop->cipher)
		conn->loop->cipher = malloc(H2_CIPHER_SIZE);
	if (!bio || !conn->tls || !conn->loop->cipher) {
		BIO_free(bio);
		SSL_free(conn->tls);
		return -ENOMEM;
	}
	BIO_set_data(bio, conn);
	BIO_set_init(bio, 1);
	SSL_set_bio(conn->tls, bio, bio);
	/* One recv for many records, not two for each. */
	SSL_set_read_ahead(conn->tls, 1);
	SSL_set_default_read_buffer_len(conn->tls, H2_TLS_READ);
	return 0;
}

static void
close_with_error(struct h2_conn *conn)
{
	char reason[H2_CAUSE_SIZE - 32], text[H2_CAUSE_SIZE];

	rpc_tls_error(conn->tls, reason, sizeof reason);
	snprintf(text, sizeof text, "TLS handshake: %s", reason);
	conn->tls_cause = strdup(text);
	h2_close(conn, conn->tls_cause ? conn->tls_cause : "TLS handshake: no memory");
}

bool
h2_tls_is_up(struct h2_conn *conn)
{
	int result;

	ERR_clear_error();
	conn->loop->n_cipher = 0;
	result = SSL_do_handshake(conn->tls);
	if (result == 1 && !rpc_tls_chose_h2(conn->tls))
		h2_close(conn, "TLS handshake: the peer does not offer h2 by ALPN");
	else if (SSL_get_error(conn->tls, result) == SSL_ERROR_WANT_READ)
		h2_watch(conn, EV_READ);
	else if (result != 1)
		close_with_error(conn);
	/* Also the alert that says why not. */
	h2_io_send(conn, conn->loop->cipher, conn->loop->n_cipher);
	return result == 1 && conn->state == H2_HANDSHAKE;
}

ssize_t
h2_tls_read(struct h2_conn *conn, uint8_t *data, size_t size)
{
	int n;

	ERR_clear_error();
	n = SSL_read(conn->tls, data, (int)size);
	if (n > 0)
		return n;
	switch (SSL_get_error(conn->tls, n)) {
	case SSL_ERROR_WANT_READ:
		return H2_WOULD_BLOCK;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		h2_close(conn, "TLS: the peer broke the connection");
		return H2_GONE;
	}
}

bool
h2_tls_encrypt(struct h2_conn *conn, struct h2_out *out)
{
	struct h2_loop *loop = conn->loop;
	/* All of it lies in one piece (h2_put_ref), and the ciphertext has room. */
	const uint8_t *data = out->iov[0].iov_base;
	size_t length = out->iov[0].iov_len;

	ERR_clear_error();
	loop->n_cipher = 0;
	/* In partial-write mode a record at a time. */
	while (length > 0) {
		int n = SSL_write(conn->tls, data, (int)length);

		if (n <= 0) {
			h2_close(conn, "TLS: cannot encrypt");
			return false;
		}
		data += n;
		length -= (size_t)n;
	}
	out->iov[0] = (struct iovec){loop->cipher, loop->n_cipher};
	out->n_iov = 1;
	out->total = loop->n_cipher;
	return true;
}

void
h2_tls_goodbye(struct h2_conn *conn)
{
	if (!conn->tls || !conn->session || conn->waiting.length > 0)
		return;
	ERR_clear_error();
	conn->loop->n_cipher = 0;
	SSL_shutdown(conn->tls);
	h2_io_send(conn, conn->loop->cipher, conn->loop->n_cipher);
}
