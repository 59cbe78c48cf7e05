/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of nghttp2's sessions: streams, header values, frames under way, all small and
 * short-lived.
 *
 * Blocks are kept in lists by size for the thread's next use, so a call costs no malloc. What one
 * burst needed goes back to the system a part at a time (h2_memory_trim).
 */
#ifndef MZ_RPC_H2_MEMORY_H
#define MZ_RPC_H2_MEMORY_H

#include <nghttp2/nghttp2.h>

/* nghttp2's allocator of this thread. */
nghttp2_mem *h2_memory(void);

/* Gives half of what the thread has at hand back to the system; what it needs comes again. */
void h2_memory_trim(void);

#endif
