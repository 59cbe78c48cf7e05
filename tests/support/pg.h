/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PostgreSQL of the test's own (private-postgres), for test programs.
 *
 * Everything lies in a new directory below TMPDIR and goes with pg_run_drop, which also runs when
 * the program exits.
 */
#ifndef MZ_TEST_PG_H
#define MZ_TEST_PG_H

/* Starts one and returns its conninfo; NULL when there is no PostgreSQL here or it does not start
 * (private-postgres says why). */
const char *pg_run(void);

/* Ends it as a power failure would; start it again with pg_run_again. 0 or -1. */
int pg_run_stop(void);
int pg_run_again(void);

void pg_run_drop(void);

/* Runs SQL on a connection of its own, blocking; prints an error and returns -1 when it fails. */
int pg_run_sql(const char *sql);
/* The first column of the first row as a number; -1 without. */
long pg_run_number(const char *sql);

/* From pg_run_hold to pg_run_release whoever asks for advisory lock 1 waits. 0 or -1. */
int pg_run_hold(void);
void pg_run_release(void);

/* Kills the one backend of this server that runs a statement like pattern, without a word to its
 * client. -1, and nothing is killed, unless there is exactly one. */
int pg_run_kill_backend(const char *pattern);
/* Waits until the server takes connections again (it recovers after a backend was killed). */
int pg_run_wait(void);

#endif
