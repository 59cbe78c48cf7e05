/* SPDX-License-Identifier: Apache-2.0 */
#include "base/list.h"

#include "unit.h"

struct session {
	int number;
	struct list link;
};

static int
as_number(const struct list *list)
{
	int number = 0;

	LIST_FOREACH (member, list)
		number = number * 10 + LIST_ENTRY(member, struct session, link)->number;
	return number;
}

static void
test_state_is_the_list(void **state)
{
	struct list idle = LIST_INIT(idle), busy = LIST_INIT(busy);
	struct session s[3];

	(void)state;
	assert_true(list_is_empty(&idle));
	assert_null(LIST_FIRST(&idle, struct session, link));
	for (int i = 0; i < 3; i++) {
		s[i].number = i + 1;
		list_init(&s[i].link);
		list_append(&idle, &s[i].link);
	}
	assert_int_equal(as_number(&idle), 123);
	assert_ptr_equal(LIST_FIRST(&idle, struct session, link), &s[0]);
	list_move(&busy, &s[1].link);
	assert_int_equal(as_number(&idle), 13);
	assert_int_equal(as_number(&busy), 2);
	list_remove(&s[2].link);
	list_remove(&s[2].link);
	assert_int_equal(as_number(&idle), 1);
	list_append(idle.next, &s[2].link);
	assert_int_equal(as_number(&idle), 31);
	list_append(&s[0].link, (list_remove(&s[1].link), &s[1].link));
	assert_int_equal(as_number(&idle), 321);
	LIST_FOREACH (member, &idle)
		list_remove(member);
	assert_true(list_is_empty(&idle));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_state_is_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
