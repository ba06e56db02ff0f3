/*
 * A lock that belongs to somebody else.
 *
 * Nothing in core/ knows of threads. What several threads may come to share asks for its guard
 * around each look and each change, never around I/O; a model with one thread has none to give.
 */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include <stddef.h>

struct guard {
    void (*enter)(void *lock); /* NULL: nobody else is there */
    void (*leave)(void *lock);
    void *lock;
};

static inline void guard_enter(const struct guard *guard)
{
    if (guard->enter != NULL)
        guard->enter(guard->lock);
}

static inline void guard_leave(const struct guard *guard)
{
    if (guard->leave != NULL)
        guard->leave(guard->lock);
}

#endif
