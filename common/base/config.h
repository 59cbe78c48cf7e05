/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: one table for the command line, the environment, the ini file and --help.
 *
 * A module describes its options once, as fields of a struct of its own:
 *
 *	static const struct config_option pool_options[] = {
 *		CONFIG_OPTION(struct pool_config, sessions, INT, "db-sessions", "16", 1, 200,
 *			"每个工作进程的数据库连接数", "database sessions a worker"),
 *		CONFIG_END,
 *	};
 *
 * The value of `db-sessions` is the first one found of: the flag `--db-sessions 16`, the variable
 * MINZHENG_DB_SESSIONS, the content of the file named by MINZHENG_DB_SESSIONS_FILE, the key
 * `sessions` in section [db] of the ini file named by `--config` or MINZHENG_CONFIG, the default.
 * A secret has no flag, because command lines are visible to everybody on the host. Whatever the
 * source, a wrong value stops the start with a sentence that says where it stood; so does a flag or
 * ini key that no table knows.
 */
#ifndef MZ_BASE_CONFIG_H
#define MZ_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum config_type {
	CONFIG_STRING,   /* const char *; min and max are its length in bytes when max is not 0 */
	CONFIG_SECRET,   /* const char *; never shown, no flag */
	CONFIG_INT,      /* int64_t */
	CONFIG_SIZE,     /* int64_t bytes: 4096, 64KiB, 4MiB, 1GiB */
	CONFIG_DURATION, /* int64_t milliseconds: 250ms, 30s, 5m, 2h, 1d; a unit is needed but for 0
			  */
	CONFIG_BOOL,     /* bool: true false yes no 1 0; a flag without value is true */
	CONFIG_PORT,     /* int64_t 0 … 65535; 0: the kernel chooses */
};

struct config_option {
	enum config_type type;
	const char *name;    /* `db-sessions`; NULL ends the table */
	const char *initial; /* the default as text; NULL: none, strings stay NULL and numbers 0 */
	int64_t min, max;    /* both 0: no range; of a duration in milliseconds */
	size_t offset;       /* of the field */
	const char *zh, *en; /* help */
};

#define CONFIG_OPTION(struct_type, field, kind, name, initial, min, max, zh, en)              \
	{                                                                                     \
		CONFIG_##kind, (name), (initial), (min), (max), offsetof(struct_type, field), \
		    (zh), (en)                                                                \
	}
#define CONFIG_END           \
	{                    \
		.name = NULL \
	}

/* A table and the struct that its offsets are of. */
struct config_group {
	const struct config_option *options;
	void *target;
	const char *zh, *en; /* heading in --help */
};

enum config_result {
	CONFIG_OK,
	CONFIG_HELP,  /* --help was asked for: the message is the text */
	CONFIG_WRONG, /* the message says what is wrong and where, one line each */
};

/*
 * Fills the targets of all groups from argv, the environment and the ini file. Words that are no
 * flags stay in argv[1 … *argc - 1], in order; a word behind `--` is never a flag. Strings live on
 * arena. message gets the help or the mistakes, in the language of the environment (Chinese unless
 * it says English). Without memory: CONFIG_WRONG with what could be said.
 */
enum config_result config_load(const struct config_group *groups, size_t n_groups, int *argc,
			       char **argv, struct arena *arena, struct buf *message);

/* Appends a table of all options: flags, what they mean, ranges, defaults, variables. */
void config_help(const struct config_group *groups, size_t n_groups, bool chinese,
		 struct buf *message);

/* Reads one value of a type other than string into *ret_value: "64KiB", "30s", "yes". False when
 * it is none. */
bool config_parse(enum config_type type, const char *text, int64_t *ret_value);

/* True unless LC_ALL, LC_MESSAGES or LANG (the first that is set) begins with "en". */
bool config_speaks_chinese(void);

#endif
