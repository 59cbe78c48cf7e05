/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health: `NAME --health` asks the running service, as a container's probe does.
 */
#ifndef MZ_SVC_HEALTH_H
#define MZ_SVC_HEALTH_H

#include "svc/options.h"

/* Exit status: 0 when the service at --listen answers SERVING within a few seconds. */
int health_ask(const struct options *options);

#endif
