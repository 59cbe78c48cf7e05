/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <errno.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <sodium.h>

struct digest {
	EVP_MD_CTX *context;
	EVP_MD *algorithm;
};

static const char *const names[] = {[DIGEST_SM3] = "SM3", [DIGEST_SHA256] = "SHA2-256"};

static int
begin(struct digest *digest, const EVP_MD *algorithm)
{
	return EVP_DigestInit_ex2(digest->context, algorithm, NULL) == 1 ? 0 : -EIO;
}

struct digest *
digest_new(enum digest_kind kind)
{
	struct digest *digest = calloc(1, sizeof *digest);

	if (!digest)
		return NULL;
	digest->context = EVP_MD_CTX_new();
	digest->algorithm = EVP_MD_fetch(NULL, names[kind], NULL);
	if (digest->context && digest->algorithm && begin(digest, digest->algorithm) == 0)
		return digest;
	digest_free(digest);
	return NULL;
}

void
digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	EVP_MD_free(digest->algorithm);
	free(digest);
}

int
digest_add(struct digest *digest, const void *data, size_t length)
{
	return EVP_DigestUpdate(digest->context, data, length) == 1 ? 0 : -EIO;
}

int
digest_end(struct digest *digest, uint8_t ret_digest[static DIGEST_SIZE])
{
	uint8_t result[DIGEST_SIZE];

	if (EVP_DigestFinal_ex(digest->context, result, NULL) != 1 || begin(digest, NULL) < 0)
		return -EIO;
	for (int i = 0; i < DIGEST_SIZE; i++)
		ret_digest[i] = result[i];
	return 0;
}

static int
digest_once(struct digest **kept, enum digest_kind kind, const void *data, size_t length,
	    uint8_t ret_digest[static DIGEST_SIZE])
{
	if (!*kept)
		*kept = digest_new(kind);
	if (!*kept || digest_add(*kept, data, length) < 0)
		return -EIO;
	return digest_end(*kept, ret_digest);
}

/* One context a thread and kind, for the thread's life. */
static _Thread_local struct digest *kept_sm3, *kept_sha256;

int
digest_sm3(const void *data, size_t length, uint8_t ret_digest[static DIGEST_SIZE])
{
	return digest_once(&kept_sm3, DIGEST_SM3, data, length, ret_digest);
}

int
digest_sha256(const void *data, size_t length, uint8_t ret_digest[static DIGEST_SIZE])
{
	return digest_once(&kept_sha256, DIGEST_SHA256, data, length, ret_digest);
}

char *
digest_hex(const uint8_t digest[static DIGEST_SIZE], char text[static DIGEST_HEX_SIZE])
{
	return sodium_bin2hex(text, DIGEST_HEX_SIZE, digest, DIGEST_SIZE);
}
