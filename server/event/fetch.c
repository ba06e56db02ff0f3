#include "event/fetch.h"

#include "event/loop.h"
#include "event/ready.h"

enum event fetch_reserve(struct request *request, bool needs_buffer)
{
    struct loop *loop = request->loop;
    request->needs_buffer = needs_buffer;
    if (!disk_take(&loop->disk, request, needs_buffer)) {
        exchange_forget(loop->server, &request->exchange);
        return BUSY;
    }
    if (needs_buffer)
        return MISS;
    enum exchange_lookup lookup =
        exchange_begin_load(loop->server, &request->exchange, loop->now_ms);
    if (lookup == LOOKUP_LOAD)
        return MISS;
    disk_give_place(&loop->disk, request); /* no memory; others are not faster: there are none */
    return lookup == LOOKUP_SHARED ? JOIN : HIT;
}

enum event fetch_start(struct request *request)
{
    struct disk *disk = &request->loop->disk;
    struct exchange *exchange = &request->exchange;
    request->needs_buffer = false; /* it has one, if it needs one */
    if (!disk_take(disk, request, false))
        return BUSY;
    char *into = exchange_is_loading(exchange) ? exchange->entry->data : request->buffer;
    size_t wanted = exchange_wanted_bytes(exchange, DISK_BUFFER_BYTES);
    return disk_start(disk, request, exchange->file, into, wanted, exchange->next_offset);
}

static void tell_joined(struct request *request, enum event event)
{
    struct link *link, *joined = &request->exchange.entry->joined;
    while ((link = list_first(joined)) != NULL)
        ready_post(&request->loop->ready, list_member(link, struct request, link), event);
}

void fetch_end(struct request *request, bool failed)
{
    struct loop *loop = request->loop;
    struct exchange *exchange = &request->exchange;
    bool is_loading = exchange_is_loading(exchange);
    if (is_loading)
        tell_joined(request, failed ? LOAD_FAILED : LOADED);
    if (failed)
        exchange_load_failed(loop->server, exchange);
    else if (is_loading)
        exchange_loaded(loop->server, exchange);
    else if (exchange->socket != EXCHANGE_NO_SOCKET) /* else nobody is there to take the piece */
        exchange_piece_read(exchange, request->buffer, request->place->length);
    disk_give_place(&loop->disk, request);
}
