/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "base/map.h"

#define ENVIRONMENT_PREFIX "MINZHENG_"

enum { NAME_MAX_BYTES = 64, VALUE_MAX_BYTES = 4096, KEYS_MAX = 1000 };

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit size_units[] = {
    {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL}};
static const struct unit duration_units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
					     {"h", 3600000}, {"d", 86400000}, {NULL}};
static const struct unit no_units[] = {{"", 1}, {NULL}};
static const struct unit bool_words[] = {{"true", 1}, {"yes", 1}, {"1", 1}, {"false", 0},
					 {"no", 0},   {"0", 0},   {NULL}};

/* What people are told about each type; the order is that of enum config_type. */
static const struct {
	const char *placeholder, *zh, *en;
	const struct unit *units;
} types[] = {
    {"TEXT", "文字", "text", NULL},
    {"TEXT", "密钥文字", "a secret", NULL},
    {"N", "整数", "a whole number", no_units},
    {"SIZE", "字节数，如 64KiB、4MiB", "bytes, such as 64KiB or 4MiB", size_units},
    {"TIME", "时长，如 250ms、30s、5m、2h、1d", "a duration, such as 250ms, 30s, 5m, 2h, 1d",
     duration_units},
    {"", "true 或 false", "true or false", NULL},
    {"PORT", "端口号", "a port number", no_units},
};

static const struct config_option builtin_options[] = {
    {CONFIG_STRING, "config", NULL, 0, 0, 0, "配置文件（ini）", "configuration file (ini)"},
    {CONFIG_BOOL, "help", NULL, 0, 0, 0, "显示本说明", "show this text"},
    CONFIG_END,
};

struct loader {
	const struct config_group *groups;
	size_t n_groups;
	struct arena *arena;
	struct buf *message;
	bool chinese;
	bool wrong;
	struct map flags; /* option name -> text */
	struct map ini;   /* option name -> text; what is used is taken out */
};

/* Where a value stood, in the words of a mistake, and what it says. */
struct source {
	const char *where;
	const char *value;
};

bool
config_speaks_chinese(void)
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
parse_word(const char *text, const struct unit *words, int64_t *ret_value)
{
	for (; words->name; words++) {
		if (strcmp(text, words->name) == 0) {
			*ret_value = words->factor;
			return true;
		}
	}
	return false;
}

static bool
parse_number(const char *text, const struct unit *units, int64_t *ret_value)
{
	const char *digits = text + (*text == '-');
	int64_t value, factor;
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno)
		return false;
	if (value == 0 && !*end)
		factor = 1;
	else if (!parse_word(end, units, &factor))
		return false;
	return !__builtin_mul_overflow(value, factor, ret_value);
}

bool
config_parse(enum config_type type, const char *text, int64_t *ret_value)
{
	int64_t value;

	if (type == CONFIG_BOOL)
		return parse_word(text, bool_words, ret_value);
	if (!types[type].units || !parse_number(text, types[type].units, &value))
		return false;
	if (type == CONFIG_PORT && (value < 0 || value > UINT16_MAX))
		return false;
	*ret_value = value;
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
find_in(const struct config_option *options, const char *name)
{
	for (; options->name; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

static const struct config_option *
find_option(const struct loader *loader, const char *name)
{
	const struct config_option *option = find_in(builtin_options, name);

	for (size_t i = 0; i < loader->n_groups && !option; i++)
		option = find_in(loader->groups[i].options, name);
	return option;
}

/* One flag, without its dashes; `next` is the word behind it. Returns how many words it took. */
static int
take_flag(struct loader *loader, const char *word, char *next)
{
	const char *equals = strchr(word, '=');
	const char *name =
	    arena_strndup(loader->arena, word, equals ? (size_t)(equals - word) : strlen(word));
	const struct config_option *option = name ? find_option(loader, name) : NULL;
	int n_words = 1;
	char *value;

	if (!option || option->type == CONFIG_SECRET) {
		mistake(loader, word - 2,
			option ? "密钥不能写在命令行上，请用环境变量或文件"
			       : "没有这个选项，请看 --help",
			option ? "a secret cannot be a flag; use the environment or a file"
			       : "no such option, see --help");
		return 1;
	}
	if (equals) {
		value = arena_strdup(loader->arena, equals + 1);
	} else if (option->type == CONFIG_BOOL) {
		value = arena_strdup(loader->arena, "true");
	} else {
		value = next;
		n_words = 2;
	}
	if (!value)
		mistake(loader, word - 2, "缺少值", "its value is missing");
	else if (map_put_text(&loader->flags, option->name, value) < 0)
		mistake(loader, word - 2, "内存不足", "out of memory");
	return n_words;
}

static void
take_flags(struct loader *loader, int *argc, char **argv)
{
	int kept = 1, i = 1;

	while (i < *argc && strcmp(argv[i], "--") != 0) {
		if (strncmp(argv[i], "--", 2) == 0)
			i += take_flag(loader, argv[i] + 2, i + 1 < *argc ? argv[i + 1] : NULL);
		else
			argv[kept++] = argv[i++];
	}
	for (i++; i < *argc; i++)
		argv[kept++] = argv[i];
	*argc = kept;
	argv[kept] = NULL;
}

/* `[db] max-age` and `[db] max_age` are the option db-max-age. */
static int
take_ini(void *data, const char *section, const char *key, const char *text)
{
	struct loader *loader = data;
	char *name = arena_printf(loader->arena, "%s%s%s", section, *section ? "-" : "", key);
	char *value = arena_strdup(loader->arena, text);

	if (!name || !value)
		return 0;
	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	if (!find_option(loader, name)) {
		mistake(loader, name, "配置文件里有这个键，但没有这个选项",
			"the configuration file has this key, but there is no such option");
		return 1;
	}
	return map_put_text(&loader->ini, name, value) == 0;
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

/* The content of a file without its last line end; NULL when it cannot be read, is too long or has
 * a NUL. */
static char *
read_file(struct arena *arena, const char *path)
{
	char *text = arena_alloc(arena, VALUE_MAX_BYTES + 1);
	FILE *file = fopen(path, "re");
	size_t n;

	if (!file)
		return NULL;
	n = text ? fread(text, 1, VALUE_MAX_BYTES + 1, file) : 0;
	if (!text || ferror(file) || n > VALUE_MAX_BYTES || memchr(text, '\0', n)) {
		fclose(file);
		return NULL;
	}
	fclose(file);
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

static void
environment_name(const char *option, const char *suffix, char name[static NAME_MAX_BYTES])
{
	snprintf(name, NAME_MAX_BYTES, ENVIRONMENT_PREFIX "%s%s", option, suffix);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
}

static struct source
from_environment(struct loader *loader, const struct config_option *option)
{
	char name[NAME_MAX_BYTES];
	const char *value, *path;

	environment_name(option->name, "", name);
	value = getenv(name);
	if (value)
		return (struct source){arena_strdup(loader->arena, name), value};
	environment_name(option->name, "_FILE", name);
	path = getenv(name);
	if (!path)
		return (struct source){NULL, NULL};
	value = read_file(loader->arena, path);
	if (!value)
		mistake(loader, name, "文件读不出来，或长于 4096 字节",
			"cannot read the file, or it is longer than 4096 bytes");
	return (struct source){arena_strdup(loader->arena, name), value};
}

/* The first source that has a value: the order is the promise of config.h. */
static struct source
find_source(struct loader *loader, const struct config_option *option)
{
	const char *flag = map_get_text(&loader->flags, option->name);
	const char *ini = map_get_text(&loader->ini, option->name);
	struct source source;

	if (flag)
		return (struct source){arena_printf(loader->arena, "--%s", option->name), flag};
	source = from_environment(loader, option);
	if (source.where)
		return source;
	if (ini)
		return (struct source){option->name, ini};
	return (struct source){option->name, option->initial};
}

static bool
in_range(const struct config_option *option, int64_t value)
{
	return (option->min == 0 && option->max == 0) ||
	       (value >= option->min && value <= option->max);
}

static void
print_range(const struct config_option *option, struct buf *out)
{
	if (option->min == 0 && option->max == 0)
		return;
	buf_printf(out, " %" PRId64 " … %" PRId64, option->min, option->max);
}

static void
refuse_value(struct loader *loader, const struct config_option *option, struct source source)
{
	const char *shown = option->type == CONFIG_SECRET ? "***" : source.value;

	loader->wrong = true;
	buf_printf(loader->message,
		   loader->chinese ? "%s：“%s”不合要求，应是%s"
				   : "%s: \"%s\" will not do, wanted is %s",
		   source.where ? source.where : option->name, shown,
		   loader->chinese ? types[option->type].zh : types[option->type].en);
	print_range(option, loader->message);
	buf_putc(loader->message, '\n');
}

static void
store_text(struct loader *loader, const struct config_option *option, struct source source,
	   void *field)
{
	char *copy = arena_strdup(loader->arena, source.value);

	if (!copy)
		mistake(loader, option->name, "内存不足", "out of memory");
	else if (!in_range(option, (int64_t)strlen(copy)))
		refuse_value(loader, option, source);
	else
		memcpy(field, &copy, sizeof(char *));
}

static void
store_value(struct loader *loader, const struct config_option *option, void *target)
{
	struct source source = find_source(loader, option);
	void *field = (char *)target + option->offset;
	int64_t value;

	if (!source.value)
		return;
	if (option->type == CONFIG_STRING || option->type == CONFIG_SECRET)
		store_text(loader, option, source, field);
	else if (!config_parse(option->type, source.value, &value) ||
		 (option->type != CONFIG_BOOL && !in_range(option, value)))
		refuse_value(loader, option, source);
	else if (option->type == CONFIG_BOOL)
		memcpy(field, &(bool){value != 0}, sizeof(bool));
	else
		memcpy(field, &value, sizeof value);
}

enum config_result
config_load(const struct config_group *groups, size_t n_groups, int *argc, char **argv,
	    struct arena *arena, struct buf *message)
{
	struct loader loader = {.groups = groups,
				.n_groups = n_groups,
				.arena = arena,
				.message = message,
				.chinese = config_speaks_chinese()};
	const char *ini_path;

	map_init(&loader.flags, arena, KEYS_MAX);
	map_init(&loader.ini, arena, KEYS_MAX);
	take_flags(&loader, argc, argv);
	if (map_get_text(&loader.flags, "help")) {
		buf_clear(message);
		config_help(groups, n_groups, loader.chinese, message);
		return CONFIG_HELP;
	}
	ini_path = find_source(&loader, &builtin_options[0]).value;
	if (ini_path)
		read_ini(&loader, ini_path);
	for (size_t i = 0; i < n_groups; i++)
		for (const struct config_option *option = groups[i].options; option->name; option++)
			store_value(&loader, option, groups[i].target);
	return loader.wrong || arena_exhausted(arena) ? CONFIG_WRONG : CONFIG_OK;
}

static void
help_option(const struct config_option *option, bool chinese, struct buf *out)
{
	bool is_secret = option->type == CONFIG_SECRET;
	char variable[NAME_MAX_BYTES];

	environment_name(option->name, is_secret ? "_FILE" : "", variable);
	if (is_secret)
		buf_printf(out, "  %s=FILE\n", variable);
	else
		buf_printf(out, "  --%s %s\n", option->name, types[option->type].placeholder);
	buf_printf(out, "      %s", chinese ? option->zh : option->en);
	print_range(option, out);
	if (option->initial)
		buf_printf(out, chinese ? "；默认 %s" : "; default %s", option->initial);
	if (!is_secret)
		buf_printf(out, "  [%s]", variable);
	buf_putc(out, '\n');
}

void
config_help(const struct config_group *groups, size_t n_groups, bool chinese, struct buf *message)
{
	const struct config_group builtin = {builtin_options, NULL, "一般", "General"};

	for (size_t i = 0; i <= n_groups; i++) {
		const struct config_group *group = i < n_groups ? &groups[i] : &builtin;

		buf_printf(message, "%s\n", chinese ? group->zh : group->en);
		for (const struct config_option *option = group->options; option->name; option++)
			help_option(option, chinese, message);
	}
}
