/*
 * What a request holds (an area, a buffer, a place, a file, a cache entry, a socket, a slot), and
 * how it lets go of it.
 */
#ifndef EVENT_HOLDINGS_H
#define EVENT_HOLDINGS_H

#include "event/request_table.h"

/* What belongs to this one request; the connection stays, and bytes of the next one may. */
void holdings_end_request(struct request *request);

/* The area: between requests nothing is in it. */
void holdings_give_area(struct request *request);

/* The connection. A read in flight, and what it owns, stays. A reply cut off is logged. */
void holdings_close_connection(struct request *request);

/* Everything, the slot too. No read may be in flight. */
void holdings_give_all(struct request *request);

#endif
