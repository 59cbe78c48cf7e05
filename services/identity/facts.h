/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that identity's decisions read and write. */
#ifndef MZ_IDENTITY_FACTS_H
#define MZ_IDENTITY_FACTS_H

#include "identity/facts.pb-c.h"
#include "minzheng/identity/v1/account.pb-c.h"
#include "minzheng/identity/v1/session.pb-c.h"

#endif
