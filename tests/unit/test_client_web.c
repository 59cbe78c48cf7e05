/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC-Web and Connect as a client reads them, every body cut into single bytes (RPC-14, RPC-17 to
 * RPC-19). */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "client_fixture.h"

#define WEB     ":status: 200\ncontent-type: application/grpc-web+proto\n"
#define CONNECT ":status: 200\ncontent-type: application/connect+json\n"
#define PLAIN   ":status: 200\ncontent-type: application/json\n"

static const struct rpc_method get = {.path = "/t.T/Get", .no_side_effects = true};

/* One response of one method, and what is to come of it. */
struct reply {
	const struct rpc_method *method;
	const char *headers;
	const char *body;
	size_t n_body;
	enum rpc_code code;
	unsigned n_messages;
	const char *text;
	const char *trailer; /* value of "t" */
};

#define BODY(text) .body = (text), .n_body = sizeof(text) - 1

static void
play(struct fixture *f, const struct reply *replies, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct reply *reply = &replies[i];
		struct outcome o;
		struct fake_stream *stream;
		const char *trailer;

		begin(f, reply->method, &o);
		o.always_next = true;
		send_unary(o.call, "x");
		stream = wait_request_end(f, i + 1);
		fake_headers(stream, reply->headers, false);
		for (size_t k = 0; k < reply->n_body; k++)
			fake_data(stream, reply->body + k, 1, k + 1 == reply->n_body);
		if (!reply->n_body)
			fake_data(stream, "", 0, true);
		assert_end(f, &o, reply->code, reply->text);
		assert_int_equal(o.n_messages, reply->n_messages);
		trailer = rpc_metadata_get(&rpc_client_result(o.call)->trailers, "t");
		if (reply->trailer)
			assert_string_equal(trailer, reply->trailer);
		else
			assert_null(trailer);
		end(&o);
	}
}

static void
web_has_its_trailers_in_the_body(void **state)
{
	static const struct reply replies[] = {
	    {.method = &server_stream,
	     .headers = WEB,
	     BODY("\0\0\0\0\1a\0\0\0\0\1b\200\0\0\0\27grpc-status: 0\r\nT:  1\r\n"),
	     .n_messages = 2,
	     .text = "",
	     .trailer = "1"},
	    {.method = &server_stream,
	     .headers = WEB,
	     BODY("\200\0\0\0\36grpc-status:5\ngrpc-message:%41"),
	     .code = RPC_NOT_FOUND,
	     .text = "A"},
	    {.method = &server_stream,
	     .headers = WEB "grpc-status: 5\nt: 2\n",
	     BODY(""),
	     .code = RPC_NOT_FOUND,
	     .trailer = "2"},
	    {.method = &server_stream,
	     .headers = WEB,
	     BODY("\200\0\0\0\20grpc-status: 0\r\n\0\0\0\0\1a"),
	     .code = RPC_INTERNAL,
	     .text = "behind the end"},
	    {.method = &server_stream,
	     .headers = WEB,
	     BODY("\0\0\0\0\1a"),
	     .n_messages = 1,
	     .code = RPC_INTERNAL,
	     .text = "without a status"},
	    {.method = &server_stream,
	     .headers = WEB,
	     BODY("\201\0\0\0\1x"),
	     .code = RPC_INTERNAL,
	     .text = "without an encoding"},
	    {.method = &server_stream,
	     .headers = GRPC,
	     BODY(""),
	     .code = RPC_UNKNOWN,
	     .text = "in answer to application/grpc-web"},
	};
	struct fixture *f = *state;

	fixture_open(f, f->target, &(struct rpc_channel_options){.protocol = RPC_GRPC_WEB});
	play(f, replies, UNIT_COUNT(replies));
	assert_true(fake_has_header(fake_last(&f->server), "x-grpc-web: 1"));
}

static void
connect_streams_end_with_json(void **state)
{
	static const struct reply replies[] = {
	    {.method = &server_stream,
	     .headers = CONNECT,
	     BODY("\0\0\0\0\2{}\2\0\0\0\31{\"metadata\":{\"t\":[\"1\"]}} "),
	     .n_messages = 1,
	     .text = "",
	     .trailer = "1"},
	    {.method = &server_stream,
	     .headers = CONNECT,
	     BODY("\2\0\0\0\44{\"error\":{\"code\":\"internal\",\"x\":[]}}"),
	     .code = RPC_INTERNAL,
	     .text = ""},
	    {.method = &server_stream,
	     .headers = CONNECT,
	     BODY("\2\0\0\0\2{}\0\0\0\0\2{}"),
	     .code = RPC_INTERNAL,
	     .text = "behind the end"},
	    {.method = &server_stream,
	     .headers = CONNECT,
	     BODY("\2\0\0\0\2[]"),
	     .code = RPC_INTERNAL,
	     .text = "unreadable end"},
	    {.method = &server_stream,
	     .headers = CONNECT,
	     BODY("\0\0\0\0\2{}"),
	     .n_messages = 1,
	     .code = RPC_INTERNAL,
	     .text = "without a status"},
	    {.method = &server_stream,
	     .headers = CONNECT,
	     BODY("\4\0\0\0\0"),
	     .code = RPC_INTERNAL,
	     .text = "flags 0x4"},
	    {.method = &server_stream,
	     .headers = ":status: 502\n",
	     BODY("<html>"),
	     .code = RPC_UNAVAILABLE,
	     .text = "502"},
	    {.method = &server_stream,
	     .headers = PLAIN,
	     BODY("{}"),
	     .code = RPC_UNKNOWN,
	     .text = "application/json"},
	};
	struct fixture *f = *state;

	fixture_open(f, f->target,
		     &(struct rpc_channel_options){.protocol = RPC_CONNECT, .codec = RPC_JSON});
	play(f, replies, UNIT_COUNT(replies));
	assert_true(fake_has_header(fake_last(&f->server), "connect-protocol-version: 1"));
}

static void
connect_unary_is_plain_http(void **state)
{
	static const struct reply replies[] = {
	    {.method = &unary,
	     .headers = PLAIN "trailer-t: 1\n",
	     BODY("{}"),
	     .text = "",
	     .trailer = "1"},
	    {.method = &unary, .headers = PLAIN, BODY(""), .text = ""},
	    {.method = &unary,
	     .headers = ":status: 404\ncontent-type: application/json\ntrailer-t: 2\n",
	     BODY("{\"code\":\"not_found\",\"message\":\"m\"}"),
	     .code = RPC_NOT_FOUND,
	     .text = "m",
	     .trailer = "2"},
	    {.method = &unary,
	     .headers = ":status: 503\ncontent-type: text/html\n",
	     BODY("<html>"),
	     .code = RPC_UNAVAILABLE,
	     .text = "HTTP status 503"},
	    {.method = &unary,
	     .headers = ":status: 429\ncontent-type: application/json\n",
	     BODY("{}"),
	     .code = RPC_UNAVAILABLE,
	     .text = ""},
	    {.method = &unary,
	     .headers = ":status: 200\ncontent-type: application/proto\n",
	     BODY("{}"),
	     .code = RPC_INTERNAL,
	     .text = "application/proto"},
	    {.method = &unary,
	     .headers = PLAIN "content-encoding: br\n",
	     BODY("{}"),
	     .code = RPC_INTERNAL,
	     .text = "'br'"},
	    {.method = &unary,
	     .headers = PLAIN "content-encoding: gzip\n",
	     BODY("{}"),
	     .code = RPC_INTERNAL,
	     .text = "corrupt"},
	};
	struct fixture *f = *state;

	fixture_open(f, f->target,
		     &(struct rpc_channel_options){
			 .protocol = RPC_CONNECT, .codec = RPC_JSON, .max_receive_bytes = 1000});
	play(f, replies, UNIT_COUNT(replies));
}

static void
connect_get_has_its_message_in_the_path(void **state)
{
	struct fixture *f = *state;
	struct fake_stream *stream;
	struct outcome o;
	char large[4098] = "";

	fixture_open(f, f->target,
		     &(struct rpc_channel_options){.protocol = RPC_CONNECT, .codec = RPC_JSON});
	rpc_client_options(begin(f, &get, &o))->use_get = true;
	send_unary(o.call, "{\"a\":\"?\"}");
	stream = wait_request_end(f, 1);
	assert_true(fake_has_header(stream, ":method: GET"));
	assert_true(fake_has_header(
	    stream, ":path: /t.T/Get?connect=v1&base64=1&encoding=json&message=eyJhIjoiPyJ9"));
	assert_null(strstr(stream->headers, "content-type"));
	assert_int_equal(stream->n_body, 0);
	fake_headers(stream, PLAIN, false);
	fake_data(stream, "{}", 2, true);
	assert_end(f, &o, RPC_OK, "");
	assert_response(&o, "{}");
	end(&o);

	/* Not for what no path can hold. */
	rpc_client_options(begin(f, &get, &o))->use_get = true;
	memset(large, 'a', sizeof large - 1);
	send_unary(o.call, large);
	assert_true(fake_has_header(wait_request_end(f, 2), ":method: POST"));
	rpc_client_cancel(o.call);
	assert_end(f, &o, RPC_CANCELLED, NULL);
	end(&o);

	/* Not where there are side effects. */
	rpc_client_options(begin(f, &unary, &o))->use_get = true;
	send_unary(o.call, "{}");
	stream = wait_request_end(f, 3);
	assert_true(fake_has_header(stream, ":method: POST"));
	assert_int_equal(stream->n_body, 2);
	rpc_client_cancel(o.call);
	assert_end(f, &o, RPC_CANCELLED, NULL);
	end(&o);
}

static void
answer(struct fake_stream *stream, void *data)
{
	const struct reply *reply = data;

	fake_headers(stream, reply->headers, false);
	fake_data(stream, reply->body, reply->n_body, true);
}

/* A whole call, its request compressed, with one allocation that fails: it must say so, or bring
 * all of the reply. */
static bool
whole_life(void *context)
{
	struct fixture *f = context;
	const struct reply *reply = f->server.data;
	const bool web = strstr(reply->headers, "grpc-web");
	const struct rpc_channel_options options = {.protocol = web ? RPC_GRPC_WEB : RPC_CONNECT,
						    .codec = web ? RPC_PROTO : RPC_JSON};
	struct rpc_channel *channel = NULL;
	struct outcome o = {.always_next = true};
	enum rpc_code code;
	bool ok;

	if (rpc_channel_new(f->base, f->target, &options, &channel) != 0)
		return false;
	o.call = rpc_client_new(channel, reply->method, &hooks, &o);
	if (!o.call) {
		rpc_channel_close(channel);
		return false;
	}
	rpc_client_options(o.call)->encoding = RPC_ENCODING_GZIP;
	send_unary(o.call, "xxxxxxxxxxxxxxx");
	while (!o.n_ends)
		turn(f);
	code = rpc_client_result(o.call)->code;
	ok = code != RPC_RESOURCE_EXHAUSTED && code != RPC_UNAVAILABLE;
	if (ok) {
		assert_int_equal(code, reply->code);
		assert_int_equal(o.n_messages, reply->n_messages);
		assert_string_equal(rpc_client_result(o.call)->status->message, reply->text);
		assert_string_equal(rpc_metadata_get(&rpc_client_result(o.call)->trailers, "t"),
				    "1");
	}
	/* A lost connection may be made up for by another: then the failure was seen. */
	ok = ok && rpc_channel_count(channel, RPC_CHANNEL_CONNECTS) == 1;
	rpc_client_free(o.call);
	rpc_channel_close(channel);
	settle(f);
	return ok;
}

static void
put_gzip(struct buf *out, const char *frame, const char *text)
{
	struct buf deflated BUF_CLEANUP;

	buf_init(&deflated, NULL, SIZE_MAX);
	assert_int_equal(rpc_deflate(RPC_ENCODING_GZIP, text, strlen(text), &deflated), 0);
	if (frame) {
		buf_put(out, frame, 4);
		buf_putc(out, (char)deflated.length);
	}
	buf_put(out, deflated.data, deflated.length);
}

static void
no_allocation_may_fail_unseen(void **state)
{
	static const struct {
		struct reply reply;
		const char *message;         /* before the rest, as it is */
		const char *end_frame, *end; /* compressed */
	} cases[] = {
	    {{.method = &server_stream,
	      .headers = WEB "grpc-encoding: gzip\n",
	      .n_messages = 1,
	      .text = ""},
	     "a",
	     "\201\0\0",
	     "grpc-status: 0\r\nt: 1\r\n"},
	    {{.method = &server_stream,
	      .headers = CONNECT "connect-content-encoding: gzip\n",
	      .n_messages = 1,
	      .text = ""},
	     "{}",
	     "\3\0\0",
	     "{\"metadata\":{\"t\":[\"1\"]}}"},
	    {{.method = &unary,
	      .headers = ":status: 400\ncontent-type: application/json\n"
			 "content-encoding: gzip\ntrailer-t: 1\n",
	      .code = RPC_OUT_OF_RANGE,
	      .text = "m"},
	     NULL,
	     NULL,
	     "{\"code\":\"out_of_range\",\"message\":\"m\"}"},
	};
	struct fixture *f = *state;

	f->server.on_request_end = answer;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		struct buf body BUF_CLEANUP;
		struct reply reply = cases[i].reply;

		buf_init(&body, NULL, SIZE_MAX);
		if (cases[i].message) {
			buf_put(&body, "\0\0\0", 4);
			buf_putc(&body, (char)strlen(cases[i].message));
			buf_puts(&body, cases[i].message);
		}
		put_gzip(&body, cases[i].end_frame, cases[i].end);
		reply.body = body.data;
		reply.n_body = body.length;
		f->server.data = &reply;
		assert_int_equal(alloc_fail_each(whole_life, f), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(web_has_its_trailers_in_the_body), TEST(connect_streams_end_with_json),
	    TEST(connect_unary_is_plain_http),      TEST(connect_get_has_its_message_in_the_path),
	    TEST(no_allocation_may_fail_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
