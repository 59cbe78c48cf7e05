/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <err.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "contract.h"
#include "crypto/keyfile.h"
#include "google/rpc/error_details.pb-c.h"
#include "rpc/metadata.h"
#include "svc/keys.h"

/* services/CMakeLists.txt: `./minzheng up` starts the i-th on 127.0.0.1:(first port + i). */
static const char *const services[] = {MZ_SERVICES};
enum {
	N_SERVICES = sizeof services / sizeof *services,
	GIVEN_ADDRESS = N_SERVICES,
	ADDRESS_SIZE = 32,
	PASSWORD_SIZE = 256,
	PURPOSE_BYTES = 4096,
	NO_SERVICE = -1,
	MOST_CONFLICTS = 5,
	TELL_EVERY_US = 30 * CLOCK_US_PER_SECOND, /* that something is waited for */
};

/* A month's run over many persons takes a while. */
static const int64_t call_timeout_us = INT64_C(300) * 1000 * 1000;

struct login {
	struct login *next;
	char *account, *authorization; /* "Bearer …" */
};

struct session {
	int first_port; /* of the home's services: $MINZHENG_FIRST_PORT, else MZ_FIRST_PORT */
	int turned_to;  /* the service whose part of the house's own services is asked */
	struct session_options options;
	struct event_base *base;
	struct contract *contract;
	struct rpc_channel *channels[N_SERVICES + 1];
	struct login *logins;
	int64_t told_us; /* last time that it said what it waits for */
};

struct session *
session_open(const struct session_options *options)
{
	struct session *session = calloc(1, sizeof *session);
	const char *port = getenv("MINZHENG_FIRST_PORT");

	if (!session)
		err(1, "没有内存");
	session->options = *options;
	if (!session->options.home)
		session->options.home = getenv("MINZHENG_HOME");
	if (!session->options.home)
		session->options.home = ".minzheng";
	session->first_port = port ? (int)strtol(port, NULL, 10) : MZ_FIRST_PORT;
	session->base = event_base_new();
	if (!session->base)
		err(1, "事件循环");
	session->contract = contract_load();
	return session;
}

void
session_close(struct session *session)
{
	for (int i = 0; i <= GIVEN_ADDRESS; i++)
		rpc_channel_close(session->channels[i]);
	event_base_loop(session->base, EVLOOP_NONBLOCK);
	event_base_free(session->base);
	while (session->logins) {
		struct login *login = session->logins;

		session->logins = login->next;
		free(login->account);
		free(login->authorization);
		free(login);
	}
	contract_free(session->contract);
	free(session);
}

struct event_base *
session_base(const struct session *session)
{
	return session->base;
}

const char *
session_at(const struct session *session)
{
	return session->options.at;
}

/* "relief:minzheng.svc.v1.…": what every service has is asked of the one that is named. */
static const char *
turn_to_named(struct session *session, const char *method)
{
	const char *colon = strchr(method, ':'), *service;

	if (!colon)
		return method;
	for (int i = 0; (service = session_turn_to(session, i)); i++)
		if (strncmp(service, method, (size_t)(colon - method)) == 0 &&
		    service[colon - method] == '\0')
			return colon + 1;
	errx(2, "没有服务 %.*s", (int)(colon - method), method);
}

const struct rpc_method *
session_method(struct session *session, const char *name)
{
	return contract_method(session->contract, turn_to_named(session, name));
}

void
session_each_method(struct session *session, const char *text, void (*visit)(const char *name))
{
	const struct rpc_method *method;

	for (size_t i = 0; (method = contract_method_at(session->contract, i)); i++)
		if (strstr(method->path, text))
			visit(method->path + 1);
}

/* "minzheng.relief.v1.…": the second word names the service. */
static int
service_of(const char *path)
{
	const char *dot = strchr(path, '.');

	for (int i = 0; dot && i < N_SERVICES; i++) {
		size_t length = strlen(services[i]);

		if (strncmp(dot + 1, services[i], length) == 0 && dot[1 + length] == '.')
			return i;
	}
	return NO_SERVICE; /* the house's own services are served by all */
}

const char *
session_turn_to(struct session *session, int service)
{
	if (service >= N_SERVICES)
		return NULL;
	session->turned_to = service;
	return services[service];
}

static struct rpc_channel *
channel_to(struct session *session, int slot, const char *target)
{
	/* A service that is started again is wanted at once. */
	static const struct rpc_channel_options options = {
	    .codec = RPC_JSON, .backoff_initial_us = 100000, .backoff_max_us = 1000000};

	if (!session->channels[slot] &&
	    rpc_channel_new(session->base, target, &options, &session->channels[slot]) < 0)
		errx(2, "地址写错了：%s", target);
	return session->channels[slot];
}

static struct rpc_channel *
channel_to_service(struct session *session, int service)
{
	char address[ADDRESS_SIZE];

	if (session->options.address)
		return channel_to(session, GIVEN_ADDRESS, session->options.address);
	snprintf(address, sizeof address, "127.0.0.1:%d", session->first_port + service);
	return channel_to(session, service, address);
}

static struct rpc_channel *
channel_of(struct session *session, const char *path)
{
	int named = service_of(path);

	return channel_to_service(session, named == NO_SERVICE ? session->turned_to : named);
}

static void
add_metadata(struct rpc_client_call *call, const char *name, const char *value)
{
	if (value &&
	    rpc_metadata_add(&rpc_client_options(call)->metadata, name, value, strlen(value)) < 0)
		err(1, "没有内存");
}

/* Chinese text goes percent-encoded. */
static void
add_purpose(struct rpc_client_call *call, const char *purpose)
{
	BUF_CLEANUP struct buf encoded;

	buf_init(&encoded, NULL, PURPOSE_BYTES);
	if (!purpose)
		return;
	rpc_percent_encode(&encoded, purpose, strlen(purpose));
	if (!buf_text(&encoded))
		errx(2, "用途太长");
	add_metadata(call, "x-minzheng-purpose", buf_text(&encoded));
}

const char *
session_password(const struct session *session)
{
	static char password[PASSWORD_SIZE];
	const char *given = getenv("MINZHENG_PASSWORD");
	char path[4096];
	FILE *file;

	if (given)
		return snprintf(password, sizeof password, "%s", given), password;
	snprintf(path, sizeof path, "%s/keys/sample-password", session->options.home);
	file = fopen(path, "r");
	if (!file || !fgets(password, sizeof password, file))
		err(1, "读不到样本账号的口令 %s；其他账号请用环境变量 MINZHENG_PASSWORD", path);
	fclose(file);
	password[strcspn(password, "\n")] = '\0';
	return password;
}

static char *
log_in(struct session *session, const char *account)
{
	json_t *request =
		   json_pack("{s:s,s:s}", "login", account, "password", session_password(session)),
	       *response;
	char *text = json_dumps(request, 0), *answer, *authorization;
	enum rpc_code code;

	if (!text)
		err(1, "没有内存");
	code = session_run(session, "", NULL, "minzheng.identity.v1.SessionService/Login", text,
			   &answer, false);
	if (code != RPC_OK) {
		fprintf(stderr, "账号 %s 没有登录成功\n", account);
		exit((int)code);
	}
	response = json_loads(answer, 0, NULL);
	if (asprintf(&authorization, "Bearer %s",
		     json_string_value(json_object_get(response, "token"))) < 0)
		err(1, "没有内存");
	json_decref(request);
	json_decref(response);
	free(text);
	free(answer);
	return authorization;
}

/* Whoever can read the key file may act as a service. */
static char *
prove_by_keys(const struct session *session, const char *service)
{
	char path[4096], token[KEYS_TOKEN_SIZE], *authorization;
	struct keyfile *file;
	struct keys keys;
	enum keyfile_result result;

	snprintf(path, sizeof path, "%s/keys/keys", session->options.home);
	result = keyfile_read(path, &file);
	if (result != KEYFILE_OK)
		errx(1, "密钥文件 %s：%s", path, keyfile_explain(result));
	if (keys_new(file, &keys) < 0)
		errx(1, "密钥文件 %s 不全", path);
	keys_service_token(&keys, service, 1, (int64_t)time(NULL) * 1000000, token);
	keys_free(&keys);
	keyfile_free(file);
	if (asprintf(&authorization, "Bearer %s", token) < 0)
		err(1, "没有内存");
	return authorization;
}

static const char *
authorization_of(struct session *session, const char *account)
{
	struct login *login;

	for (login = session->logins; login; login = login->next)
		if (strcmp(login->account, account) == 0)
			return login->authorization;
	login = calloc(1, sizeof *login);
	if (!login)
		err(1, "没有内存");
	login->account = strdup(account);
	login->authorization = strncmp(account, "service:", 8) == 0
				   ? prove_by_keys(session, account + 8)
				   : log_in(session, account);
	login->next = session->logins;
	session->logins = login;
	return login->authorization;
}

const char *
session_token(struct session *session, const char *account)
{
	return authorization_of(session, account) + strlen("Bearer ");
}

struct rpc_client_call *
session_call(struct session *session, const struct rpc_method *method,
	     const struct rpc_client_hooks *hooks, void *data, const char *account, const char *at)
{
	struct rpc_client_call *call;

	if (!account)
		account = session->options.account;
	call = rpc_client_new(channel_of(session, method->path), method, hooks, data);
	if (!call)
		return NULL;
	if (account[0]) {
		add_metadata(call, "authorization", authorization_of(session, account));
		add_metadata(call, "x-minzheng-now", at ? at : session->options.at);
		add_purpose(call, session->options.purpose);
	}
	rpc_client_options(call)->timeout_us = call_timeout_us;
	rpc_client_options(call)->wait_for_ready = false;
	return call;
}

bool
session_try_again(struct session *session, struct session_try *request,
		  const struct rpc_client_call *failed)
{
	enum rpc_code code = rpc_client_result(failed)->code;
	int64_t now_us = clock_monotonic_us();

	if (!session->options.patience_s)
		return false;
	if (code == RPC_ABORTED)
		return ++request->n_conflicts < MOST_CONFLICTS;
	if (code != RPC_UNAVAILABLE)
		return false;
	if (!request->failing_since_us)
		request->failing_since_us = now_us;
	if (now_us - request->failing_since_us >
	    (int64_t)session->options.patience_s * CLOCK_US_PER_SECOND)
		return false;
	if (!session->told_us || now_us - session->told_us > TELL_EVERY_US) {
		session->told_us = now_us;
		fprintf(stderr, "服务暂时不可用，恢复后自动接着做（最多等 %d 秒）：%s\n",
			session->options.patience_s, rpc_client_result(failed)->status->message);
	}
	return true;
}

static void
pause_between(struct session *session)
{
	static const struct timeval pause = {.tv_usec = SESSION_PAUSE_US};

	event_base_loopexit(session->base, &pause);
	event_base_loop(session->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

struct rpc_client_call *
session_repeat(struct session *session, struct rpc_client_call *(*make)(void *data), void *data)
{
	struct session_try tries = {0};
	struct rpc_client_call *call = make(data);

	while (rpc_client_result(call)->code != RPC_OK &&
	       session_try_again(session, &tries, call)) {
		rpc_client_free(call);
		pause_between(session);
		call = make(data);
	}
	return call;
}

/* A unary request that may have to be made more than once. */
struct run {
	struct session *session;
	const struct rpc_method *method;
	const char *account, *at, *request;
};

static struct rpc_client_call *
run_once(void *data)
{
	const struct run *run = data;
	struct rpc_client_call *call =
	    session_call(run->session, run->method, NULL, NULL, run->account, run->at);

	if (!call)
		err(1, "没有内存");
	rpc_client_unary_raw(call, run->request, strlen(run->request));
	rpc_client_run(call);
	return call;
}

enum rpc_code
session_run(struct session *session, const char *account, const char *at, const char *method,
	    const char *request, char **ret_response, bool quiet)
{
	struct run run = {session, session_method(session, method), account, at, request};
	struct rpc_client_call *call;
	enum rpc_code code;

	if (!run.method)
		errx(2, "没有方法 %s", method);
	call = session_repeat(session, run_once, &run);
	code = rpc_client_result(call)->code;
	if (code != RPC_OK && !quiet)
		session_print_failure(call);
	if (code == RPC_OK && ret_response) {
		const struct rpc_client_result *result = rpc_client_result(call);

		*ret_response = strndup(result->raw, result->raw_length);
		if (!*ret_response)
			err(1, "没有内存");
	}
	rpc_client_free(call);
	return code;
}

static void
print_detail(const Google__Protobuf__Any *any)
{
	const char *name = strrchr(any->type_url, '/');

	name = name ? name + 1 : any->type_url;
	if (strcmp(name, "google.rpc.ErrorInfo") == 0) {
		ErrorInfo *info = error_info__unpack(NULL, any->value.len, any->value.data);

		if (info)
			fprintf(stderr, "  原因代码 %s\n", info->reason);
		if (info)
			error_info__free_unpacked(info, NULL);
	} else if (strcmp(name, "google.rpc.BadRequest") == 0) {
		BadRequest *bad = bad_request__unpack(NULL, any->value.len, any->value.data);

		for (size_t i = 0; bad && i < bad->n_field_violations; i++)
			fprintf(stderr, "  %s：%s\n", bad->field_violations[i]->field,
				bad->field_violations[i]->description);
		if (bad)
			bad_request__free_unpacked(bad, NULL);
	}
}

void
session_print_failure(const struct rpc_client_call *call)
{
	const Status *status = rpc_client_result(call)->status;

	fprintf(stderr, "%s：%s\n", rpc_code_name(rpc_client_result(call)->code),
		status ? status->message : "");
	for (size_t i = 0; status && i < status->n_details; i++)
		print_detail(status->details[i]);
	/* What no decision has said is the runtime's, which found the JSON wrong. */
	if (rpc_client_result(call)->code == RPC_INTERNAL && status && status->n_details == 0)
		fputs(
		    "  多半是请求写得不对：请核对 JSON 的写法和字段名，proto/ 里有每个方法的请求\n",
		    stderr);
}
