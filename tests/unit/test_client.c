/* SPDX-License-Identifier: Apache-2.0 */
/* rpc/client.h: what comes in which order, and the one end of a call (RPC-08, RPC-12, RPC-13,
 * RPC-44). */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client_fixture.h"

/* --- plain ends --- */

static void
a_unary_call_has_its_response_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct rpc_client_call *call = begin(f, &unary, &o);
	struct fake_stream *stream;

	rpc_metadata_add_text(&rpc_client_options(call)->metadata, "x-a", "1");
	rpc_metadata_add(&rpc_client_options(call)->metadata, "x-b-bin", "\0\1", 2);
	rpc_client_options(call)->timeout_us = 10000000;
	send_unary(call, "ping");
	stream = wait_request_end(f, 1);
	assert_true(fake_has_header(stream, ":method: POST"));
	assert_true(fake_has_header(stream, ":path: /t.T/Unary"));
	assert_true(fake_has_header(stream, "te: trailers"));
	assert_true(fake_has_header(stream, "content-type: application/grpc+proto"));
	assert_true(fake_has_header(stream, "x-a: 1"));
	assert_true(fake_has_header(stream, "x-b-bin: AAE"));
	assert_non_null(strstr(stream->headers, "grpc-timeout: "));
	assert_int_equal(stream->n_body, 9);
	assert_memory_equal(stream->body, "\0\0\0\0\4ping", 9);
	fake_headers(stream, ":status: 200\ncontent-type: application/grpc\nx-c: 2\n", false);
	fake_message(stream, "pong", 4);
	fake_trailers(stream, "grpc-status: 0\nx-d: 3\n");
	assert_end(f, &o, RPC_OK, "");
	assert_response(&o, "pong");
	assert_string_equal(rpc_metadata_get(&rpc_client_result(call)->headers, "x-c"), "2");
	assert_string_equal(rpc_metadata_get(&rpc_client_result(call)->trailers, "x-d"), "3");
	assert_null(rpc_metadata_get(&rpc_client_result(call)->trailers, "grpc-status"));
	assert_int_equal(rpc_client_result(call)->n_attempts, 1);
	end(&o);
}

static void
a_unary_call_needs_exactly_one_message(void **state)
{
	static const struct {
		int n;
		enum rpc_code code;
		const char *trailers;
	} table[] = {
	    {0, RPC_UNIMPLEMENTED, "grpc-status: 0\n"}, {2, RPC_UNIMPLEMENTED, "grpc-status: 0\n"},
	    {0, RPC_NOT_FOUND, "grpc-status: 5\n"},     {1, RPC_NOT_FOUND, "grpc-status: 5\n"},
	    {2, RPC_NOT_FOUND, "grpc-status: 5\n"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct outcome o;
		struct fake_stream *stream;

		send_unary(begin(f, &unary, &o), "x");
		stream = wait_request_end(f, i + 1);
		fake_headers(stream, NULL, false);
		for (int n = 0; n < table[i].n; n++)
			fake_message(stream, "m", 1);
		fake_trailers(stream, table[i].trailers);
		assert_end(f, &o, table[i].code, NULL);
		if (table[i].code != RPC_OK)
			assert_no_response(&o);
		end(&o);
	}
}

/* One response, in the order in which it is sent. */
struct reply {
	const char *headers;
	bool headers_end, body_ends;
	const char *body; /* NULL: none */
	size_t n_body;
	const char *trailers;
	enum rpc_code code;
	const char *text;
};

static const struct reply replies[] = {
    /* trailers-only */
    {.headers = GRPC "grpc-status: 7\ngrpc-message: no%20way%\n",
     .headers_end = true,
     .code = RPC_PERMISSION_DENIED,
     .text = "no way%"},
    /* … whose end comes in an empty DATA frame */
    {.headers = GRPC "grpc-status: 7\n",
     .body = "",
     .body_ends = true,
     .code = RPC_PERMISSION_DENIED,
     .text = ""},
    /* in headers, but trailers follow: those count */
    {.headers = GRPC "grpc-status: 7\n",
     .trailers = "grpc-status: 5\n",
     .code = RPC_NOT_FOUND,
     .text = ""},
    /* in headers, but a body follows */
    {.headers = GRPC "grpc-status: 7\n",
     .body = "\0\0\0\0\0",
     .n_body = 5,
     .body_ends = true,
     .code = RPC_INTERNAL,
     .text = "without a status"},
    /* no status at all */
    {.headers = GRPC, .headers_end = true, .code = RPC_INTERNAL, .text = "without a status"},
    {.headers = GRPC, .trailers = "x: y\n", .code = RPC_INTERNAL, .text = "without a status"},
    {.headers = GRPC,
     .body = "\0\0\0\0\1",
     .n_body = 5,
     .body_ends = true,
     .code = RPC_INTERNAL,
     .text = "inside a message"},
    /* a status that is none */
    {.headers = GRPC "grpc-status: 05\n", .headers_end = true, .code = RPC_UNKNOWN, .text = ""},
    {.headers = GRPC "grpc-status: x\n", .headers_end = true, .code = RPC_UNKNOWN, .text = ""},
    {.headers = GRPC "grpc-status: 99\n", .headers_end = true, .code = RPC_UNKNOWN, .text = ""},
    /* HTTP */
    {.headers = ":status: 503\n", .headers_end = true, .code = RPC_UNAVAILABLE, .text = "503"},
    {.headers = ":status: 404\n", .headers_end = true, .code = RPC_UNIMPLEMENTED, .text = "404"},
    {.headers = ":status: 200\ncontent-type: text/html\n",
     .body = "<html>",
     .n_body = 6,
     .body_ends = true,
     .code = RPC_UNKNOWN,
     .text = "text/html"},
    {.headers = ":status: 200\ncontent-type: application/grpc+json\n",
     .headers_end = true,
     .code = RPC_INTERNAL,
     .text = "grpc+json"},
    {.headers = GRPC "grpc-encoding: br\n",
     .trailers = "grpc-status: 0\n",
     .code = RPC_INTERNAL,
     .text = "'br'"},
};

static void
status_is_read_from_where_it_counts(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < UNIT_COUNT(replies); i++) {
		const struct reply *reply = &replies[i];
		struct outcome o;
		struct fake_stream *stream;

		send_unary(begin(f, &unary, &o), "x");
		stream = wait_request_end(f, i + 1);
		fake_headers(stream, reply->headers, reply->headers_end);
		if (reply->body)
			fake_data(stream, reply->body, reply->n_body, reply->body_ends);
		if (reply->trailers)
			fake_trailers(stream, reply->trailers);
		assert_end(f, &o, reply->code, reply->text);
		end(&o);
	}
}

static void
frames_that_are_wrong_end_the_call(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum rpc_code code;
		const char *text;
	} table[] = {
	    {"\2\0\0\0\0", 5, RPC_INTERNAL, "flags 0x2"},
	    {"\200\0\0\0\0", 5, RPC_INTERNAL, "flags 0x80"},
	    {"\1\0\0\0\1x", 6, RPC_INTERNAL, "without an encoding"},
	    {"\0\377\377\377\377", 5, RPC_RESOURCE_EXHAUSTED, "4294967295"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct outcome o;
		struct fake_stream *stream;

		send_unary(begin(f, &unary, &o), "x");
		stream = wait_request_end(f, i + 1);
		fake_headers(stream, NULL, false);
		fake_data(stream, table[i].bytes, table[i].n, false);
		assert_end(f, &o, table[i].code, table[i].text);
		settle(f);
		assert_true(stream->reset);
		assert_int_equal(stream->reset_code, NGHTTP2_CANCEL);
		end(&o);
	}
}

/* --- resets, and their order with the end --- */

static void
a_reset_gives_the_code_of_its_reason(void **state)
{
	static const struct {
		uint32_t error;
		enum rpc_code code;
	} table[] = {
	    {NGHTTP2_NO_ERROR, RPC_INTERNAL},
	    {NGHTTP2_PROTOCOL_ERROR, RPC_INTERNAL},
	    {NGHTTP2_INTERNAL_ERROR, RPC_INTERNAL},
	    {NGHTTP2_CANCEL, RPC_CANCELLED},
	    {NGHTTP2_ENHANCE_YOUR_CALM, RPC_RESOURCE_EXHAUSTED},
	    {NGHTTP2_INADEQUATE_SECURITY, RPC_PERMISSION_DENIED},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < UNIT_COUNT(table); i++) {
		struct outcome o;

		send_unary(begin(f, &unary, &o), "x");
		fake_reset(wait_request_end(f, i + 1), table[i].error);
		assert_end(f, &o, table[i].code, nghttp2_http2_strerror(table[i].error));
		assert_end(f, &o, table[i].code, "waiting for the response");
		end(&o);
	}
}

static void
the_end_before_a_reset_counts(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	begin(f, &client_stream, &o);
	rpc_client_start(o.call);
	rpc_client_send_raw(o.call, "x", 1);
	stream = wait_request(f, 1);
	/* RPC-10: an early answer, then RST_STREAM NO_ERROR. */
	fake_headers(stream, GRPC "grpc-status: 9\n", true);
	fake_reset(stream, NGHTTP2_NO_ERROR);
	assert_end(f, &o, RPC_FAILED_PRECONDITION, "");
	/* Sending after the end is harmless. */
	assert_int_equal(rpc_client_send_raw(o.call, "y", 1), RPC_SEND_OK);
	rpc_client_half_close(o.call);
	rpc_client_cancel(o.call);
	assert_end(f, &o, RPC_FAILED_PRECONDITION, "");
	end(&o);
}

static void
a_reset_before_the_end_counts(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	fake_headers(stream, NULL, false);
	fake_message(stream, "m", 1);
	fake_reset(stream, NGHTTP2_INTERNAL_ERROR);
	assert_end(f, &o, RPC_INTERNAL, "reading the response");
	assert_no_response(&o);
	end(&o);
}

/* --- deadline and cancel --- */

static void
the_deadline_ends_a_call_wherever_it_is(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	rpc_client_options(begin(f, &unary, &o))->timeout_us = 30000;
	send_unary(o.call, "x");
	stream = wait_request_end(f, 1);
	assert_end(f, &o, RPC_DEADLINE_EXCEEDED, "waiting for the response");
	settle(f);
	assert_true(stream->reset);
	assert_int_equal(stream->reset_code, NGHTTP2_CANCEL);
	end(&o);

	/* While headers are there. */
	rpc_client_options(begin(f, &unary, &o))->timeout_us = 30000;
	send_unary(o.call, "x");
	fake_headers(wait_request_end(f, 2), NULL, false);
	assert_end(f, &o, RPC_DEADLINE_EXCEEDED, "reading the response");
	end(&o);

	/* None at all. */
	rpc_client_options(begin(f, &unary, &o))->timeout_us = 0;
	send_unary(o.call, "x");
	assert_end(f, &o, RPC_DEADLINE_EXCEEDED, NULL);
	end(&o);
}

static void
a_peers_cancel_after_the_deadline_is_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	/* The server's clock was faster; ours is due in the same turn. */
	rpc_client_options(begin(f, &unary, &o))->timeout_us = 20000;
	send_unary(o.call, "x");
	wait_request_end(f, 1);
	usleep(30000);
	fake_reset(fake_last(&f->server), NGHTTP2_CANCEL);
	assert_end(f, &o, RPC_DEADLINE_EXCEEDED, NULL);
	end(&o);
}

static void
cancel_only_asks_and_ends_once(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	/* Waiting for a connection. */
	send_unary(begin(f, &unary, &o), "x");
	rpc_client_cancel(o.call);
	rpc_client_cancel(o.call);
	assert_int_equal(o.n_ends, 0);
	assert_end(f, &o, RPC_CANCELLED, "cancelled by the caller");
	end(&o);

	/* On the wire. */
	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	rpc_client_cancel(o.call);
	assert_int_equal(o.n_ends, 0);
	assert_end(f, &o, RPC_CANCELLED, NULL);
	settle(f);
	assert_int_equal(stream->reset_code, NGHTTP2_CANCEL);
	end(&o);
}

static void
cancel_inside_a_hook_stops_messages(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	begin(f, &server_stream, &o);
	o.cancel_at = 2;
	o.always_next = true;
	send_unary(o.call, "x");
	stream = wait_request_end(f, 1);
	fake_headers(stream, NULL, false);
	for (int i = 0; i < 5; i++)
		fake_message(stream, "m", 1);
	assert_end(f, &o, RPC_CANCELLED, NULL);
	assert_int_equal(o.n_messages, 2);
	end(&o);
}

/* --- streams --- */

static void
messages_come_one_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	send_unary(begin(f, &server_stream, &o), "x");
	stream = wait_request_end(f, 1);
	fake_headers(stream, NULL, false);
	for (int i = 0; i < 5; i++)
		fake_message(stream, "m", 1);
	fake_trailers(stream, "grpc-status: 0\n");
	for (unsigned n = 1; n <= 5; n++) {
		while (o.n_messages < n)
			turn(f);
		settle(f);
		assert_int_equal(o.n_messages, n);
		assert_int_equal(o.n_headers, 1);
		assert_int_equal(o.n_ends, n == 5);
		rpc_client_next(o.call);
	}
	assert_end(f, &o, RPC_OK, "");
	end(&o);
}

static void
a_slow_reader_stops_the_sender(void **state)
{
	enum { SIZE = 100 << 10, N = 20 };
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;
	uint8_t *message = calloc(1, SIZE);

	send_unary(begin(f, &server_stream, &o), "x");
	stream = wait_request_end(f, 1);
	fake_headers(stream, NULL, false);
	for (int i = 0; i < N; i++)
		fake_message(stream, message, SIZE);
	fake_trailers(stream, "grpc-status: 0\n");
	settle(f);
	/* One message and one window, not two megabytes (RPC-30). */
	assert_int_equal(o.n_messages, 1);
	assert_in_range(stream->out_at, 256 << 10, (256 << 10) + SIZE + 5);
	o.always_next = true;
	rpc_client_next(o.call);
	assert_end(f, &o, RPC_OK, "");
	assert_int_equal(o.n_messages, N);
	end(&o);
	free(message);
}

static void
a_full_queue_says_wait_then_writable(void **state)
{
	static const uint8_t block[50 << 10];
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;

	f->server.holds_window = true;
	begin(f, &client_stream, &o);
	rpc_client_start(o.call);
	wait_request(f, 1);
	assert_int_equal(rpc_client_send_raw(o.call, block, sizeof block), RPC_SEND_OK);
	settle(f);
	/* 15 KiB of the default window are left. */
	assert_int_equal(rpc_client_send_raw(o.call, block, sizeof block), RPC_SEND_OK);
	assert_int_equal(rpc_client_send_raw(o.call, block, sizeof block), RPC_SEND_WAIT);
	settle(f);
	assert_int_equal(o.n_writable, 0);
	stream = fake_last(&f->server);
	fake_open_window(stream);
	while (!o.n_writable)
		turn(f);
	rpc_client_half_close(o.call);
	while (!stream->half_closed)
		turn(f);
	assert_int_equal(stream->n_body, 3 * (sizeof block + 5));
	fake_reply(stream, "m", 1);
	assert_end(f, &o, RPC_OK, "");
	assert_response(&o, "m");
	assert_int_equal(o.n_writable, 1);
	end(&o);
}

static void
a_sender_that_goes_on_regardless_is_ended(void **state)
{
	static const uint8_t block[512 << 10];
	struct fixture *f = *state;
	struct outcome o;

	f->server.holds_window = true;
	begin(f, &client_stream, &o);
	rpc_client_start(o.call);
	for (int i = 0; i < 20; i++)
		rpc_client_send_raw(o.call, block, sizeof block);
	assert_int_equal(o.n_ends, 0);
	assert_end(f, &o, RPC_RESOURCE_EXHAUSTED, "wait to be sent");
	end(&o);
}

static void
too_many_headers_are_refused(void **state)
{
	struct fixture *f = *state;
	struct outcome o;
	struct fake_stream *stream;
	struct buf headers BUF_CLEANUP;

	buf_init(&headers, NULL, 1 << 20);
	buf_puts(&headers, GRPC);
	for (int i = 0; i < 12; i++)
		buf_printf(&headers, "x: %03000d\n", i);
	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	fake_headers(stream, buf_text(&headers), false);
	assert_end(f, &o, RPC_RESOURCE_EXHAUSTED, "too many headers");
	end(&o);
}

static void
metadata_that_cannot_be_sent_is_named(void **state)
{
	static const char *const names[] = {"grpc-x", "X", "te", "a b", ""};
	struct fixture *f = *state;
	struct outcome o;

	for (size_t i = 0; i < UNIT_COUNT(names); i++) {
		begin(f, &unary, &o);
		rpc_metadata_add_text(&rpc_client_options(o.call)->metadata, names[i], "v");
		send_unary(o.call, "x");
		assert_end(f, &o, RPC_INTERNAL, "cannot be sent");
		end(&o);
	}
	begin(f, &unary, &o);
	rpc_metadata_add_text(&rpc_client_options(o.call)->metadata, "a", "\n");
	send_unary(o.call, "x");
	assert_end(f, &o, RPC_INTERNAL, "'a'");
	end(&o);
	assert_int_equal(f->server.n_conns, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_unary_call_has_its_response_at_the_end),
	    TEST(a_unary_call_needs_exactly_one_message),
	    TEST(status_is_read_from_where_it_counts),
	    TEST(frames_that_are_wrong_end_the_call),
	    TEST(a_reset_gives_the_code_of_its_reason),
	    TEST(the_end_before_a_reset_counts),
	    TEST(a_reset_before_the_end_counts),
	    TEST(the_deadline_ends_a_call_wherever_it_is),
	    TEST(a_peers_cancel_after_the_deadline_is_the_deadline),
	    TEST(cancel_only_asks_and_ends_once),
	    TEST(cancel_inside_a_hook_stops_messages),
	    TEST(messages_come_one_at_a_time),
	    TEST(a_slow_reader_stops_the_sender),
	    TEST(a_full_queue_says_wait_then_writable),
	    TEST(a_sender_that_goes_on_regardless_is_ended),
	    TEST(too_many_headers_are_refused),
	    TEST(metadata_that_cannot_be_sent_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
