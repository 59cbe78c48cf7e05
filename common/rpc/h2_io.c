/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a connection: one big read into the session, one write out of it (h2.h). */
#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/h2_impl.h"

enum {
	READS_PER_TURN = 4,   /* then the other connections have their turn */
	FLUSHES_PER_TURN = 8, /* the same for writing */
};

/* Bytes moved, 0 at the end of the stream, H2_WOULD_BLOCK, or H2_GONE. */
static ssize_t
socket_result(struct h2_conn *conn, ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return H2_WOULD_BLOCK;
	h2_close(conn, errno == ECONNRESET || errno == EPIPE ? "the peer reset the connection"
							     : strerror(errno));
	return H2_GONE;
}

static ssize_t
read_some(struct h2_conn *conn, uint8_t *data, size_t size)
{
	if (conn->tls)
		return h2_tls_read(conn, data, size);
	return socket_result(conn, recv(conn->fd, data, size, 0));
}

static void on_pause_end(evutil_socket_t fd, short what, void *data);

static void
pause_feed(struct h2_conn *conn, const uint8_t *data, size_t length)
{
	struct h2_pause *pause = malloc(sizeof *pause + length);
	const int64_t us = conn->loop->pause_us;

	if (!pause) {
		h2_close(conn, "no memory");
		return;
	}
	memcpy(pause->bytes, data, length);
	pause->length = length;
	evtimer_assign(&pause->end, conn->loop->base, on_pause_end, conn);
	h2_timer_add(&pause->end, us);
	conn->pause = pause;
}

/* RFC 9110 15.6.6, for curl and browsers; TLS has its ALPN for it. */
static void
refuse_preface(struct h2_conn *conn, const uint8_t *data, size_t length)
{
	static const char answer[] =
	    "HTTP/1.1 505 HTTP Version Not Supported\r\n"
	    "content-type: text/plain; charset=utf-8\r\n"
	    "connection: close\r\n"
	    "\r\n"
	    "本端口只支持 HTTP/2，请用 curl --http2-prior-knowledge。\n"
	    "This port speaks HTTP/2 only: curl --http2-prior-knowledge.\n";
	size_t looked_at = length < H2_SNIFF_SIZE ? length : H2_SNIFF_SIZE;

	if (conn->tls || !memmem(data, looked_at, " HTTP/1.", 8)) {
		h2_close(conn, "no HTTP/2 preface");
		return;
	}
	h2_io_send(conn, answer, sizeof answer - 1);
	conn->linger = true;
	h2_close(conn, "HTTP/1 instead of the HTTP/2 preface");
}

static void
feed(struct h2_conn *conn, const uint8_t *data, size_t length)
{
	ssize_t n;

	conn->loop->pause_us = H2_NO_PAUSE;
	n = nghttp2_session_mem_recv(conn->session, data, length);
	if (conn->state != H2_OPEN)
		return;
	if (n >= 0) {
		if (conn->loop->pause_us != H2_NO_PAUSE)
			pause_feed(conn, data + n, length - (size_t)n);
		return;
	}
	if (n == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
		refuse_preface(conn, data, length);
	else if (n == NGHTTP2_ERR_NOMEM)
		h2_close(conn, "no memory");
	else
		/* Floods that nghttp2 stops by itself: unanswered frames, CONTINUATION. */
		h2_fail(conn, NGHTTP2_ENHANCE_YOUR_CALM, nghttp2_strerror((int)n));
}

void
h2_io_read_pending(struct h2_conn *conn)
{
	if (conn->tls && conn->state == H2_OPEN && !conn->pause && SSL_has_pending(conn->tls))
		event_active(&conn->event, EV_READ, 0);
}

void
h2_io_readable(struct h2_conn *conn)
{
	struct h2_loop *loop = conn->loop;

	for (int i = 0; i < READS_PER_TURN && conn->state == H2_OPEN && !conn->pause; i++) {
		ssize_t n;

		loop->n_cipher = 0;
		n = read_some(conn, loop->in, H2_IN_SIZE);
		if (n == 0) {
			h2_close(conn, "the peer closed the connection");
			return;
		}
		if (n < 0)
			return;
		if (conn->tls)
			h2_io_send(conn, loop->cipher, loop->n_cipher);
		conn->last_read_us = h2_loop_now_us(loop);
		feed(conn, loop->in, (size_t)n);
		/* A short read has emptied the socket; TLS may hold more records. */
		if (conn->tls ? loop->socket_empty && !SSL_has_pending(conn->tls) : n < H2_IN_SIZE)
			return;
	}
	h2_io_read_pending(conn);
}

/* The end of the turn lets the socket be read again. */
static void
on_pause_end(evutil_socket_t fd, short what, void *data)
{
	struct h2_conn *conn = data;
	struct h2_pause *pause = conn->pause;

	(void)fd;
	(void)what;
	conn->pause = NULL;
	feed(conn, pause->bytes, pause->length);
	free(pause);
	h2_io_read_pending(conn);
	h2_wake(conn);
}

void
h2_io_forget_pause(struct h2_conn *conn)
{
	if (conn->pause)
		event_del(&conn->pause->end);
	free(conn->pause);
	conn->pause = NULL;
}

static int
append(struct h2_out *out, const void *data, size_t length, bool own)
{
	struct iovec *last = out->n_iov ? &out->iov[out->n_iov - 1] : NULL;

	if (own) {
		if (length > H2_OUT_SIZE + H2_OUT_SLACK - out->n_bytes)
			return NGHTTP2_ERR_CALLBACK_FAILURE;
		memcpy(out->bytes + out->n_bytes, data, length);
		data = out->bytes + out->n_bytes;
		out->n_bytes += length;
	}
	out->total += length;
	if (last && (const uint8_t *)last->iov_base + last->iov_len == data) {
		last->iov_len += length;
		return 0;
	}
	if (out->n_iov == H2_OUT_IOV)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	out->iov[out->n_iov++] = (struct iovec){(void *)(uintptr_t)data, length};
	return 0;
}

static bool
is_full(const struct h2_out *out)
{
	return out->total >= H2_OUT_SIZE || out->n_bytes >= H2_OUT_SIZE ||
	       out->n_iov >= H2_OUT_IOV - 16;
}

int
h2_put(struct h2_conn *conn, const void *data, size_t length)
{
	if (is_full(&conn->loop->out))
		return NGHTTP2_ERR_WOULDBLOCK;
	return append(&conn->loop->out, data, length, true);
}

int
h2_put_ref(struct h2_conn *conn, const void *data, size_t length)
{
	/* TLS copies into its records anyway, and wants its input in one piece. */
	bool own = conn->tls || length < H2_REF_MIN || conn->loop->out.n_iov > H2_OUT_IOV - 4;

	return append(&conn->loop->out, data, length, own);
}

/* Frames out of the session, until there are none or a write is full. */
static bool
collect(struct h2_conn *conn)
{
	struct h2_out *out = &conn->loop->out;

	out->n_bytes = 0;
	out->n_iov = 0;
	out->total = 0;
	while (!is_full(out)) {
		const uint8_t *data;
		ssize_t n = nghttp2_session_mem_send(conn->session, &data);

		if (n < 0) {
			h2_close(conn, nghttp2_strerror((int)n));
			return false;
		}
		if (n == 0)
			break;
		if (append(out, data, (size_t)n, true) != 0) {
			h2_close(conn, "a frame larger than any allowed");
			return false;
		}
	}
	return out->total > 0;
}

static ssize_t
write_some(struct h2_conn *conn, struct iovec *iov, int n_iov)
{
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t)n_iov};
	ssize_t n = socket_result(conn, sendmsg(conn->fd, &message, MSG_NOSIGNAL));

	if (n == H2_WOULD_BLOCK)
		n = 0;
	if (n > 0)
		conn->last_progress_us = h2_loop_now_us(conn->loop);
	return n;
}

/* Writes; what a full socket does not take waits. */
static void
write_or_keep(struct h2_conn *conn, struct iovec *iov, int n_iov, size_t total)
{
	ssize_t n = conn->waiting.length ? 0 : write_some(conn, iov, n_iov);

	if (n < 0 || (size_t)n == total)
		return;
	buf_reserve(&conn->waiting, total - (size_t)n);
	for (int i = 0; i < n_iov; i++) {
		size_t skip = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;

		buf_put(&conn->waiting, (const char *)iov[i].iov_base + skip,
			iov[i].iov_len - skip);
		n -= (ssize_t)skip;
	}
	if (conn->waiting.failed)
		h2_close(conn, "no memory");
}

void
h2_io_send(struct h2_conn *conn, const void *data, size_t length)
{
	struct iovec iov = {(void *)(uintptr_t)data, length};

	if (length == 0)
		return;
	write_or_keep(conn, &iov, 1, length);
	h2_wake(conn);
}

/* True when nothing waits any more. */
static bool
write_waiting(struct h2_conn *conn)
{
	struct iovec iov = {conn->waiting.data, conn->waiting.length};
	ssize_t n;

	if (!iov.iov_len)
		return true;
	n = write_some(conn, &iov, 1);
	if (n < 0)
		return false;
	buf_consume(&conn->waiting, (size_t)n);
	if (conn->waiting.length)
		return false;
	buf_free(&conn->waiting);
	return true;
}

static void
after_flush(struct h2_conn *conn, bool more)
{
	int what;

	if (conn->state == H2_FAILING) {
		h2_close(conn, "");
		return;
	}
	if (conn->state != H2_OPEN)
		return;
	what = conn->pause || conn->waiting.length > conn->setup->out_high ? 0 : EV_READ;
	/* `more`: fair to the others, the rest comes when the loop has been round once. */
	if (conn->waiting.length || more)
		what |= EV_WRITE;
	h2_watch(conn, what);
	if (what & EV_WRITE)
		return;
	conn->last_progress_us = h2_loop_now_us(conn->loop);
	if (!nghttp2_session_want_read(conn->session) &&
	    !nghttp2_session_want_write(conn->session)) {
		conn->linger = true;
		h2_close(conn, "the session ended");
	}
}

void
h2_io_flush(struct h2_conn *conn)
{
	struct h2_out *out = &conn->loop->out;
	bool more = false;

	for (int i = 0; i < FLUSHES_PER_TURN && write_waiting(conn); i++) {
		more = collect(conn);
		if (!more || (conn->tls && !h2_tls_encrypt(conn, out)))
			break;
		write_or_keep(conn, out->iov, out->n_iov, out->total);
		if (conn->setup->hooks->flushed)
			conn->setup->hooks->flushed(conn);
		if (conn->state == H2_CLOSED)
			break;
		more = out->total >= H2_OUT_SIZE / 2;
	}
	after_flush(conn, more);
}
