/*
 * Pages that a program makes itself, instead of reading them from files.
 *
 * Whoever builds another server on this core gives it a generator. Each request is shown to it
 * first; what it does not know is looked for among the files. It is asked on the thread that
 * serves, so it must not wait for anything: in the event model everybody else would wait, too.
 */
#ifndef CORE_GENERATOR_H
#define CORE_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>

struct generated_page {
    unsigned status;  /* 200; or an error, and then there is no text */
    const char *type; /* "application/json" */
    char *text;       /* from malloc(3); who asked for the page frees it */
    size_t length;
};

struct generator {
    /*
     * Makes the page for a path without its first slash, and a query that is still encoded; neither
     * is ended by NUL. Returns false if this is no page of its own.
     */
    bool (*make)(void *context, const char *path, size_t path_length, const char *query,
                 size_t query_length, struct generated_page *page);
    void *context;
};

#endif
