/* SPDX-License-Identifier: Apache-2.0 */
#include "base/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* One page that the kernel clears in the child of a fork, so `left` is 0 there. */
struct pool {
	size_t left;
	unsigned char bytes[4096 - sizeof(size_t)];
};

static void
read_kernel(void *data, size_t size)
{
	if (getentropy(data, size) != 0)
		abort();
}

static struct pool *
pool_new(void)
{
	struct pool *pool =
	    mmap(NULL, sizeof *pool, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pool == MAP_FAILED)
		return NULL;
	if (madvise(pool, sizeof *pool, MADV_WIPEONFORK) == 0)
		return pool;
	munmap(pool, sizeof *pool);
	return NULL;
}

/* getentropy gives at most 256 bytes a call. */
static void
refill(struct pool *pool)
{
	for (size_t done = 0; done < sizeof pool->bytes; done += 256) {
		size_t piece = sizeof pool->bytes - done;

		read_kernel(pool->bytes + done, piece < 256 ? piece : 256);
	}
	pool->left = sizeof pool->bytes;
}

void
entropy_take(void *data, size_t size)
{
	static _Thread_local struct pool *pool;
	unsigned char *at;

	if (!pool)
		pool = pool_new();
	if (!pool) {
		read_kernel(data, size);
		return;
	}
	if (pool->left < size)
		refill(pool);
	pool->left -= size;
	at = pool->bytes + pool->left;
	memcpy(data, at, size);
	explicit_bzero(at, size);
}
