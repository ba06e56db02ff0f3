/*
 * A doubly linked list that lives inside its members.
 *
 * A list is a ring of links with a head that belongs to nobody. A link that is in no list points
 * at itself, so taking it out twice does no harm, and a member leaves in constant time without
 * knowing which list it is in. Nothing is ever allocated.
 */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *previous;
    struct link *next;
};

/* The structure that has `a_link` inside it as `member`. */
#define list_member(a_link, type, member)                                                          \
    ((type *)(void *)((char *)(a_link)-offsetof(type, member)))

/* Makes an empty list, or a link that is in no list. Both need this before anything else. */
static inline void list_init(struct link *link)
{
    link->previous = link;
    link->next = link;
}

static inline bool list_is_empty(const struct link *list)
{
    return list->next == list;
}

/* The first link of the list, or NULL when the list is empty. */
static inline struct link *list_first(const struct link *list)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it does not follow list_remove() before free() */
    return list_is_empty(list) ? NULL : list->next;
}

/* The link after `link`, or NULL at the end of the list. */
static inline struct link *list_next(const struct link *list, const struct link *link)
{
    return link->next == list ? NULL : link->next;
}

/* Takes a link out of the list that it is in, if it is in one. */
static inline void list_remove(struct link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}

/* Puts a link that is in no list at the end of this one. */
static inline void list_append(struct link *list, struct link *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

/* Moves all members of `from` to the end of `to`; `from` is empty afterwards. */
static inline void list_append_all(struct link *to, struct link *from)
{
    if (list_is_empty(from))
        return;
    from->next->previous = to->previous;
    from->previous->next = to;
    to->previous->next = from->next;
    to->previous = from->previous;
    list_init(from);
}

#endif
