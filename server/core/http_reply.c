#include "core/http_reply.h"

#include "core/http_date.h"
#include "core/http_status.h"
#include "core/send_flags.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/* A body as small as this is copied behind the head: one send(2) is cheaper than gathering. */
enum { SMALL_BODY_BYTES = 2048 };

/* --- composing ---------------------------------------------------------------------------- */

static void put(struct http_reply *reply, const char *text, size_t length)
{
    if (length > HTTP_REPLY_HEAD_BYTES - reply->head_length)
        return; /* cannot be: everything of variable length is checked or cut before */
    memcpy(reply->head + reply->head_length, text, length);
    reply->head_length += length;
}

static void put_text(struct http_reply *reply, const char *text)
{
    put(reply, text, strlen(text));
}

static void put_number(struct http_reply *reply, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(reply, digits + at, sizeof digits - at);
}

/* The Date field changes once a second; each thread keeps the line that it wrote last. */
static void put_date(struct http_reply *reply)
{
    static _Thread_local time_t second = -1;
    static _Thread_local char text[HTTP_DATE_LENGTH + 1];
    time_t now = time(NULL);
    if (now != second && http_date_format(text, now))
        second = now;
    put_text(reply, "Date: ");
    put(reply, text, HTTP_DATE_LENGTH);
    put_text(reply, "\r\n");
}

/* Begins a reply: the status line and what every reply has. */
static void begin(struct http_reply *reply, struct http_reply_manner manner, unsigned status)
{
    *reply = (struct http_reply){
        .status = status, .closes = !manner.keeps_alive, .head = reply->head, .body = reply->head};
    put_text(reply, http_status_line(status));
    put_text(reply, "Server: threeways\r\n");
    put_date(reply);
    if (reply->closes)
        put_text(reply, "Connection: close\r\n");
    else if (manner.says_keep_alive)
        put_text(reply, "Connection: keep-alive\r\n");
}

/* Announces a body of `length` bytes; a HEAD request gets the announcement only. */
static void expect_body(struct http_reply *reply, struct http_reply_manner manner, uint64_t length)
{
    reply->total_bytes = manner.head_only ? 0 : length;
    reply->to_come = reply->total_bytes;
}

static void put_content_length(struct http_reply *reply, uint64_t length)
{
    put_text(reply, "Content-Length: ");
    put_number(reply, length);
    put_text(reply, "\r\n");
}

/* "Content-Range: bytes 0-9/1000", or with a star for the part that is not there. */
static void put_content_range(struct http_reply *reply, struct http_range range, uint64_t length)
{
    put_text(reply, "Content-Range: bytes ");
    if (range.kind == HTTP_RANGE_UNSATISFIABLE) {
        put_text(reply, "*");
    } else {
        put_number(reply, range.first);
        put_text(reply, "-");
        put_number(reply, range.last);
    }
    put_text(reply, "/");
    put_number(reply, length);
    put_text(reply, "\r\n");
}

/*
 * Ends the head, and puts a page behind it that says what the status means. Head and page have
 * room: only a Location is long, and it is held short enough.
 */
static void finish_with_page(struct http_reply *reply, struct http_reply_manner manner)
{
    char page[512];
    const char *reason = http_status_reason(reply->status);
    int length = snprintf(page, sizeof page,
                          "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                          "<title>%u %s</title>\n<h1>%u %s</h1>\n<p>%s</p>\n</html>\n",
                          reply->status, reason, reply->status, reason,
                          http_status_explanation(reply->status));
    put_text(reply, "Content-Type: text/html; charset=utf-8\r\n");
    put_content_length(reply, (uint64_t)length);
    put_text(reply, "\r\n");
    expect_body(reply, manner, (uint64_t)length);
    if (!manner.head_only)
        http_reply_add_body(reply, page, (size_t)length);
}

void http_reply_with_status(struct http_reply *reply, struct http_reply_manner manner,
                            unsigned status)
{
    begin(reply, manner, status);
    if (status == 405)
        put_text(reply, "Allow: GET, HEAD\r\n");
    if (status == 503)
        put_text(reply, "Retry-After: 1\r\n");
    finish_with_page(reply, manner);
}

void http_reply_redirect(struct http_reply *reply, struct http_reply_manner manner,
                         const char *location, size_t length)
{
    if (length > HTTP_REPLY_HEAD_BYTES - 1024) { /* the rest of the head and the page need less */
        http_reply_with_status(reply, manner, 414);
        return;
    }
    begin(reply, manner, 301);
    put_text(reply, "Location: ");
    put(reply, location, length);
    put_text(reply, "\r\n");
    finish_with_page(reply, manner);
}

void http_reply_not_modified(struct http_reply *reply, struct http_reply_manner manner,
                             const struct representation *content)
{
    begin(reply, manner, 304);
    put(reply, content->fields, content->validators_length);
    put_text(reply, "\r\n");
}

void http_reply_with_content(struct http_reply *reply, struct http_reply_manner manner,
                             const struct representation *content, struct http_range range)
{
    uint64_t length = content->length_bytes;
    switch (range.kind) {
    case HTTP_RANGE_UNSATISFIABLE:
        begin(reply, manner, 416);
        put_content_range(reply, range, content->length_bytes);
        finish_with_page(reply, manner);
        return;
    case HTTP_RANGE_PART:
        length = range.last - range.first + 1;
        begin(reply, manner, 206);
        put(reply, content->fields, content->part_length);
        put_content_range(reply, range, content->length_bytes);
        put_content_length(reply, length);
        break;
    case HTTP_RANGE_WHOLE:
        begin(reply, manner, 200);
        put(reply, content->fields, content->fields_length);
        break;
    }
    put_text(reply, "\r\n");
    expect_body(reply, manner, length);
}

void http_reply_add_body(struct http_reply *reply, const char *body, size_t length)
{
    bool fits_behind_head = reply->head_sent == 0 && length <= SMALL_BODY_BYTES &&
                            length <= HTTP_REPLY_HEAD_BYTES - reply->head_length;
    reply->body = body;
    if (fits_behind_head)
        reply->body = memcpy(reply->head + reply->head_length, body, length);
    reply->body_length = length;
    reply->body_sent = 0;
    reply->to_come -= length;
}

/* --- sending ------------------------------------------------------------------------------ */

static void note_sent(struct http_reply *reply, size_t sent)
{
    size_t of_head = reply->head_length - reply->head_sent;
    if (sent < of_head)
        of_head = sent;
    reply->head_sent += of_head;
    reply->body_sent += sent - of_head;
    reply->sent_bytes += sent - of_head;
}

static enum http_send after_sending(const struct http_reply *reply)
{
    if (reply->head_sent < reply->head_length || reply->body_sent < reply->body_length)
        return HTTP_SEND_BLOCKED;
    return reply->to_come > 0 ? HTTP_SEND_EMPTY : HTTP_SEND_DONE;
}

/* Head and body leave in one segment: lying one behind the other, or gathered by sendmsg(2). */
static ssize_t send_at_hand(const struct http_reply *reply, int socket, size_t body_bytes)
{
    char *head = reply->head + reply->head_sent;
    size_t head_bytes = reply->head_length - reply->head_sent;
    const char *body = reply->body + reply->body_sent;
    if (head_bytes == 0)
        return send(socket, body, body_bytes, send_flags);
    if (body_bytes == 0 || reply->body == reply->head + reply->head_length)
        return send(socket, head, head_bytes + body_bytes, send_flags);
    struct iovec parts[2] = {{head, head_bytes}, {(char *)(uintptr_t)body, body_bytes}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(socket, &message, send_flags);
}

enum http_send http_reply_send(struct http_reply *reply, int socket, size_t *share_bytes)
{
    size_t body_bytes = reply->body_length - reply->body_sent;
    if (body_bytes > *share_bytes)
        body_bytes = *share_bytes;
    bool has_something = reply->head_sent < reply->head_length || body_bytes > 0;
    if (!has_something)
        return after_sending(reply);
    uint64_t before = reply->sent_bytes;
    ssize_t sent = send_at_hand(reply, socket, body_bytes);
    if (sent < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? HTTP_SEND_BLOCKED
                                                                         : HTTP_SEND_BROKEN;
    note_sent(reply, (size_t)sent);
    *share_bytes -= (size_t)(reply->sent_bytes - before);
    return after_sending(reply);
}

bool http_reply_has_begun(const struct http_reply *reply)
{
    return reply->head_sent > 0;
}
