/*
 * The flags that every send(2) of a reply is given.
 */
#ifndef CORE_SEND_FLAGS_H
#define CORE_SEND_FLAGS_H

extern const int send_flags;

#endif
