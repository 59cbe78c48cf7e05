/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "crypto/random.h"
#include "crypto/sign.h"

enum {
	RANDOM_KEY_BYTES = 32,
	LINE_MAX_BYTES = 2 * KEY_MAX_BYTES + 64,
	FILE_MAX_BYTES = (KEYFILE_KEYS_MAX + 1) * LINE_MAX_BYTES,
};

static const char head[] = "minzheng-keys 1\n";
static const char *const purpose_names[] = {"seal", "blind-index", "audit-sign", "system-token"};

struct keyfile {
	size_t count;
	struct key keys[KEYFILE_KEYS_MAX];
};

/* Secrets want locked memory; a system that has none to lock still serves. */
static struct keyfile *
keyfile_new(void)
{
	struct keyfile *keys = calloc(1, sizeof *keys);

	if (keys)
		(void)sodium_mlock(keys, sizeof *keys);
	return keys;
}

void
keyfile_free(struct keyfile *keys)
{
	if (!keys)
		return;
	random_erase(keys, sizeof *keys);
	(void)sodium_munlock(keys, sizeof *keys);
	free(keys);
}

const struct key *
keyfile_all(const struct keyfile *keys, size_t *ret_count)
{
	*ret_count = keys->count;
	return keys->keys;
}

const struct key *
keyfile_find(const struct keyfile *keys, enum key_purpose purpose, uint32_t id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].purpose == purpose && keys->keys[i].id == id)
			return &keys->keys[i];
	return NULL;
}

const struct key *
keyfile_newest(const struct keyfile *keys, enum key_purpose purpose)
{
	const struct key *newest = NULL;

	for (size_t i = 0; i < keys->count; i++)
		if (keys->keys[i].purpose == purpose && (!newest || keys->keys[i].id > newest->id))
			newest = &keys->keys[i];
	return newest;
}

/* Makes a key's bytes. */
static bool
generate(struct key *key)
{
	struct sign_key *pair;

	if (key->purpose != KEY_AUDIT_SIGN) {
		key->length = RANDOM_KEY_BYTES;
		random_bytes(key->bytes, key->length);
		return true;
	}
	pair = sign_key_new();
	key->length = pair ? sign_key_private(pair, key->bytes) : 0;
	sign_key_free(pair);
	return key->length > 0;
}

static enum keyfile_result
add_key(struct keyfile *keys, enum key_purpose purpose, struct date today)
{
	const struct key *newest = keyfile_newest(keys, purpose);
	struct key *key = &keys->keys[keys->count];

	if (keys->count == KEYFILE_KEYS_MAX)
		return KEYFILE_FULL;
	*key =
	    (struct key){.purpose = purpose, .id = newest ? newest->id + 1 : 1, .made_on = today};
	if (!generate(key))
		return KEYFILE_FAILED;
	keys->count++;
	return KEYFILE_OK;
}

const char *
keyfile_purpose_name(enum key_purpose purpose)
{
	return purpose_names[purpose];
}

static bool
find_purpose(const char *name, enum key_purpose *ret_purpose)
{
	for (int i = 0; i < KEY_PURPOSES; i++) {
		if (strcmp(name, purpose_names[i]) == 0) {
			*ret_purpose = (enum key_purpose)i;
			return true;
		}
	}
	return false;
}

static bool
parse_id(const char *text, uint32_t *ret_id)
{
	char *end;
	unsigned long id;

	if (*text < '1' || *text > '9')
		return false;
	errno = 0;
	id = strtoul(text, &end, 10);
	if (errno || *end || id > UINT32_MAX)
		return false;
	*ret_id = (uint32_t)id;
	return true;
}

/* "purpose id day hexadecimal", single blanks. The line is cut up. */
static bool
parse_line(struct keyfile *keys, char *line)
{
	char *words[4], *rest = line;
	struct key *key = &keys->keys[keys->count];
	const char *end;

	for (int i = 0; i < 4; i++) {
		words[i] = strsep(&rest, " ");
		if (!words[i])
			return false;
	}
	if (rest || keys->count == KEYFILE_KEYS_MAX || !find_purpose(words[0], &key->purpose) ||
	    !parse_id(words[1], &key->id) || !date_parse(words[2], &key->made_on))
		return false;
	if (keyfile_find(keys, key->purpose, key->id))
		return false;
	if (sodium_hex2bin(key->bytes, sizeof key->bytes, words[3], strlen(words[3]), NULL,
			   &key->length, &end) != 0 ||
	    *end)
		return false;
	keys->count++;
	return key->purpose == KEY_AUDIT_SIGN ? key->length > 0 : key->length == RANDOM_KEY_BYTES;
}

static bool
parse(struct keyfile *keys, char *text)
{
	char *rest = text + sizeof head - 1, *line;

	if (strncmp(text, head, sizeof head - 1) != 0)
		return false;
	for (line = strsep(&rest, "\n"); rest; line = strsep(&rest, "\n"))
		if (!parse_line(keys, line))
			return false;
	return *line == '\0'; /* the last line has its end */
}

/* Opened first and looked at then, so that nobody can put another file there in between. */
static enum keyfile_result
open_closed_file(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return KEYFILE_MISSING;
	if (fd < 0)
		return errno == ELOOP ? KEYFILE_TOO_OPEN : KEYFILE_FAILED;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 077) == 0) {
		*ret_fd = fd;
		return KEYFILE_OK;
	}
	close(fd);
	return KEYFILE_TOO_OPEN;
}

/* The whole file as text, or false when it cannot be read or is too long. */
static bool
read_text(int fd, char *text)
{
	size_t length = 0;
	ssize_t n;

	while ((n = read(fd, text + length, FILE_MAX_BYTES - length)) > 0)
		length += (size_t)n;
	text[length] = '\0';
	return n == 0 && length < FILE_MAX_BYTES && strlen(text) == length;
}

enum keyfile_result
keyfile_read(const char *path, struct keyfile **ret_keys)
{
	struct keyfile *keys = keyfile_new();
	char *text = malloc(FILE_MAX_BYTES + 1);
	enum keyfile_result r = KEYFILE_FAILED;
	int fd;

	if (keys && text)
		r = open_closed_file(path, &fd);
	if (r == KEYFILE_OK) {
		if (!read_text(fd, text) || !parse(keys, text))
			r = KEYFILE_MALFORMED;
		close(fd);
	}
	if (text)
		random_erase(text, FILE_MAX_BYTES + 1);
	free(text);
	if (r == KEYFILE_OK)
		*ret_keys = keys;
	else
		keyfile_free(keys);
	return r;
}

static bool
print(const struct keyfile *keys, FILE *file)
{
	char hex[2 * KEY_MAX_BYTES + 1], day[DATE_TEXT_SIZE];
	bool ok = fputs(head, file) >= 0;

	for (size_t i = 0; i < keys->count && ok; i++) {
		const struct key *key = &keys->keys[i];

		sodium_bin2hex(hex, sizeof hex, key->bytes, key->length);
		ok = fprintf(file, "%s %u %s %s\n", purpose_names[key->purpose], key->id,
			     date_format(key->made_on, day), hex) > 0;
	}
	random_erase(hex, sizeof hex);
	return ok;
}

/* The new name must survive a power cut, not only the new bytes. */
static bool
sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, r;

	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return false;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	r = fsync(fd);
	close(fd);
	return r == 0;
}

static bool
write_new(const struct keyfile *keys, int fd)
{
	FILE *file = fdopen(fd, "w");
	bool ok;

	if (!file) {
		close(fd);
		return false;
	}
	setvbuf(file, NULL, _IONBF, 0); /* no copy of a key stays in a freed buffer */
	ok = fchmod(fd, 0600) == 0 && print(keys, file) && fsync(fd) == 0;
	return fclose(file) == 0 && ok;
}

/* Beside its place, then there: link() refuses to replace, rename() replaces. */
static enum keyfile_result
store(const struct keyfile *keys, const char *path, bool replace)
{
	char beside[PATH_MAX];
	bool linked = false;
	int fd;

	if ((size_t)snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= sizeof beside)
		return KEYFILE_FAILED;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return KEYFILE_FAILED;
	if (write_new(keys, fd))
		linked = (replace ? rename(beside, path) : link(beside, path)) == 0;
	if (!linked || !replace) {
		int error = errno;

		unlink(beside);
		errno = error;
	}
	if (linked && sync_folder(path))
		return KEYFILE_OK;
	return !linked && errno == EEXIST ? KEYFILE_EXISTS : KEYFILE_FAILED;
}

struct keyfile *
keyfile_generate(struct date today)
{
	struct keyfile *keys = keyfile_new();

	for (int i = 0; i < KEY_PURPOSES && keys; i++) {
		if (add_key(keys, (enum key_purpose)i, today) == KEYFILE_OK)
			continue;
		keyfile_free(keys);
		return NULL;
	}
	return keys;
}

enum keyfile_result
keyfile_create(const char *path, struct date today)
{
	struct keyfile *keys = keyfile_generate(today);
	enum keyfile_result r = keys ? store(keys, path, false) : KEYFILE_FAILED;

	keyfile_free(keys);
	return r;
}

enum keyfile_result
keyfile_rotate(const char *path, enum key_purpose purpose, struct date today)
{
	struct keyfile *keys = NULL;
	enum keyfile_result r = keyfile_read(path, &keys);

	if (r == KEYFILE_OK)
		r = add_key(keys, purpose, today);
	if (r == KEYFILE_OK)
		r = store(keys, path, true);
	keyfile_free(keys);
	return r;
}

const char *
keyfile_explain(enum keyfile_result result)
{
	static const char *const texts[] = {
	    [KEYFILE_OK] = "",
	    [KEYFILE_MISSING] =
		"密钥文件不存在。首次安装请先生成；已有数据请从备份恢复，不要重新生成",
	    [KEYFILE_EXISTS] = "密钥文件已存在，不会覆盖",
	    [KEYFILE_TOO_OPEN] =
		"密钥文件必须是普通文件、属于运行服务的用户、权限为0600，请用 chown 和 chmod 改正",
	    [KEYFILE_MALFORMED] = "密钥文件格式不对或不完整，请从备份恢复",
	    [KEYFILE_FULL] = "密钥文件里的密钥太多，请先重新加密旧数据并移除旧密钥",
	    [KEYFILE_FAILED] = "密钥文件读写失败，请检查磁盘和权限",
	};

	return texts[result];
}
