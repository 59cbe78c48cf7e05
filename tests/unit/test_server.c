/* SPDX-License-Identifier: Apache-2.0 */
/* Framings and limits of a server, byte by byte where it matters (RPC-01 … RPC-20, RPC-29 …). */
#include <stdio.h>
#include <string.h>

#include "rpc/frame.h"
#include "server_fixture.h"
#include "unit.h"

static void
expect_header(const struct peer_stream *stream, const char *line)
{
	const char *text = buf_text(&stream->headers);

	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
}

static void
expect_body(const struct peer_stream *stream, const void *bytes, size_t length)
{
	assert_int_equal(stream->body.length, length);
	assert_memory_equal(stream->body.data, bytes, length);
}

#define ECHO_FRAME "\0\0\0\0\4\x0a\2hi"
#define WEB_OK     "\x80\0\0\0\x10grpc-status: 0\r\n"

static const struct {
	const char *name, *method, *path, *type;
	const char *body;
	size_t length;
	const char *header; /* of the answer */
	const char *answer;
	size_t answer_length;
} framings[] = {
    {"grpc", "POST", PROBE("Echo"), "application/grpc", ECHO_FRAME, 9, "grpc-status: 0\n",
     ECHO_FRAME, 9},
    {"grpc+proto", "POST", PROBE("Echo"), "application/grpc+proto;x=y", ECHO_FRAME, 9,
     "content-type: application/grpc+proto\n", ECHO_FRAME, 9},
    {"web", "POST", PROBE("Echo"), "application/grpc-web+proto", ECHO_FRAME, 9,
     "content-type: application/grpc-web+proto\n", ECHO_FRAME WEB_OK, 9 + 21},
    /* RPC-15: padding may stand in the middle of the body. */
    {"web-text", "POST", PROBE("Echo"), "application/grpc-web-text", "AAAAAAQ=CgJoaQ==", 16,
     ":status: 200\n", "AAAAAAQKAmhpgAAAABBncnBjLXN0YXR1czogMA0K", 40},
    {"connect", "POST", PROBE("Echo"), "application/proto", "\x0a\2hi", 4,
     "content-type: application/proto\n", "\x0a\2hi", 4},
    {"connect get", "GET", PROBE("Echo") "?x=1&base64=1&message=CgJoaQ&encoding=proto&connect=v1",
     "", "", 0, "vary: accept-encoding\n", "\x0a\2hi", 4},
    {"connect stream", "POST", PROBE("ServerStream"), "application/connect+proto", ECHO_FRAME, 9,
     ":status: 200\n", ECHO_FRAME "\2\0\0\0\2{}", 9 + 7},
};

/* The same call in every framing, whole and in pieces of 1, 2, 3 and 7 bytes. */
static void
test_framings(void **state)
{
	static const size_t pieces[] = {SIZE_MAX, 1, 2, 3, 7};

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(framings) * UNIT_COUNT(pieces); i++) {
		size_t n = i / UNIT_COUNT(pieces);
		const struct peer_field fields[] = {
		    {*framings[n].type ? "content-type" : "x-none", framings[n].type},
		    {"te", "trailers"},
		    {NULL, NULL}};
		struct fixture f;
		struct peer_stream *stream;

		fixture_init(&f);
		fixture_start(&f);
		f.peer.piece = pieces[i % UNIT_COUNT(pieces)];
		stream = peer_request(&f.peer, framings[n].method, framings[n].path, fields,
				      framings[n].body, framings[n].length, true);
		fixture_run(&f);
		assert_true(stream->closed);
		expect_header(stream, framings[n].header);
		if (strcmp(framings[n].name, "web-text") != 0)
			expect_body(stream, framings[n].answer, framings[n].answer_length);
		else
			assert_memory_equal(stream->body.data, "AAAAAAQKAmhp", 12);
		assert_string_equal(f.probe.text, "hi");
		assert_string_equal(f.probe.trace, "omx");
		fixture_stop(&f);
	}
}

static const struct {
	const char *name, *method, *path, *type;
	const char *extra, *extra_value; /* one more field */
	const char *body;
	size_t length;
	const char *expected;     /* a line of the answer's headers */
	enum rpc_counter counter; /* that it moves; RPC_N_COUNTERS: none */
} refusals[] = {
    {"GET", "GET", PROBE("Echo"), "application/grpc", "x", "y", "", 0, ":status: 405\n",
     RPC_COUNT_http_refused},
    {"type", "POST", PROBE("Echo"), "text/html", "x", "y", "", 0, ":status: 415\n",
     RPC_COUNT_http_refused},
    {"codec", "POST", PROBE("Echo"), "application/grpc+xml", "x", "y", "", 0, ":status: 415\n",
     RPC_COUNT_http_refused},
    {"path", "POST", PROBE("None"), "application/grpc", "x", "y", ECHO_FRAME, 9,
     "grpc-status: 12\n", RPC_N_COUNTERS},
    {"case", "POST", "/unit.Probe/echo", "application/grpc", "x", "y", ECHO_FRAME, 9,
     "grpc-status: 12\n", RPC_N_COUNTERS},
    {"connect path", "POST", PROBE("None"), "application/proto", "x", "y", "", 0, ":status: 404\n",
     RPC_COUNT_http_refused},
    {"connect stream method", "POST", PROBE("ServerStream"), "application/proto", "x", "y", "", 0,
     ":status: 415\n", RPC_COUNT_http_refused},
    {"timeout", "POST", PROBE("Echo"), "application/grpc", "grpc-timeout", "1x", ECHO_FRAME, 9,
     "grpc-status: 13\n", RPC_N_COUNTERS},
    {"timeout 0", "POST", PROBE("Echo"), "application/grpc", "grpc-timeout", "0n", ECHO_FRAME, 9,
     "grpc-status: 4\n", RPC_COUNT_calls_late},
    {"connect timeout", "POST", PROBE("Echo"), "application/proto", "connect-timeout-ms",
     "12345678901", "", 0, ":status: 400\n", RPC_N_COUNTERS},
    {"connect version", "POST", PROBE("Echo"), "application/proto", "connect-protocol-version", "2",
     "", 0, ":status: 400\n", RPC_N_COUNTERS},
    {"base64", "POST", PROBE("Echo"), "application/grpc", "x-bin", "!", ECHO_FRAME, 9,
     "grpc-status: 13\n", RPC_N_COUNTERS},
    {"encoding", "POST", PROBE("Echo"), "application/grpc", "grpc-encoding", "br", ECHO_FRAME, 9,
     "grpc-accept-encoding: gzip,deflate\ngrpc-status: 12\n", RPC_N_COUNTERS},
    {"flag 1", "POST", PROBE("Echo"), "application/grpc", "x", "y", "\1\0\0\0\4\x0a\2hi", 9,
     "grpc-status: 13\n", RPC_COUNT_message_bad},
    {"flag 2", "POST", PROBE("Echo"), "application/grpc", "x", "y", "\2\0\0\0\4\x0a\2hi", 9,
     "grpc-status: 13\n", RPC_COUNT_message_bad},
    {"gzip", "POST", PROBE("Echo"), "application/grpc", "grpc-encoding", "gzip",
     "\1\0\0\0\4\x0a\2hi", 9, "grpc-status: 13\n", RPC_COUNT_message_bad},
    {"length", "POST", PROBE("Echo"), "application/grpc", "x", "y", "\0\xff\xff\xff\xff", 5,
     "grpc-status: 8\n", RPC_COUNT_message_too_large},
    {"half", "POST", PROBE("Echo"), "application/grpc", "x", "y", "\0\0\0\0\4\x0a", 6,
     "grpc-status: 13\n", RPC_COUNT_message_bad},
    {"protobuf", "POST", PROBE("Echo"), "application/grpc", "x", "y", "\0\0\0\0\1\xff", 6,
     "grpc-status: 13\n", RPC_COUNT_message_bad},
    {"json", "POST", PROBE("Echo"), "application/grpc+json", "x", "y", "\0\0\0\0\1{", 6,
     "grpc-status: 3\n", RPC_COUNT_message_bad},
    {"connect protobuf", "POST", PROBE("Echo"), "application/proto", "x", "y", "\xff", 1,
     ":status: 400\n", RPC_COUNT_message_bad},
    {"none", "POST", PROBE("Echo"), "application/grpc", "x", "y", "", 0, "grpc-status: 12\n",
     RPC_COUNT_message_bad},
    {"two", "POST", PROBE("Echo"), "application/grpc", "x", "y", ECHO_FRAME ECHO_FRAME, 18,
     "grpc-status: 12\n", RPC_COUNT_message_bad},
    {"web-text", "POST", PROBE("Echo"), "application/grpc-web-text", "x", "y", "AAA", 3,
     ":status: 200\n", RPC_COUNT_message_bad},
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(refusals); i++) {
		const struct peer_field fields[] = {{"content-type", refusals[i].type},
						    {refusals[i].extra, refusals[i].extra_value},
						    {NULL, NULL}};
		struct fixture f;
		struct peer_stream *stream;

		fixture_init(&f);
		fixture_start(&f);
		stream = peer_request(&f.peer, refusals[i].method, refusals[i].path, fields,
				      refusals[i].body, refusals[i].length, true);
		fixture_run(&f);
		if (!stream->closed)
			fail_msg("%s: not answered", refusals[i].name);
		expect_header(stream, refusals[i].expected);
		/* The handler has seen no message. */
		assert_null(strchr(f.probe.trace, 'm'));
		if (refusals[i].counter != RPC_N_COUNTERS)
			assert_int_equal(rpc_server_count(f.server, refusals[i].counter), 1);
		assert_int_equal(rpc_server_n_calls(f.server), 0);
		fixture_stop(&f);
	}
}

/* RFC 9113 8.1 to 8.3: what is malformed, and what is only left out. */
static const struct {
	const char *path;
	struct peer_field field;
	bool is_malformed;
} requests[] = {
    {PROBE("Echo"), {"te", "Trailers"}, false},
    {PROBE("Echo"), {"host", "unit"}, false},
    {PROBE("Echo"), {"content-length", "9"}, false},
    {PROBE("Echo"), {"x-odd", "control\x01"}, false},
    {PROBE("Echo"),
     {"x-odd-eight", "\x7f"
		     "1234567"},
     false},
    {PROBE("Echo"), {"x odd", "name"}, false},
    {PROBE("Echo"), {"X-upper", "1"}, true},
    {PROBE("Echo"), {"te", "gzip"}, true},
    {PROBE("Echo"), {"connection", "close"}, true},
    {PROBE("Echo"), {"keep-alive", "1"}, true},
    {PROBE("Echo"), {"proxy-connection", "1"}, true},
    {PROBE("Echo"), {"transfer-encoding", "chunked"}, true},
    {PROBE("Echo"), {"upgrade", "h2c"}, true},
    {PROBE("Echo"), {":path", PROBE("Echo")}, true},
    {PROBE("Echo"), {":status", "200"}, true},
    {PROBE("Echo"), {"content-length", "8"}, true},
    {PROBE("Echo"), {"content-length", "10"}, true},
    {PROBE("Echo"), {"content-length", "9x"}, true},
    {PROBE("Echo"), {"content-length", ""}, true},
    {"", {"x-none", ""}, true},
    {"unit.Probe/Echo", {"x-none", ""}, true},
    {"/\x01", {"x-none", ""}, true},
};

static void
test_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(requests); i++) {
		const struct peer_field fields[] = {
		    {"content-type", "application/grpc"}, requests[i].field, {NULL, NULL}};
		struct fixture f;
		struct peer_stream *stream;

		fixture_init(&f);
		fixture_start(&f);
		stream =
		    peer_request(&f.peer, "POST", requests[i].path, fields, ECHO_FRAME, 9, true);
		fixture_run(&f);
		assert_true(stream->closed);
		if (!requests[i].is_malformed)
			expect_header(stream, "grpc-status: 0\n");
		else if (stream->error != NGHTTP2_PROTOCOL_ERROR || stream->headers.length > 0)
			fail_msg("%s %s: not refused", requests[i].field.name,
				 requests[i].field.value);
		assert_int_equal(rpc_server_n_calls(f.server), 0);
		fixture_stop(&f);
	}
}

/* RPC-09: percent-encoding, details, trailers; and the same error as Connect spells it. */
static void
test_errors(void **state)
{
	static const struct peer_field connect[] = {{"content-type", "application/proto"},
						    {NULL, NULL}};
	struct fixture f;
	struct peer_stream *stream;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	stream = peer_grpc(&f.peer, PROBE("Fail"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	expect_header(stream, "grpc-status: 9\n");
	expect_header(stream, "grpc-message: %E4%B8%8D%E8%A1%8C 100%25\n");
	expect_header(stream, "grpc-status-details-bin: CAkS");
	expect_header(stream, "x-unit: 1\n");
	assert_int_equal(stream->body.length, 0);

	stream = peer_request(&f.peer, "POST", PROBE("Fail"), connect, "\x0a\2hi", 4, true);
	fixture_run(&f);
	expect_header(stream, ":status: 400\n");
	expect_header(stream, "content-type: application/json\n");
	expect_header(stream, "trailer-x-unit: 1\n");
	assert_non_null(strstr(buf_text(&stream->body), "\"code\":\"failed_precondition\""));
	assert_non_null(strstr(buf_text(&stream->body), "google.protobuf.StringValue"));
	fixture_stop(&f);
}

/* RPC-16: the preflight of a browser, and the fields that let its script read the answer. */
static void
test_cors(void **state)
{
	static const struct peer_field preflight[] = {
	    {"origin", "https://b.example"},
	    {"access-control-request-method", "POST"},
	    {"access-control-request-headers", "content-type,x-grpc-web"},
	    {NULL, NULL}};
	static const struct peer_field call[] = {{"content-type", "application/grpc-web"},
						 {"origin", "https://b.example"},
						 {"x-grpc-web", "1"},
						 {NULL, NULL}};
	struct fixture f;
	struct peer_stream *stream;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	stream = peer_request(&f.peer, "OPTIONS", PROBE("Echo"), preflight, "", 0, true);
	fixture_run(&f);
	expect_header(stream, ":status: 405\n");
	fixture_stop(&f);

	fixture_init(&f);
	f.cors_origin = "*";
	fixture_start(&f);
	stream = peer_request(&f.peer, "OPTIONS", PROBE("Echo"), preflight, "", 0, true);
	fixture_run(&f);
	expect_header(stream, ":status: 204\n");
	expect_header(stream, "access-control-allow-origin: *\n");
	expect_header(stream, "access-control-allow-headers: content-type,x-grpc-web\n");
	stream = peer_request(&f.peer, "POST", PROBE("Echo"), call, ECHO_FRAME, 9, true);
	fixture_run(&f);
	expect_header(stream, "access-control-expose-headers: grpc-status,");
	expect_body(stream, ECHO_FRAME WEB_OK, 9 + 21);
	fixture_stop(&f);
}

/* A handler that breaks the contract of its method harms its own call only. */
static void
test_careless_handler(void **state)
{
	struct fixture f;
	struct peer_stream *stream;

	(void)state;
	fixture_init(&f);
	f.probe.hold = true;
	fixture_start(&f);
	stream = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	rpc_call_finish(f.probe.call, RPC_OK, NULL);
	fixture_run(&f);
	expect_header(stream, "grpc-status: 13\n");
	stream = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	probe_send(f.probe.call, "one");
	probe_send(f.probe.call, "two");
	fixture_run(&f);
	expect_header(stream, "grpc-status: 13\n");
	assert_string_equal(f.probe.trace, "omhxomhcx");
	fixture_stop(&f);
}

/* What is put together on the arena, and goes out from there. */
static void
test_large_message(void **state)
{
	enum { TEXT = 300000 };
	static uint8_t frame[RPC_FRAME_PREFIX + 4 + TEXT];
	static const size_t pieces[] = {SIZE_MAX, 1000, 30000};

	(void)state;
	rpc_frame_write_prefix(frame, 0, 4 + TEXT);
	memcpy(frame + RPC_FRAME_PREFIX, "\x0a\xe0\xa7\x12", 4);
	for (size_t i = 0; i < TEXT; i++)
		frame[RPC_FRAME_PREFIX + 4 + i] = (uint8_t)('a' + i % 23);
	for (size_t i = 0; i < UNIT_COUNT(pieces); i++) {
		struct fixture f;
		struct peer_stream *stream;

		fixture_init(&f);
		fixture_start(&f);
		f.peer.piece = pieces[i];
		stream = peer_grpc(&f.peer, PROBE("Echo"), frame, sizeof frame, true);
		fixture_run(&f);
		assert_true(stream->closed);
		expect_header(stream, "grpc-status: 0\n");
		expect_body(stream, frame, sizeof frame);
		assert_int_equal(f.probe.bytes_in, sizeof frame);
		assert_int_equal(f.probe.bytes_out, sizeof frame);
		fixture_stop(&f);
	}
}

/* RPC-30: the next message comes when the handler asks, and not before. */
static void
test_one_message_at_a_time(void **state)
{
	struct fixture f;
	struct peer_stream *stream;
	uint8_t body[3 * 128];
	size_t n = 0;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = true;
	n += string_frame("one", body);
	n += string_frame("two", body + n);
	n += string_frame("three", body + n);
	stream = peer_grpc(&f.peer, PROBE("ClientStream"), body, n, true);
	fixture_run(&f);
	assert_string_equal(f.probe.trace, "om");
	assert_string_equal(f.probe.text, "one");
	rpc_call_next(f.probe.call);
	assert_string_equal(f.probe.text, "two");
	f.probe.hold = false;
	rpc_call_next(f.probe.call);
	assert_string_equal(f.probe.trace, "ommmh");
	fixture_run(&f);
	assert_true(stream->closed);
	expect_body(stream,
		    "\0\0\0\0\3\x0a\1"
		    "3",
		    8);
	assert_string_equal(f.probe.trace, "ommmhx");
	fixture_stop(&f);
}

/* RPC-30: a handler that waits keeps the peer's window closed; memory stays small. */
static void
test_window_follows_the_handler(void **state)
{
	static uint8_t body[4 << 20];
	struct fixture f;
	struct peer_stream *stream;
	size_t n = 0;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = true;
	while (n + 128 < sizeof body)
		n += string_frame("a message among many", body + n);
	stream = peer_grpc(&f.peer, PROBE("ClientStream"), body, n, true);
	fixture_run(&f);
	assert_true(n - stream->send_length <= (size_t)f.limits.stream_window_bytes);
	f.probe.hold = false;
	rpc_call_next(f.probe.call);
	fixture_run(&f);
	assert_true(stream->closed);
	expect_header(stream, "grpc-status: 0\n");
	fixture_stop(&f);
}

/* The send queue is bounded for a peer that takes nothing, and `writable` comes when it does. */
static void
test_send_queue(void **state)
{
	struct fixture f;
	struct peer_stream *stream;
	char text[1000];
	int n = 0;

	(void)state;
	fixture_init(&f);
	f.limits.max_send_queue_bytes = 200000;
	fixture_start(&f);
	f.probe.hold = true;
	f.peer.no_windows = true;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	stream = peer_grpc(&f.peer, PROBE("ServerStream"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	while (probe_send(f.probe.call, text) && n < 10000)
		n++;
	assert_in_range(n, 60, 70); /* send_high_bytes */
	fixture_run(&f);
	/* The wire has taken 65,535 of it: `writable`. */
	assert_string_equal(f.probe.trace, "omhw");
	for (n = 0; n < 10000 && f.probe.call && !strchr(f.probe.trace, 'c'); n++)
		probe_send(f.probe.call, text);
	assert_in_range(n, 190, 210);
	fixture_run(&f);
	assert_true(stream->closed);
	assert_int_equal(stream->error, NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(f.probe.why, RPC_RESOURCE_EXHAUSTED);
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_send_queue_refused), 1);
	assert_string_equal(f.probe.trace, "omhwcx");
	fixture_stop(&f);
}

/* Trailers are ready-made, but not when the peer has given the HPACK table a new size meanwhile. */
static void
test_table_size(void **state)
{
	static const nghttp2_settings_entry none = {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0};
	struct fixture f;
	struct peer_stream *stream;

	(void)state;
	fixture_init(&f);
	fixture_start(&f);
	f.probe.hold = true;
	stream = peer_grpc(&f.peer, PROBE("ServerStream"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	probe_send(f.probe.call, "hi");
	fixture_run(&f);
	nghttp2_submit_settings(f.peer.session, NGHTTP2_FLAG_NONE, &none, 1);
	fixture_run(&f);
	rpc_call_finish(f.probe.call, RPC_OK, NULL);
	fixture_run(&f);
	assert_true(stream->closed);
	expect_header(stream, "content-type: application/grpc+proto\ngrpc-status: 0\n");
	expect_body(stream, ECHO_FRAME, 9);
	f.probe.hold = false;
	stream = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	expect_header(stream, "grpc-status: 0\n");
	fixture_stop(&f);
}

/* RPC-29. */
static void
test_large_headers(void **state)
{
	struct fixture f;
	struct peer_stream *stream;
	char value[9000];
	struct peer_field fields[] = {
	    {"content-type", "application/grpc"}, {"x-large", value}, {NULL, NULL}};
	struct peer_field many[103] = {{"content-type", "application/grpc"}};

	(void)state;
	memset(value, 'v', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (size_t i = 1; i + 1 < UNIT_COUNT(many); i++)
		many[i] = (struct peer_field){"x-many", ""};
	fixture_init(&f);
	fixture_start(&f);
	stream = peer_request(&f.peer, "POST", PROBE("Echo"), fields, ECHO_FRAME, 9, true);
	fixture_run(&f);
	expect_header(stream, ":status: 431\n");
	stream = peer_request(&f.peer, "POST", PROBE("Echo"), many, ECHO_FRAME, 9, true);
	fixture_run(&f);
	expect_header(stream, ":status: 431\n");
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_headers_refused), 2);
	fixture_stop(&f);
}

/* CVE-2023-44487: opened and reset, again and again. */
static void
test_rapid_reset(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.limits.reset_burst = 50;
	fixture_start(&f);
	f.probe.hold = true;
	for (int i = 0; i < 200 && !f.peer.n_goaways; i++) {
		struct peer_stream *stream =
		    peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, false);

		fixture_run(&f);
		nghttp2_submit_rst_stream(f.peer.session, 0, stream->id, NGHTTP2_CANCEL);
		fixture_run(&f);
	}
	assert_int_equal(f.peer.n_goaways, 1);
	assert_non_null(strstr(buf_text(&f.peer.goaway), "reset_burst"));
	assert_in_range(f.peer.n_streams, 51, 53);
	assert_int_equal(rpc_server_count(f.server, RPC_COUNT_reset_floods), 1);
	assert_int_equal(rpc_server_n_calls(f.server), 0);
	fixture_stop(&f);
}

/* Cancelled work keeps its place: the limit is on work, not on streams. */
static void
test_cancelled_work_counts(void **state)
{
	struct fixture f;
	struct peer_stream *stream;

	(void)state;
	fixture_init(&f);
	f.limits.max_calls_per_connection = 1;
	fixture_start(&f);
	f.probe.hold = f.probe.ignore_cancel = true;
	stream = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	nghttp2_submit_rst_stream(f.peer.session, 0, stream->id, NGHTTP2_CANCEL);
	fixture_run(&f);
	assert_string_equal(f.probe.trace, "omhc");
	stream = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	assert_true(stream->closed);
	assert_int_equal(stream->error, NGHTTP2_REFUSED_STREAM);
	rpc_call_finish(f.probe.call, RPC_OK, NULL);
	fixture_run(&f);
	assert_string_equal(f.probe.trace, "omhcx");
	f.probe.hold = false;
	stream = peer_grpc(&f.peer, PROBE("Echo"), ECHO_FRAME, 9, true);
	fixture_run(&f);
	expect_header(stream, "grpc-status: 0\n");
	fixture_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_framings),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_cors),
	    cmocka_unit_test(test_careless_handler),
	    cmocka_unit_test(test_malformed),
	    cmocka_unit_test(test_large_message),
	    cmocka_unit_test(test_one_message_at_a_time),
	    cmocka_unit_test(test_window_follows_the_handler),
	    cmocka_unit_test(test_send_queue),
	    cmocka_unit_test(test_table_size),
	    cmocka_unit_test(test_large_headers),
	    cmocka_unit_test(test_rapid_reset),
	    cmocka_unit_test(test_cancelled_work_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
