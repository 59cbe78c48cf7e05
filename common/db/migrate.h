/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Migrations: dbmate's file format, run by the service itself.
 *
 * A file has a `-- migrate:up` part and may have a `-- migrate:down` part (which is never run: the
 * house only goes forward). Each file is one transaction, unless its head says
 * `-- migrate:up transaction:false` (then it must bear to be run again). What has been run stands
 * in `schema_migrations` of the service's own schema, with a checksum of its text, so that a file
 * changed afterwards is found. Two starters at once are safe: each takes the lock of that table
 * first.
 *
 * Runs before the event loop and with the owner's credential, which a serving process never holds;
 * so these functions block.
 */
#ifndef MZ_DB_MIGRATE_H
#define MZ_DB_MIGRATE_H

#include <stddef.h>

#include "db/stmt.h"

struct db_migration {
	const char *name; /* "0001_tables.sql"; order is that of the names */
	const char *text;
	size_t length;
};

struct db_migrate_options {
	const char *conninfo; /* of a login that may act as the owner */
	const char *role;     /* acts as this role; NULL: as the login */
	/* At the end the schema and all in it are handed over to this role, which is made without a
	 * login when it is missing; NULL: they stay with who made them. */
	const char *owner;
	const char *schema; /* made when missing */
	const struct db_migration *files;
	size_t n_files;
	/* One line a file that was run, and the error. In Chinese. */
	void (*report)(void *data, const char *text);
	void *data;
};

enum db_migrate_result {
	DB_MIGRATE_OK,          /* all files have been run, now or before */
	DB_MIGRATE_UNREACHABLE, /* no connection */
	DB_MIGRATE_BAD_FILE,    /* no `-- migrate:up`, or changed after it was run */
	DB_MIGRATE_FAILED, /* SQL error: file, line and message were reported; nothing of it stays
			    */
};

enum db_migrate_result db_migrate(const struct db_migrate_options *options, size_t *ret_n_run);

/*
 * Prepares every statement on a connection of its own and asks for its types, so that processes
 * forked afterwards need not (pool.h). Statements that the server refuses are marked as broken. 0,
 * -ENOTCONN, -ENOMEM.
 */
int db_describe(const char *conninfo, const char *search_path, struct db_stmts *stmts);

/*
 * The same, and compares each with its descriptors (db_stmt_check). Each fault is reported in one
 * line. Returns their number, or a negative errno as above.
 */
int db_check(const char *conninfo, const char *search_path, struct db_stmts *stmts,
	     void (*report)(void *data, const char *text), void *data);

/* Runs a query and hands over the only column of each row. Their number, -ENOTCONN, or -EINVAL when
 * the query itself is wrong (then its error is handed over). */
int db_lines(const char *conninfo, const char *search_path, const char *sql,
	     void (*line)(void *data, const char *text), void *data);

#endif
