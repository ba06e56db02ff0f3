#include "tools/observe_pages.h"

#include "tools/observe_query.h"
#include "tools/trace_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RECORDS_MOST = 4000, PACE_MOST_MS = 10000, ORDER_BYTES = 64 };

enum { OK = 200, BAD_REQUEST = 400, FORBIDDEN = 403, NOT_FOUND = 404, UNAVAILABLE = 503 };

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- the servers -------------------------------------------------------------------------- */

static void print_server(const struct watched *server, FILE *out)
{
    fprintf(out, "{\"name\": \"%s\", \"next\": %" PRIu64 ",\n", server->name,
            watched_newest(server));
    trace_json_header(out, &server->reader);
    fputc('}', out);
}

static unsigned make_models(struct observer *observer, const struct query *query, FILE *out)
{
    (void)query;
    fprintf(out, "{\"now\": %" PRId64 ", \"disks\": %zu, \"models\": [", now_us(),
            observer->disks.count);
    for (size_t i = 0; i < observer->servers.count; i++) {
        fputs(i > 0 ? ",\n" : "\n", out);
        print_server(&observer->servers.at[i], out);
    }
    fputs("]}\n", out);
    return OK;
}

/* --- a trace ------------------------------------------------------------------------------ */

static void print_records(struct trace_reader *reader, FILE *out)
{
    struct trace_record record;
    for (int i = 0; i < RECORDS_MOST; i++) {
        if (trace_reader_next(reader, &record) != TRACE_READ_RECORD)
            return;
        fputs(i > 0 ? ",\n" : "\n", out);
        trace_json_record(out, reader, &record);
    }
}

static unsigned make_trace(struct observer *observer, const struct query *query, FILE *out)
{
    char name[WATCHED_NAME_BYTES];
    struct watched *server = query_find(query, "model", name, sizeof name)
                                 ? watched_find(&observer->servers, name)
                                 : NULL;
    if (server == NULL)
        return NOT_FOUND;
    watched_seek(server, query_number(query, "from", 0));
    int64_t now = now_us(); /* all that happened before is among the records, if they all fit */
    fputs("{\"records\": [", out);
    print_records(&server->reader, out);
    fprintf(out,
            "],\n\"now\": %" PRId64 ", \"next\": %" PRIu64 ", \"newest\": %" PRIu64
            ", \"lost\": %" PRIu64 ", \"over\": %s}\n",
            now, server->reader.next, watched_newest(server), server->reader.lost,
            trace_reader_is_over(&server->reader) ? "true" : "false");
    return OK;
}

/* --- senders and disks -------------------------------------------------------------------- */

static unsigned make_sent(struct observer *observer, const struct query *query, FILE *out)
{
    fputs("{\"records\": [", out);
    uint64_t next = senders_print(&observer->senders, out, query_number(query, "from", 0));
    fprintf(out, "], \"next\": %" PRIu64 "}\n", next);
    return OK;
}

static bool has_token(const struct observer *observer, const struct query *query)
{
    char token[sizeof observer->token];
    return query_find(query, "token", token, sizeof token) && strcmp(token, observer->token) == 0;
}

static unsigned make_send(struct observer *observer, const struct query *query, FILE *out)
{
    char name[WATCHED_NAME_BYTES], order[ORDER_BYTES];
    uint64_t pace_ms = query_number(query, "pace", 0);
    if (!has_token(observer, query))
        return FORBIDDEN;
    if (!query_find(query, "to", name, sizeof name) ||
        !query_find(query, "order", order, sizeof order) || pace_ms > PACE_MOST_MS)
        return BAD_REQUEST;
    const struct watched *to = watched_find(&observer->servers, name);
    if (to == NULL && strcmp(name, "all") != 0)
        return NOT_FOUND;
    unsigned run = senders_start(&observer->senders, &observer->servers, to, order, pace_ms);
    fprintf(out, "{\"run\": %u}\n", run);
    return run > 0 ? OK : UNAVAILABLE;
}

static unsigned make_disk(struct observer *observer, const struct query *query, FILE *out)
{
    char command[ORDER_BYTES];
    if (!has_token(observer, query))
        return FORBIDDEN;
    if (!query_find(query, "do", command, sizeof command))
        return BAD_REQUEST;
    fputs("{}\n", out);
    return disks_tell(&observer->disks, command) ? OK : UNAVAILABLE;
}

/* --- which of them ------------------------------------------------------------------------ */

static const struct {
    const char *path;
    unsigned (*make)(struct observer *observer, const struct query *query, FILE *out);
} pages[] = {
    {"api/models", make_models}, {"api/trace", make_trace}, {"api/sent", make_sent},
    {"api/send", make_send},     {"api/disk", make_disk},
};

enum { PAGES = sizeof pages / sizeof *pages };

static size_t find(const char *path, size_t length)
{
    size_t i = 0;
    while (i < PAGES &&
           (strlen(pages[i].path) != length || memcmp(pages[i].path, path, length) != 0))
        i++;
    return i;
}

bool observe_make_page(void *observer, const char *path, size_t path_length, const char *query,
                       size_t query_length, struct generated_page *page)
{
    const struct query parsed = {query, query_length};
    size_t which = find(path, path_length);
    if (which == PAGES)
        return false;
    *page = (struct generated_page){.status = UNAVAILABLE, .type = "application/json"};
    FILE *out = open_memstream(&page->text, &page->length);
    if (out == NULL)
        return true;
    page->status = pages[which].make(observer, &parsed, out);
    if (fclose(out) != 0)
        page->status = UNAVAILABLE; /* not enough memory */
    if (page->status == OK)
        return true;
    free(page->text);
    page->text = NULL;
    return true;
}
