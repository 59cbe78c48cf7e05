/* SPDX-License-Identifier: Apache-2.0 */
/* Commands: each is one file, takes its own arguments and returns the exit status. */
#ifndef MZ_TOOL_COMMANDS_H
#define MZ_TOOL_COMMANDS_H

#include "session.h"

/* The arguments behind a command's name, options of the session taken out. */
struct arguments {
	int count;
	char **values;
};

int command_call(struct session *session, const struct arguments *arguments);
int command_token(struct session *session, const struct arguments *arguments);
int command_load(struct session *session, const struct arguments *arguments);
int command_replay(struct session *session, const struct arguments *arguments);
int command_pay(struct session *session, const struct arguments *arguments);
int command_report(struct session *session, const struct arguments *arguments);
int command_print(struct session *session, const struct arguments *arguments);
int command_verify(struct session *session, const struct arguments *arguments);
int command_accounts(struct session *session, const struct arguments *arguments);
int command_keys(struct session *session, const struct arguments *arguments);

/* Takes a flag `--name` out of the arguments; true when it was there. */
bool arguments_take_flag(struct arguments *arguments, const char *name);
/* Takes `--name VALUE` or `--name=VALUE` out; NULL when it was not there. Ends the program when the
 * value is missing. */
const char *arguments_take(struct arguments *arguments, const char *name);
/* Ends the program when an option is left, or there are not from least to most arguments. */
void arguments_end(const struct arguments *arguments, int least, int most, const char *usage);

#endif
