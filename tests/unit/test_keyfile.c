/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/sign.h"
#include "unit.h"

static char folder[32], path[64], other[64];
static const struct date today = {20000};

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/mz-keys-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/keys", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	/* Fails when a half-written file was left behind. */
	return rmdir(folder);
}

static void
write_text(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
}

static void
test_create_and_read(void **state)
{
	struct keyfile *keys = NULL, *again = NULL;
	struct sign_key *pair;
	struct stat st;
	size_t count;

	(void)state;
	assert_int_equal(keyfile_read(path, &keys), KEYFILE_MISSING);
	assert_int_equal(keyfile_create(path, today), KEYFILE_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keyfile_read(path, &keys), KEYFILE_OK);
	keyfile_all(keys, &count);
	assert_int_equal(count, KEY_PURPOSES);
	for (int i = 0; i < KEY_PURPOSES; i++) {
		const struct key *key = keyfile_newest(keys, (enum key_purpose)i);

		assert_non_null(key);
		assert_int_equal(key->id, 1);
		assert_int_equal(key->made_on.days, today.days);
		assert_ptr_equal(keyfile_find(keys, (enum key_purpose)i, 1), key);
		assert_null(keyfile_find(keys, (enum key_purpose)i, 2));
		if (i != KEY_AUDIT_SIGN)
			assert_int_equal(key->length, 32);
	}
	pair = sign_key_from_private(keyfile_newest(keys, KEY_AUDIT_SIGN)->bytes,
				     keyfile_newest(keys, KEY_AUDIT_SIGN)->length);
	assert_non_null(pair);
	sign_key_free(pair);

	/* It is never replaced. */
	assert_int_equal(keyfile_create(path, today), KEYFILE_EXISTS);
	assert_int_equal(keyfile_read(path, &again), KEYFILE_OK);
	assert_memory_equal(keyfile_newest(again, KEY_SEAL)->bytes,
			    keyfile_newest(keys, KEY_SEAL)->bytes, 32);
	keyfile_free(keys);
	keyfile_free(again);
}

static void
test_rotate_keeps_the_old_key(void **state)
{
	struct keyfile *before = NULL, *after = NULL;

	(void)state;
	assert_int_equal(keyfile_rotate(path, KEY_SEAL, today), KEYFILE_MISSING);
	assert_int_equal(keyfile_create(path, today), KEYFILE_OK);
	assert_int_equal(keyfile_read(path, &before), KEYFILE_OK);
	assert_int_equal(keyfile_rotate(path, KEY_SEAL, date_add_days(today, 1)), KEYFILE_OK);
	assert_int_equal(keyfile_read(path, &after), KEYFILE_OK);
	assert_int_equal(keyfile_newest(after, KEY_SEAL)->id, 2);
	assert_int_equal(keyfile_newest(after, KEY_SEAL)->made_on.days, today.days + 1);
	assert_memory_equal(keyfile_find(after, KEY_SEAL, 1)->bytes,
			    keyfile_find(before, KEY_SEAL, 1)->bytes, 32);
	assert_memory_not_equal(keyfile_find(after, KEY_SEAL, 2)->bytes,
				keyfile_find(before, KEY_SEAL, 1)->bytes, 32);
	assert_int_equal(keyfile_newest(after, KEY_BLIND_INDEX)->id, 1);
	keyfile_free(before);
	keyfile_free(after);
}

static void
test_rotation_is_bounded(void **state)
{
	struct keyfile *keys = NULL;
	size_t count;

	(void)state;
	assert_int_equal(keyfile_create(path, today), KEYFILE_OK);
	for (int i = KEY_PURPOSES; i < KEYFILE_KEYS_MAX; i++)
		assert_int_equal(keyfile_rotate(path, KEY_SYSTEM_TOKEN, today), KEYFILE_OK);
	assert_int_equal(keyfile_rotate(path, KEY_SYSTEM_TOKEN, today), KEYFILE_FULL);
	assert_int_equal(keyfile_read(path, &keys), KEYFILE_OK);
	keyfile_all(keys, &count);
	assert_int_equal(count, KEYFILE_KEYS_MAX);
	keyfile_free(keys);
}

static void
test_open_files_are_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0660, 0610, 0644, 0777};
	struct keyfile *keys = NULL;

	(void)state;
	assert_int_equal(keyfile_create(path, today), KEYFILE_OK);
	for (size_t i = 0; i < UNIT_COUNT(modes); i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(keyfile_read(path, &keys), KEYFILE_TOO_OPEN);
		assert_int_equal(keyfile_rotate(path, KEY_SEAL, today), KEYFILE_TOO_OPEN);
	}
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(keyfile_read(path, &keys), KEYFILE_OK);
	keyfile_free(keys);
	keys = NULL;
	/* Not through a link, nor anything that is no file. */
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(keyfile_read(other, &keys), KEYFILE_TOO_OPEN);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(keyfile_read(other, &keys), KEYFILE_TOO_OPEN);
	assert_int_equal(keyfile_read(folder, &keys), KEYFILE_TOO_OPEN);
	assert_null(keys);
}

#define KEY32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void
test_malformed(void **state)
{
	static const char *const bad[] = {"",
					  "minzheng-keys 1",
					  "minzheng-keys 2\n",
					  "minzheng-keys 1\nseal 1 2026-11-24 " KEY32,
					  "minzheng-keys 1\nseal 1 2026-11-24 00\n",
					  "minzheng-keys 1\nseal 1 2026-11-24 " KEY32 "00\n",
					  "minzheng-keys 1\nseal 1 2026-11-24 " KEY32
					  "\nseal 1 2026-11-24 " KEY32 "\n",
					  "minzheng-keys 1\nseal 0 2026-11-24 " KEY32 "\n",
					  "minzheng-keys 1\nseal 1x 2026-11-24 " KEY32 "\n",
					  "minzheng-keys 1\nseal 4294967296 2026-11-24 " KEY32 "\n",
					  "minzheng-keys 1\nseal 1 2026-02-30 " KEY32 "\n",
					  "minzheng-keys 1\nseel 1 2026-11-24 " KEY32 "\n",
					  "minzheng-keys 1\nseal 1 2026-11-24 " KEY32 " \n",
					  "minzheng-keys 1\nseal 1 2026-11-24\n",
					  "minzheng-keys 1\n\n",
					  "minzheng-keys 1\nseal 1 2026-11-24 zz\n"};
	struct keyfile *keys = NULL;

	(void)state;
	for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
		write_text(bad[i], strlen(bad[i]));
		if (keyfile_read(path, &keys) != KEYFILE_MALFORMED)
			fail_msg("case %zu was taken", i);
	}
	write_text("minzheng-keys 1\n\0", 17);
	assert_int_equal(keyfile_read(path, &keys), KEYFILE_MALFORMED);
	write_text("minzheng-keys 1\nseal 7 2026-11-24 " KEY32 "\n",
		   strlen("minzheng-keys 1\nseal 7 2026-11-24 " KEY32 "\n"));
	assert_int_equal(keyfile_read(path, &keys), KEYFILE_OK);
	assert_int_equal(keyfile_newest(keys, KEY_SEAL)->id, 7);
	assert_int_equal(keyfile_newest(keys, KEY_SEAL)->bytes[31], 0x1f);
	assert_null(keyfile_newest(keys, KEY_BLIND_INDEX));
	keyfile_free(keys);
}

static bool
read_it(void *context)
{
	struct keyfile *keys = NULL;
	bool ok = keyfile_read(path, &keys) == KEYFILE_OK;

	(void)context;
	keyfile_free(keys);
	return ok;
}

static void
test_no_memory(void **state)
{
	(void)state;
	assert_int_equal(keyfile_create(path, today), KEYFILE_OK);
	assert_int_equal(alloc_fail_each(read_it, NULL), 0);
	assert_true(strlen(keyfile_explain(KEYFILE_MISSING)) > 0);
	assert_string_equal(keyfile_explain(KEYFILE_OK), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_create_and_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rotate_keeps_the_old_key, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rotation_is_bounded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_open_files_are_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_malformed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
