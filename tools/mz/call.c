/* SPDX-License-Identifier: Apache-2.0 */
/* mz call: any method, JSON in and out; a stream is a line a message. The exit status is the gRPC
 * code. */
#include <err.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "commands.h"
#include "contract.h"

struct one_call {
	struct session *session;
	bool takes_request_id;
	char *input; /* what is left to send */
	bool client_streaming, waiting;
};

/* The text of an argument: itself, a file's (`@`) or standard input's (`-`). */
static char *
read_input(const char *argument)
{
	FILE *file = stdin;
	char *text = NULL;
	size_t size = 0;
	ssize_t length;

	if (argument[0] == '@') {
		file = fopen(argument + 1, "r");
		if (!file)
			err(2, "打不开 %s", argument + 1);
	} else if (strcmp(argument, "-") != 0) {
		text = strdup(argument);
		if (!text)
			err(1, "没有内存");
		return text;
	}
	length = getdelim(&text, &size, '\0', file);
	if (length < 0)
		errx(2, "没有读到请求");
	if (strlen(text) != (size_t)length)
		errx(2, "请求里有 NUL 字节");
	if (file != stdin)
		fclose(file);
	return text;
}

/* Who types a write by hand needs no UUID for its request_id; who repeats one gives it. */
static bool
send_message(struct rpc_client_call *call, const struct one_call *state, const char *text,
	     size_t length)
{
	size_t open = strspn(text, " \t\r\n"), next = open + 1;
	char id[UUID_TEXT_SIZE], *whole;
	struct uuid uuid = uuid_v4();
	int size;
	bool waits;

	if (!state->takes_request_id || open >= length || text[open] != '{' ||
	    memmem(text, length, "request_id", strlen("request_id")) ||
	    memmem(text, length, "requestId", strlen("requestId")))
		return rpc_client_send_raw(call, text, length) == RPC_SEND_WAIT;
	next += strspn(text + next, " \t\r\n");
	size = asprintf(&whole, "{\"requestId\":\"%s\"%s%.*s", uuid_format(&uuid, id),
			next < length && text[next] != '}' ? "," : "", (int)(length - open - 1),
			text + open + 1);
	if (size < 0)
		err(1, "没有内存");
	waits = rpc_client_send_raw(call, whole, (size_t)size) == RPC_SEND_WAIT;
	free(whole);
	return waits;
}

/* A stream's messages stand one a line; what does not stream is one message, however many lines. */
static void
send_more(struct rpc_client_call *call, struct one_call *state)
{
	state->waiting = false;
	while (state->input && !state->waiting) {
		char *line = state->input,
		     *end = state->client_streaming ? strchr(line, '\n') : NULL;
		size_t length = end ? (size_t)(end - line) : strlen(line);

		state->input = end ? end + 1 : NULL;
		if (length || !state->client_streaming)
			state->waiting = send_message(call, state, line, length);
		if (!state->input)
			rpc_client_half_close(call);
	}
}

static void
on_raw(struct rpc_client_call *call, const void *data, size_t length)
{
	fwrite(data, 1, length, stdout);
	putchar('\n');
	rpc_client_next(call);
}

static void
on_writable(struct rpc_client_call *call)
{
	send_more(call, rpc_client_data(call));
}

static void
on_ended(struct rpc_client_call *call)
{
	struct one_call *state = rpc_client_data(call);

	event_base_loopbreak(session_base(state->session));
}

static bool any_name;

static void
print_name(const char *name)
{
	any_name = true;
	puts(name);
}

int
command_call(struct session *session, const struct arguments *arguments)
{
	static const struct rpc_client_hooks hooks = {
	    .raw = on_raw, .writable = on_writable, .ended = on_ended};
	static const char how[] = "mz call [服务:]方法 [JSON|@文件|-] | mz call --list 文字";
	struct arguments mine = *arguments;
	const char *list = arguments_take(&mine, "--list");
	struct one_call state = {.session = session};
	const struct rpc_method *method;
	struct rpc_client_call *call;
	enum rpc_code code;
	char *input;

	if (list) {
		session_each_method(session, list, print_name);
		if (!any_name)
			errx(2, "没有名字含有“%s”的方法", list);
		return 0;
	}
	arguments_end(&mine, 1, 2, how);
	method = session_method(session, mine.values[0]);
	if (!method)
		errx(2, "没有方法 %s；`mz call --list 文字` 列出含有该文字的方法", mine.values[0]);
	input = read_input(mine.count == 2 ? mine.values[1] : "{}");
	state.input = input;
	state.client_streaming = method->client_streaming;
	state.takes_request_id = contract_takes_request_id(method);
	call = session_call(session, method, &hooks, &state, NULL, NULL);
	if (!call)
		err(1, "没有内存");
	rpc_client_start(call);
	send_more(call, &state);
	event_base_dispatch(session_base(session));
	code = rpc_client_result(call)->code;
	if (code != RPC_OK) {
		session_print_failure(call);
	} else if (!method->server_streaming) {
		const struct rpc_client_result *result = rpc_client_result(call);

		printf("%.*s\n", (int)result->raw_length, (const char *)result->raw);
	}
	rpc_client_free(call);
	free(input);
	return (int)code;
}
