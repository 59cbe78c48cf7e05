/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness from the kernel, read ahead.
 *
 * For ids and hash keys, where a system call each would cost more than the rest. Bytes that have
 * been read ahead are erased when handed out and are not inherited by a fork. Keys of ciphers come
 * from crypto/random.h.
 */
#ifndef MZ_BASE_ENTROPY_H
#define MZ_BASE_ENTROPY_H

#include <stddef.h>

/* Fills size bytes; at most 256 at a time. Aborts the process when the kernel has none to give. */
void entropy_take(void *data, size_t size);

#endif
