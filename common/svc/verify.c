/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AdminService/VerifyAuditTrail: the audit trail beside its seals (trail.h).
 *
 * Reads a list of seals, then the rows of one after the other, and at the end of the chain the rows
 * that no seal covers.
 */
#include <inttypes.h>
#include <string.h>

#include "crypto/digest.h"
#include "minzheng/svc/v1/admin.pb-c.h"
#include "proto/member.h"
#include "svc/copy.h"
#include "svc/native.h"
#include "svc/trail.h"
#include "svc/worker.h"

enum { DEFAULT_SEALS = 20, MAX_MISSED = 100, SEAL_BYTES = 96 << 20 };

struct verify {
	struct task *task;
	VerifyAuditTrailResponse *response;
	struct db_query query;
	SvcSeal *seals;
	size_t n_seals, at; /* at: the one whose rows are read */
	struct trail_seal work;
	struct arena *rows; /* of one seal: a trail is longer than a call may be large */
};

static void read_rows(struct verify *v);

/* False: the task has failed. */
static bool
fault(struct verify *v, AuditFault__Kind kind, int64_t seal, int64_t row, const char *what)
{
	const ProtobufCFieldDescriptor *faults = protobuf_c_message_descriptor_get_field_by_name(
	    &verify_audit_trail_response__descriptor, "faults");
	AuditFault *fault = (AuditFault *)task_message(v->task, &audit_fault__descriptor);
	AuditFault **place = fault ? member_add(&v->response->base, faults, v->task->arena) : NULL;

	if (!place) {
		task_fail(v->task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "问题过多，请缩小范围");
		return false;
	}
	fault->kind = kind;
	fault->seal = seal;
	fault->row = row;
	fault->text = arena_printf(v->task->arena, "第 %" PRId64 " %s", row ? row : seal, what);
	*place = fault;
	return fault->text != NULL;
}

/* Starts a read of one house statement. */
static void
start_read(struct verify *v, enum house_statement statement, int64_t number, int64_t limit,
	   db_done_fn *done)
{
	struct task *task = v->task;
	SvcSealSpan *span = (SvcSealSpan *)task_message(task, &svc_seal_span__descriptor);
	struct db_error error = {.text = ""};

	if (!span)
		return;
	span->tenant = task->caller.tenant;
	span->number = number;
	span->limit = limit;
	if (!task_bind_house(task, statement, span, &v->query))
		return;
	task->read = db_read_start(task->worker->pool, &v->query, 1, task->deadline_us, done, v,
				   &error.outcome);
	if (!task->read)
		task_fail_db(task, &error);
}

/* Takes a read's answer; false: the task has failed. */
static bool
is_read(struct verify *v, const struct db_error *error)
{
	v->task->read = NULL;
	if (error)
		task_fail_db(v->task, error);
	return !error;
}

static bool
fill(struct verify *v, const struct db_result *result, size_t row, struct arena *arena,
     ProtobufCMessage *message)
{
	struct db_error error = {.text = ""};

	error.outcome = db_fill_row(result, row, NULL, arena, message, &error);
	if (error.outcome != DB_OK)
		task_fail_db(v->task, &error);
	return error.outcome == DB_OK;
}

/* -- the end of the chain -------------------------------------------------------------------- */

static void
finish(struct verify *v)
{
	v->task->response = &v->response->base;
	task_end(v->task);
}

static void
on_missed(void *data, const struct db_result *results, size_t n_results,
	  const struct db_error *error)
{
	struct verify *v = data;

	(void)n_results;
	if (!is_read(v, error))
		return;
	for (size_t i = 0; i < results[0].n_rows; i++) {
		SvcAuditLine row = SVC_AUDIT_LINE__INIT;

		if (!fill(v, &results[0], i, v->rows, &row.base) ||
		    !fault(v, AUDIT_FAULT__KIND__ROW_ADDED, 0, row.number,
			   "行没有封存：它不是在所记的时间写入的"))
			return;
	}
	finish(v);
}

/* -- one seal -------------------------------------------------------------------------------- */

static bool
check_row(struct verify *v, const SvcSeal *seal, const struct db_result *result, size_t i,
	  bool *any_bad)
{
	SvcAuditLine row = SVC_AUDIT_LINE__INIT;
	const uint8_t *mark = seal->row_digests.data + i * TRAIL_MARK_SIZE;

	if (!fill(v, result, i, v->rows, &row.base))
		return false;
	if (row._line_case == SVC_AUDIT_LINE___LINE__NOT_SET) {
		*any_bad = true;
		return fault(v, AUDIT_FAULT__KIND__ROW_REMOVED, seal->number, row.number,
			     "行已被删除");
	}
	if (trail_add_row(&v->work, row.line) &&
	    (i + 1) * TRAIL_MARK_SIZE <= seal->row_digests.len &&
	    memcmp(v->work.rows[v->work.n_rows - 1], mark, TRAIL_MARK_SIZE) == 0)
		return true;
	*any_bad = true;
	return fault(v, AUDIT_FAULT__KIND__ROW_CHANGED, seal->number, row.number, "行已被改动");
}

/* The digest is compared only when every row is itself: a bad row has been named already. */
static bool
check_seal(struct verify *v, const SvcSeal *seal, bool any_bad)
{
	uint8_t digest[TRAIL_DIGEST_SIZE];
	const struct keys *keys = &v->task->worker->program->keys;

	trail_digest(&v->work, digest);
	if (seal->digest.len != TRAIL_DIGEST_SIZE ||
	    !keys_has_signed(keys, (uint32_t)seal->key_id, seal->digest.data, seal->signature.data,
			     seal->signature.len))
		return fault(v, AUDIT_FAULT__KIND__SEAL_FORGED, seal->number, 0,
			     "号封条的签名不是本局密钥所签");
	if (!any_bad && memcmp(digest, seal->digest.data, TRAIL_DIGEST_SIZE) != 0)
		return fault(v, AUDIT_FAULT__KIND__SEAL_CHANGED, seal->number, 0,
			     "号封条与它的记录或前一封条不符");
	return true;
}

static void
on_rows(void *data, const struct db_result *results, size_t n_results, const struct db_error *error)
{
	struct verify *v = data;
	const SvcSeal *seal = &v->seals[v->at];
	bool any_bad = false;

	(void)n_results;
	if (!is_read(v, error))
		return;
	arena_reset(v->rows);
	for (size_t i = 0; i < results[0].n_rows; i++)
		if (!check_row(v, seal, &results[0], i, &any_bad))
			return;
	v->response->seals++;
	v->response->rows += (int64_t)results[0].n_rows;
	if (!check_seal(v, seal, any_bad))
		return;
	v->at++;
	read_rows(v);
}

static void
read_rows(struct verify *v)
{
	const SvcSeal *before = v->at > 0 ? &v->seals[v->at - 1] : NULL, *seal;
	char hex[DIGEST_HEX_SIZE];

	if (v->at == v->n_seals) {
		if (before) {
			v->response->last = before->number;
			if (before->digest.len == DIGEST_SIZE)
				v->response->last_digest = arena_strdup(
				    v->task->arena, digest_hex(before->digest.data, hex));
		}
		if (v->response->more)
			finish(v);
		else
			start_read(v, HOUSE_SEAL_MISSED, 0, MAX_MISSED, on_missed);
		return;
	}
	seal = &v->seals[v->at];
	v->work.number = seal->number;
	v->work.n_rows = 0;
	memset(v->work.before, 0, TRAIL_DIGEST_SIZE);
	if (before && before->digest.len == TRAIL_DIGEST_SIZE)
		memcpy(v->work.before, before->digest.data, TRAIL_DIGEST_SIZE);
	if (seal->number != (before ? before->number : 0) + 1 &&
	    !fault(v, AUDIT_FAULT__KIND__SEAL_REMOVED, seal->number, 0, "号封条之前缺少封条"))
		return;
	start_read(v, HOUSE_SEAL_LINES, seal->number, 0, on_rows);
}

/* -- the list of seals ----------------------------------------------------------------------- */

static int64_t
limit_of(const VerifyAuditTrailRequest *request)
{
	return request->limit ? request->limit : DEFAULT_SEALS;
}

static void
on_seals(void *data, const struct db_result *results, size_t n_results,
	 const struct db_error *error)
{
	struct verify *v = data;
	const VerifyAuditTrailRequest *request = (const VerifyAuditTrailRequest *)v->task->request;
	size_t n, most = (size_t)limit_of(request) + (request->after > 0);

	(void)n_results;
	if (!is_read(v, error))
		return;
	n = results[0].n_rows;
	v->response->more = n > most;
	v->n_seals = n > most ? most : n;
	v->seals = ARENA_ARRAY(v->task->arena, SvcSeal, v->n_seals);
	for (size_t i = 0; v->seals && i < v->n_seals; i++) {
		svc_seal__init(&v->seals[i]);
		if (!fill(v, &results[0], i, v->task->arena, &v->seals[i].base))
			return;
	}
	/* The one that the caller has, or that was cut off, is only needed for its digest. */
	v->at = v->n_seals > 0 && (v->seals[0].cut || v->seals[0].number == request->after);
	if (v->at > 0 && v->seals[0].cut)
		v->response->expired = v->seals[0].number;
	read_rows(v);
}

static void
free_rows(void *rows)
{
	arena_free(rows);
}

void
admin_verify_audit_trail(struct task *task)
{
	const VerifyAuditTrailRequest *request = (const VerifyAuditTrailRequest *)task->request;
	struct verify *v = ARENA_NEW(task->arena, struct verify);

	if (v)
		v->rows = arena_new(SEAL_BYTES);
	if (v && v->rows && arena_on_reset(task->arena, free_rows, v->rows) < 0) {
		arena_free(v->rows);
		v->rows = NULL;
	}
	if (v && v->rows)
		v->response = (VerifyAuditTrailResponse *)task_message(
		    task, &verify_audit_trail_response__descriptor);
	if (!v || !v->response) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE", "内存不足，请稍后再试");
		return;
	}
	v->task = task;
	v->response->last = request->after;
	v->work.tenant = task->caller.tenant;
	start_read(v, HOUSE_SEAL_LIST, request->after, limit_of(request) + 2, on_seals);
}
