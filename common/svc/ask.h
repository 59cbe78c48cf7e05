/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ask: a read that needs to know what other services say (queries.h, `ask`).
 *
 * Every method of the plan's asks is called at every peer at once, with the caller's own token,
 * purpose and business clock: what the caller may not see there, it does not see here. The call's
 * deadline is theirs. One failure ends the task.
 */
#ifndef MZ_SVC_ASK_H
#define MZ_SVC_ASK_H

#include "svc/task.h"

struct peers;
struct ask_run;

/* The channels to options->peers, which are made when they are first needed. NULL without memory,
 * or after a line on the log when the option is malformed. */
struct peers *peers_new(struct worker *worker);
void peers_free(struct peers *peers);

/* Asks; `done` runs once from the event loop when all have answered well. Otherwise the task has
 * failed. */
void ask_start(struct task *task, void (*done)(struct task *task));
/* Puts the answers into facts. False: the task has failed. */
bool ask_fill(struct task *task, ProtobufCMessage *facts);
/* Asks for no more. */
void ask_cancel(struct ask_run *run);

#endif
