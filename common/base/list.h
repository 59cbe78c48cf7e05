/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List: intrusive, doubly linked, circular.
 *
 * The list an object is in is its state; moving it is one call. A `struct list` is both the head
 * and the member of a list's objects. A member that is in no list points at itself, so removing
 * twice is harmless. A list owns nothing.
 */
#ifndef MZ_BASE_LIST_H
#define MZ_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(head) ((struct list){&(head), &(head)})

/* An empty list, or a member that is in no list. */
static inline void
list_init(struct list *list)
{
	list->next = list->prev = list;
}

static inline bool
list_is_empty(const struct list *list)
{
	return list->next == list;
}

/* Takes the member out of the list it is in, if any. */
static inline void
list_remove(struct list *member)
{
	member->prev->next = member->next;
	member->next->prev = member->prev;
	list_init(member);
}

/* Puts a member that is in no list before `where`: at the list's end when that is its head. */
static inline void
list_append(struct list *where, struct list *member)
{
	member->next = where;
	member->prev = where->prev;
	where->prev->next = member;
	where->prev = member;
}

/* Takes the member out of its list, if any, and puts it at the end of another. */
static inline void
list_move(struct list *to, struct list *member)
{
	list_remove(member);
	list_append(to, member);
}

/* The object that a member is part of. */
#define LIST_ENTRY(pointer, type, field) ((type *)(void *)((char *)(pointer)-offsetof(type, field)))

/* The first object, or NULL when the list is empty. */
#define LIST_FIRST(list, type, field) \
	(list_is_empty(list) ? NULL : LIST_ENTRY((list)->next, type, field))

/* Takes the first member out; NULL when the list is empty. */
static inline struct list *
list_pop(struct list *list)
{
	struct list *first = list->next;

	if (first == list)
		return NULL;
	list->next = first->next;
	first->next->prev = list;
	list_init(first);
	return first;
}

/*
 * Every member, as `struct list *member`. The body may remove that member, no other.
 *	LIST_FOREACH(member, &pool->idle)
 *		ping(LIST_ENTRY(member, struct session, link));
 */
#define LIST_FOREACH(member, head)                                                                \
	for (struct list *member = (head)->next, *member##_next = member->next; member != (head); \
	     member = member##_next, member##_next = member->next)

#endif
