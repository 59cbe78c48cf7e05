/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States of an application and of an award (RLF-05), as two tables.
 *
 * A row says: in this state this action is allowed to whoever holds this permission, and leads to
 * that state. There is no other place where a state changes. README.md draws them.
 */
#ifndef RELIEF_RULES_STATE_H
#define RELIEF_RULES_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "minzheng/relief/v1/application.pb-c.h"
#include "minzheng/relief/v1/award.pb-c.h"

enum application_action {
	APPLICATION_SUBMIT,
	APPLICATION_UPDATE,
	APPLICATION_ASK_SUPPLEMENT,
	APPLICATION_ACCEPT,
	APPLICATION_START_CHECK,
	APPLICATION_RECORD_SURVEY,
	APPLICATION_RECORD_REVIEW,
	APPLICATION_GIVE_OPINION,
	APPLICATION_PUBLICISE,
	APPLICATION_OBJECT,
	APPLICATION_UPHOLD_OBJECTION,
	APPLICATION_DISMISS_OBJECTION,
	APPLICATION_REVIEW_COUNTY,
	APPLICATION_CONFIRM,
	APPLICATION_REFUSE,
	APPLICATION_WITHDRAW,
	APPLICATION_ARCHIVE,
};

enum award_action {
	AWARD_PROPOSE,      /* a change is on the table */
	AWARD_HEAR,         /* the recipient is heard first (C-7) */
	AWARD_DISMISS,      /* the change is dropped */
	AWARD_ADJUST,       /* the change counts, the award goes on */
	AWARD_LEAVE_SLOWLY, /* 渐退 (RLF-15) */
	AWARD_STOP,
	AWARD_ARCHIVE,
};

struct application_step {
	Application__State state;
	enum application_action action;
	const char *permission;
	Application__State next;
};

struct award_step {
	Award__State state;
	enum award_action action;
	const char *permission;
	Award__State next;
};

/* The row for an action in a state; NULL when the action is not allowed there. */
const struct application_step *application_step(Application__State state,
						enum application_action action);
const struct award_step *award_step(Award__State state, enum award_action action);

/* All rows; for the tests and the picture. */
const struct application_step *application_steps(size_t *ret_n);
/* The state in Chinese: 已公示; static. */
const char *application_state_name(Application__State state);
const char *award_state_name(Award__State state);

#endif
