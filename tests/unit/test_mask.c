/* SPDX-License-Identifier: Apache-2.0 */
/* CMP-07. */
#include "domain/mask.h"

#include <string.h>

#include "unit.h"

static const struct {
	enum mask_class class;
	const char *text, *reply, *notice;
} cases[] = {
    {MASK_NONE, "低保", "低保", "低保"},
    {MASK_NONE, "", "", ""},
    {MASK_ID_NUMBER, "50019919241015004X", "**************004X", ""},
    {MASK_ID_NUMBER, "E1234567", "****4567", ""},
    {MASK_ID_NUMBER, "E123456", "*******", ""},
    {MASK_ID_NUMBER, "", "", ""},
    {MASK_PHONE, "13812341234", "138****1234", ""},
    {MASK_PHONE, "023-79223344", "023*****3344", ""},
    {MASK_PHONE, "79223344", "********", ""},
    {MASK_ACCOUNT, "6222021001112223334", "***************3334", ""},
    {MASK_NAME, "张三丰", "张三丰", "张**"},
    {MASK_NAME, "阿依古丽·买买提", "阿依古丽·买买提", "阿***·***"},
    {MASK_NAME, "\xf0\xa0\xae\xb7野", "\xf0\xa0\xae\xb7野", "\xf0\xa0\xae\xb7*"},
    {MASK_ADDRESS, "黔江区石家镇关口村3组12号", "黔江区石家镇关口村***", "黔江区石家镇关口村"},
    {MASK_ADDRESS, "黔江区城东街道南海城社区9号楼", "黔江区城东街道南海城社区***",
     "黔江区城东街道南海城社区"},
    {MASK_ADDRESS, "黔江区金洞乡村坪村1组", "黔江区金洞乡村坪村***", "黔江区金洞乡村坪村"},
    {MASK_ADDRESS, "黔江区石家镇关口村", "黔江区石家镇关口村", "黔江区石家镇关口村"},
    {MASK_ADDRESS, "黔江区石家镇老街12号", "黔江区石家镇***", "黔江区石家镇"},
    {MASK_ADDRESS, "文汇路12号", "***", ""},
    {MASK_HEALTH, "尿毒症", "***", ""},
    {(enum mask_class)99, "anything", "***", ""},
};

static void
test_every_class_for_both_audiences(void **state)
{
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		const char *text = cases[i].text;

		assert_string_equal(
		    mask_text(arena, cases[i].class, MASK_FOR_REPLY, text, strlen(text)),
		    cases[i].reply);
		assert_string_equal(
		    mask_text(arena, cases[i].class, MASK_FOR_NOTICE, text, strlen(text)),
		    cases[i].notice);
	}
	arena_free(arena);
}

static void
test_no_memory(void **state)
{
	struct arena *arena = arena_new(16);

	(void)state;
	assert_null(mask_text(arena, MASK_NAME, MASK_FOR_REPLY, "张三丰", 9));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_class_for_both_audiences),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
