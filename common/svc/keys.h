/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: what the runner needs of the key file.
 *
 * One file, readable by the services' user only, holds everything (crypto/): keys by number for
 * sealed values, the key of the blind index, and a secret from which services prove each other that
 * they can read it.
 */
#ifndef MZ_SVC_KEYS_H
#define MZ_SVC_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyfile;
struct sealer;
struct blinder;
struct hmac;
struct sign_key;

enum {
	KEYS_DIGEST_SIZE = 32,
	KEYS_NAME_SIZE = 64,
	KEYS_TOKEN_SIZE = 256,
	KEYS_SIGNERS_MAX = 16, /* the newest signs, the others verify what they signed */
	KEYS_SIGNATURE_MAX = 72,
};

struct keys {
	struct sealer *sealer;
	struct blinder *blinder;
	struct hmac *token;
	struct {
		uint32_t id;
		struct sign_key *key;
	} signers[KEYS_SIGNERS_MAX];
	size_t n_signers;
};

/* Prepares what a file holds; the file may be freed afterwards. 0, or -EINVAL when a key is
 * missing.
 */
int keys_new(const struct keyfile *file, struct keys *ret_keys);
void keys_free(struct keys *keys);

/* SM3. */
void keys_digest(const void *data, size_t size, uint8_t digest[static KEYS_DIGEST_SIZE]);
/* HMAC-SM3: what a request is recognised by, though it may hold a password; without the key file
 * nobody finds it by trying. */
void keys_mac(const struct keys *keys, const void *data, size_t size,
	      uint8_t mac[static KEYS_DIGEST_SIZE]);

/* Signs the digest of a seal with the newest key; false when OpenSSL fails. */
bool keys_sign(const struct keys *keys, const uint8_t digest[static KEYS_DIGEST_SIZE],
	       uint8_t ret_signature[static KEYS_SIGNATURE_MAX], size_t *ret_length,
	       uint32_t *ret_key_id);
/* True when the key of that id, which the file must still hold, has signed the digest. */
bool keys_has_signed(const struct keys *keys, uint32_t key_id,
		     const uint8_t digest[static KEYS_DIGEST_SIZE], const void *signature,
		     size_t length);

/* True for text that begins like a service's token. */
bool keys_is_service_token(const char *token);
/* The token of a service for the hour of now_us. */
void keys_service_token(const struct keys *keys, const char *service, int32_t tenant,
			int64_t now_us, char token[static KEYS_TOKEN_SIZE]);
/* False unless it was made with this key file within an hour of now_us. The name is
 * "service:relief". */
bool keys_verify_service_token(const struct keys *keys, const char *token, int64_t now_us,
			       char name[static KEYS_NAME_SIZE], int32_t *ret_tenant);

#endif
