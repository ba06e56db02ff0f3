/*
 * Any other C library: there is nothing to ask. musl makes a thread for each read.
 */
#include "event/aio_helpers.h"

void aio_helpers_set(unsigned places)
{
    (void)places;
}
