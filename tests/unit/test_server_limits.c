/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every limit of rpc/limits.h against the peer it is meant for: the flood or the wait ends with the
 * answer that names it, and its counter moves (RPC-29 … RPC-32, RPC-36). The clock is frozen; the
 * watch that runs once a second is called by hand.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "frozen_clock.h"
#include "rpc/compression.h"
#include "rpc/server_impl.h"
#include "server_fixture.h"
#include "unit.h"

#define ECHO_FRAME "\0\0\0\0\4\x0a\2hi"

enum { FRAMES_MAX = 3000 };

static void
start(struct fixture *f)
{
	clock_freeze(INT64_C(1000000000));
	fixture_start(f);
	fixture_run(f);
}

static void
stop(struct fixture *f)
{
	fixture_stop(f);
	clock_thaw();
}

static void
pass_ms(struct fixture *f, int64_t ms)
{
	fixture_run(f);
	clock_advance(ms * CLOCK_US_PER_MS);
	server_on_tick(-1, 0, f->server);
	fixture_run(f);
}

static void
expect(const struct fixture *f, enum rpc_counter counter, const char *goaway)
{
	if (rpc_server_count(f->server, counter) != 1)
		fail_msg("%s: %llu", rpc_counter_name(counter),
			 (unsigned long long)rpc_server_count(f->server, counter));
	if (goaway && !strstr(buf_text(&f->peer.goaway), goaway))
		fail_msg("no \"%s\" in \"%s\"", goaway, buf_text(&f->peer.goaway));
}

/* --- floods --- */

static const struct {
	const char *name;
	const char *frame;
	size_t length;
	bool with_stream; /* stream 1 is open */
	enum rpc_counter counter;
	const char *goaway;
} floods[] = {
    {"ping", "\0\0\10\6\0\0\0\0\0AAAAAAAA", 17, true, RPC_COUNT_ping_floods, "too_many_pings"},
    {"ping without a call", "\0\0\10\6\0\0\0\0\0AAAAAAAA", 17, false, RPC_COUNT_ping_floods,
     "too_many_pings"},
    {"settings", "\0\0\0\4\0\0\0\0\0", 9, false, RPC_COUNT_idle_frame_floods, "idle_frames_rate"},
    {"settings ack", "\0\0\0\4\1\0\0\0\0", 9, false, RPC_COUNT_protocol_errors, "unexpected ACK"},
    {"empty data", "\0\0\0\0\0\0\0\0\1", 9, true, RPC_COUNT_idle_frame_floods, "idle_frames_rate"},
    {"padding", "\0\0\4\0\10\0\0\0\1\3\0\0\0", 13, true, RPC_COUNT_idle_frame_floods,
     "idle_frames_rate"},
    {"priority", "\0\0\5\2\0\0\0\0\3\0\0\0\0\1", 14, false, RPC_COUNT_idle_frame_floods,
     "idle_frames_rate"},
    {"window", "\0\0\4\10\0\0\0\0\0\0\0\0\1", 13, false, RPC_COUNT_idle_frame_floods,
     "idle_frames_rate"},
    {"unknown frames", "\0\0\0\x7f\0\0\0\0\0", 9, false, RPC_COUNT_idle_frame_floods,
     "idle_frames_rate"},
    {"window 0", "\0\0\4\10\0\0\0\0\0\0\0\0\0", 13, false, RPC_COUNT_protocol_errors,
     "window_size_increment"},
};

/* What the server says, as bytes: nghttp2 as a client would end the connection for the answers to
 * frames it has not sent. */
static bool
hears(struct fixture *f, const char *text)
{
	char bytes[4096];
	ssize_t n = recv(f->peer.fd, bytes, sizeof bytes, MSG_DONTWAIT);

	return n > 0 && memmem(bytes, (size_t)n, text, strlen(text));
}

static void
test_floods(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(floods); i++) {
		struct fixture f;
		bool heard = false;

		fixture_init(&f);
		f.probe.hold = true;
		start(&f);
		if (floods[i].with_stream)
			peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, false);
		fixture_run(&f);
		f.peer.deaf = true;
		for (int n = 0; n < FRAMES_MAX && !heard; n++) {
			peer_send_raw(&f, floods[i].frame, floods[i].length);
			heard = hears(&f, floods[i].goaway);
		}
		if (!heard)
			fail_msg("%s: no GOAWAY says %s", floods[i].name, floods[i].goaway);
		expect(&f, floods[i].counter, NULL);
		assert_int_equal(rpc_server_n_connections(f.server), 0);
		stop(&f);
	}
}

/* CVE-2025-8671: the peer makes us reset. */
static void
test_made_you_reset(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.probe.hold = true;
	f.limits.reset_burst = 20;
	start(&f);
	for (int i = 0; i < 100 && !f.peer.n_goaways; i++) {
		const struct peer_stream *stream =
		    peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, false);
		const char overflow[] = {0,    0,  4,  8, 0, 0, 0, 0, (char)stream->id,
					 0x7f, -1, -1, -1};

		fixture_run(&f);
		peer_send_raw(&f, overflow, sizeof overflow);
		fixture_run(&f);
	}
	assert_in_range(f.peer.n_streams, 20, 24);
	expect(&f, RPC_COUNT_reset_floods, "reset_burst");
	stop(&f);
}

/* One field of 4 KB in the table, then named over and over: 128 KB from 2 KB. */
static void
test_hpack_bomb(void **state)
{
	static uint8_t bytes[8192];
	size_t n = 9;
	struct fixture f;

	(void)state;
	fixture_init(&f);
	start(&f);
	bytes[n++] = 0x40;
	bytes[n++] = 1;
	bytes[n++] = 'x';
	bytes[n++] = 0x7f; /* 127 + 1 + 30 * 128 = 3,968 */
	bytes[n++] = 0x81;
	bytes[n++] = 0x1e;
	memset(bytes + n, 'v', 3968);
	n += 3968;
	memset(bytes + n, 0xbe, 200);
	n += 200;
	bytes[1] = (uint8_t)((n - 9) >> 8);
	bytes[2] = (uint8_t)(n - 9);
	bytes[3] = NGHTTP2_HEADERS;
	bytes[4] = NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM;
	bytes[8] = 1;
	peer_send_raw(&f, bytes, n);
	fixture_run(&f);
	expect(&f, RPC_COUNT_headers_refused, "max_header_bytes");
	stop(&f);
}

static void
test_continuation(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	start(&f);
	peer_send_raw(&f, "\0\0\1\1\1\0\0\0\1\x82", 10);
	for (int i = 0; i < 20; i++)
		peer_send_raw(&f, "\0\0\0\11\0\0\0\0\1", 9);
	fixture_run(&f);
	expect(&f, RPC_COUNT_protocol_errors, "CONTINUATION");
	stop(&f);
}

/* --- waits --- */

static void
test_setup(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	clock_freeze(INT64_C(1000000000));
	fixture_start(&f);
	event_base_loop(f.base, EVLOOP_NONBLOCK);
	clock_advance(f.limits.setup_ms * CLOCK_US_PER_MS + 1);
	event_base_loop(f.base, EVLOOP_NONBLOCK);
	server_on_tick(-1, 0, f.server);
	event_base_loop(f.base, EVLOOP_NONBLOCK);
	expect(&f, RPC_COUNT_setup_timeouts, NULL);
	assert_int_equal(rpc_server_n_connections(f.server), 0);
	stop(&f);
}

/* curl and browsers; whoever says anything else, or says it bit by bit, is told nothing. */
static void
test_http1(void **state)
{
	static const struct {
		const char *said;
		size_t piece;
		bool told;
	} table[] = {
	    {"GET /x HTTP/1.1\r\nhost: x\r\n\r\n", 100, true},
	    {"POST /unit.Probe/Echo HTTP/1.0\r\n\r\n", 100, true},
	    {"PRI * HTTP/1.1\r\n\r\n", 100, true},
	    {"GET /x HTTP/1.1\r\nhost: x\r\n\r\n", 2, false},
	    {"INVALID PREFACE\r\n\r\n", 100, false},
	};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct fixture f;
		char answer[512] = "";

		fixture_init(&f);
		fixture_start(&f);
		f.peer.piece = table[i].piece;
		peer_send_raw(&f, table[i].said, strlen(table[i].said));
		recv(f.peer.fd, answer, sizeof answer - 1, MSG_DONTWAIT);
		assert_int_equal(strncmp(answer, "HTTP/1.1 505 ", 13) == 0, table[i].told);
		assert_int_equal(answer[0] != '\0', table[i].told);
		assert_int_equal(rpc_server_count(f.server, RPC_COUNT_http1_refused),
				 table[i].told);
		assert_int_equal(rpc_server_n_connections(f.server), 0);
		stop(&f);
	}
}

static void
test_header_block_without_end(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	start(&f);
	peer_send_raw(&f, "\0\0\1\1\1\0\0\0\1\x82", 10);
	fixture_run(&f);
	pass_ms(&f, f.limits.setup_ms + 1);
	expect(&f, RPC_COUNT_setup_timeouts, "setup_ms");
	stop(&f);
}

static void
test_silent_and_slow(void **state)
{
	static const uint8_t half[6] = {0, 0, 0, 0xff, 0xff, 'x'};
	struct fixture f;
	struct peer_stream *silent, *slow;

	(void)state;
	fixture_init(&f);
	start(&f);
	silent = peer_grpc(&f.peer, PROBE("Echo"), "", 0, false);
	slow = peer_grpc(&f.peer, PROBE("Echo"), half, sizeof half, false);
	pass_ms(&f, f.limits.slow_message_ms + 1);
	expect(&f, RPC_COUNT_slow_messages, NULL);
	assert_non_null(strstr(buf_text(&slow->headers), "grpc-status: 4\n"));
	assert_false(silent->closed);
	pass_ms(&f, f.limits.silent_stream_ms);
	expect(&f, RPC_COUNT_silent_streams, NULL);
	assert_non_null(strstr(buf_text(&silent->headers), "silent_stream_ms"));
	stop(&f);
}

/* A stream whose reader takes nothing. */
static void
test_stream_stall(void **state)
{
	struct fixture f;
	struct peer_stream *stream;
	char text[100000];

	(void)state;
	fixture_init(&f);
	f.probe.hold = true;
	start(&f);
	f.peer.no_windows = true;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	stream = peer_grpc(&f.peer, PROBE("ServerStream"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	probe_send(f.probe.call, text);
	fixture_run(&f);
	pass_ms(&f, f.limits.stream_stall_ms + 1);
	expect(&f, RPC_COUNT_write_stalls, NULL);
	assert_int_equal(stream->error, NGHTTP2_CANCEL);
	stop(&f);
}

/* A connection whose peer reads nothing at all. */
static void
test_write_stall(void **state)
{
	struct fixture f;
	static char text[4 << 20];
	int small = 4096;

	(void)state;
	fixture_init(&f);
	f.probe.hold = true;
	start(&f);
	setsockopt(f.peer.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	nghttp2_session_set_local_window_size(f.peer.session, 0, 0, 1 << 24);
	nghttp2_submit_settings(
	    f.peer.session, 0,
	    &(nghttp2_settings_entry){NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 24}, 1);
	memset(text, 'x', sizeof text - 1);
	peer_grpc(&f.peer, PROBE("ServerStream"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	f.peer.deaf = true;
	probe_send(f.probe.call, text);
	fixture_run(&f);
	pass_ms(&f, f.limits.write_stall_ms + 1);
	expect(&f, RPC_COUNT_write_stalls, NULL);
	assert_int_equal(rpc_server_n_connections(f.server), 0);
	stop(&f);
}

/* RPC-31: we ping an idle peer, and give up one that does not answer. */
static void
test_keepalive(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	start(&f);
	pass_ms(&f, f.limits.keepalive_ms + 1);
	pass_ms(&f, f.limits.keepalive_timeout_ms + 1);
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_keepalive_failed), 0);
	f.peer.deaf = true;
	pass_ms(&f, f.limits.keepalive_ms + 1);
	pass_ms(&f, f.limits.keepalive_timeout_ms + 1);
	expect(&f, RPC_COUNT_keepalive_failed, NULL);
	stop(&f);
}

static void
test_idle_and_age(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.limits.max_idle_ms = 60000;
	start(&f);
	pass_ms(&f, 60001);
	expect(&f, RPC_COUNT_idle_closed, NULL);
	assert_int_equal(rpc_server_n_connections(f.server), 0);
	stop(&f);

	fixture_init(&f);
	f.limits.max_age_ms = 60000;
	f.probe.hold = true;
	start(&f);
	peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	pass_ms(&f, 53000);
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_aged), 0);
	pass_ms(&f, 14000);
	expect(&f, RPC_COUNT_aged, "max_age_ms");
	/* The call that runs is not harmed. */
	rpc_call_finish(f.probe.call, RPC_OK, NULL);
	fixture_run(&f);
	assert_non_null(strstr(buf_text(&f.peer.streams[0].headers), ":status: 200\n"));
	stop(&f);
}

/* --- amounts --- */

static void
test_connections(void **state)
{
	struct fixture f;
	int fds[2];

	(void)state;
	fixture_init(&f);
	f.limits.max_connections_per_address = 1;
	start(&f);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(rpc_server_serve(f.server, fds[0]), -EUSERS);
	close(fds[1]);
	expect(&f, RPC_COUNT_connections_refused, NULL);
	stop(&f);
}

/* Unfinished messages of one connection, and one message in memory. */
static void
test_memory(void **state)
{
	static uint8_t body[60000] = {0, 0, 1, 0, 0};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.limits.max_connection_bytes = 100000;
	start(&f);
	peer_grpc(&f.peer, PROBE("Echo"), body, sizeof body, false);
	peer_grpc(&f.peer, PROBE("Echo"), body, sizeof body, false);
	fixture_run(&f);
	expect(&f, RPC_COUNT_memory_refused, NULL);
	assert_true(f.peer.streams[0].closed != f.peer.streams[1].closed);
	stop(&f);

	fixture_init(&f);
	f.limits.call_memory_bytes = 2000;
	start(&f);
	body[2] = 0;
	body[3] = 0x08;
	memcpy(body + 5, "\x0a\xfd\x0f", 3);
	memset(body + 8, 'x', 2045);
	peer_grpc(&f.peer, PROBE("Echo"), body, 5 + 2048, true);
	fixture_run(&f);
	expect(&f, RPC_COUNT_memory_refused, NULL);
	assert_non_null(strstr(buf_text(&f.peer.streams[0].headers), "grpc-status: 8\n"));
	stop(&f);
}

/* Held requests count decoded too: what is left of max_connection_bytes bounds the next. */
static void
test_decoded_memory(void **state)
{
	uint8_t body[5 + 3 + 2045] = {0, 0, 0, 0x08, 0, 0x0a, 0xfd, 0x0f};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.limits.max_connection_bytes = 5000;
	f.probe.hold = true;
	start(&f);
	memset(body + 8, 'x', 2045);
	for (int i = 0; i < 3; i++) {
		peer_grpc(&f.peer, PROBE("Echo"), body, sizeof body, true);
		fixture_run(&f);
	}
	expect(&f, RPC_COUNT_memory_refused, NULL);
	assert_false(f.peer.streams[1].closed);
	assert_non_null(strstr(buf_text(&f.peer.streams[2].headers), "grpc-status: 8\n"));
	stop(&f);
}

/* A bomb is refused early, the next waits, and a few are a flood. */
static void
test_gzip_bomb(void **state)
{
	static const struct peer_field fields[] = {{"content-type", "application/grpc"},
						   {"te", "trailers"},
						   {"grpc-encoding", "gzip"},
						   {NULL, NULL}};
	static uint8_t zeros[4 << 20];
	struct buf bomb;
	struct fixture f;
	int n = 0;

	(void)state;
	buf_init(&bomb, NULL, SIZE_MAX);
	buf_put(&bomb, "\1\0\0\0\0", 5);
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, zeros, sizeof zeros, &bomb), 0);
	bomb.data[3] = (char)((bomb.length - 5) >> 8);
	bomb.data[4] = (char)(bomb.length - 5);
	fixture_init(&f);
	start(&f);
	for (; n < 30 && !f.peer.n_goaways; n++) {
		peer_request(&f.peer, "POST", PROBE("Echo"), fields, bomb.data, bomb.length, true);
		fixture_run(&f);
		if (n == 0)
			assert_non_null(strstr(buf_text(&f.peer.streams[0].headers),
					       "grpc-message: the message inflates too far: "
					       "max_inflate_ratio\n"));
		/* The connection rests. */
		fixture_run_ms(&f, 80);
	}
	assert_in_range(n, 8, 16);
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_message_too_large), n);
	expect(&f, RPC_COUNT_reset_floods, "reset_burst");
	stop(&f);
	buf_free(&bomb);
}

static void
test_names(void **state)
{
	struct rpc_limits limits = rpc_limits_default;

	(void)state;
	assert_int_equal(rpc_limits_set(&limits, "max_receive_bytes", 7), 0);
	assert_int_equal(limits.max_receive_bytes, 7);
	assert_int_equal(rpc_limits_set(&limits, "max_receive_bytes", -1), -ERANGE);
	assert_int_equal(rpc_limits_set(&limits, "max_nothing", 1), -ENOENT);
	assert_string_equal(rpc_counter_name(RPC_COUNT_aged), "aged");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_floods),          cmocka_unit_test(test_made_you_reset),
	    cmocka_unit_test(test_hpack_bomb),      cmocka_unit_test(test_continuation),
	    cmocka_unit_test(test_setup),           cmocka_unit_test(test_header_block_without_end),
	    cmocka_unit_test(test_silent_and_slow), cmocka_unit_test(test_stream_stall),
	    cmocka_unit_test(test_write_stall),     cmocka_unit_test(test_keepalive),
	    cmocka_unit_test(test_idle_and_age),    cmocka_unit_test(test_connections),
	    cmocka_unit_test(test_memory),          cmocka_unit_test(test_decoded_memory),
	    cmocka_unit_test(test_gzip_bomb),       cmocka_unit_test(test_http1),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
