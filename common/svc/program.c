/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "base/log.h"
#include "crypto/keyfile.h"
#include "google/rpc/error_details.pb-c.h"
#include "minzheng/svc/v1/admin.pb-c.h"
#include "minzheng/svc/v1/event.pb-c.h"
#include "minzheng/svc/v1/indicator.pb-c.h"
#include "rpc/reflection.h"
#include "svc/fields.h"
#include "svc/native.h"
#include "svc/tls.h"
#include "svc/worker.h"

enum {
	PROGRAM_BYTES = 64 << 20,
	MAX_OWN_CONTRACTS = 16,
	MAX_MESSAGES = 1024,
};

EMBEDDED(svc_house_queries);

/* What every program serves besides its own contracts. */
enum { N_HOUSE_CONTRACTS = 3 };
static const ProtobufCServiceDescriptor *const house_contracts[N_HOUSE_CONTRACTS] = {
    &indicator_service__descriptor,
    &event_service__descriptor,
    &admin_service__descriptor,
};
enum {
	MAX_CONTRACTS = MAX_OWN_CONTRACTS + N_HOUSE_CONTRACTS + RPC_N_BUILTIN_SERVICES,
};

/* Messages that no contract reaches: details of errors, and what the house binds. */
enum { N_HOUSE_MESSAGES = 3 };
static const ProtobufCMessageDescriptor *const house_messages[N_HOUSE_MESSAGES] = {
    &error_info__descriptor,
    &bad_request__descriptor,
    &svc_event__descriptor,
};

void
program_report(void *data, const char *text)
{
	struct program *program = data;

	fprintf(stderr, "%s: %s\n", program->service->name, text);
	program->n_faults++;
}

/* -- schema ---------------------------------------------------------------------------------- */

static size_t
list_contracts(const struct svc_service *service,
	       const ProtobufCServiceDescriptor *contracts[static MAX_CONTRACTS])
{
	size_t n = 0;

	for (; service->contracts[n] && n < MAX_OWN_CONTRACTS; n++)
		contracts[n] = service->contracts[n];
	memcpy(contracts + n, house_contracts, sizeof(house_contracts));
	n += N_HOUSE_CONTRACTS;
	memcpy(contracts + n, rpc_builtin_services, sizeof(rpc_builtin_services));
	return n + RPC_N_BUILTIN_SERVICES;
}

static size_t
list_messages(const struct svc_service *service,
	      const ProtobufCMessageDescriptor *messages[static MAX_MESSAGES])
{
	size_t n = N_HOUSE_MESSAGES;
	const struct svc_decision *d;

	memcpy(messages, house_messages, sizeof(house_messages));
	for (d = service->decisions; d->name && n + 2 <= MAX_MESSAGES; d++) {
		messages[n++] = d->facts;
		messages[n++] = d->effects;
	}
	return n;
}

static int
make_schema(struct program *program)
{
	const struct svc_service *service = program->service;
	const ProtobufCServiceDescriptor *contracts[MAX_CONTRACTS];
	const ProtobufCMessageDescriptor *messages[MAX_MESSAGES];
	const struct schema_set sets[] = {
	    {service->descriptors.data,
	     (size_t)(service->descriptors.end - service->descriptors.data)},
	    rpc_builtin_schema(),
	};
	const struct schema_source source = {
	    .sets = sets,
	    .n_sets = 2,
	    .services = contracts,
	    .n_services = list_contracts(service, contracts),
	    .messages = messages,
	    .n_messages = list_messages(service, messages),
	};

	return schema_new(&source, &program->schema);
}

/* -- plans ----------------------------------------------------------------------------------- */

static int
make_plans(struct program *program, const char *file, const unsigned char *text,
	   const struct svc_decision *decisions, size_t first, size_t n_contracts,
	   struct plans *ret_plans)
{
	const struct schema_service *contracts[MAX_CONTRACTS];
	struct queries queries = {0};
	const char *error = NULL;
	struct plan_input input = {
	    .schema = program->schema,
	    .contracts = contracts,
	    .n_contracts = n_contracts,
	    .queries = &queries,
	    .decisions = decisions,
	    .is_native = native_is,
	    .report = program_report,
	    .data = program,
	};
	int r =
	    queries_parse(program->arena, file, text ? (const char *)text : "", &queries, &error);

	if (r == -EINVAL) {
		program_report(program, error);
		return 0;
	}
	for (size_t i = 0; r == 0 && i < n_contracts; i++)
		contracts[i] = schema_service_at(program->schema, first + i);
	ret_plans->stmts = program->stmts;
	return r < 0 ? r : plans_make(program->arena, &input, ret_plans);
}

static int
make_all_plans(struct program *program)
{
	static const struct svc_decision none[] = {SVC_END};
	const struct svc_service *service = program->service;
	size_t n = 0;
	int r;

	while (service->contracts[n])
		n++;
	r = make_plans(program, "queries.sql", service->queries.data, service->decisions, 0, n,
		       &program->plans);
	if (r < 0)
		return r;
	return make_plans(program, "house_queries.sql", svc_house_queries, none, n,
			  N_HOUSE_CONTRACTS, &program->house_plans);
}

/* -- keys ------------------------------------------------------------------------------------ */

/* `--check` compares SQL and contract; it needs no secrets. */
static int
read_keys(struct program *program)
{
	const char *path = program->options->key_file;
	enum keyfile_result result = KEYFILE_MISSING;
	struct keyfile *file = NULL;
	int r;

	if (program->options->check)
		return 0;
	if (path)
		result = keyfile_read(path, &file);
	if (result != KEYFILE_OK) {
		fprintf(stderr, "密钥文件 %s：%s\n", path ? path : "（--key-file 没有给出）",
			keyfile_explain(result));
		return -EINVAL;
	}
	r = keys_new(file, &program->keys);
	if (r < 0)
		fprintf(stderr, "密钥文件 %s 不全，请从备份恢复\n", path);
	keyfile_free(file);
	return r;
}

/* -- all ------------------------------------------------------------------------------------- */

int
program_make(struct program *program, const struct svc_service *service,
	     const struct options *options)
{
	int r;

	*program = (struct program){.service = service, .options = options};
	program->arena = arena_new(PROGRAM_BYTES);
	program->stmts = db_stmts_new();
	if (!program->arena || !program->stmts)
		return -ENOMEM;
	if ((r = make_schema(program)) < 0 || (r = read_keys(program)) < 0 ||
	    (r = tls_server(options, &program->tls)) < 0 ||
	    (r = codec_new(&program->codec_state, program->schema, &program->keys, program->arena,
			   &program->codec)) < 0 ||
	    (r = fields_new(program->schema, &program->fields)) < 0 ||
	    (r = house_add(&program->house, program->stmts)) < 0)
		return r;
	if ((r = make_all_plans(program)) < 0 ||
	    (r = inbox_handlers_make(program->arena, &program->plans, program_report, program,
				     &program->handlers)) < 0)
		return r;
	return indicators_make(program->arena, "indicators.sql",
			       service->indicators.data ? (const char *)service->indicators.data
							: "",
			       program->stmts, program_report, program, &program->indicators);
}

void
program_free(struct program *program)
{
	fields_free(program->fields);
	SSL_CTX_free(program->tls);
	keys_free(&program->keys);
	db_stmts_free(program->stmts);
	schema_free(program->schema);
	arena_free(program->arena);
	*program = (struct program){0};
}
