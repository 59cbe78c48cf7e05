/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mz replay: a year of clerks' work, line by line (tools/year2024).
 *
 * A line is a call with its account and business time. Many are under way at once, but those of one
 * `key` follow each other. A line with `pay` is a monthly run: it waits until everything before it
 * is done. Each request has its id, so a replay that was broken off is simply started again.
 */
#include <err.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "commands.h"
#include "pay.h"
#include "table.h"

enum { MOST_IN_FLIGHT = 96 };

struct step {
	struct step *next;
	struct replay *replay;
	json_t *line;
	int64_t number;
	char *request;
	struct session_try tries;
};

/* Steps of one key: the first is under way, the others wait. */
struct queue {
	char *key; /* the map keeps it by reference */
	struct step *first, *last;
};

struct replay {
	struct session *session;
	const char *path;
	struct map queues;   /* key -> struct queue * */
	int in_flight, held; /* held: read, but waiting behind their key */
	int64_t done;
	bool failed;
};

static const char *
text_of(const struct step *step, const char *name)
{
	const char *text = json_string_value(json_object_get(step->line, name));

	return text ? text : "";
}

static void start_step(struct step *step);

static void
free_step(struct step *step)
{
	json_decref(step->line);
	free(step->request);
	free(step);
}

static void
finish_step(struct step *step)
{
	struct replay *replay = step->replay;
	struct queue *queue = map_get(&replay->queues, text_of(step, "key"), MAP_TEXT);

	replay->in_flight--;
	replay->done++;
	queue->first = step->next;
	if (!queue->first) {
		map_remove(&replay->queues, queue->key, MAP_TEXT);
		free(queue->key);
		free(queue);
	} else if (replay->failed) {
		replay->held--;
		replay->in_flight++;
		finish_step(queue->first); /* what follows a failure is not tried */
	} else {
		replay->held--;
		start_step(queue->first);
	}
	free_step(step);
}

static void
on_pause_over(evutil_socket_t fd, short what, void *data)
{
	struct step *step = data;

	(void)fd;
	(void)what;
	step->replay->in_flight--;
	start_step(step);
}

static void
on_ended(struct rpc_client_call *call)
{
	static const struct timeval pause = {.tv_usec = SESSION_PAUSE_US};
	struct step *step = rpc_client_data(call);
	struct session *session = step->replay->session;
	enum rpc_code code = rpc_client_result(call)->code;

	if (code != RPC_OK && !step->replay->failed &&
	    session_try_again(session, &step->tries, call)) {
		rpc_client_free(call);
		if (event_base_once(session_base(session), -1, EV_TIMEOUT, on_pause_over, step,
				    &pause) < 0)
			err(1, "没有内存");
		return;
	}
	if (code != RPC_OK) {
		fprintf(stderr, "%s 第 %lld 行 %s（%s，%s）\n", step->replay->path,
			(long long)step->number, text_of(step, "call"), text_of(step, "as"),
			text_of(step, "at"));
		session_print_failure(call);
		step->replay->failed = true;
	}
	rpc_client_free(call);
	finish_step(step);
}

static void
start_step(struct step *step)
{
	static const struct rpc_client_hooks hooks = {.ended = on_ended};
	const struct rpc_method *method =
	    session_method(step->replay->session, text_of(step, "call"));
	struct rpc_client_call *call;

	if (!method)
		errx(2, "%s 第 %lld 行：没有方法 %s", step->replay->path, (long long)step->number,
		     text_of(step, "call"));
	call = session_call(step->replay->session, method, &hooks, step, text_of(step, "as"),
			    text_of(step, "at"));
	if (!call)
		err(1, "没有内存");
	step->replay->in_flight++;
	rpc_client_unary_raw(call, step->request, strlen(step->request));
}

static void
wait_until(struct replay *replay, int most)
{
	while (replay->in_flight + replay->held > most)
		if (event_base_loop(session_base(replay->session), EVLOOP_ONCE) < 0)
			errx(1, "事件循环");
}

static void
add_step(struct replay *replay, struct step *step)
{
	struct queue *queue = map_get(&replay->queues, text_of(step, "key"), MAP_TEXT);

	if (queue) {
		queue->last->next = step;
		queue->last = step;
		replay->held++;
		return;
	}
	queue = calloc(1, sizeof *queue);
	if (!queue || !(queue->key = strdup(text_of(step, "key"))) ||
	    map_add(&replay->queues, queue->key, MAP_TEXT, queue) < 0)
		err(1, "没有内存");
	queue->first = queue->last = step;
	start_step(step);
}

static void
show_progress(const struct replay *replay)
{
	if (isatty(STDERR_FILENO) && replay->done % 500 == 0)
		fprintf(stderr, "\r%s：%lld ", replay->path, (long long)replay->done);
}

static bool
on_row(void *data, const struct table_row *row)
{
	struct replay *replay = data;
	struct step *step = calloc(1, sizeof *step);
	json_error_t error;

	if (!step)
		err(1, "没有内存");
	step->replay = replay;
	step->number = row->line;
	step->line = json_loads(row->cells[0], JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(step->line))
		errx(1, "%s 第 %lld 行：%s", replay->path, (long long)row->line, error.text);
	if (json_object_get(step->line, "pay")) {
		wait_until(replay, 0);
		replay->failed =
		    replay->failed ||
		    !pay_month_from_json(replay->session, json_object_get(step->line, "pay"),
					 text_of(step, "at"));
		free_step(step);
		return !replay->failed;
	}
	step->request =
	    json_dumps(json_object_get(step->line, "request"), JSON_COMPACT | JSON_ENCODE_ANY);
	if (!step->request)
		err(1, "没有内存");
	json_object_del(step->line, "request");
	wait_until(replay, 4 * MOST_IN_FLIGHT);
	while (replay->in_flight >= MOST_IN_FLIGHT)
		wait_until(replay, replay->in_flight + replay->held - 1);
	if (replay->failed) {
		free_step(step);
		return false;
	}
	/* Logging in waits for the event loop, which a step that follows another one runs in. */
	session_token(replay->session, text_of(step, "as"));
	add_step(replay, step);
	show_progress(replay);
	return true;
}

static bool
on_fault(void *data, int64_t line, const char *column, const char *reason)
{
	struct replay *replay = data;

	(void)column;
	fprintf(stderr, "%s 第 %lld 行：%s\n", replay->path, (long long)line, reason);
	replay->failed = true;
	return false;
}

int
command_replay(struct session *session, const struct arguments *arguments)
{
	static const struct table_handler handler = {.row = on_row, .fault = on_fault};
	struct replay replay = {.session = session};

	arguments_end(arguments, 1, 1000, "mz replay 文件…");
	for (int i = 0; i < arguments->count && !replay.failed; i++) {
		replay.path = arguments->values[i];
		replay.done = 0;
		map_init(&replay.queues, NULL, 1 << 20);
		if (!table_read(replay.path, &handler, &replay))
			replay.failed = true;
		wait_until(&replay, 0);
		map_free(&replay.queues);
		fprintf(stderr, "%s%s：%lld 次调用%s\n", isatty(STDERR_FILENO) ? "\r" : "",
			replay.path, (long long)replay.done, replay.failed ? "，中断" : "");
	}
	return replay.failed ? 1 : 0;
}
