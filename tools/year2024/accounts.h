/* SPDX-License-Identifier: Apache-2.0 */
/* Who does what in the sample year; services/identity/sample has the accounts. */
#ifndef YEAR2024_ACCOUNTS_H
#define YEAR2024_ACCOUNTS_H

#define CLERK    "clerk@500114"      /* the window: takes applications */
#define WORKER   "worker@500114"     /* townships: check, survey, opinion, notice */
#define APPROVER "approver@500114"   /* the bureau: decides */
#define CASHIER  "accountant@500114" /* payment: makes runs, deals with the bank */
#define CHECKER  "checker@500114"    /* payment: checks them */
#define STATION  "station@500114"    /* the rescue station */

#define RELIEF "minzheng.relief.v1."

#endif
