/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What relief did in 2024 beside applications: rescue, insurance, care agreements, one-off batches,
 * and the raise of the standards in September (E-33).
 */
#include <err.h>
#include <stdlib.h>

#include "accounts.h"
#include "base/buf.h"
#include "world.h"

static struct date
on(int month, int day)
{
	struct date date;

	date_from_civil(2024, month, day, &date);
	return date;
}

/* Collects the items of batch calls; every `size` items become one call. */
struct collector {
	struct world *world;
	struct calls *calls;
	struct date day;
	int second;
	const char *account, *method, *key, *before, *field;
	int size, count;
	struct buf items;
};

static void
collector_flush(struct collector *collector)
{
	char request_id[UUID_TEXT_SIZE];

	if (!collector->count)
		return;
	if (collector->items.failed)
		errx(1, "没有内存");
	random_uuid(&collector->world->random, request_id);
	calls_add(collector->calls, collector->day, collector->second++, collector->account,
		  collector->method, collector->key, "{\"requestId\":\"%s\"%s,\"%s\":[%s]}",
		  request_id, collector->before, collector->field, buf_text(&collector->items));
	buf_clear(&collector->items);
	collector->count = 0;
}

static void collect(struct collector *collector, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
collect(struct collector *collector, const char *format, ...)
{
	va_list args;

	if (!collector->items.limit)
		buf_init(&collector->items, NULL, 1 << 24);
	if (collector->count++)
		buf_putc(&collector->items, ',');
	va_start(args, format);
	buf_vprintf(&collector->items, format, args);
	va_end(args);
	if (collector->count == collector->size)
		collector_flush(collector);
}

static void
collector_end(struct collector *collector)
{
	collector_flush(collector);
	buf_free(&collector->items);
}

static long long
division_of(const struct world *world, const struct person *person)
{
	return (long long)world->people.villages[person->village].id;
}

/* -- rescue (RLF-42) --------------------------------------------------------------------------- */

static void
add_facility(struct world *world, struct calls *calls, const char *id, const char *kind,
	     const char *name)
{
	char request_id[UUID_TEXT_SIZE], day[DATE_JSON_SIZE];

	random_uuid(&world->random, request_id);
	calls_add(calls, on(1, 3), 9 * 3600, CLERK, RELIEF "RescueService/CreateFacility", id,
		  "{\"requestId\":\"%s\",\"facility\":{\"id\":\"%s\",\"kind\":\"%s\",\"name\":\"%"
		  "s\",\"openedOn\":%s}}",
		  request_id, id, kind, name, date_json(on(1, 3), day));
}

/* Half of them in the heat, half in the cold. */
static void
add_guest(struct world *world, struct calls *calls, const char *facility_id, int number)
{
	const struct recipe *recipe = &world->recipe;
	const struct person *guest = people_person(&world->people, world->strangers.all[number]);
	int summer = number % 2, month = summer ? 7 : 11;
	struct date day = on(month, 1 + number / 2 % 26);
	char id[UUID_TEXT_SIZE], request_id[UUID_TEXT_SIZE], text[DATE_JSON_SIZE];
	const char *how = number < recipe->escorted ? "ESCORTED" : number % 3 ? "OWN" : "FETCHED";

	random_uuid(&world->random, id);
	random_uuid(&world->random, request_id);
	calls_add(calls, day, 10 * 3600, STATION, RELIEF "RescueService/AdmitGuest", id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"personId\":\"%s\",\"facilityId\":\"%s\","
		  "\"operation\":\"%s\",\"sex\":\"%s\","
		  "\"receivedByWoman\":true,\"ofOwnWill\":true,\"help\":\"食宿、联系亲属\","
		  "\"admittedOn\":%s}",
		  request_id, id, guest->id, facility_id, summer ? "SUMMER" : "WINTER",
		  guest->female ? "FEMALE" : "MALE", date_json(day, text));
	day = date_add_days(day, 2);
	random_uuid(&world->random, request_id);
	calls_add(calls, day, 10 * 3600, STATION, RELIEF "RescueService/RecordDeparture", id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"version\":1,\"leftOn\":%s,\"departure\":"
		  "\"%s\",\"destination\":\"%s\"}",
		  request_id, id, date_json(day, text), how,
		  number < recipe->escorted ? "原籍" : "");
	if (number >= recipe->follow_ups)
		return;
	day = date_add_days(day, 20);
	random_uuid(&world->random, request_id);
	calls_add(calls, day, 10 * 3600, STATION, RELIEF "RescueService/RecordFollowUp", id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"version\":2,\"visitedOn\":%s,\"findings\":"
		  "\"生活已安顿\"}",
		  request_id, id, date_json(day, text));
}

static void
add_rescue(struct world *world, struct calls *calls)
{
	static const char *const names[] = {"城东临时救助点", "城南临时救助点", "城西临时救助点",
					    "正阳临时救助点", "舟白临时救助点"};
	char points[5][UUID_TEXT_SIZE], alliance[UUID_TEXT_SIZE];

	random_uuid(&world->random, alliance);
	add_facility(world, calls, alliance, "ALLIANCE", "黔江区社会救助服务联合体");
	for (int i = 0; i < 5; i++) {
		random_uuid(&world->random, points[i]);
		add_facility(world, calls, points[i], "RESCUE_POINT", names[i]);
	}
	for (int i = 0; i < world->recipe.rescues; i++)
		add_guest(world, calls, points[i % 5], i);
}

/* -- insurance and care (RLF-43) --------------------------------------------------------------- */

static int
enrol_case(struct collector *enrolment, const struct case_file *file, int left)
{
	const struct world *world = enrolment->world;
	const struct household *household = people_household(&world->people, file->household);

	for (int i = 0; i < household->n_members && left > 0; i++, left--)
		collect(enrolment, "\"%s\"",
			people_person(&world->people, household->members[i])->id);
	return left;
}

static int
eligible_persons(const struct world *world)
{
	int count = world->tekun.count;

	for (int i = 0; i < world->dibao_at_year_end; i++)
		count += case_members(world, &world->dibao.all[i]);
	for (int i = 0; i < world->edge.count; i++)
		count += case_members(world, &world->edge.all[i]);
	return count;
}

static void
add_insurance(struct world *world, struct calls *calls)
{
	char key[UUID_TEXT_SIZE], day[DATE_JSON_SIZE], before[128];
	struct collector enrolment = {
	    world, calls,  on(12, 25),  9 * 3600,    CLERK, RELIEF "InsuranceService/EnrolPersons",
	    key,   before, "personIds", .size = 1000};
	struct collector claims = {
	    world, calls, on(12, 27), 9 * 3600,    CLERK, RELIEF "InsuranceService/RecordClaims",
	    key,   "",    "claims",   .size = 1000};
	int left = eligible_persons(world) - world->recipe.not_insured;

	random_uuid(&world->random, key);
	snprintf(before, sizeof before, ",\"policyYear\":2024,\"snapshotOn\":%s",
		 date_json(on(12, 25), day));
	for (int i = 0; i < world->tekun.count; i++)
		left = enrol_case(&enrolment, &world->tekun.all[i], left);
	for (int i = 0; i < world->dibao_at_year_end; i++)
		left = enrol_case(&enrolment, &world->dibao.all[i], left);
	for (int i = 0; i < world->edge.count; i++)
		left = enrol_case(&enrolment, &world->edge.all[i], left);
	collector_end(&enrolment);
	for (int i = 0; i < world->recipe.claims; i++) {
		char id[UUID_TEXT_SIZE];

		random_uuid(&world->random, id);
		collect(&claims,
			"{\"id\":\"%s\",\"personId\":\"%s\",\"policyYear\":2024,\"paidOn\":%s,"
			"\"amountFen\":\"%d00\"}",
			id, case_head(world, &world->tekun.all[i])->id, date_json(on(12, 26), day),
			i == world->recipe.claims - 1 ? 1056 : 1357);
	}
	collector_end(&claims);
}

static void
add_care(struct world *world, struct calls *calls)
{
	struct collector care = {world,      calls,  on(1, 15),
				 9 * 3600,   WORKER, RELIEF "InsuranceService/SignCareAgreements",
				 "care",     "",     "agreements",
				 .size = 200};
	int signed_so_far = 0;

	for (int i = 0; i < world->tekun.count && signed_so_far < world->recipe.care_agreements;
	     i++) {
		const struct person *person = case_head(world, &world->tekun.all[i]);
		char id[UUID_TEXT_SIZE], day[DATE_JSON_SIZE];

		if (world->tekun.all[i].centralised || world->tekun.all[i].first_month)
			continue;
		random_uuid(&world->random, id);
		collect(&care,
			"{\"id\":\"%s\",\"personId\":\"%s\",\"division\":\"%lld\",\"carer\":"
			"\"村级照料护理员\",\"startsOn\":%s}",
			id, person->id, division_of(world, person), date_json(on(1, 15), day));
		signed_so_far++;
	}
	collector_end(&care);
}

/* -- one-off batches (RLF-47) ------------------------------------------------------------------ */

struct one_off {
	struct collector items;
	char id[UUID_TEXT_SIZE];
	char before[80];
	int grants;
	long amount_fen;
};

static void
one_off_begin(struct one_off *batch, struct world *world, struct calls *calls, struct date day,
	      const char *programme, const char *title)
{
	struct civil civil = date_civil(day);
	char request_id[UUID_TEXT_SIZE];

	random_uuid(&world->random, batch->id);
	random_uuid(&world->random, request_id);
	snprintf(batch->before, sizeof batch->before, ",\"batchId\":\"%s\"", batch->id);
	batch->items =
	    (struct collector){world,         calls,         day,
			       9 * 3600 + 60, WORKER,        RELIEF "GrantBatchService/AddGrants",
			       batch->id,     batch->before, "items",
			       .size = 1000};
	calls_add(calls, day, 9 * 3600, WORKER, RELIEF "GrantBatchService/CreateGrantBatch",
		  batch->id,
		  "{\"requestId\":\"%s\",\"batch\":{\"id\":\"%s\",\"programme\":\"%s\",\"title\":"
		  "\"%s\",\"basis\":\"全国全市统一部署\","
		  "\"month\":\"%04d-%02d\"}}",
		  request_id, batch->id, programme, title, civil.year, civil.month);
}

static void
one_off_add(struct one_off *batch, const struct person *person, const struct person *payee,
	    int yuan, const char *category)
{
	collect(&batch->items,
		"{\"personId\":\"%s\",\"division\":\"%lld\",\"amountFen\":\"%d00\","
		"\"payeePersonId\":\"%s\",\"accountId\":\"%s\","
		"\"category\":\"%s\"}",
		person->id, division_of(batch->items.world, person), yuan, payee->id,
		payee->account_id, category);
	batch->grants++;
	batch->amount_fen += yuan * 100L;
}

static void
one_off_end(struct one_off *batch, int version)
{
	char request_id[UUID_TEXT_SIZE];

	collector_end(&batch->items);
	random_uuid(&batch->items.world->random, request_id);
	calls_add(batch->items.calls, batch->items.day, 16 * 3600, APPROVER,
		  RELIEF "GrantBatchService/ApproveGrantBatch", batch->id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"version\":%d,\"grants\":\"%d\","
		  "\"amountFen\":\"%ld\"}",
		  request_id, batch->id, version, batch->grants, batch->amount_fen);
}

static void
add_dibao_one_offs(struct world *world, struct one_off *batch)
{
	int left = world->recipe.one_off_dibao;

	for (int i = 0; i < world->dibao_at_year_end; i++) {
		const struct case_file *file = &world->dibao.all[i];
		const struct household *household =
		    people_household(&world->people, file->household);

		/* Those who came in later than September were not on the list. */
		if (file->first_month > 9)
			continue;
		for (int j = 0; j < household->n_members && left > 0; j++, left--)
			one_off_add(batch, people_person(&world->people, household->members[j]),
				    case_head(world, file), world->recipe.one_off_dibao_yuan,
				    "低保对象");
	}
}

static void
add_batches(struct world *world, struct calls *calls)
{
	struct one_off october = {0}, other = {0};

	one_off_begin(&october, world, calls, on(10, 11), "ONE_OFF",
		      "2024年国庆前困难群众一次性生活补助");
	for (int i = 0; i < world->tekun.count; i++) {
		const struct person *person = case_head(world, &world->tekun.all[i]);

		one_off_add(&october, person, person, world->recipe.one_off_tekun_yuan, "特困人员");
	}
	for (int i = 0; i < world->children.count; i++) {
		const struct person *person = people_person(&world->people, world->children.all[i]);

		one_off_add(&october, person, person, world->recipe.one_off_children_yuan,
			    "孤儿等");
	}
	add_dibao_one_offs(world, &october);
	one_off_end(&october, 1);
	one_off_begin(&other, world, calls, on(11, 12), "OTHER_RELIEF", "2024年其他救助");
	for (int i = 0; i < world->recipe.other_relief; i++) {
		const struct person *person =
		    case_head(world, &world->edge.all[i % world->edge.count]);

		/* More persons than edge families: then other members, paid to the same account. */
		if (i >= world->edge.count)
			person =
			    people_person(&world->people, world->elders.all[i - world->edge.count]);
		one_off_add(&other, person, person, i == world->recipe.other_relief - 1 ? 480 : 500,
			    "其他困难群众");
	}
	one_off_end(&other, 1);
}

/* -- the raise (E-33) -------------------------------------------------------------------------- */

static void
add_raise(struct world *world, struct calls *calls)
{
	char id[UUID_TEXT_SIZE], request_id[UUID_TEXT_SIZE];

	random_uuid(&world->random, id);
	random_uuid(&world->random, request_id);
	calls_add(calls, on(9, 24), 17 * 3600 + 1800, CLERK,
		  RELIEF "AwardService/CreateRecalculation", id,
		  "{\"requestId\":\"%s\",\"id\":\"%s\",\"fromMonth\":\"2024-09\",\"programmes\":["
		  "\"DIBAO\",\"TEKUN\"],"
		  "\"text\":\"2024年9月24日提标通知\"}",
		  request_id, id);
}

/* -- payment (PAY-02) -------------------------------------------------------------------------- */

/* Recurring benefits on the 10th, the other lines' on the 15th, aid at the end of the month
 * (RLF-11). */
static void
add_payments(struct calls *calls)
{
	static const struct {
		const char *programme;
		int first, last, day; /* months, and the day of each */
	} plans[] = {
	    {"DIBAO", 1, 12, 10},
	    {"TEKUN", 1, 12, 10},
	    {"JINGJIAN", 1, 12, 10},
	    {"CHILD_SUPPORT", 1, 12, 15},
	    {"DISABILITY_LIVING", 1, 12, 15},
	    {"DISABILITY_NURSING", 1, 12, 15},
	    {"DISABLED_ELDER", 1, 12, 15},
	    {"CENTENARIAN", 1, 12, 15},
	    {"EDUCATION_GRANT", 3, 3, 15},
	    {"EDUCATION_GRANT", 9, 9, 15},
	    {"ELDER_ALLOWANCE", 12, 12, 15},
	    {"ONE_OFF", 10, 10, 25},
	    {"OTHER_RELIEF", 11, 11, 25},
	    {"TEMP_AID", 1, 12, 29},
	};

	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
		for (int month = plans[i].first; month <= plans[i].last; month++) {
			/* February and December end earlier for a bank. */
			int day =
			    plans[i].day == 29 && (month == 2 || month == 12) ? 28 : plans[i].day;

			calls_add_pay(calls, on(month, day), 20 * 3600, plans[i].programme, month);
		}
}

void
add_year_of_relief(struct world *world, struct calls *calls)
{
	add_rescue(world, calls);
	add_care(world, calls);
	add_raise(world, calls);
	add_batches(world, calls);
	add_insurance(world, calls);
	add_payments(calls);
}
