/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_state.h"

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define MAY_CREATE   "relief.application.create"
#define MAY_ACCEPT   "relief.application.accept"
#define MAY_SURVEYS  "relief.application.survey"
#define MAY_OPINES   "relief.application.opinion"
#define MAY_POSTS    "relief.application.publicise"
#define MAY_DECIDE   "relief.application.decide"
#define MAY_OBJECTS  "relief.application.object"
#define MAY_ARCHIVE  "relief.application.archive"
#define MAY_CHECK    "relief.check.start"
#define FROM(state) APPLICATION__STATE__##state
#define TO(state)   APPLICATION__STATE__##state
static const struct application_step steps[] = {
    {FROM(DRAFT),            APPLICATION_UPDATE,             MAY_CREATE,   TO(DRAFT)},
    {FROM(DRAFT),            APPLICATION_SUBMIT,             MAY_CREATE,   TO(SUBMITTED)},
    {FROM(DRAFT),            APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(SUBMITTED),        APPLICATION_ASK_SUPPLEMENT,     MAY_ACCEPT,   TO(SUPPLEMENT)},
    {FROM(SUBMITTED),        APPLICATION_ACCEPT,             MAY_ACCEPT,   TO(ACCEPTED)},
    {FROM(SUBMITTED),        APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(SUPPLEMENT),       APPLICATION_UPDATE,             MAY_CREATE,   TO(SUPPLEMENT)},
    {FROM(SUPPLEMENT),       APPLICATION_SUBMIT,             MAY_CREATE,   TO(SUBMITTED)},
    {FROM(SUPPLEMENT),       APPLICATION_ACCEPT,             MAY_ACCEPT,   TO(ACCEPTED)},
    {FROM(SUPPLEMENT),       APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(ACCEPTED),         APPLICATION_START_CHECK,        MAY_CHECK,    TO(CHECKING)},
    {FROM(ACCEPTED),         APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(CHECKING),         APPLICATION_RECORD_SURVEY,      MAY_SURVEYS,  TO(SURVEY)},
    {FROM(CHECKING),         APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(SURVEY),           APPLICATION_RECORD_REVIEW,      MAY_SURVEYS,  TO(DEMOCRATIC_REVIEW)},
    {FROM(SURVEY),           APPLICATION_GIVE_OPINION,       MAY_OPINES,   TO(FIRST_OPINION)},
    {FROM(SURVEY),           APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(DEMOCRATIC_REVIEW),APPLICATION_GIVE_OPINION,       MAY_OPINES,   TO(FIRST_OPINION)},
    {FROM(FIRST_OPINION),    APPLICATION_PUBLICISE,          MAY_POSTS,    TO(PUBLICISED)},
    {FROM(FIRST_OPINION),    APPLICATION_REFUSE,             MAY_DECIDE,   TO(REFUSED)},
    {FROM(FIRST_OPINION),    APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(PUBLICISED),       APPLICATION_OBJECT,             MAY_OBJECTS,  TO(OBJECTION)},
    {FROM(PUBLICISED),       APPLICATION_REVIEW_COUNTY,      MAY_DECIDE,   TO(COUNTY_REVIEW)},
    {FROM(PUBLICISED),       APPLICATION_CONFIRM,            MAY_DECIDE,   TO(CONFIRMED)},
    {FROM(PUBLICISED),       APPLICATION_REFUSE,             MAY_DECIDE,   TO(REFUSED)},
    {FROM(PUBLICISED),       APPLICATION_WITHDRAW,           MAY_CREATE,   TO(WITHDRAWN)},
    {FROM(OBJECTION),        APPLICATION_UPHOLD_OBJECTION,   MAY_OBJECTS,  TO(RECHECK)},
    {FROM(OBJECTION),        APPLICATION_DISMISS_OBJECTION,  MAY_OBJECTS,  TO(PUBLICISED)},
    {FROM(RECHECK),          APPLICATION_PUBLICISE,          MAY_POSTS,    TO(PUBLICISED)},
    {FROM(RECHECK),          APPLICATION_REFUSE,             MAY_DECIDE,   TO(REFUSED)},
    {FROM(COUNTY_REVIEW),    APPLICATION_CONFIRM,            MAY_DECIDE,   TO(CONFIRMED)},
    {FROM(COUNTY_REVIEW),    APPLICATION_REFUSE,             MAY_DECIDE,   TO(REFUSED)},
    {FROM(CONFIRMED),        APPLICATION_ARCHIVE,            MAY_ARCHIVE,  TO(ARCHIVED)},
    {FROM(REFUSED),          APPLICATION_ARCHIVE,            MAY_ARCHIVE,  TO(ARCHIVED)},
    {FROM(WITHDRAWN),        APPLICATION_ARCHIVE,            MAY_ARCHIVE,  TO(ARCHIVED)},
};
#undef FROM
#undef TO

#define FROM(state) AWARD__STATE__##state
#define TO(state)   AWARD__STATE__##state
static const struct award_step award_table[] = {
    {FROM(PAYING),       AWARD_PROPOSE,      "relief.award.propose", TO(ADJUSTING)},
    {FROM(GRADUAL_EXIT), AWARD_PROPOSE,      "relief.award.propose", TO(ADJUSTING)},
    {FROM(PAYING),       AWARD_ADJUST,       "relief.award.decide",  TO(PAYING)},
    {FROM(PAYING),       AWARD_LEAVE_SLOWLY, "relief.award.decide",  TO(GRADUAL_EXIT)},
    {FROM(PAYING),       AWARD_STOP,         "relief.award.decide",  TO(STOPPED)},
    {FROM(GRADUAL_EXIT), AWARD_ADJUST,       "relief.award.decide",  TO(PAYING)},
    {FROM(GRADUAL_EXIT), AWARD_LEAVE_SLOWLY, "relief.award.decide",  TO(GRADUAL_EXIT)},
    {FROM(GRADUAL_EXIT), AWARD_STOP,         "relief.award.decide",  TO(STOPPED)},
    {FROM(ADJUSTING),    AWARD_HEAR,         "relief.award.hear",    TO(HEARING)},
    {FROM(ADJUSTING),    AWARD_DISMISS,      "relief.award.decide",  TO(PAYING)},
    {FROM(ADJUSTING),    AWARD_ADJUST,       "relief.award.decide",  TO(PAYING)},
    {FROM(ADJUSTING),    AWARD_LEAVE_SLOWLY, "relief.award.decide",  TO(GRADUAL_EXIT)},
    {FROM(ADJUSTING),    AWARD_STOP,         "relief.award.decide",  TO(STOPPED)},
    {FROM(HEARING),      AWARD_DISMISS,      "relief.award.decide",  TO(PAYING)},
    {FROM(HEARING),      AWARD_ADJUST,       "relief.award.decide",  TO(PAYING)},
    {FROM(HEARING),      AWARD_LEAVE_SLOWLY, "relief.award.decide",  TO(GRADUAL_EXIT)},
    {FROM(HEARING),      AWARD_STOP,         "relief.award.decide",  TO(STOPPED)},
    {FROM(STOPPED),      AWARD_ARCHIVE,      "relief.award.archive", TO(ARCHIVED)},
};
#undef FROM
#undef TO
/* clang-format on */

const struct application_step *
application_step(Application__State state, enum application_action action)
{
	for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
		if (steps[i].state == state && steps[i].action == action)
			return &steps[i];
	}
	return NULL;
}

const struct award_step *
award_step(Award__State state, enum award_action action)
{
	for (size_t i = 0; i < N_ELEMENTS(award_table); i++) {
		if (award_table[i].state == state && award_table[i].action == action)
			return &award_table[i];
	}
	return NULL;
}

const struct application_step *
application_steps(size_t *ret_n)
{
	*ret_n = N_ELEMENTS(steps);
	return steps;
}

const char *
application_state_name(Application__State state)
{
	static const char *const names[] = {
	    [APPLICATION__STATE__STATE_UNSPECIFIED] = "未登记",
	    [APPLICATION__STATE__DRAFT] = "草稿",
	    [APPLICATION__STATE__SUBMITTED] = "已提交",
	    [APPLICATION__STATE__SUPPLEMENT] = "待补正",
	    [APPLICATION__STATE__ACCEPTED] = "已受理",
	    [APPLICATION__STATE__CHECKING] = "核对中",
	    [APPLICATION__STATE__SURVEY] = "已入户调查",
	    [APPLICATION__STATE__DEMOCRATIC_REVIEW] = "已民主评议",
	    [APPLICATION__STATE__FIRST_OPINION] = "已初审",
	    [APPLICATION__STATE__PUBLICISED] = "公示中",
	    [APPLICATION__STATE__OBJECTION] = "有异议",
	    [APPLICATION__STATE__RECHECK] = "复核中",
	    [APPLICATION__STATE__COUNTY_REVIEW] = "区县审查中",
	    [APPLICATION__STATE__CONFIRMED] = "已确认",
	    [APPLICATION__STATE__REFUSED] = "不予确认",
	    [APPLICATION__STATE__WITHDRAWN] = "已撤回",
	    [APPLICATION__STATE__ARCHIVED] = "已归档",
	};
	size_t i = (size_t)state;

	return i < N_ELEMENTS(names) ? names[i] : names[0];
}

const char *
award_state_name(Award__State state)
{
	static const char *const names[] = {
	    [AWARD__STATE__STATE_UNSPECIFIED] = "未登记", [AWARD__STATE__PAYING] = "发放中",
	    [AWARD__STATE__ADJUSTING] = "调整中",         [AWARD__STATE__HEARING] = "听取意见中",
	    [AWARD__STATE__GRADUAL_EXIT] = "渐退期",      [AWARD__STATE__STOPPED] = "已停发",
	    [AWARD__STATE__ARCHIVED] = "已归档",
	};
	size_t i = (size_t)state;

	return i < N_ELEMENTS(names) ? names[i] : names[0];
}
