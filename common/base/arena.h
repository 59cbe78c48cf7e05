/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena: all memory of one call, freed in one place.
 *
 * An arena hands out memory until its budget is used up and frees everything at once; single
 * objects are never freed. Clean-ups that a thing of the call needs (a leased connection, an open
 * cursor) hang on the arena too and run, last one first, when it is reset. One invariant: `used`
 * never exceeds `budget`; every allocation past it fails, and the call that owns the arena answers
 * RESOURCE_EXHAUSTED.
 *
 * The memory comes from blocks (base/block.h). Under AddressSanitizer every allocation is a block
 * of its own.
 *
 * An arena lives on one thread.
 */
#ifndef MZ_BASE_ARENA_H
#define MZ_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A new arena with room for budget bytes in all; NULL when there is no memory. Freed by arena_free.
 */
struct arena *arena_new(size_t budget);

/* Runs the clean-ups, then gives all memory back. NULL is allowed. */
void arena_free(struct arena *arena);

/* Runs the clean-ups and forgets every allocation: the arena is as new. */
void arena_reset(struct arena *arena);

/* From now on every reset, and the free, erases the bytes handed out before they can be used again:
 * for calls that see personal data (等保 level 3: residual memory is cleared; CMP-05). */
void arena_erase_on_reset(struct arena *arena);

/* size bytes, aligned for any object, not initialised; NULL over budget. A size of 0 gives a valid
 * pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* count objects of size bytes, all zero; NULL over budget or when the product overflows. */
void *arena_zalloc(struct arena *arena, size_t count, size_t size);

/* Copies; the text copies end with a NUL. NULL over budget. */
void *arena_memdup(struct arena *arena, const void *data, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Runs fn(data) when the arena is reset or freed. 0, or -ENOMEM (then fn will not run). */
int arena_on_reset(struct arena *arena, void (*fn)(void *data), void *data);

/* Whether data points into what the arena has handed out since the last reset. */
bool arena_holds(const struct arena *arena, const void *data);

/* Bytes handed out since the last reset, and the most that can be. */
size_t arena_used(const struct arena *arena);
size_t arena_budget(const struct arena *arena);
/* What is handed out already stays, whatever the new budget. */
void arena_set_budget(struct arena *arena, size_t budget);

/* True once an allocation has failed since the last reset. */
int arena_exhausted(const struct arena *arena);

#define ARENA_NEW(arena, type)          ((type *)arena_zalloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_zalloc((arena), (count), sizeof(type)))

#endif
