/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/seal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

#include "crypto/hmac.h"
#include "crypto/random.h"

enum { VERSION = 1, KEY_ID_AT = 1, IV_AT = 5, IV_SIZE = 16, CIPHER_KEY_SIZE = 16 };

/* A key with its cipher and tag prepared: sealing sets a new IV and nothing else. In CTR mode
 * encrypting and decrypting are the same. */
struct seal_key {
	uint32_t id;
	EVP_CIPHER_CTX *cipher;
	struct hmac *tag;
};

struct sealer {
	EVP_CIPHER *algorithm;
	size_t n_keys;
	struct seal_key keys[KEYFILE_KEYS_MAX];
	const struct seal_key *newest;
};

static void
put_u32(uint8_t bytes[static 4], uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t
get_u32(const uint8_t bytes[static 4])
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* HMAC-SM3(key, purpose): the cipher must not see the tag's key, nor the other way round. */
static int
derive(const struct key *key, const char *purpose, uint8_t ret_key[static HMAC_SIZE])
{
	const struct hmac_part part = {purpose, strlen(purpose)};
	struct hmac *hmac = hmac_new(key->bytes, key->length);
	int r = hmac ? hmac_compute(hmac, &part, 1, ret_key) : -1;

	hmac_free(hmac);
	return r;
}

static bool
prepare(struct seal_key *prepared, const EVP_CIPHER *algorithm, const struct key *key)
{
	uint8_t cipher_key[HMAC_SIZE], tag_key[HMAC_SIZE];
	static const uint8_t no_iv[IV_SIZE];
	bool ok = false;

	prepared->id = key->id;
	prepared->cipher = EVP_CIPHER_CTX_new();
	if (prepared->cipher && derive(key, "minzheng seal cipher", cipher_key) == 0 &&
	    derive(key, "minzheng seal tag", tag_key) == 0 &&
	    EVP_EncryptInit_ex2(prepared->cipher, algorithm, cipher_key, no_iv, NULL) == 1) {
		prepared->tag = hmac_new(tag_key, sizeof tag_key);
		ok = prepared->tag;
	}
	sodium_memzero(cipher_key, sizeof cipher_key);
	sodium_memzero(tag_key, sizeof tag_key);
	return ok;
}

static bool
prepare_all(struct sealer *sealer, const struct keyfile *keys)
{
	size_t count;
	const struct key *all = keyfile_all(keys, &count);

	for (size_t i = 0; i < count; i++)
		if (all[i].purpose == KEY_SEAL &&
		    !prepare(&sealer->keys[sealer->n_keys++], sealer->algorithm, &all[i]))
			return false;
	for (size_t i = 0; i < sealer->n_keys; i++)
		if (!sealer->newest || sealer->keys[i].id > sealer->newest->id)
			sealer->newest = &sealer->keys[i];
	return sealer->newest;
}

struct sealer *
sealer_new(const struct keyfile *keys)
{
	struct sealer *sealer = calloc(1, sizeof *sealer);

	if (!sealer)
		return NULL;
	sealer->algorithm = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
	if (sealer->algorithm && prepare_all(sealer, keys))
		return sealer;
	sealer_free(sealer);
	return NULL;
}

void
sealer_free(struct sealer *sealer)
{
	if (!sealer)
		return;
	for (size_t i = 0; i < sealer->n_keys; i++) {
		EVP_CIPHER_CTX_free(sealer->keys[i].cipher);
		hmac_free(sealer->keys[i].tag);
	}
	EVP_CIPHER_free(sealer->algorithm);
	free(sealer);
}

static const struct seal_key *
find_key(const struct sealer *sealer, uint32_t id)
{
	for (size_t i = 0; i < sealer->n_keys; i++)
		if (sealer->keys[i].id == id)
			return &sealer->keys[i];
	return NULL;
}

/* Column and row are told apart by the column's length, which comes first. */
static bool
compute_tag(const struct seal_key *key, struct seal_place place, const uint8_t *sealed,
	    size_t covered, uint8_t ret_tag[static HMAC_SIZE])
{
	uint8_t column_length[4];
	const struct hmac_part parts[] = {{column_length, sizeof column_length},
					  {place.column, strlen(place.column)},
					  {place.row, place.row_length},
					  {sealed, covered}};

	put_u32(column_length, (uint32_t)strlen(place.column));
	return hmac_compute(key->tag, parts, 4, ret_tag) == 0;
}

static bool
run_cipher(const struct seal_key *key, const uint8_t *iv, const uint8_t *in, size_t length,
	   uint8_t *out)
{
	int n = 0;

	if (EVP_EncryptInit_ex2(key->cipher, NULL, NULL, iv, NULL) != 1)
		return false;
	return length == 0 ||
	       (EVP_EncryptUpdate(key->cipher, out, &n, in, (int)length) == 1 && n == (int)length);
}

enum seal_result
seal_close(struct sealer *sealer, struct seal_place place, const void *plain, size_t length,
	   uint8_t *ret_sealed)
{
	const struct seal_key *key = sealer->newest;
	uint8_t tag[HMAC_SIZE];

	if (length > SEAL_MAX_PLAIN)
		return SEAL_MALFORMED;
	ret_sealed[0] = VERSION;
	put_u32(ret_sealed + KEY_ID_AT, key->id);
	random_bytes(ret_sealed + IV_AT, IV_SIZE);
	if (!run_cipher(key, ret_sealed + IV_AT, plain, length, ret_sealed + SEAL_HEADER_SIZE) ||
	    !compute_tag(key, place, ret_sealed, SEAL_HEADER_SIZE + length, tag))
		return SEAL_FAILED;
	memcpy(ret_sealed + SEAL_HEADER_SIZE + length, tag, SEAL_TAG_SIZE);
	return SEAL_OK;
}

enum seal_result
seal_open(struct sealer *sealer, struct seal_place place, const void *sealed, size_t length,
	  void *ret_plain)
{
	const uint8_t *bytes = sealed;
	const struct seal_key *key;
	uint8_t tag[HMAC_SIZE];
	size_t covered;

	if (length < SEAL_OVERHEAD || length > SEAL_MAX_PLAIN + SEAL_OVERHEAD ||
	    bytes[0] != VERSION)
		return SEAL_MALFORMED;
	key = find_key(sealer, get_u32(bytes + KEY_ID_AT));
	if (!key)
		return SEAL_UNKNOWN_KEY;
	covered = length - SEAL_TAG_SIZE;
	if (!compute_tag(key, place, bytes, covered, tag))
		return SEAL_FAILED;
	if (!hmac_equal(tag, bytes + covered, SEAL_TAG_SIZE))
		return SEAL_FORGED;
	return run_cipher(key, bytes + IV_AT, bytes + SEAL_HEADER_SIZE, covered - SEAL_HEADER_SIZE,
			  ret_plain)
		   ? SEAL_OK
		   : SEAL_FAILED;
}

bool
seal_is_current(const struct sealer *sealer, const void *sealed, size_t length)
{
	const uint8_t *bytes = sealed;

	return length >= SEAL_OVERHEAD && bytes[0] == VERSION &&
	       get_u32(bytes + KEY_ID_AT) == sealer->newest->id;
}

const char *
seal_name(enum seal_result result)
{
	static const char *const names[] = {"ok", "malformed", "unknown_key", "forged", "failed"};

	return names[result];
}
