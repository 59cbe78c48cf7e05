/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/secret.h"

#include <string.h>

#include "crypto/digest.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "svc/decide.h"

#ifdef MZ_SANITIZE
#define COST password_cost_for_tests
#else
#define COST password_cost_default
#endif

char *
svc_new_token(struct svc_call *c)
{
	char *made = svc_made(c), text[RANDOM_TOKEN_SIZE];

	return made ? made : svc_keep_made(c, random_token(text));
}

ProtobufCBinaryData
svc_token_hash(struct svc_call *c, const char *token)
{
	ProtobufCBinaryData hash = {DIGEST_SIZE, svc_alloc(c, DIGEST_SIZE)};

	if (digest_sm3(token, strlen(token), hash.data) < 0)
		svc_need(c, NULL);
	return hash;
}

char *
svc_password_hash(struct svc_call *c, const char *password)
{
	char *made = svc_made(c), text[PASSWORD_TEXT_SIZE];

	if (made)
		return made;
	if (password_hash(&COST, password, strlen(password), text) < 0)
		svc_need(c, NULL);
	return svc_keep_made(c, text);
}

bool
svc_password_fits(struct svc_call *c, const char *hash, const char *password)
{
	char spent[PASSWORD_TEXT_SIZE];

	(void)c;
	if (*hash)
		return password_verify(hash, password, strlen(password)) == PASSWORD_RIGHT;
	/* An account that does not exist must not be told by the clock. */
	(void)password_hash(&COST, password, strlen(password), spent);
	return false;
}
