/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Migrate: the house's tables, then the service's own (db/migrate.h).
 */
#ifndef MZ_SVC_MIGRATE_H
#define MZ_SVC_MIGRATE_H

#include "svc/options.h"
#include "svc/service.h"

/* Brings the service's schema up to date as the owner; says on stdout what it did. Exit status. */
int migrate_schema(const struct svc_service *service, const struct options *options);

#endif
