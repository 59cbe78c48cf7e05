/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/blind.h"
#include "crypto/digest.h"
#include "crypto/hmac.h"
#include "crypto/seal.h"
#include "crypto/sign.h"

#define PREFIX "service."

enum { HOUR_S = 3600, HEX_SIZE = 2 * HMAC_SIZE };

static bool
read_signers(const struct keyfile *file, struct keys *keys)
{
	size_t count;
	const struct key *all = keyfile_all(file, &count);

	for (size_t i = 0; i < count; i++) {
		struct sign_key *key;

		if (all[i].purpose != KEY_AUDIT_SIGN)
			continue;
		key = keys->n_signers < KEYS_SIGNERS_MAX
			  ? sign_key_from_private(all[i].bytes, all[i].length)
			  : NULL;
		if (!key)
			return false;
		keys->signers[keys->n_signers].id = all[i].id;
		keys->signers[keys->n_signers++].key = key;
	}
	return keys->n_signers > 0;
}

int
keys_new(const struct keyfile *file, struct keys *ret_keys)
{
	const struct key *token = keyfile_newest(file, KEY_SYSTEM_TOKEN);

	*ret_keys = (struct keys){
	    .sealer = sealer_new(file),
	    .blinder = blinder_new(file),
	    .token = token ? hmac_new(token->bytes, token->length) : NULL,
	};
	if (ret_keys->sealer && ret_keys->blinder && ret_keys->token &&
	    read_signers(file, ret_keys))
		return 0;
	keys_free(ret_keys);
	return -EINVAL;
}

void
keys_free(struct keys *keys)
{
	sealer_free(keys->sealer);
	blinder_free(keys->blinder);
	hmac_free(keys->token);
	for (size_t i = 0; i < keys->n_signers; i++)
		sign_key_free(keys->signers[i].key);
	*keys = (struct keys){0};
}

void
keys_digest(const void *data, size_t size, uint8_t digest[static KEYS_DIGEST_SIZE])
{
	if (digest_sm3(data, size, digest) < 0)
		abort(); /* OpenSSL without SM3: nothing of ours can work */
}

void
keys_mac(const struct keys *keys, const void *data, size_t size,
	 uint8_t mac[static KEYS_DIGEST_SIZE])
{
	struct hmac_part part = {.data = data, .length = size};

	if (hmac_compute(keys->token, &part, 1, mac) < 0)
		abort(); /* OpenSSL without SM3: nothing of ours can work */
}

bool
keys_sign(const struct keys *keys, const uint8_t digest[static KEYS_DIGEST_SIZE],
	  uint8_t ret_signature[static KEYS_SIGNATURE_MAX], size_t *ret_length,
	  uint32_t *ret_key_id)
{
	_Static_assert((int)KEYS_SIGNATURE_MAX >= (int)SIGN_MAX_BYTES, "room for a signature");
	size_t newest = 0;

	for (size_t i = 1; i < keys->n_signers; i++)
		newest = keys->signers[i].id > keys->signers[newest].id ? i : newest;
	*ret_key_id = keys->signers[newest].id;
	return sign_make(keys->signers[newest].key, digest, KEYS_DIGEST_SIZE, ret_signature,
			 ret_length) == SIGN_OK;
}

bool
keys_has_signed(const struct keys *keys, uint32_t key_id,
		const uint8_t digest[static KEYS_DIGEST_SIZE], const void *signature, size_t length)
{
	for (size_t i = 0; i < keys->n_signers; i++)
		if (keys->signers[i].id == key_id)
			return sign_verify(keys->signers[i].key, digest, KEYS_DIGEST_SIZE,
					   signature, length) == SIGN_OK;
	return false;
}

bool
keys_is_service_token(const char *token)
{
	return strncmp(token, PREFIX, sizeof(PREFIX) - 1) == 0;
}

/* "service.relief.1.483012.<HMAC of what stands before the last point>" */
static void
write_token(const struct keys *keys, const char *service, int32_t tenant, int64_t hour,
	    char token[static KEYS_TOKEN_SIZE])
{
	uint8_t mac[HMAC_SIZE];
	char hex[DIGEST_HEX_SIZE];
	int length = snprintf(token, KEYS_TOKEN_SIZE, PREFIX "%.32s.%" PRId32 ".%" PRId64, service,
			      tenant, hour);

	keys_mac(keys, token, (size_t)length, mac);
	snprintf(token + length, KEYS_TOKEN_SIZE - (size_t)length, ".%s", digest_hex(mac, hex));
}

static int64_t
hour_of(int64_t now_us)
{
	return now_us / CLOCK_US_PER_SECOND / HOUR_S;
}

void
keys_service_token(const struct keys *keys, const char *service, int32_t tenant, int64_t now_us,
		   char token[static KEYS_TOKEN_SIZE])
{
	write_token(keys, service, tenant, hour_of(now_us), token);
}

/* Reads a number and the point behind it. */
static bool
read_number(const char **text, int64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoll(*text, &end, 10);
	if (end == *text || *end != '.' || errno != 0)
		return false;
	*text = end + 1;
	return true;
}

bool
keys_verify_service_token(const struct keys *keys, const char *token, int64_t now_us,
			  char name[static KEYS_NAME_SIZE], int32_t *ret_tenant)
{
	char service[33], expected[KEYS_TOKEN_SIZE];
	const char *at = token + sizeof(PREFIX) - 1;
	size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
	int64_t tenant, hour, now = hour_of(now_us);

	if (length == 0 || length >= sizeof(service) || at[length] != '.')
		return false;
	memcpy(service, at, length);
	service[length] = '\0';
	at += length + 1;
	if (!read_number(&at, &tenant) || !read_number(&at, &hour) || tenant < 0 ||
	    tenant > INT16_MAX || hour < now - 1 || hour > now + 1)
		return false;
	write_token(keys, service, (int32_t)tenant, hour, expected);
	if (strlen(token) != strlen(expected) || !hmac_equal(token, expected, strlen(expected)))
		return false;
	snprintf(name, KEYS_NAME_SIZE, "service:%s", service);
	*ret_tenant = (int32_t)tenant;
	return true;
}
