/*
 * The servers that are observed: each has a name, and the trace that it writes. Nothing else of
 * them is touched.
 */
#ifndef TOOLS_OBSERVE_WATCHED_H
#define TOOLS_OBSERVE_WATCHED_H

#include "tools/trace_reader.h"

enum { WATCHED_MOST = 8, WATCHED_NAME_BYTES = 32 };

struct watched {
    char name[WATCHED_NAME_BYTES];
    struct trace_reader reader;
};

struct watched_servers {
    struct watched at[WATCHED_MOST];
    size_t count;
};

/*
 * Adds a server by "NAME=TRACE", or by "TRACE" alone: then its name is the model's. Returns false
 * with a line in `error` that says what is wrong. Names are letters, digits, '-', '_' and '.'.
 */
bool watched_add(struct watched_servers *servers, const char *word, char *error, size_t size);

/* The server of this name, or NULL. */
struct watched *watched_find(struct watched_servers *servers, const char *name);

/* The number that the trace's next record will have. */
uint64_t watched_newest(const struct watched *server);

/* Goes on with this record, or with the newest if that has not come yet. Forgets what was lost. */
void watched_seek(struct watched *server, uint64_t number);

#endif
