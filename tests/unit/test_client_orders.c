/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc/client.h: whatever comes in whatever order, a call ends exactly once, by what was first.
 *
 * Every sequence of four of the events below is played twice: with turns of the loop between the
 * events, and with none, so that all that the peer sent is read at once.
 */
#include "unit.h"

#include <string.h>

#include "client_fixture.h"
#include "rpc/client_impl.h"

enum event_kind {
	HEADERS,
	MESSAGE,
	TRAILERS,
	RESET,
	GOAWAY,
	DISCONNECT,
	CANCEL, /* from here on our own side's */
	DEADLINE,
	CLOSE_CHANNEL,
	N_KINDS
};

static const char letters[] = "HMTRGXCDK";

enum { LENGTH = 4, FEW_STREAMS = FAKE_STREAMS - 2, UNDECIDED = -1 };

/* What the peer has said so far; a call has at most one verdict. */
struct model {
	bool headers, message, trailers;
	int code;
};

static void
decide(struct model *model, enum rpc_code code)
{
	if (model->code == UNDECIDED)
		model->code = (int)code;
}

static void
expect(struct model *model, enum event_kind kind)
{
	static const enum rpc_code verdicts[N_KINDS] = {
	    [RESET] = RPC_INTERNAL,
	    [DISCONNECT] = RPC_UNAVAILABLE,
	    [CANCEL] = RPC_CANCELLED,
	    [DEADLINE] = RPC_DEADLINE_EXCEEDED,
	    [CLOSE_CHANNEL] = RPC_UNAVAILABLE,
	};

	model->headers |= kind == HEADERS;
	model->message |= kind == MESSAGE;
	model->trailers |= kind == TRAILERS;
	if (kind > TRAILERS && kind != GOAWAY)
		decide(model, verdicts[kind]);
	else if (model->headers && model->trailers)
		decide(model, model->message ? RPC_OK : RPC_UNIMPLEMENTED);
}

static void
play(struct fixture *f, struct fake_stream *stream, struct rpc_client_call *call,
     enum event_kind kind)
{
	if (stream->conn->closed && kind < CANCEL)
		return;
	switch (kind) {
	case HEADERS:
		fake_headers(stream, NULL, false);
		break;
	case MESSAGE:
		fake_message(stream, "m", 1);
		break;
	case TRAILERS:
		fake_trailers(stream, "grpc-status: 0\n");
		break;
	case RESET:
		fake_reset(stream, NGHTTP2_INTERNAL_ERROR);
		break;
	case GOAWAY:
		fake_goaway(stream->conn, stream->id, NGHTTP2_NO_ERROR, "age");
		break;
	case DISCONNECT:
		fake_close(stream->conn);
		break;
	case CANCEL:
		rpc_client_cancel(call);
		break;
	case DEADLINE:
		if (call->state == CLIENT_ACTIVE)
			event_active(&call->timer, EV_TIMEOUT, 0);
		break;
	default:
		rpc_channel_close(f->channel);
		f->channel = NULL;
		break;
	}
}

/* With no turn between, what we do ourselves comes before all that the peer has sent; the timer is
 * due in the next turn. */
static int
expected_code(const enum event_kind *kinds, bool turns)
{
	struct model model = {.code = UNDECIDED};
	bool deadline = false;

	for (int i = 0; i < LENGTH && !turns; i++) {
		if (kinds[i] == CANCEL || kinds[i] == CLOSE_CHANNEL)
			expect(&model, kinds[i]);
		deadline |= kinds[i] == DEADLINE;
	}
	if (deadline)
		expect(&model, DEADLINE);
	for (int i = 0; i < LENGTH; i++)
		expect(&model, kinds[i]);
	return model.code;
}

static bool
has(const enum event_kind *kinds, enum event_kind kind)
{
	for (int i = 0; i < LENGTH; i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

static void
check(const struct outcome *o, const enum event_kind *kinds, bool turns, int expected)
{
	enum rpc_code code = rpc_client_result(o->call)->code;
	/* Closing a socket with bytes unread destroys what was on its way. */
	bool may_be_lost = !turns && has(kinds, DISCONNECT) && code == RPC_UNAVAILABLE;

	if (o->n_ends != 1 || ((int)code != expected && !may_be_lost))
		fail_msg("%c%c%c%c %s: %u ends, %s '%s', %s expected", letters[kinds[0]],
			 letters[kinds[1]], letters[kinds[2]], letters[kinds[3]],
			 turns ? "with turns" : "at once", o->n_ends, rpc_code_name(code),
			 rpc_client_result(o->call)->status->message,
			 rpc_code_name((enum rpc_code)expected));
}

static void
play_sequence(struct fixture *f, const enum event_kind *kinds, bool turns)
{
	int expected = expected_code(kinds, turns);
	struct fake_stream *stream;
	struct outcome o;

	if (!f->channel)
		assert_int_equal(rpc_channel_new(f->base, f->target, NULL, &f->channel), 0);
	f->server.n_requests = 0;
	send_unary(begin(f, &unary, &o), "x");
	stream = wait_request_end(f, 1);
	for (int i = 0; i < LENGTH; i++) {
		play(f, stream, o.call, kinds[i]);
		for (int n = 0; turns && n < 4; n++)
			event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	if (expected == UNDECIDED) {
		settle(f);
		assert_int_equal(o.n_ends, 0);
		rpc_client_cancel(o.call);
		expected = RPC_CANCELLED;
	}
	while (!o.n_ends)
		turn(f);
	settle(f);
	check(&o, kinds, turns, expected);
	end(&o);
	if (!stream->conn->closed && stream->conn->n_streams >= FEW_STREAMS)
		fake_close(stream->conn);
	settle(f);
}

static void
every_order_ends_once(void **state)
{
	enum { N_SEQUENCES = N_KINDS * N_KINDS * N_KINDS * N_KINDS };
	struct fixture *f = *state;
	int n = 0;

	for (int number = 0; number < N_SEQUENCES; number++) {
		enum event_kind kinds[LENGTH];
		unsigned seen = 0;
		int rest = number;

		for (int i = 0; i < LENGTH; i++, rest /= N_KINDS) {
			kinds[i] = (enum event_kind)(rest % N_KINDS);
			seen |= 1U << kinds[i];
		}
		if (__builtin_popcount(seen) != LENGTH)
			continue;
		play_sequence(f, kinds, true);
		play_sequence(f, kinds, false);
		n++;
	}
	assert_int_equal(n, 9 * 8 * 7 * 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_order_ends_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
