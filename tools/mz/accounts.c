/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mz accounts: the first administrators of a district, and accounts from a file.
 *
 * `bootstrap` is for whoever holds the key file: it makes the three administrators (system,
 * security, audit; CMP-05) and prints their first passwords once. `load` proposes accounts as one
 * of them and approves them as another: two people, as the database demands; here the operator who
 * sets the sample up plays both.
 */
#include <err.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "crypto/random.h"
#include "table.h"

#define SYSTEM_ADMIN   "sysadmin@500114"
#define SECURITY_ADMIN "secadmin@500114"
#define AUDITOR        "auditor@500114"
#define ACCOUNTS       "minzheng.identity.v1.AccountService/"

enum { PASSWORD_BYTES = 12, PASSWORD_SIZE = 2 * PASSWORD_BYTES + 4 };

/* Letters, digits and a sign: what the password rule asks for. */
static void
make_password(char password[static PASSWORD_SIZE])
{
	uint8_t bytes[PASSWORD_BYTES];

	random_bytes(bytes, sizeof bytes);
	snprintf(password, PASSWORD_SIZE, "Mz-");
	for (size_t i = 0; i < PASSWORD_BYTES; i++)
		snprintf(password + 3 + 2 * i, 3, "%02x", bytes[i]);
}

static json_t *
administrator(const char *login, const char *name, const char *sample_password)
{
	char password[PASSWORD_SIZE];

	make_password(password);
	return json_pack("{s:s,s:s,s:s,s:b}", "login", login, "name", name, "password",
			 sample_password ? sample_password : password, "keepPassword",
			 sample_password != NULL);
}

static void
print_passwords(json_t *request)
{
	const char *kind;
	json_t *one;

	json_object_foreach (request, kind, one) {
		printf("%-18s %s\n", json_string_value(json_object_get(one, "login")),
		       json_string_value(json_object_get(one, "password")));
	}
}

static int
bootstrap(struct session *session, const char *sample_password)
{
	json_t *request = json_pack(
	    "{s:o,s:o,s:o}", "system", administrator(SYSTEM_ADMIN, "系统管理员", sample_password),
	    "security", administrator(SECURITY_ADMIN, "安全管理员", sample_password), "audit",
	    administrator(AUDITOR, "审计管理员", sample_password));
	char *text = json_dumps(request, JSON_COMPACT);
	enum rpc_code code;

	if (!text)
		err(1, "没有内存");
	code =
	    session_run(session, "service:operator", NULL, ACCOUNTS "Bootstrap", text, NULL, false);
	if (code == RPC_OK && !sample_password)
		print_passwords(request);
	json_decref(request);
	free(text);
	return (int)code;
}

struct accounts {
	json_t *rows;
	const char *password, *path;
	bool failed;
};

/* Words of a cell as a list. */
static json_t *
words(char *cell)
{
	json_t *list = json_array();
	char *word;

	while ((word = strsep(&cell, " ")))
		if (*word)
			json_array_append_new(list, json_string(word));
	return list;
}

/* One account a line: login, kind, name, department, roles, divisions, separated by tabs; `#`
 * begins a comment. */
static bool
on_row(void *data, const struct table_row *row)
{
	struct accounts *accounts = data;
	char *line = strdup(row->cells[0]), *rest = line, *cells[6];
	int n = 0;

	if (!line)
		err(1, "没有内存");
	line[strcspn(line, "\n")] = '\0';
	while (n < 6 && (cells[n] = strsep(&rest, "\t")))
		n++;
	if (line[0] == '#' || !line[0]) {
		free(line);
		return true;
	}
	if (n < 6 || rest)
		errx(1, "%s 第 %lld 行：应有 6 列，用制表符分隔", accounts->path,
		     (long long)row->line);
	json_array_append_new(accounts->rows,
			      json_pack("{s:{s:s,s:s,s:s,s:s,s:s,s:o,s:o},s:s,s:b}", "account",
					"login", cells[0], "kind", cells[1], "duty", "BUSINESS",
					"name", cells[2], "department", cells[3], "roles",
					words(cells[4]), "divisions", words(cells[5]), "password",
					accounts->password, "keepPassword", true));
	free(line);
	return true;
}

static bool
on_fault(void *data, int64_t line, const char *column, const char *reason)
{
	struct accounts *accounts = data;

	(void)column;
	fprintf(stderr, "%s 第 %lld 行：%s\n", accounts->path, (long long)line, reason);
	accounts->failed = true;
	return false;
}

static int
load(struct session *session, const char *path)
{
	static const struct table_handler handler = {.row = on_row, .fault = on_fault};
	struct accounts accounts = {json_array(), session_password(session), path, false};
	json_t *request, *answer;
	char *text, *reply;
	enum rpc_code code;

	if (!table_read(path, &handler, &accounts) || accounts.failed)
		return 1;
	request = json_pack("{s:s,s:o}", "requestId", "5a3f0c52-0000-4000-8000-000000000001",
			    "rows", accounts.rows);
	text = json_dumps(request, JSON_COMPACT);
	code = session_run(session, SYSTEM_ADMIN, NULL, ACCOUNTS "ProposeAccounts", text, &reply,
			   false);
	json_decref(request);
	free(text);
	if (code != RPC_OK)
		return (int)code;
	answer = json_loads(reply, 0, NULL);
	free(reply);
	if (json_array_size(json_object_get(answer, "accountIds"))) {
		request =
		    json_pack("{s:s,s:O}", "requestId", "5a3f0c52-0000-4000-8000-000000000002",
			      "ids", json_object_get(answer, "accountIds"));
		text = json_dumps(request, JSON_COMPACT);
		code = session_run(session, SECURITY_ADMIN, NULL, ACCOUNTS "ApproveAccounts", text,
				   NULL, false);
		json_decref(request);
		free(text);
	}
	json_decref(answer);
	return (int)code;
}

int
command_accounts(struct session *session, const struct arguments *arguments)
{
	static const char how[] = "mz accounts bootstrap [--sample] | mz accounts load 文件";
	struct arguments mine = *arguments;
	bool sample = arguments_take_flag(&mine, "--sample");

	arguments_end(&mine, 1, 2, how);
	if (strcmp(mine.values[0], "bootstrap") == 0)
		return bootstrap(session, sample ? session_password(session) : NULL);
	if (strcmp(mine.values[0], "load") == 0 && mine.count == 2)
		return load(session, mine.values[1]);
	fprintf(stderr, "用法：%s\n", how);
	return 2;
}
