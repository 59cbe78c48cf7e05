/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

enum { VALUE_MAX_BYTES = 4096 };

/* What may stand behind the digits of a number, or instead of them. */
struct word {
	const char *text;
	int64_t value;
};

static const struct word no_units[] = {{"", 1}, {NULL}};
static const struct word duration_units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
					     {"h", 3600000}, {"d", 86400000}, {NULL}};
static const struct word bool_words[] = {{"true", 1}, {"yes", 1}, {"1", 1}, {"false", 0},
					 {"no", 0},   {"0", 0},   {NULL}};

/* What people are told about each type; the order is that of enum config_type. */
static const struct {
	const char *placeholder, *zh, *en;
	const struct word *words;
} types[] = {
    {"TEXT", "文字", "text", NULL},
    {"N", "整数", "a whole number", no_units},
    {"TIME", "时长，如 250ms、30s、5m、2h、1d", "a duration, such as 250ms, 30s, 5m, 2h, 1d",
     duration_units},
    {"", "true 或 false", "true or false", bool_words},
};

/* A value and where it stood, in the words of a mistake. */
struct source {
	const char *where, *value;
};

struct loader {
	const struct config_option *options;
	struct source *sources; /* one an option, once it has been found */
	struct arena *arena;
	struct buf *message;
	bool chinese;
	bool wrong;
};

static bool
speaks_chinese(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return strncmp(value, "en", 2) != 0;
	}
	return true;
}

static bool
parse_word(const char *text, const struct word *words, int64_t *ret_value)
{
	for (; words->text; words++) {
		if (strcmp(text, words->text) == 0) {
			*ret_value = words->value;
			return true;
		}
	}
	return false;
}

static bool
parse_number(const char *text, const struct word *units, int64_t *ret_value)
{
	int64_t value, factor = 1;
	char *end;

	if (!isdigit((unsigned char)text[*text == '-']))
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || ((value || *end) && !parse_word(end, units, &factor)))
		return false;
	return !__builtin_mul_overflow(value, factor, ret_value);
}

/* A text's value is its length. */
static bool
parse(enum config_type type, const char *text, int64_t *ret_value)
{
	if (type == CONFIG_BOOL)
		return parse_word(text, types[type].words, ret_value);
	if (type != CONFIG_STRING)
		return parse_number(text, types[type].words, ret_value);
	*ret_value = (int64_t)strlen(text);
	return true;
}

static void
mistake(struct loader *loader, const char *where, const char *zh, const char *en)
{
	loader->wrong = true;
	buf_printf(loader->message, loader->chinese ? "%s：%s\n" : "%s: %s\n", where,
		   loader->chinese ? zh : en);
}

static const struct config_option *
find_option(const struct loader *loader, const char *name, size_t length)
{
	for (const struct config_option *option = loader->options; option->name; option++)
		if (strncmp(option->name, name, length) == 0 && !option->name[length])
			return option;
	return NULL;
}

static struct source *
source_of(const struct loader *loader, const struct config_option *option)
{
	return &loader->sources[option - loader->options];
}

/* `--name=value`, `--name value` or, of a bool, `--name`. Returns how many words it took. */
static int
take_flag(struct loader *loader, char *word, const char *next)
{
	size_t length = strcspn(word + 2, "=");
	const struct config_option *option = find_option(loader, word + 2, length);
	bool has_value = word[2 + length] == '=', is_bool = option && option->type == CONFIG_BOOL;
	const char *value = has_value ? word + 2 + length + 1 : is_bool ? "true" : next;

	if (option && value)
		*source_of(loader, option) =
		    (struct source){arena_strndup(loader->arena, word, 2 + length), value};
	else
		mistake(loader, word, option ? "缺少值" : "没有这个选项，请看 --help",
			option ? "its value is missing" : "no such option, see --help");
	return option && !has_value && !is_bool ? 2 : 1;
}

static void
take_flags(struct loader *loader, int *argc, char **argv)
{
	int kept = 1, i = 1;

	while (i < *argc && strcmp(argv[i], "--") != 0) {
		if (strncmp(argv[i], "--", 2) == 0)
			i += take_flag(loader, argv[i], i + 1 < *argc ? argv[i + 1] : NULL);
		else
			argv[kept++] = argv[i++];
	}
	for (i++; i < *argc; i++)
		argv[kept++] = argv[i];
	*argc = kept;
	argv[kept] = NULL;
}

/* NULL when it cannot be read or is too long. */
static char *
first_line(struct arena *arena, const char *path)
{
	char *line = arena_alloc(arena, VALUE_MAX_BYTES + 2);
	FILE *file = fopen(path, "re");

	if (!file)
		return NULL;
	if (line && (!fgets(line, VALUE_MAX_BYTES + 2, file) || strlen(line) > VALUE_MAX_BYTES))
		line = NULL;
	fclose(file);
	if (line)
		line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static char *
variable_of(struct arena *arena, const struct config_option *option)
{
	char *name = arena_printf(arena, "MINZHENG_%s", option->name);

	for (char *c = name; c && *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
	return name;
}

static void
take_environment(struct loader *loader, const struct config_option *option)
{
	const char *name = variable_of(loader->arena, option);
	const char *file = name ? arena_printf(loader->arena, "%s_FILE", name) : NULL;
	const char *value = file ? getenv(name) : NULL, *path = file ? getenv(file) : NULL;

	if (!value && path) {
		name = file;
		value = first_line(loader->arena, path);
		if (!value)
			mistake(
			    loader, file, "文件读不出来，或第一行长于 4096 字节",
			    "cannot read the file, or its first line is longer than 4096 bytes");
	}
	*source_of(loader, option) = (struct source){name, value};
}

/* `[db] max-age` and `[db] max_age` are the option db-max-age. */
static int
take_ini(void *data, const char *section, const char *key, const char *text)
{
	struct loader *loader = data;
	char *name = arena_printf(loader->arena, "%s%s%s", section, *section ? "-" : "", key);
	const struct config_option *option;
	struct source *source;

	if (!name)
		return 0;
	for (char *c = name; *c; c++)
		*c = *c == '_' ? '-' : *c;
	option = find_option(loader, name, strlen(name));
	source = option ? source_of(loader, option) : NULL;
	if (!option)
		mistake(loader, name, "配置文件里有这个键，但没有这个选项",
			"the configuration file has this key, but there is no such option");
	else if (!source->value)
		*source = (struct source){name, arena_strdup(loader->arena, text)};
	return 1;
}

static void
read_ini(struct loader *loader, const char *path)
{
	int line = ini_parse(path, take_ini, loader);

	if (line < 0)
		mistake(loader, path, "配置文件打不开", "cannot open the configuration file");
	else if (line > 0)
		mistake(loader, arena_printf(loader->arena, "%s:%d", path, line),
			"这一行不是“键 = 值”，或太长",
			"this line is not `key = value`, or too long");
}

static bool
has_range(const struct config_option *option)
{
	return option->min != 0 || option->max != 0;
}

static void
print_range(const struct config_option *option, struct buf *out)
{
	if (has_range(option))
		buf_printf(out, " %" PRId64 " … %" PRId64, option->min, option->max);
}

static void
refuse(struct loader *loader, const struct config_option *option, const struct source *source)
{
	loader->wrong = true;
	buf_printf(loader->message,
		   loader->chinese ? "%s：“%s”不合要求，应是%s"
				   : "%s: \"%s\" will not do, wanted is %s",
		   source->where, source->value,
		   loader->chinese ? types[option->type].zh : types[option->type].en);
	print_range(option, loader->message);
	buf_putc(loader->message, '\n');
}

static void
store(struct loader *loader, const struct config_option *option, void *field)
{
	struct source *source = source_of(loader, option);
	int64_t value;

	if (!source->value)
		*source = (struct source){option->name, option->initial};
	if (!source->value)
		return;
	if (!parse(option->type, source->value, &value) ||
	    (has_range(option) && (value < option->min || value > option->max)))
		refuse(loader, option, source);
	else if (option->type == CONFIG_STRING)
		memcpy(field, &source->value, sizeof source->value);
	else if (option->type == CONFIG_BOOL)
		memcpy(field, &(bool){value != 0}, sizeof(bool));
	else
		memcpy(field, &value, sizeof value);
}

static void
print_help(struct loader *loader, struct buf *out)
{
	bool chinese = loader->chinese;

	for (const struct config_option *option = loader->options; option->name; option++) {
		buf_printf(out, "  --%s %s\n      %s", option->name,
			   types[option->type].placeholder, chinese ? option->zh : option->en);
		print_range(option, out);
		if (option->initial)
			buf_printf(out, chinese ? "；默认 %s" : "; default %s", option->initial);
		buf_printf(out, "  [%s]\n", variable_of(loader->arena, option));
	}
}

/* Sources come in the order that config.h promises; what an earlier one has given stays. */
enum config_result
config_load(const struct config_option *options, void *target, int *argc, char **argv,
	    struct arena *arena, struct buf *message)
{
	const struct config_option *option = options, *help, *file;
	struct loader loader = {
	    .options = options, .arena = arena, .message = message, .chinese = speaks_chinese()};

	while (option->name)
		option++;
	loader.sources = ARENA_ARRAY(arena, struct source, (size_t)(option - options));
	if (!loader.sources)
		return CONFIG_WRONG;
	take_flags(&loader, argc, argv);
	help = find_option(&loader, "help", 4);
	if (help && source_of(&loader, help)->value) {
		buf_clear(message);
		print_help(&loader, message);
		return CONFIG_HELP;
	}
	for (option = options; option->name; option++)
		if (!source_of(&loader, option)->value)
			take_environment(&loader, option);
	file = find_option(&loader, "config", 6);
	if (file && source_of(&loader, file)->value)
		read_ini(&loader, source_of(&loader, file)->value);
	for (option = options; option->name; option++)
		store(&loader, option, (char *)target + option->offset);
	return loader.wrong || arena_exhausted(arena) ? CONFIG_WRONG : CONFIG_OK;
}
