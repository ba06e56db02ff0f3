#include "event/holdings.h"

#include "event/loop.h"

void holdings_end_request(struct request *request)
{
    struct loop *loop = request->loop;
    exchange_next(loop->server, &request->exchange);
    disk_give_buffer(&loop->disk, request);
    request->row.sent_bytes = request->row.total_bytes = 0;
    request->row.title[0] = '\0';
}

void holdings_give_area(struct request *request)
{
    buffers_give(&request->loop->areas, request->exchange.area);
    request->exchange.area = NULL;
}

void holdings_close_connection(struct request *request)
{
    struct exchange *exchange = &request->exchange;
    if (exchange->reply.status != 0)
        exchange_finish(request->loop->server, exchange, &request->row, false);
    exchange->reply.status = 0; /* told once */
    if (request->known_to_poller)
        request->loop->poller->forget(exchange->socket);
    request->known_to_poller = false;
    exchange_hang_up(exchange);
    holdings_give_area(request);
}

void holdings_give_all(struct request *request)
{
    struct loop *loop = request->loop;
    holdings_close_connection(request);
    exchange_close(loop->server, &request->exchange);
    disk_give_buffer(&loop->disk, request);
    disk_give_place(&loop->disk, request);
    deadlines_clear(&loop->deadlines, request);
    request_table_give(&loop->table, request);
}
