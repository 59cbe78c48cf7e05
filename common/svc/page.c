/* SPDX-License-Identifier: Apache-2.0 */
#include "svc/page.h"

#include <string.h>

#include "base/base64.h"
#include "crypto/seal.h"
#include "proto/member.h"
#include "proto/wire.h"
#include "svc/copy.h"
#include "svc/worker.h"

static struct sealer *
sealer_of(const struct task *task)
{
	return task->worker->program->keys.sealer;
}

static struct seal_place
place_of(const struct task *task)
{
	return (struct seal_place){"page_token", task->plan->label, strlen(task->plan->label)};
}

/* The row's bytes in a token; NULL: it is none of this method's. */
static const uint8_t *
open_token(struct task *task, const char *token, size_t *ret_length)
{
	size_t length = strlen(token);
	uint8_t *sealed = arena_alloc(task->arena, base64_decoded_max(length));
	uint8_t *bytes = arena_alloc(task->arena, base64_decoded_max(length));

	if (!sealed || !bytes || !base64_decode(token, length, sealed, &length) ||
	    seal_open(sealer_of(task), place_of(task), sealed, length, bytes) != SEAL_OK)
		return NULL;
	*ret_length = length - SEAL_OVERHEAD;
	return bytes;
}

static bool
read_token(struct task *task, const char *token)
{
	const struct plan_page *page = &task->plan->page;
	size_t length;
	const uint8_t *bytes = open_token(task, token, &length);
	ProtobufCMessage *after;

	if (!bytes || wire_read(page->items->descriptor, bytes, length, task->arena, &after,
				NULL) != PROTO_OK) {
		task_fail(task, RPC_INVALID_ARGUMENT, "BAD_PAGE_TOKEN",
			  "page_token 无效，请从第一页重新查询");
		return false;
	}
	task->sources[PLAN_AFTER] = after;
	return true;
}

bool
page_begin(struct task *task)
{
	const struct plan_page *page = &task->plan->page;
	const char *token;
	int32_t size;

	if (!page->token)
		return true;
	size = *(int32_t *)member_at(task->request, page->size, 0);
	token = *(char **)member_at(task->request, page->token, 0);
	if (size <= 0)
		size = PAGE_DEFAULT;
	task->page.limit = (size < PAGE_MAX ? size : PAGE_MAX) + 1;
	return !*token || read_token(task, token);
}

static char *
write_token(struct task *task, const ProtobufCMessage *last)
{
	const struct plan_page *page = &task->plan->page;
	ProtobufCMessage *key = wire_new(page->items->descriptor, task->arena);
	size_t size;
	void *bytes;
	uint8_t *sealed;
	char *token;

	if (!key)
		return NULL;
	for (size_t i = 0; i < page->n_keys; i++)
		copy_field(key, page->keys[i], last, page->keys[i]);
	bytes = wire_pack(key, task->arena, &size);
	if (!bytes)
		return NULL;
	sealed = arena_alloc(task->arena, size + SEAL_OVERHEAD);
	size += SEAL_OVERHEAD;
	token = arena_alloc(task->arena, base64_encoded_max(size) + 1);
	if (!sealed || !token ||
	    seal_close(sealer_of(task), place_of(task), bytes, size - SEAL_OVERHEAD, sealed) !=
		SEAL_OK)
		return NULL;
	token[base64_encode(sealed, size, BASE64_URL, token)] = '\0';
	return token;
}

bool
page_end(struct task *task)
{
	const struct plan_page *page = &task->plan->page;
	size_t *count;
	char *token;

	if (!page->token)
		return true;
	count = (size_t *)((char *)task->response + page->items->quantifier_offset);
	if (*count < (size_t)task->page.limit)
		return true;
	*count = (size_t)task->page.limit - 1;
	token = write_token(
	    task, *(ProtobufCMessage **)member_at(task->response, page->items, *count - 1));
	if (!token) {
		task_fail(task, RPC_RESOURCE_EXHAUSTED, "TOO_LARGE",
			  "本页内容过多，请减小 page_size");
		return false;
	}
	*(char **)member_add(task->response, page->next_token, task->arena) = token;
	return true;
}
