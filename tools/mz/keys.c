/* SPDX-License-Identifier: Apache-2.0 */
/* mz keys, mz token: secrets. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "commands.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"

static const struct {
	const char *name;
	enum key_purpose purpose;
} purposes[] = {{"seal", KEY_SEAL}, {"audit", KEY_AUDIT_SIGN}, {"system", KEY_SYSTEM_TOKEN}};

static enum keyfile_result
rotate(const char *path, const char *name, struct date today)
{
	for (size_t i = 0; i < sizeof purposes / sizeof *purposes; i++)
		if (strcmp(purposes[i].name, name) == 0)
			return keyfile_rotate(path, purposes[i].purpose, today);
	fprintf(stderr, "用途是 seal、audit 或 system；盲索引的密钥只能离线重建\n");
	return KEYFILE_MALFORMED;
}

/* Purpose, number and fingerprint of every key: enough to know a key again, and nothing of it. */
static enum keyfile_result
list(const char *path)
{
	struct keyfile *file = NULL;
	enum keyfile_result result = keyfile_read(path, &file);
	size_t count = 0;
	const struct key *keys = result == KEYFILE_OK ? keyfile_all(file, &count) : NULL;

	for (size_t i = 0; i < count; i++) {
		uint8_t digest[DIGEST_SIZE];
		char text[DIGEST_HEX_SIZE];

		if (digest_sm3(keys[i].bytes, keys[i].length, digest) < 0)
			errx(1, "SM3 不可用");
		printf("%s %u %.16s\n", keyfile_purpose_name(keys[i].purpose), keys[i].id,
		       digest_hex(digest, text));
	}
	keyfile_free(file);
	return result;
}

int
command_keys(struct session *session, const struct arguments *arguments)
{
	static const char how[] =
	    "mz keys create 文件 | mz keys rotate 文件 用途 | mz keys list 文件";
	bool creates;
	struct date today = date_of_instant((int64_t)time(NULL) * 1000000);
	enum keyfile_result result;

	(void)session;
	arguments_end(arguments, 2, 3, how);
	creates = strcmp(arguments->values[0], "create") == 0;
	if (creates)
		result = keyfile_create(arguments->values[1], today);
	else if (strcmp(arguments->values[0], "rotate") == 0 && arguments->count == 3)
		result = rotate(arguments->values[1], arguments->values[2], today);
	else if (strcmp(arguments->values[0], "list") == 0)
		result = list(arguments->values[1]);
	else
		return fprintf(stderr, "用法：%s\n", how), 2;
	if (result == KEYFILE_OK && creates)
		printf("密钥文件 %s 已写好。请另存一份：丢失它就再也读不出加密的数据\n",
		       arguments->values[1]);
	else if (result != KEYFILE_OK)
		fprintf(stderr, "%s：%s\n", arguments->values[1], keyfile_explain(result));
	return result == KEYFILE_OK ? 0 : 1;
}

int
command_token(struct session *session, const struct arguments *arguments)
{
	arguments_end(arguments, 1, 1, "mz token 账号");
	puts(session_token(session, arguments->values[0]));
	return 0;
}
