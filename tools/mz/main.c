/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mz: the command line that talks to the services.
 *
 * Options of every command: --as ACCOUNT, --at TIME, --purpose TEXT, --address HOST:PORT.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/* Commands of many requests outlast a restart of what they talk to. */
enum { PATIENCE_S = 300 };

static const struct command {
	const char *name;
	int (*run)(struct session *session, const struct arguments *arguments);
	const char *usage, *what;
	int patience_s;
} commands[] = {
    {"call", command_call, "call [服务:]方法 [JSON|@文件|-]",
     "调用任一方法；流式方法逐行收发 JSON；--list 文字 列出方法"},
    {"token", command_token, "token 账号", "取得样本账号的令牌"},
    {"load", command_load, "load 种类 文件… [--dry-run] [--good-rows]",
     "导入文件；种类见 load --list", PATIENCE_S},
    {"replay", command_replay, "replay 文件…", "按业务时间重放逐日业务", PATIENCE_S},
    {"pay", command_pay,
     "pay 项目 月份 --maker 账号 --checker 账号 --approver 账号 --booked-on 日期",
     "一个月的发放：制单、核算、核对、审批、送银行、回盘、结清", PATIENCE_S},
    {"report", command_report, "report 年份 [--section N] [--json] [--rows 指标]", "年度总结"},
    {"print", command_print, "print notice|letter 申请编号 | print change 变更编号",
     "公示、不予确认告知书或变更告知书，A4 版式的 HTML，用浏览器打印"},
    {"verify", command_verify, "verify [服务]", "核对各服务的审计记录与封条"},
    {"accounts", command_accounts, "accounts bootstrap | accounts load 文件",
     "首批管理员；成批建立账号", PATIENCE_S},
    {"keys", command_keys, "keys create 文件 | keys rotate 文件 用途 | keys list 文件", "密钥文件"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static int
usage(FILE *out)
{
	fputs("用法：mz 命令 [参数] [--as 账号] [--at 业务时间] [--purpose 用途] [--address "
	      "主机:端口]\n\n",
	      out);
	for (int i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %s\n      %s\n", commands[i].usage, commands[i].what);
	return out == stdout ? 0 : 2;
}

bool
arguments_take_flag(struct arguments *arguments, const char *name)
{
	for (int i = 0; i < arguments->count; i++) {
		if (strcmp(arguments->values[i], name) != 0)
			continue;
		memmove(&arguments->values[i], &arguments->values[i + 1],
			(size_t)(arguments->count - i - 1) * sizeof *arguments->values);
		arguments->count--;
		return true;
	}
	return false;
}

const char *
arguments_take(struct arguments *arguments, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < arguments->count; i++) {
		char *value = arguments->values[i];
		int used = 1;

		if (strncmp(value, name, length) != 0 ||
		    (value[length] != '\0' && value[length] != '='))
			continue;
		if (value[length] == '=') {
			value += length + 1;
		} else {
			if (i + 1 == arguments->count)
				errx(2, "%s 后面要有值", name);
			value = arguments->values[i + 1];
			used = 2;
		}
		memmove(&arguments->values[i], &arguments->values[i + used],
			(size_t)(arguments->count - i - used) * sizeof *arguments->values);
		arguments->count -= used;
		return value;
	}
	return NULL;
}

void
arguments_end(const struct arguments *arguments, int least, int most, const char *how)
{
	for (int i = 0; i < arguments->count; i++)
		if (strncmp(arguments->values[i], "--", 2) == 0)
			errx(2, "不认识选项 %s；用法：%s", arguments->values[i], how);
	if (arguments->count < least || arguments->count > most)
		errx(2, "用法：%s", how);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = {argc - 2, argv + 2};
	struct session_options options = {.account = "reader@500114"};
	const char *account;

	if (argc < 2)
		return usage(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return usage(stdout);
	account = arguments_take(&arguments, "--as");
	if (account)
		options.account = account;
	options.at = arguments_take(&arguments, "--at");
	options.purpose = arguments_take(&arguments, "--purpose");
	options.address = arguments_take(&arguments, "--address");
	for (int i = 0; i < N_COMMANDS; i++) {
		struct session *session;
		int status;

		if (strcmp(commands[i].name, argv[1]) != 0)
			continue;
		options.patience_s = commands[i].patience_s;
		session = session_open(&options);
		status = commands[i].run(session, &arguments);
		session_close(session);
		return status;
	}
	fprintf(stderr, "没有“%s”这个命令\n", argv[1]);
	return usage(stderr);
}
