/*
 * Older headers of macOS lack MSG_NOSIGNAL. That SIGPIPE is ignored (signals_block()) is enough.
 */
#include "core/send_flags.h"

const int send_flags = 0;
