/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps: what all decisions on an application share.
 *
 * A step finds the application in a state that allows it (rules_state.h), changes a copy, and says
 * what the journal keeps. StepFacts and StepEffects are the same for all steps.
 */
#ifndef RELIEF_STEPS_H
#define RELIEF_STEPS_H

#include "relief/facts.pb-c.h"
#include "rules_state.h"
#include "svc/method.h"

/*
 * Begins a step on facts->application: RPC_OK with effects->application in its next state, version
 * raised, and its journal line with the text; or why it cannot be.
 */
enum rpc_code step_begin(struct svc_call *c, const char *id, int32_t version,
			 enum application_action action, const char *text);

/* The answer: the application without its file. Returns RPC_OK. */
enum rpc_code step_done(struct svc_call *c);

/* True when a family file is sound: one applicant, who is `applicant`, nobody twice, windows of 1
 * or 12 months; else the wrong fields are noted (svc_fail_field) below `path`. */
bool step_file_is_sound(struct svc_call *c, const FamilyFile *file, const char *applicant,
			const char *path);

/* Appends the keys of the members. */
void step_add_persons(struct svc_call *c, const FamilyFile *file, size_t *n, char ***person_ids);

#endif
