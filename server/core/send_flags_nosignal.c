/*
 * POSIX.1-2008: a client that has gone is an error of this call, EPIPE, and never a signal.
 */
#include "core/send_flags.h"

#include <sys/socket.h>

const int send_flags = MSG_NOSIGNAL;
