#include "event/ready.h"

void ready_post(struct link *ready, struct request *request, enum event event)
{
    list_remove(&request->link);
    request->posted = event;
    list_append(ready, &request->link);
}

struct request *ready_take(struct link *ready, enum event *event)
{
    struct link *first = list_first(ready);
    if (first == NULL)
        return NULL;
    struct request *request = list_member(first, struct request, link);
    list_remove(first);
    *event = request->posted;
    return request;
}
