/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SM2 signatures (GB/T 32918.2) over SM3, with the default signer identity 1234567812345678.
 *
 * The audit trail's seals are signed with the key file's private key; whoever verifies needs the
 * public half only. One thread at a time.
 */
#ifndef MZ_CRYPTO_SIGN_H
#define MZ_CRYPTO_SIGN_H

#include <stddef.h>
#include <stdint.h>

enum {
	SIGN_MAX_BYTES = 72,      /* of a DER signature */
	SIGN_KEY_MAX_BYTES = 256, /* of a key in DER */
};

enum sign_result { SIGN_OK, SIGN_FORGED, SIGN_FAILED };

struct sign_key;

/* A new key pair; NULL when OpenSSL fails. Freed by sign_key_free. */
struct sign_key *sign_key_new(void);
void sign_key_free(struct sign_key *key);

/* From PKCS #8 or SubjectPublicKeyInfo DER; NULL when it is no SM2 key. */
struct sign_key *sign_key_from_private(const void *der, size_t length);
struct sign_key *sign_key_from_public(const void *der, size_t length);

/* Writes the key as DER of at most SIGN_KEY_MAX_BYTES; the bytes written, or 0 on failure. The
 * private one is the caller's to erase. */
size_t sign_key_private(const struct sign_key *key, uint8_t ret_der[static SIGN_KEY_MAX_BYTES]);
size_t sign_key_public(const struct sign_key *key, uint8_t ret_der[static SIGN_KEY_MAX_BYTES]);

/* Signs; SIGN_FAILED with a public key. */
enum sign_result sign_make(const struct sign_key *key, const void *data, size_t length,
			   uint8_t ret_signature[static SIGN_MAX_BYTES], size_t *ret_length);

/* SIGN_OK, SIGN_FORGED when the signature is not this key's over this data. */
enum sign_result sign_verify(const struct sign_key *key, const void *data, size_t length,
			     const uint8_t *signature, size_t signature_length);

#endif
