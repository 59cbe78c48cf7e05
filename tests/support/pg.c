/* SPDX-License-Identifier: Apache-2.0 */
#include "pg.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[128], conninfo[256];

/* private-postgres ACTION DIRECTORY; what it prints goes to output. */
static int
script(const char *action, char *output, int size)
{
	char command[512];
	FILE *pipe;
	int status;

	snprintf(command, sizeof command, "'%s' %s '%s'", PRIVATE_POSTGRES, action, directory);
	pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
	if (!pipe)
		return -1;
	if (!fgets(output, size, pipe))
		output[0] = '\0';
	status = pclose(pipe);
	output[strcspn(output, "\n")] = '\0';
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

const char *
pg_run(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(directory, sizeof directory, "%s/mz-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(directory))
		return NULL;
	atexit(pg_run_drop);
	return pg_run_again() == 0 ? conninfo : NULL;
}

int
pg_run_again(void)
{
	return script("start", conninfo, sizeof conninfo);
}

int
pg_run_stop(void)
{
	char line[256];

	return script("stop", line, sizeof line);
}

void
pg_run_drop(void)
{
	char line[256];

	if (directory[0])
		script("drop", line, sizeof line);
	directory[0] = '\0';
}

static PGresult *
run(PGconn *pg, const char *sql)
{
	PGresult *result = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return result;
	fprintf(stderr, "%s: %s", sql, PQerrorMessage(pg));
	PQclear(result);
	return NULL;
}

int
pg_run_sql(const char *sql)
{
	PGconn *pg = PQconnectdb(conninfo);
	PGresult *result = run(pg, sql);

	PQclear(result);
	PQfinish(pg);
	return result ? 0 : -1;
}

long
pg_run_number(const char *sql)
{
	PGconn *pg = PQconnectdb(conninfo);
	PGresult *result = run(pg, sql);
	long number = -1;

	if (result && PQntuples(result) == 1)
		number = strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	PQfinish(pg);
	return number;
}

static PGconn *holder;

int
pg_run_hold(void)
{
	PGresult *result;

	holder = PQconnectdb(conninfo);
	result = run(holder, "SELECT FROM pg_advisory_lock(1)");
	PQclear(result);
	return result ? 0 : -1;
}

void
pg_run_release(void)
{
	PQfinish(holder);
	holder = NULL;
}

int
pg_run_kill_backend(const char *pattern)
{
	char sql[512];
	long pid;

	snprintf(sql, sizeof sql,
		 "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%s'"
		 " AND pid <> pg_backend_pid()",
		 pattern);
	pid = pg_run_number(sql);
	/* 0, 1 and negative numbers mean many processes, or the first one, to kill(2). */
	if (pid <= 1 || kill((pid_t)pid, 0) != 0)
		return -1;
	return kill((pid_t)pid, SIGKILL);
}

int
pg_run_wait(void)
{
	for (int tries = 0; tries < 200; tries++) {
		PGconn *pg = PQconnectdb(conninfo);
		bool is_up = PQstatus(pg) == CONNECTION_OK;

		PQfinish(pg);
		if (is_up)
			return 0;
		usleep(50000);
	}
	return -1;
}
