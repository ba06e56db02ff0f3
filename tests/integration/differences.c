#include "integration/differences.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    OPTIONS_ROOM = 1000,
    USUAL_THREADS = 32,
    THREAD_KIB = 300, /* an area, a piece, and some stack */
};

/* Whether the options have this word, or this word and then that one. The last "--model" counts. */
static bool are_options(const char *word, const char *value)
{
    char words[OPTIONS_ROOM];
    const char *options = getenv("THREEWAYS_OPTIONS");
    char *rest = NULL;
    bool found = false;
    strncpy(words, options != NULL ? options : "", sizeof words - 1);
    words[sizeof words - 1] = '\0';
    for (char *at = strtok_r(words, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
        if (strcmp(at, word) != 0)
            continue;
        if (value == NULL)
            return true;
        at = strtok_r(NULL, " ", &rest);
        if (at == NULL)
            break;
        found = strcmp(at, value) == 0;
    }
    return found;
}

static bool is_model(const char *name)
{
    return are_options("--model", name);
}

bool connections_are_kept(void)
{
    return !is_model("single");
}

bool clients_cost_no_thread(void)
{
    return !is_model("single") && !is_model("threads");
}

bool reads_hold_nobody_up(void)
{
    bool is_event = clients_cost_no_thread();
    bool blocks = is_event && (are_options("--disk", "blocking") || are_options("--nowait", NULL));
    return !is_model("single") && !blocks;
}

int64_t kept_memory_kib(void)
{
    return clients_cost_no_thread() ? 0 : USUAL_THREADS * THREAD_KIB;
}

const char *statuses_to_expect(const char *statuses, char text[STATUSES_BYTES])
{
    bool all = connections_are_kept(), taken = true;
    size_t length = 0;
    for (; *statuses != '\0' && length + 1 < STATUSES_BYTES; statuses++) {
        if (*statuses == ',' && !all)
            taken = false;
        if (*statuses == '|')
            taken = true;
        if (taken)
            text[length++] = *statuses;
    }
    text[length] = '\0';
    return text;
}

const char *fault_of_ending(const struct http_connection *talk)
{
    if (connections_are_kept() || talk->count == 0)
        return NULL;
    const char *said = http_field(&talk->answers[0], "Connection");
    if (talk->count > 1)
        return "a second request of a connection was answered";
    return said != NULL && strcasecmp(said, "close") == 0
               ? NULL
               : "the answer does not say that it closes";
}
