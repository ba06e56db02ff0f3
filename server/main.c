/*
 * Start reading here: options, then what every model needs, then the model.
 */
#include "core/server.h"
#include "core/signals.h"
#include "event/disk.h"
#include "event/fsm.h"
#include "event/poller.h"
#include "models/model.h"

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
    if (!server_open(&server, "threeways", argv))
        return EXIT_USAGE;
    server.wakeup = wakeups[server.options.wakeup];
    server_announce(&server);
    int status = models[server.options.model]->run(&server);
    if (!server.is_in_use)
        server_close(&server);
    return status;
}
