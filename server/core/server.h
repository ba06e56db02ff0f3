/*
 * What every model is handed: the options, the files, the cache, the listening socket.
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include "core/cache.h"
#include "core/docroot.h"
#include "core/generator.h"
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
    const struct generator *generator; /* of pages that are no files; NULL: there are none */
    int listener;
    bool is_in_use; /* threads that cannot be waited for still use it: it is not to be freed */
    atomic_bool stopping; /* replies say "Connection: close" */
};

/*
 * Opens all that `server->options` name: the root, the log, the trace, the page cache, the
 * listener. `arguments` is the command line, for the trace. Returns false after one line on
 * standard error, begun by the program's name, that says what is wrong.
 */
bool server_open(struct server *server, const char *program, char *const arguments[]);

/* Tells, on standard output and in the trace, where the server listens: "LISTENING address:port".
 */
void server_announce(struct server *server);

/* Closes all of it but the listener, which the model has closed. */
void server_close(struct server *server);

#endif
