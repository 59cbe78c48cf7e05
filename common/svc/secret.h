/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that a decision makes or compares: passwords and tokens (CMP-05).
 *
 * Only hashes are stored. What is made here is the same when the decision is run again, like ids.
 * A password costs tens of milliseconds of this worker by intent, so methods that take one are few
 * and their callers are limited by the lock after wrong ones.
 */
#ifndef MZ_SVC_SECRET_H
#define MZ_SVC_SECRET_H

#include "svc/method.h"

/* A bearer token of 256 bits. */
char *svc_new_token(struct svc_call *c);
/* What a token is looked up by (SM3). */
ProtobufCBinaryData svc_token_hash(struct svc_call *c, const char *token);

/* The text to store (Argon2id). */
char *svc_password_hash(struct svc_call *c, const char *password);
/* Takes as long when there is no hash (""), and is then false. */
bool svc_password_fits(struct svc_call *c, const char *hash, const char *password);

#endif
