/* SPDX-License-Identifier: Apache-2.0 */
#include "family.h"

#include <err.h>
#include <stdio.h>

#include "base/buf.h"

static const char *const relations[HOUSEHOLD_MAX] = {"SELF",  "SPOUSE", "CHILD",
						     "CHILD", "PARENT", "PARENT"};
static const char *const indicators[] = {"EATING", "DRESSING", "GETTING_UP",
					 "TOILET", "WALKING",  "BATHING"};

char *
date_json(struct date date, char text[static DATE_JSON_SIZE])
{
	struct civil civil = date_civil(date);

	snprintf(text, DATE_JSON_SIZE, "{\"year\":%d,\"month\":%d,\"day\":%d}", civil.year,
		 civil.month, civil.day);
	return text;
}

static void
put_member(struct buf *buf, const struct people *people, const struct household *household,
	   int place, enum family_kind kind)
{
	const struct person *person = people_person(people, household->members[place]);
	char born[DATE_JSON_SIZE];

	buf_printf(buf, "%s{\"personId\":\"%s\",\"name\":\"%s\",\"relation\":\"%s\",\"bornOn\":%s",
		   place ? "," : "", person->id, person->name, relations[place],
		   date_json(person->born, born));
	if (place < 2 && household->n_members > 1)
		buf_puts(buf, ",\"married\":true");
	if (place == 2 || place == 3)
		buf_puts(buf, ",\"schoolChild\":true,\"atSchool\":true");
	if (place > 3)
		buf_puts(buf, ",\"sharesSupportDuty\":true");
	if (place < 2 && kind == FAMILY_ORDINARY)
		buf_puts(buf, ",\"ableToWork\":true");
	if (kind != FAMILY_ORDINARY)
		buf_puts(buf, ",\"noAbleSupporter\":true");
	buf_puts(buf, "}");
}

static void
put_self_care(struct buf *buf, enum family_kind kind)
{
	static const int failed[] = {
	    [FAMILY_TEKUN_SELF] = 0, [FAMILY_TEKUN_HALF] = 2, [FAMILY_TEKUN_FULL] = 5};

	buf_puts(buf, ",\"selfCare\":[");
	for (int i = 0; i < 6; i++)
		buf_printf(buf, "%s{\"indicator\":\"%s\",\"failed\":%s}", i ? "," : "",
			   indicators[i], i < failed[kind] ? "true" : "false");
	buf_puts(buf, "]");
}

char *
family_json(const struct people *people, const struct household *household, int per_capita_fen,
	    enum family_kind kind, int centralised)
{
	struct buf buf;

	buf_init(&buf, NULL, 1 << 20);
	buf_printf(&buf, "{\"area\":\"%s\",\"consentsToReuse\":true,\"members\":[",
		   people->villages[household->village].urban ? "URBAN" : "RURAL");
	for (int i = 0; i < household->n_members; i++)
		put_member(&buf, people, household, i, kind);
	buf_puts(&buf, "]");
	if (kind != FAMILY_ORDINARY) {
		put_self_care(&buf, kind);
		buf_printf(&buf, ",\"careMode\":\"%s\"", centralised ? "CENTRALISED" : "DISPERSED");
	} else if (per_capita_fen > 0) {
		buf_printf(&buf,
			   ",\"incomes\":[{\"personId\":\"%s\",\"kind\":\"WAGE\",\"amountFen\":\"%"
			   "lld\",\"months\":1,"
			   "\"source\":\"declared\"}]",
			   people_person(people, household->members[0])->id,
			   (long long)per_capita_fen * household->n_members);
	}
	buf_puts(&buf, "}");
	if (buf.failed)
		errx(1, "没有内存");
	return buf.data;
}
