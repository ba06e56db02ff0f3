#include "core/server.h"

#include "core/listener.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool complain(const char *program, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return false;
}

static const struct beneath *first_that_works(void)
{
    size_t i = 0;
    while (!beneaths[i]->works())
        i++; /* the last one works everywhere */
    return beneaths[i];
}

/* "FILE" or "FILE,SIZE"; a comma belongs to the name if no number follows it. */
static bool open_trace(struct trace *trace, const char *program, const char *option,
                       char *const arguments[])
{
    char path[PATH_MAX];
    uint64_t bytes = TRACE_USUAL_BYTES;
    if (option == NULL)
        return trace_open(trace, NULL, 0, arguments);
    const char *comma = strrchr(option, ',');
    bool has_size = comma != NULL && comma[1] >= '0' && comma[1] <= '9';
    if (has_size && !options_parse_size(comma + 1, &bytes))
        return complain(program, "--trace %s: %s is no size; write bytes, or 64K, 16M, 1G", option,
                        comma + 1);
    snprintf(path, sizeof path, "%.*s", has_size ? (int)(comma - option) : (int)sizeof path,
             option);
    if (bytes <= TRACE_MOST_BYTES && trace_open(trace, path, bytes, arguments))
        return true;
    return complain(program, "--trace %s: %s; name a file that can be made, and a size to 1G",
                    option, bytes > TRACE_MOST_BYTES ? "too large" : strerror(errno));
}

bool server_open(struct server *server, const char *program, char *const arguments[])
{
    const struct options *options = &server->options;
    char error[256];
    if (!docroot_open(&server->docroot, options->root, first_that_works()))
        return complain(program, "--root %s: %s; name a directory that can be read", options->root,
                        strerror(errno));
    if (!log_open(&server->log, options->log))
        return complain(program, "--log %s: %s; name a file that can be written, or -",
                        options->log, strerror(errno));
    if (!open_trace(&server->trace, program, options->trace, arguments))
        return false;
    server->cache = cache_create(options->cache_bytes);
    if (server->cache == NULL)
        return complain(program, "--cache-size: not enough memory; ask for less");
    server->listener =
        listener_open(options->address, (unsigned)options->port, error, sizeof error);
    return server->listener >= 0 || complain(program, "%s", error);
}

void server_announce(struct server *server)
{
    char name[LISTENER_NAME_BYTES];
    listener_name(server->listener, name);
    trace_set_address(&server->trace, name);
    printf("LISTENING %s\n", name);
    fflush(stdout);
}

void server_close(struct server *server)
{
    log_close(&server->log);
    trace_close(&server->trace);
    cache_destroy(server->cache);
    docroot_close(&server->docroot);
}
