/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Small letters, capitals, digits, anything else (a Chinese character too). */
static int
count_kinds(const char *password)
{
	bool lower = false, upper = false, digit = false, other = false;

	for (; *password; password++) {
		unsigned char c = (unsigned char)*password;

		if (islower(c))
			lower = true;
		else if (isupper(c))
			upper = true;
		else if (isdigit(c))
			digit = true;
		else
			other = true;
	}
	return lower + upper + digit + other;
}

static size_t
count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

/* The part of a login name before @. */
static bool
contains_name(const char *password, const char *login)
{
	size_t length = strcspn(login, "@");

	for (; length > 0 && *password; password++)
		if (strncmp(password, login, length) == 0)
			return true;
	return false;
}

const char *
rule_password_fault(const char *password, const char *login)
{
	size_t n = count_characters(password);

	if (contains_name(password, login))
		return "密码不能包含登录名";
	if (n < RULE_PASSWORD_MIN)
		return "密码至少 10 个字符";
	if (n < RULE_PASSWORD_LONG && count_kinds(password) < 3)
		return "密码应有大写字母、小写字母、数字、其他符号中的三种，或不少于 20 个字符";
	return NULL;
}

int64_t
rule_extended_until(int64_t now_us, int64_t absolute_us)
{
	int64_t until = now_us + RULE_IDLE_US;

	return until < absolute_us ? until : absolute_us;
}

bool
rule_role_fits(Role *const *roles, size_t n_roles, const char *role, Account__Duty duty)
{
	for (size_t i = 0; i < n_roles; i++)
		if (strcmp(roles[i]->code, role) == 0)
			return roles[i]->duty == duty;
	return false;
}

bool
rule_division_exists(const int64_t *ids, size_t n_ids, int64_t id)
{
	for (size_t i = 0; i < n_ids; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static int
compare_role(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
compare_division(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void
rule_sort(Account *account)
{
	if (account->n_roles > 1)
		qsort(account->roles, account->n_roles, sizeof(*account->roles), compare_role);
	if (account->n_divisions > 1)
		qsort(account->divisions, account->n_divisions, sizeof(*account->divisions),
		      compare_division);
}

bool
rule_same_roles(const Account *a, const Account *b)
{
	if (a->n_roles != b->n_roles)
		return false;
	for (size_t i = 0; i < a->n_roles; i++)
		if (strcmp(a->roles[i], b->roles[i]) != 0)
			return false;
	return true;
}

bool
rule_same_divisions(const Account *a, const Account *b)
{
	return a->n_divisions == b->n_divisions &&
	       (a->n_divisions == 0 ||
		memcmp(a->divisions, b->divisions, a->n_divisions * sizeof(*a->divisions)) == 0);
}

bool
rule_may_stand_in(const Account *absent, const Account *deputy)
{
	return absent->duty == deputy->duty &&
	       (rule_same_roles(absent, deputy) || rule_same_divisions(absent, deputy));
}
