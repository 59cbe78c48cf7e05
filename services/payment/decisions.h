/* SPDX-License-Identifier: Apache-2.0 */
/* Payment's decisions, one an rpc; each is pure (svc/method.h). What they may refuse stands in the
 * proto. */
#ifndef MZ_PAYMENT_DECISIONS_H
#define MZ_PAYMENT_DECISIONS_H

#include "svc/method.h"

/* awards.c: awards come in, by relief's events and by import. */
enum rpc_code take_awards(struct svc_call *c);
enum rpc_code create_award_import(struct svc_call *c);
enum rpc_code upload_award_rows(struct svc_call *c);
enum rpc_code commit_award_import(struct svc_call *c);
enum rpc_code abandon_award_import(struct svc_call *c);

/* runs.c: a month from draft to settled. */
enum rpc_code create_payment_run(struct svc_call *c);
enum rpc_code advance_payment_runs(struct svc_call *c);
enum rpc_code check_payment_run(struct svc_call *c);
enum rpc_code approve_payment_run(struct svc_call *c);
enum rpc_code send_payment_run(struct svc_call *c);
enum rpc_code settle_payment_run(struct svc_call *c);
enum rpc_code cancel_payment_run(struct svc_call *c);
enum rpc_code resolve_hold(struct svc_call *c);
enum rpc_code import_bank_results(struct svc_call *c);
enum rpc_code repay(struct svc_call *c);

/* recovery.c: what was paid too much comes back (PAY-04). */
enum rpc_code plan_recovery(struct svc_call *c);
enum rpc_code record_recovery(struct svc_call *c);
enum rpc_code write_off_recovery(struct svc_call *c);

#endif
