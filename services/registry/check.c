/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "base/utf8.h"
#include "domain/name.h"

void
check_note(struct check_faults *faults, const char *field, const char *reason)
{
	if (reason && faults->n < CHECK_MAX_FAULTS)
		faults->list[faults->n++] = (struct rule_fault){field, reason};
}

/* Sex and birth date that are given must be those of the document; those not given are its. */
static void
fill_from_document(struct svc_call *c, Person *person, const struct rule_identity *identity,
		   struct check_faults *faults)
{
	struct date born;

	if (!identity->tells_holder)
		return;
	if (person->sex == PERSON__SEX__UNKNOWN)
		person->sex = identity->sex;
	else if (person->sex != identity->sex)
		check_note(faults, "sex", "性别与证件号码不符，请核对号码第 17 位");
	if (!svc_date_get(person->born_on, &born))
		person->born_on = svc_date(c, identity->born_on);
	else if (date_compare(born, identity->born_on) != 0)
		check_note(faults, "born_on", "出生日期与证件号码不符，请核对");
}

void
check_person(struct svc_call *c, Person *person, bool is_import, struct check_faults *faults)
{
	struct rule_identity identity;
	struct rule_fault fault =
	    rule_identity(person->id_type, person->id_number, c->today, is_import, &identity);
	enum name_result name = name_check(person->name, strlen(person->name));
	struct date born;

	check_note(faults, fault.field, fault.reason);
	if (name != NAME_OK)
		check_note(faults, "name", name_explain(name));
	else
		check_note(faults, "name", check_text(person->name, RULE_NAME_MAX));
	if (svc_date_get(person->born_on, &born) && date_compare(born, c->today) > 0)
		check_note(faults, "born_on", "出生日期晚于今天，请核对");
	if (fault.field)
		return;
	person->id_number = svc_copy_text(c, identity.number);
	fill_from_document(c, person, &identity, faults);
}

const char *
check_text(const char *text, size_t max_characters)
{
	size_t length = strlen(text);

	if (*text && strchr("=+-@", *text))
		return "以 = + - @ 开头，像是表格公式，请改正";
	if (utf8_count(text, length) > max_characters)
		return "太长，请缩短";
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return "有换行或控制字符，请删去";
	return NULL;
}

const char *
check_phone(const char *phone)
{
	size_t length = strlen(phone);
	bool is_number = strspn(phone, "0123456789-") == length && phone[0] != '-';

	if (length == 0 || (is_number && length >= 7 && length <= 13))
		return NULL;
	return "应为 11 位手机号，或区号加号码，如 023-79222222";
}
