/* SPDX-License-Identifier: Apache-2.0 */
/* mz verify: every service's audit trail beside its seals (CMP-05). */
#include <err.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const char method[] = "minzheng.svc.v1.AdminService/VerifyAuditTrail";
static const char auditor[] = "auditor@500114";

struct trail {
	int64_t seals, rows, faults, last, expired;
	char digest[65];
};

/* 64-bit numbers are texts in JSON; an absent one is 0. */
static int64_t
number_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? strtoll(text, NULL, 10) : 0;
}

/* Takes one piece in; true when there are more. */
static bool
take_piece(struct trail *trail, const char *service, const json_t *piece)
{
	const char *digest = json_string_value(json_object_get(piece, "lastDigest"));
	json_t *fault;
	size_t i;

	json_array_foreach(json_object_get(piece, "faults"), i, fault)
	{
		trail->faults++;
		printf("%s：%s\n", service, json_string_value(json_object_get(fault, "text")));
	}
	trail->seals += number_in(piece, "seals");
	trail->rows += number_in(piece, "rows");
	trail->last = number_in(piece, "last");
	if (number_in(piece, "expired"))
		trail->expired = number_in(piece, "expired");
	if (digest)
		snprintf(trail->digest, sizeof trail->digest, "%s", digest);
	return json_is_true(json_object_get(piece, "more"));
}

/* False: the service did not answer, which has been printed. */
static bool
verify_service(struct session *session, const char *service, struct trail *trail)
{
	bool more = true;

	while (more) {
		char request[64], *response = NULL;
		json_t *piece;

		snprintf(request, sizeof request, "{\"after\":\"%" PRId64 "\",\"limit\":50}",
			 trail->last);
		if (session_run(session, auditor, NULL, method, request, &response, false) !=
		    RPC_OK)
			return false;
		piece = json_loads(response, 0, NULL);
		free(response);
		if (!piece)
			errx(1, "%s 的答复不是 JSON", service);
		more = take_piece(trail, service, piece);
		json_decref(piece);
	}
	return true;
}

int
command_verify(struct session *session, const struct arguments *arguments)
{
	const char *service;
	int status = 0;

	arguments_end(arguments, 0, 1, "mz verify [服务]");
	for (int i = 0; (service = session_turn_to(session, i)); i++) {
		struct trail trail = {0};

		if (arguments->count == 1 && strcmp(arguments->values[0], service) != 0)
			continue;
		if (!verify_service(session, service, &trail)) {
			status = 1;
			continue;
		}
		printf("%s：核对了 %" PRId64 " 个封条、%" PRId64 " 行，%s", service, trail.seals,
		       trail.rows, trail.faults ? "发现改动" : "与封存时一致");
		if (trail.last)
			printf("；最后一个封条 %" PRId64 "，摘要 %s", trail.last, trail.digest);
		if (trail.expired)
			printf("；到第 %" PRId64 " 个封条为止的已过保存期删除", trail.expired);
		putchar('\n');
		status |= trail.faults > 0;
	}
	return status;
}
