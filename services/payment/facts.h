/* SPDX-License-Identifier: Apache-2.0 */
/* The messages that payment's decisions read and write. */
#ifndef MZ_PAYMENT_FACTS_H
#define MZ_PAYMENT_FACTS_H

#include "minzheng/payment/v1/payment.pb-c.h"
#include "payment/facts.pb-c.h"

#endif
