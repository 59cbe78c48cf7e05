/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outbox: events leave in the commit that made them (design §7).
 *
 * An event is a message of the service's contract that a decision has put into its effects. It is
 * stored as google.protobuf.Any with its type, its subject (the person or resource whose order is
 * kept) and a number of the outbox's own sequence.
 */
#ifndef MZ_SVC_OUTBOX_H
#define MZ_SVC_OUTBOX_H

#include "svc/task.h"

/* Gathers the events of the task's effects, on its arena, in the order of queries.sql. False
 * without memory. */
bool outbox_collect(struct task *task, SvcEvents *ret_events);

#endif
