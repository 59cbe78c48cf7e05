/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that registry's decisions read and write. */
#ifndef MZ_REGISTRY_FACTS_H
#define MZ_REGISTRY_FACTS_H

#include "minzheng/registry/v1/bank_account.pb-c.h"
#include "minzheng/registry/v1/division.pb-c.h"
#include "minzheng/registry/v1/events.pb-c.h"
#include "minzheng/registry/v1/fact.pb-c.h"
#include "minzheng/registry/v1/household.pb-c.h"
#include "minzheng/registry/v1/import.pb-c.h"
#include "minzheng/registry/v1/person.pb-c.h"
#include "minzheng/registry/v1/policy.pb-c.h"
#include "registry/facts.pb-c.h"

#endif
