#include "core/exchange.h"

#include "core/listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void exchange_open(struct exchange *exchange, int socket)
{
    *exchange = (struct exchange){.socket = socket, .file = EXCHANGE_NO_FILE};
    http_request_begin(&exchange->request);
}

void exchange_lend_area(struct exchange *exchange, struct exchange_area *area)
{
    exchange->area = area;
    exchange->reply.head = area->reply_head;
}

static void close_file(struct exchange *exchange)
{
    if (exchange->file != EXCHANGE_NO_FILE)
        close(exchange->file);
    exchange->file = EXCHANGE_NO_FILE;
}

void exchange_forget(struct server *server, struct exchange *exchange)
{
    close_file(exchange);
    if (exchange->entry != NULL)
        cache_unpin(server->cache, exchange->entry);
    exchange->entry = NULL;
}

void exchange_hang_up(struct exchange *exchange)
{
    if (exchange->socket != EXCHANGE_NO_SOCKET)
        close(exchange->socket);
    exchange->socket = EXCHANGE_NO_SOCKET;
}

void exchange_close(struct server *server, struct exchange *exchange)
{
    exchange_forget(server, exchange);
    exchange_hang_up(exchange);
}

/* --- input -------------------------------------------------------------------------------- */

bool exchange_has_room(const struct exchange *exchange)
{
    return exchange->end < EXCHANGE_INPUT_BYTES || exchange->head > 0;
}

bool exchange_has_input(const struct exchange *exchange)
{
    return exchange->begin < exchange->end;
}

/* Moves the request in progress, and what follows it, to the front. Spans count from `head`. */
static void make_room(struct exchange *exchange)
{
    if (exchange->end < EXCHANGE_INPUT_BYTES || exchange->head == 0)
        return;
    char *input = exchange->area->input;
    memmove(input, input + exchange->head, exchange->end - exchange->head);
    exchange->begin -= exchange->head;
    exchange->end -= exchange->head;
    exchange->head = 0;
}

static enum exchange_input input_of(ssize_t received)
{
    if (received > 0)
        return INPUT_CAME;
    if (received == 0)
        return INPUT_ENDED;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? INPUT_NONE : INPUT_BROKEN;
}

enum exchange_input exchange_receive(struct exchange *exchange)
{
    make_room(exchange);
    size_t room = EXCHANGE_INPUT_BYTES - exchange->end;
    if (room == 0)
        return INPUT_NONE;
    ssize_t received = recv(exchange->socket, exchange->area->input + exchange->end, room, 0);
    enum exchange_input input = input_of(received);
    if (input == INPUT_CAME)
        exchange->end += (size_t)received;
    if (input == INPUT_ENDED)
        exchange->ended = true;
    return input;
}

static const char *head_of(const struct exchange *exchange)
{
    return exchange->area->input + exchange->head;
}

static void set_title(const struct exchange *exchange, struct request_status *row)
{
    const struct http_span line = exchange->request.line;
    const char *text = head_of(exchange) + line.begin;
    size_t length = line.length;
    size_t version = strlen(" HTTP/1.1");
    request_status_set_title(row, text, length > version ? length - version : length);
}

enum http_parse exchange_parse(struct exchange *exchange, struct request_status *row)
{
    struct http_request *request = &exchange->request;
    enum http_parse result =
        http_request_parse(request, head_of(exchange), exchange->end - exchange->head);
    if (result == HTTP_PARTIAL)
        return result;
    set_title(exchange, row);
    exchange->begin = exchange->head + (result == HTTP_COMPLETE ? request->length : 0);
    if (result == HTTP_COMPLETE && http_request_has_body(request))
        http_body_begin(&exchange->body, request);
    return result;
}

bool exchange_must_discard(const struct exchange *exchange)
{
    return http_request_has_body(&exchange->request) && !exchange->request.expects_continue;
}

enum http_parse exchange_discard(struct exchange *exchange)
{
    char *input = exchange->area->input;
    size_t used, here = exchange->begin;
    enum http_parse result =
        http_body_skip(&exchange->body, input + here, exchange->end - here, &used);
    memmove(input + here, input + here + used, exchange->end - here - used);
    exchange->end -= used;
    if (result == HTTP_REFUSED)
        exchange->request.refusal = exchange->body.refusal;
    return result;
}

/* --- looking up --------------------------------------------------------------------------- */

static struct http_reply_manner manner_of(const struct server *server,
                                          const struct exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    bool unread_body = http_request_has_body(request) && !exchange_must_discard(exchange);
    bool stays = request->keep_alive && !unread_body && !exchange->is_last && !server->stopping;
    return (struct http_reply_manner){
        .head_only = request->method == HTTP_HEAD,
        .keeps_alive = stays,
        .says_keep_alive = stays && request->minor_version == 0,
    };
}

bool exchange_reply_with_status(struct server *server, struct exchange *exchange, unsigned status,
                                bool last)
{
    if (http_reply_has_begun(&exchange->reply))
        return false;
    struct http_reply_manner manner = manner_of(server, exchange);
    manner.keeps_alive = manner.keeps_alive && !last;
    http_reply_with_status(&exchange->reply, manner, status);
    return true;
}

static enum exchange_lookup reply_with(struct server *server, struct exchange *exchange,
                                       unsigned status)
{
    exchange_reply_with_status(server, exchange, status, false);
    return LOOKUP_REPLY;
}

/* "/sub?k=v" to "/sub/?k=v". The path is made from the decoded name, so it begins with one slash.
 */
static enum exchange_lookup redirect(struct server *server, struct exchange *exchange)
{
    char location[3 * (TARGET_NAME_BYTES + HTTP_LINE_MAX_BYTES)] = "/";
    const struct target *target = &exchange->area->target;
    const struct http_span query = exchange->request.query;
    size_t length =
        1 + target_encode(location + 1, sizeof location - 1, target->name, target->length);
    location[length++] = '/';
    if (exchange->request.has_query) {
        location[length++] = '?';
        memcpy(location + length, head_of(exchange) + query.begin, query.length);
        length += query.length;
    }
    http_reply_redirect(&exchange->reply, manner_of(server, exchange), location, length);
    return LOOKUP_REPLY;
}

/* A page made for this one request becomes an entry of the cache that nobody else can find. */
static enum exchange_lookup reply_with_page(struct server *server, struct exchange *exchange,
                                            const char *type, const char *page, size_t length)
{
    exchange->entry = cache_add_page(server->cache, type, length);
    if (exchange->entry == NULL)
        return reply_with(server, exchange, 503);
    memcpy(exchange->entry->data, page, length);
    return LOOKUP_CACHED;
}

static enum exchange_lookup list_directory(struct server *server, struct exchange *exchange,
                                           int descriptor)
{
    const struct target *target = &exchange->area->target;
    size_t length = 0;
    if (!server->options.list) {
        close(descriptor);
        return reply_with(server, exchange, 403);
    }
    char *page = listing_make(descriptor, target->name, target->directory_length, &length);
    if (page == NULL)
        return reply_with(server, exchange, 500);
    enum exchange_lookup found =
        reply_with_page(server, exchange, "text/html; charset=utf-8", page, length);
    free(page);
    return found;
}

/* Returns false if the generator, if there is one, does not know this path. */
static bool generate(struct server *server, struct exchange *exchange, enum exchange_lookup *found)
{
    const struct generator *generator = server->generator;
    const struct target *target = &exchange->area->target;
    const struct http_span query = exchange->request.query;
    struct generated_page page = {0};
    if (generator == NULL || !generator->make(generator->context, target->name, target->length,
                                              head_of(exchange) + query.begin, query.length, &page))
        return false;
    *found = page.text != NULL
                 ? reply_with_page(server, exchange, page.type, page.text, page.length)
                 : reply_with(server, exchange, page.status);
    free(page.text);
    return true;
}

/* A file that is not in the cache. Only if the client needs its bytes, they must be read. */
static enum exchange_lookup consider_file(struct server *server, struct exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    struct representation *content = &exchange->area->content;
    struct http_reply_manner manner = manner_of(server, exchange);
    time_t now = time(NULL);

    representation_of_file(content, exchange->area->target.name, &exchange->facts, now);
    unsigned status = http_conditions_check(request, head_of(exchange), content, now);
    struct http_range range = http_conditions_range(request, head_of(exchange), content, now);
    if (status == 304)
        http_reply_not_modified(&exchange->reply, manner, content);
    else if (status != 0)
        http_reply_with_status(&exchange->reply, manner, status);
    else
        http_reply_with_content(&exchange->reply, manner, content, range);
    if (exchange->reply.to_come == 0) {
        close_file(exchange);
        return LOOKUP_REPLY;
    }
    exchange->next_offset = range.kind == HTTP_RANGE_PART ? range.first : 0;
    bool fits = exchange->facts.size_bytes <= server->options.cache_file_max_bytes &&
                cache_could_hold(server->cache, exchange->facts.size_bytes);
    return fits ? LOOKUP_LOAD : LOOKUP_STREAM;
}

static enum exchange_lookup look_beneath_root(struct server *server, struct exchange *exchange)
{
    int descriptor = EXCHANGE_NO_FILE;
    switch (
        docroot_find(&server->docroot, &exchange->area->target, &descriptor, &exchange->facts)) {
    case DOCROOT_FILE: exchange->file = descriptor; return consider_file(server, exchange);
    case DOCROOT_DIRECTORY: return list_directory(server, exchange, descriptor);
    case DOCROOT_NO_SLASH: return redirect(server, exchange);
    case DOCROOT_DENIED: return reply_with(server, exchange, 403);
    case DOCROOT_MISSING: return reply_with(server, exchange, 404);
    case DOCROOT_BUSY: return reply_with(server, exchange, 503);
    case DOCROOT_FAILED: break;
    }
    return reply_with(server, exchange, 500);
}

static enum exchange_lookup lookup_of(const struct cache_entry *entry)
{
    return entry->stage == CACHE_READY ? LOOKUP_CACHED : LOOKUP_SHARED;
}

enum exchange_lookup exchange_look_up(struct server *server, struct exchange *exchange,
                                      int64_t now_ms)
{
    const struct http_request *request = &exchange->request;
    struct target *target = &exchange->area->target;
    if (request->method == HTTP_OTHER_METHOD)
        return reply_with(server, exchange, 405);
    if (request->method == HTTP_UNKNOWN_METHOD)
        return reply_with(server, exchange, 501);
    enum exchange_lookup found;
    unsigned status =
        target_decode(target, head_of(exchange) + request->path.begin, request->path.length);
    if (status != 0)
        return reply_with(server, exchange, status);
    if (generate(server, exchange, &found))
        return found;
    exchange->entry =
        cache_find(server->cache, target->name, target->length, &server->docroot, now_ms);
    if (exchange->entry == NULL)
        return look_beneath_root(server, exchange);
    return lookup_of(exchange->entry);
}

/* --- reading the disk --------------------------------------------------------------------- */

enum exchange_lookup exchange_begin_load(struct server *server, struct exchange *exchange,
                                         int64_t now_ms)
{
    const struct target *target = &exchange->area->target;
    bool is_new;
    exchange->entry =
        cache_add(server->cache, target->name, target->length, &exchange->facts, now_ms, &is_new);
    exchange->next_offset = 0;
    if (exchange->entry != NULL && is_new)
        return LOOKUP_LOAD;
    close_file(exchange);
    return exchange->entry != NULL ? lookup_of(exchange->entry) : reply_with(server, exchange, 503);
}

bool exchange_is_loading(const struct exchange *exchange)
{
    return exchange->file != EXCHANGE_NO_FILE && exchange->entry != NULL &&
           exchange->entry->stage == CACHE_LOADING;
}

bool exchange_is_streaming(const struct exchange *exchange)
{
    return exchange->file != EXCHANGE_NO_FILE && exchange->entry == NULL;
}

size_t exchange_wanted_bytes(const struct exchange *exchange, size_t buffer_bytes)
{
    if (exchange_is_loading(exchange))
        return (size_t)exchange->entry->content.length_bytes;
    return exchange->reply.to_come < buffer_bytes ? (size_t)exchange->reply.to_come : buffer_bytes;
}

void exchange_loaded(struct server *server, struct exchange *exchange)
{
    struct file_facts facts;
    cache_set_ready(exchange->entry);
    if (!file_facts_of(exchange->file, &facts) ||
        !file_facts_equal(&facts, &exchange->entry->facts))
        cache_unlist(server->cache, exchange->entry);
    close_file(exchange);
}

void exchange_piece_read(struct exchange *exchange, const char *buffer, size_t length)
{
    http_reply_add_body(&exchange->reply, buffer, length);
    exchange->next_offset += length;
    if (exchange->reply.to_come == 0)
        close_file(exchange);
}

void exchange_load_failed(struct server *server, struct exchange *exchange)
{
    if (exchange->entry != NULL)
        cache_set_failed(server->cache, exchange->entry);
    exchange_forget(server, exchange);
}

/* --- output ------------------------------------------------------------------------------- */

void exchange_reply_from_cache(struct server *server, struct exchange *exchange)
{
    const struct http_request *request = &exchange->request;
    const struct representation *content = &exchange->entry->content;
    struct http_reply_manner manner = manner_of(server, exchange);
    time_t now = time(NULL);
    unsigned status = http_conditions_check(request, head_of(exchange), content, now);
    struct http_range range = http_conditions_range(request, head_of(exchange), content, now);
    if (status == 304) {
        http_reply_not_modified(&exchange->reply, manner, content);
    } else if (status != 0) {
        http_reply_with_status(&exchange->reply, manner, status);
    } else {
        http_reply_with_content(&exchange->reply, manner, content, range);
        size_t from = range.kind == HTTP_RANGE_PART ? (size_t)range.first : 0;
        if (exchange->reply.to_come > 0)
            http_reply_add_body(&exchange->reply, exchange->entry->data + from,
                                (size_t)exchange->reply.to_come);
    }
}

enum http_send exchange_send(struct exchange *exchange, size_t *share_bytes)
{
    return http_reply_send(&exchange->reply, exchange->socket, share_bytes);
}

void exchange_finish(struct server *server, struct exchange *exchange,
                     const struct request_status *row, bool complete)
{
    const struct http_span line = exchange->request.line;
    const struct http_reply *reply = &exchange->reply;
    server->stats.bytes_sent += reply->sent_bytes;
    if (complete)
        server->stats.replies++;
    else
        server->stats.broken++;
    log_request(&server->log, row->peer, head_of(exchange) + line.begin, line.length, reply->status,
                reply->sent_bytes);
}

void exchange_next(struct server *server, struct exchange *exchange)
{
    exchange_forget(server, exchange);
    http_request_begin(&exchange->request);
    exchange->reply = (struct http_reply){.head = exchange->reply.head};
    if (!exchange_has_input(exchange))
        exchange->begin = exchange->end = 0;
    exchange->head = exchange->begin;
}

void exchange_shut_output(struct exchange *exchange)
{
    shutdown(exchange->socket, SHUT_WR);
}

enum exchange_input exchange_drain(struct exchange *exchange)
{
    char rubbish[4096];
    ssize_t received = recv(exchange->socket, rubbish, sizeof rubbish, 0);
    return input_of(received);
}
