/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one main of every service.
 *
 *     NAME                serve, until SIGTERM
 *     NAME --check        compare SQL, contract and schema of the database
 *     NAME --health       ask a running one
 *     NAME migrate        bring the schema up to date, as the owner
 *     NAME token          print a token of this service, good for an hour: who holds the key file
 *                         may call as a service (the first administrators, for example)
 *
 * Serving: the parent makes the listening sockets, one a worker, and forks; it keeps them, so that
 * connections which arrive while a worker is dead wait for its successor. It has no loop and no
 * database: it waits for signals, replaces workers that die, and passes SIGTERM on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "crypto/keyfile.h"
#include "db/migrate.h"
#include "rpc/server.h"
#include "svc/check.h"
#include "svc/health.h"
#include "svc/keys.h"
#include "svc/metrics.h"
#include "svc/migrate.h"
#include "svc/worker.h"

enum {
	MAX_WORKERS = 64,
	OPTION_BYTES = 256 << 10,
	SHORT_LIFE_US =
	    1 * CLOCK_US_PER_SECOND, /* a worker that dies sooner is not replaced at once */
};

struct parent {
	struct program program;
	pid_t pid;
	unsigned n_workers;
	int sockets[MAX_WORKERS];
	pid_t pids[MAX_WORKERS]; /* 0: not running */
	int64_t started_us[MAX_WORKERS];
	bool is_stopping;
};

/* -- sockets --------------------------------------------------------------------------------- */

/* "127.0.0.1:50061": the port that a socket was given, when 0 was asked for. */
static int
port_of(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

static int
make_sockets(struct parent *parent, const char *listen)
{
	const char *colon = strrchr(listen, ':');
	char address[256];
	int port;

	snprintf(address, sizeof(address), "%s", listen);
	for (unsigned i = 0; i < parent->n_workers; i++) {
		parent->sockets[i] = rpc_listen(address);
		if (parent->sockets[i] < 0) {
			fprintf(stderr, "不能监听 %s：%s\n", address,
				log_errno(parent->sockets[i]));
			return parent->sockets[i];
		}
		port = port_of(parent->sockets[i]);
		if (colon && port > 0) /* the others share the port that the first was given */
			snprintf(address, sizeof(address), "%.*s:%d", (int)(colon - listen), listen,
				 port);
	}
	log_info("listening", LOG_ID("address", address), LOG_NUMBER("workers", parent->n_workers));
	return 0;
}

/* -- workers --------------------------------------------------------------------------------- */

/* In the child: only its own socket stays open, and it dies with its parent. */
static void
become_worker(struct parent *parent, unsigned number, const sigset_t *unblocked)
{
	sigprocmask(SIG_SETMASK, unblocked, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent->pid) /* it died before it could be told that we ask */
		_exit(EXIT_FAILURE);
	for (unsigned i = 0; i < parent->n_workers; i++)
		if (i != number)
			close(parent->sockets[i]);
	metric_become_worker(number);
	exit(worker_run(&parent->program, number, parent->sockets[number]));
}

static void
start_worker(struct parent *parent, unsigned number, const sigset_t *unblocked)
{
	pid_t pid = fork();

	if (pid == 0)
		become_worker(parent, number, unblocked);
	parent->started_us[number] = clock_monotonic_us();
	parent->pids[number] = pid > 0 ? pid : 0;
	if (pid < 0)
		log_error("fork", LOG_ERRNO(-errno));
	else
		log_info("worker_started", LOG_NUMBER("worker", number), LOG_NUMBER("child", pid));
}

static void
bury_workers(struct parent *parent)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < parent->n_workers; i++)
			if (parent->pids[i] == pid) {
				parent->pids[i] = 0;
				if (!parent->is_stopping)
					log_warning("worker_died", LOG_NUMBER("worker", i),
						    LOG_NUMBER("status", status));
			}
}

/* True while some worker lives. Dead ones are replaced, those that died young after a second. */
static bool
look_after(struct parent *parent, const sigset_t *unblocked)
{
	bool lives = false;

	bury_workers(parent);
	for (unsigned i = 0; i < parent->n_workers; i++) {
		if (!parent->is_stopping && parent->pids[i] == 0 &&
		    clock_monotonic_us() - parent->started_us[i] > SHORT_LIFE_US)
			start_worker(parent, i, unblocked);
		lives |= parent->pids[i] != 0;
	}
	return lives || !parent->is_stopping;
}

static void
stop_workers(struct parent *parent)
{
	parent->is_stopping = true;
	for (unsigned i = 0; i < parent->n_workers; i++) {
		if (parent->sockets[i] >= 0)
			close(parent->sockets[i]);
		parent->sockets[i] = -1;
		if (parent->pids[i] > 0)
			kill(parent->pids[i], SIGTERM);
	}
}

static int
serve(struct parent *parent)
{
	const struct timespec second = {.tv_sec = 1};
	sigset_t waited, before;

	sigemptyset(&waited);
	sigaddset(&waited, SIGCHLD);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGINT);
	sigprocmask(SIG_BLOCK, &waited, &before);
	signal(SIGPIPE, SIG_IGN);
	parent->pid = getpid();
	if (make_sockets(parent, parent->program.options->listen) < 0)
		return EXIT_FAILURE;
	/* Once for all workers; what is not there yet they ask for themselves. */
	db_describe(parent->program.options->db, parent->program.service->name,
		    parent->program.stmts);
	words_read(&parent->program.words, parent->program.arena, parent->program.options->db,
		   parent->program.service->name);
	for (unsigned i = 0; i < parent->n_workers; i++)
		start_worker(parent, i, &before);
	while (look_after(parent, &before)) {
		int number = sigtimedwait(&waited, NULL, &second);

		if (number == SIGTERM || number == SIGINT)
			stop_workers(parent);
	}
	log_info("stopped", LOG_NUMBER("workers", parent->n_workers));
	return EXIT_SUCCESS;
}

/* -- commands -------------------------------------------------------------------------------- */

static int
print_token(const struct options *options)
{
	struct keyfile *file = NULL;
	enum keyfile_result result =
	    options->key_file ? keyfile_read(options->key_file, &file) : KEYFILE_MISSING;
	char token[KEYS_TOKEN_SIZE];
	struct keys keys;
	bool made = result == KEYFILE_OK && keys_new(file, &keys) == 0;

	if (made) {
		keys_service_token(&keys, svc_program.name,
				   (int32_t)strtol(options->tenants, NULL, 10), clock_now_us(),
				   token);
		puts(token);
		keys_free(&keys);
	} else {
		fprintf(stderr, "密钥文件：%s\n", keyfile_explain(result));
	}
	keyfile_free(file);
	return made ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
set_log(const struct options *options)
{
	struct log_config config = {
	    .fd = STDERR_FILENO,
	    .level = LOG_LEVEL_INFO,
	    .service = svc_program.name,
	    .lines_a_second = 1000,
	};

	if (!log_parse_level(options->log_level, &config.level))
		fprintf(stderr, "--log-level %s：应为 debug、info、warning 或 error\n",
			options->log_level);
	log_setup(&config);
}

static int
with_program(const struct options *options)
{
	static struct parent parent;
	int status = EXIT_FAILURE;
	int r = program_make(&parent.program, &svc_program, options);

	parent.n_workers = (unsigned)options->workers;
	if (r < 0)
		log_error("start", LOG_ERRNO(r));
	else if (options->check)
		status = check_program(&parent.program);
	else if (parent.program.n_faults > 0)
		fprintf(stderr, "%s：有 %zu 处错误，不能启动\n", svc_program.name,
			parent.program.n_faults);
	else if ((r = metrics_make(parent.n_workers)) < 0)
		log_error("metrics", LOG_ERRNO(r));
	else
		status = serve(&parent);
	program_free(&parent.program);
	return status;
}

static int
run(const struct options *options, const char *command)
{
	if (options->health)
		return health_ask(options);
	if (!command)
		return with_program(options);
	if (strcmp(command, "migrate") == 0)
		return migrate_schema(&svc_program, options);
	if (strcmp(command, "token") == 0)
		return print_token(options);
	fprintf(stderr, "%s：不认识 %s；可用 migrate、token，或用 --help 查看选项\n",
		svc_program.name, command);
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	static struct options options;
	struct arena *arena = arena_new(OPTION_BYTES);
	BUF_CLEANUP struct buf message;
	enum config_result result;
	int status;

	if (!arena)
		return EXIT_FAILURE;
	buf_init(&message, NULL, OPTION_BYTES);
	result = options_load(&options, &argc, argv, arena, &message);
	if (result != CONFIG_OK) {
		fputs(buf_text(&message) ? buf_text(&message) : "",
		      result == CONFIG_HELP ? stdout : stderr);
		arena_free(arena);
		return result == CONFIG_HELP ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	set_log(&options);
	status = run(&options, argc > 1 ? argv[1] : NULL);
	arena_free(arena);
	return status;
}
