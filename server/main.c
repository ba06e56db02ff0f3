/*
 * Start reading here: options, then what every model needs, then the model.
 */
#include "core/listener.h"
#include "core/server.h"
#include "core/signals.h"
#include "event/disk.h"
#include "event/fsm.h"
#include "event/poller.h"
#include "models/model.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "0.1"

/* Prints what was asked for instead of serving. Returns false if nothing was. */
static bool print_instead(const struct options *options, const struct option_choices *choices)
{
    if (options->help || options->help_all)
        options_print_help(stdout, options->help_all, choices);
    else if (options->version)
        printf("threeways %s\n", VERSION);
    else if (options->print_fsm != NULL && strcmp(options->print_fsm, "dot") == 0)
        fsm_print_dot(stdout);
    else if (options->print_fsm != NULL)
        fsm_print_table(stdout);
    else
        return false;
    return true;
}

static const struct beneath *first_that_works(void)
{
    size_t i = 0;
    while (!beneaths[i]->works())
        i++; /* the last one works everywhere */
    return beneaths[i];
}

/* "FILE" or "FILE,SIZE"; a comma belongs to the name if no size follows it. */
static bool open_trace(struct trace *trace, const char *option, char *argv[])
{
    char path[PATH_MAX];
    uint64_t bytes = TRACE_USUAL_BYTES;
    if (option == NULL)
        return trace_open(trace, NULL, 0, argv);
    const char *comma = strrchr(option, ',');
    bool has_size = comma != NULL && options_parse_size(comma + 1, &bytes);
    snprintf(path, sizeof path, "%.*s", has_size ? (int)(comma - option) : (int)sizeof path, option);
    if (bytes <= TRACE_MOST_BYTES && trace_open(trace, path, bytes, argv))
        return true;
    fprintf(stderr, "threeways: --trace %s: %s; name a file that can be made, and a size to 1G\n",
            option, bytes > TRACE_MOST_BYTES ? "too large" : strerror(errno));
    return false;
}

/* Opens all that the options name. Returns false after one line that says what is wrong. */
static bool open_server(struct server *server, char *argv[])
{
    const struct options *options = &server->options;
    char error[256];
    if (!docroot_open(&server->docroot, options->root, first_that_works())) {
        fprintf(stderr, "threeways: --root %s: %s; name a directory that can be read\n",
                options->root, strerror(errno));
        return false;
    }
    if (!log_open(&server->log, options->log)) {
        fprintf(stderr, "threeways: --log %s: %s; name a file that can be written, or -\n",
                options->log, strerror(errno));
        return false;
    }
    if (!open_trace(&server->trace, options->trace, argv))
        return false;
    server->cache = cache_create(options->cache_bytes);
    if (server->cache == NULL) {
        fprintf(stderr, "threeways: --cache-size: not enough memory; ask for less\n");
        return false;
    }
    server->listener =
        listener_open(options->address, (unsigned)options->port, error, sizeof error);
    if (server->listener < 0)
        fprintf(stderr, "threeways: %s\n", error);
    return server->listener >= 0;
}

static void announce(struct server *server)
{
    char name[LISTENER_NAME_BYTES];
    listener_name(server->listener, name);
    trace_set_address(&server->trace, name);
    printf("LISTENING %s\n", name);
    fflush(stdout);
}

static void close_server(struct server *server)
{
    log_close(&server->log);
    trace_close(&server->trace);
    cache_destroy(server->cache);
    docroot_close(&server->docroot);
}

int main(int argc, char *argv[])
{
    static struct server server;
    const struct option_choices choices = {model_choices, poller_choices, disk_choices,
                                           wakeup_choices};
    signals_block();
    if (!options_parse(&server.options, argc, argv, &choices, stderr))
        return EXIT_USAGE;
    if (print_instead(&server.options, &choices))
        return EXIT_SUCCESS;
    if (!open_server(&server, argv))
        return EXIT_USAGE;
    server.wakeup = wakeups[server.options.wakeup];
    announce(&server);
    int status = models[server.options.model]->run(&server);
    if (!server.is_in_use)
        close_server(&server);
    return status;
}
