/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "domain/citizen_id.h"
#include "domain/name.h"
#include "domain/uscc.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/type/date.pb-c.h"
#include "proto/member.h"

enum {
	DEFAULT_MAX_LENGTH = 1000, /* characters of a text */
	DEFAULT_MAX_BYTES = 1 << 20,
	DEFAULT_MAX_ITEMS = 1000,
	MAX_VIOLATIONS = 50, /* enough to see what is wrong with a file */
	MAX_PATTERNS = 10000,
	MAX_PATH = 256,
	MAX_DEPTH = 16, /* of messages in a request */
};

struct fields {
	struct map patterns; /* FieldRule -> regex_t */
};

/* One check on its way. */
struct checker {
	const struct fields *fields;
	struct arena *arena;
	struct svc_failure *failure;
	struct date today;
	char path[MAX_PATH];
	unsigned depth;
};

/* -- formats: what is wrong with a text, as a sentence; NULL when it is right ------------------ */

static bool
is_digits(const char *text, size_t length)
{
	return strspn(text, "0123456789") == length;
}

static const char *
uuid_wrong(const char *text, size_t length)
{
	struct uuid uuid;

	return uuid_parse(text, length, &uuid)
		   ? NULL
		   : "应为小写的 UUID，如 018f3a1e-7c2b-7d40-9a51-2f6c1b0e8d3a";
}

static const char *
citizen_id_wrong(const char *text, size_t length)
{
	struct citizen_id id;
	enum citizen_id_result result =
	    citizen_id_parse(text, length, date_of_instant(clock_now_us()), &id);

	return result == CITIZEN_ID_OK ? NULL : citizen_id_explain(result);
}

static const char *
uscc_wrong(const char *text, size_t length)
{
	enum uscc_result result = uscc_check(text, length);

	return result == USCC_OK ? NULL : uscc_explain(result);
}

static const char *
phone_wrong(const char *text, size_t length)
{
	size_t area = strcspn(text, "-");

	if (length == 11 && text[0] == '1' && is_digits(text, length))
		return NULL;
	if (text[0] == '0' && area >= 3 && area <= 4 && area + 1 < length &&
	    strspn(text, "0123456789") == area && length - area - 1 >= 7 &&
	    length - area - 1 <= 8 && is_digits(text + area + 1, length - area - 1))
		return NULL;
	return "应为 11 位手机号，或区号加号码，如 023-79222222";
}

static const char *
month_wrong(const char *text, size_t length)
{
	month_number month;

	(void)length;
	return month_parse(text, &month) ? NULL : "应为年月，如 2024-12";
}

static const char *
division_wrong(const char *text, size_t length)
{
	bool right = (length == 6 || length == 9 || length == 12) && is_digits(text, length);

	return right ? NULL : "应为 6 位、9 位或 12 位区划代码";
}

static const char *
name_wrong(const char *text, size_t length)
{
	enum name_result result = name_check(text, length);

	return result == NAME_OK ? NULL : name_explain(result);
}

static const char *
account_wrong(const char *text, size_t length)
{
	return length >= 10 && length <= 30 && is_digits(text, length)
		   ? NULL
		   : "应为 10 至 30 位数字的银行账号";
}

static const char *(*const formats[])(const char *text, size_t length) = {
    [FORMAT__FORMAT_UUID] = uuid_wrong,        [FORMAT__FORMAT_CITIZEN_ID] = citizen_id_wrong,
    [FORMAT__FORMAT_USCC] = uscc_wrong,        [FORMAT__FORMAT_PHONE] = phone_wrong,
    [FORMAT__FORMAT_MONTH] = month_wrong,      [FORMAT__FORMAT_DIVISION_CODE] = division_wrong,
    [FORMAT__FORMAT_PERSON_NAME] = name_wrong, [FORMAT__FORMAT_ACCOUNT] = account_wrong,
};

/* -- patterns -------------------------------------------------------------------------------- */

static int
compile(struct fields *fields, const FieldRule *rule)
{
	regex_t *pattern = calloc(1, sizeof(*pattern));
	BUF_CLEANUP struct buf whole;
	int r = -EINVAL;

	if (!pattern)
		return -ENOMEM;
	buf_init(&whole, NULL, 4096);
	buf_printf(&whole, "^(%s)$", rule->pattern); /* the whole text must match */
	if (buf_text(&whole) && regcomp(pattern, buf_text(&whole), REG_EXTENDED | REG_NOSUB) == 0) {
		r = map_put(&fields->patterns, rule, MAP_ADDRESS, pattern);
		if (r == 0)
			return 0;
		regfree(pattern);
	} else {
		log_error("bad_pattern", LOG_TEXT("pattern", rule->pattern));
	}
	free(pattern);
	return r;
}

int
fields_new(const struct schema *schema, struct fields **ret_fields)
{
	struct fields *fields = calloc(1, sizeof(*fields));
	const struct schema_message *message;
	int r = 0;

	if (!fields)
		return -ENOMEM;
	map_init(&fields->patterns, NULL, MAX_PATTERNS);
	for (size_t i = 0; r == 0 && (message = schema_message_at(schema, i)); i++)
		for (unsigned f = 0; r == 0 && f < message->c->n_fields; f++) {
			const FieldRule *rule = message->fields[f].rule;

			if (rule && rule->pattern && *rule->pattern)
				r = compile(fields, rule);
		}
	if (r < 0)
		fields_free(fields);
	else
		*ret_fields = fields;
	return r;
}

void
fields_free(struct fields *fields)
{
	if (!fields)
		return;
	for (size_t i = 0; i < fields->patterns.n_slots; i++) {
		regex_t *pattern = fields->patterns.slots[i].value;

		if (pattern)
			regfree(pattern);
		free(pattern);
	}
	map_free(&fields->patterns);
	free(fields);
}

/* -- the walk -------------------------------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3))) wrong(struct checker *k, const char *format, ...)
{
	va_list args;
	char *text;

	if (k->failure->fields && k->failure->fields->n_field_violations >= MAX_VIOLATIONS)
		return;
	va_start(args, format);
	text = arena_vprintf(k->arena, format, args);
	va_end(args);
	if (!text || !svc_failure_add_field(k->failure, k->arena, k->path, text))
		k->failure->code = RPC_RESOURCE_EXHAUSTED;
}

static void
check_text(struct checker *k, const FieldRule *rule, const char *text)
{
	size_t length = strlen(text);
	size_t most = rule && rule->max_length ? rule->max_length : DEFAULT_MAX_LENGTH;
	const regex_t *pattern;
	const char *why = NULL;

	if (length > most && utf8_count(text, length) > most) {
		wrong(k, "最多 %zu 个字，现有 %zu 个", most, utf8_count(text, length));
		return;
	}
	if (!rule || length == 0)
		return;
	if (rule->format > 0 && (size_t)rule->format < sizeof(formats) / sizeof(*formats))
		why = formats[rule->format](text, length);
	if (why)
		wrong(k, "%s", why);
	pattern = map_get(&k->fields->patterns, rule, MAP_ADDRESS);
	if (pattern && regexec(pattern, text, 0, NULL, 0) != 0)
		wrong(k, "%s", *rule->pattern_text ? rule->pattern_text : "格式不对");
}

static void
check_number(struct checker *k, const FieldRule *rule, int64_t value)
{
	bool has_min = rule && rule->_min_case == FIELD_RULE___MIN_MIN;
	bool has_max = rule && rule->_max_case == FIELD_RULE___MAX_MAX;

	if (has_min && value < rule->min)
		wrong(k, "不能小于 %" PRId64, rule->min);
	else if (has_max && value > rule->max)
		wrong(k, "不能大于 %" PRId64, rule->max);
}

static void
check_bytes(struct checker *k, const FieldRule *rule, const ProtobufCBinaryData *bytes)
{
	size_t most = rule && rule->max_length ? rule->max_length : DEFAULT_MAX_BYTES;

	if (bytes->len > most)
		wrong(k, "最多 %zu 字节，现有 %zu 字节", most, bytes->len);
}

static void check_message(struct checker *k, const struct schema_message *type,
			  const ProtobufCMessage *message);

/* Messages that the calendar judges. True: it was one. */
static bool
check_calendar(struct checker *k, const FieldRule *rule, const ProtobufCMessage *message)
{
	if (message->descriptor == &date__descriptor) {
		const Date *date = (const Date *)message;
		struct date day;

		if (!date_from_civil(date->year, date->month, date->day, &day))
			wrong(k, "没有 %d 年 %d 月 %d 日这一天", date->year, date->month,
			      date->day);
		else if (rule && rule->past && date_compare(day, k->today) > 0)
			wrong(k, "不能晚于今天");
		return true;
	}
	if (message->descriptor == &google__protobuf__timestamp__descriptor) {
		const Google__Protobuf__Timestamp *at =
		    (const Google__Protobuf__Timestamp *)message;

		if (at->nanos < 0 || at->nanos > 999999999 || at->seconds < -62135596800 ||
		    at->seconds > 253402300799)
			wrong(k, "时间超出公元 1 年至 9999 年");
		return true;
	}
	return false;
}

static void
check_value(struct checker *k, const struct schema_field *field, const void *value)
{
	switch (field->c->type) {
	case PROTOBUF_C_TYPE_STRING:
		check_text(k, field->rule, *(char *const *)value);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		check_bytes(k, field->rule, value);
		break;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		check_number(k, field->rule, *(const int32_t *)value);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		check_number(k, field->rule, *(const int64_t *)value);
		break;
	case PROTOBUF_C_TYPE_MESSAGE: {
		const ProtobufCMessage *inner = *(ProtobufCMessage *const *)value;

		if (!check_calendar(k, field->rule, inner))
			check_message(k, field->message, inner);
		break;
	}
	case PROTOBUF_C_TYPE_ENUM:
		if (!protobuf_c_enum_descriptor_get_value(field->c->descriptor,
							  *(const int *)value))
			wrong(k, "没有代码为 %d 的选项", *(const int *)value);
		break;
	default:
		break;
	}
}

static bool
same_item(const struct schema_field *field, const void *a, const void *b)
{
	if (field->c->type == PROTOBUF_C_TYPE_STRING)
		return strcmp(*(char *const *)a, *(char *const *)b) == 0;
	return field->c->type == PROTOBUF_C_TYPE_INT64 &&
	       *(const int64_t *)a == *(const int64_t *)b;
}

/* A text in a list says something, and, where it must, an item is not one of those before it. */
static void
check_item(struct checker *k, const struct schema_field *field, const ProtobufCMessage *message,
	   size_t at)
{
	const void *item = member_at(message, field->c, at);

	if (field->c->type == PROTOBUF_C_TYPE_STRING && !**(char *const *)item)
		wrong(k, "不能为空");
	for (size_t i = 0; field->rule && field->rule->distinct && i < at; i++) {
		if (same_item(field, member_at(message, field->c, i), item)) {
			wrong(k, "与第 %zu 项重复", i + 1);
			return;
		}
	}
}

static void
check_field(struct checker *k, const struct schema_field *field, const ProtobufCMessage *message)
{
	size_t n = member_count(message, field->c);
	size_t most =
	    field->rule && field->rule->max_items ? field->rule->max_items : DEFAULT_MAX_ITEMS;
	size_t length = strlen(k->path);

	snprintf(k->path + length, sizeof(k->path) - length, "%s%s", length > 0 ? "." : "",
		 field->c->name);
	if (n == 0 && field->rule && field->rule->required)
		wrong(k, "必须填写");
	if (field->c->label == PROTOBUF_C_LABEL_REPEATED && n > most) {
		wrong(k, "最多 %zu 项，现有 %zu 项", most, n);
		n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		size_t end = strlen(k->path);

		if (field->c->label == PROTOBUF_C_LABEL_REPEATED) {
			snprintf(k->path + end, sizeof(k->path) - end, "[%zu]", i);
			check_item(k, field, message, i);
		}
		check_value(k, field, member_at(message, field->c, i));
		k->path[end] = '\0';
	}
	k->path[length] = '\0';
}

static void
check_message(struct checker *k, const struct schema_message *type, const ProtobufCMessage *message)
{
	if (k->depth >= MAX_DEPTH) {
		wrong(k, "嵌套过深");
		return;
	}
	k->depth++;
	for (unsigned i = 0; i < type->c->n_fields; i++)
		check_field(k, &type->fields[i], message);
	k->depth--;
}

enum rpc_code
fields_check(const struct fields *fields, const struct schema_message *type,
	     const ProtobufCMessage *message, struct date today, struct arena *arena,
	     struct svc_failure *failure)
{
	struct checker k = {.fields = fields, .arena = arena, .failure = failure, .today = today};

	check_message(&k, type, message);
	if (failure->fields && failure->fields->n_field_violations > 1)
		failure->text = arena_printf(arena, "有 %zu 处填写有误，请按说明更正；第一处 %s",
					     failure->fields->n_field_violations, failure->text);
	return failure->code;
}
