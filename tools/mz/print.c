/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mz print: a document of an application as one HTML page that any browser prints on A4.
 *
 * The layout is that of GB/T 9704: title in 小标宋 of 22 pt, text in 仿宋 of 16 pt with 28 pt from
 * line to line and two characters' indent, number under the title, issuer and day at the right
 * below the text. The service gives text, issuer, day and number; nothing is worded here.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const struct {
	const char *name, *method, *key;
} documents[] = {
    {"notice", "minzheng.relief.v1.DocumentService/GetPublicNotice", "applicationId"},
    {"letter", "minzheng.relief.v1.DocumentService/GetRefusalLetter", "applicationId"},
    {"change", "minzheng.relief.v1.DocumentService/GetChangeLetter", "changeId"},
};
enum { N_DOCUMENTS = sizeof documents / sizeof *documents, DAY_SIZE = 64, REQUEST_SIZE = 200 };

static const char style[] =
    "@page { size: A4; margin: 37mm 26mm 35mm 28mm; }\n"
    "body { font: 16pt/28pt FangSong, 仿宋, STFangsong, \"Noto Serif CJK SC\", serif; margin: 0; "
    "}\n"
    "h1 { font: 22pt/32pt FZXiaoBiaoSong-B05S, 方正小标宋简体, STSong, \"Noto Serif CJK SC\", "
    "serif;"
    " text-align: center; margin: 0 0 14pt; }\n"
    "p { margin: 0; text-indent: 2em; text-align: justify; word-break: break-all; }\n"
    "p.to { text-indent: 0; }\n"
    "p.head { break-after: avoid; }\n"
    "p.item { text-indent: 0; padding-left: 4em; break-inside: avoid; }\n"
    "p.number { text-align: center; text-indent: 0; margin-bottom: 28pt; }\n"
    "footer { margin-top: 42pt; break-inside: avoid; }\n"
    "footer p { text-align: right; text-indent: 0; padding-right: 2em; }\n"
    "@media screen { body { width: 156mm; padding: 37mm 26mm 35mm 28mm; margin: 0 auto; } }\n";

static void
put_escaped(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		switch (text[i]) {
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '&':
			fputs("&amp;", stdout);
			break;
		default:
			putchar(text[i]);
		}
}

static void
put_element(const char *element, const char *class, const char *text, size_t length)
{
	printf("<%s%s%s%s>", element, class[0] ? " class=\"" : "", class, class[0] ? "\"" : "");
	put_escaped(text, length);
	printf("</%s>\n", element);
}

static bool
ends_with(const char *line, size_t length, const char *end)
{
	size_t n = strlen(end);

	return length >= n && memcmp(line + length - n, end, n) == 0;
}

/* One line of the text: the first is the title, "某某：" the addressee, two blanks begin an item,
 * whose heading stays with it; the day stands at the foot anyway. */
static void
put_line(const char *line, size_t length, const char *day, int *n_lines)
{
	if (length == 0 || (length == strlen(day) && memcmp(line, day, length) == 0))
		return;
	if (*n_lines == 0)
		put_element("h1", "", line, length);
	else if (*n_lines == 1 && ends_with(line, length, "："))
		put_element("p", "to", line, length);
	else if (length > 2 && strncmp(line, "  ", 2) == 0)
		put_element("p", "item", line + 2, length - 2);
	else if (ends_with(line, length, "："))
		put_element("p", "head", line, length);
	else
		put_element("p", "", line, length);
	(*n_lines)++;
}

static const char *
text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void
put_document(const char *title, const json_t *document)
{
	const json_t *on = json_object_get(document, "issuedOn");
	const char *text = text_in(document, "text"), *number = text_in(document, "number"),
		   *issuer = text_in(document, "issuer");
	char day[DAY_SIZE];
	int n_lines = 0;

	snprintf(day, sizeof day, "%lld年%lld月%lld日",
		 (long long)json_integer_value(json_object_get(on, "year")),
		 (long long)json_integer_value(json_object_get(on, "month")),
		 (long long)json_integer_value(json_object_get(on, "day")));
	printf(
	    "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n<title>%s</title>\n"
	    "<style>\n%s</style>\n<body>\n",
	    title, style);
	while (*text) {
		size_t length = strcspn(text, "\n");

		put_line(text, length, day, &n_lines);
		if (n_lines == 1 && number[0]) {
			put_element("p", "number", number, strlen(number));
			number = "";
		}
		text += length + (text[length] == '\n');
	}
	printf("<footer>\n");
	put_element("p", "", issuer, strlen(issuer));
	put_element("p", "", day, strlen(day));
	printf("</footer>\n</body>\n</html>\n");
}

int
command_print(struct session *session, const struct arguments *arguments)
{
	static const char how[] =
	    "mz print notice|letter 申请编号 | mz print change 变更编号 > 文件.html";
	char request[REQUEST_SIZE], *answer;
	json_t *document;
	enum rpc_code code;

	arguments_end(arguments, 2, 2, how);
	for (int i = 0; i < N_DOCUMENTS; i++) {
		if (strcmp(documents[i].name, arguments->values[0]) != 0)
			continue;
		snprintf(request, sizeof request, "{\"%s\":\"%.40s\"}", documents[i].key,
			 arguments->values[1]);
		code =
		    session_run(session, NULL, NULL, documents[i].method, request, &answer, false);
		if (code != RPC_OK)
			return (int)code;
		document = json_loads(answer, 0, NULL);
		free(answer);
		put_document(arguments->values[1], document);
		json_decref(document);
		return 0;
	}
	fprintf(stderr, "用法：%s\n", how);
	return 2;
}
