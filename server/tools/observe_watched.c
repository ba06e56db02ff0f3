#include "tools/observe_watched.h"

#include <stdio.h>
#include <string.h>

static bool is_name(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789-_.");
    return length > 0 && name[length] == '\0';
}

static bool complain(char *error, size_t size, const char *word, const char *mend)
{
    snprintf(error, size, "%s: %s", word, mend);
    return false;
}

bool watched_add(struct watched_servers *servers, const char *word, char *error, size_t size)
{
    struct watched *server = &servers->at[servers->count];
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : 0;
    if (servers->count == WATCHED_MOST)
        return complain(error, size, word, "too many servers; eight fit on a screen");
    if (length >= sizeof server->name)
        return complain(error, size, word, "the name is too long");
    if (!trace_reader_open(&server->reader, equals != NULL ? equals + 1 : word,
                           TRACE_READER_PATIENCE_MS, error, size))
        return false;
    snprintf(server->name, sizeof server->name, "%.*s", (int)length, word);
    if (equals == NULL)
        snprintf(server->name, sizeof server->name, "%s", server->reader.header->model);
    bool good = is_name(server->name) && watched_find(servers, server->name) == NULL;
    if (good)
        servers->count++;
    else
        trace_reader_close(&server->reader);
    return good || complain(error, size, word, "write NAME=TRACE, with a name of its own");
}

struct watched *watched_find(struct watched_servers *servers, const char *name)
{
    for (size_t i = 0; i < servers->count; i++)
        if (strcmp(servers->at[i].name, name) == 0)
            return &servers->at[i];
    return NULL;
}

uint64_t watched_newest(const struct watched *server)
{
    return atomic_load_explicit(&server->reader.header->next, memory_order_acquire);
}

void watched_seek(struct watched *server, uint64_t number)
{
    uint64_t newest = watched_newest(server);
    uint64_t next = number < newest ? number : newest;
    if (next != server->reader.next)
        server->reader.gap_since_ns = 0;
    server->reader.next = next;
    server->reader.lost = 0;
}
