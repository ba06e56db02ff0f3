/*
 * What every model is handed: the options, the files, the cache, the listening socket.
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include "core/cache.h"
#include "core/docroot.h"
#include "core/log.h"
#include "core/options.h"
#include "core/stats.h"
#include "core/trace.h"
#include "core/wakeup.h"

#include <stdatomic.h>

struct server {
    struct options options;
    struct docroot docroot;
    struct cache *cache;
    struct log log;
    struct stats stats;
    struct trace trace;
    const struct wakeup *wakeup;
    int listener;
    bool is_in_use; /* threads that cannot be waited for still use it: it is not to be freed */
    atomic_bool stopping; /* replies say "Connection: close" */
};

#endif
