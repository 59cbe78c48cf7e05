/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applications of 2024, step by step as the clerks take them: submit, accept, check, survey,
 * opinion, notice, decision (RLF-05, RLF-06). Dates are worked backwards from the day of the
 * decision; steps fall on working days.
 */
#include <err.h>
#include <stdlib.h>

#include "accounts.h"
#include "domain/workday.h"
#include "world.h"

enum how_it_ends { ENDS_CONFIRMED, ENDS_REFUSED, ENDS_WITHDRAWN };

struct filing {
	const struct case_file *file;
	enum how_it_ends ends;
	const char *kind; /* BASIC or TEMPORARY */
	int need_yuan;    /* temporary aid */
	struct date decided_on;
};

struct filer {
	struct world *world;
	struct calls *calls;
	struct workday_calendar calendar;
	int filed;
	struct date last_day; /* of the application's step before */
	int last_second;
	struct check_count *checks;
};

/* Days from submission to each step; the notice runs seven days. */
enum {
	DAY_ACCEPT = 1,
	DAY_CHECK = 2,
	DAY_RESULTS = 4,
	DAY_SURVEY = 6,
	DAY_OPINION = 8,
	DAY_NOTICE = 9,
	NOTICE_DAYS = 7,
	LEAST_DAYS = 20,
};

static struct date
working(const struct filer *filer, struct date submitted_on, int days)
{
	struct date day;

	if (workday_at_or_after(&filer->calendar, date_add_days(submitted_on, days), &day) !=
	    WORKDAY_OK)
		errx(1, "日历里没有这一天");
	return day;
}

/* The latest day of submission with which the notice has run out before the decision, whatever
 * holidays lie between. */
static struct date
submission_day(const struct filer *filer, struct date decided_on)
{
	struct date submitted_on, notice_on, notice_ends_on;
	int days = LEAST_DAYS;

	do {
		submitted_on = working(filer, date_add_days(decided_on, -days++), 0);
		notice_on = working(filer, submitted_on, DAY_NOTICE);
		notice_ends_on = working(filer, notice_on, NOTICE_DAYS);
	} while (date_compare(notice_ends_on, decided_on) >= 0);
	return submitted_on;
}

static const char *
channel_of(const struct filer *filer, int number)
{
	/* The last ones of the year's list did not come in online. */
	int total = filer->world->recipe.offline;

	if (number >= total)
		return "ONLINE";
	return number % 3 ? "WINDOW" : "DISCOVERY";
}

/* A time of the working day, later than the step before when that was on the same day. */
static int
second_of_day(struct filer *filer, struct date day)
{
	int second = random_between(&filer->world->random, 9 * 3600, 14 * 3600);

	if (day.days == filer->last_day.days && second <= filer->last_second)
		second = filer->last_second + 600;
	filer->last_day = day;
	filer->last_second = second;
	return second;
}

static void
add_step(struct filer *filer, struct date day, const char *account, const char *method,
	 const char *id, int version, const char *more)
{
	char request_id[UUID_TEXT_SIZE], full[96];

	random_uuid(&filer->world->random, request_id);
	snprintf(full, sizeof full, RELIEF "ApplicationService/%s", method);
	calls_add(filer->calls, day, second_of_day(filer, day), account, full, id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"version\":%d%s}", request_id, id, version,
		  more);
}

static void
add_creation(struct filer *filer, const struct filing *filing, struct date day, const char *id)
{
	struct world *world = filer->world;
	const struct household *household =
	    people_household(&world->people, filing->file->household);
	const struct person *head = case_head(world, filing->file);
	char request_id[UUID_TEXT_SIZE], aid[160] = "";
	char *family = family_json(&world->people, household, filing->file->per_capita_fen,
				   filing->file->kind, filing->file->centralised);

	random_uuid(&world->random, request_id);
	if (filing->need_yuan)
		snprintf(aid, sizeof aid,
			 ",\"aidType\":\"%s\",\"cause\":\"%s\",\"needFen\":\"%d00\"",
			 filer->filed % 2 ? "URGENT" : "SPENDING",
			 filer->filed % 2 ? "突发疾病" : "医疗支出过大", filing->need_yuan);
	calls_add(filer->calls, day, second_of_day(filer, day), CLERK,
		  RELIEF "ApplicationService/CreateApplication", id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"submit\":true,\"application\":{\"kind\":"
		  "\"%s\",\"division\":\"%lld\","
		  "\"householdId\":\"%s\",\"applicantPersonId\":\"%s\",\"channel\":\"%s\","
		  "\"checkConsent\":\"SQ2024%06d\","
		  "\"accountId\":\"%s\"%s,\"file\":%s}}",
		  request_id, id, filing->kind,
		  (long long)world->people.villages[household->village].id, household->id, head->id,
		  channel_of(filer, filer->filed), filer->filed, head->account_id, aid, family);
	free(family);
}

/* Every person of the household against the tax list; the check is done with the last of them. */
static void
add_check(struct filer *filer, const struct filing *filing, struct date submitted_on,
	  const char *id, int *version)
{
	struct world *world = filer->world;
	const struct household *household =
	    people_household(&world->people, filing->file->household);
	char check_id[UUID_TEXT_SIZE], request_id[UUID_TEXT_SIZE], more[300], results[2400];
	size_t used = 0;
	struct date day;

	random_uuid(&world->random, check_id);
	random_uuid(&world->random, request_id);
	snprintf(more, sizeof more,
		 ",\"checkId\":\"%s\",\"sources\":[\"税务\"],\"legalBasis\":"
		 "\"社会救助暂行办法第五十八条\"",
		 check_id);
	add_step(filer, working(filer, submitted_on, DAY_CHECK), WORKER, "StartCheck", id,
		 (*version)++, more);
	for (int i = 0; i < household->n_members; i++)
		used += (size_t)snprintf(results + used, sizeof results - used,
					 "%s{\"checkId\":\"%s\",\"personId\":\"%s\",\"source\":"
					 "\"税务\",\"outcome\":\"CONSISTENT\"}",
					 i ? "," : "", check_id,
					 people_person(&world->people, household->members[i])->id);
	day = working(filer, submitted_on, DAY_RESULTS);
	calls_add(filer->calls, day, second_of_day(filer, day), WORKER,
		  RELIEF "CheckService/RecordCheckResults", id,
		  "{\"requestId\":\"%s\",\"results\":[%s]}", request_id, results);
	filer->checks->households++;
	filer->checks->persons += household->n_members;
}

static void
file_application(struct filer *filer, const struct filing *filing)
{
	struct world *world = filer->world;
	struct date submitted_on = submission_day(filer, filing->decided_on), surveyed_on;
	char id[UUID_TEXT_SIZE], more[400], day[DATE_JSON_SIZE];
	int version = 1;

	random_uuid(&world->random, id);
	add_creation(filer, filing, submitted_on, id);
	filer->filed++;
	if (filing->ends == ENDS_WITHDRAWN) {
		add_step(filer, working(filer, submitted_on, DAY_ACCEPT), CLERK,
			 "WithdrawApplication", id, version, ",\"text\":\"家庭撤回申请\"");
		return;
	}
	add_step(filer, working(filer, submitted_on, DAY_ACCEPT), CLERK, "AcceptApplication", id,
		 version++, "");
	add_check(filer, filing, submitted_on, id, &version);
	surveyed_on = working(filer, submitted_on, DAY_SURVEY);
	snprintf(
	    more, sizeof more,
	    ",\"surveyedOn\":%s,\"investigators\":[\"冉建国\",\"田秀英\"],\"signedByFamily\":true,"
	    "\"signedByInvestigators\":true,\"findings\":\"与申报一致\"",
	    date_json(surveyed_on, day));
	add_step(filer, surveyed_on, WORKER, "RecordSurvey", id, version++, more);
	add_step(filer, working(filer, submitted_on, DAY_OPINION), WORKER, "GiveFirstOpinion", id,
		 version++,
		 filing->ends == ENDS_CONFIRMED
		     ? ",\"favourable\":true,\"text\":\"建议给予救助\""
		     : ",\"favourable\":false,\"text\":\"收入超过标准\"");
	if (filing->ends == ENDS_REFUSED) {
		add_step(filer, working(filer, submitted_on, DAY_NOTICE), APPROVER,
			 "RefuseApplication", id, version, "");
		return;
	}
	add_step(filer, working(filer, submitted_on, DAY_NOTICE), WORKER, "PubliciseApplication",
		 id, version++, "");
	add_step(filer, filing->decided_on, APPROVER, "ConfirmApplication", id, version, "");
}

/* A working day of the month on which the decision can still be paid in the year. */
static struct date
decision_day(struct filer *filer, int month)
{
	/* January's and February's applications are of this year too. */
	int last = month == 12 ? 6 : 28, first = month == 1 ? 28 : month == 2 ? 8 : 2;
	struct date day;

	date_from_civil(2024, month, random_between(&filer->world->random, first, last), &day);
	return working(filer, day, 0);
}

static void
file_cases(struct filer *filer, const struct case_list *list, int count)
{
	for (int i = 0; i < count; i++) {
		struct filing filing = {.file = &list->all[i], .kind = "BASIC"};

		if (!list->all[i].first_month)
			continue;
		filing.decided_on = decision_day(filer, list->all[i].first_month);
		file_application(filer, &filing);
	}
}

static void
file_refused(struct filer *filer)
{
	const struct case_list *list = &filer->world->refused;

	for (int i = 0; i < list->count; i++) {
		struct filing filing = {.file = &list->all[i], .kind = "BASIC"};

		filing.ends = i < filer->world->recipe.refused ? ENDS_REFUSED : ENDS_WITHDRAWN;
		filing.decided_on = decision_day(filer, list->all[i].first_month);
		file_application(filer, &filing);
	}
}

/* Temporary aid goes to refused and edge families: somebody who draws dibao needs it less often. */
static void
file_aid(struct filer *filer)
{
	struct world *world = filer->world;
	const struct case_list *lists[] = {&world->edge, &world->refused};
	int n = 0;

	for (int class = 0; class < AID_CLASSES; class ++)
		for (int i = 0; i < recipe_scale(aid_classes[class].grants, world->percent);
		     i++, n++) {
			const struct case_list *list = lists[n % 2];
			struct filing filing = {.file = &list->all[n / 2 % list->count],
						.kind = "TEMPORARY"};

			filing.need_yuan = aid_classes[class].yuan;
			filing.decided_on = decision_day(filer, 1 + n % 12);
			file_application(filer, &filing);
		}
}

/* Stops that count from this month on are proposed after the raise of 24 September, which made each
 * award's second version. */
enum { AFTER_RAISE = 11 };

/* A stop is proposed and approved in the month before it counts. */
static void
stop_cases(struct filer *filer)
{
	struct world *world = filer->world;

	for (int i = 0; i < world->dibao.count; i++) {
		const struct case_file *file = &world->dibao.all[i];
		char id[UUID_TEXT_SIZE], first[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE];
		struct date day;

		if (!file->stop_month)
			continue;
		date_from_civil(2024, file->stop_month - 1, 11 + i % 12, &day);
		day = working(filer, day, 0);
		random_uuid(&world->random, id);
		random_uuid(&world->random, first);
		random_uuid(&world->random, second);
		calls_add(filer->calls, day, 10 * 3600, WORKER,
			  RELIEF "AwardService/ProposeAwardChange", file->award_id,
			  "{\"requestId\":\"%s\",\"id\":\"%s\",\"awardId\":\"%s\",\"awardVersion\":"
			  "%d,\"kind\":\"STOP\","
			  "\"cause\":\"OWN_REQUEST\",\"fromMonth\":\"2024-%02d\",\"text\":"
			  "\"家庭主动申请退出\"}",
			  first, id, file->award_id, file->stop_month >= AFTER_RAISE ? 2 : 1,
			  file->stop_month);
		calls_add(filer->calls, day, 15 * 3600, APPROVER,
			  RELIEF "AwardService/ApproveAwardChange", file->award_id,
			  "{\"requestId\":\"%s\",\"id\":\"%s\",\"version\":1,\"text\":\"同意\"}",
			  second, id);
	}
}

void
add_applications(struct world *world, struct calls *calls, struct check_count *checks)
{
	struct filer filer = {.world = world, .calls = calls, .checks = checks};

	workday_calendar_init_known(&filer.calendar);
	file_cases(&filer, &world->dibao, world->dibao_at_year_end);
	file_cases(&filer, &world->tekun, world->tekun.count);
	file_cases(&filer, &world->edge, world->edge.count);
	file_aid(&filer);
	file_refused(&filer);
	stop_cases(&filer);
}
