/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/migrate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/embed.h"
#include "db/migrate.h"

EMBEDDED(svc_house_schema);
EMBEDDED(svc_house_keep);
EMBEDDED(svc_house_seal);
EMBEDDED(svc_house_terms);

enum { MAX_FILES = 256 };

/* Of all services' tables; nobody can log in as it. */
#define OWNER "minzheng_owner"

static void
say(void *data, const char *text)
{
	const struct svc_service *service = data;

	printf("%s: %s\n", service->name, text);
}

int
migrate_schema(const struct svc_service *service, const struct options *options)
{
	struct db_migration files[MAX_FILES] = {
	    {"0000_house.sql", embedded_text(svc_house_schema), svc_house_schema_size},
	    {"0000_house_keep.sql", embedded_text(svc_house_keep), svc_house_keep_size},
	    {"0000_house_seal.sql", embedded_text(svc_house_seal), svc_house_seal_size},
	    {"0000_house_terms.sql", embedded_text(svc_house_terms), svc_house_terms_size},
	};
	struct db_migrate_options migrate = {
	    .conninfo = options->owner_db ? options->owner_db : options->db,
	    .owner = OWNER,
	    .schema = service->name,
	    .files = files,
	    .n_files = 4,
	    .report = say,
	    .data = (void *)(uintptr_t)service,
	};
	const struct svc_file *file;
	size_t n_run;

	for (file = service->schema; file->name && migrate.n_files < MAX_FILES; file++)
		files[migrate.n_files++] = (struct db_migration){
		    file->name, (const char *)file->data, (size_t)(file->end - file->data)};
	return db_migrate(&migrate, &n_run) == DB_MIGRATE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
