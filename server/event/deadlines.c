#include "event/deadlines.h"

#include <stdlib.h>

bool deadlines_create(struct deadlines *deadlines, size_t requests)
{
    deadlines->count = 0;
    deadlines->heap = calloc(requests + 1, sizeof(struct request *));
    return deadlines->heap != NULL;
}

void deadlines_destroy(struct deadlines *deadlines)
{
    free(deadlines->heap);
}

static void place(struct deadlines *deadlines, struct request *request, size_t index)
{
    deadlines->heap[index] = request;
    request->deadline_index = index;
}

static void rise(struct deadlines *deadlines, struct request *request)
{
    size_t index = request->deadline_index;
    while (index > 1 && deadlines->heap[index / 2]->deadline_ms > request->deadline_ms) {
        place(deadlines, deadlines->heap[index / 2], index);
        index /= 2;
    }
    place(deadlines, request, index);
}

static void sink(struct deadlines *deadlines, struct request *request)
{
    size_t index = request->deadline_index;
    for (size_t child = 2 * index; child <= deadlines->count; child = 2 * index) {
        if (child < deadlines->count &&
            deadlines->heap[child + 1]->deadline_ms < deadlines->heap[child]->deadline_ms)
            child++;
        if (deadlines->heap[child]->deadline_ms >= request->deadline_ms)
            break;
        place(deadlines, deadlines->heap[child], index);
        index = child;
    }
    place(deadlines, request, index);
}

void deadlines_set(struct deadlines *deadlines, struct request *request, int64_t when_ms)
{
    if (request->deadline_index == 0)
        place(deadlines, request, ++deadlines->count);
    request->deadline_ms = when_ms;
    rise(deadlines, request);
    sink(deadlines, request);
}

void deadlines_clear(struct deadlines *deadlines, struct request *request)
{
    size_t index = request->deadline_index;
    if (index == 0)
        return;
    struct request *last = deadlines->heap[deadlines->count--];
    request->deadline_index = 0;
    if (last == request)
        return;
    place(deadlines, last, index);
    rise(deadlines, last);
    sink(deadlines, last);
}

struct request *deadlines_first(const struct deadlines *deadlines)
{
    return deadlines->count > 0 ? deadlines->heap[1] : NULL;
}
