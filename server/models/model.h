/*
 * A model: one way to build the server. Chosen by --model; one constant structure per file.
 */
#ifndef MODELS_MODEL_H
#define MODELS_MODEL_H

#include "core/server.h"

enum { EXIT_USAGE = 2 }; /* the process's status when what it was asked for cannot be had */

struct model {
    struct choice choice;

    /*
     * Serves until SIGINT or SIGTERM: lets the requests in progress finish, then returns the
     * process's exit status. The signals of signals.h are blocked when it is called.
     */
    int (*run)(struct server *server);
};

/*
 * The list to choose from, made by the build from the files that it links; NULL ends it, and the
 * first is the default. `model_choices` is the same list seen as names and summaries.
 */
extern const struct model *const models[];
extern const struct choice *const model_choices[];

#endif
