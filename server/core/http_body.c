#include "core/http_body.h"

#include "core/hex.h"

void http_body_begin(struct http_body *body, const struct http_request *request)
{
    *body = (struct http_body){
        .phase = request->chunked ? HTTP_CHUNK_SIZE : HTTP_CHUNK_DATA,
        .chunked = request->chunked,
        .left = request->content_length,
    };
}

static enum http_body_phase after_chunk_size(struct http_body *body, char c)
{
    int digit = hex_value(c);
    if (digit != HEX_NONE && body->digits < 8) {
        body->digits++;
        body->left = body->left * 16 + (uint64_t)digit;
        return HTTP_CHUNK_SIZE;
    }
    if (body->digits == 0 || digit != HEX_NONE)
        return HTTP_BODY_WRONG;
    return c == '\r' ? HTTP_CHUNK_SIZE_LF : c == ';' ? HTTP_CHUNK_EXTENSION : HTTP_BODY_WRONG;
}

/* Anything up to CR, as long as it could not be taken for a line's end. */
static enum http_body_phase after_text(enum http_body_phase same, enum http_body_phase next, char c)
{
    return c == '\r' ? next : c == '\n' || c == '\0' ? HTTP_BODY_WRONG : same;
}

static enum http_body_phase expected(char c, char wanted, enum http_body_phase next)
{
    return c == wanted ? next : HTTP_BODY_WRONG;
}

/* The grammar of section 7.1, a byte at a time. Data is not taken here but in one leap. */
static enum http_body_phase phase_after(struct http_body *body, char c)
{
    switch (body->phase) {
    case HTTP_CHUNK_SIZE: return after_chunk_size(body, c);
    case HTTP_CHUNK_EXTENSION: return after_text(HTTP_CHUNK_EXTENSION, HTTP_CHUNK_SIZE_LF, c);
    case HTTP_CHUNK_SIZE_LF:
        body->digits = 0;
        return expected(c, '\n', body->left > 0 ? HTTP_CHUNK_DATA : HTTP_TRAILER_START);
    case HTTP_CHUNK_DATA_CR: return expected(c, '\r', HTTP_CHUNK_DATA_LF);
    case HTTP_CHUNK_DATA_LF: return expected(c, '\n', HTTP_CHUNK_SIZE);
    case HTTP_TRAILER_START: return after_text(HTTP_TRAILER_LINE, HTTP_BODY_LAST_LF, c);
    case HTTP_TRAILER_LINE: return after_text(HTTP_TRAILER_LINE, HTTP_TRAILER_LF, c);
    case HTTP_TRAILER_LF: return expected(c, '\n', HTTP_TRAILER_START);
    case HTTP_BODY_LAST_LF: return expected(c, '\n', HTTP_BODY_ENDED);
    case HTTP_CHUNK_DATA:
    case HTTP_BODY_ENDED:
    case HTTP_BODY_WRONG: break;
    }
    return HTTP_BODY_WRONG;
}

/* Takes as much data as there is, at once. Returns how much. */
static size_t skip_data(struct http_body *body, size_t length)
{
    size_t taken = body->left < length ? (size_t)body->left : length;
    body->left -= taken;
    if (body->left == 0)
        body->phase = body->chunked ? HTTP_CHUNK_DATA_CR : HTTP_BODY_ENDED;
    return taken;
}

static enum http_parse refuse(struct http_body *body, unsigned status)
{
    body->refusal = status;
    return HTTP_REFUSED;
}

enum http_parse http_body_skip(struct http_body *body, const char *bytes, size_t length,
                               size_t *used)
{
    size_t at = 0;
    while (at < length && body->phase != HTTP_BODY_ENDED && body->phase != HTTP_BODY_WRONG) {
        if (body->phase == HTTP_CHUNK_DATA)
            at += skip_data(body, length - at);
        else
            body->phase = phase_after(body, bytes[at++]);
    }
    *used = at;
    body->consumed += at;
    if (body->phase == HTTP_BODY_WRONG)
        return refuse(body, 400);
    if (body->consumed > HTTP_BODY_MAX_BYTES)
        return refuse(body, 413);
    return body->phase == HTTP_BODY_ENDED ? HTTP_COMPLETE : HTTP_PARTIAL;
}
