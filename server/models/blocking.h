/*
 * One connection, served from beginning to end in straight-line code that waits where it must.
 *
 * Put it beside event/fsm_table.c and event/actions.c: the same steps in the same order. What the
 * machine keeps in a slot of its table (which state, what was read so far, what comes next) is
 * here where the thread has come to, and on its stack.
 */
#ifndef MODELS_BLOCKING_H
#define MODELS_BLOCKING_H

#include "models/conversation.h"

/*
 * Serves the connection that the conversation has begun: request after request, until the client
 * leaves, time is over or the model says that it was the last. Closes the connection.
 */
void serve_connection(struct conversation *talk);

#endif
