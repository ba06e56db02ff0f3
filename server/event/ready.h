/*
 * The ready list: what one request owes another.
 *
 * A read that ends owes LOADED to those that joined it, a place that becomes free owes a TURN to
 * whoever waits for it. Such an event is not delivered in the middle of another request's step:
 * it is posted here, and delivered when the steps under way are done. A request waits for one such
 * event at most, so its own link is all that the list needs.
 */
#ifndef EVENT_READY_H
#define EVENT_READY_H

#include "event/request_table.h"

/* Posts an event for a request, taking it out of the list in which it waited for it. */
void ready_post(struct link *ready, struct request *request, enum event event);

/*
 * Takes the first request and its event off the list; NULL when it is empty. If it leaves its
 * state for another reason first, the machine takes it off the list.
 */
struct request *ready_take(struct link *ready, enum event *event);

#endif
