/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing: the audit trail's new rows are put under a signed seal, at most a second behind (CMP-05,
 * design §7; trail.h says what a seal is).
 *
 * The first worker of every process group looks each half second, and at once again after a full
 * seal. Of several hosts one wins: seals are numbered, and the second to write a number is refused
 * and looks again later. It goes by the real clock, with --test-clock too.
 */
#ifndef MZ_SVC_SEALING_H
#define MZ_SVC_SEALING_H

struct sealing;
struct worker;

/* NULL without memory. */
struct sealing *sealing_new(struct worker *worker);
void sealing_free(struct sealing *sealing);

#endif
