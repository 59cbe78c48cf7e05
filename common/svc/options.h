/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of a service program; one table (options.c) for flags, environment, ini file and --help.
 */
#ifndef MZ_SVC_OPTIONS_H
#define MZ_SVC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "svc/config.h"

struct options {
	const char *listen; /* host:port */
	int64_t workers;
	int64_t metrics_port; /* 0: port + 1000 */
	const char *db;       /* conninfo of the serving process */
	const char *owner_db; /* conninfo of `migrate` only */
	int64_t db_shared, db_leased;
	const char *key_file;
	const char *tls_certificate, *tls_key, *tls_client_ca;
	const char *cors_origin;
	const char *log_level;
	int64_t call_timeout_ms;
	int64_t drain_ms;
	const char *peers;   /* "relief=127.0.0.1:50063,…": services that `ask` blocks ask */
	const char *tenants; /* "1" or "1,2": whose jobs and events this process takes care of */
	bool test_clock;
	bool check, health; /* --check, --health: look and leave */
	const char *config; /* these two are read by config_load itself */
	bool help;
};

/* Reads everything; see config_load. argv's remaining words are the command. */
enum config_result options_load(struct options *options, int *argc, char **argv,
				struct arena *arena, struct buf *message);

#endif
