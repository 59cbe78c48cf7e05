/* SPDX-License-Identifier: Apache-2.0 */
#include "client_fixture.h"

#include <stdio.h>
#include <string.h>

enum { TURN_SECONDS = 5 };

const struct rpc_method unary = {.path = "/t.T/Unary"};
const struct rpc_method client_stream = {.path = "/t.T/In", .client_streaming = true};
const struct rpc_method server_stream = {.path = "/t.T/Out", .server_streaming = true};
const struct rpc_method duplex = {
    .path = "/t.T/Both", .client_streaming = true, .server_streaming = true};

static void
on_headers(struct rpc_client_call *call)
{
	struct outcome *outcome = rpc_client_data(call);

	assert_int_equal(outcome->n_messages, 0);
	outcome->n_headers++;
}

static void
on_raw(struct rpc_client_call *call, const void *data, size_t length)
{
	struct outcome *outcome = rpc_client_data(call);

	(void)data;
	(void)length;
	assert_int_equal(outcome->n_ends, 0);
	outcome->n_messages++;
	if (outcome->n_messages == outcome->cancel_at)
		rpc_client_cancel(call);
	if (outcome->always_next)
		rpc_client_next(call);
}

static void
on_writable(struct rpc_client_call *call)
{
	struct outcome *outcome = rpc_client_data(call);

	outcome->n_writable++;
}

static void
on_ended(struct rpc_client_call *call)
{
	struct outcome *outcome = rpc_client_data(call);

	outcome->n_ends++;
}

const struct rpc_client_hooks hooks = {
    .headers = on_headers, .raw = on_raw, .writable = on_writable, .ended = on_ended};

void
fixture_open(struct fixture *f, const char *target, const struct rpc_channel_options *options)
{
	rpc_channel_close(f->channel);
	f->channel = NULL;
	settle(f);
	assert_int_equal(rpc_channel_new(f->base, target, options, &f->channel), 0);
}

int
fixture_set_up(void **state)
{
	static struct fixture fixture;
	static const struct rpc_channel_options options = {.backoff_initial_us = 20000};

	fixture = (struct fixture){.base = event_base_new()};
	fake_start(&fixture.server, fixture.base, 0);
	snprintf(fixture.target, sizeof fixture.target, "ipv4:127.0.0.1:%u", fixture.server.port);
	fixture_open(&fixture, fixture.target, &options);
	*state = &fixture;
	return 0;
}

int
fixture_tear_down(void **state)
{
	struct fixture *f = *state;

	rpc_channel_close(f->channel);
	settle(f);
	fake_stop(&f->server);
	event_base_free(f->base);
	return 0;
}

static void
on_timeout(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	(void)data;
	fail_msg("nothing happens for %d seconds", TURN_SECONDS);
}

void
turn(struct fixture *f)
{
	const struct timeval wait = {.tv_sec = TURN_SECONDS};
	struct event *timeout = event_new(f->base, -1, 0, on_timeout, NULL);

	event_add(timeout, &wait);
	event_base_loop(f->base, EVLOOP_ONCE);
	event_free(timeout);
}

void
settle(struct fixture *f)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
}

struct rpc_client_call *
begin(struct fixture *f, const struct rpc_method *method, struct outcome *outcome)
{
	*outcome = (struct outcome){0};
	outcome->call = rpc_client_new(f->channel, method, &hooks, outcome);
	assert_non_null(outcome->call);
	return outcome->call;
}

void
send_unary(struct rpc_client_call *call, const char *text)
{
	rpc_client_unary_raw(call, text, strlen(text));
}

struct fake_stream *
wait_request(struct fixture *f, size_t n)
{
	while (f->server.n_requests < n)
		turn(f);
	return fake_last(&f->server);
}

struct fake_stream *
wait_request_end(struct fixture *f, size_t n)
{
	struct fake_stream *stream = wait_request(f, n);

	while (!stream->half_closed)
		turn(f);
	return stream;
}

void
assert_end(struct fixture *f, const struct outcome *outcome, enum rpc_code code, const char *text)
{
	const char *actual;

	while (!outcome->n_ends)
		turn(f);
	settle(f);
	actual = rpc_client_result(outcome->call)->status->message;
	assert_int_equal(outcome->n_ends, 1);
	if (rpc_client_result(outcome->call)->code != code ||
	    (text && *text && !strstr(actual, text)) || (text && !*text && *actual))
		fail_msg("%s '%s' expected, %s '%s'", rpc_code_name(code), text ? text : "…",
			 rpc_code_name(rpc_client_result(outcome->call)->code), actual);
}

void
assert_response(const struct outcome *outcome, const char *text)
{
	const struct rpc_client_result *result = rpc_client_result(outcome->call);

	assert_non_null(result->raw);
	assert_int_equal(result->raw_length, strlen(text));
	assert_memory_equal(result->raw, text, result->raw_length);
}

void
assert_no_response(const struct outcome *outcome)
{
	assert_null(rpc_client_result(outcome->call)->raw);
	assert_int_equal(rpc_client_result(outcome->call)->raw_length, 0);
}

void
end(struct outcome *outcome)
{
	rpc_client_free(outcome->call);
}
