/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: one table for the command line, the environment, the ini file and --help.
 *
 * A program describes its options once, as fields of a struct of its own:
 *
 *	static const struct config_option table[] = {
 *		CONFIG_OPTION(struct options, config, STRING, "config", NULL, 0, 0,
 *			"配置文件（ini）", "configuration file (ini)"),
 *		CONFIG_OPTION(struct options, db_leased, INT, "db-leased", "8", 1, 256,
 *			"每个工作进程的数据库连接数", "database sessions a worker"),
 *		CONFIG_END,
 *	};
 *
 * The value of `db-leased` is the first one found of: the flag `--db-leased 16`, the variable
 * MINZHENG_DB_LEASED, the first line of the file named by MINZHENG_DB_LEASED_FILE, which is for
 * secrets, the key `leased` in section [db] of the ini file named by the option `config`, the
 * default. Whatever the source, a wrong value stops the start with a sentence that says where it
 * stood; so does a flag or ini key that the table does not know.
 */
#ifndef MZ_SVC_CONFIG_H
#define MZ_SVC_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum config_type {
	CONFIG_STRING,   /* const char *; min and max are its length in bytes when max is not 0 */
	CONFIG_INT,      /* int64_t */
	CONFIG_DURATION, /* int64_t milliseconds: 250ms, 30s, 5m, 2h, 1d; only 0 needs no unit */
	CONFIG_BOOL,     /* bool: true false yes no 1 0; a flag without value is true */
};

struct config_option {
	enum config_type type;
	const char *name;    /* `db-leased`; NULL ends the table */
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

enum config_result {
	CONFIG_OK,
	CONFIG_HELP,  /* --help was asked for: the message is the text */
	CONFIG_WRONG, /* the message says what is wrong and where, one line each */
};

/*
 * Fills target, whose fields the options are, from argv, the environment and the ini file. Words
 * that are no flags stay in argv[1 … *argc - 1], in order; a word behind `--` is never a flag.
 * Strings live on arena. message gets the help or the mistakes, in Chinese unless the environment
 * (LC_ALL, LC_MESSAGES, LANG: the first that is set) says English. Without memory: CONFIG_WRONG
 * with what could be said.
 */
enum config_result config_load(const struct config_option *options, void *target, int *argc,
			       char **argv, struct arena *arena, struct buf *message);

#endif
