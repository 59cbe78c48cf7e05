/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/h2.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/block.h"
#include "base/clock.h"
#include "rpc/h2_impl.h"

/* How long a peer may take to read the GOAWAY that ended it. */
enum { LINGER_US = 1000000 };

static _Thread_local struct h2_loop *loops;

static void advance(struct h2_conn *conn);
static void finish_closing(struct h2_conn *conn);

static void
on_turn_end(evutil_socket_t fd, short what, void *data)
{
	struct h2_loop *loop = data;
	struct list *member;

	(void)fd;
	(void)what;
	loop->n_users++; /* the last connection may go in here */
	while ((member = list_pop(&loop->dirty))) {
		struct h2_conn *conn = LIST_ENTRY(member, struct h2_conn, link);

		if (conn->state < H2_OPEN)
			advance(conn);
		else if (conn->state == H2_OPEN || conn->state == H2_FAILING)
			h2_io_flush(conn);
		/* Woken again: its turn comes once more. */
		if (conn->state == H2_CLOSED && list_is_empty(&conn->link))
			finish_closing(conn);
	}
	loop->now_us = 0;
	h2_loop_put(loop);
}

static void
release(struct h2_conn *conn)
{
	const struct linger at_once = {.l_onoff = 1};

	event_del(&conn->event);
	SSL_free(conn->tls);
	/* What a peer has not taken the kernel would keep, and offer, for a long time. */
	if (conn->waiting.length > 0)
		setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(conn->fd);
	buf_free(&conn->waiting);
	free(conn->tls_cause);
	free(conn);
}

static void
loop_free(struct h2_loop *loop)
{
	struct list *member;

	while ((member = list_pop(&loop->lingering)))
		release(LIST_ENTRY(member, struct h2_conn, link));
	free(loop->out.bytes);
	free(loop->in);
	free(loop->cipher);
	free(loop);
}

struct h2_loop *
h2_loop_get(struct event_base *base)
{
	struct h2_loop *loop = loops;

	while (loop && loop->base != base)
		loop = loop->next;
	if (loop) {
		loop->n_users++;
		return loop;
	}
	loop = calloc(1, sizeof *loop);
	if (!loop)
		return NULL;
	list_init(&loop->dirty);
	list_init(&loop->lingering);
	loop->out.bytes = malloc(H2_OUT_SIZE + H2_OUT_SLACK);
	loop->in = malloc(H2_IN_SIZE);
	if (!loop->out.bytes || !loop->in ||
	    event_assign(&loop->turn_end, base, -1, 0, on_turn_end, loop) != 0) {
		loop_free(loop);
		return NULL;
	}
	loop->base = base;
	loop->pause_us = H2_NO_PAUSE;
	loop->n_users = 1;
	loop->next = loops;
	loops = loop;
	return loop;
}

void
h2_loop_put(struct h2_loop *loop)
{
	struct h2_loop **at = &loops;

	if (!loop || --loop->n_users > 0)
		return;
	while (*at != loop)
		at = &(*at)->next;
	*at = loop->next;
	event_del(&loop->turn_end);
	loop_free(loop);
}

struct event_base *
h2_loop_base(const struct h2_loop *loop)
{
	return loop->base;
}

void
h2_loop_schedule(struct h2_loop *loop)
{
	event_active(&loop->turn_end, EV_TIMEOUT, 0);
}

int64_t
h2_loop_now_us(struct h2_loop *loop)
{
	if (!loop->now_us) {
		loop->now_us = clock_monotonic_us();
		h2_loop_schedule(loop);
	}
	return loop->now_us;
}

int
h2_timer_add(struct event *timer, int64_t wait_us)
{
	struct timeval wait = {wait_us / CLOCK_US_PER_SECOND, wait_us % CLOCK_US_PER_SECOND};

	if (event_add(timer, wait_us > 0 ? &wait : &(struct timeval){0}) == 0)
		return 0;
	event_active(timer, EV_TIMEOUT, 0);
	return -ENOMEM;
}

int
h2_setup_init(struct h2_setup *setup)
{
	if (nghttp2_option_new(&setup->option) != 0 ||
	    nghttp2_session_callbacks_new(&setup->callbacks) != 0)
		return -ENOMEM;
	nghttp2_option_set_no_auto_window_update(setup->option, 1);
	return 0;
}

void
h2_setup_free(struct h2_setup *setup)
{
	nghttp2_session_callbacks_del(setup->callbacks);
	nghttp2_option_del(setup->option);
}

static void
linger_on(struct h2_conn *conn, int what)
{
	ssize_t n = recv(conn->fd, conn->loop->in, H2_IN_SIZE, 0);
	bool is_there = n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));

	if (is_there && !(what & EV_TIMEOUT) &&
	    h2_loop_now_us(conn->loop) <= conn->last_progress_us + LINGER_US)
		return;
	list_remove(&conn->link);
	release(conn);
}

static void
on_event(evutil_socket_t fd, short what, void *data)
{
	struct h2_conn *conn = data;

	(void)fd;
	if (conn->state == H2_LINGER) {
		linger_on(conn, what);
		return;
	}
	if (what & EV_WRITE)
		h2_watch(conn, conn->watched & ~EV_WRITE);
	if (what & EV_READ && conn->state == H2_OPEN)
		h2_io_readable(conn);
	else if (what & EV_READ && conn->state < H2_OPEN)
		advance(conn);
	h2_wake(conn);
}

void
h2_watch(struct h2_conn *conn, int what)
{
	if (what == conn->watched)
		return;
	event_del(&conn->event);
	conn->watched = (short)what;
	event_assign(&conn->event, conn->loop->base, conn->fd, (short)(what | EV_PERSIST), on_event,
		     conn);
	if (what && event_add(&conn->event, NULL) != 0)
		h2_close(conn, "no memory");
	/* With the old event an activation may have gone. */
	if (what & EV_READ)
		h2_io_read_pending(conn);
}

static bool
is_connected(struct h2_conn *conn)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	int error = 0;
	socklen_t error_size = sizeof error;

	if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error) {
		h2_close(conn, strerror(error));
		return false;
	}
	if (getpeername(conn->fd, (struct sockaddr *)&address, &size) == 0)
		return true;
	h2_watch(conn, EV_WRITE);
	return false;
}

/* nghttp2's streams, header values and frames under way: small, short-lived blocks. */
static void *
on_malloc(size_t size, void *data)
{
	(void)data;
	return block_take(size);
}

static void
on_free(void *block, void *data)
{
	(void)data;
	block_give(block);
}

static void *
on_calloc(size_t n, size_t size, void *data)
{
	size_t total;
	void *block;

	(void)data;
	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	block = block_take(total);
	return block ? memset(block, 0, total) : NULL;
}

static void *
on_realloc(void *block, size_t size, void *data)
{
	(void)data;
	return block_resize(block, size);
}

/* With our SETTINGS; false without memory. */
static bool
make_session(struct h2_conn *conn)
{
	const struct h2_setup *setup = conn->setup;
	nghttp2_mem memory = {NULL, on_malloc, on_free, on_calloc, on_realloc};
	int (*make)(nghttp2_session **, const nghttp2_session_callbacks *, void *,
		    const nghttp2_option *, nghttp2_mem *) =
	    setup->server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;

	return make(&conn->session, setup->callbacks, conn, setup->option, &memory) == 0 &&
	       nghttp2_submit_settings(conn->session, NGHTTP2_FLAG_NONE, setup->settings,
				       H2_N_SETTINGS) == 0 &&
	       nghttp2_session_set_local_window_size(conn->session, NGHTTP2_FLAG_NONE, 0,
						     setup->window) == 0;
}

/* From the bare socket to an open session. */
static void
advance(struct h2_conn *conn)
{
	if (conn->state == H2_CONNECTING) {
		if (!is_connected(conn))
			return;
		conn->state = H2_HANDSHAKE;
	}
	if (conn->tls && !h2_tls_is_up(conn))
		return;
	if (!make_session(conn)) {
		h2_close(conn, "no memory");
		return;
	}
	conn->state = H2_OPEN;
	if (conn->setup->hooks->ready)
		conn->setup->hooks->ready(conn);
	h2_watch(conn, EV_READ);
	/* What a server was woken by, or TLS has read together with its last handshake message. */
	if ((conn->setup->server || conn->tls) && conn->state == H2_OPEN)
		h2_io_readable(conn);
	h2_wake(conn);
}

struct h2_conn *
h2_open(struct h2_loop *loop, int fd, const struct h2_setup *setup, void *owner)
{
	struct h2_conn *conn = calloc(1, sizeof *conn);
	const int on = 1;

	if (conn) {
		conn->loop = loop;
		conn->fd = fd;
		conn->setup = setup;
		conn->owner = owner;
	}
	if (!conn || (setup->tls && h2_tls_attach(conn) != 0)) {
		close(fd);
		free(conn);
		return NULL;
	}
	/* Both fail on a Unix socket, where they are not needed. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &setup->user_timeout_ms,
		   sizeof setup->user_timeout_ms);
	list_init(&conn->link);
	buf_init(&conn->waiting, NULL, SIZE_MAX);
	loop->n_users++;
	event_assign(&conn->event, loop->base, fd, EV_PERSIST, on_event, conn);
	conn->opened_at_us = conn->last_read_us = conn->last_progress_us = h2_loop_now_us(loop);
	/* A server's SETTINGS wait for the preface: who speaks HTTP/1.1 gets an answer instead. */
	if (setup->server)
		h2_watch(conn, EV_READ);
	else
		h2_wake(conn);
	return conn;
}

void
h2_wake(struct h2_conn *conn)
{
	struct h2_loop *loop = conn->loop;

	if (!list_is_empty(&conn->link) || conn->state == H2_LINGER)
		return;
	if (list_is_empty(&loop->dirty))
		h2_loop_schedule(loop);
	list_append(&loop->dirty, &conn->link);
}

void
h2_submitted(struct h2_conn *conn, int result)
{
	if (result == NGHTTP2_ERR_NOMEM)
		h2_close(conn, "no memory");
	h2_wake(conn);
}

int
h2_pause(struct h2_conn *conn, int64_t us)
{
	conn->loop->pause_us = us;
	return NGHTTP2_ERR_PAUSE;
}

void
h2_close(struct h2_conn *conn, const char *cause)
{
	if (conn->state == H2_CLOSED || conn->state == H2_LINGER)
		return;
	/* A failure has said its cause already; what the socket says after is only a consequence.
	 */
	if (!conn->cause)
		conn->cause = cause;
	conn->state = H2_CLOSED;
	h2_watch(conn, 0);
	h2_io_forget_pause(conn);
	h2_wake(conn);
}

void
h2_fail(struct h2_conn *conn, uint32_t h2_error, const char *text)
{
	if (conn->state != H2_OPEN) {
		h2_close(conn, text);
		return;
	}
	conn->cause = text;
	nghttp2_submit_goaway(conn->session, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(conn->session), h2_error,
			      (const uint8_t *)text, strlen(text));
	conn->state = H2_FAILING;
	conn->linger = true;
	h2_watch(conn, conn->watched & ~EV_READ);
	h2_io_forget_pause(conn);
	h2_wake(conn);
}

/*
 * Tells the owner. A peer that was told why by GOAWAY gets a second to read it: closing a socket
 * with unread bytes sends RST, which would destroy the text on its way.
 */
static void
finish_closing(struct h2_conn *conn)
{
	struct timeval second = {.tv_sec = 1};
	struct h2_loop *loop = conn->loop;

	conn->state = H2_LINGER; /* whatever the owner still submits goes nowhere */
	conn->setup->hooks->closed(conn, conn->cause);
	h2_tls_goodbye(conn);
	nghttp2_session_del(conn->session);
	conn->session = NULL;
	/* What was not taken holds up the GOAWAY too. */
	if (!conn->linger || conn->waiting.length > 0 || shutdown(conn->fd, SHUT_WR) != 0) {
		release(conn);
		h2_loop_put(loop);
		return;
	}
	conn->last_progress_us = h2_loop_now_us(loop);
	h2_watch(conn, EV_READ);
	if (event_add(&conn->event, &second) == 0)
		list_append(&loop->lingering, &conn->link);
	else
		release(conn);
	h2_loop_put(loop);
}

void
h2_drop(struct h2_conn *conn, const char *cause)
{
	h2_close(conn, cause);
	list_remove(&conn->link);
	conn->linger = false;
	finish_closing(conn);
}
