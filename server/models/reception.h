/*
 * Where clients come in: the listener, for a thread that does nothing but wait there for the next.
 */
#ifndef MODELS_RECEPTION_H
#define MODELS_RECEPTION_H

#include "models/hall.h"

struct client {
    int socket; /* connected, nonblocking */
    char peer[REQUEST_PEER_BYTES];
};

/*
 * Waits for the next client. When the server stops, those who were there before the signal still
 * come, as far as the grace time allows; then the listener is closed, and it returns false.
 */
bool reception_next(struct hall *hall, struct client *client);

#endif
