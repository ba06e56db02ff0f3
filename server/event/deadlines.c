#include "event/deadlines.h"

#include <stdlib.h>

bool deadlines_create(struct deadlines *deadlines, size_t requests)
{
    deadlines->count = 0;
    deadlines->heap = calloc(requests + 1, sizeof *deadlines->heap);
    return deadlines->heap != NULL;
}

void deadlines_destroy(struct deadlines *deadlines)
{
    free(deadlines->heap);
}

static void place(struct deadlines *deadlines, struct deadline deadline, size_t index)
{
    deadlines->heap[index] = deadline;
    deadline.request->deadline_index = index;
}

/* Puts a deadline where the hole at `index` is, or above it. */
static void rise(struct deadlines *deadlines, struct deadline deadline, size_t index)
{
    for (; index > 1 && deadlines->heap[index / 2].when_ms > deadline.when_ms; index /= 2)
        place(deadlines, deadlines->heap[index / 2], index);
    place(deadlines, deadline, index);
}

/* Puts a deadline where the hole at `index` is, or below it. */
static void sink(struct deadlines *deadlines, struct deadline deadline, size_t index)
{
    const struct deadline *heap = deadlines->heap;
    for (size_t child = 2 * index; child <= deadlines->count; child = 2 * index) {
        if (child < deadlines->count && heap[child + 1].when_ms < heap[child].when_ms)
            child++;
        if (heap[child].when_ms >= deadline.when_ms)
            break;
        place(deadlines, heap[child], index);
        index = child;
    }
    place(deadlines, deadline, index);
}

void deadlines_set(struct deadlines *deadlines, struct request *request, int64_t when_ms)
{
    size_t index = request->deadline_index;
    request->deadline_ms = when_ms;
    if (index == 0)
        index = ++deadlines->count;
    else if (when_ms >= deadlines->heap[index].when_ms)
        return; /* the heap learns of it in time */
    rise(deadlines, (struct deadline){when_ms, request}, index);
}

void deadlines_clear(struct deadlines *deadlines, struct request *request)
{
    size_t index = request->deadline_index;
    if (index == 0)
        return;
    struct deadline last = deadlines->heap[deadlines->count--];
    request->deadline_index = 0;
    if (last.request == request)
        return;
    rise(deadlines, last, index);
    sink(deadlines, last, last.request->deadline_index);
}

struct request *deadlines_first(struct deadlines *deadlines)
{
    while (deadlines->count > 0) {
        struct request *request = deadlines->heap[1].request;
        if (deadlines->heap[1].when_ms == request->deadline_ms)
            return request;
        sink(deadlines, (struct deadline){request->deadline_ms, request}, 1);
    }
    return NULL;
}
