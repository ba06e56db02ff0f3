/*
 * The pages that the observer makes, all of them JSON:
 *
 *     /api/models                     the servers: names, states, events, edges
 *     /api/trace?model=NAME&from=N    the records of a trace from number N on
 *     /api/sent?from=N                what the senders have said, from byte N on
 *     /api/send?token=T&order=1c10h&to=NAME&pace=20     starts a sender (to=all: for all of them)
 *     /api/disk?token=T&do=hold       tells the slow disks: hold, go, release-one, release-all
 *
 * Times are CLOCK_MONOTONIC, which all processes of a machine share. The last two do something, and
 * want the token that stands in the page's own address: other pages in the same browser cannot know
 * it.
 */
#ifndef TOOLS_OBSERVE_PAGES_H
#define TOOLS_OBSERVE_PAGES_H

#include "core/generator.h"
#include "tools/observe_disks.h"
#include "tools/observe_sender.h"

struct observer {
    struct watched_servers servers;
    struct senders senders;
    struct disks disks;
    char token[33]; /* 32 hexadecimal digits */
};

/* For struct generator; the context is a struct observer. */
bool observe_make_page(void *observer, const char *path, size_t path_length, const char *query,
                       size_t query_length, struct generated_page *page);

#endif
